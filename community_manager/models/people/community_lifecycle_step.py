from odoo import fields, models

from .community_lifecycle import STAGES


class CommunityLifecycleStep(models.Model):
    """When a person reached a stage, by the records it follows from."""

    _name = "community.lifecycle.step"
    _description = "Step of a Person"
    _order = "date desc, id desc"

    partner_id = fields.Many2one("res.partner", string="Contact", required=True, readonly=True, ondelete="cascade")
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True, ondelete="cascade")
    stage = fields.Selection(STAGES, required=True, readonly=True)
    date = fields.Datetime(required=True, readonly=True, index=True)
    reason = fields.Selection(
        [
            ("mention", "First mention"),
            ("contact", "Known as a contact"),
            ("consent", "Consent"),
            ("lead", "First lead"),
            ("quotation", "First quotation"),
            ("order", "First confirmed order"),
            ("purchase", "First purchase"),
            ("partnership", "Partnership won"),
            ("manual", "Set by hand"),
        ],
        readonly=True,
    )
    days = fields.Float(
        readonly=True, aggregator="avg", string="Days since the step before", help="Empty where the order was another."
    )
    through_id = fields.Many2one("res.partner", readonly=True, ondelete="set null", index="btree_not_null")
    user_id = fields.Many2one("res.users", readonly=True, string="Set by")
    note = fields.Char(readonly=True)

    _unique_step = models.UniqueIndex("(partner_id, company_id, stage) WHERE reason != 'manual'")
    _of_person = models.Index("(partner_id, company_id)")
