"""MediaWiki: what people write on talk pages and in chosen places of a wiki, answered as wikis do."""

from urllib.parse import urljoin, urlsplit

from . import errors
from .base import SEARCH_TOPICS, SEARCHES, Connector, Sentence, Setting, _
from .items import AuthorItem, Check, Reject
from .mediawiki_api import NO_ACCESS, TARGET_GONE, Wiki, entries, following
from .mediawiki_items import (
    SIGNERS,
    USER,
    USER_TALK,
    Reader,
    added_lines,
    before_of,
    content_of,
    key_of,
    revision_of,
    section_of,
)
from .mediawiki_writing import Writing
from .newest import NOT_POSSIBLE, Listing, Turns, look
from .registry import register
from .text import clean_line

#: Revisions asked for at once; the API gives 50 to everybody at least where it gives texts, 500 without them.
PER_PAGE = 50
#: Revisions whose texts are asked for at once: answers end at 8 MB (wgAPIMaxResultSize).
TEXTS = 20
#: Revisions of a conversation that are read.
THREAD = 30
#: Pages and namespaces that one channel follows; each costs a request at every poll.
MOST_PAGES = 20
#: Longest page in bytes (wgMaxArticleSize).
PAGE_BYTES = 2_097_152
CONTENT = {"rvprop": "ids|timestamp|user|userid|comment|flags|content", "rvslots": "main"}
LISTED = "ids|timestamp|user|userid|comment|flags"

CAN_OWN = _("Read our own talk page")
CAN_WATCH = _("Read changes to watched pages")
CAN_PAGE = _("Follow the page %(name)s")
CAN_SPACE = _("Follow the namespace %(name)s")
CAN_SEARCH = _("Search for “%(name)s”")
CAN_WRITE = _("Answer on talk pages and write sections")
NOTHING_TO_READ = _("Enter a user name, pages, namespaces or searches: there is nothing to read yet.")
NO_SPACE = _("The wiki has no namespace “%(name)s”.")


