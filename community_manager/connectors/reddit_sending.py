"""Saying something on Reddit, finding it again, and moderating."""

import re
from datetime import UTC, datetime
from urllib.parse import quote

from . import errors
from .base import Sentence, _
from .http import TROUBLE
from .reddit_api import HOST, malformed
from .reddit_items import LINK, MESSAGE, SITE, fullname, listed, thing_of
from .saying import as_ours, letters, not_before
from .text import clean_line

#: Longest title of a post and subject of a message: https://www.reddit.com/dev/api#POST_api_submit and …compose
MOST_OF_A_TITLE = 300
MOST_OF_A_SUBJECT = 100
#: Pages of what we said that are looked through for a message whose fate is not known.
PAGES_LOOKED_THROUGH = 3
#: Entries of such a page; the most that Reddit gives.
LOOKED_AT = 100
#: Longest reason of a report.
MOST_OF_A_REASON = 100

TITLE_TOO_LONG = _("The title has %(length)s characters; this network takes %(limit)s.")
NOBODY = _("Reddit does not say who wrote this, so nobody can be written to.")
NO_COMMUNITY = _("Reddit does not say in which community this stands.")


class Sending:
    """The part of :class:`~.reddit.Reddit` that changes something there."""

    @classmethod
    def objection(cls, outgoing, now=None):
        """See :meth:`Connector.objection`."""
        if outgoing.way == "publish" and len(outgoing.title) > MOST_OF_A_TITLE:
            return Sentence(TITLE_TOO_LONG, length=len(outgoing.title), limit=MOST_OF_A_TITLE)
        return super().objection(outgoing, now)

    def _own(self, thing):
        return as_ours(self._item(thing))

    def reply(self, outgoing):
        """See :meth:`Connector.reply`: a comment, or the answer to a private message."""
        target = outgoing.target
        answer = self._api.post("/api/comment", thing_id=target.external_id, text=outgoing.text)
        things = answer.get("things")
        thing = thing_of(things[0]) if isinstance(things, list) and things else None
        if thing is None:
            raise malformed("comment: nothing came back")
        item = self._own(thing)
        item.parent_id = item.parent_id or target.external_id
        item.conversation_id = item.conversation_id or target.conversation_id or target.external_id
        return item

    def message(self, outgoing):
        """See :meth:`Connector.message`.  Reddit does not say what became of it, so it is looked for."""
        to = self._addressee(outgoing.target)
        self._find(outgoing.target.external_id)  # who took their words back is not written to about them
        title = outgoing.title or outgoing.text
        subject = clean_line(title.strip().splitlines()[0], MOST_OF_A_SUBJECT)
        asked = datetime.now(UTC)
        self._api.post("/api/compose", to=to, subject=subject, text=outgoing.text)
        try:
            found = self._sent_message(outgoing, asked)
        except errors.ConnectorError as problem:
            raise self._not_shown(problem.detail) from None
        if found is None:
            raise self._not_shown("not among the sent ones yet")
        return found

    @staticmethod
    def _not_shown(detail):
        """Return the error of a message that went out and does not show: it may be there all the same."""
        return errors.Retriable(TROUBLE, detail, params={"host": HOST, "status": "-"})

    @staticmethod
    def _addressee(target):
        name = target.author_handle.removeprefix("u/") or target.author_id
        if name.startswith("r/"):
            return f"/{name}"
        if not re.fullmatch(r"[A-Za-z0-9_-]{2,40}", name):
            raise errors.Refused(NOBODY)
        return name

    def _place(self):
        """Return the community that posts go to."""
        name = re.sub(r"^/?(r/)?", "", str(self.values.get("publish_to") or "").strip()).rstrip("/")
        return name or f"u_{self.me}"

    @staticmethod
    def _headline(outgoing):
        return clean_line(outgoing.title or outgoing.text.strip().splitlines()[0], MOST_OF_A_TITLE)

    def publish(self, outgoing):
        """See :meth:`Connector.publish`."""
        place, title = self._place(), self._headline(outgoing)
        answer = self._api.post("/api/submit", sr=place, kind="self", title=title, text=outgoing.text)
        name = fullname(answer.get("name"))
        if not name.startswith(LINK):
            raise malformed("submit: nothing came back")
        url = answer.get("url")
        return as_ours(self._item({
            "name": name, "title": title, "selftext": outgoing.text, "author": self.me, "subreddit": place,
            "is_self": True, "created_utc": datetime.now(UTC).timestamp(),
            "permalink": url.removeprefix(SITE) if isinstance(url, str) else "",
        }))  # fmt: skip

    def find_sent(self, outgoing):
        """See :meth:`Connector.find_sent`."""
        since = not_before(outgoing)
        if outgoing.way == "message" or (outgoing.way == "reply" and outgoing.target.external_id.startswith(MESSAGE)):
            return self._sent_message(outgoing, since)
        wanted = letters(outgoing.text)
        user = quote(self.me, safe="")
        if outgoing.way == "publish":
            place, title = self._place().lower(), self._headline(outgoing)
            return self._search(
                f"/user/{user}/submitted", since,
                lambda thing: letters(str(thing.get("selftext"))) == wanted and thing.get("title") == title
                and str(thing.get("subreddit")).lower() == place,
            )  # fmt: skip
        target = outgoing.target.external_id
        return self._search(
            f"/user/{user}/comments", since,
            lambda thing: thing.get("parent_id") == target and letters(str(thing.get("body"))) == wanted,
        )  # fmt: skip

    def _sent_message(self, outgoing, since):
        """Return a private message of ours, ``None`` when it surely was not sent."""
        wanted, target = letters(outgoing.text), outgoing.target
        to = "" if outgoing.way == "reply" else self._addressee(target).removeprefix("/r/").lower()

        def fits(thing):
            if to:
                there = str(thing.get("dest")).lstrip("#").lower() == to
            else:
                there = thing.get("parent_id") == target.external_id
            return there and letters(str(thing.get("body"))) == wanted

        return self._search("/message/sent", since, fits)

    def _search(self, path, since, fits):
        """Return what we said since a moment that fits, ``None`` when there surely is nothing.

        :raises errors.ConnectorError: it cannot be said
        """
        after, bound = {}, since.replace(microsecond=0)
        for _page in range(PAGES_LOOKED_THROUGH):
            answer = self._api.get(path, limit=LOOKED_AT, sort="new", **after)
            entries = listed(answer)
            if entries is None:
                raise malformed(f"{path}: no listing")
            things = [thing for thing in map(thing_of, entries) if thing is not None]
            for thing in things:
                made = self._reader().moment(thing.get("created_utc"))
                if made is None or made < bound:
                    return None
                if fits(thing) and str(thing.get("author")).lower() == self.me.lower():
                    return self._own(thing)
            if not things or not fullname(answer["data"].get("after")):
                return None
            after = {"after": answer["data"]["after"]}
        raise malformed("too much was said since")

    def moderate(self, action, target, reason=""):
        """See :meth:`Connector.moderate`."""
        name = target.external_id
        if action == "report":
            self._api.post("/api/report", id=name, reason=clean_line(reason, MOST_OF_A_REASON) or "spam")
        elif action == "approve":
            self._api.post("/api/approve", id=name)
        elif action == "ban":
            community = str(target.identifiers.get("subreddit") or "")
            if not re.fullmatch(r"[A-Za-z0-9_]{2,40}", community):
                raise errors.Refused(NO_COMMUNITY)
            note = clean_line(reason, 300)
            self._api.post(f"/r/{community}/api/friend", type="banned", name=self._addressee(target), note=note)
        elif action == "delete" and target.author_id.lower() == self.me.lower():
            self._api.post("/api/del", id=name)
        else:
            self._api.post("/api/remove", id=name, spam="true" if action == "spam" else "false")
