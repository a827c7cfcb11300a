"""Google Business Profile: reviews of a place on Google Maps and Search, answers to them, and posts of the place.

Sources: discovery documents ``mybusinessaccountmanagement.v1``, ``mybusinessbusinessinformation.v1`` and
``businessprofileperformance.v1``; "Google My Business API v4" (developers.google.com/my-business/reference/rest/v4)
for reviews and local posts, which have no newer interface.  Questions and answers are left out: their interface was
switched off on 3 November 2025.
"""

from datetime import UTC, datetime, timedelta
from functools import cached_property
from urllib.parse import quote

from . import errors
from .base import Setting, _
from .google import GRANTED, Google, authorization
from .items import AuthorItem, Check, Figures, MentionItem
from .registry import register
from .reviews import ANSWERS, PAGE, READS, Found, Reviews, answer_item, average, name_of, words
from .saying import not_before
from .text import clean_line, clean_text
from .values import count, identifier, moment, web_url

ACCOUNTS = "https://mybusinessaccountmanagement.googleapis.com/v1"
PLACES = "https://mybusinessbusinessinformation.googleapis.com/v1"
FIGURES = "https://businessprofileperformance.googleapis.com/v1"
V4 = "https://mybusiness.googleapis.com/v4"
SCOPE = "https://www.googleapis.com/auth/business.manage"

#: Bytes of an answer: ``ReviewReply.comment`` of the v4 reference.
REPLY_BYTES = 4096
#: Of a local post; what Google's own form takes, for the reference names no limit.
POST_LENGTH = 1500
#: Largest pages of accounts and of places, by the discovery documents; and how many of them are offered.
ACCOUNTS_PAGE, PLACES_PAGE, MOST_PAGES = 20, 100, 10
#: Local posts that are looked through for one whose fate is not known.
POSTS_PAGE = 100
STARS = {"ONE": 1.0, "TWO": 2.0, "THREE": 3.0, "FOUR": 4.0, "FIVE": 5.0}
VIEWS = ("DESKTOP_MAPS", "DESKTOP_SEARCH", "MOBILE_MAPS", "MOBILE_SEARCH")
#: Figures of a day are complete some days later.
FIGURE_DAYS = 7
#: How Google sets off its own translation of a review.
TRANSLATED, ORIGINAL = "(Translated by Google)", "(Original)"

NO_PLACE = _("Choose the place whose reviews are read.")
SEES_PLACES = _("See the places of this account")
POSTS = _("Publish posts of the place")


def original(text):
    """Return a review without Google's translation of it.

    >>> original("(Translated by Google) Good (Original) Bueno"), original("Bueno (Translated by Google) Good")
    ('Bueno', 'Bueno')
    """
    if TRANSLATED not in text:
        return text
    if ORIGINAL in text:
        return text.partition(ORIGINAL)[2].strip()
    return text.partition(TRANSLATED)[0].strip() or text


