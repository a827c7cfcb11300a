"""From what the REST interface of WordPress calls posts and comments to items."""

import re
from datetime import UTC, datetime

from .items import AuthorItem, MentionItem, Reject
from .text import MAX_TITLE, clean_line, html_to_text
from .values import digest, identifier, moment, number, web_url

#: The fields of a comment that are read.
COMMENT_FIELDS = (
    "id,post,parent,author,author_name,author_email,author_url,date_gmt,content,link,status,author_avatar_urls,_links"
)
#: The fields of a post that are read.
POST_FIELDS = "id,author,date_gmt,modified_gmt,title,content,link,status,type,class_list,_links,_embedded"
#: A post whose second save follows the first this closely was not edited since.
SETTLING_SECONDS = 60

_ROUTE = re.compile(r"wp/v2/([a-z0-9_-]{1,60})/([0-9]{1,19})")
_EMAIL = re.compile(r"[^\s@<>\"]{1,64}@[^\s@<>\"]{1,190}\.[^\s@<>\".]{2,63}")
_TAG = re.compile(r"tag-([\w-]{1,200})")


def shown(holder, name):
    """Return the text of a field that holds HTML.

    :raises ValueError: it is something else
    """
    # Between paragraphs WordPress puts newlines that mean nothing; without them reading takes half the time.
    markup = rendered(holder, name).strip()
    return html_to_text(
        markup.replace("</p>\n<p>", "</p><p>").replace("<br />\n", "<br />") if "\n" in markup else markup
    )


def rendered(holder, name):
    """Return a field of which WordPress gives several forms, as HTML.

    :raises ValueError: it is something else
    """
    value = holder.get(name)
    if isinstance(value, dict):
        value = value.get("rendered")
    if value is None:
        return ""
    if not isinstance(value, str):
        raise ValueError(f"{name} is not text")
    return value


def _time(value, now):
    return moment(value + "Z", now) if isinstance(value, str) and value else None


def _avatar(pictures):
    """Return the address of the largest picture, given by their widths."""
    widths = [name for name in pictures if name.isdecimal() and len(name) < 5] if isinstance(pictures, dict) else []
    return web_url(pictures[max(widths, key=int)]) if widths else ""


def route_of(links, relation):
    """Return the route of what an entry links to, as ``posts/7``, or an empty string."""
    there = links.get(relation) if isinstance(links, dict) else None
    first = there[0] if isinstance(there, list) and there else None
    href = first.get("href") if isinstance(first, dict) else ""
    found = _ROUTE.search(href.replace("%2F", "/")) if isinstance(href, str) else None
    return f"{found.group(1)}/{found.group(2)}" if found else ""


