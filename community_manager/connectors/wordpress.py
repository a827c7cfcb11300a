"""WordPress: the comments and posts of a site, read and written by its REST interface with an application password.

A site to which nobody gave us access is read by its feed (:mod:`.feed`).  WordPress itself calls no other system when
something happens, so there is nothing to receive; a plugin that can post signed JSON may use :mod:`.webhook`.
"""

import re
from dataclasses import replace
from html import escape
from zlib import crc32

from . import errors
from .base import SEARCH_TOPICS, SEARCHES, Connector, Sentence, Setting, _
from .items import Check, Counts, Figures
from .newest import Listing, Turns, look
from .registry import register
from .text import clean_line
from .values import digest, identifier, number
from .wordpress_api import NO_RIGHT, TARGET_GONE, Site
from .wordpress_items import COMMENT_FIELDS, POST_FIELDS, Reader, rendered
from .wordpress_writing import Writing

#: Entries asked for at once; the interface gives 100 at most.
PER_PAGE = 50
#: Entries by which pages overlap, so that what is deleted while we read hides nothing.
OVERLAP = 5
#: Comments of a conversation that are read.
THREAD_PAGES, THREAD_PER_PAGE = 3, 100
#: Longest comment in bytes (wp_get_comment_fields_max_lengths in wp-includes/comment.php); posts have no limit.
COMMENT_BYTES = 65525
#: Users that a search for one may bring.
SOUGHT = 50

_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}")

CAN_COMMENTS = _("Read comments")
CAN_HELD = _("Read comments, also those that wait for approval")
CAN_POSTS = _("Read posts")
CAN_EDITS = _("Notice edited posts")
CAN_SEARCH = _("Search for “%(name)s”")
CAN_REPLY = _("Answer comments and posts")
CAN_PUBLISH = _("Publish posts")
CAN_MODERATE = _("Approve, hide and delete comments")
NOTHING_TO_READ = _("Choose whether to read comments or posts.")


