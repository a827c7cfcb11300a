"""Access to an account on a server with the Mastodon API, and what is done there besides listening and answering."""

import re
from dataclasses import replace
from urllib.parse import quote, urlsplit

from . import errors
from .base import Sentence, _
from .items import Counts, Figures
from .mastodon_items import status_id_of
from .mastodon_sending import NO_ACCESS
from .text import clean_line
from .values import count, identifier, web_url

#: Statuses that can be asked for at once; more are refused (DEFAULT_STATUSES_LIMIT of Mastodon).
AT_ONCE = 20
#: "4.3.1+glitch" is Mastodon, which drops what is sent again with the same key.  Others say
#: "4.0.0 (not true; really …)" or count from 0, and not all of them know keys.
_MASTODON = re.compile(r"[2-9]\.\d[^(]*")
#: Name under which the desk registers itself; people see it when they authorise.
APPLICATION = "Community manager"

NO_API = _("%(host)s is not a server with the Mastodon API. Enter the address of the server, as in mastodon.social.")
CAN_SAY = _("Answer, write and publish")
MISSING_SCOPE = _("“%(what)s” is not possible: the access lacks the permission %(scope)s")
NOT_OURS = _("Only what we wrote ourselves can be deleted there.")
NOT_POSSIBLE = _("%(host)s cannot do this, or the account is not there any more.")
NO_APPLICATION = _("%(host)s does not let us register an application. Enter an access token instead.")


