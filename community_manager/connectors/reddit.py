"""Reddit: the inbox of our user, communities and searches; answers, private messages, posts and moderation."""

import re
from urllib.parse import quote

from . import errors
from .base import SEARCH_TOPICS, SEARCHES, Connector, Sentence, Setting, _
from .by_time import KEY, Listing, Turns, id_of, kept_key, second_of
from .items import Check, Figures, Reject
from .oauth import Authorization
from .reddit_api import DELETED, Api, malformed
from .reddit_items import COMMENT, MESSAGE, Reader, counts_of, flat, fullname, is_gone, key, listed, mark, thing_of
from .reddit_sending import Sending
from .registry import register
from .text import clean_line
from .timeline import PAGE
from .values import count, identifier, web_url

#: Communities that one channel follows; their names go into one address.
MOST_COMMUNITIES = 40
#: Comments of a conversation that are given.
MOST_OF_A_THREAD = 500
#: Things in one request: https://www.reddit.com/dev/api#GET_api_info
MOST_AT_ONCE = 100
SAMPLE = 10

CAN_INBOX = _("Read who mentions us, answers us or writes to us")
CAN_OWN = _("See what our user says there")
CAN_POSTS = _("Follow new posts in %(name)s")
CAN_COMMENTS = _("Follow new comments in %(name)s")
CAN_SEARCH = _("Search for “%(name)s”")
MISSING_SCOPE = _("“%(what)s” is not possible: the access lacks a permission. Authorise again.")


