"""What the services of Google have in common: authorising, service accounts, and the reasons in their refusals.

Sources: "Using OAuth 2.0 for Web Server Applications" and "… for Server to Server Applications"
(developers.google.com/identity/protocols/oauth2), "YouTube Data API - Errors"
(developers.google.com/youtube/v3/docs/errors) and the error model of google.rpc.
"""

import json
import re
import time
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import jwt

from . import errors
from .answer import UNREADABLE
from .base import Connector, Setting, _
from .limits import parse_moment
from .oauth import Authorization

AUTHORIZE_URL = "https://accounts.google.com/o/oauth2/v2/auth"
TOKEN_URL = "https://oauth2.googleapis.com/token"
#: RFC 7523, the grant of service accounts.
JWT_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
#: Longest life of a signed request for access; access itself lasts as long.
JWT_SECONDS = 3600
#: Daily quotas start anew at midnight in California, which is 07:00 or 08:00 UTC: at the later hour it surely has.
RESET_HOUR = 8

#: Reasons in the body of a refusal, by what they stand for.
DAILY = frozenset({"quotaExceeded", "dailyLimitExceeded"})
SOON = frozenset({"rateLimitExceeded", "userRateLimitExceeded", "RATE_LIMIT_EXCEEDED", "RESOURCE_EXHAUSTED"})
SWITCHED_OFF = frozenset({"accessNotConfigured", "SERVICE_DISABLED", "API_DISABLED"})
TOO_NARROW = frozenset({"insufficientPermissions", "ACCESS_TOKEN_SCOPE_INSUFFICIENT"})
NOT_A_CHANNEL = frozenset({"youtubeSignupRequired"})
ENDED = frozenset({"invalid_grant"})

QUOTA_SPENT = _("The daily quota of the Google project is used up. It starts anew at midnight in California.")
ASKED_TO_WAIT = _("Google asks us to wait before we ask again.")
API_OFF = _("The API is not switched on in the Google Cloud project. Enable it there, then try again.")
NARROW = _("Google did not give us this permission. Authorise again and leave every box ticked.")
NO_CHANNEL = _("This Google account has no YouTube channel. Authorise again with the account that has one.")
NOT_TAKEN = _("Google does not take this text. Make it plainer or shorter and send it again.")
NO_ACCESS = _("Nobody authorised us at Google yet.")
ACCOUNT_ENDED = _("Google no longer accepts the key of the service account. Make a new one and enter it.")
NO_ACCOUNT = _("The key of the service account cannot be read. Paste the whole JSON file that Google gave you.")

CLIENT_ID = Setting(
    "client_id",
    _("Client ID"),
    _("Of the OAuth client in the Google Cloud console; it ends in .apps.googleusercontent.com."),
    required=True,
)
CLIENT_SECRET = Setting(
    "client_secret", _("Client secret"), _("Shown beside the client ID."), required=True, secret=True
)
ACCESS_TOKEN = Setting("access_token", _("Access token"), secret=True, granted=True)
REFRESH_TOKEN = Setting("refresh_token", _("Refresh token"), secret=True, granted=True)
GRANTED = (CLIENT_ID, CLIENT_SECRET, ACCESS_TOKEN, REFRESH_TOKEN)

_REASON = re.compile(r"[A-Za-z][A-Za-z_]{2,60}")


def authorization(*scopes):
    """Return how people authorise for these permissions.

    Access without a person being there ("offline") must be asked for, and is granted anew only when consent is.
    """
    extra = (("access_type", "offline"), ("prompt", "consent"))
    return Authorization(AUTHORIZE_URL, TOKEN_URL, scopes, extra=extra)


def next_reset(now=None):
    """Return when daily quotas have surely started anew.

    >>> next_reset(datetime(2026, 7, 1, 7, 30, tzinfo=UTC)).isoformat()
    '2026-07-01T08:00:00+00:00'
    """
    now = now or datetime.now(UTC)
    today = now.replace(hour=RESET_HOUR, minute=0, second=0, microsecond=0)
    return today if now < today else today + timedelta(days=1)


def reasons_in(document):
    """Return the words by which an error answer of any generation of Google's interfaces says what is wrong.

    >>> reasons_in({"error": {"errors": [{"reason": "quotaExceeded"}], "status": "PERMISSION_DENIED"}})
    ['quotaExceeded', 'PERMISSION_DENIED']
    """
    problem = document.get("error") if isinstance(document, dict) else None
    if isinstance(problem, str):
        return [problem] if _REASON.fullmatch(problem) else []
    if not isinstance(problem, dict):
        return []
    found = []
    for name in ("errors", "details"):
        entries = problem.get(name)
        for entry in entries[:10] if isinstance(entries, list) else ():
            found.append(entry.get("reason") if isinstance(entry, dict) else None)
    found.append(problem.get("status"))
    return [reason for reason in found if isinstance(reason, str) and _REASON.fullmatch(reason)]


