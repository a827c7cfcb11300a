"""From a feed, of whatever kind, to items."""

import calendar
import io
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from json import loads
from urllib.parse import urldefrag, urljoin, urlsplit

import feedparser

from . import errors
from .feed_xml import NOT_XML, decode, defuse, well_formed
from .items import Attachment, AuthorItem, MentionItem, Reject
from .text import MAX_TITLE, clean_line, clean_text, html_to_text
from .values import MAX_ID, believable, count, digest, identifier, moment, web_url

#: Entries of one document that are read; a feed that holds more is an archive.
MAX_ENTRIES = 2000
MANY = 20
#: A later "updated" than this is an edit, and not the time it took to publish.
EDIT_AFTER = timedelta(minutes=1)

_GLOBAL = re.compile(r"(https?://|tag:|urn:uuid:)\S", re.IGNORECASE)
_COMMENT = re.compile(r"#(?:comment-?|c)(\d+)$")
_ANSWERED = re.compile(r"""<a\s[^<>]{0,200}href=["'][^"'<>]{0,500}#comment-(\d+)["']""")
#: What WordPress puts before an answer: "In reply to Ana.", in the language of the site.
_REPLY_NOTE = re.compile(
    r"""\s*(?:<p>)?[^<>]{0,60}<a\s[^<>]{0,200}href=["'][^"'<>]{0,500}#comment-\d+["'][^<>]*>[^<>]{0,200}</a>\.?\s*(?:</p>)?"""
)
_EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}", re.ASCII)
_MEDIA = {"image": "image", "video": "video", "audio": "audio"}


@dataclass(slots=True)
class Document:
    """A feed as it was read: ``entries`` are items and rejects in the order of the document."""

    title: str = ""
    url: str = ""
    entries: list = field(default_factory=list)
    #: address of the page with older entries, where the feed names one
    older: str = ""
    wordpress: bool = False


@dataclass(slots=True)
class Raw:
    """What feeds of all kinds say about an entry, before anything is made of it."""

    guid: str = ""
    link: str = ""
    title: str = ""
    text: str = ""
    markup: str = ""
    author: AuthorItem | None = None
    published: datetime | None = None
    updated: datetime | None = None
    language: str = ""
    parent: str = ""
    attachments: tuple = ()
    tags: tuple = ()
    replies: int = 0


def read_feed(response, origin):
    """Return the :class:`Document` in an answer.

    :param Response response: an answer of :class:`~.http.Http`
    :param str origin: of its items, "own" or "search"
    :raises errors.Malformed: it is no feed
    """
    host = urlsplit(response.url).hostname
    text = decode(response.content, response.charset)
    start = text.lstrip("\ufeff \t\r\n")[:1]
    if start == "{":
        document, raws = _read_json(text, response.url, host)
    elif start == "<":
        document, raws = _read_xml(text, response, host)
    else:
        raise errors.Malformed(NOT_XML, "neither XML nor JSON", params={"host": host})
    document.url = response.url
    _build(document, raws, origin)
    return document


def _build(document, raws, origin):
    """Make items of raw entries; an id that several of them bear is no id."""
    guids = [raw.guid for raw in raws if isinstance(raw, Raw)]
    doubled = {guid for guid in guids if guid and guids.count(guid) > 1} if len(set(guids)) < len(guids) else set()
    known = set()
    for raw in raws:
        if isinstance(raw, Reject):
            document.entries.append(raw)
            continue
        item = item_of(raw, origin, raw.guid in doubled)
        if item.external_id not in known:
            known.add(item.external_id)
            document.entries.append(item)


def item_of(raw, origin, doubled=False):
    """Return the item of a raw entry; ``doubled`` says that its guid is not its own."""
    guid = "" if doubled else raw.guid
    if guid:
        external_id, realm = guid, "" if _GLOBAL.match(guid) else None
    elif raw.link:
        external_id, realm = raw.link, ""
        if doubled and raw.link == raw.guid:
            external_id, realm = f"{raw.link}#{digest(raw.title, raw.text)}", None
    else:
        external_id, realm = "sha256:" + digest(raw.guid, raw.title, raw.text), None
    if len(external_id) > MAX_ID:
        external_id = "sha256:" + digest(external_id)
    comment = _COMMENT.search(external_id) or _COMMENT.search(raw.link)
    identifiers = {name: value for name, value in (("guid", raw.guid), ("link", raw.link)) if value}
    parent, conversation = raw.parent, ""
    if comment:
        # WordPress names a comment after the guid of its article.
        conversation = urldefrag(external_id)[0] if _COMMENT.search(external_id) else ""
        answered = _ANSWERED.search(raw.markup[:2000])
        if not parent and conversation:
            parent = f"{conversation}#comment-{answered.group(1)}" if answered else conversation
        identifiers["article"] = urldefrag(raw.link)[0]
    edited = raw.updated and raw.published and raw.updated - raw.published > EDIT_AFTER
    return MentionItem(
        external_id=external_id,
        kind="comment" if comment or raw.parent else "article",
        realm=realm,
        text=raw.text,
        title=raw.title,
        url=raw.link,
        author=raw.author,
        published_at=raw.published or raw.updated,
        edited_at=raw.updated if edited else None,
        language=raw.language,
        parent_id=parent[:MAX_ID],
        conversation_id=conversation[:MAX_ID],
        origin=origin,
        attachments=raw.attachments,
        hashtags=raw.tags,
        replies=raw.replies,
        identifiers=identifiers,
    )


