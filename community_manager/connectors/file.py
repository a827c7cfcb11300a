"""Mentions from a table: a CSV or XLSX file that somebody exported elsewhere.

:func:`read_table` reads the file row by row, :func:`guess_columns` and :func:`guess_date_order` propose what its
columns mean, and :func:`row_to_item` makes an item of a row, or says why it cannot.
"""

import re
from datetime import UTC, date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

from . import errors
from .base import Connector, Sentence, _
from .items import AuthorItem, Check, MentionItem, Reject
from .registry import register
from .table import fold, read_table
from .text import clean_line, clean_text, html_to_text
from .values import MAX_ID, believable, count, digest, web_url

__all__ = ["FIELDS", "File", "guess_columns", "guess_date_order", "read_table", "row_to_item"]

#: What a column can mean, and the names that columns bear in English and Spanish, without accents.
FIELDS = {
    "text": "text texto message mensaje content contenido comment comentario post publicacion tweet body cuerpo review "
    "resena opinion descripcion description comentarios mensajes",
    "url": "url link enlace permalink direccion address vinculo href web",
    "author": "author autor user usuario name nombre autora writer cuenta account profile perfil author_name "
    "nombre_usuario user_name nombre_autor display_name",
    "handle": "handle username alias screen_name nick apodo author_handle arroba",
    "email": "email e_mail correo mail correo_electronico author_email",
    "author_url": "author_url profile_url perfil_url url_autor user_url url_perfil",
    "followers": "followers seguidores audience audiencia followers_count fans",
    "published_at": "date fecha published published_at created created_at time hora publicado timestamp datetime "
    "fecha_hora fecha_publicacion created_time fecha_creacion date_time publication_date",
    "id": "id external_id identificador post_id message_id comment_id tweet_id mention_id codigo",
    "network": "network red source fuente platform plataforma medium medio canal channel site sitio red_social origen",
    "title": "title titulo subject asunto headline titular",
    "parent": "parent parent_id in_reply_to respuesta_a padre reply_to in_reply_to_id",
    "language": "language idioma lang lengua",
    "rating": "rating stars estrellas valoracion puntuacion score nota calificacion",
    "likes": "likes me_gusta favourites favorites favoritos reactions reacciones like_count",
    "shares": "shares compartidos retweets reposts boosts reblogs share_count veces_compartido",
    "replies": "replies respuestas comments_count reply_count num_comentarios",
}
_NAMES = {name: field for field, names in FIELDS.items() for name in names.split()}

DATE_ORDERS = ("dmy", "mdy", "ymd")
_DATE = re.compile(r"(\d{1,4})[/.\-](\d{1,2})[/.\-](\d{1,4})(?:[T,\s]+(.+))?$", re.ASCII)
_WORDY = re.compile(
    r"(?:[^\W\d]+\.?,?\s+)?(?:(\d{1,2})\.?\s+(?:de\s+)?([^\W\d]{3,10})|([^\W\d]{3,10})\.?\s+(\d{1,2})),?\s+(?:de\s+)?(\d{4})(?:[T,\s]+(.+))?$"
)
_CLOCK = re.compile(
    r"(\d{1,2})[:.h](\d{2})(?:[:.](\d{2})(?:[.,]\d{1,9})?)?\s*([ap])?\.?\s?m?\.?\s*(z|utc|gmt|[+-]\d{2}:?\d{2})?$",
    re.IGNORECASE,
)
_MONTHS = {
    name: number
    for number, names in enumerate(
        ("jan ene", "feb", "mar", "apr abr", "may", "jun", "jul", "aug ago", "sep set", "oct", "nov", "dec dic"), 1
    )
    for name in names.split()
}
#: Spreadsheets count days from here.
_DAY_ZERO = datetime(1899, 12, 30)

NO_TEXT = _("Row %(row)s has no text.")
BAD_DATE = _("Row %(row)s: the date “%(value)s” cannot be read. Check the order of day and month.")
FUTURE = _("Row %(row)s: the date “%(value)s” lies in the future or before 1990. Check the order of day and month.")
BAD_URL = _("Row %(row)s: “%(value)s” is not a web address.")
BAD_RATING = _("Row %(row)s: the rating “%(value)s” is not a number from 0 to 5.")
BAD_NUMBER = _("Row %(row)s: “%(value)s” is not a number.")
NO_ZONE = _("There is no time zone “%(zone)s”.")


@register
class File(Connector):
    """Mentions that somebody imports from a file; there is nothing to listen to."""

    code = "import"
    label = _("File import")
    description = _("Mentions from a CSV or XLSX file: exports of other tools, surveys, old archives.")
    kind = "import"
    scope = "horizontal"
    capabilities = frozenset()

    def check(self):
        """See :meth:`Connector.check`."""
        return Check(can=[_("Import mentions from files")])


