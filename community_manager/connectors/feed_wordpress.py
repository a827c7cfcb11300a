"""Comments of a WordPress site that its feed no longer shows.

The feed holds the newest ten.  Feeds of articles have older pages, feeds of comments do not; but the site's own
interface, open to everybody unless it was closed, lists all comments.
"""

import re
from html import unescape
from urllib.parse import urldefrag, urlsplit

from . import errors
from .feed_items import Document, Raw, author_of, item_of
from .items import MentionItem
from .text import MAX_TITLE, clean_line, html_to_text
from .values import identifier, moment, web_url

#: The most that the interface gives at once.
PER_PAGE = 100
MAX_PAGES = 30
#: What a site answers that has closed its interface, or has no such page.
CLOSED = dict.fromkeys((400, 401, 403, 404, 405, 410))

_COMMENT = re.compile(r"#comment-([0-9]{1,19})$")


def _interface_of(response):
    """Return the address of the interface that an answer of WordPress names, or an empty string."""
    interface = response.links.get("https://api.w.org/", "")
    return interface if urlsplit(interface).netloc == urlsplit(response.url).netloc else ""


def _number(address):
    """Return the number of the comment that an address names, or an empty string."""
    found = _COMMENT.search(address)
    return found.group(1) if found else ""


def comment_is_gone(http, page, link):
    """Ask WordPress for a comment, for the page below which it stood stays when it is deleted.

    :param http: a :class:`~.http.Http`
    :param Response page: that page; WordPress names the address of its interface there
    :param str link: of the comment
    :returns: True only if the site says that there is no such comment
    """
    interface, number = _interface_of(page), _number(link)
    if not (interface and number):
        return False
    try:
        # Sites may close it, and do for comments that wait for approval: that says nothing.
        answer = http.get(f"{interface}wp/v2/comments/{number}", actions=CLOSED)
        said = answer.json() if answer.status == 404 else {}
    except (errors.Malformed, errors.Misconfigured, errors.TooLarge):
        return False
    return isinstance(said, dict) and said.get("code") == "rest_comment_invalid_id"


def only_comments(document):
    """Return whether a feed of WordPress is one of comments."""
    items = [entry for entry in document.entries if isinstance(entry, MentionItem)]
    return document.wordpress and bool(items) and all("#comment-" in item.external_id for item in items)


class OlderComments:
    """Reads on where a feed of comments ends.

    :param http: a :class:`~.http.Http`
    :param Document document: the feed as it was read
    :param Response response: the answer it came with
    :param str origin: of the items, "own" or "search"
    """

    def __init__(self, http, document, response, origin):
        self._http = http
        self._interface = _interface_of(response)
        self._origin = origin
        self._shown = [item.external_id for item in document.entries if isinstance(item, MentionItem)]
        self._articles = {}
        links = {urldefrag(item.url)[0] for item in document.entries if isinstance(item, MentionItem)}
        #: the article whose comments the feed is about; empty for all comments of the site
        self._article = next(iter(links)) if len(links) == 1 and response.url.startswith(next(iter(links))) else ""
        if not self._article and "comments" not in response.url:
            self._interface = ""

    def documents(self):
        """Yield documents of older comments, newest first, for as long as the site gives any."""
        if not self._interface:
            return
        only = {}
        if self._article:
            one = self._ask("comments", include=_number(self._shown[0]))
            if not one or not isinstance(one[0].get("post"), int):
                return
            only["post"] = one[0]["post"]
        joined = False
        for page in range(1, MAX_PAGES + 1):
            comments = self._ask("comments", per_page=PER_PAGE, page=page, **only)
            self._learn_articles(comments)
            items = [item for item in map(self._item, comments) if item]
            joined = joined or any(item.external_id in self._shown for item in items)
            if not joined:
                # These are not the comments of the feed, or bear other ids: they must not come in twice.
                return
            yield Document(entries=[item for item in items if item.external_id not in self._shown])
            if len(comments) < PER_PAGE:
                return

    def _ask(self, what, **params):
        """Return a list of the interface, empty where it is closed."""
        try:
            answer = self._http.get(self._interface + "wp/v2/" + what, params=params, actions=CLOSED)
            found = answer.json() if answer.status == 200 else []
        except (errors.Malformed, errors.Misconfigured, errors.TooLarge):
            return []
        return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []

    def _learn_articles(self, comments):
        """Learn the ids of the articles that comments stand below: the ids of the comments begin with them."""
        wanted = {one["post"] for one in comments if isinstance(one.get("post"), int)}
        for kind in ("posts", "pages"):
            wanted -= set(self._articles)
            if wanted:
                ids = ",".join(map(str, sorted(wanted)))
                for one in self._ask(kind, include=ids, per_page=PER_PAGE, _fields="id,guid,title"):
                    self._articles[one.get("id")] = (_rendered(one, "guid"), _rendered(one, "title"))

    def _item(self, comment):
        """Return the item of a comment as the feed would give it, or ``None``."""
        number, link = identifier(comment.get("id")), web_url(comment.get("link"))
        guid, title = self._articles.get(comment.get("post"), ("", ""))
        if not (number and link and guid):
            return None
        guid = unescape(guid)
        answered = identifier(comment.get("parent"))
        written = str(comment.get("date_gmt") or "")
        return item_of(
            Raw(
                guid=f"{guid}#comment-{number}",
                link=link,
                title=clean_line(html_to_text(title), MAX_TITLE),
                text=html_to_text(_rendered(comment, "content")),
                author=author_of(unescape(str(comment.get("author_name") or ""))),
                published=moment(written + "Z") if written else None,
                parent=f"{guid}#comment-{answered}" if answered not in ("", "0") else guid,
            ),
            self._origin,
        )


def _rendered(holder, name):
    value = holder.get(name)
    value = value.get("rendered") if isinstance(value, dict) else ""
    return value if isinstance(value, str) else ""
