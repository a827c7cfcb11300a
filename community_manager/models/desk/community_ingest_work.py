from odoo import api, fields, models


class CommunityIngest(models.AbstractModel):
    """What follows for work that was put off or closed when somebody writes."""

    _inherit = "community.ingest"

    @api.model
    def _complete(self, channel, vals_list):
        """What a rule ignores says so."""
        result = super()._complete(channel, vals_list)
        ignored = [values for values in vals_list if values.get("state") == "ignored"]
        if ignored:
            reason, now = self.env["community.close.reason"]._id_of("rule"), fields.Datetime.now()
            for values in ignored:
                values.setdefault("close_reason_id", reason)
                values.setdefault("closed_at", now)
        return result

    @api.model
    def _arrived(self, channel, mentions):
        """Who writes again brings back what waits for them, and need not be asked yet how it went."""
        result = super()._arrived(channel, mentions)
        authors = {mention.author_id.id for mention in mentions if not mention.outgoing} - {False}
        if authors:
            waiting = mentions.search(
                [
                    ("company_id", "=", channel.company_id.id),
                    ("author_id", "in", sorted(authors)),
                    ("id", "not in", mentions.ids),  # what a rule has just put off waits for what comes later
                    "|",
                    ("snoozed_until", "!=", False),
                    ("satisfaction_due", "!=", False),
                ]
            )
            waiting.filtered("satisfaction_due").write({"satisfaction_due": False})
            snoozed = waiting.filtered("snoozed_until")
            if snoozed:
                snoozed.sudo()._wake("reply")
        return result
