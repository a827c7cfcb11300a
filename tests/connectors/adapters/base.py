"""What every adapter brings."""

from datetime import UTC, datetime

SECRET = "s3cr3t-TOKEN/value"
START = datetime(2025, 3, 1, 8, tzinfo=UTC)
ADAPTERS = {}


def adapter(code):
    """Class decorator: the conformance suite asks this adapter for the network ``code``."""

    def note(cls):
        ADAPTERS[code] = cls
        return cls

    return note


class Adapter:
    """A network in memory.

    What is published there has times from :data:`START` on; what *we* send has the present time.

    :cvar settings: of the channel
    :cvar secrets: of the channel; each holds :data:`SECRET`
    :cvar handle: a handle that :meth:`Connector.profile` finds, nobody: one that belongs to nobody
    :cvar signed: names of the headers of a delivery that must be refused when they are changed; ``None`` for all
    :cvar replaces: whether a thing has one answer only, whose place another one takes, as reviews have
    :cvar message_needs_target: whether a private message to somebody is lost with the thing it answers
    :cvar says_gone_by_status: whether 404 means that a thing is gone; a network that says it otherwise has
        :meth:`remove` called instead
    :cvar signs_body: whether a delivery is refused when its body was changed
    :ivar lose_answer: set to lose the answer to the next thing that is sent: it is done and then answered with 500.
        The suite loses answers by itself, for it sees :meth:`sent` grow; see ``conforming.Wire``
    """

    settings = {}
    secrets = {}
    handle = "ana"
    nobody = "nobody-of-that-name"
    signed = None
    signs_body = True
    message_needs_target = True
    replaces = False
    says_gone_by_status = True
    lose_answer = False

    def publish(self, number):
        """Publish ``number`` things and return the external ids that must arrive."""
        raise NotImplementedError

    def answer(self, request):
        """Answer a prepared request with ``(status, headers, body)``."""
        raise NotImplementedError

    # --- for networks that can be answered ---

    def target(self):
        """Return the ``items.Target`` of the thing published last that can be answered, as a mention of it would be
        stored.  Not needed by a network that only publishes."""
        raise NotImplementedError

    def sent(self):
        """Return what the network holds that we sent, oldest first: (external id, text as we sent it)."""
        raise NotImplementedError

    # --- optional; what a fake cannot do is skipped ---

    def direct(self):
        """Publish a private message to us and return its ``items.Target``."""
        raise NotImplementedError

    def edit(self):
        """Change the thing published last and return (external id, new text)."""
        raise NotImplementedError

    def remove(self, external_id):
        """Delete a published thing."""
        raise NotImplementedError

    def files(self):
        """Return (bytes, description or None) of the pictures and files that went with what was sent last."""
        raise NotImplementedError

    def moderated(self, action):
        """Return the ``items.Target`` that ``action`` can be done to; without it, :meth:`target` is taken."""
        return self.target()

    def figures(self):
        """Return (external id, identifiers) of things that :meth:`Connector.metrics` has figures of."""
        target = self.target()
        return [(target.external_id, target.identifiers)]

    @classmethod
    def does(cls, method):
        """Return whether this fake has an optional method."""
        return getattr(cls, method) is not getattr(Adapter, method)
