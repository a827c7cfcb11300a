from odoo import api, fields, models

#: what people may set by hand, which no analysis changes afterwards
CORRECTABLE = ("sentiment", "intents", "language")
#: what is empty in a mention of which nothing is known
UNREAD = {
    "sentiment": False,
    "sentiment_score": 0.0,
    "intent_ids": [fields.Command.clear()],
    "product_ids": [fields.Command.clear()],
    "analysed": False,
    "analysis": False,
    "copy_of_id": False,
}


class CommunityMention(models.Model):
    """What was understood of what is said."""

    _inherit = "community.mention"

    sentiment = fields.Selection(
        [("negative", "Negative"), ("neutral", "Neutral"), ("positive", "Positive")],
        readonly=True,
        copy=False,
        help="Empty: undetermined.",
    )
    sentiment_score = fields.Float(
        readonly=True,
        copy=False,
        aggregator="avg",
        string="Feeling",
        help="From -1, entirely negative, to 1, entirely positive.",
    )
    intent_ids = fields.Many2many(
        "community.intent", "community_mention_intent_rel", "mention_id", "intent_id", string="Intents", copy=False
    )
    product_ids = fields.Many2many(
        "product.template",
        "community_mention_product_rel",
        "mention_id",
        "product_id",
        string="Products named",
        readonly=True,
        copy=False,
    )
    analysed = fields.Selection(
        [("fast", "First pass"), ("deep", "Second pass")],
        readonly=True,
        copy=False,
        help="The pass that feeling and intents come from. Empty: not analysed yet.",
    )
    analysis = fields.Json(readonly=True, copy=False, help="Which pass and version, and how certain each value is.")
    analysis_due = fields.Boolean(readonly=True, copy=False, default=True, help="The second pass has still to come.")
    corrected = fields.Json(readonly=True, copy=False, help="What people set by hand; no analysis changes it.")
    copy_of_id = fields.Many2one(
        "community.mention",
        readonly=True,
        copy=False,
        ondelete="set null",
        index="btree_not_null",
        help="The first of the mentions that say the same.",
    )
    copy_count = fields.Integer(
        compute="_compute_copy_count", string="Copies", help="Other mentions that say the same."
    )
    is_namesake = fields.Boolean(
        readonly=True, copy=False, string="Not about us", help="It is about somebody else of the same name."
    )

    _analysis_due = models.Index("(published_at DESC, id DESC) WHERE analysis_due")

    @api.depends("copy_of_id")
    def _compute_copy_count(self):
        firsts = self.mapped(lambda mention: mention.copy_of_id or mention)
        counts = dict(self._read_group([("copy_of_id", "in", firsts.ids)], ["copy_of_id"], ["__count"]))
        for mention in self:
            mention.copy_count = counts.get(mention.copy_of_id or mention, 0)

    def write(self, vals):
        if ("text" in vals or "title" in vals) and "analysis_due" not in vals:
            vals = {**vals, "analysis_due": True}
        return super().write(vals)

    def action_open_copies(self):
        """Open the mentions that say the same, this one among them."""
        self.ensure_one()
        first = self.copy_of_id or self
        action = self.env["ir.actions.act_window"]._for_xml_id("community_manager.action_mentions")
        return {
            **action,
            "name": self.env._("Copies"),
            "domain": ["|", ("id", "=", first.id), ("copy_of_id", "=", first.id)],
            "context": {},
        }