@register
class WordPress(Writing, Connector):
    """Comments in all states, posts, and searches of one site, as one of its users."""

    code = "wordpress"
    label = "WordPress"
    description = _("A WordPress site that gave us access: comments before and after approval, posts, answers.")
    kind = "blog"
    scope = "horizontal"
    capabilities = frozenset(
        {"listen", "search", "thread", "lookup", "reply", "publish", "moderate", "metrics", "profile"}
    )
    text_limit = COMMENT_BYTES
    publish_limit = 0
    settle_seconds = 5
    moderations = frozenset({"approve", "hide", "unhide", "spam", "delete"})
    poll_seconds = (60, 3600)
    guide = _(
        "Log in to the site as the user who is to answer, best an editor: editors can also moderate.\n"
        "Open Users → Profile and go to “Application Passwords”.\n"
        "Enter a name, for example “Community”, and press “Add New Application Password”.\n"
        "Copy the password that is shown; it is shown once.\n"
        "Enter here the address of the site, the user name and that password.\n"
        "If there are no application passwords, the site is not reached by https, or a plugin switched them off."
    )
    settings = (
        Setting(
            "url",
            _("Site"),
            _("The address of the site."),
            kind="url",
            required=True,
            placeholder="https://blog.example",
        ),
        Setting("username", _("User name"), _("The name with which the user logs in to the site."), required=True),
        Setting(
            "application_password",
            _("Application password"),
            _("Made on the site under Users → Profile → Application Passwords. It is not the password for logging in."),
            required=True,
            secret=True,
        ),
        Setting("comments", _("Read comments"), _("Read the comments on the site."), kind="bool", default=True),
        Setting(
            "posts",
            _("Read posts"),
            _("Also read the posts of the site; those of others are kept only when a topic matches."),
            kind="bool",
            default=True,
        ),
        SEARCHES,
        replace(SEARCH_TOPICS, default=False),
    )

    def __init__(self, http, settings, secrets=None):
        super().__init__(http, settings, secrets)
        self._site = None
        self._me = {}

    @property
    def site(self):
        """The site with our access."""
        if self._site is None:
            password = self.secrets.get("application_password")
            self._site = Site(self.http, self.values.get("url"), self.values.get("username"), password)
        return self._site

    @classmethod
    def length(cls, text):
        """See :meth:`Connector.length`: the database counts bytes, of the text as it is stored."""
        return len(escape(text, quote=False).encode("utf-8", "replace"))

    # --- who we are ---

    def _know(self, cursor=None):
        """Return what is known of our user, asking for what is not."""
        cursor = cursor or {}
        site = self.site
        access = digest("wordpress", site.base, site.user, self.secrets.get("application_password"), length=12)
        me, root = cursor.get("me"), cursor.get("root")
        if not self._me and isinstance(me, dict) and me.get("access") == access and site.is_root(root):
            site.root, self._me = root, me
        if not self._me:
            if not site.root:
                site.discover()
            user = site.one("GET", "wp/v2/users/me", {"context": "edit"})
            key = number(user.get("id"))
            if not key:
                raise site.malformed("users/me")
            may = user.get("capabilities")
            may = may if isinstance(may, dict) else {}
            self._me = {
                "id": key,
                "name": clean_line(str(user.get("name") or user.get("slug") or key), 200),
                "moderate": bool(may.get("moderate_comments")),
                "edit": bool(may.get("edit_posts")),
                "publish": bool(may.get("publish_posts")),
                "access": access,
            }
        return self._me

    def _reader(self):
        return Reader(self.site.realm, self._me["id"], self._me["moderate"])

    def _comment_params(self):
        """Return how to ask for comments so that we see all we may."""
        params = {"_fields": COMMENT_FIELDS}
        if self._me["edit"]:
            params["status"] = "all"
        if self._me["moderate"]:
            params["context"] = "edit"
        return params

    # --- listening ---

    def _listings(self):
        """Return the lists that this channel reads, the most pressing first."""
        comments = {"orderby": "id", **self._comment_params()}
        posts = {"_embed": "author", "_fields": POST_FIELDS}
        found = []
        if self.values.get("comments"):
            says = Sentence(CAN_HELD if self._me["moderate"] else CAN_COMMENTS)
            found.append(self._listing("comments", "comments", comments, says, _comment_mark))
        if self.values.get("posts"):
            for name, by, says in (("posts", "date", CAN_POSTS), ("edits", "modified", CAN_EDITS)):
                params = {**posts, "orderby": by}
                found.append(self._listing(name, "posts", params, Sentence(says), _post_mark, _by(by)))
        for words in self.searches():
            sought = {"search": words}
            says = Sentence(CAN_SEARCH, name=words)
            name = "search:" + words
            found.append(self._listing(name, "comments", comments | sought, says, _comment_mark))
            found.append(
                self._listing(
                    name + ":posts", "posts", posts | sought | {"orderby": "date"}, says, _post_mark, _by("date")
                )
            )
        if not found:
            raise errors.Misconfigured(NOTHING_TO_READ)
        return found

    def _listing(self, name, kind, params, says, mark, order=None):
        def fetch(position):
            offset = position or 0
            asked = {"per_page": PER_PAGE, "order": "desc", **params}
            entries, total = self.site.many("wp/v2/" + kind, asked | ({"offset": offset} if offset else {}))
            reached = offset + PER_PAGE
            # what we may not read is left out of pages, so only an empty one is surely the last
            over = not entries if total is None else reached >= total
            return entries, None if over else reached - OVERLAP

        ordered = {"order": order} if order else {}
        return Listing(name, fetch, lambda entry: identifier(entry.get("id")), says, mark=mark, family=kind, **ordered)

    def listen(self, cursor):
        """See :meth:`Connector.listen`."""
        me = self._know(cursor)
        reader = self._reader()

        def read(entries, listing):
            self._learn_writers(reader, entries)
            return reader.read(entries, listing)

        yield from Turns(self.http, read, {"me": me, "root": self.site.root}).pages(self._listings(), cursor)

    def _learn_writers(self, reader, comments):
        """Learn who wrote the posts that comments stand below: what is said below ours concerns us."""
        wanted = {number(comment.get("post")) for comment in comments} - {0} - set(reader.writers)
        if wanted and not reader.ours:
            params = {"include": ",".join(map(str, sorted(wanted))), "per_page": PER_PAGE, "_fields": "id,author"}
            for post in self.site.many("wp/v2/posts", params)[0]:
                if isinstance(post, dict):
                    reader.writers[number(post.get("id"))] = number(post.get("author"))
            for post in wanted:
                reader.writers.setdefault(post, 0)

    def check(self):
        """See :meth:`Connector.check`."""
        self.site.discover()
        me = self._know()
        found = Check(account=f"{me['name']} ({self.site.realm})", account_id=str(me["id"]))
        look(self._listings(), self._reader().read, found)
        found.can.append(CAN_REPLY)
        for right, says in (("publish", CAN_PUBLISH), ("moderate", CAN_MODERATE)):
            if me[right]:
                found.can.append(says)
            else:
                found.missing.append(Sentence(NO_RIGHT, why=Sentence(says)))
        return found

    # --- looking again ---

    def _entry(self, item_id, **params):
        """Return a comment or post as the site has it now.

        :raises errors.Gone: the site says that it is not there
        """
        try:
            entry = self.site.one("GET", "wp/v2/" + item_id, params)
        except (errors.Gone, errors.Misconfigured, errors.Refused) as problem:
            if problem.status not in (404, 410):
                raise
            # A host without any such site also says 404, to everything: that is no deletion.
            self.site.discover()
            raise errors.Gone(TARGET_GONE, problem.detail, problem.status) from None
        if entry.get("status") == "trash":
            raise errors.Gone(TARGET_GONE, "in the trash")
        return entry

    def _item(self, reader, entry):
        try:
            return reader.comment(entry) if "post" in entry else reader.post(entry)
        except (ValueError, TypeError, AttributeError) as problem:
            detail = f"{type(problem).__name__}: {problem}"
        raise self.site.malformed(detail)

    def _params_of(self, item_id):
        if item_id.startswith("comments/"):
            return {name: value for name, value in self._comment_params().items() if name != "status"}
        return {"_embed": "author", "_fields": POST_FIELDS}

    def lookup(self, item_id, identifiers):
        """See :meth:`Connector.lookup`."""
        self._know()
        return self._item(self._reader(), self._entry(item_id, **self._params_of(item_id)))

    def thread(self, item_id, identifiers):
        """See :meth:`Connector.thread`: the post and its comments."""
        self._know()
        reader = self._reader()
        entry = self._entry(item_id, **self._params_of(item_id))
        item, found = self._item(reader, entry), []
        route = item.conversation_id
        if item_id.startswith("comments/") and route:
            try:
                found.append(self._item(reader, self._entry(route, **self._params_of(route))))
            except (errors.AccessDenied, errors.Gone):
                # comments of a post that we may not see, or that is in the trash, still stand together
                found = []
        else:
            found.append(item)
        post = route.rpartition("/")[2]
        for page in range(THREAD_PAGES if post else 0):
            params = {"post": post, "orderby": "id", "order": "asc", "per_page": THREAD_PER_PAGE}
            params |= {"offset": page * THREAD_PER_PAGE} if page else {}
            entries, total = self.site.many("wp/v2/comments", params | self._comment_params())
            found += reader.read(entries, Listing("thread", None, None))[0]
            if not entries or (total or 0) <= (page + 1) * THREAD_PER_PAGE:
                break
        together = {one.external_id: one for one in found}
        together.setdefault(item.external_id, item)
        return list(together.values())

    def metrics(self, things):
        """See :meth:`Connector.metrics`: how many posts there are, and how many comments each thing has."""
        me = self._know()
        count = {"per_page": 1, "_fields": "id"}
        figures = Figures(posts=self.site.many("wp/v2/posts", {**count, "author": me["id"]})[1])
        for item_id, _identifiers in things:
            kind, _sep, key = item_id.partition("/")
            below = "parent" if kind == "comments" else "post"
            replies = self.site.many("wp/v2/comments", {**count, below: key})[1]
            figures.items[item_id] = Counts(replies=replies)
        return figures

    def profile(self, handle):
        """See :meth:`Connector.profile`.  Only users of the site have one; visitors who comment do not."""
        self._know()
        wanted = handle.strip().rstrip("/").rpartition("/")[2].lstrip("@").casefold()
        if not wanted:
            return None
        reader = self._reader()
        for user in self.site.many("wp/v2/users", {"search": wanted, "per_page": SOUGHT})[0]:
            author = reader.user(user) if isinstance(user, dict) else None
            if author and wanted in (author.handle.casefold(), author.name.casefold()):
                return author
        return None


def _comment_mark(comment):
    """WordPress notes no time of an edit: the text itself tells, and whether it was approved."""
    try:
        text = f"{comment.get('status')} {rendered(comment, 'content')}"
    except ValueError:
        return ""
    return f"{crc32(text.encode('utf-8', 'surrogatepass')):x}"


def _post_mark(post):
    return identifier(post.get("modified_gmt"))[:19]


def _by(name):
    """Return the order of posts by a time."""

    def order(post):
        when = post.get(name + "_gmt")
        return when[:19] if isinstance(when, str) and _TIME.match(when) else ""

    return order
