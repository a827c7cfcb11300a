"""Requests to a Bluesky server: sessions, what refusals mean, single posts and profiles.

Proved on the network's own servers (npm @atproto/dev-env); private messages, a service that nobody else can run, on
its published lexicons (chat.bsky.*) only.
"""

import json
from base64 import urlsafe_b64decode
from datetime import UTC, datetime
from urllib.parse import urlsplit

from . import errors
from .base import _
from .bluesky_items import POSTS, Reader, post_uri, split_uri
from .bluesky_text import DID
from .http import UNREADABLE
from .items import Tokens
from .text import clean_line
from .typed_address import server_address
from .values import digest

#: The service of private messages, reached through the account's own server.
CHAT = "did:web:api.bsky.chat#bsky_chat"
#: Posts or profiles that one request takes (app.bsky.feed.getPosts, app.bsky.actor.getProfiles).
AT_ONCE = 25

WRONG_PASSWORD = _("Bluesky does not accept this handle and app password. Create a new app password and enter it.")
OTHER_ACCOUNT = _("This handle and app password open another account than the one that is connected.")
NO_SESSION = _("Bluesky has ended our session; we log in again.")
WANTS_CODE = _("Bluesky asks for a code by e-mail. Enter an app password, not the password of the account.")
SHUT_OUT = _("Bluesky has closed or suspended this account.")
NOT_THERE = _("The post is not there any more.")
NO_SERVICE = _("“%(server)s” is not the address of a server. It should look like https://bsky.social.")
NO_MESSAGES = _("This app password does not reach private messages. Create one that is allowed to, and enter it.")
TAKEN_DOWN = frozenset({"AccountTakedown", "AccountSuspended", "AccountDeactivated", "AccountDeleted"})


