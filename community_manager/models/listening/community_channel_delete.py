from odoo import models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..platform.cursors import own_cursor


class CommunityChannel(models.Model):
    """Deleting a channel ends listening and takes its access away; what was said stays."""

    _inherit = "community.channel"

    def action_delete(self):
        """Delete these channels and say what stays."""
        self.check_access("unlink")
        names = ", ".join(self.mapped("name"))
        kept = self.env["community.mention"].sudo().with_context(active_test=False)
        count = kept.search_count([("channel_id", "in", self.ids)])
        self.unlink()
        action = self.env["ir.actions.act_window"]._for_xml_id("community_manager.action_channels")
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "title": self.env._("Deleted: %s", names),
                "message": self.env._(
                    "%s mentions stay, with their conversations, leads and tickets. Access and settings are gone.",
                    count,
                ),
                "next": {**action, "target": "main"},
            },
        }

    def unlink(self):
        """Delete channels; their mentions and conversations keep the name of the channel they came through."""
        self.check_access("unlink")
        self._ensure_no_rule_needs()
        self._ensure_not_listening_now()
        self.env["community.mention"].flush_model(["channel_id", "channel_name"])
        self.env["community.conversation"].flush_model(["channel_id", "next_look_at"])
        for channel in self:
            # through the ORM it takes twice as long, holds all that a channel ever brought in memory, and says of every
            # mention that whoever deletes the channel has changed it
            self.env.cr.execute(
                SQL(
                    "UPDATE community_mention SET channel_name = %s WHERE channel_id = %s",
                    channel.name,
                    channel.id,
                )
            )
            # nobody is left who could look at them again
            self.env.cr.execute(
                SQL("UPDATE community_conversation SET next_look_at = NULL WHERE channel_id = %s", channel.id)
            )
        result = super().unlink()
        self.env["community.mention"].invalidate_model(["channel_id", "channel_name"], flush=False)
        self.env["community.conversation"].invalidate_model(["channel_id", "next_look_at"], flush=False)
        return result

    def _ensure_no_rule_needs(self):
        """Raise while a rule names one of these channels: without it, the rule would hold for every channel."""
        rules = self.env["community.rule"].sudo().with_context(active_test=False)
        rules = rules.search([("channel_ids", "in", self.ids)])
        if rules:
            raise UserError(
                self.env._(
                    "These rules are for this channel: %s. Change or delete them first.",
                    ", ".join(rules.mapped("name")),
                )
            )

    def _ensure_not_listening_now(self):
        """Raise while a worker is reading one of these channels: it would store mentions of a channel that is gone."""
        with own_cursor(self.env) as cr:
            free = set(self.env["community.listener"]._claim(cr, self.ids))
        busy = self.filtered(lambda channel: channel.id not in free)
        if busy:
            raise UserError(
                self.env._(
                    "“%s” is being listened to at this moment. Pause it, wait a minute and delete it then.",
                    busy[0].name,
                )
            )
