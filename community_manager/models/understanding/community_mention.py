from odoo import api, fields, models
from odoo.tools import SQL

from .community_analyst import CORRECTED, UNREAD

#: what people may set by hand, which no analysis changes afterwards
CORRECTABLE = tuple(CORRECTED)
#: how certain it is at least that somebody speaks of a risk, to be shown in red
ALARMING = 0.5


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
        context={"active_test": False},
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
    is_risk = fields.Boolean(help="One of its topics is a risk, or what it says is one.")
    is_namesake = fields.Boolean(
        readonly=True, copy=False, string="Not about us", help="It is about somebody else of the same name."
    )

    _analysis_due = models.Index("(published_at DESC, id DESC) WHERE analysis_due IS TRUE")

    @api.depends("copy_of_id")
    def _compute_copy_count(self):
        firsts = self.browse({mention.copy_of_id.id or mention.id for mention in self})
        counts = dict(self._read_group([("copy_of_id", "in", firsts.ids)], ["copy_of_id"], ["__count"]))
        for mention in self:
            mention.copy_count = counts.get(mention.copy_of_id or mention, 0)

    @api.depends("intent_ids.code", "analysis", "corrected")
    def _compute_is_risk(self):
        result = super()._compute_is_risk()
        for mention in self.filtered(lambda mention: "risk" in mention.intent_ids.mapped("code")):
            certainty = ((mention.analysis or {}).get("intents") or {}).get("risk") or 0.0
            if certainty >= ALARMING or "intents" in (mention.corrected or ()):
                mention.is_risk = True
        return result

    def write(self, vals):
        if ("text" in vals or "title" in vals) and "analysis_due" not in vals:
            self._leave_copies()
            vals = {**vals, "analysis_due": True}
        return super().write(vals)

    def unlink(self):
        self._leave_copies()
        return super().unlink()

    def _erase_content(self, when=None):
        alive = self.filtered(lambda mention: not mention.deleted_at)
        result = super()._erase_content(when)
        # what was read in the text goes with it
        alive.sudo().write(
            {
                **UNREAD,
                "language": False,
                "product_ids": [fields.Command.clear()],
                "corrected": False,
                "analysis_due": False,
            }
        )
        return result

    def _leave_copies(self):
        """Take these mentions out of the copies they are among: their text goes or changes.

        Where the first of some copies leaves, the earliest of the others takes its place.
        """
        mentions = self.sudo()
        self.env["community.fingerprint"].sudo().search([("mention_id", "in", mentions.ids)]).unlink()
        mentions.flush_model(["copy_of_id", "published_at"])
        heirs = self.env.execute_query(
            SQL(
                """
                  SELECT DISTINCT ON (copy_of_id) id, copy_of_id
                    FROM community_mention
                   WHERE copy_of_id = ANY(%(ids)s) AND NOT id = ANY(%(ids)s)
                ORDER BY copy_of_id, published_at, id
                """,
                ids=mentions.ids,
            )
        )
        for heir, old in heirs:
            # SQL: thousands may say the same, and nothing else about them changes
            query = "UPDATE community_mention SET copy_of_id = %s WHERE copy_of_id = %s AND id != %s"
            self.env.cr.execute(SQL(query, heir, old, heir))
        mentions.invalidate_model(["copy_of_id"], flush=False)
        # the first is recognised by its fingerprint, which copies need not have
        mentions.browse([heir for heir, _old in heirs]).write({"copy_of_id": False, "analysis_due": True})
        mentions.filtered("copy_of_id").copy_of_id = False

    def action_open_copies(self):
        """Open the mentions that say the same, this one among them."""
        self.ensure_one()
        first = self.copy_of_id or self
        action = self.env["ir.actions.act_window"]._for_xml_id("community_manager.action_mentions")
        domain = ["|", ("id", "=", first.id), ("copy_of_id", "=", first.id)]
        return {**action, "name": self.env._("Copies"), "domain": domain, "context": {}}
