import email.policy

from odoo import api, models


class MailThread(models.AbstractModel):
    """What is sent to the address of a channel goes to its listener, and into no chatter."""

    _inherit = "mail.thread"

    @api.model
    def _message_route_process(self, message, message_dict, routes):
        others = []
        for route in routes or ():
            model, thread_id, _values, _user_id, alias = route
            channel = self.env["community.channel"].sudo()
            if model == channel._name and alias and alias.alias_force_thread_id == thread_id:
                channel = channel.browse(thread_id).exists()
            if not channel or not channel.is_mailed:
                others.append(route)
            elif channel._receive_mail(_as_received(message)):
                alias.sudo().alias_status = "valid"
        if others or not routes:
            return super()._message_route_process(message, message_dict, others)
        return routes[0][1]


def _as_received(message):
    """Return the bytes of a mail; its headers are left as they came, for folding them anew fails on broken ones."""
    return message.as_bytes(policy=email.policy.compat32)
