from odoo import api, fields, models


class CommunityCrisisEvent(models.Model):
    """A line of the timeline of a crisis.  Lines are added, by the crisis itself or by hand, and never changed."""

    _name = "community.crisis.event"
    _description = "Timeline of a Crisis"
    _order = "moment desc, id desc"
    _check_company_auto = True

    crisis_id = fields.Many2one("community.crisis", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="crisis_id.company_id", store=True, index=True)
    moment = fields.Datetime(required=True, default=fields.Datetime.now)
    kind = fields.Selection(
        [
            ("alert", "Alert"),
            ("opened", "Opened"),
            ("level", "Level"),
            ("stage", "Stage"),
            ("hold", "Hold"),
            ("statement", "Statement"),
            ("task", "Task"),
            ("count", "Figures"),
            ("answer", "Our answer"),
            ("inform", "Informed"),
            ("escalation", "Escalation"),
            ("note", "Note"),
        ],
        default="note",
        required=True,
    )
    text = fields.Char("What happened", required=True)
    user_id = fields.Many2one("res.users", string="By", default=lambda self: self.env.user, readonly=True)

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:  # what a person adds is a note of theirs
            for values in vals_list:
                values.update(kind="note", user_id=self.env.uid)
        return super().create(vals_list)
