"""Trustpilot: service reviews of a business, and its replies.

Sources: developers.trustpilot.com: Authentication, Client credentials, Business Units API (public), Service Reviews
API, Rate limiting best practices, API module best practices.  Trustpilot can also post new reviews to an address
(webhooks), but signs nothing and gives no secret to check: anybody could post there, so that is not used.
"""

import re
from datetime import UTC, datetime, timedelta
from urllib.parse import quote, urlsplit

from . import errors
from .base import Setting, _
from .items import AuthorItem, Check, Figures, MentionItem, Tokens
from .registry import register
from .reviews import ANSWERS, PAGE, READS, Found, Reviews, answer_item, average, name_of, stars
from .text import clean_line, clean_text
from .values import count, identifier, in_address, moment

API = "https://api.trustpilot.com/v1"
TOKEN_URL = f"{API}/oauth/oauth-business-users-for-applications/accesstoken"
SITE = "https://www.trustpilot.com"
_LANGUAGE = re.compile("[a-z]{2}")

#: The smallest allowance is 200,000 calls a year, some 547 a day: a reading every ten minutes is 144.
POLL_SECONDS = (600, 7200)
#: Access by client credentials lasts 100 hours; what is shorter than a minute is no life.
LIFE = timedelta(hours=100)
#: The public interface answers from a cache: a reply may show up late.
SETTLE_SECONDS = 600

NO_UNIT = _("Enter the domain of the business as Trustpilot knows it, as in example.com.")
UNKNOWN_UNIT = _("Trustpilot knows no business with the domain %(name)s.")
NO_SECRET = _("To reply, enter the API secret and the ID of the user who replies.")
NO_TOKEN = _("Trustpilot no longer accepts the API key and secret. Enter them again.")
NOT_TAKEN = _("Trustpilot does not take this reply.")

_UNIT = re.compile(r"[0-9a-f]{24}")


