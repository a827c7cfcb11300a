"""What can go wrong between us and a network, named by what to do about it.

Every error carries ``message``, a sentence for the person who looks after the channel, and ``detail``, the technical
remainder for the log.  Neither may hold a secret: :mod:`.http` masks what it puts there.

To be shown in another language, an error also keeps the sentence as it was marked for translation (``template``) and
the values that belong in it (``params``): ``env._(error.template) % error.params`` says the same as ``error.message``.
"""


class ConnectorError(Exception):
    """Base of all; treated like :class:`Retriable`, for nothing better is known."""

    #: what the records floor does: "retry", "wait", "access", "settings", "gone", "skip" or "look"
    action = "retry"
    #: whether what was asked may have been done all the same: a post whose answer was lost may stand there
    unsure = True

    def __init__(self, message, detail="", status=None, params=None):
        """
        :param str message: a sentence for the administrator, without secrets; with ``params`` it is a template with
            ``%(name)s`` places, marked for translation
        :param str detail: technical remainder (status line, parser position), without secrets
        :param int status: HTTP status, where there was one
        :param dict params: what goes into the places of the template
        """
        self.template = message
        self.params = dict(params or {})
        self.message = message % self.params if self.params else message
        super().__init__(self.message)
        self.detail = detail
        self.status = status


class Retriable(ConnectorError):
    """The network or the way to it failed for now: come back later, longer each time."""


class Unreachable(Retriable):
    """No connection came about, so nothing was asked."""

    unsure = False


class Interrupted(Retriable):
    """Our own time was used up, or the server is stopping: no fault of the channel, go on at the next turn."""


class RateLimited(ConnectorError):
    """The network asked for a pause."""

    action = "wait"
    unsure = False

    def __init__(self, message, retry_at=None, detail="", status=429, params=None):
        """:param datetime retry_at: aware UTC time from the network's own header, ``None`` when it gave none"""
        super().__init__(message, detail, status, params)
        self.retry_at = retry_at


class AccessExpired(ConnectorError):
    """The token or password is no longer accepted: it must be renewed, or somebody must enter access again."""

    action = "access"
    unsure = False


class AccessDenied(ConnectorError):
    """Access is valid, but not for this: a permission is missing."""

    action = "access"
    unsure = False


class Misconfigured(ConnectorError):
    """A setting of the channel is wrong (address, tag, format): asking again changes nothing until it is mended."""

    action = "settings"
    unsure = False


class ForbiddenAddress(Misconfigured):
    """The address leads inside the company's own network: an administrator would have to allow that."""


class Gone(ConnectorError):
    """The network says that this one thing was deleted (404 or 410)."""

    action = "gone"
    unsure = False


class Refused(ConnectorError):
    """The network does not take this one message: too long, window closed, blocked, answers switched off."""

    action = "skip"
    unsure = False


class Duplicate(Refused):
    """The network says that it has this message already: it is looked for there."""

    action = "look"


class Malformed(ConnectorError):
    """The answer as a whole cannot be read.  One unreadable item in it is a :class:`~.items.Reject`, not an error."""


class TooLarge(ConnectorError):
    """The answer is larger than we are willing to read."""

    action = "settings"
