from odoo import api, fields, models
from odoo.tools import ormcache

from ...analysis.matching import Matcher


class CommunityTopic(models.Model):
    """What we listen for: a brand, a product, a competitor… with the words that give it away."""

    _name = "community.topic"
    _description = "Topic"
    _inherit = ["mail.thread", "community.languages"]
    _order = "sequence, name, id"

    name = fields.Char(required=True, translate=True, tracking=True)
    sequence = fields.Integer(default=10)
    kind = fields.Selection(
        [
            ("brand", "Brand"),
            ("product", "Product"),
            ("competitor", "Competitor"),
            ("sector", "Sector"),
            ("campaign", "Campaign"),
            ("risk", "Risk"),
        ],
        default="brand",
        required=True,
        tracking=True,
    )
    active = fields.Boolean(default=True)
    color = fields.Integer(string="Colour")
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company, index=True)
    user_id = fields.Many2one("res.users", string="Owner", default=lambda self: self.env.user)
    keyword_ids = fields.One2many("community.keyword", "topic_id", string="Keywords", copy=True)
    channel_ids = fields.Many2many(
        "community.channel",
        "community_channel_topic_rel",
        "topic_id",
        "channel_id",
        string="Channels",
        help="Channels that listen for a choice of topics, this one among them. "
        "Channels without a choice listen for every topic.",
    )
    campaign_id = fields.Many2one(
        "utm.campaign", string="Marketing campaign", help="Leads that come from this topic count for this campaign."
    )
    description = fields.Text(help="What belongs here and what does not, for colleagues.")
    mention_count = fields.Integer(compute="_compute_mention_count")
    mention_week_count = fields.Integer(compute="_compute_mention_count", string="Mentions (7 days)")

    def _compute_mention_count(self):
        mentions = self.env["community.mention"]
        total = dict(mentions._read_group([("topic_ids", "in", self.ids)], ["topic_ids"], ["__count"]))
        since = fields.Datetime.subtract(fields.Datetime.now(), days=7)
        week = dict(
            mentions._read_group(
                [("topic_ids", "in", self.ids), ("published_at", ">", since)], ["topic_ids"], ["__count"]
            )
        )
        for topic in self:
            topic.mention_count = total.get(topic, 0)
            topic.mention_week_count = week.get(topic, 0)

    @api.model
    @ormcache("company_id")
    def _matcher(self, company_id):
        """Return the :class:`~...analysis.matching.Matcher` over all keywords of a company's active topics.

        Built once in each worker and dropped in all of them when a topic or keyword changes.
        """
        keywords = (
            self.env["community.keyword"]
            .sudo()
            .search([("topic_id.active", "=", True), ("topic_id.company_id", "=", company_id)])
        )
        return Matcher([keyword._to_analysis() for keyword in keywords])

    @api.model
    @ormcache("company_id")
    def _languages_by_topic(self, company_id):
        """Return ``{topic id: languages}`` of those active topics of a company that are not for every language."""
        topics = self.sudo().search([("company_id", "=", company_id), ("languages", "!=", False)])
        return {topic.id: topic._language_codes() for topic in topics if topic._language_codes()}

    def _own_matcher(self):
        """Return a matcher over the keywords of these topics only, saved or not: for trying them."""
        return Matcher([keyword._to_analysis() for keyword in self.keyword_ids if keyword.name])

    @api.model_create_multi
    def create(self, vals_list):
        topics = super().create(vals_list)
        if topics.channel_ids or any(topics.mapped("languages")) or "risk" in topics.mapped("kind"):
            self.env.registry.clear_cache()
        return topics

    def write(self, vals):
        result = super().write(vals)
        if {"active", "company_id", "keyword_ids", "channel_ids", "languages", "kind"} & set(vals):
            self.env.registry.clear_cache()
        return result

    def unlink(self):
        self.env.registry.clear_cache()
        return super().unlink()

    def action_open_mentions(self):
        """Open the mentions of these topics."""
        action = self.env["ir.actions.act_window"]._for_xml_id("community_manager.action_mentions")
        return {**action, "domain": [("topic_ids", "in", self.ids)], "context": {}}

    def action_try(self):
        """Show which mentions of the last days the keywords would find, changing nothing."""
        self.ensure_one()
        words = [
            fields.Command.create({"name": word.name, "exclude": word.exclude, "whole_word": word.whole_word})
            for word in self.keyword_ids
        ]
        wizard = self.env["community.topic.try"].create({"topic_id": self.id, "keyword_ids": words})
        wizard._try()
        return wizard._reopen()
