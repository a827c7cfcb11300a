"""From bytes that claim to be XML to text that a parser can be given: right encoding, no entities, well formed."""

import codecs
import re
from html.entities import html5
from xml.parsers import expat

from lxml import etree

from . import errors
from .base import _

#: Deeper nesting is no feed, but an attack on whoever reads it.
MAX_DEPTH = 150
MAX_ELEMENTS = 150_000

ENTITIES = _(
    "The feed of %(host)s holds definitions that could be used to attack us (XML entities), so it is not read."
)
NOT_XML = _("What %(host)s sends is not a feed. Check the address.")

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_DECLARED = re.compile(rb"""^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._:-]{1,40})["']""")
_DECLARATION = re.compile(r"^\s*<\?xml[^>]{0,500}\?>")
_DOCTYPE = re.compile(r"<!DOCTYPE\b[^\[<>]{0,2000}(\[.{0,100000}?\]\s*)?>", re.IGNORECASE | re.DOTALL)
_ENTITY = re.compile(r"<!ENTITY\b", re.IGNORECASE)
_NAMED = re.compile(r"&([A-Za-z][A-Za-z0-9]{1,31});")
_BARE = re.compile(r"&(?!(?:[A-Za-z][A-Za-z0-9]{1,31}|#[0-9]{1,7}|#x[0-9A-Fa-f]{1,6});)")
_NOT_XML_CHARACTERS = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_PREFIX = re.compile(r"</?([A-Za-z][A-Za-z0-9]{0,30}):[A-Za-z]|\s([A-Za-z][A-Za-z0-9]{0,30}):[A-Za-z-]+=[\"']")
_ROOT = re.compile(r"<[A-Za-z][^\s/>]{0,60}")
_PREDEFINED = frozenset(("amp", "lt", "gt", "quot", "apos"))

#: Namespaces that feeds use and forget to declare.
_NAMESPACES = {
    "atom": "http://www.w3.org/2005/Atom",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
    "media": "http://search.yahoo.com/mrss/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "slash": "http://purl.org/rss/1.0/modules/slash/",
    "sy": "http://purl.org/rss/1.0/modules/syndication/",
    "thr": "http://purl.org/syndication/thread/1.0",
    "wfw": "http://wellformedweb.org/CommentAPI/",
}


def decode(content, charset=""):
    """Return the text of a document whose encoding may be declared wrongly.

    A byte order mark is believed, then what the document says, then the server, then UTF-8 when it fits; the last
    resort is Windows-1252, which is what "ISO-8859-1" means on the web.

    :param bytes content: the document
    :param str charset: what the server says
    """
    for mark, name in _BOMS:
        if content.startswith(mark):
            return content[len(mark) :].decode(name, "replace")
    if content[:4] in (b"<\x00?\x00", b"<\x00r\x00", b"<\x00f\x00"):
        return content.decode("utf-16-le", "replace")
    if content[:4] in (b"\x00<\x00?", b"\x00<\x00r", b"\x00<\x00f"):
        return content.decode("utf-16-be", "replace")
    declared = _DECLARED.match(content[:1000])
    for name in (declared.group(1).decode("ascii") if declared else "", charset, "utf-8"):
        text = _strictly(content, name)
        if text is not None:
            return text
    if declared is None and not charset or (declared and declared.group(1).lower() in (b"utf-8", b"utf8")):
        # Nearly all of it is UTF-8 when only few bytes do not fit: a text cut in the middle of a letter.
        text = content.decode("utf-8", "replace")
        if text.count("\ufffd") * 200 < len(text):
            return text
    return content.decode("cp1252", "replace")


