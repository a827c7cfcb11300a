from weakref import WeakKeyDictionary

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import NO_ACCESS

from . import vault

#: cursor → ids of the channels that its transaction has made, or whose secrets it has changed
_changed = WeakKeyDictionary()


class CommunitySecret(models.Model):
    """One secret of a channel: a token, a password, a signing key.

    Nobody has access rights on this model, not even administrators; the listener reads it as superuser, and people
    write it through the channel's access form, which never gives anything back.
    """

    _name = "community.secret"
    _description = "Access of a Channel"
    _log_access = False

    channel_id = fields.Many2one("community.channel", required=True, ondelete="cascade", index=True)
    name = fields.Char(required=True)
    ciphertext = fields.Text(required=True, groups=NO_ACCESS)
    # here and not on the channel, so that it changes together with the secret and with nothing that others write
    expires_at = fields.Datetime(string="Valid until")

    _unique_name = models.UniqueIndex("(channel_id, name)")

    @api.model
    def _store(self, channel, values, expires_at=False):
        """Keep secrets of a channel, replacing those of the same name.

        :param channel: one ``community.channel``
        :param dict values: ``{name: plain text}``; an empty text removes the secret
        :param datetime expires_at: naive UTC time until which they are valid; it does not count for a refresh token
        """
        secrets = self.sudo()
        stored = {secret.name: secret for secret in secrets.search([("channel_id", "=", channel.id)])}
        for name, text in values.items():
            old = stored.get(name, secrets)
            if not text:
                old.unlink()
                continue
            entry = {"ciphertext": self._encrypt(text), "expires_at": name != "refresh_token" and expires_at}
            if old:
                old.write(entry)
            else:
                secrets.create({"channel_id": channel.id, "name": name, **entry})
        secrets.flush_model()
        _note_change(self.env.cr, channel.id)
        # what was encrypted a moment ago must not wait in the cache as anybody's readable value
        secrets.invalidate_model(["ciphertext"])
        self.env["community.home"]._remember_key()

    def _encrypt(self, text):
        try:
            return vault.encrypt(text)
        except vault.Unreadable as error:
            raise UserError(self.env._("The access cannot be stored: %s.", error)) from None

    @api.model
    def _is_unsaved(self, channel):
        """Return whether this transaction, into which no other sees, has made a channel or changed its secrets."""
        return channel.id in _changed.get(self.env.cr, ())

    @api.model
    def _note_new(self, channels):
        """Remember until the end of the transaction that it has made these channels: no other can store for them."""
        for channel in channels:
            _note_change(self.env.cr, channel.id)

    @api.model
    def _reveal(self, channel):
        """Return ``{name: plain text}`` of a channel.

        :raises vault.Unreadable: the key is missing or another one
        """
        return {
            secret.name: vault.decrypt(secret.ciphertext)
            for secret in self.sudo().search([("channel_id", "=", channel.id)])
        }

    @api.model
    def _ends(self, channels):
        """Return ``{channel id: naive UTC time}`` at which access ends that is renewed before that."""
        rows = self.sudo()._read_group(
            [("channel_id", "in", channels.ids), ("expires_at", "!=", False)], ["channel_id"], ["expires_at:min"]
        )
        return {channel.id: moment for channel, moment in rows}

    @api.model
    def _names(self, channels):
        """Return ``{channel id: set of names}`` of the secrets that are stored."""
        names = {channel_id: set() for channel_id in channels.ids}
        for secret in self.sudo().search([("channel_id", "in", channels.ids)]):
            names[secret.channel_id.id].add(secret.name)
        return names


def _note_change(cr, channel_id):
    """Remember until the end of the transaction that what it did to a channel is seen by no other."""
    if cr not in _changed:
        _changed[cr] = set()

        def forget():
            _changed.pop(cr, None)

        cr.postcommit.add(forget)
        cr.postrollback.add(forget)
    _changed[cr].add(channel_id)