def author_of(name, email="", url=""):
    """Return the author, known within one channel only: feeds name people without saying who they are."""
    name = clean_line(name, 200)
    found = _EMAIL.search(email or name)
    email = found.group().lower() if found else ""
    if email and email in name.lower():
        # "ana@example.com (Ana)", as RSS has it
        name = re.sub(r"[()<>]", " ", name.replace(found.group(), " ")).strip()
    url = web_url(url)
    if not (name or email or url):
        return None
    name = " ".join(name.split()) or email.partition("@")[0] or urlsplit(url).hostname
    external_id = email or url or "name:" + name.casefold()
    return AuthorItem(external_id=external_id[:MAX_ID], name=name, url=url, realm=None, email=email)


def _language(value):
    value = str(value or "").replace("_", "-").partition("-")[0].strip().lower()
    return value if value.isascii() and value.isalpha() and 2 <= len(value) <= 3 else ""


def without_note(markup):
    """Return the HTML of a comment without what WordPress writes before an answer.

    >>> without_note('<p>In reply to <a href="https://a.example/b/#comment-2">Ana</a>.</p>\\n<p>Yes</p>').strip()
    '<p>Yes</p>'
    """
    return markup[note.end() :] if (note := _REPLY_NOTE.match(markup)) else markup


def _kind_of(mime):
    return _MEDIA.get(str(mime or "").partition("/")[0].lower(), "file")


# --- RSS and Atom ------------------------------------------------------------------------------------------------


def _read_xml(text, response, host):
    content = well_formed(defuse(text, host), host)
    parsed = _parsed(content, host)
    if not parsed.get("version") and not parsed.entries:
        raise errors.Malformed(NOT_XML, "XML, but no feed", params={"host": host})
    feed = parsed.feed
    document = Document(title=clean_line(_plain(feed, "title")))
    document.wordpress = "wordpress" in str(feed.get("generator") or "").lower()
    links = {link.get("rel"): link.get("href") for link in feed.get("links") or () if isinstance(link, dict)}
    document.older = web_url(_absolute(response.url, links.get("next") or links.get("prev-archive")))
    raws = []
    for entry in parsed.entries[:MAX_ENTRIES]:
        try:
            raws.append(_raw_from_xml(entry, feed, response.url))
        except (ValueError, TypeError, AttributeError, KeyError, OverflowError, RecursionError) as problem:
            payload = {"id": str(entry.get("id") or "")[:500], "title": str(entry.get("title") or "")[:500]}
            raws.append(Reject(payload, f"{type(problem).__name__}: {problem}"[:300], payload["id"]))
    return document, raws


def _parsed(content, host):
    problem = ""
    try:
        # A stream, for a string could be taken for an address or a file.  No address of the feed either: relative
        # links are completed here, where an id that only looks like one can be told from a link.
        return feedparser.parse(
            io.BytesIO(content),
            response_headers={"content-type": "application/xml; charset=utf-8"},
            sanitize_html=False,
            resolve_relative_uris=False,
        )
    except Exception as error:  # noqa: BLE001 - the library lets whatever comes of damaged feeds escape
        problem = f"{type(error).__name__}: {str(error)[:200]}"
    raise errors.Malformed(NOT_XML, problem, params={"host": host})


def _plain(holder, name):
    """Return an element as plain text, whether it holds text or HTML."""
    value = holder.get(name)
    if not isinstance(value, str):
        return ""
    kind = (holder.get(name + "_detail") or {}).get("type", "")
    return clean_text(value) if kind == "text/plain" and "&" not in value else html_to_text(value)


