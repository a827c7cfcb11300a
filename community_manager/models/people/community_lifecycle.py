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
    manual_stage = fields.Selection(STAGES, string="Set by hand", help="Holds until it is emptied.")
    manual_by = fields.Many2one("res.users", readonly=True, string="Set by")
    manual_at = fields.Datetime(readonly=True, string="Set on")
    manual_note = fields.Char(string="Why")
    through_id = fields.Many2one(
        "res.partner",
        readonly=True,
        ondelete="set null",
        index="btree_not_null",
        string="Through",
        help="The company that this person belongs to.",
    )

    _unique_person = models.UniqueIndex("(partner_id, company_id)")

    @api.model
    def _stages(self, partner_ids, company):
        """Return ``{contact id: stage}`` of those contacts that have one in a company."""
        # sudo: a stage is told to whoever may see the contact
        found = self.sudo().search_fetch(
            [("partner_id", "in", list(partner_ids)), ("company_id", "=", company.id)], ["partner_id", "stage"]
        )
        return {row.partner_id.id: row.stage for row in found}
