from datetime import timedelta

from markupsafe import Markup

from odoo import api, fields, models

from ...connectors import network as network_class


class CommunityChannel(models.Model):
    """What the channel screens need besides the channel itself."""

    _inherit = "community.channel"

    home_notice = fields.Char(compute="_compute_home_notice", help="Why this database talks to no network, if so.")

    def _compute_home_notice(self):
        home = self.env["community.home"]
        self.home_notice = home._reason(home._status()) or False

    def action_mend(self):
        """Open the channel where it can be put right."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
        }

    def action_connect(self):
        """Go on connecting this channel where it was left."""
        self.ensure_one()
        return self.env["community.channel.wizard"].create({"channel_id": self.id})._reopen()

    def action_open_quarantine(self):
        """Open what could not be stored of these channels."""
        action = self.env["ir.actions.act_window"]._for_xml_id("community_manager.action_quarantine")
        return {**action, "domain": [("channel_id", "in", self.ids)], "context": {"search_default_waiting": 1}}

    def action_open_usage(self):
        """Open the hourly figures of these channels."""
        action = self.env["ir.actions.act_window"]._for_xml_id("community_manager.action_channel_usage")
        return {**action, "domain": [("channel_id", "in", self.ids)]}

    def action_import(self):
        """Import a file into this source."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("community_manager.action_imports")
        return {
            **action,
            "views": [(False, "form")],
            "context": {"default_channel_id": self.id, "default_company_id": self.company_id.id},
        }

    @api.model
    def get_empty_list_help(self, help_message):
        """Offer administrators to connect a channel where the list is empty."""
        return Markup(super().get_empty_list_help(help_message) or "") + self._next_step()

    @api.model
    def _next_step(self):
        """Return the link to what has to be done before anything can arrive, for whoever may do it; else nothing."""
        user = self.env.user
        listening = self.search_count([("state", "=", "listening")], limit=1)
        if user.has_group("community_manager.group_admin") and not listening:
            action, label = "community_manager.action_connect", self.env._("Connect a channel")
        elif user.has_group("community_manager.group_manager") and not self.env["community.topic"].search_count([], 1):
            action, label = "community_manager.action_topics", self.env._("Say what to listen for")
        else:
            return Markup()
        return Markup('<p><a type="action" name="%s" class="btn btn-primary">%s</a></p>') % (action, label)

    @api.autovacuum
    def _gc_untouched_drafts(self):
        """Remove what was begun in the wizard and left with nothing entered.

        A draft that somebody named, tested or gave any access is work, however old: it stays and can be taken up again.
        So does one that others write to, because its address and key may be in their hands already.
        """
        limit = fields.Datetime.now() - timedelta(days=1)
        for channel in self.search([("state", "=", "draft"), ("write_date", "<", limit), ("account_name", "=", False)]):
            cls = network_class(channel.network)
            if not cls or not cls.can("listen") or channel.name != self.env._(cls.label):
                continue
            made = {setting.name for setting in cls.settings if setting.generated}
            entered = self.env["community.secret"]._names(channel)[channel.id] - made
            if not entered and not channel.settings and not channel.mention_count:
                channel.unlink()
