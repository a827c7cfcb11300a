"""YouTube: single comments and videos, answers, moderation, figures and profiles."""

from . import errors
from .base import _
from .google import NO_CHANNEL, Google
from .items import Check, Counts, Figures, Reject
from .reviews import words
from .saying import not_before
from .values import identifier
from .youtube_items import Reader, comment_key, number, part, said, video_id, wanted

API = "https://youtube.googleapis.com/youtube/v3"
#: Largest pages of comments, and of videos, channels and search results; so many ids are asked for at once.
COMMENTS, VIDEOS = 100, 50
#: Pages of replies that are looked through.
MOST_PAGES = 5
SAMPLE = 10

READS = _("Read comments on the channel and its videos")
SEARCHES_VIDEOS = _("Search for videos")
ANSWERS = _("Answer and moderate comments")
DELETED = _("This is not on YouTube any more.")

#: What moderating is on YouTube: the state a comment is put in.
STATES = {
    "hide": "heldForReview",
    "unhide": "published",
    "approve": "published",
    "delete": "rejected",
    "ban": "rejected",
}


class Acts(Google):
    """What is done with one thing, and what is asked about the account.

    Entries of lists that are nothing at all go to ``_rejects``, which listening hands over.
    """

    def _entries(self, path, params, actions=None):
        url = f"{API}/{path}"
        answer = self.ask("GET", url, params=params, actions=actions)
        entries, token = answer.get("items"), answer.get("nextPageToken")
        if entries is None and isinstance(answer.get("kind"), str):
            entries = []
        if not isinstance(entries, list):
            raise self.malformed(url, "no list")
        good = [entry for entry in entries if isinstance(entry, dict)]
        if entries and not good:
            raise self.malformed(url, "a list of something else")
        self._rejects += [Reject(entry, "no object") for entry in entries if not isinstance(entry, dict)]
        return good, token if isinstance(token, str) else ""

    def _mine(self, parts="snippet,contentDetails"):
        """Return the resource of the own channel."""
        entries, _token = self._entries("channels", {"part": parts, "mine": "true"})
        if not entries:
            raise errors.Misconfigured(NO_CHANNEL)
        if not identifier(entries[0].get("id")):
            raise self.malformed(f"{API}/channels", "channel without an id")
        return entries[0]

    def _reader(self):
        return Reader(self.account_id or identifier(self._mine("id")["id"]))

    def check(self):
        """See :meth:`Connector.check`."""
        mine = self._mine("snippet")
        snippet = part(mine, "snippet")
        found = Check(account_id=identifier(mine["id"]), can=[READS, ANSWERS])
        found.account = said(snippet, "customUrl", 100) or said(snippet, "title", 100) or found.account_id
        params = {"part": "snippet", "allThreadsRelatedToChannelId": found.account_id, "maxResults": SAMPLE}
        threads = []
        try:
            threads, _token = self._entries("commentThreads", params | {"order": "time", "textFormat": "plainText"})
        except errors.Refused as problem:
            found.missing.append(problem.template)
        entries = [{"comment": part(thread, "snippet", "topLevelComment")} for thread in threads]
        found.sample = Reader(found.account_id).read(entries, False)[0][:SAMPLE]
        if self.searches():
            found.can.append(SEARCHES_VIDEOS)
        return found

    # --- one thing ---

    def _one(self, item_id, identifiers):
        """Return (resource of a comment or a video, whether it is a video).

        :raises errors.Gone: it was deleted
        """
        video = (identifiers or {}).get("video") == item_id
        path, params = ("videos", {"part": "snippet,statistics"}) if video else ("comments", {"part": "snippet"})
        params |= {"id": item_id} | ({} if video else {"textFormat": "plainText"})
        entries = []
        try:
            entries, _token = self._entries(path, params, {404: errors.Gone, 410: errors.Gone})
        except errors.Gone:
            pass
        if not entries:
            # A service that is gone says the same of everything: that is no deletion.
            self._mine("id")
            raise errors.Gone(DELETED)
        return entries[0], video

    def _item(self, entry, video, reader):
        detail = ""
        try:
            return reader.video(entry) if video else reader.comment(entry)
        except (ValueError, TypeError, AttributeError, KeyError) as problem:
            detail = f"{type(problem).__name__}: {problem}"[:300]
        raise self.malformed(API, detail)

    def lookup(self, item_id, identifiers):
        """See :meth:`Connector.lookup`."""
        return self._item(*self._one(item_id, identifiers), self._reader())

    def thread(self, item_id, identifiers):
        """See :meth:`Connector.thread`: the comment above and its replies, or a video with its newest comments."""
        reader = self._reader()
        entry, video = self._one(item_id, identifiers)
        item = self._item(entry, video, reader)
        if video:
            params = {"part": "snippet", "videoId": item_id, "maxResults": COMMENTS, "order": "time"}
            threads, _token = self._entries("commentThreads", params | {"textFormat": "plainText"})
            around = [{"comment": part(thread, "snippet", "topLevelComment")} for thread in threads[::-1]]
            return [item, *reader.read(around, False)[0]]
        thread_id = item.conversation_id
        top = item
        if thread_id != item_id:
            top = self._item(*self._one(thread_id, {}), reader)
        replies = [{"comment": entry} for entry in self._replies(thread_id)]
        found = sorted(reader.read(replies, False)[0], key=lambda one: str(one.published_at or ""))
        return list({one.external_id: one for one in (top, *found, item)}.values())

    def _replies(self, thread_id):
        """Return the replies in a thread."""
        found, token = [], ""
        params = {"part": "snippet", "parentId": thread_id, "maxResults": COMMENTS, "textFormat": "plainText"}
        for _page in range(MOST_PAGES):
            paged = params | ({"pageToken": token} if token else {})
            entries, token = self._entries("comments", paged, {404: errors.Gone})
            found += entries
            if not token:
                break
        return found

    # --- answering ---

    @staticmethod
    def _thread_of(target):
        """Return the id of the comment above, empty when a video is answered."""
        if target.identifiers.get("video") == target.external_id:
            return ""
        return identifier(target.identifiers.get("thread")) or target.external_id.partition(".")[0]

    def reply(self, outgoing):
        """See :meth:`Connector.reply`: beneath a comment, or as a comment on a video."""
        target = outgoing.target
        try:
            reader = self._reader()
        except errors.ConnectorError as problem:
            problem.unsure = False  # nothing was sent yet
            raise
        gone, thread_id = {404: errors.Gone}, self._thread_of(target)
        if thread_id:
            body = {"snippet": {"parentId": thread_id, "textOriginal": outgoing.text}}
            answer = self.ask("POST", f"{API}/comments", True, params={"part": "snippet"}, json=body, actions=gone)
        else:
            comment = {"snippet": {"textOriginal": outgoing.text}}
            body = {"snippet": {"videoId": target.external_id, "topLevelComment": comment}}
            if target.identifiers.get("channel"):
                body["snippet"]["channelId"] = target.identifiers["channel"]
            url = f"{API}/commentThreads"
            answer = self.ask("POST", url, True, params={"part": "snippet"}, json=body, actions=gone)
            answer = part(answer, "snippet", "topLevelComment") or answer
        item = self._item(answer, False, reader)
        item.outgoing = True
        if not item.parent_id:
            item.parent_id = thread_id or target.external_id
        if thread_id:
            item.conversation_id = item.identifiers["thread"] = thread_id
        return item

    def find_sent(self, outgoing):
        """See :meth:`Connector.find_sent`."""
        reader, thread_id = self._reader(), self._thread_of(outgoing.target)
        if thread_id:
            entries = [{"comment": entry} for entry in self._replies(thread_id)]
        else:
            params = {"part": "snippet", "videoId": outgoing.target.external_id, "maxResults": COMMENTS}
            params |= {"order": "time", "textFormat": "plainText"}
            threads, _token = self._entries("commentThreads", params, {404: errors.Gone})
            entries = [{"comment": part(thread, "snippet", "topLevelComment")} for thread in threads]
        since = not_before(outgoing)
        for item in reader.read([entry for entry in entries if comment_key(entry)], False)[0]:
            recent = since is None or (item.published_at and item.published_at >= since)
            if recent and item.outgoing and words(item.text) == words(outgoing.text):
                if thread_id:
                    item.parent_id = item.conversation_id = item.identifiers["thread"] = thread_id
                return item
        return None

    def moderate(self, action, target, reason=""):
        """See :meth:`Connector.moderate`.

        Own comments are deleted; those of others are rejected, which hides them for good.  What was deleted before
        cannot be moderated any more, which is no failure.
        """
        mine = self.account_id or self._reader().me
        try:
            if action == "delete" and target.author_id and target.author_id == mine:
                self.ask("DELETE", f"{API}/comments", params={"id": target.external_id}, actions={404: errors.Gone})
                return
            params = {"id": target.external_id, "moderationStatus": STATES[action]}
            if action == "ban":
                params["banAuthor"] = "true"
            self.ask("POST", f"{API}/comments/setModerationStatus", params=params, actions={404: errors.Gone})
        except errors.Gone:
            if action not in ("delete", "hide"):
                raise

    # --- figures and people ---

    def metrics(self, things):
        """See :meth:`Connector.metrics`."""
        figures = part(self._mine("statistics"), "statistics")
        hidden = figures.get("hiddenSubscriberCount") is True
        found = Figures(
            followers=None if hidden else number(figures.get("subscriberCount")),
            posts=number(figures.get("videoCount")),
        )
        videos = [item_id for item_id, identifiers in things if (identifiers or {}).get("video") == item_id]
        comments = [item_id for item_id, identifiers in things if (identifiers or {}).get("video") != item_id]
        for start in range(0, len(videos), VIDEOS):
            ids = videos[start : start + VIDEOS]
            for entry in self._entries("videos", {"part": "statistics", "id": ",".join(ids)})[0]:
                counted = part(entry, "statistics")
                if video_id(entry) in ids:
                    found.items[video_id(entry)] = Counts(
                        views=number(counted.get("viewCount")),
                        likes=number(counted.get("likeCount")),
                        replies=number(counted.get("commentCount")),
                    )
        for start in range(0, len(comments), VIDEOS):
            ids = comments[start : start + VIDEOS]
            for entry in self._entries("comments", {"part": "snippet", "id": ",".join(ids)})[0]:
                if identifier(entry.get("id")) in ids:
                    likes = number(part(entry, "snippet").get("likeCount"))
                    found.items[identifier(entry["id"])] = Counts(likes=likes)
        return found

    def profile(self, handle):
        """See :meth:`Connector.profile`."""
        params = wanted(handle)
        if params is None:
            return None
        entries, _token = self._entries("channels", {"part": "snippet,statistics", **params})
        return Reader("").profile(entries[0]) if entries else None
