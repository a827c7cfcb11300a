"""From revisions of wiki pages to items: what was added, as plain text."""

import re
from collections import Counter
from datetime import UTC, datetime
from html import unescape
from urllib.parse import quote

from .items import AuthorItem, MentionItem
from .text import MAX_TITLE, clean_line, clean_text
from .values import identifier, moment, number

#: Pages are looked at this far.
MAX_PAGE = 2_000_000
#: A longer line is no heading.
MAX_HEADING = 300
USER, USER_TALK = 2, 3

_SECTION = re.compile(r"/\*\s*([^\n]{1,300}?)\s*\*/\s*")
_REF = re.compile(r"<ref\b[^<>]{0,300}/>|<ref\b[^<>]{0,300}>[^<]{0,3000}</ref>")
_BREAK = re.compile(r"<br\s{0,5}/?>")
_TAG = re.compile(
    r"</?(?:b|i|u|s|small|big|span|div|p|code|tt|del|ins|sub|sup|font|center|nowiki|blockquote|pre)\b[^<>]{0,500}>"
)
_FILE = re.compile(r"\[\[(?:File|Image|Category|Datei|Archivo|Fichier)\s{0,5}:[^\[\]]{0,1000}\]\]", re.IGNORECASE)
_LINK = re.compile(r"\[\[:?(?:[^\[\]|]{0,500}\|)?([^\[\]|]{1,500})\]\]")
_EXTERNAL = re.compile(r"\[(https?://[^\s\[\]]{1,1500})(?:[ \t]+([^\[\]\n]{1,500}))?\]")
_TEMPLATE = re.compile(r"\{\{[^{}]{0,3000}\}\}")
_INDENT = re.compile(r"[:*#;]+[ \t]*")
_SIGNED_AT = re.compile(r"\d{1,2}[:.]\d\d.{4,60}\([A-Z]{2,5}\)[ \t]*$")
#: Links to users, who sign with them; the names are those of the wiki's own language.
SIGNERS = ("User", "User talk")
#: Without any of these nothing but indentation and entities is to be taken away.
_MARKUP = re.compile(r"[\[{<]|''")
_ENTITY = re.compile(r"&(?=#?\w{1,30};)")


def depth_of(line):
    """Return how far a line of a discussion is indented.

    >>> depth_of("::* Yes"), depth_of("No")
    (3, 0)
    """
    found = _INDENT.match(line)
    return len(found.group().rstrip()) if found else 0


