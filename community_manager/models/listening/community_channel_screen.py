from odoo import fields, models


class CommunityChannel(models.Model):
    """What the channel screens need besides the channel itself."""

    _inherit = "community.channel"

    # never empty: an empty count would stand above every other when the list puts the broken ones first
    error_count = fields.Integer(default=0)
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
