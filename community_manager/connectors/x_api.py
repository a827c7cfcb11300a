"""Requests to the X API: who we are, what they cost, what refusals mean."""

from datetime import UTC, datetime
from urllib.parse import urlsplit

from . import errors
from .base import _
from .http import UNREADABLE
from .saying import as_sentence
from .values import identifier
from .x_items import by_id

API = "https://api.x.com"
#: US$ for each resource in an answer and for each request that writes (docs.x.com, "Pricing", August 2026).  A
#: resource is charged once in a day (UTC).  An app that belongs to the account itself pays less for its own mentions;
#: the higher price is counted.
POST_READ = 0.005
USER_READ = 0.010
MESSAGE_READ = 0.010
#: Resources that are known to be paid for today.
PAID = 500

#: What is asked for with a post, in the words of the reference pages and of the published schema; an answer that
#: does not know the one gets the other.
TWEET_WORDS = {
    "tweet.fields": "attachments,author_id,conversation_id,created_at,edit_history_tweet_ids,entities,"
    "in_reply_to_user_id,lang,note_tweet,public_metrics,referenced_tweets",
    "expansions": "author_id,attachments.media_keys",
    "user.fields": "name,profile_image_url,public_metrics,username",
    "media.fields": "alt_text,preview_image_url,type,url",
}
POST_WORDS = {
    "post.fields": "attachments,conversation_id,created_at,entities,lang,note_post,public_metrics",
    "expansions": "author_id,attachments.media_keys,in_reply_to_user_id,referenced_posts",
    "user.fields": TWEET_WORDS["user.fields"],
    "media.fields": TWEET_WORDS["media.fields"],
}
MESSAGE_FIELDS = {
    "dm_event.fields": "attachments,created_at,dm_conversation_id,entities,event_type,id,text",
    "event_types": "MessageCreate",
    "expansions": "sender_id,attachments.media_keys",
    "user.fields": TWEET_WORDS["user.fields"],
    "media.fields": TWEET_WORDS["media.fields"],
}

REFUSED = _("X does not take this: %(reason)s")
REPEATED = _("X says that we said the very same a moment ago.")
NO_TARGET = _("What is answered was deleted on X, or is not visible to us any more.")
NO_CREDIT = _("The developer account at X has no credit left. Buy credit in the developer console of X.")
USED_UP = _("The developer account at X has used up what it may read this month.")


