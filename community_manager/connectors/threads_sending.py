"""Saying something on Threads, in two steps, finding it again, and moderating."""

from datetime import UTC, datetime
from urllib.parse import quote

from . import errors
from .base import _
from .items import AuthorItem, MentionItem
from .meta_items import username_of
from .meta_sending import LOOKED_THROUGH, shows_all_since
from .saying import CLOCKS_DIFFER
from .threads_items import Reader
from .values import identifier, web_url

NO_OWN = _("Only our own posts can be deleted.")


def length_of(text):
    """Return how long a text is for Threads: emoji count as many characters as they have bytes in UTF-8.

    >>> length_of("Grüße"), length_of("👍"), length_of("☎️")
    (5, 4, 6)
    """
    total = 0
    for character in text:
        code = ord(character)
        emoji = code >= 0x1F000 or 0x2600 <= code <= 0x27BF or code in (0xFE0F, 0x200D)
        total += len(character.encode("utf-8", "surrogatepass")) if emoji else 1
    return total


class ThreadsSending:
    """What the connector says."""

    def reply(self, outgoing):
        """See :meth:`Connector.reply`."""
        return self._post(outgoing, {"reply_to_id": outgoing.target.external_id})

    def publish(self, outgoing):
        """See :meth:`Connector.publish`.  Posts have no title."""
        return self._post(outgoing, {})

    def _post(self, outgoing, more):
        """Make a container, which nobody sees, and publish it."""
        account = self.account()
        name = username_of(account["username"])
        made = self.send("POST", "me/threads", {"media_type": "TEXT", "text": outgoing.text, **more})
        container = identifier(made.get("id"))
        if not container:
            raise self.unreadable("container without an id")
        post_id = identifier(self.send("POST", "me/threads_publish", {"creation_id": container}).get("id"))
        if not post_id:
            raise self.unreadable("post without an id")
        target = outgoing.target
        return MentionItem(
            external_id=post_id,
            text=outgoing.text,
            author=AuthorItem(
                name,
                name=name,
                handle=f"@{name}",
                url=f"https://www.threads.com/@{name}",
                avatar_url=web_url(account.get("threads_profile_picture_url")),
            ),
            published_at=datetime.now(UTC),
            parent_id=target.external_id if target else "",
            conversation_id=(target.conversation_id or target.external_id) if target else post_id,
            origin="own",
            outgoing=True,
            identifiers={"id": post_id},
        )

    def find_sent(self, outgoing):
        """See :meth:`Connector.find_sent`: looks through our own posts or replies."""
        since = outgoing.first_tried_at - CLOCKS_DIFFER
        reader = Reader(self.my_name())
        path, fields = ("me/replies", self.reply_fields) if outgoing.target else ("me/threads", self.post_fields)
        params = {"fields": fields, "since": str(int(since.timestamp())), "limit": LOOKED_THROUGH}
        words = outgoing.text.split()
        entries, after = self.page_of(self.get(path, params))
        for item in reader.read(entries)[0]:
            here = item.parent_id == outgoing.target.external_id if outgoing.target else not item.parent_id
            recent = item.published_at is not None and item.published_at >= since
            if here and recent and item.outgoing and item.text.split() == words:
                return item
        if not shows_all_since(since, entries, after):
            raise NotImplementedError
        return None

    def moderate(self, action, target, reason=""):
        """See :meth:`Connector.moderate`."""
        thing = quote(target.external_id, safe="")
        if action in ("hide", "unhide"):
            self.send("POST", f"{thing}/manage_reply", {"hide": "true" if action == "hide" else "false"})
        elif action == "delete":
            if target.author_id and target.author_id != self.my_name():
                raise errors.Refused(NO_OWN)
            try:
                self.send("DELETE", thing)
            except errors.Gone:
                return  # it is not there, which is what was asked for
        else:
            raise NotImplementedError(action)
