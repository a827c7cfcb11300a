from odoo import models
from odoo.exceptions import UserError


class CommunityAuthor(models.Model):
    """Looking an author up on the network."""

    _inherit = "community.author"

    def action_look_up(self):
        """Ask the network who this is now, and refresh name, picture and followers."""
        self.ensure_one()
        self.check_access("write")
        channel = self._profile_channel()
        if not channel:
            raise UserError(self.env._("No channel is connected that can look up profiles of this network."))
        found = channel._use(lambda connector: connector.profile(self.handle or self.url or self.external_id))
        if found is None:
            raise UserError(self.env._("Nobody is found on the network under this name any more."))
        if found.external_id != self.external_id:
            raise UserError(
                self.env._("The name %s belongs to somebody else now, so nothing was changed.", self.display_name)
            )
        self.sudo().write(self._profile_values(found))
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._("The profile of %s is up to date.", self.display_name),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def _profile_channel(self):
        """Return the channel that can look this author up: the one that brought their last mention, if it can."""
        usable = self.env["community.channel"].search(
            [
                ("network", "=", self.network),
                ("company_id", "=", self.company_id.id),
                ("state", "in", ("listening", "error")),
            ]
        )
        usable = usable.filtered(lambda channel: channel._can("profile") and not channel._is_rate_limited())
        if not self.realm:
            return usable[:1]
        # what is known on one server only can be asked there only
        mentions = self.env["community.mention"].search(
            [("author_id", "=", self.id), ("channel_id", "in", usable.ids)], limit=1
        )
        return mentions.channel_id