@register
class Trustpilot(Reviews):
    """Reviews of one business unit, read with the API key; replying needs the secret and a business user."""

    code = "trustpilot"
    label = "Trustpilot"
    description = _("Service reviews of a business on Trustpilot: read them and reply.")
    capabilities = Reviews.capabilities | {"metrics"}
    settings = (
        Setting(
            "business_unit",
            _("Domain of the business"),
            _("As it stands on the profile page at Trustpilot, or the business unit ID."),
            required=True,
            placeholder="example.com",
        ),
        Setting("api_key", _("API key"), _("Also called client ID, of the application."), required=True),
        Setting("api_secret", _("API secret"), _("Needed to reply; for reading the key is enough."), secret=True),
        Setting(
            "business_user",
            _("ID of the user who replies"),
            _("Needed to reply: the user ID on the profile page of a user in Trustpilot Business."),
        ),
    )
    guide = _(
        "The interface is part of Trustpilot's plans with the API module; ask for it if it is missing.\n"
        "In Trustpilot Business, open “Integrations → Developers → APIs” and create an application.\n"
        "Copy the API key, and the API secret if replies are to be sent.\n"
        "To reply, open the profile page of the user in whose name you reply and copy the user ID."
    )
    poll_seconds = POLL_SECONDS
    settle_seconds = SETTLE_SECONDS
    address = API

    # --- requests ---

    def _get(self, path, params=None, actions=None):
        """Return what the public interface answers."""
        headers = {"Accept": "application/json", "apikey": str(self.values.get("api_key") or "").strip()}
        document = self.http.get(API + path, params=params, headers=headers, actions=actions).json()
        if not isinstance(document, dict):
            raise self.unreadable(path)
        return document

    def _unit(self):
        """Return the id of the business unit.

        :raises errors.Misconfigured: there is none
        """
        name = str(self.values.get("business_unit") or "").strip().lower()
        name = (urlsplit(name).hostname or "") if "//" in name else name.strip("/")
        if _UNIT.fullmatch(name):
            return name
        if not name or len(name) > 253:
            raise errors.Misconfigured(NO_UNIT)
        known = self.kept.get("unit")
        if not isinstance(known, list) or known[:1] != [name]:
            problem = errors.Misconfigured(UNKNOWN_UNIT, params={"name": clean_line(name, 100)})
            found = self.http.get(
                f"{API}/business-units/find",
                params={"name": name},
                headers={"apikey": str(self.values.get("api_key") or "").strip()},
                judge=lambda response: problem if response.status == 404 else None,
            ).json()
            unit = found.get("id") if isinstance(found, dict) else None
            if not isinstance(unit, str) or not _UNIT.fullmatch(unit):
                raise self.unreadable("/business-units/find")
            self.kept["unit"] = known = [name, unit]
        return str(known[1])

    def renewable(self):
        """See :meth:`Connector.renewable`: with key and secret."""
        return bool(self.secrets.get("api_secret"))

    def renew(self):
        """See :meth:`Connector.renew`: by client credentials, which have no refresh token."""
        auth = (str(self.values.get("api_key") or "").strip(), self.secrets.get("api_secret") or "")
        refused = dict.fromkeys((400, 401, 403), errors.AccessExpired)
        form = {"grant_type": "client_credentials"}
        granted = self.http.post(TOKEN_URL, data=form, auth=auth, actions=refused).json()
        token = granted.get("access_token") if isinstance(granted, dict) else None
        if not isinstance(token, str) or not token.strip() or not (token.isascii() and token.isprintable()):
            raise self.unreadable("accesstoken: no token")
        told = str(granted.get("expires_in"))[:12]
        seconds = int(told) if told.isascii() and told.isdigit() else 0
        life = min(timedelta(seconds=seconds), LIFE) if seconds >= 60 else LIFE
        self.http.mask(token)
        return Tokens({"access_token": token}, datetime.now(UTC) + life)

    def _token(self):
        """Return access to the private interface, made for this run where the desk keeps none."""
        if not self.secrets.get("access_token"):
            self.secrets["access_token"] = self.renew().secrets["access_token"]
        return self.secrets["access_token"]

    # --- reviews ---

    def page(self, token):
        """See :meth:`Reviews.page`."""
        number = int(token or 1)
        params = {"page": number, "perPage": PAGE, "orderBy": "createdat.desc"}
        document = self._get(f"/business-units/{self._unit()}/reviews", params)
        entries = document.get("reviews")
        if not isinstance(entries, list):
            raise self.unreadable("reviews: no list")
        return entries, str(number + 1) if len(entries) >= PAGE else ""

    def found(self, entry):
        """See :meth:`Reviews.found`."""
        review_id, text, title = identifier(entry["id"]), entry.get("text"), entry.get("title")
        if not review_id or not isinstance(text or "", str):
            raise ValueError("no id, or text is not text")
        language = entry.get("language")
        created, updated = moment(entry.get("createdAt"), self.began), moment(entry.get("updatedAt"), self.began)
        review = MentionItem(
            external_id=review_id,
            kind="review",
            title=clean_line(title) if isinstance(title, str) else "",
            text=clean_text(text),
            url=f"{SITE}/reviews/{in_address(review_id)}",
            author=self._author(entry.get("consumer"), review_id),
            published_at=created,
            edited_at=updated if created and updated and updated > created else None,
            language=language if isinstance(language, str) and _LANGUAGE.fullmatch(language) else "",
            conversation_id=review_id,
            origin="own",
            likes=count(entry.get("numberOfLikes")),
            rating=stars(entry.get("stars")),
            identifiers={"review": review_id},
        )
        reply = entry.get("companyReply")
        said = reply.get("text") if isinstance(reply, dict) else None
        answer = None
        if isinstance(said, str) and said.strip():
            answer = self._answer(review, said, moment(reply.get("createdAt")))
        found = Found(review, answer)
        found.place = round(created.timestamp(), 3) if created else 0.0  # the list is sorted by that
        return found

    @staticmethod
    def _author(consumer, review_id):
        consumer = consumer if isinstance(consumer, dict) else {}
        consumer_id = identifier(consumer.get("id"))
        return AuthorItem(
            external_id=consumer_id or "review:" + review_id[:480],
            name=name_of(consumer.get("displayName"), "Trustpilot"),
            url=f"{SITE}/users/{in_address(consumer_id)}" if consumer_id else "",
        )

    @staticmethod
    def _answer(review, text, at):
        """Return the item of a reply."""
        return answer_item(review, review.external_id + "/reply", text, at)

    def one(self, review_id):
        """See :meth:`Reviews.one`."""
        path = f"/reviews/{quote(review_id, safe='')}"
        try:
            return self._get(path, actions={404: errors.Gone, 410: errors.Gone})
        except errors.Gone:
            # A service that is gone says the same of everything: that is no deletion.
            self._get(f"/business-units/{self._unit()}")
            raise

    def say(self, review, text):
        """See :meth:`Reviews.say`.  The documentation describes no answer, so none is read."""
        user = str(self.values.get("business_user") or "").strip()
        if not user or not (self.secrets.get("api_secret") or self.secrets.get("access_token")):
            raise errors.Misconfigured(NO_SECRET)
        try:
            token = self._token()
        except errors.ConnectorError as problem:
            problem.unsure = False  # nothing was sent yet
            raise
        self.http.post(
            f"{API}/private/reviews/{quote(review.external_id, safe='')}/reply",
            json={"authorBusinessUserId": user, "message": text},
            headers={"Accept": "application/json", "Authorization": f"Bearer {token}"},
            actions={404: errors.Gone, 410: errors.Gone},
            judge=self._judge,
        )
        return self._answer(review, text, datetime.now(UTC))

    @staticmethod
    def _judge(response):
        """Return the error that the refusal of a reply stands for."""
        if response.status in (400, 409, 422):
            return errors.Refused(NOT_TAKEN, f"HTTP {response.status} {urlsplit(response.url).path}")
        return errors.AccessExpired(NO_TOKEN) if response.status == 401 else None

    # --- the account ---

    def check(self):
        """See :meth:`Connector.check`."""
        unit = self._unit()
        name = self._get(f"/business-units/{unit}").get("displayName")
        found = Check(account=(clean_line(name, 100) if isinstance(name, str) else "") or unit, account_id=unit)
        found.can, found.sample = [READS], self.sample()
        if self.renewable() and self.values.get("business_user"):
            self._token()
            found.can.append(ANSWERS)
        else:
            found.missing.append(NO_SECRET)
        return found

    def metrics(self, things):
        """See :meth:`Connector.metrics`: the TrustScore."""
        score = self._get(f"/business-units/{self._unit()}").get("score")
        return Figures(rating=average(score.get("trustScore")) if isinstance(score, dict) else None)
