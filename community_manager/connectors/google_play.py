"""Google Play: reviews of an Android app, and the developer's answers.

Sources: discovery document ``androidpublisher.v3``; "Reply to Reviews" (developers.google.com/android-publisher/
reply-to-reviews), which says that only reviews of the last week with a comment are given.
"""

import re
from datetime import UTC, datetime, timedelta
from functools import cached_property
from urllib.parse import quote

from . import errors
from .base import Setting, _
from .google import ServiceAccount
from .items import AuthorItem, Check, MentionItem
from .registry import register
from .reviews import ANSWERS, PAGE, READS, Found, Reviews, answer_item, name_of, stars
from .text import clean_line, clean_text
from .values import believable, count, identifier, in_address

API = "https://androidpublisher.googleapis.com/androidpublisher/v3/applications"
SCOPE = "https://www.googleapis.com/auth/androidpublisher"
STORE = "https://play.google.com/store/apps/details?"

#: Characters of an answer: ``ReviewsReplyRequest.replyText``; about so many, says the document.
REPLY_LENGTH = 350
#: Per app: 200 readings an hour and 2,000 answers a day (support.google.com/googleplay/android-developer/contact/
#: review_apiqr).  Every ten minutes, with some pages and looks at single reviews, stays well below.
POLL_SECONDS = (600, 7200)
#: The service gives what was written or changed within a week; a margin for what is nearly that old.
SHOWN = timedelta(days=6, hours=12)

BAD_PACKAGE = _("Enter the package name of the app, as in com.example.app.")
TOO_OLD = _("Google Play shows reviews for a week only, and this one is older.")

_PACKAGE = re.compile(r"[A-Za-z][A-Za-z0-9_]*(\.[A-Za-z][A-Za-z0-9_]*)+")


def language(code):
    """Return the primary part of a language code, or an empty string.

    >>> language("pt-BR"), language("es_419"), language(5)
    ('pt', 'es', '')
    """
    primary = code.replace("_", "-").partition("-")[0].lower() if isinstance(code, str) else ""
    return primary if primary.isascii() and primary.isalpha() and 2 <= len(primary) <= 3 else ""


def stamp(value, now=None):
    """Return the time of a Timestamp, or ``None``."""
    seconds = value.get("seconds") if isinstance(value, dict) else None
    if isinstance(seconds, str) and seconds.isascii() and seconds.isdigit() and len(seconds) <= 11:
        nanos = value.get("nanos")
        micros = nanos // 1000 if type(nanos) is int and 0 <= nanos < 10**9 else 0
        found = datetime.fromtimestamp(int(seconds), UTC)
        return believable(found.replace(microsecond=micros) if micros else found, now)
    return None


