"""Access to pages: a person authorises, a page is chosen, and the page's own token is what is used.

A token of a person lasts 60 days once it was exchanged for a long-lived one; the token of a page that is derived from
it does not end (developers.facebook.com, "Access tokens", "Get long-lived tokens").  So the page's token is fetched
and kept as soon as the page is known, and a person has to come back only when permissions are withdrawn.
"""

import hashlib
import hmac

from . import errors
from .base import Setting, _
from .items import Tokens
from .meta import VERSION, Graph
from .oauth import Authorization
from .text import clean_line
from .values import identifier

#: Access of a person is exchanged for the page's own soon after it was granted: the first lasts 60 days.
RENEW_SECONDS = 59 * 86400
#: Pages that one person looks after and that are offered for choice.
PAGES = 500

#: Facebook Login; the scopes are those of the network.
LOGIN = Authorization(
    authorize_url=f"https://www.facebook.com/{VERSION}/dialog/oauth",
    token_url=f"https://graph.facebook.com/{VERSION}/oauth/access_token",
    scope_separator=",",
    pkce=False,
    refresh=False,
)
ACCESS = (
    Setting("client_id", _("App ID"), _("Of the app, under “Settings → Basic”."), required=True),
    Setting("client_secret", _("App secret"), _("Of the app, under “Settings → Basic”."), required=True, secret=True),
    Setting("access_token", _("Access token"), _("Granted by authorising."), secret=True, granted=True),
    Setting("page_token", _("Page token"), _("The page's own access."), secret=True, granted=True),
)

NO_CHOICE = _("Authorise first, then choose the page.")
NOT_YOURS = _("The person who authorised has no access to the page that was chosen. Choose again, or authorise again.")
NO_TOKEN = _("Authorise first.")


class PageAccess(Graph):
    """Tokens of a person and of a page.

    :cvar str choice: name of the setting that holds what was chosen
    :cvar str account_fields: what is asked for with each page
    """

    choice = "page_id"
    account_fields = "id,name,access_token"
    renew_seconds = RENEW_SECONDS

    def __init__(self, http, settings, secrets=None):
        super().__init__(http, settings, secrets)
        self._page_token = ""

    def chosen(self):
        """Return the id of what was chosen.

        :raises errors.Misconfigured: nothing was
        """
        found = identifier(self.values.get(self.choice))
        if not found:
            raise errors.Misconfigured(NO_CHOICE)
        return found

    def choice_of(self, account):
        """Return ``(id, label)`` that a page stands for in the choice, ``None`` when it cannot be chosen."""
        return identifier(account.get("id")), clean_line(str(account.get("name") or ""))

    def _person(self):
        """Return the token of the person who authorised.

        :raises errors.AccessExpired: there is none
        """
        token = (self.secrets.get("access_token") or "").strip()
        if not token:
            raise errors.AccessExpired(NO_TOKEN)
        return token

    def _accounts(self):
        """Yield the pages that the person has access to."""
        after, seen = "", 0
        while seen < PAGES:
            params = {"fields": self.account_fields, "limit": 100, **({"after": after} if after else {})}
            entries, after = self.page_of(self.get("me/accounts", params, token=self._person()))
            yield from entries
            seen += len(entries)
            if not after or not entries:
                return

    def choices(self):
        """See :meth:`Connector.choices`."""
        found = [self.choice_of(account) for account in self._accounts()]
        return {self.choice: [(value, label or value) for value, label in filter(None, found) if value]}

    def token(self):
        """Return the token of the chosen page, asking for it when it is not kept yet."""
        if not self._page_token:
            owner, _space, kept = (self.secrets.get("page_token") or "").partition(" ")
            if kept and owner == self.chosen():
                self._page_token = kept
                self.http.mask(kept)
            else:
                self._page_token = self._fetch_page_token()
        return self._page_token

    def _fetch_page_token(self):
        chosen = self.chosen()
        for account in self._accounts():
            choice = self.choice_of(account)
            if choice and choice[0] == chosen:
                token = account.get("access_token")
                if isinstance(token, str) and token.isascii() and token.isprintable() and " " not in token and token:
                    self.http.mask(token)
                    return token
        raise errors.AccessDenied(NOT_YOURS)

    # --- granting and renewing ---

    def granted(self, tokens):
        """See :meth:`Connector.granted`: exchanges the first token, which lasts an hour, for one of 60 days."""
        return self.lasting(
            f"{self.graph}/oauth/access_token",
            {
                "grant_type": "fb_exchange_token",
                "client_id": self.values.get("client_id") or "",
                "client_secret": self.secrets.get("client_secret") or "",
                "fb_exchange_token": tokens.secrets["access_token"],
            },
            tokens.scopes,
            page_token="",
        )

    def renewable(self):
        """See :meth:`Connector.renewable`: as long as the own token of the page that was chosen is not kept."""
        owner = (self.secrets.get("page_token") or "").partition(" ")[0]
        return bool(self.secrets.get("access_token")) and (not owner or owner != self.values.get(self.choice))

    def renew(self):
        """See :meth:`Connector.renew`: fetches the page's own token, which does not end."""
        return Tokens({"page_token": f"{self.chosen()} {self._fetch_page_token()}"})

    def proof(self, token):
        """Return the proof that a request comes from the app the token was given to, ``{}`` without the app's secret.

        Apps may demand it ("Require app secret").
        """
        secret = (self.secrets.get("client_secret") or "").strip()
        if not secret:
            return {}
        made = hmac.new(secret.encode("utf-8"), token.encode("utf-8"), hashlib.sha256).hexdigest()
        return {"appsecret_proof": made}

    def get(self, path, params=None, token=None, judge=None):
        """See :meth:`Graph.get`."""
        token = token or self.token()
        return super().get(path, {**(params or {}), **self.proof(token)}, token, judge)

    def send(self, method, path, data=None, token=None):
        """See :meth:`Graph.send`."""
        token = token or self.token()
        return super().send(method, path, {**(data or {}), **self.proof(token)}, token)
