"""App Store: reviews of an app on Apple's stores, and the developer's responses.

Sources: "App Store Connect API" (developer.apple.com/documentation/appstoreconnectapi): Customer Reviews, Customer
Review Responses, Generating Tokens for API Requests, Identifying Rate Limits.
"""

import re
import time
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, quote, urlsplit

import jwt

from . import errors
from .base import Setting, _
from .items import AuthorItem, Check, MentionItem
from .limits import parse_moment
from .registry import register
from .reviews import ANSWERS, PAGE, READS, Found, Reviews, answer_item, name_of, stars
from .text import clean_line, clean_text
from .values import identifier, moment

API = "https://api.appstoreconnect.apple.com/v1"
AUDIENCE = "appstoreconnect-v1"
#: Tokens that last longer than 20 minutes are refused; clocks differ.
TOKEN_SECONDS = 15 * 60
#: Characters of a response; the documentation names no number, the service refuses longer ones.
RESPONSE_LENGTH = 5970
#: The limit is per key and rolling hour: what was asked first counts no more after at most this long.
PAUSE = timedelta(minutes=15)

#: Territories of the store where nearly all write one language; elsewhere the text itself has to tell.
LANGUAGES = {
    territory: language
    for language, territories in {
        "es": "ESP MEX ARG COL CHL PER ECU URY PRY BOL VEN GTM CRI PAN DOM SLV HND NIC",
        "de": "DEU AUT",
        "fr": "FRA",
        "it": "ITA",
        "pt": "PRT BRA",
        "nl": "NLD",
        "pl": "POL",
        "ja": "JPN",
        "ko": "KOR",
        "zh": "CHN TWN",
        "ru": "RUS",
        "tr": "TUR",
        "sv": "SWE",
        "da": "DNK",
        "fi": "FIN",
        "cs": "CZE",
        "el": "GRC",
        "hu": "HUN",
        "ro": "ROU",
        "en": "GBR AUS NZL IRL",
    }.items()
    for territory in territories.split()
}

BAD_APP = _("Enter the Apple ID of the app: the number in the address of its page in App Store Connect.")
BAD_KEY = _("The private key cannot be read. Paste the whole content of the .p8 file that Apple gave you.")
NOT_TAKEN = _("The App Store does not take this response (%(code)s).")
WAIT = _("The App Store asks us to wait before we ask again.")

_PEM = re.compile(r"-----BEGIN ([A-Z ]{3,40})-----(.*?)-----END \1-----", re.DOTALL)
_CODE = re.compile(r"[A-Z][A-Z0-9_.]{2,80}")


def private_key(text):
    """Return a key as its lines were before they were pasted into one, or an empty string.

    >>> private_key("-----BEGIN PRIVATE KEY----- QUJD REVG -----END PRIVATE KEY-----").split("\\n")
    ['-----BEGIN PRIVATE KEY-----', 'QUJDREVG', '-----END PRIVATE KEY-----', '']
    """
    found = _PEM.search(text or "")
    if not found:
        return ""
    label, body = found.group(1), "".join(found.group(2).split())
    lines = [body[start : start + 64] for start in range(0, len(body), 64)]
    return "\n".join((f"-----BEGIN {label}-----", *lines, f"-----END {label}-----", ""))


