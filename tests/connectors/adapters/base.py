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

    :cvar settings: of the channel
    :cvar secrets: of the channel; each holds :data:`SECRET`
    """

    settings = {}
    secrets = {}

    def publish(self, number):
        """Publish ``number`` things and return the external ids that must arrive."""
        raise NotImplementedError

    def answer(self, request):
        """Answer a prepared request with ``(status, headers, body)``."""
        raise NotImplementedError
