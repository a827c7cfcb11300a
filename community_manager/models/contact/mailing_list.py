from odoo import fields, models


class MailingList(models.Model):
    """A list is for a purpose; who is on it agreed to that."""

    _inherit = "mailing.list"

    community_purpose_id = fields.Many2one(
        "community.purpose",
        string="Contact purpose",
        ondelete="set null",
        default=lambda self: self.env["community.purpose"]._get("news"),
        help="Who is on this list agreed to this, who left it refuses it.",
    )

    def write(self, vals):
        result = super().write(vals)
        if {"contact_ids", "community_purpose_id"} & set(vals):  # links are written past the subscriptions
            self._community_note_subscriptions()
        return result

    def action_merge(self, src_lists, archive):
        result = super().action_merge(src_lists, archive)
        self._community_note_subscriptions()  # they were inserted past the subscriptions
        return result

    def _community_note_subscriptions(self):
        subscriptions = self.env["mailing.subscription"].search([("list_id", "in", self.ids)])
        self.env["community.consent"]._from_subscriptions(subscriptions)
