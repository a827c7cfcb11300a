from odoo import api, fields, models

from ...analysis.influence import QUARREL

#: what one tie of a kind weighs, before decay: to pass on somebody's words says most, to name them least
KINDS = {"reply": 1.0, "quote": 1.5, "share": 2.0, "mention": 0.5}


class CommunityTie(models.Model):
    """That one profile answers, mentions, quotes or shares another, and how much.

    Narrow rows that scheduled work keeps: one for each pair and kind.  ``weight`` is what the tie was worth when it was
    last renewed, at ``last_at``; it halves with each half-life of the company since (see ``community.tie.refresh``), so
    that nothing has to be written while nothing happens.
    """

    _name = "community.tie"
    _description = "Tie Between Authors"
    _order = "last_at desc, id desc"
    _log_access = False

    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="cascade")
    source_id = fields.Many2one(
        "community.author", string="Who", required=True, readonly=True, ondelete="cascade", check_company=True
    )
    target_id = fields.Many2one(
        "community.author",
        string="Whom",
        required=True,
        readonly=True,
        ondelete="cascade",
        index=True,
        check_company=True,
    )
    kind = fields.Selection(
        [("reply", "Answers them"), ("quote", "Quotes them"), ("share", "Shares them"), ("mention", "Mentions them")],
        required=True,
        readonly=True,
        string="What they do",
    )
    count = fields.Integer(readonly=True, string="How often")
    weight = fields.Float(readonly=True, help="At the time of the last one; it halves with each half-life since.")
    tone = fields.Float(readonly=True, aggregator="avg", help="How it sounds, from -1 to 1; old words count less.")
    quarrel = fields.Boolean(compute="_compute_quarrel", search="_search_quarrel", help="Adds nothing to standing.")
    last_at = fields.Datetime(readonly=True, required=True, string="Last")

    _unique_tie = models.UniqueIndex("(source_id, target_id, kind)")
    _of_company = models.Index("(company_id)")

    @api.depends("source_id", "target_id", "kind")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for tie in self:
            tie.display_name = f"{tie.source_id.display_name} – {kinds.get(tie.kind)} – {tie.target_id.display_name}"

    @api.depends("tone")
    def _compute_quarrel(self):
        for tie in self:
            tie.quarrel = tie.tone < QUARREL

    def _search_quarrel(self, operator, value):
        if operator != "in":
            return NotImplemented
        return [("tone", "<" if True in value else ">=", QUARREL)]

    def action_open_mentions(self):
        """Open what the one said who does it."""
        self.ensure_one()
        self.check_access("read")
        return self.source_id.action_open_mentions()
