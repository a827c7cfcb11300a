"""How the toy network takes what is sent to it."""

from datetime import UTC, datetime

from odoo.addons.community_manager.connectors.errors import Retriable
from odoo.addons.community_manager.connectors.items import AuthorItem, MentionItem


class ToySending:
    """Mixin: ``sent`` holds what arrived, in order, as ``(way, text, id of what is answered, key)``.

    ``answers`` are taken one by one, an exception for each message: raised instead of taking the message, or after it
    was taken when it has ``arrived`` set.  ``shows`` says whether it can be asked what we said.
    """

    sent = []
    answers = []
    asked = 0
    shows = True
    #: called with the message before it is taken, for tests in which something happens meanwhile
    before_sending = staticmethod(lambda outgoing: None)

    @classmethod
    def reset_sending(cls):
        """Forget what arrived."""
        cls.sent, cls.answers, cls.asked, cls.shows = [], [], 0, True
        cls.repeat_seconds, cls.settle_seconds, cls.text_limit = 0, 0, 200
        cls.before_sending = staticmethod(lambda outgoing: None)

    def _take(self, outgoing):
        self.before_sending(outgoing)
        answer = self.answers.pop(0) if self.answers else None
        if answer is not None and not getattr(answer, "arrived", False):
            raise answer
        known = [entry for entry in self.sent if self.repeat_seconds and entry[3] == outgoing.key]
        if not known:
            target = outgoing.target.external_id if outgoing.target else ""
            self.sent.append((outgoing.way, outgoing.text, target, outgoing.key))
        if answer is not None:
            raise answer
        return self._said(outgoing)

    def _said(self, outgoing):
        number = next(index for index, entry in enumerate(self.sent) if entry[3] == outgoing.key)
        target = outgoing.target
        return MentionItem(
            external_id=f"said-{number}",
            kind="comment",
            text=outgoing.text,
            url=f"https://toy.example/said-{number}",
            author=AuthorItem(external_id="us", name="Us"),
            published_at=datetime.now(UTC),
            parent_id=target.external_id if target else "",
            conversation_id=target.conversation_id if target else "",
            realm=target.realm if target else "",
            outgoing=True,
        )

    def reply(self, outgoing):
        """See :class:`.Connector`."""
        return self._take(outgoing)

    def message(self, outgoing):
        """See :class:`.Connector`."""
        return self._take(outgoing)

    def publish(self, outgoing):
        """See :class:`.Connector`."""
        return self._take(outgoing)

    def find_sent(self, outgoing):
        """See :class:`.Connector`."""
        type(self).asked += 1
        if not self.shows:
            raise NotImplementedError
        return self._said(outgoing) if any(entry[3] == outgoing.key for entry in self.sent) else None


def lost(message="The connection broke off."):
    """Return the error of a network that took the message and whose answer was lost."""
    error = Retriable(message)
    error.arrived = True
    return error
