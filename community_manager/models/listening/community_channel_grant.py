from odoo import fields, models
from odoo.exceptions import AccessError, UserError

from ...connectors import oauth
from ...connectors.errors import ConnectorError, Misconfigured
from ...connectors.text import clean_line
from ..platform.moments import naive
from .renewal import keep_tokens, locked

RETURN_PATH = "/community_manager/oauth/return"
START_PATH = "/community_manager/oauth/start"
#: things that can be chosen, and how long their names may be: a network may send anything
MOST_CHOICES = 500
LONGEST_LABEL = 200


class CommunityChannel(models.Model):
    """Access that a person grants on the network's own pages."""

    _inherit = "community.channel"

    choices = fields.Json(copy=False, readonly=True, groups="community_manager.group_admin")

    def _redirect_address(self):
        """Return where networks send people back to: one address for all channels, as applications must name it."""
        base = self.env["ir.config_parameter"].sudo().get_param("web.base.url") or ""
        return base.rstrip("/") + RETURN_PATH

    def action_authorise(self):
        """Go to the network, where a person grants access."""
        self.ensure_one()
        self._ensure_may_authorise()
        return {"type": "ir.actions.act_url", "url": f"{START_PATH}/{self.id}", "target": "self"}

    def _ensure_may_authorise(self):
        """
        :raises AccessError: the user is not an administrator of the channel's company
        :raises UserError: there is nothing to authorise on this network
        """
        self.ensure_one()
        self._check_administrator()
        if not self.env.user.has_group("community_manager.group_admin"):
            raise AccessError(self.env._("Only a community administrator can give a channel access."))
        if not self._connector_class().authorization:
            raise UserError(self.env._("Nothing is authorised on this network: enter access instead."))

    # -- authorising -----------------------------------------------------------------------------------------------

    def _start_authorisation(self, session):
        """Return the address on the network where access is granted.

        :param str session: what only this browser's session knows
        :raises UserError: a sentence that says what to mend
        """
        self._ensure_may_authorise()
        redirect = self._redirect_address()
        self._ask(lambda connector: self._ensure_app(connector, redirect))
        state, verifier = self.env["community.authorization"]._begin(self, session, redirect)
        return self._ask(lambda connector: oauth.authorization_address(connector, redirect, state, verifier))

    def _ensure_app(self, connector, redirect):
        """Register an application for this desk on a server that offers that, unless it was done before."""
        if not connector.endpoints().dynamic or connector.values.get("client_id") or connector.secrets.get("client_id"):
            return
        known = {setting.name: setting for setting in connector.settings}
        made = {
            name: clean_line(value)
            for name, value in connector.register_app(redirect).items()
            if name in known and isinstance(value, str)
        }
        connector.http.mask(made.get("client_secret"))
        secrets = {name: value for name, value in made.items() if known[name].secret}
        self.env["community.secret"]._store(self, secrets)
        plain = {name: value for name, value in made.items() if not known[name].secret}
        if plain:
            self.sudo().settings = {**(self.sudo().settings or {}), **plain}

    def _finish_authorisation(self, code, verifier, redirect):
        """Take what a person granted: the code becomes access, which is tried and then kept.

        What is asked of the network cannot be asked twice, so it is stored in transactions of its own that are replayed
        where they meet others, never by repeating the request.

        :raises UserError: a sentence that says what to mend; nothing was stored
        """
        self._ensure_may_authorise()
        granted = self._ask(lambda connector: self._take_grant(connector, code, verifier, redirect))
        if granted.check:
            self._ensure_same_account(granted.check)
        elif self._is_settled():
            raise UserError(granted.problem)
        try:
            with locked(self.env, self.id):
                keep_tokens(self.env, self.id, granted.tokens)
        except ConnectorError as error:
            raise UserError(self._sentence(error)) from None
        self.env["community.listener"]._transact_alone(self.id, lambda channel: channel._note_grant(granted))
        self.env.invalidate_all()
        return granted.problem

    def _take_grant(self, connector, code, verifier, redirect):
        tokens = oauth.exchange(connector, code, verifier, redirect)
        connector.secrets.update(tokens.secrets)
        tokens = connector.granted(tokens)
        connector.http.mask(*tokens.secrets.values())
        connector.secrets.update(tokens.secrets)
        connector.account_id = ""
        granted = _Granted(tokens, renews=connector.renewable())
        try:
            granted.check = connector.check()
        except Misconfigured as error:
            # what can be chosen is known only now: the page or the place may still be missing
            if not self._misses_choice(connector):
                raise
            granted.problem = self._sentence(error)
        granted.choices = _clean_choices(connector.choices())
        return granted

    @staticmethod
    def _misses_choice(connector):
        return any(s.kind == "choice" and not connector.values.get(s.name) for s in connector.settings)

    def _note_grant(self, granted):
        """Note who we are and until when; a channel that waited for access goes on."""
        self.ensure_one()
        tokens = granted.tokens
        if granted.check:
            self._note_check(granted.check, granted.renews)
        lost = tokens.lost_at or (None if granted.renews else tokens.expires_at)
        values = {"access_lost_at": naive(lost), "choices": granted.choices or self.choices or False}
        if self.state == "access":
            values |= {"state": "listening", "next_poll_at": fields.Datetime.now(), "error_count": 0}
            values |= {"last_error": False, "last_error_detail": False}
        self.write(values)
        self._end_warning()

    def _address(self):
        """Return the address of the channel's own page."""
        return f"/odoo/action-community_manager.action_channels/{self.id}"

    # -- choosing --------------------------------------------------------------------------------------------------

    def action_load_choices(self):
        """Ask the network again what can be chosen."""
        self.ensure_one()
        self._check_administrator()
        found = self._ask(lambda connector: self._renewal(connector).run(connector.choices))
        self.sudo().choices = choices = _clean_choices(found)
        if not any(choices.values()):
            raise UserError(self.env._("The network has nothing to choose from: check the permissions of the access."))


class _Granted:
    """What came of an authorisation."""

    __slots__ = ("check", "choices", "problem", "renews", "tokens")

    def __init__(self, tokens, renews):
        self.tokens = tokens
        self.renews = renews
        self.check = None
        self.choices = {}
        self.problem = ""


def _clean_choices(choices):
    """Return ``{setting: [[value, label], …]}`` with texts only, bounded."""
    return {
        str(name): [
            [value, clean_line(str(label))[:LONGEST_LABEL] or value]
            for value, label in list(pairs)[:MOST_CHOICES]
            if isinstance(value, str) and value
        ]
        for name, pairs in (choices or {}).items()
    }
