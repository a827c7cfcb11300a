"""From what networks send to plain text that can be stored, compared and shown."""

import html
import re
import unicodedata

from lxml import etree

#: Longest text that is kept; a longer one is cut and ends in an ellipsis.
MAX_TEXT = 100_000
#: Longest title that is kept.
MAX_TITLE = 500
#: Markup is read this far; no honest post comes near.
MAX_HTML = 2_000_000

# Control characters but tab and newline; surrogates and noncharacters, which no database takes; what reverses the
# order of other characters (a file "gpj.exe" that reads "exe.jpg"); byte order marks; line and paragraph separators,
# next line and form feed, which become newlines below.
_REVERSING = "\u202a-\u202e\u2066-\u2069"
_BAD = re.compile(f"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff{_REVERSING}\ufeff\ufff9-\ufffb\ufffe\uffff]")
_NEWLINES = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_SUSPECT = re.compile(
    f"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff{_REVERSING}\ufeff\ufff9-\ufffb\ufffe\uffff]"
)
_BLANKS_AT_END = re.compile(r"[ \t\u00a0]+(?=\n|\Z)")
_BLANK_LINES = re.compile(r"\n{3,}")


def clean_text(text, limit=MAX_TEXT):
    """Return text without what breaks databases and eyes.

    Control, surrogate and direction-reversing characters go, newlines become ``\\n``, more than one empty line becomes
    one, composed characters are used (NFC), and the length is bounded.

    >>> clean_text("a\\x00b\\r\\n\\r\\n\\r\\n\\r\\nc \\u202egpj")
    'ab\\n\\nc gpj'
    """
    if not text:
        return ""
    if type(text) is str and text.isascii() and text.isprintable() and len(text) <= limit:
        return text.strip()
    # What is cut off again below need not be worked on; normalising rarely makes a text much shorter.
    text = str(text)[: limit * 2 + 100]
    if not text.isprintable() and _SUSPECT.search(text):
        text = _BAD.sub("", _NEWLINES.sub("\n", text))
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    if " \n" in text or "\t\n" in text or "\u00a0\n" in text or text[-1:].isspace():
        text = _BLANKS_AT_END.sub("", text)
    if "\n\n\n" in text:
        text = _BLANK_LINES.sub("\n\n", text)
    text = text.strip()
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def clean_line(text, limit=MAX_TITLE):
    """Return text on one line: for titles, names, handles.

    >>> clean_line("  Hello \\n  world ")
    'Hello world'
    """
    if not text:
        return ""
    if len(text) <= limit and text.isascii() and text.isprintable() and "  " not in text:
        return text.strip()
    return " ".join(clean_text(text, limit * 4 + 100).split())[:limit]


# --- HTML --------------------------------------------------------------------------------------------------------

# Well-formed tags that only sit around visible text.  Attribute values hold no angle brackets, so a tag ends where it
# seems to end; whatever this does not match is left standing, and then the parser is asked instead.
_INLINE = r"(?:span|a|b|i|em|strong|u|s|del|code|small|sub|sup|bdi|abbr|time|mark)"
_SIMPLE_TAG = re.compile(rf'</?{_INLINE}(?: [a-zA-Z-]{{1,40}}="[^"<>]*")*>')
_SIMPLE_BREAK = re.compile(r'<br ?/?>|</?p(?: [a-zA-Z-]{1,40}="[^"<>]*")*>')
_SPACES = re.compile(r"[ \t\n\r\f]+")

_SKIPPED = frozenset(("script", "style", "head", "title", "template", "noscript", "iframe", "object", "svg", "math"))
_PARAGRAPHS = frozenset(
    (
        *(
            "p",
            "div",
            "blockquote",
            "pre",
            "ul",
            "ol",
            "dl",
            "table",
            "section",
            "article",
            "aside",
            "header",
            "footer",
        ),
        *(
            "h1",
            "h2",
            "h3",
            "h4",
            "h5",
            "h6",
            "figure",
            "figcaption",
            "form",
            "fieldset",
            "details",
            "main",
            "nav",
            "hr",
        ),
    )
)
_LINES = frozenset(("li", "tr", "dt", "dd", "br", "option", "summary", "caption"))
_CELLS = frozenset(("td", "th"))