class XApi:
    """What every part of the connector asks X through."""

    def __init__(self, http, settings, secrets=None):
        super().__init__(http, settings, secrets)
        self._user = {}
        self._paid = {}
        self._words = TWEET_WORDS
        self._listening = False

    # --- requests ---

    def _headers(self):
        token = (self.secrets.get("access_token") or "").strip()
        return {"Authorization": f"Bearer {token}", "Accept": "application/json"}

    def _get(self, path, params=None, actions=None):
        """Return the JSON object that X answers."""
        response = self.http.get(API + path, params=params, headers=self._headers(), actions=actions, judge=self._judge)
        return self._object(response)

    def _get_posts(self, path, params, actions=None):
        """Return an answer with posts, asking in the words that X knows."""
        try:
            return self._get(path, {**self._words, **params}, actions)
        except errors.Misconfigured as problem:
            if self._words is POST_WORDS or "tweet.fields" not in problem.detail:
                raise
        self._words = POST_WORDS
        return self._get(path, {**self._words, **params}, actions)

    def _send(self, method, path, body=None):
        """Return the JSON object that X answers to something that changes something there."""
        options = {"json": body} if body is not None else {}
        response = self.http.request(method, API + path, headers=self._headers(), judge=self._judge_sending, **options)
        return self._object(response)

    @staticmethod
    def _object(response):
        answer = response.json()
        if not isinstance(answer, dict):
            raise unreadable(f"{type(answer).__name__} instead of an object", response.url)
        return answer

    def _judge(self, response):
        """Return the error that a refusal stands for, ``None`` when its status says it all."""
        problem = _problem(response)
        kind, words = problem["type"], problem["words"]
        if response.status == 402 or "credits" in words.lower():
            return errors.AccessDenied(NO_CREDIT, words)
        if kind.endswith("/usage-capped"):
            return errors.RateLimited(USED_UP, None, words)
        if response.status == 404 and kind.endswith("/resource-not-found"):
            return errors.Gone(NO_TARGET, words)
        return None

    def _judge_sending(self, response):
        """See :meth:`_judge`; a refusal may be about this one message."""
        problem = _problem(response)
        words = problem["words"]
        if response.status in (400, 403) and words:
            lower = words.lower()
            if "duplicate content" in lower:
                return errors.Duplicate(REPEATED, words)
            if "deleted or not visible" in lower or "that is deleted" in lower:
                return errors.Gone(NO_TARGET, words)
            permission = "client-forbidden" in problem["type"] or "scope" in lower or "oauth" in lower
            if not permission and problem["type"]:
                return errors.Refused(REFUSED, words, params={"reason": self._reason(words)})
        if response.status == 404 and problem["type"]:
            return errors.Gone(NO_TARGET, words)
        return self._judge(response)

    def _reason(self, words):
        """Return X's own words as the end of a sentence."""
        return as_sentence(" ".join(self.http.hide(words).split())[:300])

    # --- who we are ---

    def me(self):
        """Return our own user as X knows it."""
        if not self._user:
            answer = self._get("/2/users/me", {"user.fields": TWEET_WORDS["user.fields"]})
            user = answer.get("data")
            if not isinstance(user, dict) or not identifier(user.get("id")):
                raise unreadable("/2/users/me")
            self._user = user
            self._charge({identifier(user.get("id"))}, USER_READ)
        return self._user

    def my_id(self):
        """Return the id of our own account, asking X only when the desk does not know it."""
        return self.account_id or identifier(self.me().get("id"))

    # --- what it costs ---

    def _charge(self, ids, price):
        """Count what is charged for resources that were not paid for today."""
        for one in ids:
            if one not in self._paid:
                self._paid[one] = True
                if self._listening:
                    self._cost += price
                else:
                    self.spent += price
        while len(self._paid) > PAID:
            del self._paid[next(iter(self._paid))]

    def _remember_paid(self, kept):
        """Take over what was paid for earlier today, and keep it up to date for the next run."""
        today = datetime.now(UTC).date().isoformat()
        paid = kept.get("paid") if kept.get("day") == today else None
        self._paid = dict.fromkeys(one for one in paid if isinstance(one, str)) if isinstance(paid, list) else {}
        kept["day"] = today
        kept["paid"] = list(self._paid)

    def _includes(self, answer, price, entries):
        """Return what came along with entries, by id, and count the cost of all of it."""
        found = answer.get("includes")
        found = found if isinstance(found, dict) else {}
        includes = {"users": by_id(found.get("users")), "media": by_id(found.get("media"), "media_key")}
        self._charge([identifier(entry.get("id")) for entry in entries], price)
        self._charge(by_id(found.get("posts") or found.get("tweets")), POST_READ)
        self._charge(includes["users"], USER_READ)
        return includes


def unreadable(detail, url=API):
    """Return the error for an answer that is not what it should be."""
    return errors.Malformed(UNREADABLE, detail, params={"host": urlsplit(url).hostname})


def _problem(response):
    """Return ``{"type", "words"}`` of X's description of a problem."""
    try:
        answer = response.json()
    except errors.Malformed:
        answer = None
    first = answer
    if isinstance(answer, dict) and "type" not in answer:
        listed = answer.get("errors")
        first = listed[0] if isinstance(listed, list) and listed else answer
    if not isinstance(first, dict):
        return {"type": "", "words": ""}
    kind, words = first.get("type"), first.get("detail") or first.get("message") or first.get("title")
    return {
        "type": kind[:200] if isinstance(kind, str) else "",
        "words": words[:1000] if isinstance(words, str) else "",
    }


def gone():
    """Return the error for a post that is not there."""
    return errors.Gone(NO_TARGET)
