from odoo import api, models

from .community_catch_all import READ


class CommunityTopic(models.Model):
    """Topics whose words would find nearly everything.

    Stored mentions say little about that, for most of them came in by the words of a topic; what no topic matched, of
    which a part is kept, says what a word would add.
    """

    _name = "community.topic"
    _inherit = ["community.topic", "community.catch.all"]

    @api.constrains("active", "catch_all", "keyword_ids")
    def _check_keywords_volume(self):
        self._check_catch_all()

    def _catch_all_words(self):
        return [word.name for word in self.keyword_ids if not word.exclude and word.name]

    def _catch_all_volume(self):
        self.ensure_one()
        samples = (
            self.env["community.sample"]
            .sudo()
            .search_fetch(
                [("company_id", "=", self.company_id.id), ("published_at", ">=", self._since())], ["text"], limit=READ
            )
        )
        match = self._own_matcher().match
        return sum(bool(match(sample.text or "")) for sample in samples), len(samples)