def html_to_text(markup, limit=MAX_TEXT):
    """Return the text a reader sees in a piece of HTML.

    Paragraphs are parted by an empty line, list entries begin with "- ", pictures say their alternative text (so
    emoji that are pictures survive), scripts and styles say nothing.  Link text stands as it is; where a network hides
    parts of a link's text, as Mastodon does with long addresses, the whole is given.  No input makes it fail.

    >>> html_to_text('<p>Hello <a href="/x">you</a> &amp; me</p><p>Bye<br>now</p>')
    'Hello you & me\\n\\nBye\\nnow'
    """
    if not markup:
        return ""
    markup = markup.strip(" \t\n\r\f")
    if "<" not in markup:
        plain = _one_blank(markup)
        return clean_text(html.unescape(plain) if "&" in plain else plain, limit)
    plain = _simple_to_text(markup[:MAX_HTML])
    if plain is None:
        plain = _parsed_to_text(markup[:MAX_HTML])
    return clean_text(plain, limit)


def _one_blank(markup):
    """Return markup whose blanks of all kinds are single spaces."""
    if "\n" in markup or "  " in markup or "\t" in markup or "\r" in markup or "\f" in markup:
        return _SPACES.sub(" ", markup)
    return markup


def _simple_to_text(markup):
    """Return the text of markup that has nothing but paragraphs, breaks and inline tags, else ``None``."""
    plain = _one_blank(markup).removeprefix("<p>").removesuffix("</p>").replace("</p><p>", "\n\n")
    if "<br" in plain:
        plain = plain.replace("<br>", "\n").replace("<br />", "\n").replace("<br/>", "\n")
    if "<" in plain:
        plain = _SIMPLE_TAG.sub("", plain)
    if "<" in plain:
        plain = _SIMPLE_BREAK.sub(lambda tag: "\n\n" if "p" in tag.group()[1:3] else "\n", plain)
        # Any bracket that is left belongs to something else, or to nothing.
        if "<" in plain:
            return None
    if "  " in plain or "\n " in plain:
        plain = re.sub(r" +", " ", plain).replace("\n ", "\n")
    return html.unescape(plain) if "&" in plain else plain


class _Reader:
    """Collects visible text from the parser's events; no tree is built, so depth costs nothing."""

    def __init__(self):
        self.parts = []
        self._hidden = 0
        self._verbatim = 0
        self._newlines = 0
        self._space = False

    def _break(self, newlines):
        self._newlines = max(self._newlines, newlines)
        self._space = False

    def _write(self, text):
        if self._newlines:
            if self.parts:
                self.parts.append("\n" * self._newlines)
            self._newlines = 0
        elif self._space and self.parts:
            self.parts.append(" ")
        self._space = False
        self.parts.append(text)

    def start(self, tag, attributes):
        """A tag opens."""
        if tag in _SKIPPED:
            self._hidden += 1
        elif self._hidden:
            return
        elif tag in _PARAGRAPHS:
            self._verbatim += tag == "pre"
            self._break(2)
        elif tag == "br":
            self._newlines = min(self._newlines + 1, 2)
            self._space = False
        elif tag in _LINES:
            self._break(1)
            if tag == "li":
                self._write("- ")
        elif tag in _CELLS:
            self._space = True
        elif tag in ("img", "area"):
            self.data(attributes.get("alt") or "")

    def end(self, tag):
        """A tag closes, also one that the parser closes for its author."""
        if tag in _SKIPPED:
            self._hidden = max(self._hidden - 1, 0)
        elif self._hidden or tag == "br":
            return
        elif tag in _PARAGRAPHS:
            self._verbatim = max(self._verbatim - (tag == "pre"), 0)
            self._break(2)
        elif tag in _LINES:
            self._break(1)

    def data(self, text):
        """Text between tags."""
        if self._hidden or not text:
            return
        if self._verbatim:
            self._write(text)
            return
        words = _SPACES.sub(" ", text)
        if words[0] == " ":
            self._space = self._space or bool(self.parts and not self.parts[-1].endswith("- "))
        body = words.strip(" ")
        if body:
            self._write(body)
            self._space = words[-1] == " "

    def close(self):
        """Return what was collected."""
        return "".join(self.parts)


_TAGS = re.compile(r"<[^<>]{0,2000}>")


def _parsed_to_text(markup):
    """Return the text of any markup, by the parser."""
    reader = _Reader()
    try:
        parser = etree.HTMLParser(
            target=reader, no_network=True, remove_pis=True, remove_comments=True, encoding="utf-8"
        )
        parser.feed(_BAD.sub("", markup).encode("utf-8", "ignore"))
        return parser.close()
    except (etree.LxmlError, ValueError, AssertionError):
        # Nested hundreds of levels deep, or nothing but fragments of tags: no reader sees structure in that.
        return html.unescape(_TAGS.sub(" ", markup))