@register
class MediaWiki(Writing, Connector):
    """The own talk page, watched and chosen pages, namespaces and searches of one wiki.

    A mention is one edit: what it added.  A conversation is a section of a page.
    """

    code = "mediawiki"
    label = "MediaWiki"
    description = _("A wiki that runs on MediaWiki: talk pages, chosen pages and namespaces, searches, answers.")
    kind = "wiki"
    scope = "vertical"
    capabilities = frozenset({"listen", "search", "thread", "lookup", "reply", "publish", "moderate", "profile"})
    text_limit = PAGE_BYTES // 4
    settle_seconds = 10
    moderations = frozenset({"delete"})
    poll_seconds = (120, 7200)
    guide = _(
        "Log in to the wiki as the user who is to answer.\n"
        "Open the page Special:BotPasswords, enter a name, for example “desk”, and press “Create”.\n"
        "Choose “High-volume editing”, “Edit existing pages”, “Create, edit, and move pages”; for watched pages also "
        "“View your watchlist”, then create it.\n"
        "Copy the user name, which now has @desk at its end, and the password.\n"
        "To only read a public wiki, no password is needed."
    )
    settings = (
        Setting(
            "url",
            _("Wiki"),
            _("The address of any page of the wiki."),
            kind="url",
            required=True,
            placeholder="https://wiki.example.com",
        ),
        Setting("username", _("User name"), _("As the wiki shows it with the bot password."), placeholder="Acme@desk"),
        Setting("bot_password", _("Bot password"), _("Made on the wiki at Special:BotPasswords."), secret=True),
        Setting("pages", _("Pages"), _("Titles of pages to follow, one a line."), kind="text", placeholder="Talk:Acme"),
        Setting(
            "namespaces",
            _("Namespaces"),
            _("Namespaces to follow, one a line, by name or number; edits without a topic are not kept."),
            kind="text",
            placeholder="Talk",
        ),
        Setting(
            "watchlist",
            _("Read watched pages"),
            _("Also read the changes to the pages that the user watches on the wiki."),
            kind="bool",
            default=False,
        ),
        Setting(
            "publish_page",
            _("Page for publications"),
            _("The page to which publications are added as sections. Empty: the page of the user."),
            placeholder="Project:News",
        ),
        SEARCHES,
        SEARCH_TOPICS,
    )

    def __init__(self, http, settings, secrets=None):
        super().__init__(http, settings, secrets)
        self._wiki = None
        self._site = {}

    @property
    def wiki(self):
        """The wiki with our access."""
        if self._wiki is None:
            user, password = self.values.get("username"), self.secrets.get("bot_password")
            self._wiki = Wiki(self.http, self.values.get("url"), user, password)
        return self._wiki

    # --- what is known ---

    def _know(self, cursor=None):
        """Return what is known of the wiki, asking for what is not."""
        wiki, known = self.wiki, (cursor or {}).get("site")
        if not self._site and isinstance(known, dict) and wiki.is_api(known.get("api")):
            wiki.api, self._site = known["api"], known
        if not self._site:
            answer = wiki.query(meta="siteinfo", siprop="general|namespaces")
            self._site = self._read_site(answer.get("query"))
        return self._site

    def _read_site(self, info):
        """Return what to keep of what a wiki says of itself."""
        general = info.get("general") if isinstance(info, dict) else None
        spaces = info.get("namespaces") if isinstance(info, dict) else None
        if not isinstance(general, dict) or not isinstance(spaces, dict) or "generator" not in general:
            raise self.wiki.malformed("siteinfo")
        api = self.wiki.api
        # The name that a wiki has for itself may differ from the one by which we reach it.
        paths = {"index": general.get("script"), "page": general.get("articlepath")}
        usable = {name: path for name, path in paths.items() if isinstance(path, str) and path.startswith("/")}
        paths = {"index": "/index.php", "page": "/index.php/$1"} | usable
        names = {}
        for number, space in spaces.items():
            if isinstance(space, dict) and number.lstrip("-").isdecimal() and len(number) < 9:
                for name in (space.get("name"), space.get("canonical")):
                    if isinstance(name, str) and len(names) < 200:
                        names[clean_line(name, 100)] = int(number)
        return {
            "api": api,
            "name": clean_line(str(general.get("sitename") or ""), 200) or self.wiki.realm,
            "private": self.wiki.logged_in,
            "spaces": names,
            "signers": [name for name, number in names.items() if number in (USER, USER_TALK)] or list(SIGNERS),
            **{name: urljoin(api, path[:500]) for name, path in paths.items()},
        }

    def _space(self, number):
        """Return the name of a namespace on this wiki."""
        return next((name for name, known in self._site["spaces"].items() if known == number), "User talk")

    def _reader(self):
        return Reader(self.wiki.realm, self._site, self.wiki.name)

    # --- listening ---

    def _listings(self):
        """Return the lists that this channel reads, the most pressing first."""
        found = []
        if self.wiki.user:
            title = f"{self._space(USER_TALK)}:{self.wiki.name}"
            found.append(self._listing("own", self._page_of(title), Sentence(CAN_OWN), "own"))
        if self.values.get("watchlist") and self.wiki.user:
            ask = {"wlprop": LISTED + "|title", "wlallrev": 1, "wlshow": "!bot", "wltype": "edit|new"}
            found.append(self._listing("watched", self._list_of("watchlist", "wl", ask), Sentence(CAN_WATCH), "own"))
        for title in _lines(self.values.get("pages")):
            says = Sentence(CAN_PAGE, name=title)
            found.append(self._listing("page:" + title, self._page_of(title), says, "own"))
        for name in _lines(self.values.get("namespaces")):
            number = int(name) if name.isdecimal() else self._number(name)
            ask = {"rcprop": LISTED + "|title", "rcnamespace": number, "rctype": "edit|new", "rcshow": "!bot"}
            says = Sentence(CAN_SPACE, name=name)
            found.append(self._listing(f"space:{number}", self._list_of("recentchanges", "rc", ask), says))
        for words in self.searches():
            found.append(self._listing("search:" + words, self._search_of(words), Sentence(CAN_SEARCH, name=words)))
        if not found:
            raise errors.Misconfigured(NOTHING_TO_READ)
        return found

    def _number(self, name):
        wanted = name.replace("_", " ").casefold()
        for known, number in self._site["spaces"].items():
            if known.casefold() == wanted and number >= 0:
                return number
        raise errors.Misconfigured(NO_SPACE, params={"name": name})

    @staticmethod
    def _listing(name, fetch, says, origin="search"):
        return Listing(name, fetch, key_of, says, origin, order=revision_of, family="revisions")

    def _page_of(self, title):
        def fetch(position):
            ask = {"prop": "revisions", "titles": title, "rvprop": LISTED, "rvlimit": PER_PAGE}
            answer = self.wiki.query(**ask, **({"rvcontinue": position} if position else {}))
            return self._revisions(answer), following(answer, "rvcontinue")

        return fetch

    def _list_of(self, name, short, ask):
        def fetch(position):
            if name == "watchlist":
                self.wiki.log_in()
            more = {short + "continue": position} if position else {}
            answer = self.wiki.query(list=name, **{short + "limit": PER_PAGE}, **ask, **more)
            found = entries(answer, "query", name)
            if found is None:
                raise self.wiki.malformed(name)
            return found, following(answer, short + "continue")

        return fetch

    def _search_of(self, words):
        def fetch(position):
            # Wikis sort what they find by how well it fits: there is only one page worth reading.
            ask = {"generator": "search", "gsrsearch": words, "gsrlimit": PER_PAGE, "gsrnamespace": "*"}
            answer = self.wiki.query(**ask, prop="revisions", rvprop=LISTED)
            return self._revisions(answer), None

        return fetch

    def _revisions(self, answer):
        """Return the revisions of an answer about pages, with what is known of their pages."""
        pages = entries(answer, "query", "pages")
        if pages is None:
            if answer.get("batchcomplete") is not True:
                raise self.wiki.malformed("pages")
            return []
        found = []
        for page in pages:
            revisions = page.get("revisions") if isinstance(page, dict) else None
            about = {name: page.get(name) for name in ("pageid", "ns", "title")} if isinstance(page, dict) else {}
            for revision in revisions if isinstance(revisions, list) else ():
                found.append({**revision, **about} if isinstance(revision, dict) else revision)
        return found

    def _read(self, listed, listing):
        """Return ``(items, rejects)`` of listed revisions, after asking for what they added."""
        texts = self._texts(listed)
        reader, items, rejects = self._reader(), [], []
        for entry in listed:
            try:
                items.append(reader.item(entry, _added(entry, texts), listing.origin))
            except (ValueError, TypeError, AttributeError, KeyError, RecursionError) as problem:
                rejects.append(Reject(entry, f"{type(problem).__name__}: {problem}"[:300], key_of(entry)))
        return items, rejects

    def _texts(self, listed):
        """Return ``{revision: text}`` of revisions and those before them; hidden ones are missing."""
        wanted = dict.fromkeys(
            number for entry in listed for number in (revision_of(entry), before_of(entry)) if number
        )
        wanted, texts = list(wanted), {}
        for place in range(0, len(wanted), TEXTS):
            asked, position = "|".join(map(str, wanted[place : place + TEXTS])), {}
            while position is not None:
                ask = {"prop": "revisions", "revids": asked, "rvprop": "ids|content", "rvslots": "main"}
                answer = self.wiki.query(**ask, **position)
                for revision in self._revisions(answer):
                    text = content_of(revision) if isinstance(revision, dict) else None
                    if text is not None:
                        texts[revision_of(revision)] = text
                more = following(answer, "rvcontinue")
                position = {"rvcontinue": more} if more and {"rvcontinue": more} != position else None
        return texts

    def listen(self, cursor):
        """See :meth:`Connector.listen`."""
        site = self._know(cursor)
        yield from Turns(self.http, self._read, {"site": site}).pages(self._listings(), cursor)

    def check(self):
        """See :meth:`Connector.check`."""
        wiki = self.wiki
        if wiki.user or self.secrets.get("bot_password"):
            wiki.log_in()
        site = self._know()
        found = Check(account=f"{wiki.name} ({site['name']})" if wiki.user else site["name"], account_id=wiki.name)
        look(self._listings(), self._read, found)
        if wiki.logged_in:
            found.can.append(CAN_WRITE)
        else:
            found.missing.append(Sentence(NOT_POSSIBLE, what=Sentence(CAN_WRITE), why=Sentence(NO_ACCESS)))
        return found

    # --- looking again ---

    def _entry(self, item_id):
        """Return a revision as the wiki lists it now.

        :raises errors.Gone: it is not there, or what it said is hidden
        """
        self._know()
        try:
            answer = self.wiki.query(prop="revisions", revids=item_id, rvprop=LISTED)
        except errors.Misconfigured as problem:
            if problem.status not in (404, 410):
                raise
            # A host without any wiki also says 404, to everything: that is no deletion.
            self._site, self.wiki.api = {}, ""
            self._know()
            raise errors.Gone(TARGET_GONE, problem.detail, problem.status) from None
        found = self._revisions(answer)
        if not found:
            raise errors.Gone(TARGET_GONE, "no such revision")
        if not isinstance(found[0], dict):
            raise self.wiki.malformed("revision")
        if found[0].get("texthidden") or found[0].get("suppressed"):
            raise errors.Gone(TARGET_GONE, "hidden")
        return found[0]

    def lookup(self, item_id, identifiers):
        """See :meth:`Connector.lookup`."""
        return self._item(self._entry(item_id))

    def _item(self, entry):
        items, rejects = self._read([entry], Listing("lookup", None, None))
        if rejects:
            raise self.wiki.malformed(rejects[0].error)
        return items[0]

    def thread(self, item_id, identifiers):
        """See :meth:`Connector.thread`: the edits of the same section, as their summaries name it."""
        entry = self._entry(item_id)
        item = self._item(entry)
        section = item.identifiers["section"]
        ask = {"prop": "revisions", "pageids": item.identifiers["page"], "rvprop": LISTED, "rvlimit": PER_PAGE}
        listed = [one for one in self._revisions(self.wiki.query(**ask)) if isinstance(one, dict)]
        same = [one for one in listed if revision_of(one) and section_of(one.get("comment"))[0] == section]
        found = self._read(same[:THREAD], Listing("thread", None, None))[0]
        together = {one.external_id: one for one in (*found, item)}
        for one in together.values():
            one.conversation_id = item.conversation_id
        return sorted(together.values(), key=lambda one: int(one.external_id))

    def profile(self, handle):
        """See :meth:`Connector.profile`."""
        name = handle.strip().rstrip("/").lstrip("@")
        if "://" in name:
            name = urlsplit(name).path.rpartition(":")[2]
        name = " ".join(name.replace("_", " ").split())[:255]
        if not name or "|" in name:
            return None
        self._know()
        users = entries(self.wiki.query(list="users", ususers=name, usprop="groups"), "query", "users")
        if users is None:
            raise self.wiki.malformed("users")
        user = users[0] if users and isinstance(users[0], dict) else {}
        if user.get("missing") or user.get("invalid") or type(user.get("userid")) is not int:
            return None
        groups = user.get("groups")
        author = self._reader().author({"user": user.get("name"), "userid": user["userid"]})
        if isinstance(author, AuthorItem):
            author.bot = isinstance(groups, list) and "bot" in groups
        return author


def _lines(text):
    found = (clean_line(line, 255).strip("[]") for line in str(text or "").splitlines())
    return list(dict.fromkeys(line for line in found if line))[:MOST_PAGES]


def _added(entry, texts):
    """Return the lines that a revision added, ``None`` where its text is hidden."""
    text = texts.get(revision_of(entry))
    return None if text is None else added_lines(texts.get(before_of(entry), ""), text)
