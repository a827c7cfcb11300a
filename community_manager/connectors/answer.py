"""An answer as it came: its text, its links, its packing."""

import re
import zlib
from dataclasses import dataclass, field
from json import loads
from urllib.parse import urljoin, urlsplit, urlunsplit

from requests.structures import CaseInsensitiveDict

from . import errors
from .base import _

UNREADABLE = _("The answer of %(host)s cannot be read. Check whether the address is the right one.")

_LINK = re.compile(r"<([^<>]{1,4000})>([^<>]{0,1000})")
_REL = re.compile(r"""\brel\s*=\s*"?([^";,]{1,200})""", re.IGNORECASE)


def safe_url(url):
    """Return an address fit for a log or an error: without login, query and fragment, where secrets are kept."""
    try:
        parts = urlsplit(url)
        host = parts.netloc.rpartition("@")[2]
        return urlunsplit((parts.scheme, host, parts.path, "", ""))[:300]
    except ValueError:
        return url.partition("?")[0].rpartition("@")[2][:300]


@dataclass(slots=True)
class Response:
    """An answer, read whole.

    ``url`` is where it came from after redirects; ``moved_to`` is set when every redirect on the way was permanent.
    """

    status: int
    headers: CaseInsensitiveDict
    content: bytes
    url: str
    moved_to: str = ""
    _parsed: list = field(default_factory=list, repr=False)

    def json(self):
        """
        :raises errors.Malformed: the content is not JSON
        """
        if not self._parsed:
            detail = ""
            try:
                self._parsed.append(loads(self.content))
            except (ValueError, RecursionError) as problem:
                detail = f"{type(problem).__name__}: {str(problem)[:200]}"
            if detail:
                raise errors.Malformed(UNREADABLE, detail, self.status, {"host": urlsplit(self.url).hostname})
        return self._parsed[0]

    @property
    def charset(self):
        """The encoding named by the server, or an empty string."""
        match = re.search(r"charset\s*=\s*[\"']?([\w.:-]{1,40})", self.headers.get("content-type", ""), re.IGNORECASE)
        return match.group(1) if match else ""

    @property
    def text(self):
        """The content as text; bytes that do not fit are replaced."""
        try:
            return self.content.decode(self.charset or "utf-8", "replace")
        except LookupError:
            return self.content.decode("utf-8", "replace")

    @property
    def links(self):
        """``{relation: absolute address}`` from the Link header."""
        found = {}
        for target, parameters in _LINK.findall(self.headers.get("link", "")[:20000]):
            relation = _REL.search(parameters)
            for name in relation.group(1).lower().split() if relation else ():
                try:
                    found.setdefault(name, urljoin(self.url, target.strip()))
                except ValueError:
                    continue
        return found

    @property
    def next_link(self):
        """Address of the next page from the Link header, or an empty string."""
        return self.links.get("next", "")


class Unpacker:
    """Undoes the packing of a body, never further than asked."""

    def __init__(self, encoding):
        """
        :param str encoding: the Content-Encoding header
        :raises ValueError: it is one we did not offer
        """
        self.encoding = encoding.strip().lower()
        if self.encoding not in ("", "identity", "gzip", "x-gzip", "deflate"):
            raise ValueError(self.encoding)
        self._engine = None

    @property
    def complete(self):
        """Whether nothing is missing at the end."""
        return self._engine is None or self._engine.eof

    def unpack(self, chunk, most):
        """Return what ``chunk`` holds, about ``most`` bytes of it.

        :raises zlib.error: it is not packed as it says
        """
        if self.encoding in ("", "identity") or not (chunk or self._engine):
            return chunk
        if self._engine is None:
            self._engine = zlib.decompressobj(self._window(chunk))
        return self._engine.decompress(self._engine.unconsumed_tail + chunk, max(most, 1))

    def _window(self, chunk):
        """ "deflate" should have a zlib header, and often has none."""
        if self.encoding != "deflate":
            return zlib.MAX_WBITS + 32
        return zlib.MAX_WBITS if chunk[0] & 0x0F == 8 else -zlib.MAX_WBITS
