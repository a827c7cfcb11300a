from odoo import api, fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    community_allowed_hosts = fields.Char(
        string="Internal addresses that may be read",
        config_parameter="community_manager.allowed_hosts",
        help="Channels may not reach into the company's own network. List here, separated by commas, the hosts "
        "(wiki.example.lan), host:port pairs or networks (10.1.0.0/16) that they may read all the same.",
    )
    community_ticket_backend = fields.Selection(
        selection=lambda self: self.env["community.ticket"]._selection_backend(),
        string="Tickets are kept in",
        config_parameter="community_manager.ticket_backend",
        default="auto",
        help="Where problems become tickets. Automatic takes the help desk if one is installed, otherwise Project.",
    )
    community_ticket_project_id = fields.Many2one(
        related="company_id.community_ticket_project_id", readonly=False, string="Project for tickets"
    )
    community_sample_share = fields.Integer(related="company_id.community_sample_share", readonly=False)
    community_sample_days = fields.Integer(related="company_id.community_sample_days", readonly=False)
    community_home_status = fields.Char(compute="_compute_community_home_status")
    community_home_held = fields.Boolean(compute="_compute_community_home_status")

    @api.depends("company_id")
    def _compute_community_home_status(self):
        home = self.env["community.home"]
        reason = home._reason(home._status())
        for settings in self:
            settings.community_home_status = reason
            settings.community_home_held = bool(reason)

    def action_community_settle(self):
        """Make this database the live one."""
        self.env["community.home"].action_settle()
        return {"type": "ir.actions.client", "tag": "reload"}