def guess_columns(header):
    """Return ``{field: place}`` for the columns whose names tell what they hold.

    >>> guess_columns(["Fecha", "Texto", "Enlace", "Autor", "Colour"])
    {'published_at': 0, 'text': 1, 'url': 2, 'author': 3}
    """
    found = {}
    for place, name in enumerate(header):
        folded = re.sub("_(de|del|de_la|of|the)_", "_", fold(name))
        field = _NAMES.get(folded)
        if field:
            found.setdefault(field, place)
    if "text" not in found and "title" in found:
        found["text"] = found.pop("title")
    return found


def guess_date_order(values):
    """Return "ymd", "mdy" or "dmy" for written dates; the last where nothing speaks against it.

    >>> guess_date_order(["03/04/2026", "03/25/2026"]), guess_date_order(["2026-01-31"]), guess_date_order(["1/2/26"])
    ('mdy', 'ymd', 'dmy')
    """
    for value in values:
        match = _DATE.match(str(value).strip()) if isinstance(value, str) else None
        if match:
            first, second = match.group(1), match.group(2)
            if len(first) == 4:
                return "ymd"
            if int(second) > 12:
                return "mdy"
            if int(first) > 12:
                return "dmy"
    return "dmy"


def row_to_item(row, mapping, date_order="dmy", zone="UTC", number=0, origin="own", header=()):
    """Return the :class:`~.items.MentionItem` of a row, or a :class:`~.items.Reject` that names row and reason.

    :param list row: cells, as :func:`read_table` gives them
    :param dict mapping: ``{field: place}``, fields as in :data:`FIELDS`
    :param str date_order: "dmy", "mdy" or "ymd", for dates that are written
    :param zone: name of the time zone of times that do not say theirs, or a :class:`datetime.tzinfo`
    :param int number: of the row, for its error
    :param str origin: "own" keeps every row, "search" those that a topic matches
    :param header: names of the columns, for the error file
    :raises errors.Misconfigured: there is no such time zone
    """
    zone = _zone(zone)
    cells = {field: row[place] for field, place in mapping.items() if place is not None and place < len(row)}
    try:
        return _item(cells, date_order, zone, origin)
    except _Unusable as problem:
        names = [str(name) for name in header] + [f"column {place + 1}" for place in range(len(header), len(row))]
        payload = {name: _written(cell) for name, cell in zip(names, row, strict=False)}
        return Reject(
            payload, Sentence(problem.template, row=number, **problem.params), _written(cells.get("id"))[:MAX_ID]
        )


class _Unusable(ValueError):
    """Why a row makes no item."""

    def __init__(self, template, **params):
        super().__init__(template)
        self.template = template
        self.params = params


def _zone(zone):
    if not isinstance(zone, str):
        return zone
    found = None
    try:
        found = ZoneInfo(zone)
    except (ValueError, OSError, KeyError):
        pass
    if found is None:
        raise errors.Misconfigured(NO_ZONE, params={"zone": zone[:60]})
    return found


