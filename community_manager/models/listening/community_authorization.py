import hashlib
import hmac
import secrets as randomness
from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import NO_ACCESS
from odoo.tools import SQL

from ..platform import vault
from ..platform.cursors import own_cursor

#: how long a person may take on the network's pages
LASTING = timedelta(minutes=15)
#: bytes of chance in a state and in a verifier (which then has 64 characters; the standard wants 43 to 128)
STATE_BYTES = 32
VERIFIER_BYTES = 48


class CommunityAuthorization(models.Model):
    """An authorisation that a person has begun and not brought back yet.

    It is bound to the user, the session of the browser and the channel, serves once and expires.  Of the state only a
    hash is stored, and the verifier is encrypted: who reads the database can finish nobody's authorisation.
    """

    _name = "community.authorization"
    _description = "Authorisation on its Way"
    _log_access = False

    channel_id = fields.Many2one("community.channel", required=True, ondelete="cascade", index=True)
    user_id = fields.Many2one("res.users", required=True, ondelete="cascade")
    session = fields.Char(required=True, groups=NO_ACCESS)
    state = fields.Char(required=True, groups=NO_ACCESS, index=True)
    verifier = fields.Text(required=True, groups=NO_ACCESS)
    redirect_address = fields.Char(required=True)
    expires_at = fields.Datetime(required=True)

    @api.model
    def _begin(self, channel, session, redirect):
        """Note that the user of this environment goes to authorise a channel.

        :param str session: what only the session of the browser knows
        :returns: (state, verifier)
        """
        state, verifier = randomness.token_urlsafe(STATE_BYTES), randomness.token_urlsafe(VERIFIER_BYTES)
        self.sudo().create(
            {
                "channel_id": channel.id,
                "user_id": self.env.uid,
                "session": _digest(session),
                "state": _digest(state),
                "verifier": vault.encrypt(verifier),
                "redirect_address": redirect,
                "expires_at": fields.Datetime.now() + LASTING,
            }
        )
        return state, verifier

    @api.model
    def _bring_back(self, state, session):
        """Return (channel, verifier, redirect address) of an authorisation, which is used up by that.

        :param str state: as the network sent it along
        :param str session: what only the session of the browser knows
        :returns: ``None`` when it is unknown, used, too old, or another user's or browser's
        """
        if not state or not session:
            return None
        with own_cursor(self.env) as cr:  # used up before anything else happens, whatever becomes of that
            # one statement, so that of two that bring back the same state only one gets the row
            cr.execute(
                SQL(
                    "DELETE FROM %s WHERE state = %s"
                    " RETURNING channel_id, user_id, session, verifier, redirect_address, expires_at",
                    SQL.identifier(self._table),
                    _digest(state),
                )
            )
            row = cr.fetchone()
        self.invalidate_model(flush=False)
        if not row:
            return None
        channel_id, user_id, owner, verifier, redirect, expires_at = row
        if user_id != self.env.uid or expires_at < fields.Datetime.now():
            return None
        if not hmac.compare_digest(owner, _digest(session)):
            return None
        channel = self.env["community.channel"].browse(channel_id).exists()
        return (channel, vault.decrypt(verifier), redirect) if channel else None

    @api.autovacuum
    def _gc_expired(self):
        """Forget those that nobody brought back."""
        self.sudo().search([("expires_at", "<", fields.Datetime.now())], limit=10000).unlink()


def _digest(text):
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