class Reader:
    """Turns what one site has into items.

    :ivar str realm: the site, within which numbers are known
    :ivar int me: number of our own user
    :ivar bool ours: whether we look after the site, so that every comment concerns us
    """

    def __init__(self, realm, me=0, ours=False):
        self.realm = realm
        self.me = me
        self.ours = ours
        self.now = datetime.now(UTC)
        #: who wrote posts, by their number
        self.writers = {}

    def comment(self, comment, origin="search"):
        """Return the item of a comment.

        :raises ValueError: it cannot be read
        """
        key = number(comment.get("id"))
        if not key:
            raise ValueError("no id")
        links = comment.get("_links")
        post = number(comment.get("post"))
        route = route_of(links, "up") or (f"posts/{post}" if post else "")
        parent = number(comment.get("parent"))
        author = number(comment.get("author"))
        outgoing = bool(self.me) and author == self.me
        status = identifier(comment.get("status"))
        identifiers = {"post": post, "route": route, "parent": parent}
        if status and status != "approved":
            identifiers["status"] = status
        return MentionItem(
            external_id=f"comments/{key}",
            kind="comment",
            realm=self.realm,
            text=shown(comment, "content"),
            url=web_url(comment.get("link")),
            author=self._commenter(comment, author),
            published_at=_time(comment.get("date_gmt"), self.now),
            parent_id=f"comments/{parent}" if parent else route,
            conversation_id=route,
            # what waits for approval is seen by moderators only
            visibility="private" if status == "hold" else "public",
            origin="own" if outgoing or self.ours or (self.me and self.writers.get(post) == self.me) else origin,
            outgoing=outgoing,
            identifiers=identifiers,
        )

    def _commenter(self, comment, author):
        name = comment.get("author_name")
        name = clean_line(html_to_text(name), 200) if isinstance(name, str) else ""
        email = comment.get("author_email")
        email = _EMAIL.fullmatch(email) if isinstance(email, str) else None
        email = email.group().lower() if email else ""
        url = web_url(comment.get("author_url"))
        if author:
            known = f"users/{author}"
        elif email or name:
            # visitors have no number: who writes under the same address is the same
            known = "visitor-" + digest("wordpress", email or name, "" if email else url, length=24)
        else:
            return None
        return AuthorItem(
            external_id=known,
            name=name or known,
            url=url,
            avatar_url=_avatar(comment.get("author_avatar_urls")),
            realm=self.realm,
            email=email,
        )

    def post(self, post, origin="search"):
        """Return the item of a post or page.

        :raises ValueError: it cannot be read
        """
        key = number(post.get("id"))
        if not key:
            raise ValueError("no id")
        route = self.route(post)
        author = number(post.get("author"))
        outgoing = bool(self.me) and author == self.me
        published, modified = _time(post.get("date_gmt"), self.now), _time(post.get("modified_gmt"), self.now)
        edited = published and modified and (modified - published).total_seconds() > SETTLING_SECONDS
        classes = post.get("class_list")
        classes = classes if isinstance(classes, list) else []
        tags = (_TAG.fullmatch(one) for one in classes[:50] if isinstance(one, str))
        return MentionItem(
            external_id=route,
            kind="article",
            realm=self.realm,
            text=shown(post, "content"),
            title=clean_line(shown(post, "title"), MAX_TITLE),
            url=web_url(post.get("link")),
            author=self._writer(post, author),
            published_at=published,
            edited_at=modified if edited else None,
            conversation_id=route,
            visibility="private" if post.get("status") == "private" else "public",
            origin="own" if outgoing else origin,
            outgoing=outgoing,
            hashtags=tuple(tag.group(1).lower() for tag in tags if tag),
            identifiers={"post": key, "route": route, "parent": 0},
        )

    @staticmethod
    def route(post):
        """Return the route of a post, page or other thing of that kind."""
        key = number(post.get("id"))
        kind, _sep, linked = route_of(post.get("_links"), "self").partition("/")
        return f"{kind}/{key}" if linked == str(key) and kind not in ("comments", "users") else f"posts/{key}"

    def _writer(self, post, author):
        if not author:
            return None
        embedded = post.get("_embedded")
        users = embedded.get("author") if isinstance(embedded, dict) else None
        user = users[0] if isinstance(users, list) and users and isinstance(users[0], dict) else {}
        return self.user(user) if number(user.get("id")) == author else self._unknown(author)

    def _unknown(self, author):
        return AuthorItem(external_id=f"users/{author}", name=f"users/{author}", realm=self.realm)

    def user(self, user):
        """Return the author for a user of the site, or ``None`` when it is none."""
        key = number(user.get("id"))
        if not key:
            return None
        name, handle = user.get("name"), user.get("slug")
        handle = clean_line(handle, 200) if isinstance(handle, str) else ""
        own = web_url(user.get("url"))
        return AuthorItem(
            external_id=f"users/{key}",
            name=(clean_line(html_to_text(name), 200) if isinstance(name, str) else "") or handle or f"users/{key}",
            handle=handle,
            url=web_url(user.get("link")) or own,
            avatar_url=_avatar(user.get("avatar_urls")),
            realm=self.realm,
        )

    def read(self, entries, listing):
        """Return ``(items, rejects)`` of entries of a list of posts or comments."""
        items, rejects = [], []
        for entry in entries:
            comment = isinstance(entry, dict) and "post" in entry
            try:
                items.append(self.comment(entry, listing.origin) if comment else self.post(entry, listing.origin))
            except (ValueError, TypeError, AttributeError, KeyError, RecursionError) as problem:
                known = number(entry.get("id")) if isinstance(entry, dict) else 0
                route = f"{'comments' if comment else 'posts'}/{known}" if known else ""
                rejects.append(Reject(entry, f"{type(problem).__name__}: {problem}"[:300], route))
        return items, rejects