def _raw_from_xml(entry, feed, base):
    contents = [one for one in entry.get("content") or () if one.get("value")]
    # Several contents are variants of one text: prefer what is written in HTML, which is the whole.
    chosen = max(contents, key=lambda one: len(one["value"]), default=None)
    if chosen is not None:
        markup = chosen["value"]
        text = clean_text(markup) if chosen.get("type") == "text/plain" else html_to_text(without_note(markup))
    else:
        markup = entry.get("summary") or ""
        noted = without_note(markup)
        text = html_to_text(noted) if noted != markup else _plain(entry, "summary")
    detail = entry.get("author_detail") or {}
    parent = entry.get("thr_in-reply-to")
    guid, link = entry.get("id") or "", entry.get("link") or ""
    if link == guid and not _GLOBAL.match(guid):
        link = ""
    language = (chosen or {}).get("language") or entry.get("language") or feed.get("language")
    return Raw(
        guid=clean_line(guid, 4 * MAX_ID),
        link=web_url(_absolute(base, link)),
        title=clean_line(_plain(entry, "title"), MAX_TITLE),
        text=text,
        markup=markup,
        author=author_of(detail.get("name") or entry.get("author") or "", detail.get("email"), detail.get("href")),
        published=_time(entry.get("published_parsed") or entry.get("created_parsed")),
        updated=_time(dict.get(entry, "updated_parsed")),
        language=_language(language),
        parent=clean_line(parent.get("ref"), MAX_ID) if isinstance(parent, dict) else "",
        attachments=_enclosures(entry, base),
        tags=tuple(
            clean_line(tag.get("term"), 200).lstrip("#").lower()
            for tag in (entry.get("tags") or ())[:MANY]
            if isinstance(tag.get("term"), str) and tag["term"].strip()
        ),
        replies=_number(entry.get("slash_comments")),
    )


def _number(text):
    text = str(text or "").strip()
    return count(int(text)) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _absolute(base, link):
    try:
        return urljoin(base, link.strip()) if link else ""
    except ValueError:
        return ""


def _time(parsed):
    """Return a time that feedparser understood, if it can be believed."""
    if not parsed:
        return None
    try:
        return believable(datetime.fromtimestamp(calendar.timegm(parsed), UTC))
    except (ValueError, OverflowError, OSError, TypeError):
        return None


def _enclosures(entry, base):
    found = {}
    candidates = [(one.get("href"), one.get("type"), "") for one in entry.get("enclosures") or ()]
    candidates += [
        (one.get("url"), one.get("type") or one.get("medium"), "") for one in entry.get("media_content") or ()
    ]
    for address, mime, alt in candidates[:MANY]:
        url = web_url(_absolute(base, address))
        if url:
            found.setdefault(url, Attachment(_kind_of(mime), url, alt))
    return tuple(found.values())


# --- JSON Feed ---------------------------------------------------------------------------------------------------


def _read_json(text, base, host):
    detail, feed = "no JSON Feed", None
    try:
        feed = loads(text)
    except (ValueError, RecursionError) as problem:
        detail = str(problem)[:200]
    items = feed.get("items") if isinstance(feed, dict) else None
    if not isinstance(items, list) or "jsonfeed.org" not in str(feed.get("version")):
        raise errors.Malformed(NOT_XML, detail, params={"host": host})
    document = Document(title=clean_line(str(feed.get("title") or "")))
    older = feed.get("next_url")
    document.older = web_url(_absolute(base, older)) if isinstance(older, str) else ""
    raws = []
    for entry in items[:MAX_ENTRIES]:
        try:
            raws.append(_raw_from_json(entry, feed, base))
        except (ValueError, TypeError, AttributeError, KeyError) as problem:
            raws.append(Reject(entry, f"{type(problem).__name__}: {problem}"[:300]))
    return document, raws


def _string(holder, name):
    value = holder.get(name)
    return value if isinstance(value, str) else ""


def _raw_from_json(entry, feed, base):
    authors = entry.get("authors") or [entry.get("author") or {}]
    authors = authors if isinstance(authors, list) else [authors]
    author = next((one for one in authors if isinstance(one, dict)), {})
    markup = _string(entry, "content_html")
    text = html_to_text(markup) if markup else clean_text(_string(entry, "content_text") or _string(entry, "summary"))
    attachments = entry.get("attachments")
    tags = entry.get("tags")
    image = web_url(_absolute(base, _string(entry, "image")))
    found = [Attachment("image", image)] if image else []
    for one in (attachments if isinstance(attachments, list) else [])[:MANY]:
        url = web_url(_absolute(base, _string(one, "url")))
        if url:
            found.append(Attachment(_kind_of(one.get("mime_type")), url, clean_text(_string(one, "title"), 500)))
    return Raw(
        guid=clean_line(identifier(entry.get("id")), MAX_ID),
        link=web_url(_absolute(base, _string(entry, "url") or _string(entry, "external_url"))),
        title=clean_line(_string(entry, "title")),
        text=text,
        markup=markup,
        author=author_of(_string(author, "name"), "", _absolute(base, _string(author, "url"))),
        published=moment(entry.get("date_published")),
        updated=moment(entry.get("date_modified")),
        language=_language(_string(entry, "language") or _string(feed, "language")),
        attachments=tuple(found),
        tags=tuple(
            clean_line(tag, 200).lstrip("#").lower()
            for tag in (tags if isinstance(tags, list) else [])[:MANY]
            if isinstance(tag, str)
        ),
    )
