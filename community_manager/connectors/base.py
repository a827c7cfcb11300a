"""The contract between the desk and a network.

A new network is one new file in this folder with one class under :func:`~.registry.register`.  The class talks to the
network through ``self.http`` only, knows nothing of Odoo or a database, and may run in any thread; one object serves
one run of one channel.
"""

import hashlib
from dataclasses import dataclass


def _(text):
    """Mark a label or sentence for translation; the records floor translates it."""
    return text


class Sentence(str):
    """A sentence with values in it that can still be said in another language.

    It is the English text; ``env._(sentence.template) % sentence.params`` says it in the user's.

    >>> sentence = Sentence("Row %(row)s is empty.", row=3)
    >>> sentence, sentence.template, sentence.params
    ('Row 3 is empty.', 'Row %(row)s is empty.', {'row': 3})
    """

    def __new__(cls, template, **params):
        text = super().__new__(cls, template % params if params else template)
        text.template = template
        text.params = params
        return text


@dataclass(frozen=True, slots=True)
class Setting:
    """Something a channel must be told.

    ``help`` says where to find it.  ``secret`` ones are encrypted and write-only.  ``kind`` is the input shown:
    "char", "url", "text" (one value a line), "bool" or "select" with ``options`` as (value, label) pairs.
    ``generated`` secrets are made by the desk when left empty (a webhook's signing key).  The address of a server must
    be of kind "url": when its host changes, the secrets of the old one are dropped, so that they never reach another.
    """

    name: str
    label: str
    help: str = ""
    kind: str = "char"
    required: bool = False
    secret: bool = False
    default: object = ""
    placeholder: str = ""
    options: tuple[tuple[str, str], ...] = ()
    generated: bool = False


class Connector:
    """Base of all networks.  Subclasses declare what they are and override only what they declare in ``capabilities``.

    :cvar code: identifier of the network, also the name of its icon ``static/img/networks/<code>.svg``
    :cvar kind: "social", "blog", "forum", "wiki", "reviews", "qa", "aggregator", "messaging", "website" or "import"
    :cvar scope: "horizontal" (generic) or "vertical" (specialised community)
    :cvar capabilities: subset of {"listen", "search", "thread", "lookup", "reply", "message", "publish", "metrics",
        "moderate", "push", "profile"}
    :cvar settings: what a channel must be told, in the order shown
    :cvar text_limit: longest reply in the network's own counting; 0 when there is none
    :cvar poll_seconds: (shortest, longest) pause between two polls; busy channels tend to the first
    :cvar cost_note: what reading costs, in words; empty when it is free
    :cvar push_headers: lower-case names of the headers that :meth:`parse_push` and :meth:`delivery_id` look at; only
        these are stored with a delivery
    """

    code = ""
    label = ""
    description = ""
    kind = "social"
    scope = "horizontal"
    capabilities = frozenset()
    settings = ()
    text_limit = 0
    poll_seconds = (60, 3600)
    cost_note = ""
    push_headers = ()

    def __init__(self, http, settings, secrets=None):
        """
        :param http: a :class:`~.http.Http`
        :param dict settings: values of the settings that are not secret, defaults filled in
        :param dict secrets: values of the secret ones
        """
        self.http = http
        self.values = {s.name: s.default for s in self.settings if not s.secret} | dict(settings)
        self.secrets = dict(secrets or {})
        if http is not None:
            http.mask(*self.secrets.values())

    @classmethod
    def can(cls, capability):
        """Return whether this network declares ``capability``."""
        return capability in cls.capabilities

    @classmethod
    def missing_settings(cls, settings, secret_names):
        """Return the :class:`Setting` objects that are required and empty."""
        return [
            s
            for s in cls.settings
            if s.required and not s.generated and not (s.name in secret_names if s.secret else settings.get(s.name))
        ]

    def check(self):
        """Try the access and say who we are there.

        :rtype: items.Check
        :raises errors.ConnectorError: with a sentence that says what to mend
        """
        raise NotImplementedError

    def listen(self, cursor):
        """Yield what is new since ``cursor``, oldest page first, each page with the cursor to resume after it.

        :param dict cursor: empty on the first run; otherwise as a page left it
        :rtype: Iterator[items.Page]
        :raises errors.ConnectorError: pages yielded before stay valid
        """
        raise NotImplementedError

    def thread(self, item_id, identifiers):
        """Return the conversation around an item, oldest first, the item itself included.

        :param str item_id: external id
        :param dict identifiers: as stored with the mention
        :rtype: list[items.MentionItem]
        :raises errors.Gone: the item itself was deleted
        """
        raise NotImplementedError

    def lookup(self, item_id, identifiers):
        """Return one item as it is now.

        :rtype: items.MentionItem
        :raises errors.Gone: it was deleted (404 or 410), the only proof of deletion there is
        """
        raise NotImplementedError

    def parse_push(self, headers, body, now):
        """Verify and read what the network pushed to us.

        :param dict headers: lower-case names
        :param bytes body: as received
        :param datetime now: aware UTC time of arrival
        :rtype: items.Page
        :raises errors.AccessDenied: signature missing or wrong, or the message is too old
        :raises errors.Malformed: signed, but unreadable
        """
        raise NotImplementedError

    def delivery_id(self, headers, body):
        """Return what tells a delivery from another and stays the same when it is sent again.

        :param dict headers: lower-case names
        :param bytes body: as received
        """
        digest = hashlib.sha256(body)
        for name in sorted(self.push_headers):
            digest.update(f"\0{name}:{headers.get(name, '')}".encode("utf-8", "surrogateescape"))
        return digest.hexdigest()
