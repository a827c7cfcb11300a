"""Saying something on X, finding it again, and moderating."""

from datetime import UTC, datetime
from urllib.parse import quote

from . import errors
from .base import _
from .items import MentionItem
from .saying import CLOCKS_DIFFER
from .values import identifier
from .x_api import MESSAGE_FIELDS, MESSAGE_READ, POST_READ, unreadable
from .x_items import Reader, author_of, made_at, number_of
from .x_text import same_words

#: Entries in a page, and pages that are looked through for a message.
PAGE = 100
PAGES = 5

NOT_SUMMONED = _(
    "X does not take this answer. Accounts without an Enterprise contract may answer only posts that mention or quote "
    "them. X says: %(reason)s"
)
NOT_FOUND_YET = _("Our own posts on X are too many to look through. Look there whether the message went out.")
NO_OWN = _("Only our own posts and messages can be deleted.")


class XSending:
    """What the connector says."""

    def reply(self, outgoing):
        """See :meth:`Connector.reply`."""
        target = outgoing.target
        answered = identifier(target.identifiers.get("id")) or target.external_id
        return self._post(outgoing, {"reply": {"in_reply_to_tweet_id": answered}})

    def publish(self, outgoing):
        """See :meth:`Connector.publish`.  Posts have no title."""
        return self._post(outgoing, {})

    def _post(self, outgoing, more):
        author = author_of(self.me())
        try:
            data = self._sent(self._send("POST", "/2/tweets", {"text": outgoing.text, **more}))
        except errors.Duplicate:
            raise
        except errors.Refused as problem:
            if not more or problem.status != 403:
                raise
            raise errors.Refused(NOT_SUMMONED, problem.detail, 403, problem.params) from None
        post_id = identifier(data.get("id"))
        if not number_of(post_id):
            raise unreadable("post without an id")
        target = outgoing.target
        return MentionItem(
            external_id=post_id,
            text=outgoing.text,
            url=f"https://x.com/{author.handle[1:] or 'i'}/status/{post_id}",
            author=author,
            published_at=made_at(number_of(post_id)) or datetime.now(UTC),
            parent_id=target.external_id if target else "",
            conversation_id=(target.conversation_id or target.external_id) if target else post_id,
            origin="own",
            outgoing=True,
            identifiers={"id": post_id},
        )

    def message(self, outgoing):
        """See :meth:`Connector.message`."""
        target = outgoing.target
        author = author_of(self.me())
        conversation = identifier(target.identifiers.get("dm_conversation_id"))
        where = quote(conversation, safe="") if conversation else f"with/{quote(target.author_id, safe='')}"
        data = self._sent(self._send("POST", f"/2/dm_conversations/{where}/messages", {"text": outgoing.text}))
        event_id = identifier(data.get("dm_event_id"))
        if not event_id:
            raise unreadable("message without an id")
        conversation = identifier(data.get("dm_conversation_id")) or conversation
        return MentionItem(
            external_id=event_id,
            kind="message",
            text=outgoing.text,
            author=author,
            published_at=made_at(number_of(event_id)) or datetime.now(UTC),
            conversation_id=conversation,
            visibility="direct",
            origin="own",
            outgoing=True,
            identifiers={"id": event_id, "dm_conversation_id": conversation},
        )

    @staticmethod
    def _sent(answer):
        data = answer.get("data")
        if not isinstance(data, dict):
            raise unreadable("no data")
        return data

    def find_sent(self, outgoing):
        """See :meth:`Connector.find_sent`: looks through our own posts, or through the conversation."""
        me = self.my_id()
        since = outgoing.first_tried_at - CLOCKS_DIFFER
        target = outgoing.target
        if outgoing.way == "message":
            conversation = identifier(target.identifiers.get("dm_conversation_id"))
            where = quote(conversation, safe="") if conversation else f"with/{quote(target.author_id, safe='')}"
            path, params, ask, price = f"/2/dm_conversations/{where}/dm_events", MESSAGE_FIELDS, self._get, MESSAGE_READ
        else:
            path, ask, price = f"/2/users/{quote(me, safe='')}/tweets", self._get_posts, POST_READ
            params = {"start_time": since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")}
        answered = {target.external_id, identifier(target.identifiers.get("id"))} if target else {""}
        reader, token = Reader(me), ""
        for _turn in range(PAGES):
            page = ask(path, {**params, "max_results": PAGE, **({"pagination_token": token} if token else {})})
            meta = page.get("meta")
            if not isinstance(meta, dict) and "data" not in page:
                raise unreadable(path)
            items = reader.read(self._entries(page, price), "own")[0]
            for item in items:
                if item.outgoing and item.published_at and item.published_at >= since:
                    here = outgoing.way == "message" or item.parent_id in answered
                    if here and same_words(item.text, outgoing.text):
                        return item
            token = meta.get("next_token") if isinstance(meta, dict) else ""
            if not isinstance(token, str) or not token or any(_before(item, since) for item in items):
                return None
        raise errors.Retriable(NOT_FOUND_YET)

    # --- moderating ---

    def moderate(self, action, target, reason=""):
        """See :meth:`Connector.moderate`."""
        post_id = quote(identifier(target.identifiers.get("id")) or target.external_id, safe="")
        if action in ("hide", "unhide"):
            self._send("PUT", f"/2/tweets/{post_id}/hidden", {"hidden": action == "hide"})
        elif action == "delete":
            if target.author_id and target.author_id != self.my_id():
                raise errors.Refused(NO_OWN)
            kind = "dm_events" if target.identifiers.get("dm_conversation_id") else "tweets"
            try:
                self._send("DELETE", f"/2/{kind}/{post_id}")
            except errors.Gone:
                return  # it is not there, which is what was asked for
        elif action == "mute":
            self._send("POST", f"/2/users/{quote(self.my_id(), safe='')}/muting", {"target_user_id": target.author_id})
        else:
            raise NotImplementedError(action)


def _before(item, since):
    return bool(item.published_at) and item.published_at < since