class Google(Connector):
    """A connector that talks to Google.

    :cvar reasons: ``{reason: (error class, sentence)}`` of the service, looked at before the common ones
    """

    reasons = {}

    def token(self):
        """Return the access token.

        :raises errors.AccessExpired: there is none
        """
        token = (self.secrets.get("access_token") or "").strip()
        if not token:
            raise errors.AccessExpired(NO_ACCESS)
        return token

    def ask(self, method, url, sending=False, **options):
        """Ask a service and return the object it answers; ``{}`` for an answer without content.

        :param bool sending: whether a request that the service does not understand means that it does not take what
            we say, and not that a setting is wrong
        :raises errors.ConnectorError: as the status and the reasons in the body say
        """
        headers = {"Accept": "application/json", "Authorization": f"Bearer {self.token()}"}
        judge = self._judge_sending if sending else self._judge
        response = self.http.request(method, url, headers=headers, judge=judge, **options)
        if response.status == 204 or (method == "DELETE" and not response.content):
            return {}
        document = response.json()
        if not isinstance(document, dict):
            raise self.malformed(url, type(document).__name__)
        return document

    @staticmethod
    def malformed(url, detail):
        """Return the error for an answer that is not what is documented."""
        host = urlsplit(url).hostname
        return errors.Malformed(UNREADABLE, f"{urlsplit(url).path}: {detail}"[:300], params={"host": host})

    def _judge_sending(self, response):
        """Return the error that the refusal of something sent stands for; see :meth:`_judge`."""
        judged = self._judge(response)
        if judged is None and response.status in (400, 409, 412):
            return errors.Refused(NOT_TAKEN, f"HTTP {response.status} {urlsplit(response.url).path}")
        return judged

    def _judge(self, response):
        """Return the error that the body of a refusal stands for, ``None`` when its status says it all."""
        try:
            document = response.json()
        except errors.Malformed:
            return None
        now = datetime.now(UTC)
        detail = f"HTTP {response.status} {urlsplit(response.url).path} "
        for reason in reasons_in(document):
            known = self.reasons.get(reason)
            if known:
                return known[0](known[1], detail + reason, response.status)
            if reason in DAILY:
                return errors.RateLimited(QUOTA_SPENT, next_reset(now), detail + reason)
            if reason in SOON:
                retry_at = parse_moment(response.headers.get("retry-after"), now)
                return errors.RateLimited(ASKED_TO_WAIT, retry_at, detail + reason)
            for words, kind, sentence in (
                (SWITCHED_OFF, errors.AccessDenied, API_OFF),
                (TOO_NARROW, errors.AccessDenied, NARROW),
                (NOT_A_CHANNEL, errors.AccessDenied, NO_CHANNEL),
                (ENDED, errors.AccessExpired, ACCOUNT_ENDED),
            ):
                if reason in words:
                    return kind(sentence, detail + reason, response.status)
        return None


class ServiceAccount(Google):
    """A connector whose access is the key of a service account: each run signs a request for access of its own.

    The secret ``service_account`` is the JSON file as Google gives it; the file's own address for tokens is not used,
    so that no file can send the signature elsewhere.

    :cvar scope_url: the permission asked for
    """

    scope_url = ""

    def __init__(self, http, settings, secrets=None):
        super().__init__(http, settings, secrets)
        self._token = ""
        if http is not None:
            account = self._account()
            key = account.get("private_key")
            http.mask(account.get("private_key_id"), key, *(key.split("\n") if isinstance(key, str) else ()))

    def _account(self):
        try:
            account = json.loads(self.secrets.get("service_account") or "")
        except (ValueError, RecursionError):
            return {}
        return account if isinstance(account, dict) else {}

    def token(self):
        """See :meth:`Google.token`; asked for once a run.

        :raises errors.Misconfigured: the key is not what Google gives
        """
        if not self._token:
            form = {"grant_type": JWT_GRANT, "assertion": self._assertion()}
            response = self.http.post(TOKEN_URL, data=form, judge=self._judge)
            granted = response.json()
            token = granted.get("access_token") if isinstance(granted, dict) else None
            if not isinstance(token, str) or not token.isprintable() or not token.isascii() or not token.strip():
                raise self.malformed(TOKEN_URL, "no access token")
            self.http.mask(token)
            self._token = token
        return self._token

    def _assertion(self):
        account, now = self._account(), int(time.time())
        claims = {
            "iss": account.get("client_email"),
            "scope": self.scope_url,
            "aud": TOKEN_URL,
            "iat": now,
            "exp": now + JWT_SECONDS,
        }
        key_id = account.get("private_key_id")
        signed = ""
        try:
            headers = {"kid": key_id} if isinstance(key_id, str) else None
            signed = jwt.encode(claims, account.get("private_key"), "RS256", headers=headers)
        except (jwt.PyJWTError, ValueError, TypeError):
            pass  # what the library says may quote the key, so it is not passed on
        if not signed or not isinstance(claims["iss"], str):
            raise errors.Misconfigured(NO_ACCOUNT)
        self.http.mask(signed)
        return signed
