"""Saying something as a Facebook page, finding it again, and moderating."""

from datetime import UTC, datetime, timedelta
from json import dumps
from urllib.parse import quote

from . import errors
from .base import _
from .facebook_items import message_id
from .items import AuthorItem, MentionItem
from .values import identifier

#: Clocks differ: what was sent may bear a time that is this much earlier than our own.
CLOCKS = timedelta(minutes=1)
#: Until then an answer is an answer; after that it is a person who takes care (tag HUMAN_AGENT), for seven days.
ANSWER = timedelta(hours=24)
LOOKED_THROUGH = 100

NO_AGENT = _("After 24 hours, Meta takes answers only from apps that were given the feature “Human Agent”.")
NO_PERSON = _("Facebook does not say who wrote this, so that they cannot be written to.")


class PageSending:
    """What is said in private, which pages and their Instagram accounts do alike.

    :cvar str platform: name of the service whose conversations are asked for
    :cvar bool keeps_person: whether the id that people are written to at has to be kept beside that of the author
    """

    platform = "messenger"
    keeps_person = False

    def person_of(self, target):
        """Return the id at which the author of something is written to."""
        return target.author_id

    @staticmethod
    def message_id_of(value):
        """Return the id of a message as lists have it."""
        return message_id(value)

    def _said(self, item_id, outgoing, kind, **values):
        """Return the item of what went out."""
        return MentionItem(
            external_id=item_id,
            kind=kind,
            text=outgoing.text,
            published_at=datetime.now(UTC),
            origin="own",
            outgoing=True,
            **values,
        )

    def message(self, outgoing):
        """See :meth:`Connector.message`: an answer to a message, or in private to a comment or a post."""
        target = outgoing.target
        author = self._myself()
        data = {"message": dumps({"text": outgoing.text})}
        if target.kind == "message":
            if not self.person_of(target):
                raise errors.Refused(NO_PERSON)
            data["recipient"] = dumps({"id": self.person_of(target)})
            data["messaging_type"] = "RESPONSE"
            if target.published_at and datetime.now(UTC) - target.published_at > ANSWER:
                data.update(messaging_type="MESSAGE_TAG", tag="HUMAN_AGENT")
        else:
            what = "comment_id" if target.kind == "comment" else "post_id"
            data["recipient"] = dumps({what: identifier(target.identifiers.get("id")) or target.external_id})
        try:
            answer = self.send("POST", f"{self.page_id()}/messages", data)
        except errors.AccessDenied as problem:
            if "tag" not in data:
                raise
            raise errors.Refused(NO_AGENT, problem.detail, problem.status) from None
        sent = self.message_id_of(answer.get("message_id"))
        if not sent:
            raise self.unreadable("message without an id")
        person = identifier(answer.get("recipient_id")) or self.person_of(target)
        kept = {"id": sent, "type": "message", "conversation": identifier(target.identifiers.get("conversation"))}
        if self.keeps_person:
            kept["person"] = person
        return self._said(
            sent,
            outgoing,
            "message",
            author=author,
            visibility="direct",
            conversation_id=f"t_{person}" if person else "",
            identifiers=kept,
        )

    def _sent_messages(self, target):
        """Return the messages of the conversation with whoever wrote what was answered."""
        if not self.person_of(target):
            raise NotImplementedError
        params = {"platform": self.platform, "user_id": self.person_of(target), "fields": self.talk_fields}
        entries = []
        for talk in self.page_of(self.get(f"{self.page_id()}/conversations", params))[0]:
            messages = talk.get("messages")
            entries += self.page_of(messages)[0] if isinstance(messages, dict) else []
        return entries


class FacebookSending(PageSending):
    """What a page says."""

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
        target, reader = outgoing.target, self._reader()
        since = outgoing.first_tried_at - CLOCKS
        if outgoing.way == "message":
            kind, inside, entries = "message", "", self._sent_messages(target)
        elif outgoing.way == "reply":
            answered = identifier(target.identifiers.get("id")) or target.external_id
            kind, inside = "comment", identifier(target.identifiers.get("post_id")) or target.external_id
            params = {"fields": self.comment_fields, "order": "reverse_chronological", "limit": LOOKED_THROUGH}
            entries = self.page_of(self.get(f"{quote(answered, safe='')}/comments", params))[0]
        else:
            kind, inside = "post", ""
            entries = self.page_of(
                self.get(f"{self.chosen()}/feed", {"fields": self.post_fields, "limit": LOOKED_THROUGH})
            )[0]
        words = outgoing.text.split()
        for item in reader.read(kind, entries, inside)[0]:
            if item.outgoing and item.published_at and item.published_at >= since and item.text.split() == words:
                return item
        return None

    # --- moderating ---

    def moderate(self, action, target, reason=""):
        """See :meth:`Connector.moderate`."""
        thing = quote(identifier(target.identifiers.get("id")) or target.external_id, safe="")
        if action in ("hide", "unhide"):
            self.send("POST", thing, {"is_hidden": "true" if action == "hide" else "false"})
        elif action == "delete":
            try:
                self.send("DELETE", thing)
            except errors.Gone:
                return  # it is not there, which is what was asked for
        elif action == "ban":
            if not target.author_id:
                raise errors.Refused(NO_PERSON)
            self.send("POST", f"{self.chosen()}/blocked", {"psid": dumps([target.author_id])})
        else:
            raise NotImplementedError(action)
