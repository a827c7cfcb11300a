"""The company's own Odoo: comments on its blog, its forum, and the chats of its message gateways.

Nothing is asked over a network.  The desk sets ``connector.desk``, an object with a few narrow methods that read and
write in transactions of their own (see the records floor, ``models/platform/community_local.py``), and hands up plain
dicts:

``desk.account()``
    ``{"id", "name", "url"}``: as whom we speak.
``desk.newest(kind, until, since, limit)``
    Things of a kind, newest change first: those before the pair ``until`` (seconds, number), none older than ``since``.
``desk.thing(ref)``, ``desk.around(ref)``
    One thing by its reference, ``None`` when it is not there any more; all of its conversation, oldest first.
``desk.say(key, ref, text)``, ``desk.said(key)``
    Answer a thing, once for each key; what was said with a key, ``None`` when nothing was.
``desk.moderate(action, ref)``
    Do one of the network's moderations to a thing.
``desk.choices(name)``
    [(value, label), …] for a setting.

A thing is ``{"ref", "number", "changed", "kind", "text", "html", "title", "url", "author", "made", "edited", "parent",
"conversation", "ours", "direct", "public", "likes", "replies"}``; times are seconds since 1970.
"""

from datetime import UTC, datetime

from . import errors
from .base import Connector, Setting, _
from .by_time import Listing, Turns, id_of, key_of, second_of
from .items import AuthorItem, Check, MentionItem, Reject
from .registry import register
from .text import clean_line, clean_text, html_to_text
from .timeline import PAGE
from .values import count, identifier, web_url

SAMPLE = 10
#: Asking ourselves costs little.
POLL_SECONDS = (60, 600)

CAN_COMMENTS = _("Read comments on the blog")
CAN_POSTS = _("Read what the blog publishes")
CAN_QUESTIONS = _("Read questions and answers of the forum")
CAN_FORUM_COMMENTS = _("Read comments in the forum")
CAN_CHATS = _("Read the chats of the gateway")
DELETED = _("This was deleted.")
NO_ANSWERER = _("Choose as whom the company answers in the forum.")
NO_GATEWAY = _("Choose a gateway.")
NOT_HERE = _("This works inside Odoo only.")
# what the desk says
REFUSED = _("Odoo does not take this: %(why)s.")
BUSY = _("The database is busy. We try again at growing intervals.")
ANSWERER_LEFT = _("Choose as whom the company answers: the user that was chosen is not there any more.")
GATEWAY_LEFT = _("Choose a gateway: the one that was chosen is not there any more.")
OURS = _("This is a post of our own: change it on the website.")
NOT_HANDED_ON = _("The gateway did not hand this on: %(why)s.")

ANSWERER = Setting(
    "answerer",
    _("Answers as"),
    _("The user whose name stands at answers. Empty: the company itself."),
    kind="choice",
)


def entry_key(thing):
    """Return the key of a thing: when it was changed, and its number."""
    return key_of(thing["changed"], thing["number"])


class LocalNetwork(Connector):
    """Base of what is read in this Odoo.

    :cvar tuple kinds: (kind, what reading it means, origin of its items)
    """

    local = True
    kinds = ()
    scope = "horizontal"
    capabilities = frozenset({"listen", "thread", "lookup", "reply"})
    poll_seconds = POLL_SECONDS
    # What was said with a key is known for ever; the contract counts a week at most.
    repeat_seconds = 7 * 86400
    settle_seconds = 0

    def __init__(self, http, settings, secrets=None):
        super().__init__(http, settings, secrets)
        self._turns = Turns(http, entry_key, lambda thing: "")

    def _here(self):
        """Return the desk.

        :raises errors.Misconfigured: there is none
        """
        if self.desk is None:
            raise errors.Misconfigured(NOT_HERE)
        return self.desk

    def _lists(self):
        return [Listing(kind, self._fetcher(kind), says, origin) for kind, says, origin in self.kinds]

    def _fetcher(self, kind):
        def fetch(until, since):
            before = (second_of(until), int(id_of(until))) if until else None
            return self._here().newest(kind, before, since, PAGE)

        return fetch

    def _item(self, thing, origin="own"):
        """Return the item of a thing.

        :raises ValueError: it cannot be read
        """
        ref = identifier(thing["ref"])
        if not ref:
            raise ValueError("no reference")
        ours = bool(thing.get("ours"))
        made, edited = _moment(thing.get("made")), _moment(thing.get("edited"))
        text = clean_text(thing["text"]) if thing.get("text") else html_to_text(thing.get("html") or "")
        return MentionItem(
            external_id=ref,
            kind=thing["kind"],
            text=text,
            title=clean_line(thing.get("title") or ""),
            url=web_url(thing.get("url")),
            author=_author(thing.get("author")),
            published_at=made,
            edited_at=edited if edited and made and edited > made else None,
            parent_id=identifier(thing.get("parent")),
            conversation_id=identifier(thing.get("conversation")),
            visibility="direct" if thing.get("direct") else "public" if thing.get("public", True) else "private",
            origin="own" if ours else origin,
            outgoing=ours,
            likes=count(thing.get("likes")),
            replies=count(thing.get("replies")),
            identifiers={"ref": ref},
        )

    def _read(self, things, one):
        items, rejects = [], []
        for thing in things:
            try:
                items.append(self._item(thing, one.origin))
            except (ValueError, TypeError, KeyError, AttributeError) as problem:
                rejects.append(Reject(thing, f"{type(problem).__name__}: {problem}"[:300], str(thing.get("ref") or "")))
        return items, rejects

    # --- the contract ---

    def check(self):
        """See :meth:`Connector.check`."""
        account = self._here().account()
        found = Check(account=account["name"], account_id=account["id"])
        for one in self._lists():
            found.sample += self._read(one.fetch("", 0)[:SAMPLE], one)[0]
            found.can.append(one.sentence)
        found.sample = found.sample[:SAMPLE]
        return found

    def choices(self):
        """See :meth:`Connector.choices`."""
        desk = self._here()
        return {setting.name: desk.choices(setting.name) for setting in self.settings if setting.kind == "choice"}

    def listen(self, cursor):
        """See :meth:`Connector.listen`."""
        yield from self._turns.pages(self._lists(), cursor, self._read)

    def lookup(self, item_id, identifiers):
        """See :meth:`Connector.lookup`."""
        thing = self._here().thing(item_id)
        if thing is None:
            raise errors.Gone(DELETED)
        return self._item(thing)

    def thread(self, item_id, identifiers):
        """See :meth:`Connector.thread`."""
        things = self._here().around(item_id)
        if not any(thing["ref"] == item_id for thing in things):
            raise errors.Gone(DELETED)
        return [self._item(thing) for thing in things]

    def reply(self, outgoing):
        """See :meth:`Connector.reply`."""
        return self._answer(self._here().say(outgoing.key, outgoing.target.external_id, outgoing.text), outgoing)

    def find_sent(self, outgoing):
        """See :meth:`Connector.find_sent`: what was said is kept with its key, in one transaction."""
        thing = self._here().said(outgoing.key)
        return self._answer(thing, outgoing) if thing else None

    def _answer(self, thing, outgoing):
        """Return the item of an answer: Odoo keeps comments flat, we know what this one answers."""
        item = self._item(thing)
        item.parent_id = outgoing.target.external_id
        return item


