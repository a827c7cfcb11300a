"""Saying something as an Instagram account, finding it again, and moderating."""

from urllib.parse import quote

from . import errors
from .facebook_sending import CLOCKS, LOOKED_THROUGH, PageSending
from .items import AuthorItem
from .values import identifier


class InstagramSending(PageSending):
    """What the connector says."""

    platform = "instagram"
    keeps_person = True

    def person_of(self, target):
        """See :meth:`PageSending.person_of`: authors are known by their names, which cannot be written to."""
        return identifier(target.identifiers.get("person"))

    @staticmethod
    def message_id_of(value):
        """See :meth:`PageSending.message_id_of`."""
        return identifier(value)

    def _myself(self):
        name = self.my_name()
        return AuthorItem(name, name=name, handle=f"@{name}", url=f"https://www.instagram.com/{name}/")

    def reply(self, outgoing):
        """See :meth:`Connector.reply`: beneath a comment or a post of ours, or where others name us."""
        target = outgoing.target
        author, kept = self._myself(), target.identifiers
        answered = identifier(kept.get("id")) or target.external_id
        media_id = identifier(kept.get("media_id"))
        kind = kept.get("type")
        data = {"message": outgoing.text}
        if kind == "mention":
            data.update({"media_id": media_id, "comment_id": answered} if media_id else {"media_id": answered})
            path = f"{quote(self.chosen(), safe='')}/mentions"
        elif kind in ("tag", "hashtag"):
            raise errors.Refused(self.not_answered)
        else:
            path = f"{quote(answered, safe='')}/{'replies' if kind == 'comment' else 'comments'}"
        comment_id = identifier(self.send("POST", path, data).get("id"))
        if not comment_id:
            raise self.unreadable("comment without an id")
        media_id = media_id or target.conversation_id or target.external_id
        return self._said(
            comment_id,
            outgoing,
            "comment",
            author=author,
            parent_id=target.external_id,
            conversation_id=media_id,
            identifiers={"id": comment_id, "type": "comment", "media_id": media_id},
        )

    def find_sent(self, outgoing):
        """See :meth:`Connector.find_sent`: looks beneath what was answered, or in the conversation."""
        target = outgoing.target
        since = outgoing.first_tried_at - CLOCKS
        kind = target.identifiers.get("type")
        answered = identifier(target.identifiers.get("id")) or target.external_id
        if outgoing.way == "message":
            what, entries = "message", self._sent_messages(target)
        elif kind == "mention":
            raise NotImplementedError  # comments beneath posts of others are not shown
        else:
            path = f"{quote(answered, safe='')}/{'replies' if kind == 'comment' else 'comments'}"
            params = {"fields": self.comment_fields, "limit": LOOKED_THROUGH}
            what, entries = "comment", self.page_of(self.get(path, params))[0]
        words = outgoing.text.split()
        for item in self._reader().read(what, entries, answered)[0]:
            if item.outgoing and item.published_at and item.published_at >= since and item.text.split() == words:
                item.conversation_id = item.conversation_id if what == "message" else target.conversation_id
                return item
        return None

    def moderate(self, action, target, reason=""):
        """See :meth:`Connector.moderate`."""
        thing = quote(identifier(target.identifiers.get("id")) or target.external_id, safe="")
        if action in ("hide", "unhide"):
            self.send("POST", thing, {"hide": "true" if action == "hide" else "false"})
        elif action == "delete":
            try:
                self.send("DELETE", thing)
            except errors.Gone:
                return  # it is not there, which is what was asked for
        else:
            raise NotImplementedError(action)
