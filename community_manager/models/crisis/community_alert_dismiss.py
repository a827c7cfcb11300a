from odoo import fields, models

from .community_alert import REASONS


class CommunityAlertDismiss(models.TransientModel):
    """Why an alert is no crisis; watches learn from it how sensitive to be."""

    _name = "community.alert.dismiss"
    _description = "Dismiss an Alert"

    alert_ids = fields.Many2many("community.alert", required=True)
    reason = fields.Selection(REASONS, required=True, default="small", string="Why")
    note = fields.Char(help="For colleagues who look later.")

    def action_dismiss(self):
        """These alerts are no crisis."""
        self.ensure_one()
        self.alert_ids.check_access("write")
        self.alert_ids.filtered(lambda alert: alert.state == "new")._decide(
            {"state": "dismissed", "reason": self.reason, "note": self.note}
        )
        return {"type": "ir.actions.act_window_close"}