class Moderated(LocalNetwork):
    """Base of what the company moderates itself."""

    capabilities = LocalNetwork.capabilities | {"moderate"}

    def moderate(self, action, target, reason=""):
        """See :meth:`Connector.moderate`."""
        self._here().moderate(action, target.external_id)


@register
class OdooBlog(Moderated):
    """Comments on the posts of the company's blog, and the posts."""

    code = "odoo_blog"
    label = _("Blog of this Odoo")
    description = _("Comments on the posts of your own website's blog.")
    kind = "blog"
    needs_models = ("blog.post",)
    moderations = frozenset({"hide", "unhide", "delete"})
    kinds = (("comments", CAN_COMMENTS, "own"), ("posts", CAN_POSTS, "own"))
    settings = (ANSWERER,)
    guide = _("Nothing has to be entered: the blog is in this Odoo.\nChoose as whom the company answers, if you like.")


@register
class OdooForum(Moderated):
    """Questions, answers and comments of the company's forum."""

    code = "odoo_forum"
    label = _("Forum of this Odoo")
    description = _("Questions, answers and comments in your own website's forum.")
    kind = "forum"
    needs_models = ("forum.post",)
    moderations = frozenset({"delete"})
    kinds = (("posts", CAN_QUESTIONS, "own"), ("comments", CAN_FORUM_COMMENTS, "own"))
    settings = (
        Setting(
            "answerer",
            _("Answers as"),
            _("The user in whose name the company answers. A forum knows users only, so one is needed to answer."),
            kind="choice",
        ),
    )
    guide = _(
        "Nothing has to be entered: the forum is in this Odoo.\nChoose the user in whose name the company answers."
    )

    def reply(self, outgoing):
        """See :meth:`Connector.reply`: a question is answered, all else is commented on."""
        if not self.values.get("answerer"):
            raise errors.Misconfigured(NO_ANSWERER)
        return super().reply(outgoing)


@register
class MailGateway(LocalNetwork):
    """The chats of one gateway of OCA's ``mail_gateway`` (WhatsApp, Telegram and others)."""

    code = "mail_gateway"
    label = _("Message gateway (OCA)")
    description = _("Chats of WhatsApp, Telegram and others that come through OCA's mail_gateway in this Odoo.")
    kind = "messaging"
    needs_models = ("mail.gateway",)
    kinds = (("chats", CAN_CHATS, "own"),)
    # The gateway hands on what it is told without a key: only what is known to have failed may be told again.
    repeat_seconds = 0
    settings = (
        Setting("gateway", _("Gateway"), _("The gateway whose chats are read and answered."), kind="choice"),
        ANSWERER,
    )
    guide = _(
        "Set up the gateway first, in the settings of this Odoo under Discuss: Gateways.\n"
        "Then choose it here.\n"
        "Chats go on in Discuss as well; what colleagues write there is seen here."
    )

    def _lists(self):
        if not self.values.get("gateway"):
            raise errors.Misconfigured(NO_GATEWAY)
        return super()._lists()


def _moment(second):
    return datetime.fromtimestamp(second, UTC) if isinstance(second, int) and 0 < second < 10**11 else None


def _author(author):
    if not author:
        return None
    return AuthorItem(
        external_id=author["id"],
        name=clean_line(author.get("name") or author["id"], 200),
        email=author.get("email") or "",
        handle=clean_line(author.get("handle") or "", 200),
        url=web_url(author.get("url")),
    )