def claims(token):
    """Return what a token says of itself; nothing where it says nothing.  It is not verified: it is our own."""
    try:
        body = token.split(".")[1]
        found = json.loads(urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    except (IndexError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def said(response):
    """Return (name, sentence) of an error that a server answers."""
    try:
        answer = response.json()
    except errors.Malformed:
        answer = {}
    answer = answer if isinstance(answer, dict) else {}
    found = [answer.get(name) for name in ("error", "message")]
    return tuple(clean_line(one, 300) if isinstance(one, str) else "" for one in found)


class BlueskyApi:
    """What every part of the connector asks the network through."""

    def __init__(self, http, settings, secrets=None):
        super().__init__(http, settings, secrets)
        self._address = ""
        self._me = ""
        self._profile = None

    @property
    def base(self):
        """Address of the server.

        :raises errors.Misconfigured: the setting holds none
        """
        if not self._address:
            self._address = server_address(self.values.get("service"), NO_SERVICE)
        return self._address

    # --- access ---

    def _session_mark(self):
        """Return what tells for which account and password a session was opened."""
        name = str(self.values.get("identifier") or "").strip().lstrip("@").lower()
        return digest(name, self.secrets.get("app_password") or "", length=16)

    def _fits(self):
        return self.secrets.get("session") in (None, "", self._session_mark())

    def renewable(self):
        """See :meth:`Connector.renewable`: with the app password a session can always be opened."""
        return bool(self.secrets.get("app_password"))

    def renew(self):
        """See :meth:`Connector.renew`: by the refresh token, or else by logging in.

        Logging in is limited to 300 times a day, so sessions are kept (docs.bsky.app, "Rate limits").
        """
        answer = None
        if self._fits() and self.secrets.get("refresh_token"):
            try:
                answer = self._session("refreshSession", token=self.secrets["refresh_token"])
            except (errors.AccessExpired, errors.AccessDenied, errors.Misconfigured):
                answer = None
        if answer is None:
            name = str(self.values.get("identifier") or "").strip().lstrip("@")
            body = {"identifier": name, "password": self.secrets.get("app_password") or ""}
            answer = self._session("createSession", body)
        if self.account_id and answer.get("did") != self.account_id:
            raise errors.AccessExpired(OTHER_ACCOUNT)
        expires = claims(answer["accessJwt"]).get("exp")
        try:
            expires_at = datetime.fromtimestamp(expires, UTC) if type(expires) is int else None
        except (ValueError, OverflowError, OSError):
            expires_at = None
        tokens = {"access_token": answer["accessJwt"], "refresh_token": answer["refreshJwt"]}
        return Tokens({**tokens, "session": self._session_mark()}, expires_at)

    def _session(self, name, body=None, token=""):
        """Open or renew a session."""
        headers = {"Accept": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
        url = f"{self.base}/xrpc/com.atproto.server.{name}"
        answer = self.http.post(url, json=body, headers=headers, judge=self._judge_login).json()
        tokens = [answer.get(one) if isinstance(answer, dict) else None for one in ("accessJwt", "refreshJwt")]
        if not all(isinstance(one, str) and one.isascii() and one.isprintable() and one for one in tokens):
            raise self._malformed(name)
        self.http.mask(*tokens)
        return answer

    def _judge_login(self, response):
        name, _sentence = said(response)
        if name == "AuthFactorTokenRequired":
            return errors.AccessDenied(WANTS_CODE, name, response.status)
        if name in TAKEN_DOWN:
            return errors.AccessDenied(SHUT_OUT, name, response.status)
        if response.status in (400, 401):
            return errors.AccessExpired(WRONG_PASSWORD, name, response.status)
        return None

    def _token(self):
        """Return the token of the session, opening one where there is none."""
        if not self.secrets.get("access_token"):
            self.secrets.update(self.renew().secrets)
        elif not self._fits():
            raise errors.AccessExpired(NO_SESSION)
        return self.secrets["access_token"]

    @property
    def me(self):
        """DID of our own account."""
        if not self._me:
            token = self._token()
            known = self.account_id or claims(token).get("sub")
            if not isinstance(known, str) or not DID.fullmatch(known):
                known = self._get("com.atproto.server.getSession").get("did")
            if not isinstance(known, str) or not DID.fullmatch(known):
                raise self._malformed("getSession")
            self._me = known
        return self._me

    # --- requests ---

    def _malformed(self, detail):
        return errors.Malformed(UNREADABLE, detail, params={"host": urlsplit(self.base).hostname})

    def _call(self, method, name, params=None, body=None, chat=False, judge=None, data=None):
        """Call a method of the network and return the object that it answers.

        :param data: (bytes, mimetype) of a file, instead of ``body``
        :param bool chat: it is one of private messages
        :param judge: function from (name of the error, its sentence, response) to an error or ``None``
        """
        headers = {"Authorization": f"Bearer {self._token()}", "Accept": "application/json"}
        if chat:
            headers["Atproto-Proxy"] = CHAT

        def refused(response):
            error, sentence = said(response)
            found = judge(error, sentence, response) if judge else None
            return found or self._refusal(error, response, chat)

        url = f"{self.base}/xrpc/{name}"
        content, kind = data or (None, "")
        if kind:
            headers["Content-Type"] = kind
        answer = self.http.request(method, url, params=params, json=body, data=content, headers=headers, judge=refused)
        if method == "POST" and not answer.content.strip():
            return {}
        found = answer.json()
        if not isinstance(found, dict):
            raise self._malformed(f"{name}: {type(found).__name__} instead of an object")
        return found

    def _refusal(self, error, response, chat):
        """Return what a refusal means whatever was asked, ``None`` where its number says enough."""
        if response.status not in (400, 401, 403):
            return None
        if chat and error == "InvalidToken":
            return errors.AccessDenied(NO_MESSAGES, error, response.status)
        if error in ("ExpiredToken", "InvalidToken"):
            return errors.AccessExpired(NO_SESSION, error, response.status)
        if error in TAKEN_DOWN:
            return errors.AccessDenied(SHUT_OUT, error, response.status)
        return None

    def _get(self, name, params=None, chat=False, judge=None):
        return self._call("GET", name, params, chat=chat, judge=judge)

    def _post(self, name, body, chat=False, judge=None, data=None):
        return self._call("POST", name, body=body, chat=chat, judge=judge, data=data)

    def _entries(self, answer, name):
        """Return a list that an answer holds."""
        found = answer.get(name)
        if not isinstance(found, list):
            raise self._malformed(f"no {name}")
        return found

    # --- single things ---

    def _views(self, uris):
        """Return ``{uri: post}`` of those posts that the network shows us."""
        found = {}
        for start in range(0, len(uris), AT_ONCE):
            answer = self._get("app.bsky.feed.getPosts", {"uris": uris[start : start + AT_ONCE]})
            for view in self._entries(answer, "posts"):
                if isinstance(view, dict) and post_uri(view.get("uri")):
                    found[view["uri"]] = view
        return found

    def _record(self, repository, collection, key):
        """Return ``{"uri", "cid", "value"}`` of a record, or ``None`` when the network says that there is none."""

        def judge(error, _sentence, response):
            return errors.Gone(NOT_THERE) if error == "RecordNotFound" and response.status in (400, 404) else None

        params = {"repo": repository, "collection": collection, "rkey": key}
        try:
            answer = self._get("com.atproto.repo.getRecord", params, judge=judge)
        except errors.Gone:
            return None
        if not isinstance(answer.get("value"), dict):
            raise self._malformed("getRecord")
        return answer

    def _one(self, uri):
        """Return a post as the network has it now.

        Lists leave out what was deleted, but also what is blocked or not shown yet: only the missing record proves it.

        :raises errors.Gone: its record is not there
        """
        did, key = split_uri(uri)
        view = self._views([uri]).get(uri)
        if view:
            return view
        record = self._record(did, POSTS, key)
        if record is None:
            raise errors.Gone(NOT_THERE)
        profile = self._profile_of(did) or {"did": did}
        return {"uri": uri, "cid": record.get("cid"), "author": profile, "record": record["value"], "hidden": True}

    def _profile_of(self, actor):
        """Return the profile of an account, or ``None`` when there is none to see."""

        def judge(error, _sentence, response):
            nobody = response.status == 400 and error in ("InvalidRequest", *TAKEN_DOWN)
            return errors.Gone(NOT_THERE) if nobody else None

        try:
            found = self._get("app.bsky.actor.getProfile", {"actor": actor}, judge=judge)
        except errors.Gone:
            return None
        if not isinstance(found.get("did"), str):
            raise self._malformed("getProfile")
        return found

    def _own_profile(self):
        """Return our own profile, asked for once."""
        if self._profile is None:
            self._profile = self._profile_of(self.me) or {"did": self.me}
        return self._profile

    def _reader(self):
        return Reader(self.me)
