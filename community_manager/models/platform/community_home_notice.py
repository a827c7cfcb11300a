from odoo import api, models


class CommunityHome(models.AbstractModel):
    """What the screens say while this database is held back."""

    _inherit = "community.home"

    @api.model
    @api.readonly
    def get_notice(self):
        """Return the sentence to show and whether the reader may confirm this database, for the banner.

        :rtype: dict
        """
        status = self._status()
        return {
            "text": self._reason(status),
            "can_settle": status in ("copy", "key") and self.env.user.has_group("community_manager.group_admin"),
        }
