"""Private messages of Facebook pages and of the Instagram accounts that are connected to them.

Both go through the page (developers.facebook.com, "Messenger Platform", "Instagram Messaging", August 2026).
"""

from datetime import UTC, datetime, timedelta
from json import dumps

from . import errors
from .base import _
from .items import MentionItem
from .meta import INSIDE, PAGE, place_of
from .values import identifier
from .walk import SAMPLE

#: Pages of conversations that are looked through for those in which something was said.
TALKS = 10
#: People can be answered in private for 24 hours, and by a person (tag HUMAN_AGENT) for seven days after what they
#: said; a comment can be answered in private for seven days.
ANSWER = timedelta(hours=24)
WINDOW = timedelta(days=7)

NO_AGENT = _("After 24 hours, Meta takes answers only from apps that were given the feature “Human Agent”.")
NO_PERSON = _("Facebook does not say who wrote this, so that they cannot be written to.")


class PageTalks:
    """Conversations in private, read and answered.

    :cvar str platform: name of the service whose conversations are asked for
    :cvar str message_fields: what is asked for with each message
    :cvar bool keeps_person: whether the id that people are written to at has to be kept beside that of the author
    """

    platform = "messenger"
    message_fields = ""
    keeps_person = False

    def person_of(self, target):
        """Return the id at which the author of something is written to."""
        return target.author_id

    @staticmethod
    def message_id_of(value):
        """Return the id of a message as lists have it."""
        return identifier(value)

    # --- reading ---

    def _talk_params(self):
        fields = f"updated_time,messages.limit({INSIDE}){{{self.message_fields}}}"
        return {"platform": self.platform, "fields": fields}

    def _talks(self, known=0):
        """Return the conversations in which something may have been said, with their newest messages.

        :param int known: second up to which they were read
        """
        params = {**self._talk_params(), "limit": INSIDE}
        found, after = [], ""
        for _turn in range(TALKS):
            answer = self.get_page(f"{self.page_id()}/conversations", {**params, **({"after": after} if after else {})})
            talks, after = self.page_of(answer)
            for talk in talks:
                messages = talk.get("messages")
                found.append((identifier(talk["id"]), messages if isinstance(messages, dict) else {}))
            if not after or not known or any(0 < place_of(talk) < known for talk in talks):
                break
        return found

    def talk_walks(self, states, kept):
        """Yield the conversations; see :meth:`Walks.walks`.  Without the permission, the rest is read all the same."""
        params = {"fields": self.message_fields, "limit": PAGE}
        try:
            yield from self.inside("m:", self._talks(kept.get("m:", 0)), states, kept, "{}/messages", params)
        except errors.AccessDenied as problem:
            self._postponed = self._postponed or problem

    def sample_messages(self, reader):
        """Return ``(items, rejects)`` of the last message of some conversations."""
        items = []
        for talk, messages in self._talks()[:SAMPLE]:
            if messages:
                items += reader.read("message", self.page_of(messages)[0][:1], talk)[0]
        return items, []

    def talk_with(self, target):
        """Return the newest messages of the conversation with whoever wrote something, as lists."""
        if not self.person_of(target):
            raise NotImplementedError
        params = {**self._talk_params(), "user_id": self.person_of(target)}
        talks = self.page_of(self.get(f"{self.page_id()}/conversations", params))[0]
        return [talk["messages"] for talk in talks if isinstance(talk.get("messages"), dict)]

    # --- answering ---

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
        return MentionItem(
            sent,
            kind="message",
            text=outgoing.text,
            author=author,
            published_at=datetime.now(UTC),
            conversation_id=f"t_{person}" if person else "",
            visibility="direct",
            origin="own",
            outgoing=True,
            identifiers=kept,
        )
