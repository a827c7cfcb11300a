from odoo import api, models

from .community_reply import ON_ITS_WAY


class CommunityHome(models.AbstractModel):
    """What waited to be sent in a database that was copied."""

    _inherit = "community.home"

    @api.model
    def action_settle(self):
        """Make this database the live one; what it was about to send when it was copied waits for a person.

        The other database may have sent it already.
        """
        copied = self._status() == "copy"
        result = super().action_settle()
        if copied:
            replies = self.env["community.reply"].sudo()
            waiting = replies.search([("state", "in", ON_ITS_WAY)])
            for company, messages in waiting.grouped("company_id").items():
                self.env["community.hold"].sudo().create(
                    {
                        "name": self.env._("This database was copied: the other one may have sent this already."),
                        "kind": "copy",
                        "company_id": company.id,
                        "reply_ids": messages.ids,
                    }
                )
        return result
