from secrets import choice

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...connectors import network as network_class

#: of what an address that nobody guesses is made: without what is mistaken for something else
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


class CommunityChannel(models.Model):
    """Channels that are listened to by receiving mails have an address of their own."""

    _name = "community.channel"
    _inherit = ["community.channel", "mail.alias.mixin.optional"]

    is_mailed = fields.Boolean(compute="_compute_is_mailed")
    alias_email = fields.Char(string="Address for alerts", help="What is sent to this address becomes mentions.")

    @api.depends("network")
    def _compute_is_mailed(self):
        for channel in self:
            channel.is_mailed = _is_mailed(channel.network)

    @api.model_create_multi
    def create(self, vals_list):
        for values in vals_list:
            if _is_mailed(values.get("network")) and not values.get("alias_name"):
                values["alias_name"] = "mentions-" + "".join(choice(LETTERS) for _turn in range(10))
        return super().create(vals_list)

    def _alias_get_creation_values(self):
        model = self.env["ir.model"]._get_id("community.channel")
        return {**super()._alias_get_creation_values(), "alias_model_id": model, "alias_force_thread_id": self.id}

    def _ensure_complete(self):
        complete = super()._ensure_complete()
        if self.is_mailed and not self.alias_email:
            raise UserError(
                self.env._(
                    "“%s” has no address yet: this Odoo has no domain for incoming mail. Set the alias domain of the "
                    "company under Settings > General Settings > Discuss.",
                    self.name,
                )
            )
        return complete

    def _receive_mail(self, raw):
        """Store a mail; it is read by the listener.

        What comes while the channel does not listen is kept, and can be taken up by hand: it is not sent again.

        :param bytes raw: as received
        """
        self.ensure_one()
        cls = self._connector_class()
        pushes = self.env["community.push"].sudo()
        delivery_id = cls.mail_id(raw)
        new = pushes._receive(self, {}, raw, delivery_id)
        if new and (not self.active or self.state in ("draft", "paused")):
            delivery = pushes.search([("channel_id", "=", self.id), ("delivery_id", "=", delivery_id)])
            delivery._put_aside(self.env._("This mail arrived while the channel was not listening."))
        return new


def _is_mailed(code):
    """Return whether the network with a code is listened to by receiving mails."""
    cls = network_class(code)
    return bool(cls) and cls.can("mail")
