"""Saying something as a Facebook page, finding it again, and moderating."""

from json import dumps
from urllib.parse import quote

from . import errors
from .facebook_items import message_id
from .items import AuthorItem
from .meta_sending import LOOKED_THROUGH, PageSending
from .meta_talks import NO_PERSON
from .values import identifier


class FacebookSending(PageSending):
    """What a page says."""

    hide_field = "is_hidden"

    @staticmethod
    def message_id_of(value):
        """See :meth:`PageTalks.message_id_of`."""
        return message_id(value)

    def _myself(self):
        page = self.chosen()
        return AuthorItem(page, name=self._page_name() or page, url=f"https://www.facebook.com/{page}")

    def _page_name(self):
        """Return the name of the page, asked for before anything is sent."""
        name = self.get(self.chosen(), {"fields": "name"}).get("name")
        return " ".join(name.split())[:200] if isinstance(name, str) else ""

    def reply(self, outgoing):
        """See :meth:`Connector.reply`: a comment beneath a post, a comment or a recommendation."""
        target = outgoing.target
        author = self._myself()
        answered = identifier(target.identifiers.get("id")) or target.external_id
        answer = self.send("POST", f"{quote(answered, safe='')}/comments", {"message": outgoing.text})
        comment_id = identifier(answer.get("id"))
        if not comment_id:
            raise self.unreadable("comment without an id")
        post_id = identifier(target.identifiers.get("post_id")) or target.conversation_id or target.external_id
        kept = {"id": comment_id, "type": "comment", "post_id": post_id}
        return self._said(
            comment_id,
            outgoing,
            "comment",
            author=author,
            parent_id=target.external_id,
            conversation_id=post_id,
            identifiers=kept,
        )

    def publish(self, outgoing):
        """See :meth:`Connector.publish`.  Posts have no title."""
        author = self._myself()
        answer = self.send("POST", f"{self.chosen()}/feed", {"message": outgoing.text})
        post_id = identifier(answer.get("id"))
        if not post_id:
            raise self.unreadable("post without an id")
        kept = {"id": post_id, "type": "post"}
        url = f"https://www.facebook.com/{post_id}" if post_id.replace("_", "").isdigit() else ""
        return self._said(post_id, outgoing, "post", author=author, url=url, conversation_id=post_id, identifiers=kept)

    def find_sent(self, outgoing):
        """See :meth:`Connector.find_sent`: looks beneath what was answered, on the page or in the conversation."""
        target = outgoing.target
        if outgoing.way == "message":
            return self.found_among(outgoing, "message", self.talk_with(target))
        if outgoing.way == "reply":
            answered = identifier(target.identifiers.get("id")) or target.external_id
            inside = identifier(target.identifiers.get("post_id")) or target.external_id
            params = {"fields": self.comment_fields, "order": "reverse_chronological", "limit": LOOKED_THROUGH}
            answer = self.get(f"{quote(answered, safe='')}/comments", params)
            return self.found_among(outgoing, "comment", [answer], inside)
        answer = self.get(f"{self.chosen()}/feed", {"fields": self.post_fields, "limit": LOOKED_THROUGH})
        return self.found_among(outgoing, "post", [answer])

    def moderate(self, action, target, reason=""):
        """See :meth:`Connector.moderate`."""
        if action != "ban":
            super().moderate(action, target, reason)
            return
        if not target.author_id:
            raise errors.Refused(NO_PERSON)
        self.send("POST", f"{self.chosen()}/blocked", {"psid": dumps([target.author_id])})