def heading_of(line):
    """Return the heading that a line is, or an empty string.

    >>> heading_of("== The kettle =="), heading_of("= 1 = 1"), heading_of("====")
    ('The kettle', '', '==')
    """
    if "=" not in line:
        return ""
    line = line.strip(" \t")
    if line[:1] != "=" or line[-1:] != "=" or not 2 < len(line) <= MAX_HEADING:
        return ""
    level = min(len(line) - len(line.lstrip("=")), len(line) - len(line.rstrip("=")), 6, (len(line) - 1) // 2)
    return line[level : len(line) - level].strip(" \t")


def plain_heading(line):
    """Return the heading that a line is, as summaries name it: without the marks of links and emphasis."""
    return plain([":" + heading_of(line)]) if heading_of(line) else ""


def section_of(summary):
    """Return the section that a summary of an edit names, and the rest of it.

    >>> section_of("/* The kettle */ it leaks")
    ('The kettle', 'it leaks')
    """
    if not isinstance(summary, str):
        return "", ""
    found = _SECTION.search(summary[:2000])
    if not found:
        return "", clean_line(summary)
    return clean_line(found.group(1), 255), clean_line(summary[found.end() :])


def added_lines(old, new):
    """Return the lines of a page that an edit brought, in their order.

    >>> added_lines("a\\nb", "a\\nc\\nb\\nb")
    ['c', 'b']
    """
    old, new = old[:MAX_PAGE], new[:MAX_PAGE]
    if not old or (new.startswith(old) and new[len(old) : len(old) + 1] in ("", "\n")):
        # what is written on a page of talk mostly stands at its end
        return [line for line in new[len(old) :].split("\n") if line.strip()]
    old, new = old.split("\n"), new.split("\n")
    # most edits leave most of a page alone
    start, most = 0, min(len(old), len(new))
    while start < most and old[start] == new[start]:
        start += 1
    end = 0
    while end < most - start and old[-1 - end] == new[-1 - end]:
        end += 1
    known = Counter(line.strip() for line in old[start : len(old) - end])
    found = []
    for line in new[start : len(new) - end]:
        bare = line.strip()
        if known[bare] > 0:
            known[bare] -= 1
        elif bare:
            found.append(line)
    return found


def signing(names):
    """Return the pattern of links by which people sign.

    :param names: of the namespaces of users and of their talk pages
    """
    spaces = "|".join(re.escape(name).replace(r"\ ", "[ _]") for name in names)
    return re.compile(rf"\[\[[ ]?(?:{spaces}):(?P<name>[^\[\]|#/]{{1,255}})[^\[\]]{{0,300}}\]\]", re.IGNORECASE)


_SIGNING = signing(SIGNERS)


def plain(lines, signers=_SIGNING):
    """Return wikitext as a reader sees it, without signatures.

    >>> plain(["== Kettle ==", ":It '''leaks''', see [[Help:Tea|help]]. -- [[User:Ana|Ana]] 10:00, 1 March 2025 (UTC)"])
    'It leaks, see help.'
    """
    text = "\n".join(unsigned(line, signers) for line in lines if not heading_of(line))
    if _MARKUP.search(text):
        text = _without_markup(text)
    shown = (_INDENT.sub("", line, count=1) if line[:1] in (":", "*", "#", ";") else line for line in text.split("\n"))
    text = "\n\n".join(shown)
    return clean_text(unescape(text) if "&" in text else text)


def _without_markup(text):
    """Return wikitext without the marks of links, pictures, templates, emphasis and tags."""
    text = _BREAK.sub("\n", _REF.sub("", _uncommented(text)))
    text = _FILE.sub("", _TEMPLATE.sub("", text))
    text = _EXTERNAL.sub(lambda found: found.group(2) or found.group(1), _LINK.sub(r"\1", text))
    return _TAG.sub("", text.replace("'''", "").replace("''", ""))


def _uncommented(text):
    """Return wikitext without its comments; one without an end hides the rest."""
    first, *others = text.split("<!--")
    return first + "".join(other.partition("-->")[2] for other in others)


def unsigned(line, signers=_SIGNING):
    """Return a line without the signature at its end.

    >>> unsigned("Hi [[User:Bob]] [[User:Ana|Ana]] ([[User talk:Ana|talk]]) 10:00, 1 March 2025 (UTC)")
    'Hi [[User:Bob]]'
    """
    if not _SIGNED_AT.search(line[-200:]):
        return line
    links = list(signers.finditer(line, max(len(line) - 800, 0)))
    if not links:
        return line
    start = links[-1].start()
    for link in reversed(links[:-1]):
        if link["name"] == links[-1]["name"] and start - link.end() < 80:
            start = link.start()
    return line[:start].rstrip(" \t-—–(")


def wikitext(text, indent=""):
    """Return plain text so that a wiki shows it as it is; links in double brackets stay links.

    >>> wikitext("1 < 2\\n\\n* {{x}}", ":")
    ':1 &lt; 2\\n:&#42; &#123;&#123;x}}'
    """
    text = _ENTITY.sub("&amp;", text).replace("<", "&lt;").replace("{{", "&#123;&#123;").replace("''", "&#39;&#39;")
    text = text.replace("~~~", "&#126;&#126;&#126;")
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    shown = [f"&#{ord(line[0])};{line[1:]}" if line[0] in ":*#;=-{" else line for line in lines]
    return ("\n" if indent else "\n\n").join(indent + line for line in shown)


def revision_of(entry):
    """Return the number of a revision, 0 where there is none."""
    return number(entry.get("revid"))


def before_of(entry):
    """Return the number of the revision before one, 0 where there is none."""
    return number(entry.get("parentid") or entry.get("old_revid"))


def key_of(entry):
    """Return the number of a revision as text, empty where there is none."""
    return str(revision_of(entry) or "") if isinstance(entry, dict) else ""


def content_of(revision):
    """Return the text of a revision, ``None`` where it is hidden or no text."""
    slots = revision.get("slots")
    main = slots.get("main") if isinstance(slots, dict) else revision
    text = main.get("content") if isinstance(main, dict) else None
    return text if isinstance(text, str) else None


class Reader:
    """Turns revisions of one wiki into items.

    :ivar dict site: what is known of the wiki: ``index`` (address of index.php), ``page`` (address of pages with $1),
        ``private`` and ``signers``
    :ivar str me: name of our own user
    """

    def __init__(self, realm, site, me=""):
        self.realm = realm
        self.site = site
        self.me = me
        self._urls = {}
        self._last = ("", "")
        names = site.get("signers")
        self.signers = signing(names) if names and all(isinstance(name, str) for name in names) else _SIGNING
        self.now = datetime.now(UTC)

    def page_url(self, title):
        """Return the address of a page."""
        if title not in self._urls:
            self._urls[title] = self._page_url(title)
        return self._urls[title]

    def _quoted(self, title):
        """Return a title as a parameter of an address; one page has many revisions."""
        if title != self._last[0]:
            self._last = (title, quote(title.replace(" ", "_")))
        return self._last[1]

    def _page_url(self, title):
        return self.site["page"].replace("$1", quote(title.replace(" ", "_"), safe="/:()'!*,;@"))

    def author(self, entry):
        """Return who made a revision, ``None`` when that is hidden."""
        name = entry.get("user")
        name = clean_line(name, 255) if isinstance(name, str) else ""
        if not name:
            return None
        number = entry.get("userid")
        number = number if type(number) is int and 0 < number < 2**53 else 0
        return AuthorItem(
            external_id=str(number) if number else "ip/" + name,
            name=name,
            handle=name,
            url=self.page_url("User:" + name),
            realm=self.realm,
            bot=entry.get("bot") is True,
        )

    def item(self, entry, lines, origin="search"):
        """Return the item of a revision.

        :param dict entry: as the wiki lists it, with ``pageid``, ``ns`` and ``title`` of its page
        :param lines: what it added, ``None`` when that is hidden
        :raises ValueError: it cannot be read
        """
        revision, page, title = entry.get("revid"), entry.get("pageid"), entry.get("title")
        if not number(revision) or not isinstance(title, str):
            raise ValueError("no revision")
        page = number(page)
        title = clean_line(title, 300)
        section, summary = section_of(entry.get("comment"))
        if not section:
            headings = (plain_heading(line) for line in lines or () if heading_of(line))
            section = clean_line(next(headings, ""), 255)
        author = self.author(entry)
        outgoing = bool(self.me) and author is not None and author.name == self.me
        space = entry.get("ns")
        talk = type(space) is int and space % 2 == 1
        return MentionItem(
            external_id=str(revision),
            kind="comment" if talk else "article",
            realm=self.realm,
            text=plain(lines or (), self.signers) or summary,
            title=clean_line(f"{title}#{section}" if section else title, MAX_TITLE),
            url=f"{self.site['index']}?title={self._quoted(title)}&diff=prev&oldid={revision}",
            author=author,
            published_at=moment(entry.get("timestamp"), self.now),
            conversation_id=f"{page}/{section}"[:400] if section else str(page),
            visibility="private" if self.site.get("private") else "public",
            origin="own" if outgoing else origin,
            outgoing=outgoing,
            identifiers={
                "page": page, "title": title, "section": section, "ns": space if type(space) is int else 0,
                "parent": identifier(entry.get("parentid") or entry.get("old_revid")),
            },
        )  # fmt: skip