class Account:
    """What :class:`~.mastodon.Mastodon` does with its account."""

    # --- access ---

    def endpoints(self):
        """See :meth:`Connector.endpoints`: they are on the server of the account."""
        return replace(
            self.authorization,
            authorize_url=self.base + "/oauth/authorize",
            token_url=self.base + "/oauth/token",
        )

    def register_app(self, redirect_uri):
        """See :meth:`Connector.register_app`."""
        wanted = {
            "client_name": APPLICATION,
            "redirect_uris": redirect_uri,
            "scopes": self.authorization.scope_separator.join(self.authorization.scopes),
        }
        absent = dict.fromkeys((404, 405, 410))
        response = self._ask("POST", "/api/v1/apps", json=wanted, public=True, actions=absent)
        answer = response.json() if response.status not in absent else None
        found = {}
        for name in ("client_id", "client_secret"):
            value = answer.get(name) if isinstance(answer, dict) else None
            found[name] = value if isinstance(value, str) and value.isprintable() and len(value) <= 1000 else ""
        if not all(found.values()):
            raise errors.Misconfigured(NO_APPLICATION, params={"host": urlsplit(self.base).hostname})
        self.http.mask(*found.values())
        return found

    def _instance(self):
        """Return ``{"domain", "software", "limit", "keys"}`` of the server: how long a text may be (0 where it does
        not say), and whether it drops what is sent again with the same key.

        :raises errors.Misconfigured: it has no such API
        """
        host = urlsplit(self.base).hostname
        absent = {404: None, 405: None, 410: None}
        for path in ("/api/v2/instance", "/api/v1/instance"):
            response = self._get(path, actions=absent)
            if response.status in absent:
                continue
            try:
                answer = response.json()
            except errors.Malformed:
                continue
            if isinstance(answer, dict) and ("version" in answer or "uri" in answer):
                domain = str(answer.get("domain") or answer.get("uri") or "")
                domain = clean_line(domain.rpartition("://")[2].partition("/")[0], 255).lower()
                software = clean_line(str(answer.get("version") or ""), 100)
                return {
                    "domain": domain or self.realm,
                    "software": software,
                    "limit": self._limit(answer),
                    "keys": bool(_MASTODON.fullmatch(software)),
                }
        raise errors.Misconfigured(NO_API, params={"host": host})

    @staticmethod
    def _limit(instance):
        place = instance.get("configuration")
        place = place.get("statuses") if isinstance(place, dict) else None
        found = place.get("max_characters") if isinstance(place, dict) else instance.get("max_toot_chars")
        return count(found)

    def _account(self):
        """Return our own account."""
        # 422: the access belongs to nobody (Mastodon), or is not known (snac).
        account = self._get("/api/v1/accounts/verify_credentials", actions={422: errors.AccessExpired}).json()
        if not isinstance(account, dict) or not account.get("acct"):
            raise self._malformed("verify_credentials")
        return account

    def _check_saying(self, found):
        """Note whether we may say something, where the server tells what access covers (Mastodon since 4.3)."""
        answer = self._get("/api/v1/apps/verify_credentials", actions=dict.fromkeys((401, 403, 404, 405, 410, 422)))
        application = answer.json() if answer.status == 200 else None
        scopes = application.get("scopes") if isinstance(application, dict) else None
        if isinstance(scopes, list):
            if "write" in scopes or "write:statuses" in scopes:
                found.can.append(CAN_SAY)
            else:
                found.missing.append(Sentence(MISSING_SCOPE, what=CAN_SAY, scope="write:statuses"))

    # --- moderation ---

    def moderate(self, action, target, reason=""):
        """See :meth:`Connector.moderate`: "mute" and "ban" (which servers call block) concern the author."""
        if not self._token:
            raise errors.Misconfigured(NO_ACCESS)
        if action == "delete":
            _site, me = self._know()
            if target.author_id != me.get("name"):
                raise errors.Refused(NOT_OURS)
            # What is not there any more is deleted.
            gone = {404: None, 410: None}
            self._ask("DELETE", f"/api/v1/statuses/{quote(target.external_id, safe='')}", actions=gone)
            return
        account_id = quote(self._account_id(target), safe="")
        unable = {404: errors.Refused, 405: errors.Refused, 422: errors.Refused}
        try:
            if action == "report":
                report = {"account_id": account_id, "status_ids": [target.external_id], "comment": reason[:1000]}
                self._ask("POST", "/api/v1/reports", json=report, actions=unable)
            elif action == "mute":
                self._ask("POST", f"/api/v1/accounts/{account_id}/mute", actions=unable)
            elif action == "ban":
                self._ask("POST", f"/api/v1/accounts/{account_id}/block", actions=unable)
            else:
                raise ValueError(action)
        except errors.Refused as problem:
            host = urlsplit(self.base).hostname
            raise errors.Refused(NOT_POSSIBLE, problem.detail, problem.status, {"host": host}) from None

    def _account_id(self, target):
        """Return the server's id of whoever wrote something.

        :raises errors.Gone: it is not there any more
        """
        account = self._one(target.external_id).get("account")
        found = identifier(account.get("id")) if isinstance(account, dict) else ""
        if not found:
            raise self._malformed("status without an account")
        return found

    # --- figures ---

    def metrics(self, things):
        """See :meth:`Connector.metrics`."""
        figures = Figures()
        if self._token:
            account = self._account()
            figures.followers = _number(account.get("followers_count"))
            figures.posts = _number(account.get("statuses_count"))
        wanted = {status_id_of(external_id): external_id for external_id, _identifiers in things}
        ids = list(wanted)
        for start in range(0, len(ids), AT_ONCE):
            for status in self._statuses_of(ids[start : start + AT_ONCE]):
                external_id = wanted.get(status_id_of(status.get("id")))
                if external_id:
                    figures.items[external_id] = Counts(
                        likes=_number(status.get("favourites_count")),
                        shares=_number(status.get("reblogs_count")),
                        replies=_number(status.get("replies_count")),
                    )
        return figures

    def _statuses_of(self, ids):
        """Return those of some statuses that are there; servers before 4.3 are asked for one after the other."""
        absent = dict.fromkeys((400, 404, 405, 410, 422))
        if len(ids) > 1:
            response = self._get("/api/v1/statuses", {"id[]": ids}, actions=absent)
            if response.status not in absent:
                found = response.json()
                if not isinstance(found, list):
                    raise self._malformed("list of statuses")
                return [status for status in found if isinstance(status, dict)]
        found = []
        for status_id in ids:
            response = self._get("/api/v1/statuses/" + quote(status_id, safe=""), actions={404: None, 410: None})
            status = response.json() if response.status == 200 else None
            if isinstance(status, dict):
                found.append(status)
        return found

    # --- people ---

    def profile(self, handle):
        """See :meth:`Connector.profile`: the server's own list first, then whoever it can reach."""
        handle = (handle or "").strip()
        address = web_url(handle)
        handle = handle if address else handle.strip("@")
        if not handle:
            return None
        site, me = self._know()
        reader = self._reader(site, me.get("name", ""))
        if not address:
            response = self._get("/api/v1/accounts/lookup", {"acct": handle}, actions={404: None, 410: None})
            account = response.json() if response.status == 200 else None
            if isinstance(account, dict) and reader.account_name(account):
                return reader.author(account)
            if "@" not in handle:
                handle = f"{handle}@{site.get('domain')}"
        if not self._token:
            return None
        params = {"q": handle if address else "@" + handle, "type": "accounts", "resolve": "true", "limit": 5}
        answer = self._get("/api/v2/search", params).json()
        accounts = answer.get("accounts") if isinstance(answer, dict) else None
        if not isinstance(accounts, list):
            raise self._malformed("search")
        for account in accounts:
            name = reader.account_name(account)
            if name and (name == handle.lower() or (address and handle in (account.get("url"), account.get("uri")))):
                return reader.author(account)
        return None


def _number(value):
    """Return a count, ``None`` where the server keeps it to itself."""
    return count(value) if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None