@register
class AppStore(Reviews):
    """Reviews of one app in all countries; each has at most one response, which another one replaces."""

    code = "app_store"
    label = "App Store"
    description = _("Reviews of an app for iPhone, iPad or Mac: read them and respond.")
    settings = (
        Setting(
            "app",
            _("Apple ID of the app"),
            _("The number in the address of the app's page in App Store Connect; also under “App Information”."),
            required=True,
            placeholder="1234567890",
        ),
        Setting("issuer", _("Issuer ID"), _("Shown above the keys in App Store Connect."), required=True),
        Setting("key", _("Key ID"), _("Shown beside the key in App Store Connect."), required=True),
        Setting(
            "private_key",
            _("Private key"),
            _("The whole content of the .p8 file; Apple lets it be downloaded once only."),
            required=True,
            secret=True,
        ),
    )
    guide = _(
        "In App Store Connect, open “Users and Access → Integrations → App Store Connect API”.\n"
        "Create a team key with the role “Customer Support”, which can read reviews and respond; an administrator may "
        "have to do it.\n"
        "Copy the issuer ID and the key ID, and download the key.\n"
        "Open the downloaded .p8 file and copy its whole content into the field here."
    )
    text_limit = RESPONSE_LENGTH
    #: About 3,500 requests an hour and key: "Identifying Rate Limits".
    poll_seconds = (300, 7200)
    address = API

    def __init__(self, http, settings, secrets=None):
        super().__init__(http, settings, secrets)
        self._token = ""
        self._key = private_key(self.secrets.get("private_key"))
        if http is not None:
            # also in pieces, as an answer may quote it
            http.mask(self._key, *(self.secrets.get("private_key") or "").split(), *self._key.split("\n")[1:-2])

    # --- requests ---

    @property
    def app(self):
        """Apple ID of the app.

        :raises errors.Misconfigured: it is none
        """
        app = str(self.values.get("app") or "").strip().removeprefix("id")
        if not (app.isascii() and app.isdigit() and len(app) <= 20):
            raise errors.Misconfigured(BAD_APP)
        return app

    def token(self):
        """Return the token of this run.

        :raises errors.Misconfigured: the key is none
        """
        if not self._token:
            now = int(time.time())
            claims = {"iss": str(self.values.get("issuer") or "").strip(), "iat": now, "exp": now + TOKEN_SECONDS}
            signed = ""
            try:
                headers = {"kid": str(self.values.get("key") or "").strip()}
                signed = jwt.encode(claims | {"aud": AUDIENCE}, self._key, "ES256", headers=headers)
            except (jwt.PyJWTError, ValueError, TypeError):
                pass  # what the library says may quote the key, so it is not passed on
            if not signed:
                raise errors.Misconfigured(BAD_KEY)
            self.http.mask(signed)
            self._token = signed
        return self._token

    def _ask(self, method, path, sending=False, **options):
        headers = {"Accept": "application/json", "Authorization": f"Bearer {self.token()}"}
        judge = self._judge_sending if sending else self._judge
        document = self.http.request(method, API + path, headers=headers, judge=judge, **options).json()
        if not isinstance(document, dict) or "data" not in document:
            raise self.unreadable(f"{path}: no data")
        return document

    @staticmethod
    def _judge(response):
        """Return the error for a limit that was reached, ``None`` for what the status says itself."""
        if response.status != 429:
            return None
        now = datetime.now(UTC)
        retry_at = parse_moment(response.headers.get("retry-after"), now) or now + PAUSE
        return errors.RateLimited(WAIT, retry_at, f"HTTP 429 {urlsplit(response.url).path}")

    def _judge_sending(self, response):
        """Return the error that the refusal of a response stands for."""
        if response.status not in (400, 409, 422):
            return self._judge(response)
        try:
            document = response.json()
        except errors.Malformed:
            document = None
        problems = document.get("errors") if isinstance(document, dict) else None
        first = problems[0] if isinstance(problems, list) and problems and isinstance(problems[0], dict) else {}
        code = first.get("code")
        code = code if isinstance(code, str) and _CODE.fullmatch(code) else str(response.status)
        return errors.Refused(NOT_TAKEN, f"HTTP {response.status} {code}", params={"code": code})

    # --- reviews ---

    def page(self, token):
        """See :meth:`Reviews.page`."""
        params = {"limit": PAGE, "sort": "-createdDate", "include": "response"}
        params |= {"cursor": token} if token else {}
        document = self._ask("GET", f"/apps/{self.app}/customerReviews", params=params)
        if not isinstance(document["data"], list):
            raise self.unreadable("customerReviews: no list")
        answers = self._included(document)
        entries = [self._joined(entry, answers) for entry in document["data"]]
        links = document.get("links")
        return entries, self._cursor(links.get("next") if isinstance(links, dict) else None)

    @staticmethod
    def _cursor(address):
        """Return the mark of the next page out of its address; the address itself is not followed."""
        try:
            return parse_qs(urlsplit(address).query).get("cursor", [""])[0][:1000] if isinstance(address, str) else ""
        except ValueError:
            return ""

    @staticmethod
    def _included(document):
        """Return the responses that came with reviews, by their id."""
        entries = document.get("included")
        entries = entries if isinstance(entries, list) else ()
        return {identifier(entry.get("id")): entry for entry in entries if isinstance(entry, dict)}

    @staticmethod
    def _joined(entry, answers):
        """Return a review together with its response."""
        links = entry.get("relationships") if isinstance(entry, dict) else None
        link = links.get("response") if isinstance(links, dict) else None
        data = link.get("data") if isinstance(link, dict) else None
        answer = answers.get(identifier(data.get("id"))) if isinstance(data, dict) else None
        return {"id": entry.get("id") if isinstance(entry, dict) else None, "review": entry, "answer": answer}

    def found(self, entry):
        """See :meth:`Reviews.found`."""
        review_id, said = identifier(entry["review"]["id"]), entry["review"]["attributes"]
        text, title = said.get("body"), said.get("title")
        if not review_id or not isinstance(text or "", str):
            raise ValueError("no id, or body is not text")
        territory = said.get("territory")
        territory = territory if isinstance(territory, str) and re.fullmatch("[A-Z]{3}", territory) else ""
        review = MentionItem(
            external_id=review_id,
            kind="review",
            title=clean_line(title) if isinstance(title, str) else "",
            text=clean_text(text),
            author=AuthorItem(
                # Apple gives no id of the person, who has one review of an app
                external_id=review_id,
                name=name_of(said.get("reviewerNickname"), "App Store"),
            ),
            published_at=moment(said.get("createdDate"), self.began),
            language=LANGUAGES.get(territory, ""),
            conversation_id=review_id,
            origin="own",
            rating=stars(said.get("rating")),
            identifiers={"review": review_id} | ({"territory": territory} if territory else {}),
        )
        return Found(review, self._answer(review, entry["answer"]) if entry["answer"] else None)

    @staticmethod
    def _answer(review, entry, text=""):
        """Return the item of a response.

        :raises ValueError: it has no id
        """
        answer_id, said = identifier(entry.get("id")), entry.get("attributes")
        said = said if isinstance(said, dict) else {}
        body, state = said.get("responseBody"), said.get("state")
        body = body if isinstance(body, str) and body.strip() else text
        if not answer_id:
            raise ValueError("response without an id")
        # "PENDING_PUBLISH" until the store shows it
        shown = {"state": clean_line(state, 40)} if isinstance(state, str) else {}
        return answer_item(review, answer_id, body, moment(said.get("lastModifiedDate")), shown)

    def one(self, review_id):
        """See :meth:`Reviews.one`."""
        path = f"/customerReviews/{quote(review_id, safe='')}"
        actions = {404: errors.Gone, 410: errors.Gone}
        try:
            document = self._ask("GET", path, params={"include": "response"}, actions=actions)
        except errors.Gone:
            # An app that is gone says the same of all its reviews: that is no deletion.
            self._ask("GET", f"/apps/{self.app}/customerReviews", params={"limit": 1})
            raise
        return self._joined(document["data"], self._included(document))

    def say(self, review, text):
        """See :meth:`Reviews.say`."""
        data = {
            "type": "customerReviewResponses",
            "attributes": {"responseBody": text},
            "relationships": {"review": {"data": {"type": "customerReviews", "id": review.external_id}}},
        }
        path = "/customerReviewResponses"
        document = self._ask("POST", path, sending=True, json={"data": data}, actions={404: errors.Gone})
        return self._answer(review, document["data"], text)

    def check(self):
        """See :meth:`Connector.check`."""
        document = self._ask("GET", f"/apps/{self.app}", params={"fields[apps]": "name,bundleId"})
        said = document["data"].get("attributes") if isinstance(document["data"], dict) else None
        name = said.get("name") if isinstance(said, dict) else None
        account = (clean_line(name, 100) if isinstance(name, str) else "") or self.app
        return Check(account=account, account_id=self.app, can=[READS, ANSWERS], sample=self.sample())
