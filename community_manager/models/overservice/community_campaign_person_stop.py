from odoo import models


class CommunityCampaignPerson(models.Model):
    """Taking back what a person has not got yet."""

    _inherit = "community.campaign.person"

    def _take_back_actions(self):
        """Cancel what was queued for these persons and has not gone out; return those actions.

        Where something is being sent at this moment, the database lets only one of both go on: either it is sent, and
        found so here, or it is cancelled before.
        """
        # sudo: outgoing mails are nobody's to read
        env = self.sudo().env
        actions = env["community.campaign.action"].search(
            [
                ("person_id", "in", self.ids),
                ("state", "=", "done"),
                ("kind", "in", ("mail", "sms", "message", "social")),
            ]
        )
        taken = actions.browse()
        mails = env["mail.mail"].search([("id", "in", actions.mapped("mail_id")), ("state", "=", "outgoing")])
        if mails:
            mails.write({"state": "cancel"})
            taken |= actions.filtered(lambda action: action.mail_id in set(mails.ids))
        texts = env["sms.sms"].search(
            [("id", "in", actions.mapped("sms_id")), ("state", "in", ("outgoing", "community_quiet"))]
        )
        if texts:
            texts.write({"state": "canceled"})
            taken |= actions.filtered(lambda action: action.sms_id in set(texts.ids))
        replies = actions.reply_id.filtered(lambda reply: reply.state in ("draft", "approval", "queued"))
        if replies:
            replies.action_cancel()
            taken |= actions.filtered(lambda action: action.reply_id in replies)
        if taken:
            taken.trace_id.write({"trace_status": "cancel"})
            taken.write({"state": "cancelled"})
            env["community.touch"]._release([touch for touch in taken.mapped("touch_id") if touch])
        return taken