@register
class Reddit(Sending, Connector):
    """The inbox of one user, what that user says, communities and searches."""

    code = "reddit"
    label = "Reddit"
    description = _("Mentions, answers, private messages, communities and searches; answers, posts and moderation.")
    kind = "aggregator"
    scope = "horizontal"
    capabilities = frozenset(
        {"listen", "search", "thread", "lookup", "reply", "message", "publish", "moderate", "metrics", "profile"}
    )
    # Comments and private messages end there, and posts here: the answer TOO_LONG names these numbers.
    text_limit = 10_000
    publish_limit = 40_000
    # Lists are served from caches that follow within a minute.
    settle_seconds = 90
    moderations = frozenset({"delete", "spam", "approve", "report", "ban"})
    # 100 requests a minute for each application and user: https://support.reddithelp.com/hc/en-us/articles/16160319875092
    poll_seconds = (120, 1800)
    cost_note = _("Free for 100 requests a minute; commercial use needs Reddit's consent.")
    settings = (
        Setting(
            "username", _("User"), _("The user who answers for the company. Reddit wants it named in every request."),
            required=True, placeholder="acme_support",
        ),
        Setting("client_id", _("Client ID"), _("Stands below the name of the application."), required=True),
        Setting("client_secret", _("Client secret"), _("Stands beside “secret”."), required=True, secret=True),
        Setting(
            "communities", _("Communities"), _("Communities whose posts and comments are read, one a line."),
            kind="text", placeholder="r/acme",
        ),
        SEARCHES,
        SEARCH_TOPICS,
        Setting(
            "inside", _("Search these communities only"),
            _("Search in the communities above only, and not on all of Reddit."), kind="bool", default=False,
        ),
        Setting(
            "publish_to", _("Community to publish in"), _("Where posts are published; empty: the profile of the user."),
            placeholder="r/acme",
        ),
        Setting("access_token", _("Access token"), secret=True, granted=True),
        Setting("refresh_token", _("Refresh token"), secret=True, granted=True),
    )  # fmt: skip
    guide = _(
        "Log in to Reddit with the user who answers for the company and open reddit.com/prefs/apps.\n"
        "Create an application of the kind “web app”; a “script” will do as well.\n"
        "As “redirect uri”, enter the address for authorisation that is shown here.\n"
        "Enter the client ID, the client secret and the name of the user here.\n"
        "Then authorise; the permission stays until it is withdrawn on Reddit."
    )
    # https://github.com/reddit-archive/reddit/wiki/OAuth2
    authorization = Authorization(
        authorize_url="https://www.reddit.com/api/v1/authorize",
        token_url="https://www.reddit.com/api/v1/access_token",
        scopes=(
            "identity",
            "read",
            "privatemessages",
            "history",
            "submit",
            "edit",
            "report",
            "modposts",
            "modcontributors",
        ),  # fmt: skip
        pkce=False,
        client_auth="basic",
        extra=(("duration", "permanent"),),
    )

    def __init__(self, http, settings, secrets=None):
        super().__init__(http, settings, secrets)
        self._turns = Turns(http, kept_key, mark)
        token = str(self.secrets.get("access_token") or "").strip()
        self._api = Api(http, token, str(self.values.get("client_id") or ""), self.me)

    @property
    def me(self):
        """Name of our user."""
        return re.sub(r"^/?u/", "", str(self.values.get("username") or "").strip().lstrip("@"))

    def _communities(self):
        lines = str(self.values.get("communities") or "").splitlines()
        names = (re.sub(r"^/?r/", "", line.strip()).rstrip("/") for line in lines)
        good = (name for name in names if re.fullmatch(r"[A-Za-z0-9_]{2,40}", name))
        return list(dict.fromkeys(good))[:MOST_COMMUNITIES]

    # --- what is read ---

    def _lists(self):
        """Return the lists that the channel reads, the most pressing first."""
        user = quote(self.me, safe="")
        lists = [
            Listing("inbox", self._fetcher("/message/inbox"), CAN_INBOX, origin="own"),
            Listing(f"own:{self.me.lower()}", self._fetcher(f"/user/{user}/overview", sort="new"), CAN_OWN, "own"),
        ]
        names = self._communities()
        joined = "+".join(names)
        if names:
            shown = ", ".join(f"r/{name}" for name in names)
            for place, says in (("new", CAN_POSTS), ("comments", CAN_COMMENTS)):
                fetch = self._fetcher(f"/r/{joined}/{place}")
                lists.append(Listing(f"{place}:{joined.lower()}", fetch, Sentence(says, name=shown)))
        inside = bool(names and self.values.get("inside"))
        where = f"/r/{joined}/search" if inside else "/search"
        for text in self.searches():
            asked = {"q": text[:500], "sort": "new", "type": "link", "t": "all", "restrict_sr": "on" if inside else ""}
            asked = {name: value for name, value in asked.items() if value}
            lists.append(Listing(f"search:{text}", self._fetcher(where, **asked), Sentence(CAN_SEARCH, name=text)))
        return lists

    def _fetcher(self, path, **asked):
        def fetch(until, since):
            page = {"after": id_of(until)} if until else {}
            things = self._things(self._api.get(path, limit=PAGE, **asked, **page), path)
            return [thing for thing in things if second_of(thing[KEY]) >= since]

        return fetch

    def _things(self, answer, path):
        entries = listed(answer)
        if entries is None:
            raise malformed(f"{path}: no listing")
        good = []
        for entry in entries[:MOST_AT_ONCE]:
            thing = thing_of(entry)
            found = key(thing) if thing is not None else ""
            if found:
                thing[KEY] = found
                good.append(thing)
            else:
                self._turns.rejects.append(Reject(entry, "entry without a fullname or a time"))
        return good

    def _reader(self):
        return Reader(self.me)

    # --- the contract ---

    def check(self):
        """See :meth:`Connector.check`."""
        user = self._user()
        name = clean_line(user["name"], 100)
        found = Check(account=f"u/{name}", account_id=identifier(user["id"]))
        reader = Reader(name)
        for one in self._lists():
            try:
                things = one.fetch("", 0)[:SAMPLE]
            except errors.AccessDenied:
                found.missing.append(Sentence(MISSING_SCOPE, what=one.sentence))
                continue
            found.can.append(one.sentence)
            found.sample += reader.read(things, one.origin)[0]
        found.ok = bool(found.can)
        found.sample = list({item.external_id: item for item in found.sample}.values())[:SAMPLE]
        return found

    def _user(self):
        user = self._api.get("/api/v1/me")
        if not isinstance(user, dict) or not identifier(user.get("id")) or not identifier(user.get("name")):
            raise malformed("me")
        return user

    def listen(self, cursor):
        """See :meth:`Connector.listen`."""
        reader = self._reader()
        yield from self._turns.pages(self._lists(), cursor, lambda things, one: reader.read(things, one.origin))

    def _find(self, name):
        """Return a thing as Reddit has it now.

        :raises errors.Gone: it was deleted or removed
        """
        if not fullname(name):
            raise malformed("not a fullname")
        gone = {404: errors.Gone}
        try:
            if name.startswith(MESSAGE):
                answer = self._api.get(f"/message/messages/{name[3:]}", gone)
            else:
                answer = self._api.get("/api/info", gone, id=name)
        except errors.Gone:
            self._user()  # a host that says so of everything is another one
            raise
        things = self._things(answer, "info")
        found = next((thing for thing in flat([{"data": one} for one in things], 100) if thing["name"] == name), None)
        if found is None and listed(answer):
            raise malformed("another thing")
        if found is None or is_gone(found):
            raise errors.Gone(DELETED)
        return found

    def _item(self, thing):
        items, rejects = self._reader().read([thing], "search")
        if rejects:
            raise malformed(rejects[0].error)
        return items[0]

    def lookup(self, item_id, identifiers):
        """See :meth:`Connector.lookup`."""
        return self._item(self._find(item_id))

    def thread(self, item_id, identifiers):
        """See :meth:`Connector.thread`: what a comment answers and what answers it, or a whole post, or messages."""
        found = self._find(item_id)
        item = self._item(found)
        link = item.conversation_id
        if item_id.startswith(MESSAGE):
            answers = [self._api.get(f"/message/messages/{link[3:]}")]
        elif link:
            focus = {"comment": item_id[3:], "context": 8} if item_id.startswith(COMMENT) else {}
            answers = self._api.get(f"/comments/{link[3:]}", limit=MOST_OF_A_THREAD, sort="old", **focus)
        else:
            return [item]
        if not isinstance(answers, list):
            raise malformed("comments")
        entries = [entry for answer in answers for entry in listed(answer) or []]
        items = self._reader().read(flat(entries, MOST_OF_A_THREAD), "search")[0]
        found = {one.external_id: one for one in items if not one.deleted}
        found.setdefault(item_id, item)
        for one in found.values():
            one.conversation_id = link
        return list(found.values())

    def metrics(self, things):
        """See :meth:`Connector.metrics`."""
        user = self._user()
        profile = user.get("subreddit")
        followers = profile.get("subscribers") if isinstance(profile, dict) else None
        figures = Figures(followers=count(followers) if type(followers) is int else None)
        names = [name for name, _identifiers in things if fullname(name) and not name.startswith(MESSAGE)]
        for start in range(0, len(names), MOST_AT_ONCE):
            chunk = names[start : start + MOST_AT_ONCE]
            for thing in self._things(self._api.get("/api/info", id=",".join(chunk)), "info"):
                if thing["name"] in chunk:
                    figures.items[thing["name"]] = counts_of(thing)
        return figures

    def profile(self, handle):
        """See :meth:`Connector.profile`."""
        found = re.search(r"(?:^|[/@])(?:u(?:ser)?/)?([A-Za-z0-9_-]{2,40})/?$", str(handle or "").strip())
        if not found:
            return None
        answer = self._api.get(f"/user/{found.group(1)}/about", {404: None})
        user = answer.get("data") if isinstance(answer, dict) else None
        author = Reader.author({"author": user.get("name")}) if isinstance(user, dict) else None
        return self._with_picture(author, user) if author else None

    @staticmethod
    def _with_picture(author, user):
        author.avatar_url = web_url(user.get("icon_img"))
        followers = user["subreddit"].get("subscribers") if isinstance(user.get("subreddit"), dict) else None
        author.followers = count(followers) if type(followers) is int else None
        return author
