from odoo import api, fields, models


class CommunityPosition(models.Model):
    """Where a customer stands, or stood, on a journey: one row for each time they come to a moment."""

    _name = "community.position"
    _description = "Position on a Journey"
    _order = "since desc, id desc"
    _rec_name = "moment_id"
    _log_access = False

    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="cascade")
    journey_id = fields.Many2one("community.journey", required=True, readonly=True, ondelete="cascade")
    moment_id = fields.Many2one("community.moment", required=True, readonly=True, index=True, ondelete="cascade")
    partner_id = fields.Many2one(
        "res.partner", required=True, readonly=True, string="Customer", index=True, ondelete="cascade"
    )
    person_id = fields.Many2one(
        "res.partner",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        help="Who ordered, asked or wrote.",
    )
    key = fields.Char(required=True, readonly=True, string="What brought them")
    since = fields.Datetime(required=True, readonly=True, help="When the moment came, or will come.")
    due_at = fields.Datetime(readonly=True, string="On time until")
    served_at = fields.Datetime(readonly=True)
    ends_at = fields.Datetime(readonly=True, string="Until")
    serves = fields.Integer(readonly=True, string="Times served")
    touches = fields.Integer(readonly=True, string="Contacts")
    zone = fields.Selection(
        [("late", "Late"), ("on_time", "On time"), ("anticipated", "Anticipated"), ("excess", "Too much")],
        required=True,
        readonly=True,
    )
    waits = fields.Integer(readonly=True, string="Not served yet", help="1 while nothing has served them.")
    is_current = fields.Boolean(readonly=True, string="There now")
    next_at = fields.Datetime(readonly=True, help="When time alone changes it.")
    reached_at = fields.Datetime(readonly=True, help="When what starts here was started.")

    _unique_key = models.UniqueIndex("(moment_id, partner_id, key)")
    _due = models.Index("(next_at) WHERE next_at IS NOT NULL")
    _now = models.Index("(journey_id, moment_id, zone) WHERE is_current")
    _weeks = models.Index("(moment_id, since)")

    @api.depends("moment_id", "partner_id")
    def _compute_display_name(self):
        for position in self:
            position.display_name = f"{position.sudo().partner_id.display_name}: {position.sudo().moment_id.name}"

    def action_open_customer(self):
        """Open who is at this moment."""
        self.ensure_one()
        self.check_access("read")
        person = self.person_id or self.partner_id
        if hasattr(person, "action_community_person"):
            return person.action_community_person()
        return {
            "type": "ir.actions.act_window",
            "res_model": "res.partner",
            "res_id": person.id,
            "views": [(False, "form")],
        }
