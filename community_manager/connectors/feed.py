"""Blogs, news and comments by feed: RSS 0.9 to 2.0, Atom and JSON Feed."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from . import errors
from .base import Connector, Sentence, Setting, _
from .feed_discovery import feeds_in_page, looks_like_page
from .feed_items import read_feed
from .feed_wordpress import OlderComments, comment_is_gone, only_comments
from .feed_xml import decode
from .http import DELETED, MIB
from .items import Check, MentionItem, Page, Reject
from .registry import register
from .values import MAX_URL, digest, web_url

#: Feeds are far smaller; what is larger costs more to read than it can be worth.
MAX_BYTES = 8 * MIB
#: Items handed over at once.
PAGE = 50
#: Older pages that are read in one run after a long absence; the next run goes on from there.
MAX_OLDER_PAGES = 60
MAX_OLDER_ITEMS = 3000
#: Known entries that end such a reading.
FLOOR = 200
#: Entries that are remembered to tell new and edited ones from known ones.
REMEMBERED = (500, 5000)
SAMPLE = 10
#: A document that has been the same for this long has an ETag and a date that can be relied on.
SETTLED = timedelta(seconds=2)

NO_FEED = _("The page %(url)s names no feed. Enter the address of the feed itself; it often ends in /feed or /rss.xml.")
CAN_READ = _("Read the feed “%(title)s” (%(count)s entries now)")
FOUND = _("The page names a feed, which is read instead: %(url)s")
MOVED = _("The feed has moved for good; its new address is read: %(url)s")
UNREADABLE_ENTRIES = _("%(count)s entries cannot be read")


def paged(url, number):
    """Return the address of an older page of a WordPress feed.

    >>> paged("https://a.example/feed/?x=1", 2)
    'https://a.example/feed/?x=1&paged=2'
    """
    parts = urlsplit(url)
    query = [pair for pair in parse_qsl(parts.query, keep_blank_values=True) if pair[0] != "paged"]
    return urlunsplit(parts._replace(query=urlencode([*query, ("paged", number)])))


@register
class Feed(Connector):
    """One feed: what a blog, a news site or a list of comments publishes.

    An entry that is gone from a feed says nothing; only its page, when looked at again, can say that it was deleted.
    After an absence longer than the feed reaches back, older pages are read where the feed has them (RFC 5005, JSON
    Feed, WordPress) until known entries are met.
    """

    code = "feed"
    label = _("Feed (RSS, Atom)")
    description = _("Articles and comments of blogs, news and any site with a feed (RSS, Atom or JSON Feed).")
    kind = "blog"
    scope = "horizontal"
    capabilities = frozenset({"listen", "lookup"})
    poll_seconds = (300, 6 * 3600)
    settings = (
        Setting(
            "url",
            _("Address"),
            _("The address of the feed, or of a page that names one."),
            kind="url",
            required=True,
            placeholder="https://blog.example.com/feed/",
        ),
        Setting(
            "own",
            _("This is our own site"),
            _("Keep every entry. Otherwise only those that a topic matches are kept."),
            kind="bool",
            default=False,
        ),
    )

    @property
    def _origin(self):
        return "own" if self.values.get("own") else "search"

    @property
    def _address(self):
        address = str(self.values.get("url") or "").strip()
        if address and "://" not in address and not address.startswith("/"):
            address = "https://" + address
        return address[:MAX_URL]

    # --- reading ---

    def _get(self, url, cursor=None, **options):
        headers = {
            "Accept": "application/atom+xml, application/rss+xml, application/feed+json, application/xml, */*;q=0.5"
        }
        if cursor and cursor.get("etag"):
            headers["If-None-Match"] = cursor["etag"]
        if cursor and cursor.get("modified"):
            headers["If-Modified-Since"] = cursor["modified"]
        # Feeds ask for no login we could enter again.
        actions = {401: errors.AccessDenied, **options.pop("actions", {})}
        return self.http.get(url, headers=headers, actions=actions, max_bytes=MAX_BYTES, **options)

    def _document(self, cursor):
        """Return ``(document or None when nothing changed, response, address to ask from now on)``.

        :raises errors.ConnectorError: there is no feed
        """
        address = cursor.get("feed") or self._address
        same = cursor.get("of") == self._address
        try:
            response = self._get(address if same else self._address, cursor if same else None)
        except (errors.Misconfigured, errors.AccessDenied) as problem:
            if not same or address == self._address or isinstance(problem, errors.ForbiddenAddress):
                raise
            # What a page named, or a move told, is gone: begin again at the address that was entered.
            response = self._get(self._address)
        if response.status == 304:
            return None, response, address
        try:
            document = read_feed(response, self._origin)
        except errors.Malformed:
            text = decode(response.content, response.charset)
            if not looks_like_page(text):
                raise
            response = self._discovered(text, response.url)
            return read_feed(response, self._origin), response, response.url
        return document, response, response.moved_to or (address if same else self._address)

    def _discovered(self, page, address):
        """Return the answer of the feed that a page names."""
        found = feeds_in_page(page, address)
        if not found:
            raise errors.Misconfigured(NO_FEED, params={"url": address})
        return self._get(found[0])

    @staticmethod
    def _older(document, host):
        """Return the address of the next older page, or an empty string."""
        if document.older and urlsplit(document.older).netloc == host:
            return document.older
        if not document.wordpress:
            return ""
        number = dict(parse_qsl(urlsplit(document.url).query)).get("paged", "1")
        return paged(document.url, int(number) + 1) if number.isdecimal() and len(number) < 6 else ""

    def _walk(self, documents, floor):
        """Read older pages behind the last of ``documents`` until an entry is met that stands in ``floor``.

        :return: address to go on from at the next run, if it is not finished, and the error that kept it from that
        """
        host, visited = urlsplit(documents[0].url).netloc, {one.url for one in documents}
        while True:
            ids = _ids(documents[-1])
            address = self._older(documents[-1], host)
            if not ids or ids & floor or not address or address in visited:
                return "", None
            if len(documents) > MAX_OLDER_PAGES or sum(len(one.entries) for one in documents) >= MAX_OLDER_ITEMS:
                return address, None
            visited.add(address)
            page, problem = self._page(address)
            if problem:
                return address, problem
            # A site that knows no older pages gives the same one for every number.
            if page is None or _ids(page) <= set().union(*(_ids(one) for one in documents)):
                return "", None
            documents.append(page)

    def _page(self, address):
        """Return ``(document, None)``, ``(None, None)`` where there is none, ``(None, error)`` if it may come later."""
        try:
            response = self._get(address, actions={404: None, 410: None})
            return (read_feed(response, self._origin) if response.status == 200 else None), None
        except (errors.Malformed, errors.Misconfigured, errors.AccessDenied, errors.TooLarge):
            return None, None
        except errors.ConnectorError as problem:
            return None, problem

    def _catch_up(self, document, response, known, gap):
        """Return what the feed holds that may be new, newest document first.

        :param Response response: the answer that the document came with
        :param dict known: remembered entries, newest last
        :param dict gap: of an earlier run that could not read back far enough
        :return: documents, what is still to be read (``next`` and ``floor``) if anything, and the error that says why
        """
        documents, problem = [document], None
        if only_comments(document):  # of these WordPress has no older pages
            if not _ids(document) & set(known):
                for older in OlderComments(self.http, document, response, self._origin).documents():
                    reached = _ids(older) & set(known)
                    # Told in other words than the feed's: what is known is left to the feed.
                    older.entries = [item for item in older.entries if _id_hash(item) not in reached]
                    documents.append(older)
                    if reached:
                        break
            return documents, {}, None
        rest, problem = self._walk(documents, set(known))
        floor = gap["floor"] if gap else list(known)[-FLOOR:]
        if gap and not rest:
            page, problem = self._page(gap["next"])
            if problem:
                rest = gap["next"]
            elif page is not None:
                older = [page]
                rest, problem = self._walk(older, set(floor))
                documents += older
        return documents, ({"next": rest, "floor": floor} if rest else {}), problem

    # --- the contract ---

    def listen(self, cursor):
        """See :meth:`Connector.listen`."""
        started = self.http.requests
        document, response, address = self._document(cursor)
        kept = {"of": self._address, "feed": address}
        if document is None:
            yield Page([], {**cursor, **kept}, False, self.http.requests - started)
            return
        same = cursor.get("of") == self._address
        known = dict(one.split(":", 1) for one in cursor.get("seen", ()) if ":" in one) if same else {}
        documents, gap, problem = [document], {}, None
        if same:
            documents, gap, problem = self._catch_up(document, response, known, cursor.get("gap"))
        entries = [entry for one in reversed(documents) for entry in _oldest_first(one.entries)]
        rejects = [entry for entry in entries if isinstance(entry, Reject)]
        fresh = []
        for item in entries:
            if isinstance(item, MentionItem):
                hashed = _id_hash(item)
                if known.get(hashed) == _content_hash(item):
                    # Still in the feed: remembered anew, so that it is not forgotten before it leaves.
                    known[hashed] = known.pop(hashed)
                else:
                    fresh.append(item)
        most = min(max(3 * len(entries), REMEMBERED[0]), REMEMBERED[1])
        # While older entries are missing, the server must not be able to say "nothing new".
        finished = {"gap": gap} if gap else _validators(response)
        # A run that ends between its pages has handed over the oldest of what it read: all the rest is read again.
        midway = {"gap": cursor["gap"]} if same and cursor.get("gap") else {}
        if gap and len(documents) > 1:
            midway = {"gap": {**gap, "next": documents[1].url}}
        asked = self.http.requests - started
        for place in range(0, max(len(fresh), 1), PAGE):
            items = fresh[place : place + PAGE]
            for item in items:
                known.pop(_id_hash(item), None)
                known[_id_hash(item)] = _content_hash(item)
            more = place + PAGE < len(fresh)
            seen = [f"{hashed}:{content}" for hashed, content in known.items()][-most:]
            after = {**kept, "seen": seen, **(midway if more else finished)}
            yield Page(items, after, more or bool(gap), asked, rejects)
            asked, rejects = 0, []
        if problem:
            raise problem

    def check(self):
        """See :meth:`Connector.check`."""
        document, response, address = self._document({})
        items = [entry for entry in document.entries if isinstance(entry, MentionItem)]
        found = Check(account=document.title or urlsplit(response.url).hostname, account_id=address)
        found.can.append(Sentence(CAN_READ, title=found.account, count=len(items)))
        if response.moved_to:
            found.can.append(Sentence(MOVED, url=address))
        elif address != self._address:
            found.can.append(Sentence(FOUND, url=address))
        unreadable = len(document.entries) - len(items)
        if unreadable:
            found.missing.append(Sentence(UNREADABLE_ENTRIES, count=unreadable))
        found.sample = items[:SAMPLE]
        return found

    def lookup(self, item_id, identifiers):
        """Look at the page of an entry: see :meth:`Connector.lookup`.

        A page is no entry, so the item says only that it is still there (``partial``).
        """
        link = web_url(identifiers.get("link") or identifiers.get("guid") or item_id)
        page = None
        realm = "" if item_id.lower().startswith(("http://", "https://", "tag:", "urn:uuid:")) else None
        if link:
            try:
                page = self.http.get(
                    link, actions={404: errors.Gone, 410: errors.Gone}, headers={"Accept": "text/html, */*"}
                )
            except errors.TooLarge:
                pass
            except errors.Gone:
                # A site that has gone altogether says the same of every page; then nothing was deleted.
                self._document({})
                raise
        if page and comment_is_gone(self.http, page, link):
            raise errors.Gone(DELETED, "no such comment", 404, {"host": urlsplit(link).hostname})
        return MentionItem(item_id, realm=realm, url=link, partial=True, identifiers=dict(identifiers))


def _validators(response):
    """Return what tells the server next time which version we have.

    Such marks often count in seconds, WordPress's ETag too: of something that changed just now they are not kept,
    for it may change again within the same second.
    """
    changed, now = (_http_date(response.headers.get(name)) for name in ("last-modified", "date"))
    if changed and (now or datetime.now(UTC)) - changed < SETTLED:
        return {}
    return {
        "etag": response.headers.get("etag", "")[:500],
        "modified": response.headers.get("last-modified", "")[:100],
    }


def _http_date(text):
    try:
        found = parsedate_to_datetime(text or "")
    except (ValueError, TypeError, OverflowError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _ids(document):
    """Return what identifies the entries of a document."""
    return {_id_hash(entry) for entry in document.entries if isinstance(entry, MentionItem)}


def _id_hash(item):
    return digest(item.realm, item.external_id, length=12)


def _content_hash(item):
    # The title of a comment is made by the site, and not the same everywhere.
    return digest("" if item.kind == "comment" else item.title, item.text, item.url, length=8)


def _oldest_first(entries):
    """Return entries by time where all of them have one, else from the end of the document to its beginning."""
    entries = entries[::-1]
    if all(isinstance(entry, MentionItem) and entry.published_at for entry in entries):
        entries.sort(key=lambda entry: entry.published_at)
    return entries
