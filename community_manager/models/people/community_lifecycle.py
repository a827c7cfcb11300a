from odoo import api, fields, models

STAGES = [
    ("community", "Community"),
    ("market", "Known contact"),
    ("prospect", "Prospect"),
    ("customer", "Customer"),
    ("partner", "Partner"),
]


class CommunityLifecycle(models.Model):
    """Where a person stands with a company."""

    _name = "community.lifecycle"
    _description = "Stage of a Person"
    _order = "since desc, id desc"
    _rec_name = "partner_id"

    partner_id = fields.Many2one("res.partner", string="Contact", required=True, readonly=True, ondelete="cascade")
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True, ondelete="cascade")
    stage = fields.Selection(STAGES, required=True, readonly=True, index=True)
    since = fields.Datetime(readonly=True)
    reckoned_stage = fields.Selection(STAGES, readonly=True, string="From the records")
    manual_stage = fields.Selection(STAGES, readonly=True, string="Set by hand")
    manual_by = fields.Many2one("res.users", readonly=True, string="Set by")
    manual_at = fields.Datetime(readonly=True, string="Set on")
    manual_note = fields.Char(readonly=True, string="Why")
    through_id = fields.Many2one(
        "res.partner",
        readonly=True,
        ondelete="set null",
        index="btree_not_null",
        help="The company that this person belongs to.",
    )

    _unique_person = models.UniqueIndex("(partner_id, company_id)")

    step_ids = fields.One2many("community.lifecycle.step", compute="_compute_step_ids", string="Steps")
    reckoned_note = fields.Char(compute="_compute_reckoned_note", string="Because")

    @api.depends("partner_id", "company_id")
    def _compute_step_ids(self):
        steps = self.env["community.lifecycle.step"].search([("partner_id", "in", self.partner_id.ids)])
        by_person = steps.grouped(lambda step: (step.partner_id, step.company_id))
        for person in self:
            person.step_ids = by_person.get((person.partner_id, person.company_id), steps.browse())

    @api.depends("through_id", "manual_stage", "reckoned_stage")
    @api.depends_context("lang")
    def _compute_reckoned_note(self):
        labels = dict(self._fields["stage"]._description_selection(self.env))
        for person in self:
            notes = []
            if person.through_id:
                notes.append(self.env._("Through %s", person.through_id.sudo().display_name))
            if person.manual_stage and person.manual_stage != person.reckoned_stage:
                from_records = labels.get(person.reckoned_stage) or self.env._("nothing yet")
                notes.append(self.env._("Set by hand; from the records: %s", from_records))
            person.reckoned_note = " · ".join(notes)

    @api.model
    def _stages(self, partner_ids, company):
        """Return ``{contact id: stage}`` of those contacts that have one in a company.

        What changed a moment ago and is not worked out yet is reckoned on the spot.
        """
        partners = [partner_id for partner_id in partner_ids if partner_id]
        # sudo: a stage is told to whoever may see the contact
        found = self.sudo().search_fetch(
            [("partner_id", "in", partners), ("company_id", "=", company.id)], ["partner_id", "stage"]
        )
        stages = {row.partner_id.id: row.stage for row in found}
        stale = self._stale_of(partners)
        if stale:
            current = self._current(stale)
            for partner_id in stale:
                stages[partner_id] = current.get((partner_id, company.id), False)
        return stages

    def action_open_partner(self):
        """Open the contact."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "res.partner",
            "res_id": self.partner_id.id,
            "views": [(False, "form")],
        }

    def action_set_stage(self):
        """Open the dialog in which a manager sets the stage by hand."""
        self.ensure_one()
        return self.partner_id.with_company(self.company_id).action_community_set_stage()
