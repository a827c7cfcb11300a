"""Stack Overflow and all other sites of the Stack Exchange network, by its API 2.3 (https://api.stackexchange.com/docs).

Questions are found by tags and words; answers and comments come with the conversation, and what is addressed to our own
user comes from its inbox.  With the permission to write, questions are answered and posts commented on.
"""

import re
from dataclasses import replace
from datetime import UTC, datetime

from . import errors
from .base import SEARCH_TOPICS, SEARCHES, TOO_LONG, Connector, Sentence, Setting, _
from .by_time import Turns, kept_key
from .http import DELETED
from .items import Check, Figures, Page
from .oauth import Authorization
from .registry import register
from .saying import as_ours, letters, not_before
from .stackexchange_api import HOST, MOST_AT_ONCE, NO_KEY, Api, malformed
from .stackexchange_items import COMMENT, Reader, counts_of
from .stackexchange_lists import Lists
from .text import clean_line, html_to_text
from .values import digest, identifier

#: Longest answer and comment: the sites' own editors say so when they are exceeded.
MOST_OF_AN_ANSWER = 30_000
MOST_OF_A_COMMENT = 600
#: Pages of what we wrote that are looked through for a message whose fate is not known.
PAGES_LOOKED_THROUGH = 5
SAMPLE = 10

CAN_TOPICS = _("Search for the words of the topics")
NO_INBOX = _("The inbox cannot be read: the access lacks the permission read_inbox.")


def site_of(text):
    """Return how the API calls a site, from what people enter.

    >>> [site_of(text) for text in ("stackoverflow.com", "https://electronics.stackexchange.com/", "mathoverflow.net")]
    ['stackoverflow', 'electronics', 'mathoverflow.net']
    """
    site = re.split(r"[/?#]", str(text or "").strip().lower().rpartition("://")[2], maxsplit=1)[0]
    return site.removeprefix("www.").removesuffix(".com").removesuffix(".stackexchange")


