from odoo import fields, models
from odoo.exceptions import UserError

from ...connectors import network as network_class
from ...connectors.values import web_url
from ..platform.moments import naive

#: names under which access is kept that a person granted
TOKENS = ("access_token", "refresh_token")


class CommunityChannel(models.Model):
    """Which account a channel is, and that it stays so."""

    _inherit = "community.channel"

    def _note_check(self, check, renews=False):
        """Keep what the network said of us.

        :param check: :class:`~...connectors.items.Check`
        :param bool renews: whether access renews itself, so that its end is nothing that a person has to know
        """
        self.ensure_one()
        values = {"account_name": check.account or False}
        if check.account_id or not self._is_settled():
            values["account_id"] = check.account_id or False
        if check.expires_at and not renews:
            values["access_lost_at"] = naive(check.expires_at)
        elif not self._connector_class().authorization:
            values["access_lost_at"] = False
        self.sudo().write(values)
        self.sudo()._end_warning()

    def _is_settled(self):
        """Return whether this channel is the channel of one account for good: it was connected, and we know as whom.

        An address is a source that may move, not an account.
        """
        return self.state != "draft" and bool(self.account_id) and not web_url(self.account_id)

    def _ensure_same_account(self, check, moved=False):
        """Raise if a channel that was connected turns out to lead to another account.

        :param check: :class:`~...connectors.items.Check`
        :param bool moved: whether it leads to another server, where the same identifier may be somebody else
        """
        if not self._is_settled() or not check.account_id:
            return
        same = check.account_id == self.account_id
        if moved:
            same = same and (check.account or False) == self.account_name
        if not same:
            raise UserError(
                self.env._(
                    "“%(channel)s” is connected as %(old)s, but this access is of %(new)s. Nothing was stored. Give "
                    "access of the same account, or connect another channel for the other one.",
                    channel=self.name,
                    old=self.account_name or self.account_id,
                    new=check.account or check.account_id,
                )
            )

    def _needs_proof(self, settings, secrets):
        """Return whether new settings and secrets may lead a settled channel to another account."""
        if not self._is_settled():
            return False
        cls = self._connector_class()
        # where people authorise, other secrets are the application's and say nothing about the account
        telling = TOKENS if cls.authorization else secrets.keys() - self._generated()
        kinds = ("url", "choice") if cls.authorization else ("url", "choice", "char")
        return any(secrets.get(name) for name in telling) or self._changes(settings, kinds)

    def _changes(self, settings, kinds):
        """Return whether ``settings`` differ from those that are stored in one of these kinds."""
        before = self.settings or {}
        return any(
            (before.get(setting.name) or "") != (settings.get(setting.name) or "")
            for setting in self._connector_class().settings
            if setting.kind in kinds and not setting.secret
        )

    def _without_renewed(self, settings, secrets):
        """Return changed secrets together with those that must go because they were got with others.

        Access that a password has opened is not that of another password, and access that was entered by hand is not
        renewed by the token of before.
        """
        cls = self._connector_class()
        if cls.authorization:
            return {"refresh_token": "", **secrets} if secrets.get("access_token") else secrets
        granted = {setting.name for setting in cls.settings if setting.secret and setting.granted}
        entered = secrets.keys() - self._generated() - granted
        if not granted or not (entered or self._changes(settings, ("url", "char"))):
            return secrets
        stored = self.env["community.secret"]._names(self)[self.id]
        return dict.fromkeys(granted & stored, "") | secrets

    def _guide(self):
        """Return how to get access, as a list of steps in the reader's language."""
        cls = network_class(self.network) if self.network else None
        return (
            [line.strip() for line in self.env._(cls.guide).splitlines() if line.strip()] if cls and cls.guide else []
        )

    def _options(self, setting):
        """Return the options of a setting as [value, label] pairs: its own, or those that the network gave."""
        if setting.kind == "choice":
            return list((self.sudo().choices or {}).get(setting.name, []))
        return [[value, self.env._(label)] for value, label in setting.options]

    def _is_no_option(self, setting, value):
        options = self._options(setting)
        if setting.kind == "choice" and not options:
            return False  # not asked for yet
        return setting.kind in ("select", "choice") and value not in dict(options)

    def _authorization_state(self, stored):
        """Return what the access form tells of the authorisation, ``False`` where the network knows none.

        :param set stored: names of the secrets that are there
        """
        cls = network_class(self.network) if self.network else None
        if not cls or not cls.authorization:
            return False
        return {
            "granted": "access_token" in stored or "refresh_token" in stored,
            "account": self.account_name or "",
            "redirect": "" if cls.authorization.dynamic else self._redirect_address(),
            "ends": fields.Datetime.to_string(self.access_lost_at) if self.access_lost_at else "",
        }