@register
class GoogleBusiness(Google, Reviews):
    """Reviews of one place; each has at most one answer of the owner, which another one replaces."""

    code = "google_business"
    label = "Google Business Profile"
    description = _(
        "Reviews of a place on Google Maps and Search: read and answer them, and publish posts of the place."
    )
    capabilities = frozenset({"listen", "thread", "lookup", "reply", "publish", "metrics"})
    settings = (
        *GRANTED,
        Setting(
            "location",
            _("Place"),
            _("The place whose reviews are read. It can be chosen once Google gave us access."),
            kind="choice",
        ),
    )
    guide = _(
        "Apply for access to the Business Profile APIs at support.google.com/business/contact/api_default; Google "
        "answers within some days, and until then every request is refused.\n"
        "In console.cloud.google.com, enable the My Business Account Management API, the My Business Business "
        "Information API, the Business Profile Performance API and the Google My Business API.\n"
        "Under “APIs & Services → OAuth consent screen”, publish the application, or access ends after seven days.\n"
        "Under “Credentials”, create an OAuth client ID of the type “Web application” with the address for "
        "authorising that is shown here.\n"
        "Copy its client ID and client secret, authorise with the account that manages the place, and choose the "
        "place."
    )
    text_limit = REPLY_BYTES
    publish_limit = POST_LENGTH
    #: 300 requests a minute and project: developers.google.com/my-business/content/limits
    poll_seconds = (300, 7200)
    authorization = authorization(SCOPE)
    address = V4

    @classmethod
    def length(cls, text):
        """Return the bytes of a text: so Google counts it."""
        return len(text.encode("utf-8", "surrogatepass"))

    @cached_property
    def location(self):
        """Name of the place, as in "accounts/1/locations/2".

        :raises errors.Misconfigured: none was chosen
        """
        parts = identifier(self.values.get("location")).split("/")
        if len(parts) != 4 or (parts[0], parts[2]) != ("accounts", "locations"):
            raise errors.Misconfigured(NO_PLACE)
        return "/".join(quote(part, safe="") for part in parts)

    @cached_property
    def place(self):
        """Name of the place without its account, as in "locations/2"; ids of reviews are known within it."""
        return "locations/" + self.location.rpartition("/")[2]

    # --- reviews ---

    def page(self, token):
        """See :meth:`Reviews.page`."""
        return self._reviews(
            {"pageSize": PAGE, "orderBy": "updateTime desc", **({"pageToken": token} if token else {})}
        )

    def _reviews(self, params):
        url = f"{V4}/{self.location}/reviews"
        answer = self.ask("GET", url, params=params)
        entries, token = answer.get("reviews", []), answer.get("nextPageToken")
        known = {"reviews", "averageRating", "totalReviewCount", "nextPageToken"}
        if not isinstance(entries, list) or (answer and not known & set(answer)):
            raise self.malformed(url, "no list of reviews")
        return entries, token if isinstance(token, str) else ""

    @staticmethod
    def id_of(entry):
        """See :meth:`Reviews.id_of`."""
        return identifier(entry.get("reviewId"))

    def found(self, entry):
        """See :meth:`Reviews.found`."""
        review_id, rating = identifier(entry["reviewId"]), STARS.get(entry.get("starRating"))
        if not review_id:
            raise ValueError("no id")
        text = entry.get("comment")
        if text is not None and not isinstance(text, str):
            raise ValueError("comment is not text")
        created = moment(entry.get("createTime"), self.began)
        changed = entry.get("updateTime")
        updated = created if changed == entry.get("createTime") else moment(changed, self.began)
        review = MentionItem(
            external_id=review_id,
            kind="review",
            realm=self.place,
            text=original(clean_text(text)),
            url=web_url(entry.get("reviewReplyUrl")),
            author=self._author(entry.get("reviewer"), review_id),
            published_at=created or updated,
            edited_at=updated if created and updated and updated > created else None,
            conversation_id=review_id,
            origin="own",
            rating=rating,
            identifiers={"review": review_id},
        )
        return Found(review, self._answer(review, entry.get("reviewReply")))

    def _author(self, reviewer, review_id):
        """Return the writer; Google gives no id, but a person writes one review of a place."""
        reviewer = reviewer if isinstance(reviewer, dict) else {}
        return AuthorItem(
            external_id=review_id,
            name=name_of(reviewer.get("displayName"), "Google"),
            avatar_url=web_url(reviewer.get("profilePhotoUrl")),
            realm=self.place,
        )

    @staticmethod
    def _answer(review, reply, text=""):
        """Return the item of an answer, or ``None``."""
        reply = reply if isinstance(reply, dict) else {}
        said, state = reply.get("comment"), reply.get("reviewReplyState")
        said = said if isinstance(said, str) and said.strip() else text
        if not said:
            return None
        shown = {"state": clean_line(state, 40)} if isinstance(state, str) else {}
        return answer_item(review, review.external_id + "/reply", said, moment(reply.get("updateTime")), shown)

    def one(self, review_id):
        """See :meth:`Reviews.one`."""
        url = f"{V4}/{self.location}/reviews/{quote(review_id, safe='')}"
        try:
            return self.ask("GET", url, actions={404: errors.Gone, 410: errors.Gone})
        except errors.Gone:
            # A place that is gone says the same of all its reviews: that is no deletion.
            self._reviews({"pageSize": 1})
            raise

    def say(self, review, text):
        """See :meth:`Reviews.say`."""
        url = f"{V4}/{self.location}/reviews/{quote(review.external_id, safe='')}/reply"
        answer = self.ask("PUT", url, json={"comment": text}, sending=True, actions={404: errors.Gone})
        if "comment" not in answer:
            raise ValueError("no comment")
        return self._answer(review, answer, text)

    def lookup(self, item_id, identifiers):
        """See :meth:`Connector.lookup`."""
        name = (identifiers or {}).get("post")
        if not name:
            return super().lookup(item_id, identifiers)
        url = f"{V4}/{self.location}/localPosts/{quote(identifier(name), safe='')}"
        try:
            return self._post(self.ask("GET", url, actions={404: errors.Gone, 410: errors.Gone}), url)
        except errors.Gone:
            self._reviews({"pageSize": 1})
            raise

    # --- posts ---

    def publish(self, outgoing):
        """See :meth:`Connector.publish`: a standard post, which has no title."""
        url = f"{V4}/{self.location}/localPosts"
        post = {"summary": outgoing.text, "topicType": "STANDARD"}
        if outgoing.language:
            post["languageCode"] = outgoing.language
        return self._post(self.ask("POST", url, json=post, sending=True), url)

    def _post(self, entry, url):
        """Return the item of a local post."""
        post_id = identifier(entry.get("name")).rpartition("/localPosts/")[2]
        if not post_id:
            raise self.malformed(url, "post without a name")
        text, created = entry.get("summary"), moment(entry.get("createTime"))
        updated = moment(entry.get("updateTime"))
        return MentionItem(
            external_id="localPosts/" + post_id[:400],
            realm=self.place,
            text=clean_text(text) if isinstance(text, str) else "",
            url=web_url(entry.get("searchUrl")),
            published_at=created,
            edited_at=updated if created and updated and updated > created else None,
            conversation_id="localPosts/" + post_id[:400],
            origin="own",
            outgoing=True,
            identifiers={"post": post_id[:400]},
        )

    def find_sent(self, outgoing):
        """See :meth:`Connector.find_sent`."""
        if outgoing.way != "publish":
            return super().find_sent(outgoing)
        url = f"{V4}/{self.location}/localPosts"
        answer = self.ask("GET", url, params={"pageSize": POSTS_PAGE})
        entries = answer.get("localPosts", [])
        if not isinstance(entries, list) or (answer and not {"localPosts", "nextPageToken"} & set(answer)):
            raise self.malformed(url, "no list of posts")
        for entry in entries:
            post = self._post(entry if isinstance(entry, dict) else {}, url)
            since = not_before(outgoing)
            recent = since is None or (post.published_at and post.published_at >= since)
            if recent and words(post.text) == words(outgoing.text):
                return post
        return None

    # --- the account ---

    def _listed(self, url, name, params):
        """Yield the objects of all pages of a list."""
        for _page in range(MOST_PAGES):
            answer = self.ask("GET", url, params=params)
            entries = answer.get(name, [])
            if not isinstance(entries, list):
                raise self.malformed(url, f"no list of {name}")
            yield from (entry for entry in entries if isinstance(entry, dict) and identifier(entry.get("name")))
            token = answer.get("nextPageToken")
            if not token or not isinstance(token, str):
                return
            params = {**params, "pageToken": token}

    def _accounts(self):
        return list(self._listed(f"{ACCOUNTS}/accounts", "accounts", {"pageSize": ACCOUNTS_PAGE}))

    def choices(self):
        """See :meth:`Connector.choices`: the places of all accounts that the person manages."""
        places = {}
        for account in self._accounts():
            name = "accounts/" + quote(identifier(account["name"]).removeprefix("accounts/"), safe="")
            params = {"readMask": "name,title,storefrontAddress", "pageSize": PLACES_PAGE}
            for place in self._listed(f"{PLACES}/{name}/locations", "locations", params):
                address = place.get("storefrontAddress")
                town = address.get("locality") if isinstance(address, dict) else ""
                label = ", ".join(
                    clean_line(one, 100) for one in (place.get("title"), town) if isinstance(one, str) and one
                )
                place_id = identifier(place["name"])
                places.setdefault(place_id, (f"{name}/{place_id}", label or place_id))
        return {"location": sorted(places.values(), key=lambda one: one[1].lower())}

    def check(self):
        """See :meth:`Connector.check`."""
        accounts = self._accounts()
        if not accounts:
            raise self.malformed(f"{ACCOUNTS}/accounts", "no account")
        # the person's own account stays the same, whatever places are managed for others
        mine = next((one for one in accounts if one.get("type") == "PERSONAL"), accounts[0])
        name = mine.get("accountName")
        found = Check(account_id=identifier(mine["name"]), can=[SEES_PLACES])
        found.account = (clean_line(name, 100) if isinstance(name, str) else "") or found.account_id
        try:
            found.sample = self.sample()
        except errors.Misconfigured as problem:
            if problem.template != NO_PLACE:
                raise
            found.missing.append(NO_PLACE)
        else:
            found.can += [READS, ANSWERS, POSTS]
        return found

    def metrics(self, things):
        """See :meth:`Connector.metrics`: average stars, and how often the place was shown on the last counted day."""
        answer = self.ask("GET", f"{V4}/{self.location}/reviews", params={"pageSize": 1})
        return Figures(rating=average(answer.get("averageRating")), views=self._views())

    def _views(self):
        today = datetime.now(UTC).date()
        params = [("dailyMetrics", "BUSINESS_IMPRESSIONS_" + where) for where in VIEWS]
        for name, day in (("startDate", today - timedelta(days=FIGURE_DAYS)), ("endDate", today - timedelta(days=1))):
            params += [(f"dailyRange.{name}.{part}", getattr(day, part)) for part in ("year", "month", "day")]
        url = f"{FIGURES}/{self.place}:fetchMultiDailyMetricsTimeSeries"
        answer = self.ask("GET", url, params=params)
        days = {}
        for series in _dicts(answer.get("multiDailyMetricTimeSeries")):
            for one in _dicts(series.get("dailyMetricTimeSeries")):
                times = one.get("timeSeries")
                for dated in _dicts(times.get("datedValues") if isinstance(times, dict) else None):
                    date, value = dated.get("date"), dated.get("value")
                    if isinstance(date, dict) and isinstance(value, str) and value.isascii() and value.isdigit():
                        day = tuple(count(date.get(part)) for part in ("year", "month", "day"))
                        days[day] = days.get(day, 0) + count(int(value[:12]))
        return count(days[max(days)]) if days else None


def _dicts(value):
    """Return the objects in a list."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
