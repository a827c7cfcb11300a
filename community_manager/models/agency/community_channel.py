from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .community_agency import GROUP


class CommunityChannel(models.Model):
    """Who may answer as an account."""

    _name = "community.channel"
    _inherit = ["community.channel", "community.agency"]

    responder_ids = fields.Many2many(
        "res.users",
        "community_channel_responder_rel",
        "channel_id",
        "user_id",
        string="Who may answer as it",
        domain="[('share', '=', False)]",
        help="Empty, and without departments: every agent. Managers always may.",
    )
    responder_department_ids = fields.Many2many(
        "community.department",
        "community_channel_department_rel",
        "channel_id",
        "department_id",
        string="Departments that may answer as it",
        domain="[('company_id', '=', company_id)]",
    )
    agency_user_ids = fields.Many2many(
        "res.users",
        "community_channel_agency_rel",
        "channel_id",
        "user_id",
        string="Agency",
        domain="[('share', '=', False)]",
        help="People from outside who read and answer this channel and see nothing else. They need the role Agency.",
    )

    @api.constrains("agency_user_ids")
    def _check_agency_user_ids(self):
        for channel in self:
            others = channel.agency_user_ids.filtered(lambda user: not user.has_group(GROUP))
            if others:
                raise ValidationError(self.env._("Give %s the role Agency first.", ", ".join(others.mapped("name"))))

    @api.constrains("responder_department_ids", "company_id")
    def _check_responder_departments(self):
        for channel in self:
            if channel.responder_department_ids.company_id - channel.company_id:
                raise ValidationError(self.env._("Departments of another company cannot answer as “%s”.", channel.name))

    def _may_answer(self, user):
        """Return whether somebody may answer as this account.

        :param user: one ``res.users``
        """
        self.ensure_one()
        channel = self.sudo()
        if user._is_superuser():
            return True
        if user.has_group(GROUP):
            return user in channel.agency_user_ids
        if user.has_group("community_manager.group_manager"):
            return True
        limited = channel.responder_ids or channel.responder_department_ids
        return not limited or user in channel.responder_ids | channel.responder_department_ids._people()

    def _refusal(self, user):
        """Return why somebody cannot answer as this account, in words; ``""`` when they may."""
        if not self or self._may_answer(user):
            return ""
        return self.env._("Only some colleagues answer as “%s”, and you are not one of them.", self.sudo().name)
