import uuid
from secrets import token_urlsafe
from urllib.parse import urlsplit

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from ...connectors import network as network_class
from ...connectors.http import Http
from ..platform import vault

ALLOWED_HOSTS = "community_manager.allowed_hosts"
#: words that a network is told to search for; connectors take fewer
MOST_KEYWORDS = 200


class CommunityChannel(models.Model):
    """What a channel must be told to reach its network: settings for everybody, secrets for nobody."""

    _inherit = "community.channel"

    settings = fields.Json(copy=True, readonly=True, groups="community_manager.group_admin")
    access_form = fields.Json(
        string="Access",
        compute="_compute_access_form",
        inverse="_inverse_access_form",
        groups="community_manager.group_admin",
        help="What the network asks for. Secrets are stored encrypted and never shown again.",
    )
    account_name = fields.Char(readonly=True, copy=False)
    account_id = fields.Char(readonly=True, copy=False, string="Account identifier")
    push_token = fields.Char(
        default=lambda self: uuid.uuid4().hex, readonly=True, copy=False, groups="community_manager.group_admin"
    )
    push_url = fields.Char(
        string="Address for deliveries",
        compute="_compute_push_url",
        groups="community_manager.group_admin",
        help="Where the network, or any system of yours, sends what happens.",
    )
    access_expires_at = fields.Datetime(
        compute="_compute_access_expires_at", string="Access renewed before", help="Access that renews itself."
    )
    access_lost_at = fields.Datetime(
        readonly=True, copy=False, string="Access ends", help="Somebody has to give access again before that."
    )

    _unique_push_token = models.UniqueIndex("(push_token) WHERE push_token IS NOT NULL")

    @api.depends("push_token")
    def _compute_push_url(self):
        for channel in self:
            channel.push_url = f"{channel.get_base_url()}/community_manager/push/{channel.push_token}"

    def _compute_access_expires_at(self):
        ends = self.env["community.secret"]._ends(self)
        for channel in self:
            channel.access_expires_at = ends.get(channel.id, False)

    @api.depends("network", "settings", "choices")
    @api.depends_context("lang")
    def _compute_access_form(self):
        names = self.env["community.secret"]._names(self._origin)
        for channel in self:
            cls = network_class(channel.network) if channel.network else None
            stored = names.get(channel._origin.id, set())
            settings = channel.settings or {}
            channel.access_form = {
                "authorization": channel._authorization_state(stored),
                "fields": [
                    {
                        "name": setting.name,
                        "label": self.env._(setting.label),
                        "help": self.env._(setting.help) if setting.help else "",
                        "kind": setting.kind,
                        "required": setting.required,
                        "secret": setting.secret,
                        "generated": setting.generated,
                        "granted": setting.granted,
                        "placeholder": setting.placeholder,
                        "options": channel._options(setting),
                        "value": "" if setting.secret else settings.get(setting.name, setting.default),
                        "is_set": setting.secret and setting.name in stored,
                    }
                    for setting in (cls.settings if cls else ())
                ],
            }

    def _inverse_access_form(self):
        for channel in self:
            values = (channel.access_form or {}).get("values")
            # the plain text must leave the cache before anything can read it back
            channel.invalidate_recordset(["access_form"], flush=False)
            if values:
                channel._set_access(values)

    def _set_access(self, values):
        """Store settings and secrets.

        What is entered for a channel that was connected is tried at once, and kept only if it leads to the same
        account: otherwise the history of one account would go on with the words of another.

        :param dict values: ``{setting name: value}``; an absent secret stays as it is
        :raises ValidationError: a value is of the wrong kind
        :raises UserError: it leads to another account, or nowhere
        """
        self.ensure_one()
        settings, secrets = self._read_access(values)
        moves = self._moves(settings)
        if moves:
            # what was entered for one server must never be sent to another
            stored = self.env["community.secret"]._names(self)[self.id]
            secrets = dict.fromkeys(stored - self._generated(), "") | secrets
        secrets = self._without_renewed(settings, secrets)
        proof = self._needs_proof(settings, secrets)
        # in a savepoint, which goes back to the access of before where the new one is not good
        with self.env.cr.savepoint():
            if secrets:
                self.env["community.secret"]._store(self, secrets)
                self.sudo().access_lost_at = False  # that was said of the access before
            self.settings = settings
            if proof:
                self._try_access(moves)
        if self.state == "access":
            self.sudo().write({"state": "listening", "next_poll_at": fields.Datetime.now(), "error_count": 0})

    def _read_access(self, values):
        """Return (settings, changed secrets) with new values filled in.

        :raises ValidationError: a value is of the wrong kind
        """
        settings = dict(self.settings or {})
        secrets = {}
        for setting in self._connector_class().settings:
            if setting.name not in values:
                continue
            value = values[setting.name]
            if setting.kind == "bool":
                settings[setting.name] = bool(value)
                continue
            if not isinstance(value, str):
                raise ValidationError(self.env._("“%s” must be a text.", self.env._(setting.label)))
            value = value.strip()
            if value and self._is_no_option(setting, value):
                raise ValidationError(self.env._("“%s” is not one of the choices.", self.env._(setting.label)))
            if setting.secret:
                secrets[setting.name] = value
            else:
                settings[setting.name] = value
        return settings, secrets

    def _moves(self, settings):
        """Return whether ``settings`` lead to another host than those that are stored."""
        before = self.settings or {}
        return any(
            before.get(setting.name) and _host(before[setting.name]) != _host(settings.get(setting.name))
            for setting in self._connector_class().settings
            if setting.kind == "url" and not setting.secret
        )

    def _generated(self):
        return {setting.name for setting in self._connector_class().settings if setting.generated}

    @api.model_create_multi
    def create(self, vals_list):
        channels = super().create(vals_list)
        self.env["community.secret"]._note_new(channels)
        channels._generate_secrets()
        return channels

    def _generate_secrets(self):
        """Make the secrets that a network lets us choose and that are not there yet."""
        names = self.env["community.secret"]._names(self)
        for channel in self:
            cls = network_class(channel.network)
            made = {
                setting.name: token_urlsafe(32)
                for setting in (cls.settings if cls else ())
                if setting.generated and setting.name not in names[channel.id]
            }
            if made:
                self.env["community.secret"]._store(channel, made)

    def action_new_key(self):
        """Make new generated secrets and show them once, for the administrator to copy to the sender."""
        self.ensure_one()
        self._check_administrator()
        if not self.env.user.has_group("community_manager.group_admin"):
            raise AccessError(self.env._("Only a community administrator can make a new key."))
        made = {setting.name: token_urlsafe(32) for setting in self._connector_class().settings if setting.generated}
        self.env["community.secret"]._store(self, made)
        return {
            "type": "ir.actions.client",
            "tag": "community_show_key",
            "name": self.env._("New key"),
            "target": "new",
            "params": {"key": ", ".join(made.values()), "url": self.push_url},
        }

    def _missing(self):
        """Return the labels of what must still be entered."""
        self.ensure_one()
        cls = self._connector_class()
        stored = self.env["community.secret"]._names(self)[self.id]
        return [self.env._(s.label) for s in cls.missing_settings(self.sudo().settings or {}, stored)]

    def _ensure_complete(self):
        missing = self._missing()
        if missing:
            raise UserError(
                self.env._("“%(channel)s” still needs: %(fields)s.", channel=self.name, fields=", ".join(missing))
            )

    @api.model
    def _note_lost_key(self):
        """Make channels whose stored access cannot be read any more say so."""
        for channel in self.search([("state", "in", ("listening", "error"))]):
            try:
                self.env["community.secret"]._reveal(channel)
            except vault.Unreadable as error:
                channel._note_failure(channel._sentence(error), action="access")

    def _recheck_access(self):
        """Let channels whose secrets are readable again go on; called when the key is back."""
        for channel in self:
            try:
                self.env["community.secret"]._reveal(channel)
            except vault.Unreadable:
                continue
            channel.write({"state": "listening", "next_poll_at": fields.Datetime.now(), "error_count": 0})

    def _connector(self, reserve=0, **http_options):
        """Return a connector with its access, ready to be used in any thread.

        :param int reserve: requests of the network's limit that are left to others
        :param http_options: ``deadline`` and ``stop`` for :class:`~...connectors.http.Http`
        :raises UserError: this database may not talk to networks, or the connector is not installed
        :raises vault.Unreadable: the stored access cannot be read with the present key
        """
        self.ensure_one()
        self.env["community.home"]._ensure_live()
        channel = self.sudo()
        cls = channel._connector_class()
        secrets = self.env["community.secret"]._reveal(channel)
        allowed = self.env["ir.config_parameter"].sudo().get_param(ALLOWED_HOSTS) or ""
        hosts = [host.strip() for host in allowed.split(",") if host.strip()]
        connector = cls(Http(allowed_hosts=hosts, reserve=reserve, **http_options), channel.settings or {}, secrets)
        connector.account_id = channel.account_id or ""
        if cls.can("search"):
            connector.keywords = channel._keywords()
        return connector

    def _keywords(self):
        """Return the words of the topics that this channel listens for, as plain words to search for."""
        keywords = self.env["community.keyword"].sudo()
        chosen = self.topic_ids.ids
        scope = [("topic_id", "in", chosen)] if chosen else [("company_id", "=", self.company_id.id)]
        found = keywords.search_fetch(
            [("exclude", "=", False), ("topic_id.active", "=", True), *scope], ["name"], limit=MOST_KEYWORDS
        )
        # networks know neither endings nor how near words stand: they search for all the words
        words = (keyword._search_words() for keyword in found)
        return tuple(dict.fromkeys(word for word in words if word))


def _host(address):
    """Return what an address leads to: a server and the way to speak with it."""
    address = str(address or "").strip().lower()
    parts = urlsplit(address if "://" in address else f"https://{address}")
    return parts.scheme, parts.netloc.rpartition("@")[2]