def _written(cell):
    """Return a cell as text."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.isoformat(" ")
    return str(cell).strip()


def _item(cells, date_order, zone, origin):
    def line(field, limit=MAX_ID):
        return clean_line(_written(cells.get(field)), limit)

    text = _written(cells.get("text"))
    text = html_to_text(text) if re.search(r"</?(?:p|br|div|a|span|b|i)\b[^<>]*>", text) else clean_text(text)
    title = line("title")
    if not text and not title:
        raise _Unusable(NO_TEXT)
    url = line("url", 2000)
    if url and "://" not in url and re.match(r"[\w-]+(\.[\w-]+)+(/|$)", url):
        url = "https://" + url
    if url and not web_url(url):
        raise _Unusable(BAD_URL, value=url[:100])
    published = _moment(cells.get("published_at"), date_order, zone)
    author = _author(line)
    external_id = line("id") or (url if len(url) <= MAX_ID else "")
    if not external_id:
        who = author.external_id if author else ""
        external_id = "row:" + digest(who, published.isoformat() if published else "", title, text, url)
    network = line("network", 100)
    rating = _number(cells.get("rating"), None)
    if rating is not None and not 0 <= rating <= 5:
        raise _Unusable(BAD_RATING, value=_written(cells.get("rating"))[:50])
    language = line("language", 20).lower().partition("-")[0].partition("_")[0]
    return MentionItem(
        external_id=external_id,
        kind="review" if rating is not None else "post",
        realm=None,
        text=text,
        title=title,
        url=url,
        author=author,
        published_at=published,
        language=language if language.isalpha() and 2 <= len(language) <= 3 else "",
        parent_id=line("parent"),
        origin=origin,
        likes=count(_number(cells.get("likes"), 0)),
        shares=count(_number(cells.get("shares"), 0)),
        replies=count(_number(cells.get("replies"), 0)),
        rating=rating,
        identifiers={"id": external_id, **({"network": network} if network else {})},
    )


def _author(line):
    name, handle, email, url = (
        line("author", 200),
        line("handle", 200),
        line("email", 320).lower(),
        line("author_url", 2000),
    )
    if not re.fullmatch(r"[^\s@<>\"]{1,64}@[^\s@<>\"]{1,190}\.[^\s@<>\".]{2,63}", email):
        email = ""
    external_id = handle.lower() or email or web_url(url) or name.casefold()
    if not external_id:
        return None
    followers = line("followers", 20).replace(".", "").replace(",", "").replace(" ", "")
    return AuthorItem(
        external_id=external_id[:MAX_ID],
        name=name or handle or email.partition("@")[0] or external_id[:200],
        handle=handle,
        url=web_url(url),
        realm=None,
        email=email,
        followers=count(int(followers)) if followers.isascii() and followers.isdigit() else None,
    )


def _number(cell, absent):
    """Return a number, written with a comma or a point."""
    if cell is None or (isinstance(cell, str) and not cell.strip()):
        return absent
    if isinstance(cell, (int, float)) and not isinstance(cell, bool):
        return float(cell)
    written = _written(cell).replace(" ", "")
    if re.fullmatch(r"-?\d{1,3}([.,]\d{3})+", written, re.ASCII):
        written = written.replace(".", "").replace(",", "")
    written = written.replace(",", ".")
    if not re.fullmatch(r"-?\d{1,12}(\.\d{1,9})?", written, re.ASCII):
        raise _Unusable(BAD_NUMBER, value=_written(cell)[:50])
    return float(written)


def _moment(cell, order, zone):
    """Return the time in a cell as aware UTC.

    :raises _Unusable: it is none, or cannot be
    """
    if cell is None or (isinstance(cell, str) and not cell.strip()):
        return None
    try:
        found = _read_moment(cell, order)
        if found is not None:
            found = found.replace(tzinfo=zone) if found.tzinfo is None else found
            found = found.astimezone(UTC)
    except (ValueError, OverflowError, TypeError):
        found = None
    if found is None:
        raise _Unusable(BAD_DATE, value=_written(cell)[:50])
    if believable(found) is None:
        raise _Unusable(FUTURE, value=_written(cell)[:50])
    return found


def _read_moment(cell, order):
    """Return the time in a cell, aware where it says its zone, or ``None``."""
    if isinstance(cell, datetime):
        return cell
    if isinstance(cell, date):
        return datetime.combine(cell, time())
    if isinstance(cell, (int, float)) and not isinstance(cell, bool):
        return _from_number(float(cell))
    written = _written(cell)
    if re.fullmatch(r"\d{5}(\.\d+)?|\d{10}|\d{13}", written, re.ASCII):
        return _from_number(float(written))
    if re.match(r"\d{4}-\d{2}-\d{2}", written, re.ASCII):
        return datetime.fromisoformat(written.replace(" UTC", "Z").replace(" +", "+"))
    match = _DATE.match(written)
    if match:
        first, second, third = (int(match.group(place)) for place in (1, 2, 3))
        if len(match.group(1)) == 4 or order == "ymd":
            year, month, day = first, second, third
        elif order == "mdy":
            year, month, day = third, first, second
        else:
            year, month, day = third, second, first
        return _at(year, month, day, match.group(4))
    match = _WORDY.match(written)
    if match:
        month = _MONTHS.get(fold(match.group(2) or match.group(3))[:3])
        if month:
            return _at(int(match.group(5)), month, int(match.group(1) or match.group(4)), match.group(6))
    return None


def _from_number(number):
    if number > 1e9:
        return datetime.fromtimestamp(number / 1000 if number > 1e11 else number, UTC)
    return _DAY_ZERO + timedelta(days=number)


def _at(year, month, day, clock):
    """Return a time from its parts; ``clock`` is "10:30", "10:30:05 pm", "10:30 +0200"… or nothing."""
    found = datetime(year + 2000 if year < 100 else year, month, day)
    if not clock:
        return found
    match = _CLOCK.match(clock.strip())
    if not match:
        raise ValueError(clock)
    hour, minute, second, half, zone = match.groups()
    hour = int(hour) % 12 + (12 if half.lower() == "p" else 0) if half else int(hour)
    found = found.replace(hour=hour, minute=int(minute), second=int(second or 0))
    if zone:
        if zone[0] in "+-":
            offset = timedelta(hours=int(zone[1:3]), minutes=int(zone[-2:]))
            found = found.replace(tzinfo=timezone(-offset if zone[0] == "-" else offset))
        else:
            found = found.replace(tzinfo=UTC)
    return found
