from odoo import api, fields, models
from odoo.exceptions import UserError

#: states of people for whom something is still to come
ALIVE = ("waiting", "held")


class CommunityCampaignPerson(models.Model):
    """Somebody in a campaign: where they are, and why nothing happens just now."""

    _name = "community.campaign.person"
    _description = "Person in a Campaign"
    _order = "next_at, id"
    _rec_name = "partner_id"

    campaign_id = fields.Many2one("community.campaign", required=True, readonly=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="campaign_id.company_id", store=True, index=True)
    partner_id = fields.Many2one(
        "res.partner", string="Contact", required=True, readonly=True, ondelete="cascade", index=True
    )
    version_id = fields.Many2one("community.campaign.version", readonly=True, ondelete="restrict", index=True)
    round = fields.Integer(default=1, readonly=True, help="How often this person has been in the campaign.")
    variant_id = fields.Many2one("community.campaign.variant", readonly=True, ondelete="restrict")
    control = fields.Boolean("Control group", readonly=True, help="Gets nothing, and is followed all the same.")
    state = fields.Selection(
        [
            ("waiting", "On their way"),
            ("held", "Held back"),
            ("control", "Control group"),
            ("done", "Finished"),
            ("left", "Left"),
            ("stopped", "Stopped"),
        ],
        default="waiting",
        required=True,
        readonly=True,
        index=True,
        group_expand=True,
    )
    step_id = fields.Many2one(
        "community.campaign.step", string="At the step", readonly=True, ondelete="restrict", index=True
    )
    step_since = fields.Datetime("At this step since", readonly=True)
    wait_until = fields.Datetime(readonly=True)
    next_at = fields.Datetime("Next", readonly=True)
    held_since = fields.Datetime(readonly=True)
    code = fields.Char("Kind of reason", readonly=True)
    reason = fields.Char(readonly=True)
    started_at = fields.Datetime("In it since", readonly=True, default=fields.Datetime.now)
    ended_at = fields.Datetime("Until", readonly=True)
    origin = fields.Char(readonly=True, help="What brought them into the campaign.")
    coupon = fields.Char(readonly=True)
    survey_link = fields.Char(readonly=True)
    action_ids = fields.One2many("community.campaign.action", "person_id", string="What was done")

    _once = models.UniqueIndex("(campaign_id, partner_id, round)")
    _due = models.Index("(campaign_id, next_at) WHERE state IN ('waiting', 'held')")

    @api.depends("partner_id", "campaign_id")
    def _compute_display_name(self):
        for person in self:
            person.display_name = f"{person.partner_id.display_name} · {person.campaign_id.display_name}"

    def action_stop(self):
        """Let nothing more happen for these persons in their campaign; what had not left yet is taken back."""
        self.campaign_id._ensure_manager()
        self.check_access("read")
        people = self.sudo().filtered(lambda person: person.state in ALIVE)
        people._take_back_actions()
        people._end("stopped", "hand", self.env._("Stopped by %s", self.env.user.name))
        return True

    def action_try_now(self):
        """Look again at once at those that wait or are held back."""
        self.campaign_id._ensure_manager()
        self.check_access("read")
        people = self.sudo().filtered(lambda person: person.state == "held")
        if not people:
            raise UserError(self.env._("Nobody of these is held back."))
        people.write({"next_at": fields.Datetime.now()})
        self.campaign_id._wake()
        return True

    def action_open_partner(self):
        """Open the contact."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "res.partner",
            "res_id": self.partner_id.id,
            "views": [(False, "form")],
        }

    def _end(self, state, code="", reason=""):
        """Nothing more happens for these persons.

        :param str state: "done", "left" or "stopped"
        :param str code: kind of reason
        :param str reason: sentence
        """
        values = {"state": state, "code": code, "reason": reason, "next_at": False, "held_since": False}
        self.write({**values, "wait_until": False, "ended_at": fields.Datetime.now()})

    def _hold(self, code, reason, until):
        """Nothing happens for these persons until a moment (naive UTC), for a reason."""
        now = fields.Datetime.now()
        for since, people in self.grouped(lambda person: person.held_since).items():
            values = {"state": "held", "code": code, "reason": reason, "next_at": until}
            people.write({**values, "held_since": since or now})

    def _hold_or_leave(self, code, reason, until):
        """Hold these persons, and let those leave who have been held for longer than the campaign is patient."""
        now = fields.Datetime.now()
        tired = self.filtered(
            lambda person: (
                person.held_since
                and person.held_since <= fields.Datetime.subtract(now, days=person.campaign_id.patience)
            )
        )
        for why, people in tired.grouped(lambda person: person.reason or reason).items():
            people._end("left", code, self.env._("Held back for too long: %s", why or ""))
        (self - tired)._hold(code, reason, until)
