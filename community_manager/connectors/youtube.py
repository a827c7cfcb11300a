"""YouTube: comments on the own channel and its videos, answers, moderation, and searches for videos of others.

Sources: discovery document ``youtube.v3``; developers.google.com/youtube/v3: Implementation: Comments, Quota Calculator
(determine_quota_cost), Errors.

A project may ask for 10,000 units a day, and search 100 times besides; both start anew at midnight in California.
Reading stops before the units are used up, so that answers can go out.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from . import errors
from .base import SEARCH_TOPICS, SEARCHES, Setting, _
from .google import GRANTED, QUOTA_SPENT, RESET_HOUR, Google, authorization, next_reset
from .registry import register
from .values import digest, identifier
from .walk import Walk, Walks
from .youtube_acts import COMMENTS, NO_CHANNEL, STATES, VIDEOS, Acts
from .youtube_items import (
    Reader,
    comment_key,
    comment_mark,
    comment_place,
    number,
    part,
    video_id,
    video_mark,
    video_place,
)
from .youtube_push import HubPush

SCOPE = "https://www.googleapis.com/auth/youtube.force-ssl"

#: Units of a day and project, and what is taken of them for reading; a list costs 1, whatever is sent or moderated 50.
DAILY_UNITS, READING_UNITS = 10_000, 7_000
LIST_UNITS = 1
#: Searches of a day and project, which are counted apart, and what we take of them.
DAILY_SEARCHES, OUR_SEARCHES = 100, 80
#: Threads asked for at once: with the replies that come along they fill a page.
THREADS = 20
#: Threads with more replies than come along whose replies are asked for in one run.
MOST_THREADS = 10
#: Threads whose number of replies is remembered.
REMEMBERED = 300
#: Comments may wait for approval and then show up under the time of writing.
LATE_SECONDS = 86400
#: Items that the desk stores at one go.
AT_ONCE = 100
#: The documentation names no number; longer ones are refused (commentTextTooLong).
COMMENT_LENGTH = 10_000

COMMENTS_OFF = _("Comments are switched off there.")
TOO_LONG = _("YouTube does not take a text of this length.")
NO_REPLIES = _("YouTube does not take answers to this comment.")
NOT_THIS_ACCOUNT = _("YouTube does not let this account comment.")


@register
class YouTube(HubPush, Acts, Walks, Google):
    """Comments of one channel.  Replies to threads that left the newest page are seen when a conversation is read."""

    code = "youtube"
    label = "YouTube"
    description = _("Comments on a channel and its videos: read, answer and moderate them, and search for videos.")
    kind = "social"
    scope = "horizontal"
    capabilities = frozenset(
        {"listen", "search", "thread", "lookup", "reply", "moderate", "metrics", "profile", "push"}
    )
    settings = (
        *GRANTED,
        Setting(
            "held",
            _("Read comments that wait for approval"),
            _("Comments that YouTube holds back until somebody approves them."),
            kind="bool",
            default=True,
        ),
        replace(
            SEARCHES,
            help=_("Words to search videos for, one search a line. Google allows 100 searches a day in all."),
        ),
        replace(SEARCH_TOPICS, default=False),
        Setting(
            "hub_secret",
            _("Key for messages"),
            _("Made here; Google signs with it what it tells us of new videos."),
            secret=True,
            generated=True,
        ),
    )
    guide = _(
        "In console.cloud.google.com, choose or create a project and enable the YouTube Data API v3.\n"
        "Under “APIs & Services → OAuth consent screen”, publish the application, or access ends after seven days.\n"
        "Under “Credentials”, create an OAuth client ID of the type “Web application” with the address for "
        "authorising that is shown here.\n"
        "Copy its client ID and client secret.\n"
        "Authorise with the account of the channel; if it has several, YouTube asks which one."
    )
    text_limit = COMMENT_LENGTH
    moderations = frozenset(STATES)
    poll_seconds = (300, 7200)
    authorization = authorization(SCOPE)
    reasons = {
        "commentsDisabled": (errors.Refused, COMMENTS_OFF),
        "commentTextTooLong": (errors.Refused, TOO_LONG),
        "parentCommentIsPrivate": (errors.Refused, NO_REPLIES),
        "operationNotSupported": (errors.Refused, NO_REPLIES),
        "ineligibleAccount": (errors.AccessDenied, NOT_THIS_ACCOUNT),
        "authenticatedUserNotChannel": (errors.AccessDenied, NO_CHANNEL),
    }

    def __init__(self, http, settings, secrets=None):
        super().__init__(http, settings, secrets)
        self._kept = None
        self._first = False
        self._asked = 0
        self._counts = {}

    # --- requests ---

    @staticmethod
    def now():
        """Return the present time."""
        return datetime.now(UTC)

    def _day(self):
        """Return the name of the day by which Google counts."""
        return (self.now() - timedelta(hours=RESET_HOUR)).date().isoformat()

    def _spend(self, name, amount, limit):
        """Count what was asked today; return whether it may be asked.  Only listening is counted."""
        if self._kept is None:
            return True
        known = self._kept.get(name)
        spent = known[1] if isinstance(known, list) and known[:1] == [self._day()] else 0
        if spent + amount > limit:
            return False
        self._kept[name] = [self._day(), spent + amount]
        return True

    def _list(self, path, params, actions=None):
        """Return (entries, mark of the next page) of a list.

        :raises errors.RateLimited: what reading may use of the day's units is used up
        """
        if not self._spend("units", LIST_UNITS, READING_UNITS):
            raise errors.RateLimited(QUOTA_SPENT, next_reset(self.now()), "our share for reading", None)
        return self._entries(path, params, actions)

    # --- listening ---

    def listen(self, cursor):
        """See :meth:`Connector.listen`; a page with many replies is handed over in parts."""
        before = cursor
        for page in super().listen(cursor):
            while len(page.items) > AT_ONCE:
                ready, page.items = page.items[:AT_ONCE], page.items[AT_ONCE:]
                yield replace(page, items=ready, cursor=before, more=True, requests=0, rejects=[])
            before = page.cursor
            yield page

    def walks(self, states, kept):
        """See :meth:`Walks.walks`."""
        self._kept = kept
        self._first = states.get("threads") is None
        me = part(kept, "me")
        if not identifier(me.get("id")):
            mine = self._mine()
            uploads = part(mine, "contentDetails", "relatedPlaylists").get("uploads")
            kept["me"] = me = {"id": identifier(mine["id"]), "uploads": identifier(uploads)}
        self._read = Reader(me["id"])
        for name in ("threads", "held") if self.values.get("held") else ("threads",):
            yield name, self._walk(name, self._threads(name, me["id"]), states)
        if me.get("uploads"):
            yield "videos", self._walk("videos", self._uploads(me["uploads"]), states)
        for line in self._due(kept):
            name = "search:" + digest(line, length=12)
            yield name, self._walk(name, self._search(line), states)

    @staticmethod
    def _walk(name, fetch, states):
        videos = name == "videos" or name.startswith("search:")
        how = (video_id, video_place, video_mark) if videos else (comment_key, comment_place, comment_mark)
        return Walk(fetch, *how, LATE_SECONDS, states.get(name), REMEMBERED)

    def read(self, name, entries):
        """See :meth:`Walks.read`."""
        return self._read.read(entries, name == "videos" or name.startswith("search:"))

    def finished(self, states, kept):
        """See :meth:`Walks.finished`: only now are all replies handed over that were counted."""
        if not self._postponed:
            known = part(kept, "replies") | self._counts
            kept["replies"] = dict(list(known.items())[-REMEMBERED:])

    def _threads(self, name, me):
        """Return the function that fetches a page of threads, as single comments newest first."""
        params = {
            "part": "snippet,replies",
            "allThreadsRelatedToChannelId": me,
            "maxResults": THREADS,
            "order": "time",
            "textFormat": "plainText",
            "moderationStatus": "heldForReview" if name == "held" else "published",
        }

        def fetch(token, _floor):
            try:
                threads, following = self._list("commentThreads", params | ({"pageToken": token} if token else {}))
            except errors.Refused:
                # comments are switched off for the whole channel: there is nothing to read
                return [], ""
            return [one for thread in threads for one in self._comments(thread, name == "threads")], following

        return fetch

    def _comments(self, thread, counted):
        """Return the comments of a thread as entries, newest first."""
        snippet = part(thread, "snippet")
        top, count = snippet.get("topLevelComment"), number(snippet.get("totalReplyCount")) or 0
        replies = part(thread, "replies").get("comments")
        replies = [one for one in replies if isinstance(one, dict)] if isinstance(replies, list) else []
        thread_id = identifier(thread.get("id"))
        if counted and thread_id:
            known = part(self._kept, "replies").get(thread_id)
            if count <= len(replies) or known == count or (known is None and self._first):
                self._counts[thread_id] = count
            elif self._asked < MOST_THREADS:
                # more replies than come along, and another number than last time
                self._asked += 1
                replies = self._all_replies(thread_id) or replies
                self._counts[thread_id] = count
        replies.sort(key=lambda one: str(part(one, "snippet").get("publishedAt")), reverse=True)
        entries = [{"comment": one} for one in replies]
        if isinstance(top, dict):
            entries.append({"comment": top, "replies": count})
        return [entry for entry in entries if comment_key(entry)]

    def _all_replies(self, thread_id):
        """Return the replies in a thread, none when it was deleted or closed meanwhile."""
        params = {"part": "snippet", "parentId": thread_id, "maxResults": COMMENTS, "textFormat": "plainText"}
        try:
            return self._list("comments", params, {404: errors.Gone})[0]
        except (errors.Gone, errors.Refused):
            return []

    def _uploads(self, playlist):
        params = {"part": "snippet,contentDetails", "playlistId": playlist, "maxResults": VIDEOS}

        def fetch(token, _floor):
            try:
                return self._list("playlistItems", params | ({"pageToken": token} if token else {}))
            except errors.Misconfigured as problem:
                if problem.status != 404 or "playlistNotFound" not in problem.detail:
                    raise
                return [], ""  # a channel without any video has no such list

        return fetch

    def _due(self, kept):
        """Return what to search for now: searches are few, so they are spread over the day."""
        lines = self.searches()
        now = self.now().timestamp()
        last = kept.get("searched")
        pause = 86400 * len(lines) / OUR_SEARCHES
        if not lines or (isinstance(last, (int, float)) and last <= now < last + pause):
            return []
        kept["searched"] = int(now)
        return lines

    def _search(self, line):
        params = {"part": "snippet", "q": line, "type": "video", "order": "date", "maxResults": VIDEOS}

        def fetch(token, floor):
            if not self._spend("searches", 1, OUR_SEARCHES):
                return None
            asked = params | ({"pageToken": token} if token else {})
            if floor:
                asked["publishedAfter"] = datetime.fromtimestamp(floor, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
            try:
                return self._entries("search", asked)
            except errors.RateLimited as problem:
                if problem.template != QUOTA_SPENT:
                    raise
                # searches are counted apart: comments go on being read
                self._spend("searches", OUR_SEARCHES - self._kept["searches"][1], OUR_SEARCHES)
                return None

        return fetch
