from odoo import fields, models


class ResPartner(models.Model):
    """A person: their dates, and the page that shows everything of them."""

    _inherit = "res.partner"

    community_date_ids = fields.One2many(
        "community.date", "partner_id", string="Dates", groups="community_manager.group_agent"
    )

    def action_community_person(self):
        """Open the person's page."""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.client",
            "tag": "community_person",
            "name": self.display_name,
            "params": {"partner_id": self.id},
            "context": {"active_model": "res.partner", "active_id": self.id},
        }
