"""The results in a digest of an alert service: each with title, address, source and excerpt."""

import re
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from lxml import etree

from .text import clean_line, clean_text, html_to_text
from .values import web_url

#: Results of one mail; no digest has more.
MOST = 200
MAX_MARKUP = 2_000_000
#: Parameters in which redirecting services carry where they lead, and how often one may lead to another.
TARGETS = ("url", "q", "u", "target", "dest", "destination", "redirect", "redirect_url", "link", "to")
MOST_REDIRECTS = 3
#: What alert services say of themselves, and where results can be shared.
_OWN = re.compile(
    r"(^|\.)(google\.[a-z.]{2,6}/(alerts|settings|intl|policies|support)|support\.google\.com/|talkwalker\.com/"
    r"|facebook\.com/sharer|twitter\.com/(share|intent)|x\.com/(share|intent)|linkedin\.com/share|plus\.google\.com/)",
    re.IGNORECASE,
)
_REDIRECT = re.compile(
    r"(^|\.)(google\.[a-z.]{2,6}/url|[^/]+/[^?]*(redirect|redir|click|track|out|link)\b)", re.IGNORECASE
)
_TRACKING = re.compile(r"(utm_[a-z]+|fbclid|gclid|mc_[ce]id)$", re.IGNORECASE)
_IN_TEXT = re.compile(r"<?(https?://[^\s<>]{4,4000})>?")
_SKIPPED = frozenset(("script", "style", "head", "title"))
#: Shorter words of a link are buttons ("Flag", "More"), not titles.
SHORTEST_TITLE = 12
LONGEST_SOURCE = 80


@dataclass(slots=True)
class Result:
    """One result of a digest."""

    url: str
    title: str
    source: str = ""
    excerpt: str = ""


def address_of(url):
    """Return where a link leads: without the services in between, and without marks of who followed it.

    >>> address_of("https://www.google.com/url?rct=j&sa=t&url=https://a.example/x%3Fid%3D1%26utm_source%3Dg&ct=ga")
    'https://a.example/x?id=1'
    """
    url = web_url(url)
    for _step in range(MOST_REDIRECTS):
        if not url:
            return ""
        try:
            parts = urlsplit(url)
            query = parse_qsl(parts.query, keep_blank_values=True, max_num_fields=100)
        except ValueError:
            return ""
        place = f"{parts.hostname or ''}{parts.path}"
        inner = next((web_url(value) for name, value in query if name.lower() in TARGETS and web_url(value)), "")
        if not inner or not _REDIRECT.search(place):
            kept = [(name, value) for name, value in query if not _TRACKING.match(name)]
            if len(kept) != len(query):
                url = urlunsplit(parts._replace(query=urlencode(kept)))
            return web_url(url)
        url = inner
    return url


def _is_own(url):
    """Return whether an address is the alert service's own, or for sharing."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return True
    return bool(_OWN.search(f"{parts.hostname or ''}{parts.path}"))


@dataclass(slots=True)
class _Reader:
    """Collects links with their texts, and the texts between them, from the parser's events."""

    pieces: list = field(default_factory=list)
    _href: str = ""
    _words: list = field(default_factory=list)
    _hidden: int = 0

    def start(self, tag, attributes):
        """A tag opens."""
        if tag in _SKIPPED:
            self._hidden += 1
        elif tag == "a":
            self._end_link()
            self._href = attributes.get("href") or ""
        elif tag in ("td", "tr", "div", "p", "br", "li", "table"):
            self._break()

    def end(self, tag):
        """A tag closes."""
        if tag in _SKIPPED:
            self._hidden = max(self._hidden - 1, 0)
        elif tag == "a":
            self._end_link()
        elif tag in ("td", "tr", "div", "p", "li", "table"):
            self._break()

    def data(self, text):
        """Text between tags."""
        if not self._hidden and text:
            self._words.append(text)

    def close(self):
        """Return ``(href or "", text)`` pieces in their order."""
        self._end_link()
        return self.pieces

    def _break(self):
        if not self._href:
            self._end_link()

    def _end_link(self):
        words = clean_line(" ".join("".join(self._words).split()), 5000)
        if words:
            self.pieces.append((self._href, words))
        self._href, self._words = "", []


def results_in_html(markup):
    """Return the results in the HTML of a digest, in their order; none where there are none.

    A link with a title begins a result; what follows is its source, when it is short, and its excerpt.
    """
    if not markup:
        return []
    try:
        parser = etree.HTMLParser(target=_Reader(), no_network=True, remove_pis=True, remove_comments=True)
        parser.feed(re.sub("[\x00-\x08\x0b-\x1f\ud800-\udfff]", " ", markup[:MAX_MARKUP]))
        pieces = parser.close()
    except (etree.LxmlError, ValueError, AssertionError):
        return []
    found, now, texts = {}, None, []
    for href, words in pieces:
        url = address_of(href) if href else ""
        if not url:
            texts.append(words)
        elif not _is_own(url) and url not in found and len(words) >= SHORTEST_TITLE:
            _finish(now, texts)
            if len(found) >= MOST:
                return list(found.values())
            now = found[url] = Result(url, clean_line(words))
            texts = []
        elif now and not _is_own(url) and (url == now.url or url not in found) and len(words) < LONGEST_SOURCE:
            texts.append(words)  # the source may be a link of its own
    _finish(now, texts)
    return list(found.values())


def _finish(result, texts):
    if result is None:
        return
    texts = [text for text in texts if not text.startswith(("===", "---")) and text != result.title]
    if texts and len(texts[0]) < LONGEST_SOURCE and len(texts) > 1:
        result.source = clean_line(texts.pop(0), 200)
    # between two results stands the head of the next group, and at the end how to unsubscribe
    body = next((text for text in texts if len(text) >= LONGEST_SOURCE), texts[0] if texts else "")
    result.excerpt = clean_text(body, 5000)


def results_in_text(plain):
    """Return the results in the plain text of a digest: title, source and excerpt stand above their address."""
    found, start = {}, 0
    for link in _IN_TEXT.finditer((plain or "")[:MAX_MARKUP]):
        above, start = plain[start : link.start()], link.end()
        url = address_of(link.group(1).rstrip(".,;"))
        lines = [clean_line(line, 2000) for line in above.splitlines()]
        heads = [number for number, line in enumerate(lines) if line.startswith("===")]
        lines = lines[heads[-1] + 1 :] if heads else lines  # above the head of a group stands what is no result
        lines = [line for line in lines if line and not line.startswith(("---", "- - -"))]
        if not url or _is_own(url) or url in found or not lines:
            continue
        result = Result(url, clean_line(html_to_text(lines[0])))
        rest = lines[1:]
        if len(rest) > 1 and len(rest[0]) < LONGEST_SOURCE:
            result.source = rest.pop(0)
        result.excerpt = clean_text(" ".join(rest), 5000)
        found[url] = result
        if len(found) >= MOST:
            break
    return list(found.values())