def _strictly(content, name):
    """Return the text if it is wholly in the named encoding, else ``None``."""
    name = name.strip().lower()
    if not name:
        return None
    if name in ("iso-8859-1", "iso8859-1", "latin-1", "latin1", "us-ascii", "ascii"):
        # Bytes that are UTF-8 are so on purpose; those two are the defaults of many a program.
        try:
            return content.decode("utf-8")
        except UnicodeDecodeError:
            return content.decode("cp1252", "replace")
    try:
        info = codecs.lookup(name)
        # Codecs that are no encodings (zip, rot13), and one that could hide markup (utf-7).
        if not info._is_text_encoding or info.name in (
            "utf-7",
            "unicode_escape",
            "raw_unicode_escape",
            "idna",
            "punycode",
        ):
            return None
        return content.decode(info.name)
    except (LookupError, ValueError):
        return None


def defuse(text, host):
    """Return a document without its DOCTYPE, and with HTML's named entities as characters.

    :raises errors.Malformed: it defines entities: their expansion could fill all memory or read our files
    """
    text = _DECLARATION.sub("", text.lstrip("\ufeff"), count=1)
    before_root = text[:200_000]
    if "<!" in before_root:
        doctype = _DOCTYPE.search(before_root)
        if _ENTITY.search(before_root) and (doctype is None or _ENTITY.search(doctype.group())):
            outside = re.sub(r"<!--.{0,10000}?-->|<!\[CDATA\[.{0,100000}?\]\]>", "", before_root, flags=re.DOTALL)
            if _ENTITY.search(outside):
                raise errors.Malformed(ENTITIES, "entity definitions", params={"host": host})
        if doctype:
            text = text[: doctype.start()] + text[doctype.end() :]
    text = _NOT_XML_CHARACTERS.sub("", text)
    if "&" in text:
        text = _NAMED.sub(_character, text)
    return text


def _character(match):
    name = match.group(1)
    if name in _PREDEFINED:
        return match.group()
    return html5.get(name + ";") or "&amp;" + match.group()[1:]


def well_formed(text, host):
    """Return a document as bytes that every XML parser takes, mending it where that is possible.

    :raises errors.Malformed: it cannot be mended
    """
    text = _declare_prefixes(text)
    problem = _problem(text.encode("utf-8"))
    if problem is None:
        return text.encode("utf-8")
    parser = etree.XMLParser(
        recover=True, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_pis=True
    )
    mended = None
    try:
        root = etree.fromstring(_BARE.sub("&amp;", text).encode("utf-8"), parser)
        if root is not None:
            mended = etree.tostring(root, encoding="utf-8")
    except (etree.LxmlError, ValueError) as error:
        problem = str(error)[:200]
    if mended is None or _problem(mended) is not None:
        raise errors.Malformed(NOT_XML, problem, params={"host": host})
    return mended


def _declare_prefixes(text):
    """Declare the namespaces that a document uses without saying so."""
    if ":" not in text:
        return text
    used = {first or second for first, second in _PREFIX.findall(text)} - {"xml", "xmlns", ""}
    missing = [prefix for prefix in sorted(used) if f"xmlns:{prefix}=" not in text and f"xmlns:{prefix} " not in text]
    root = _ROOT.search(text)
    if not missing or not root:
        return text
    declared = "".join(
        f' xmlns:{prefix}="{_NAMESPACES.get(prefix, "urn:undeclared:" + prefix)}"' for prefix in missing[:50]
    )
    return text[: root.end()] + declared + text[root.end() :]


def _problem(content):
    """Return what keeps a document from being read, or ``None``; looks at its form, depth and size only."""
    parser = expat.ParserCreate("utf-8", namespace_separator=" ")
    state = {"depth": 0, "elements": 0}

    def opened(_name, _attributes):
        state["depth"] += 1
        state["elements"] += 1
        if state["depth"] > MAX_DEPTH or state["elements"] > MAX_ELEMENTS:
            raise OverflowError

    def closed(_name):
        state["depth"] -= 1

    parser.StartElementHandler = opened
    parser.EndElementHandler = closed
    try:
        parser.Parse(content, True)
    except expat.ExpatError as problem:
        return str(problem)[:200]
    except OverflowError:
        return "nested too deeply or too many elements"
    return None
