from odoo import api, models

from .community_catch_all import READ
from .ruleset import Ruleset, keyword_lines


class CommunityRule(models.Model):
    """Rules whose words would find nearly everything."""

    _name = "community.rule"
    _inherit = ["community.rule", "community.catch.all"]

    @api.constrains("keywords", "active", "catch_all", "topic_ids", "network_ids", "channel_ids")
    def _check_keywords_volume(self):
        self._check_catch_all()

    def _catch_all_words(self):
        return keyword_lines(self.keywords)[0]

    def _catch_all_volume(self):
        self.ensure_one()
        mentions = self.env["community.mention"].sudo().with_context(prefetch_fields=False)
        recent = mentions.search(
            [
                ("company_id", "=", self.company_id.id),
                ("published_at", ">=", self._since()),
                ("outgoing", "=", False),
                ("deleted_at", "=", False),
            ],
            order="published_at desc, id desc",
            limit=READ,
        )
        ruleset = Ruleset([self._to_plain()], *self._risks(self.company_id.id))
        facts = [found for _mention_id, found in self.sudo()._facts(recent, ruleset)]
        return sum(ruleset.decide(found) is not None for found in facts), len(facts)
