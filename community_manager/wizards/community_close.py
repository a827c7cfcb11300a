from odoo import api, fields, models
from odoo.exceptions import UserError


class CommunityClose(models.TransientModel):
    """The dialog that asks why something is closed."""

    _name = "community.close"
    _description = "Closing Mentions"

    mention_ids = fields.Many2many("community.mention", string="Mentions", required=True)
    mention_count = fields.Integer(compute="_compute_mention_count")
    state = fields.Selection([("done", "Done"), ("ignored", "Ignored")], default="done", required=True, string="As")
    reason_id = fields.Many2one("community.close.reason", domain="[('id', 'in', reason_ids)]", ondelete="cascade")
    reason_ids = fields.Many2many("community.close.reason", compute="_compute_reason_ids", string="Reasons")
    note = fields.Char(help="For colleagues.")
    needed = fields.Boolean(compute="_compute_needed")

    @api.depends("mention_ids")
    def _compute_mention_count(self):
        for dialog in self:
            dialog.mention_count = len(dialog.mention_ids)

    @api.depends("mention_ids", "state")
    def _compute_reason_ids(self):
        reasons = self.env["community.close.reason"]
        for dialog in self:
            domain = reasons._domain_for(dialog.mention_ids.company_id, dialog.state)
            # what only rules give is not offered to people
            dialog.reason_ids = reasons.search(domain).filtered(lambda reason: reason.code != "rule")

    @api.depends("mention_ids")
    def _compute_needed(self):
        for dialog in self:
            dialog.needed = any(dialog.mention_ids.company_id.mapped("community_ask_reason"))

    @api.onchange("state")
    def _onchange_state(self):
        if self.reason_id and self.reason_id.kind != self.state:
            self.reason_id = False

    def action_close(self):
        """Close the mentions for the reason chosen."""
        self.ensure_one()
        if self.needed and not self.reason_id:
            raise UserError(self.env._("Choose a reason."))
        self.mention_ids._close(self.state, self.reason_id, self.note)
        return {"type": "ir.actions.act_window_close", "infos": {"closed": True}}
