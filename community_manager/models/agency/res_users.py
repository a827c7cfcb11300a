from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .community_agency import GROUP


class ResUsers(models.Model):
    """People of agencies: which channels they were given, and that they have no part in the team."""

    _inherit = "res.users"

    community_agency_channel_ids = fields.Many2many(
        "community.channel",
        "community_channel_agency_rel",
        "user_id",
        "channel_id",
        string="Channels as an agency",
        readonly=True,
        groups="community_manager.group_admin",
    )

    @api.constrains("group_ids")
    def _check_community_agency(self):
        # by the field, for what "has_group" remembers is of before
        both = self.env.ref(GROUP) | self.env.ref("community_manager.group_agent")
        for user in self:
            if both <= user.all_group_ids:
                raise ValidationError(
                    self.env._("%s cannot be of an agency and of the community team at once.", user.name)
                )
