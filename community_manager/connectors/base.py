"""The contract between the desk and a network.

A new network is one new file in this folder with one class under :func:`~.registry.register`.  The class talks to the
network through ``self.http`` only, knows nothing of Odoo or a database, and may run in any thread; one object serves
one run of one channel.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from .media import files_objection
from .receiving import Receiving
from .wording import Sentence, _


@dataclass(frozen=True, slots=True)
class Setting:
    """Something a channel must be told.

    ``help`` says where to find it.  ``secret`` ones are encrypted and write-only.  ``kind`` is the input shown:
    "char", "url", "text" (one value a line), "bool", "select" with ``options`` as (value, label) pairs, or "choice",
    whose options the network gives once there is access (:meth:`Connector.choices`).
    ``generated`` secrets are made by the desk when left empty (a webhook's signing key).  ``granted`` secrets come by
    authorisation (:attr:`Connector.authorization`) and are not asked for.  The address of a server must
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
    granted: bool = False


#: Settings of every network that can be searched.
SEARCHES = Setting(
    "searches",
    _("Searches"),
    _("Words to search for, one search a line."),
    kind="text",
    placeholder="acme boots",
)
SEARCH_TOPICS = Setting(
    "search_topics",
    _("Search for the words of the topics"),
    _("Also search for the keywords of the topics that this channel listens for."),
    kind="bool",
    default=True,
)
#: Searches of one channel; each costs a request at every poll.
MOST_SEARCHES = 25

TOO_LONG = _("The text has %(length)s characters; this network takes %(limit)s.")
TOO_LATE = _("This network lets us answer for %(hours)s hours only, and they are over.")
EMPTY = _("There is nothing to say yet.")


class Connector(Receiving):
    """Base of all networks.  Subclasses declare what they are and override only what they declare in ``capabilities``.

    What belongs to deliveries and mails, ``push_headers`` among it, stands in :class:`~.receiving.Receiving`.

    :cvar code: identifier of the network, also the name of its icon ``static/img/networks/<code>.svg``
    :cvar kind: "social", "blog", "forum", "wiki", "reviews", "qa", "aggregator", "messaging", "website" or "import"
    :cvar scope: "horizontal" (generic) or "vertical" (specialised community)
    :cvar capabilities: subset of {"listen", "search", "thread", "lookup", "reply", "message", "publish", "metrics",
        "moderate", "push", "mail", "profile"}
    :cvar settings: what a channel must be told, in the order shown
    :cvar guide: how to get access, step by step, one step a line
    :cvar text_limit: longest reply in the network's own counting (:meth:`length`); 0 when there is none
    :cvar message_limit: longest private message, publish_limit: longest publication; ``None``: as ``text_limit``
    :cvar reply_window: ``timedelta`` after which a thing cannot be answered any more, message_window: after which
        its author cannot be written to; ``None``: always
    :cvar ways_of_direct: ways in which a private message can be answered
    :cvar repeat_seconds: how long sending with the same ``Outgoing.key`` again is harmless, because the network drops
        the repeat; 0 when it does not know keys
    :cvar media: a :class:`~.media.Media`, what pictures and files go with a text; ``None`` for none
    :cvar threads: whether a long text can go out as several, each beneath the one before, as people do there
    :cvar settle_seconds: how long after an attempt :meth:`find_sent` may still miss what went out
    :cvar moderations: subset of {"hide", "unhide", "delete", "report", "ban", "approve", "spam", "mute"};
        own_moderations: those of them that the network allows only on what the connected account wrote
    :cvar poll_seconds: (shortest, longest) pause between two polls; busy channels tend to the first
    :cvar cost_note: what reading costs, in words; empty when it is free
    :cvar currency: ISO code of what ``Page.cost`` and ``send_cost`` are in; empty when the network charges nothing
    :cvar send_cost: what sending one message costs, where :meth:`cost_of` does not know better
    :cvar authorization: a :class:`~.oauth.Authorization` when access is granted by OAuth 2
    :cvar renew_seconds: how long before its end access is renewed
    :cvar local: whether it reads this very Odoo; the desk then sets ``self.desk``, through which it does
    :cvar needs_models: names of the models of this Odoo without which there is no such network here
    :ivar tuple keywords: words of the topics that the channel listens for, set by the desk before listening
    :ivar float spent: what calls that bring no page (thread, lookup, profile, metrics) have cost so far, added up by
        the connector; the desk counts it
    :ivar str push_address: the address that the network was asked to deliver to, set by the desk; empty when it was not
    :ivar str account_id: ``Check.account_id`` of the account that was connected, set by the desk; empty before that
    """

    code = ""
    label = ""
    description = ""
    kind = "social"
    scope = "horizontal"
    capabilities = frozenset()
    settings = ()
    guide = ""
    text_limit = 0
    message_limit = None
    publish_limit = None
    reply_window = None
    message_window = None
    ways_of_direct = ("reply",)
    repeat_seconds = 0
    settle_seconds = 30
    media = None
    threads = False
    moderations = frozenset()
    own_moderations = frozenset()
    poll_seconds = (60, 3600)
    cost_note = ""
    currency = ""
    send_cost = 0.0
    authorization = None
    renew_seconds = 300
    local = False
    needs_models = ()

    def __init__(self, http, settings, secrets=None):
        """
        :param http: a :class:`~.http.Http`
        :param dict settings: values of the settings that are not secret, defaults filled in
        :param dict secrets: values of the secret ones
        """
        self.http = http
        self.values = {s.name: s.default for s in self.settings if not s.secret} | dict(settings)
        self.secrets = dict(secrets or {})
        self.keywords = ()
        self.account_id = ""
        self.push_address = ""
        self.spent = 0.0
        self.desk = None
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
            if s.required
            and not s.generated
            and not s.granted
            and not (s.name in secret_names if s.secret else settings.get(s.name))
        ]

    def searches(self):
        """Return what to search for: the channel's own lines, then the words of its topics if that is switched on."""
        lines = [line.strip() for line in str(self.values.get("searches") or "").splitlines()]
        if self.values.get("search_topics"):
            lines += self.keywords
        return list(dict.fromkeys(line for line in lines if line))[:MOST_SEARCHES]

    def check(self):
        """Try the access and say who we are there.

        :rtype: items.Check
        :raises errors.ConnectorError: with a sentence that says what to mend
        """
        raise NotImplementedError

    def listen(self, cursor):
        """Yield what is new since ``cursor``, oldest page first, each page with the cursor to resume after it.

        :mod:`.timeline` says which reader of lists suits which network.

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

    # --- answering ---

    @classmethod
    def length(cls, text):
        """Return how long a text is in the network's own counting."""
        return len(text)

    @classmethod
    def limit(cls, way):
        """Return the longest text for a way of saying it, 0 for no limit."""
        own = {"message": cls.message_limit, "publish": cls.publish_limit}.get(way)
        return cls.text_limit if own is None else own

    @classmethod
    def cost_of(cls, outgoing):
        """Return what sending this costs, in :attr:`currency`."""
        return cls.send_cost

    @classmethod
    def ways(cls, target):
        """Return the ways in which a mention can be answered, the usual one first.

        :param items.Target target: what is to be answered
        """
        wanted = cls.ways_of_direct if target.visibility == "direct" else ("reply", "message")
        return tuple(way for way in wanted if cls.can(way))

    @classmethod
    def objection(cls, outgoing, now=None):
        """Return why this cannot be sent as it is, known without asking the network; ``None`` when nothing is known.

        :param items.Outgoing outgoing: what is to be said
        :param datetime now: aware UTC time
        """
        if not outgoing.text.strip():
            return Sentence(EMPTY)
        limit, length = cls.limit(outgoing.way), cls.length(outgoing.text)
        if limit and length > limit:
            return Sentence(TOO_LONG, length=length, limit=limit)
        files = [(file.name, file.mimetype, len(file.data)) for file in outgoing.attachments]
        refused = files_objection(cls.media, outgoing.way, files)
        if refused:
            return refused
        window = {"reply": cls.reply_window, "message": cls.message_window}.get(outgoing.way)
        since = outgoing.target and outgoing.target.published_at
        if window and since and (now or datetime.now(UTC)) - since > window:
            return Sentence(TOO_LATE, hours=int(window.total_seconds() // 3600))
        return None

    def reply(self, outgoing):
        """Answer ``outgoing.target`` where it stands, to whoever can see it.

        :param items.Outgoing outgoing: what is to be said
        :returns: what went out, as listening would bring it, with ``outgoing`` set
        :rtype: items.MentionItem
        :raises errors.Gone: what is answered is not there any more
        :raises errors.Duplicate: the network has this already
        :raises errors.Refused: the network does not take it, with the reason
        :raises errors.ConnectorError: with ``unsure`` telling whether it may have gone out all the same
        """
        raise NotImplementedError

    def message(self, outgoing):
        """Write to the author of ``outgoing.target`` in private; see :meth:`reply`."""
        raise NotImplementedError

    def publish(self, outgoing):
        """Say something of our own; see :meth:`reply`."""
        raise NotImplementedError

    def find_sent(self, outgoing):
        """Look on the network for a message whose fate is not known.

        It must not take an older message of the same words for it: nothing before ``outgoing.first_tried_at`` counts
        (less a minute, for clocks differ).

        :returns: what went out, or ``None`` when it surely did not
        :raises NotImplementedError: this network does not show it; a person has to look
        """
        raise NotImplementedError

    def moderate(self, action, target, reason=""):
        """Do one of :attr:`moderations` to a mention.  Doing it again changes nothing.

        :param items.Target target: the mention
        :param str reason: for the network, where it takes one
        """
        raise NotImplementedError

    def metrics(self, things):
        """Return figures of the account and of some things.

        :param things: list of (external id, identifiers)
        :rtype: items.Figures
        """
        raise NotImplementedError

    def profile(self, handle):
        """Return who is behind a handle on this network, or ``None`` when nobody is.

        :param str handle: with or without @, or an address of a profile
        :rtype: items.AuthorItem or None
        """
        raise NotImplementedError

    # --- access ---

    def endpoints(self):
        """Return the :class:`~.oauth.Authorization` of this channel, whose addresses may depend on its settings."""
        return self.authorization

    def register_app(self, redirect_uri):
        """Make an application for this desk on the server, where ``authorization.dynamic`` says that this is possible.

        :param str redirect_uri: where the server sends people back to
        :returns: {"client_id": …, "client_secret": …}
        """
        raise NotImplementedError

    def granted(self, tokens):
        """Return the access to keep after a person authorised, for networks that first give a short-lived one.

        :param items.Tokens tokens: as the code was exchanged for
        :rtype: items.Tokens
        """
        return tokens

    def choices(self):
        """Return what can be chosen for settings of kind "choice": the pages, places or lists that access reaches.

        :returns: {setting name: [(value, label), …]}
        """
        return {}

    def renewable(self):
        """Return whether :meth:`renew` can do anything: there is something to renew access with."""
        return bool(self.authorization and self.authorization.refresh and self.secrets.get("refresh_token"))

    def renew(self):
        """Renew access before it ends, or after it was refused.

        :rtype: items.Tokens
        :raises errors.AccessExpired: a person has to authorise again
        """
        from .oauth import refresh

        return refresh(self)
