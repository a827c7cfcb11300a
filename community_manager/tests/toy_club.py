"""A second network for tests: access is granted on its own pages, renews itself and costs money."""

import json
from datetime import UTC, datetime, timedelta

from requests.structures import CaseInsensitiveDict

from odoo.addons.community_manager.connectors.answer import Response
from odoo.addons.community_manager.connectors.base import Setting
from odoo.addons.community_manager.connectors.errors import AccessExpired, Misconfigured
from odoo.addons.community_manager.connectors.http import Http
from odoo.addons.community_manager.connectors.items import AuthorItem, Check, Counts, Figures, Tokens
from odoo.addons.community_manager.connectors.oauth import Authorization

from .toy import Toy


class _Door(Http):
    """A client that reaches the club's server for tokens and nothing else."""

    def __init__(self, club):
        super().__init__()
        self._club = club

    def request(self, method, url, *, data=None, **options):
        """See :class:`.Http`."""
        self.requests += 1
        self._club.requests.append(dict(data or {}))
        answer = self._club.answers.pop(0) if self._club.answers else {"error": "invalid_grant"}
        if isinstance(answer, Exception):
            raise answer
        if "access_token" in answer:
            self._club.valid.add(answer["access_token"])
        status = 400 if "error" in answer else 200
        return Response(status, CaseInsensitiveDict(), json.dumps(answer).encode(), url)


class Club(Toy):
    """Answers like :class:`.Toy`, once it has a token that :attr:`valid` holds.

    ``answers`` is what the server for tokens answers, one after the other: dicts, or exceptions; ``requests`` notes
    what it was asked.  ``who`` maps tokens to (account id, name).
    """

    code = "club"
    label = "Club"
    description = "Another network for tests."
    guide = "Open the settings of the club.\nMake an application.\nCopy its client ID."
    capabilities = frozenset({"listen", "search", "thread", "lookup", "moderate", "metrics", "profile"})
    moderations = frozenset({"hide", "delete", "report"})
    currency = "USD"
    settings = (
        Setting("source", "Source", default="Club"),
        Setting("client_id", "Client ID", required=True),
        Setting("client_secret", "Client secret", secret=True),
        Setting("access_token", "Access token", secret=True, granted=True),
        Setting("refresh_token", "Refresh token", secret=True, granted=True),
        Setting("room", "Room", "The room to listen to.", kind="choice"),
    )
    authorization = Authorization(
        "https://club.example/authorize", "https://club.example/token", ("read", "write"), client_auth="body"
    )
    #: whether the room must be chosen
    wants_room = False
    valid, answers, requests, who, rooms, done = set(), [], [], {}, [], []
    figures, profiles = Figures(), {}

    @classmethod
    def reset(cls):
        """See :class:`.Toy`."""
        super().reset()
        cls.valid, cls.answers, cls.requests, cls.rooms, cls.done = {"access-1"}, [], [], [], []
        cls.who = {"access-1": ("7", "@acme"), "access-2": ("7", "@acme"), "other": ("8", "@other")}
        cls.figures, cls.profiles, cls.wants_room = Figures(), {}, False

    def __init__(self, http, settings, secrets=None):
        super().__init__(_Door(type(self)), settings, secrets)
        self.reserve = http._reserve

    def _enter(self):
        if self.secrets.get("access_token") not in self.valid:
            raise AccessExpired("The club does not know this access.")

    def check(self):
        """See :class:`.Connector`."""
        self._enter()
        if self.wants_room and not self.values.get("room"):
            raise Misconfigured("Choose a room.")
        account_id, name = self.who[self.secrets["access_token"]]
        return Check(account=name, account_id=account_id)

    def choices(self):
        """See :class:`.Connector`."""
        self._enter()
        return {"room": list(self.rooms)}

    def listen(self, cursor):
        """See :class:`.Connector`."""
        self._enter()
        for step in super().listen(cursor):
            self._enter()
            yield step

    def thread(self, item_id, identifiers):
        """See :class:`.Connector`."""
        self._enter()
        answer = self.things.get(item_id)
        return [answer] if answer else []

    def moderate(self, action, target, reason=""):
        """See :class:`.Connector`."""
        self._enter()
        type(self).done.append((action, target.external_id, reason))

    def metrics(self, things):
        """See :class:`.Connector`."""
        self._enter()
        type(self).done.append([external_id for external_id, _identifiers in things])
        if isinstance(self.figures, Exception):
            raise self.figures
        self.spent += 0.5
        return self.figures

    def profile(self, handle):
        """See :class:`.Connector`."""
        self._enter()
        type(self).done.append(handle)
        return self.profiles.get(handle)


class DynamicClub(Club):
    """The same on a server where every desk registers itself."""

    code = "dynclub"
    label = "Dynamic club"
    settings = (
        Setting("source", "Source", default="Club"),
        Setting("server", "Server", kind="url"),
        Setting("client_id", "Client ID", secret=True, granted=True),
        *Club.settings[2:],
    )
    authorization = Authorization("https://club.example/authorize", "https://club.example/token", dynamic=True)
    registered = []

    def register_app(self, redirect_uri):
        """See :class:`.Connector`."""
        type(self).registered.append(redirect_uri)
        return {"client_id": f"app {len(self.registered)}", "client_secret": "secret of the app", "other": 1}


class Door(Toy):
    """A network where a name and a password open access that has to be opened again now and then."""

    code = "door"
    label = "Door"
    settings = (
        Setting("user", "User"),
        Setting("password", "Password", secret=True),
        Setting("access_token", "Access token", secret=True, granted=True),
    )

    def renewable(self):
        """See :class:`.Connector`."""
        return bool(self.secrets.get("password"))

    def renew(self):
        """See :class:`.Connector`."""
        return Tokens({"access_token": f"access of {self.values['user']} {self.secrets['password']}"})

    def check(self):
        """See :class:`.Connector`."""
        name = self.secrets["access_token"].split()[2]
        return Check(account=name, account_id=name)


def granted(number=1, seconds=3600, **values):
    """Return what the server for tokens answers when it grants access."""
    return {
        "access_token": f"access-{number}",
        "refresh_token": f"refresh-{number}",
        "expires_in": seconds,
        **values,
    }


def tokens(number=1, seconds=3600):
    """Return access as it is stored, which ends in some seconds."""
    end = datetime.now(UTC) + timedelta(seconds=seconds)
    return Tokens({"access_token": f"access-{number}", "refresh_token": f"refresh-{number}"}, expires_at=end)


def profile(external_id="ann", **values):
    """Return a profile."""
    return AuthorItem(external_id=external_id, **values)


def counts(**values):
    """Return the figures of one thing."""
    return Counts(**values)