@register
class GooglePlay(ServiceAccount, Reviews):
    """Reviews of one app; each has at most one answer, which another one replaces."""

    code = "google_play"
    label = "Google Play"
    description = _("Reviews of an Android app: read those of the last week, and answer them.")
    settings = (
        Setting(
            "package",
            _("Package name"),
            _("Of the app; it stands in the address of its page in the store, after “id=”."),
            required=True,
            placeholder="com.example.app",
        ),
        Setting(
            "service_account",
            _("Key of the service account"),
            _("The whole content of the JSON file that Google gave you for the service account."),
            required=True,
            secret=True,
        ),
    )
    guide = _(
        "In console.cloud.google.com, choose or create a project and enable the Google Play Android Developer API.\n"
        "Under “IAM & Admin → Service Accounts”, create a service account, open it, and under “Keys” add a key of the "
        "type JSON; a file is downloaded.\n"
        "In the Play Console, under “Users and permissions”, invite the e-mail address of the service account and give "
        "it the permissions “View app information” and “Reply to reviews” for the app.\n"
        "Open the file, copy its whole content into the field here, and enter the package name of the app."
    )
    text_limit = REPLY_LENGTH
    poll_seconds = POLL_SECONDS
    scope_url = SCOPE
    address = API

    @cached_property
    def package(self):
        """Package name of the app; ids of reviews are known within it.

        :raises errors.Misconfigured: it is none
        """
        package = str(self.values.get("package") or "").strip()
        if not _PACKAGE.fullmatch(package) or len(package) > 200:
            raise errors.Misconfigured(BAD_PACKAGE)
        return package

    def _url(self, review_id=""):
        return f"{API}/{self.package}/reviews" + (f"/{quote(review_id, safe='')}" if review_id else "")

    def page(self, token):
        """See :meth:`Reviews.page`."""
        params = {"maxResults": PAGE, **({"token": token} if token else {})}
        answer = self.ask("GET", self._url(), params=params)
        entries, paging = answer.get("reviews", []), answer.get("tokenPagination")
        if not isinstance(entries, list) or (answer and not {"reviews", "pageInfo", "tokenPagination"} & set(answer)):
            raise self.malformed(API, "no list of reviews")
        token = paging.get("nextPageToken") if isinstance(paging, dict) else ""
        return entries, token if isinstance(token, str) else ""

    @staticmethod
    def id_of(entry):
        """See :meth:`Reviews.id_of`."""
        return identifier(entry.get("reviewId"))

    def found(self, entry):
        """See :meth:`Reviews.found`."""
        review_id = identifier(entry["reviewId"])
        said, answered = {}, None
        for comment in entry["comments"]:
            said = comment.get("userComment") or said
            answered = comment.get("developerComment") or answered
        if not review_id or not isinstance(said, dict) or not isinstance(said.get("text"), str):
            raise ValueError("no id or no comment")
        # an old review has its title before a tab
        title, tab, text = said["text"].partition("\t")
        changed = stamp(said.get("lastModified"), self.began)
        identifiers = {"review": review_id}
        for key in ("appVersionName", "device"):
            value = said.get(key)
            if isinstance(value, str) and value:
                identifiers[key] = clean_line(value, 100)
        if changed:
            identifiers["changed"] = int(changed.timestamp())
        review = MentionItem(
            external_id=review_id,
            kind="review",
            realm=self.package,
            title=clean_line(title) if tab else "",
            text=clean_text(text if tab else title),
            url=f"{STORE}id={self.package}&reviewId={in_address(review_id)}",
            author=AuthorItem(
                # Google gives no id of the person, who has one review of an app
                external_id=review_id,
                name=name_of(entry.get("authorName"), "Google"),
                realm=self.package,
            ),
            published_at=changed,
            language=language(said.get("reviewerLanguage")),
            conversation_id=review_id,
            origin="own",
            likes=count(said.get("thumbsUpCount")),
            rating=stars(said.get("starRating")),
            identifiers=identifiers,
        )
        answer = None
        if isinstance(answered, dict) and isinstance(answered.get("text"), str) and answered["text"].strip():
            answer = self._answer(review, answered["text"], stamp(answered.get("lastModified")))
        return Found(review, answer)

    @staticmethod
    def _answer(review, text, at):
        """Return the item of an answer."""
        return answer_item(review, review.external_id + ":reply", text, at, review.identifiers)

    def one(self, review_id):
        """See :meth:`Reviews.one`."""
        try:
            return self.ask("GET", self._url(review_id), actions={404: errors.Gone, 410: errors.Gone})
        except errors.Gone:
            # An app that is gone says the same of all its reviews: that is no deletion.
            self.ask("GET", self._url(), params={"maxResults": 1})
            raise

    def _recent(self, identifiers):
        """Return whether a review is young enough that its absence means that it was deleted."""
        changed = (identifiers or {}).get("changed")
        if type(changed) is not int:
            return True
        return datetime.fromtimestamp(0, UTC) + timedelta(seconds=changed) > datetime.now(UTC) - SHOWN

    def lookup(self, item_id, identifiers):
        """See :meth:`Connector.lookup`.  An old review is not shown any more: that is no deletion."""
        return self._unless_old(super().lookup, item_id, identifiers)

    def thread(self, item_id, identifiers):
        """See :meth:`Connector.thread`, and :meth:`lookup`."""
        return self._unless_old(super().thread, item_id, identifiers)

    def _unless_old(self, look, item_id, identifiers):
        try:
            return look(item_id, identifiers)
        except errors.Gone:
            if self._recent(identifiers):
                raise
        raise errors.Refused(TOO_OLD)

    def say(self, review, text):
        """See :meth:`Reviews.say`."""
        url = self._url(review.external_id) + ":reply"
        answer = self.ask("POST", url, json={"replyText": text}, sending=True, actions={404: errors.Gone})
        result = answer["result"]
        said, at = result.get("replyText"), stamp(result.get("lastEdited"))
        return self._answer(review, said if isinstance(said, str) and said.strip() else text, at)

    def check(self):
        """See :meth:`Connector.check`."""
        sample = self.sample()
        return Check(account=self.package, account_id=self.package, can=[READS, ANSWERS], sample=sample)
