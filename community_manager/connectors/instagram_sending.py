"""Saying something as an Instagram account, finding it again, and moderating."""

from urllib.parse import quote

from . import errors
from .items import AuthorItem
from .meta_sending import LOOKED_THROUGH, PageSending
from .values import identifier


class InstagramSending(PageSending):
    """What the connector says."""

    platform = "instagram"
    keeps_person = True

    def person_of(self, target):
        """See :meth:`PageTalks.person_of`: authors are known by their names, which cannot be written to."""
        return identifier(target.identifiers.get("person"))

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
        answered = identifier(target.identifiers.get("id")) or target.external_id
        if outgoing.way == "message":
            return self.found_among(outgoing, "message", self.talk_with(target), answered)
        kind = target.identifiers.get("type")
        if kind == "mention":
            raise NotImplementedError  # comments beneath posts of others are not shown
        path = f"{quote(answered, safe='')}/{'replies' if kind == 'comment' else 'comments'}"
        answer = self.get(path, {"fields": self.comment_fields, "limit": LOOKED_THROUGH})
        item = self.found_among(outgoing, "comment", [answer], answered)
        if item:
            item.conversation_id = target.conversation_id
        return item
