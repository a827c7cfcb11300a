from odoo import fields, models


class MailingMailing(models.Model):
    """What a mailing is for."""

    _inherit = "mailing.mailing"

    community_purpose_id = fields.Many2one(
        "community.purpose",
        string="Contact purpose",
        ondelete="set null",
        default=lambda self: self.env["community.purpose"]._get("news"),
        help="By it limits and consent are looked up. A purpose that is never held passes the contact policy.",
    )

    def _community_purpose(self):
        """Return what the mailing is for: news when nobody said."""
        self.ensure_one()
        return self.community_purpose_id or self.env["community.purpose"]._get("news")