@register
class StackExchange(Connector):
    """Questions by tag and by word on one site, and the inbox of one user there."""

    code = "stackexchange"
    label = "Stack Exchange"
    description = _("Stack Overflow, Super User and all other question-and-answer sites of the Stack Exchange network.")
    kind = "qa"
    scope = "vertical"
    capabilities = frozenset({"listen", "search", "thread", "lookup", "reply", "metrics", "profile"})
    text_limit = MOST_OF_AN_ANSWER
    # The same request is answered from a cache for a minute: https://api.stackexchange.com/docs/throttle
    settle_seconds = 90
    # 300 requests a day without a key, 10,000 with one: https://api.stackexchange.com/docs/throttle
    poll_seconds = (600, 7200)
    settings = (
        Setting(
            # an address: our user has another number on each site, so access begins anew where it changes
            "site", _("Site"), _("Address of the site."), kind="url", required=True, default="stackoverflow.com",
            placeholder="stackoverflow.com",
        ),
        Setting(
            "tags", _("Tags"),
            _("Tags whose questions are read, one line each. Several tags in a line: questions that have them all."),
            kind="text", placeholder="acme-api",
        ),
        SEARCHES,
        replace(SEARCH_TOPICS, default=False),
        Setting(
            "app_key", _("Key of the application"),
            _("From stackapps.com. It is no secret; it allows more requests a day and is needed to connect a user."),
        ),
        Setting("client_id", _("Client ID"), _("From stackapps.com; only needed to connect a user.")),
        Setting(
            "client_secret", _("Client secret"), _("From stackapps.com; only needed to connect a user."), secret=True
        ),
        Setting("access_token", _("Access token"), _("Comes by authorisation."), secret=True, granted=True),
    )  # fmt: skip
    guide = _(
        "Reading needs no access: enter the site, and tags or words.\n"
        "For more than 300 requests a day, register an application on stackapps.com and enter its key.\n"
        "To read the inbox of your user and to answer, enter the client ID and the client secret too.\n"
        "On stackapps.com, the domain for OAuth must be the one of this Odoo.\n"
        "To write, the application must have a post on stackapps.com; Stack Exchange demands that.\n"
        "Then authorise with the user who answers for the company."
    )
    # https://api.stackexchange.com/docs/authentication; without no_expiry access would end after a day
    authorization = Authorization(
        authorize_url="https://stackoverflow.com/oauth",
        token_url="https://stackoverflow.com/oauth/access_token/json",
        scopes=("read_inbox", "write_access", "no_expiry"),
        scope_separator=",",
        refresh=False,
    )

    def __init__(self, http, settings, secrets=None):
        super().__init__(http, settings, secrets)
        self._turns = Turns(http, kept_key, lambda entry: "")
        self._me = {}
        key, token = str(self.values.get("app_key") or "").strip(), str(self.secrets.get("access_token") or "").strip()
        self._api = Api(http, self.realm, key, token)
        self._lists = Lists(self._api, lambda reject: self._turns.rejects.append(reject))

    @property
    def realm(self):
        """Within what ids are known: the site."""
        return site_of(self.values.get("site"))

    def _know(self, cursor):
        """Return who we are there, asking when it is not known."""
        access = digest("stackexchange", self._api.token, length=12) if self._api.token else ""
        self._me = dict(cursor.get("me") or {})
        if not self._api.token:
            self._me = {}
        elif self._me.get("access") != access:
            self._me = {"id": identifier(self._user().get("user_id")), "access": access}
        return self._me.get("id", "")

    def _user(self):
        users = self._api.read("/me")[0]
        if not users or not isinstance(users[0], dict) or not identifier(users[0].get("user_id")):
            raise malformed("me")
        return users[0]

    # --- the contract ---

    def check(self):
        """See :meth:`Connector.check`."""
        lists = self._lists.all(self.values, self.searches())
        found = Check()
        info = self._api.read("/info", filter="default")[0]
        if not info:
            raise malformed("info")
        found.account = self.realm
        if self._api.token:
            user = self._user()
            found.account_id = identifier(user["user_id"])
            name = user.get("display_name")
            found.account = clean_line(name, 200) if isinstance(name, str) and name.strip() else found.account_id
        reader = Reader(self.realm, found.account_id)
        for one in lists:
            try:
                entries = one.fetch("", 0)[:SAMPLE]
                found.sample += self._lists.items(reader, entries, one)[0]
            except errors.AccessDenied:
                if one.name != "inbox":
                    raise
                found.missing.append(NO_INBOX)
                continue
            found.can.append(one.sentence)
        if not lists:
            found.can.append(CAN_TOPICS)
        found.ok = bool(found.can)
        found.sample = list({item.external_id: item for item in found.sample}.values())[:SAMPLE]
        return found

    def listen(self, cursor):
        """See :meth:`Connector.listen`."""
        lists = self._lists.all(self.values, self.searches())
        waits = cursor.get("waits") or {}
        now = datetime.now(UTC).timestamp()
        self._api.waits = {name: until for name, until in waits.items() if until > now}
        if not lists:
            yield Page([], dict(cursor), requests=0)
            return
        reader = Reader(self.realm, self._know(cursor))

        def keep():
            return {name: value for name, value in (("me", self._me), ("waits", self._api.waits)) if value}

        yield from self._turns.pages(
            lists, cursor, lambda entries, one: self._lists.items(reader, entries, one) if entries else ([], []), keep
        )

    def _find(self, item_id, identifiers):
        """Return a thing as the API has it now.

        :raises errors.Gone: it has it no longer
        """
        known = (identifiers or {}).get("type")
        comment = item_id.startswith(COMMENT)
        path = "comments" if comment else {"answer": "answers"}.get(known, "questions")
        number = item_id.removeprefix(COMMENT)
        if not number.isdigit():
            raise malformed("not an id")
        try:
            things = self._api.get(f"/{path}/{number}", path)[0]
        except errors.Gone:
            self._api.read("/info", filter="default")  # a host that says so of everything is another one
            raise
        if not things:
            raise errors.Gone(DELETED, f"/{path}/{number}", params={"host": HOST})
        return things[0]

    def _item(self, reader, thing):
        items, rejects = reader.read([thing], "search")
        if rejects:
            raise malformed(rejects[0].error)
        return items[0]

    def lookup(self, item_id, identifiers):
        """See :meth:`Connector.lookup`."""
        return self._item(Reader(self.realm, self.account_id), self._find(item_id, identifiers))

    def thread(self, item_id, identifiers):
        """See :meth:`Connector.thread`: a question with its answers and all comments."""
        reader = Reader(self.realm, self.account_id)
        item = self._item(reader, self._find(item_id, identifiers))
        question = item.conversation_id
        if not question:
            # a comment only knows what it stands under
            for path in ("questions", "answers"):
                found = self._api.get(f"/{path}/{item.parent_id}", path)[0]
                if found and isinstance(found[0], dict):
                    question = identifier(found[0].get("question_id"))
                    break
        if not question:
            return [item]
        asked = {"pagesize": MOST_AT_ONCE, "sort": "creation", "order": "asc"}
        things = self._api.get(f"/questions/{question}", "questions")[0]
        answers = self._api.get(f"/questions/{question}/answers", "questions/answers", **asked)[0]
        things += answers
        things += self._api.get(f"/questions/{question}/comments", "questions/comments", **asked)[0]
        numbers = [identifier(one.get("answer_id")) for one in answers if isinstance(one, dict)]
        if any(numbers):
            ids = ";".join(number for number in numbers if number)
            things += self._api.get(f"/answers/{ids}/comments", "answers/comments", **asked)[0]
        found = {one.external_id: one for one in reader.read(things, "search")[0]}
        found.setdefault(item.external_id, item)
        oldest = datetime.min.replace(tzinfo=UTC)
        ordered = sorted(found.values(), key=lambda one: (bool(one.parent_id), one.published_at or oldest))
        for one in ordered:
            one.conversation_id = question
        return ordered

    @classmethod
    def objection(cls, outgoing, now=None):
        """See :meth:`Connector.objection`: only questions are answered at length, the rest is commented on."""
        length = cls.length(outgoing.text)
        if outgoing.target and not _is_question(outgoing.target) and length > MOST_OF_A_COMMENT:
            return Sentence(TOO_LONG, length=length, limit=MOST_OF_A_COMMENT)
        return super().objection(outgoing, now)

    def reply(self, outgoing):
        """See :meth:`Connector.reply`: an answer to a question, a comment under anything else.

        https://api.stackexchange.com/docs/create-answer and …/create-comment; both need the permission write_access.
        """
        target = outgoing.target
        if not self._api.token:
            raise errors.AccessExpired(NO_KEY)
        if _is_question(target):
            # answers may hold HTML: what looks like it is meant as it stands
            path, body = (
                f"/questions/{target.external_id}/answers/add",
                outgoing.text.replace("&", "&amp;").replace("<", "&lt;"),
            )
        else:
            path, body = f"/posts/{self._post_of(target)}/comments/add", outgoing.text
        try:
            things = self._api.post(path, body=body)
        except (errors.Refused, errors.Misconfigured) as refusal:
            if isinstance(refusal, errors.Duplicate):
                raise
            try:
                self._find(target.external_id, target.identifiers)
            except errors.Gone:
                raise
            except errors.ConnectorError:
                pass  # what the refusal itself says counts
            raise refusal from None
        if not things or not isinstance(things[0], dict):
            raise malformed("add: nothing came back")
        return self._own(things[0], target)

    def _own(self, thing, target):
        """Return the item of something we wrote."""
        item = as_ours(self._item(Reader(self.realm, self.account_id), thing))
        item.parent_id = item.parent_id or target.external_id
        item.conversation_id = item.conversation_id or target.conversation_id or item.parent_id
        return item

    @staticmethod
    def _post_of(target):
        """Return the number of the post whose comments a target belongs to."""
        if target.external_id.startswith(COMMENT):
            return identifier(target.identifiers.get("post_id"))
        return target.external_id

    def find_sent(self, outgoing):
        """See :meth:`Connector.find_sent`."""
        target = outgoing.target
        question = _is_question(target)
        path, name = ("/me/answers", "question_id") if question else ("/me/comments", "post_id")
        post = target.external_id if question else self._post_of(target)
        since = int(not_before(outgoing).timestamp())
        wanted = letters(outgoing.text)
        asked = {"sort": "creation", "order": "desc", "min": since, "pagesize": MOST_AT_ONCE}
        for page in range(1, PAGES_LOOKED_THROUGH + 1):
            things, more = self._api.get(path, page=page, **asked)
            for thing in things:
                if not isinstance(thing, dict) or identifier(thing.get(name)) != post:
                    continue
                made, body = thing.get("creation_date"), thing.get("body")
                if (
                    type(made) is int
                    and made >= since
                    and isinstance(body, str)
                    and letters(html_to_text(body)) == wanted
                ):
                    return self._own(thing, target)
            if not more:
                return None
        raise malformed("too much was written since")

    def metrics(self, things):
        """See :meth:`Connector.metrics`."""
        figures = Figures()
        kinds = {"questions": {}, "answers": {}, "comments": {}}
        for external_id, identifiers in things:
            kind = (identifiers or {}).get("type")
            path = "comments" if external_id.startswith(COMMENT) else "answers" if kind == "answer" else "questions"
            number = external_id.removeprefix(COMMENT)
            if number.isdigit():
                kinds[path][number] = external_id
        for path, numbers in kinds.items():
            known = list(numbers)
            for start in range(0, len(known), MOST_AT_ONCE):
                ids = ";".join(known[start : start + MOST_AT_ONCE])
                for thing in self._api.read(f"/{path}/{ids}", path, pagesize=MOST_AT_ONCE, filter="default")[0]:
                    number = identifier(thing.get(f"{path[:-1]}_id")) if isinstance(thing, dict) else ""
                    if number in numbers:
                        figures.items[numbers[number]] = counts_of(thing)
        return figures

    def profile(self, handle):
        """See :meth:`Connector.profile`: by number, by address, or by a name that is exactly that."""
        name = str(handle or "").strip().lstrip("@")
        if not name:
            return None
        number = re.search(r"/users/(\d{1,12})", name) or re.fullmatch(r"(\d{1,12})", name)
        if number:
            users = self._api.read(f"/users/{number.group(1)}", "users", filter="default")[0]
        else:
            asked = {"inname": name[:100], "sort": "reputation", "order": "desc", "filter": "default"}
            users = [
                user
                for user in self._api.read("/users", **asked)[0]
                if isinstance(user, dict) and str(user.get("display_name")).casefold() == name.casefold()
            ]
        return Reader(self.realm).author(users[0]) if users and isinstance(users[0], dict) else None


def _is_question(target):
    return (
        target is not None
        and target.identifiers.get("type", "question") == "question"
        and not (target.external_id.startswith(COMMENT))
    )
