"""Tables in files: CSV of any kind, and XLSX, row by row and within bounds."""

import codecs
import csv
import io
import re
import unicodedata
import zipfile
from dataclasses import dataclass
from xml.parsers import expat

from . import errors
from .base import _
from .text import clean_line

MAX_FILE = 32 * 1024 * 1024
#: What an XLSX file may be when unpacked: its strings are held in memory.
MAX_UNPACKED = 128 * 1024 * 1024
MAX_PARTS = 2000
MAX_ROWS = 200_000
MAX_COLUMNS = 200
MAX_CELL = 100_000
#: Rows without any cell, after which the rest of a sheet is taken for empty.
MAX_EMPTY = 1000
_SAMPLE = 64 * 1024
_DELIMITERS = (",", ";", "\t", "|")

EMPTY = _("The file is empty.")
TOO_BIG = _("The file is larger than %(limit)s MB. Split it into several files.")
TOO_MANY_ROWS = _("The file has more than %(limit)s rows. Split it into several files.")
NOT_A_TABLE = _("The file cannot be read as a table. Save it as CSV or XLSX.")
OLD_EXCEL = _("The file is in the old XLS format. Save it as XLSX or CSV.")
BAD_ROW = _("Row %(row)s of the file cannot be read: a cell is too long, or a quotation mark is not closed.")


@dataclass(slots=True)
class Table:
    """A table that is read once: ``header`` is its first row, ``rows`` yields ``(number, cells)`` of the others.

    Numbers are as a spreadsheet shows them, so the row after the header is 2.  Cells are text, or what an XLSX file
    holds: numbers, times, truth values; ``None`` where there is nothing.
    """

    header: list
    rows: object


def fold(name):
    """Return a name without accents, case and punctuation, with underscores for spaces.

    >>> fold(" Fecha de Publicación "), fold("E-mail:")
    ('fecha_de_publicacion', 'e_mail')
    """
    name = unicodedata.normalize("NFKD", clean_line(str(name or ""), 200)).casefold()
    name = "".join(letter for letter in name if not unicodedata.combining(letter))
    return re.sub(r"[\W_]+", "_", name).strip("_")


def read_table(filename, content):
    """Return the :class:`Table` in a file.

    :param str filename: only a hint; the content decides
    :param bytes content: the file
    :raises errors.TooLarge: it is larger than we read
    :raises errors.Malformed: it is no table; also while rows are read
    """
    if len(content) > MAX_FILE:
        raise errors.TooLarge(TOO_BIG, params={"limit": MAX_FILE // 1024 // 1024})
    if not content or content.isspace():
        raise errors.Malformed(EMPTY)
    if content[:4] == b"PK\x03\x04":
        rows = _xlsx_rows(content)
    elif content[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        raise errors.Malformed(OLD_EXCEL)
    else:
        rows = _csv_rows(content)
    rows = _bounded(rows)
    _number, header = next(rows, (0, None))
    if not header:
        raise errors.Malformed(EMPTY)
    return Table([clean_line(str(cell if cell is not None else ""), 200) for cell in header], rows)


def _bounded(rows):
    """Number rows, leave out empty ones, and stop at the bounds."""
    empty = 0
    for number, row in enumerate(rows, 1):
        if number > MAX_ROWS:
            raise errors.TooLarge(TOO_MANY_ROWS, params={"limit": MAX_ROWS})
        cells = [cell[:MAX_CELL] if isinstance(cell, str) else cell for cell in row[:MAX_COLUMNS]]
        while cells and (cells[-1] is None or cells[-1] == ""):
            cells.pop()
        if cells:
            empty = 0
            yield number, cells
        else:
            empty += 1
            if empty > MAX_EMPTY:
                return


# --- CSV ---------------------------------------------------------------------------------------------------------


def _encoding(content):
    """Return the encoding of a text file."""
    for mark, name in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if content.startswith(mark):
            return name
    head = content[:200]
    if head.count(0) > len(head) // 4:
        return "utf-16-le" if head[1:2] == b"\x00" else "utf-16-be"
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for start in range(0, len(content), _SAMPLE):
            decoder.decode(content[start : start + _SAMPLE])
        decoder.decode(b"", True)
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def _delimiter(sample):
    """Return what parts the cells: the sign that gives most rows the same number of cells, more than one."""
    named = re.match(r"sep=(.)\r?\n", sample)
    if named:
        return named.group(1)
    best = (0.0, 0, ",")
    for place, delimiter in enumerate(_DELIMITERS):
        try:
            widths = [len(row) for row in csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter) if row][:50]
        except csv.Error:
            continue
        # The end of the sample may cut a row in two.
        widths = widths[:-1] if len(widths) > 2 else widths
        if widths and widths[0] > 1:
            same = sum(width == widths[0] for width in widths) / len(widths)
            best = max(best, (round(same, 2) * min(widths[0], 20), -place, delimiter))
    return best[2]


def _csv_rows(content):
    encoding = _encoding(content)
    if encoding in ("utf-8", "cp1252") and content.count(0) * 10 > len(content):
        raise errors.Malformed(NOT_A_TABLE, "binary")
    stream = io.TextIOWrapper(io.BytesIO(content), encoding=encoding, errors="replace", newline="")
    sample = stream.read(_SAMPLE)
    delimiter = _delimiter(sample)
    stream.seek(0)
    if sample.startswith("sep="):
        stream.readline()
    reader = csv.reader(stream, delimiter=delimiter)
    number = 0
    while True:
        number += 1
        problem = ""
        try:
            row = next(reader)
        except StopIteration:
            return
        except (csv.Error, UnicodeError) as error:
            problem = str(error)
        if problem:
            raise errors.Malformed(BAD_ROW, problem, params={"row": number})
        yield row


# --- XLSX --------------------------------------------------------------------------------------------------------


def _xlsx_rows(content):
    import openpyxl

    _refuse_bombs(content)
    problem = ""
    try:
        # Values as they were last computed: no formula is evaluated here.
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        sheet = next(iter(book.worksheets), None)
    except Exception as error:  # noqa: BLE001 - the library lets whatever comes of a broken file escape
        problem = f"{type(error).__name__}: {str(error)[:200]}"
    if problem or sheet is None:
        raise errors.Malformed(NOT_A_TABLE, problem)
    # What a file says of its own size is not believed.
    sheet.reset_dimensions()
    rows = sheet.iter_rows(values_only=True)
    number = 0
    while True:
        number += 1
        try:
            row = next(rows)
        except StopIteration:
            book.close()
            return
        except Exception as error:  # noqa: BLE001 - as above
            problem = f"{type(error).__name__}: {str(error)[:200]}"
        if problem:
            book.close()
            raise errors.Malformed(BAD_ROW, problem, params={"row": number})
        yield list(row)


def _refuse_bombs(content):
    """
    :raises errors.TooLarge: the file would unpack to more than we read
    :raises errors.Malformed: it is no such file, or its XML defines entities
    """
    problem = ""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            # A part gives no more bytes than it declares, so the declared sizes are a bound.
            if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED:
                raise errors.TooLarge(TOO_BIG, "unpacked", params={"limit": MAX_UNPACKED // 1024 // 1024})
            for part in parts:
                if part.filename.lower().endswith((".xml", ".rels")):
                    with archive.open(part) as stream:
                        problem = problem or _doctype(stream)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, OSError, ValueError, RuntimeError, NotImplementedError) as error:
        problem = f"{type(error).__name__}: {str(error)[:200]}"
    except Exception as error:
        if isinstance(error, errors.ConnectorError):
            raise
        problem = f"{type(error).__name__}: {str(error)[:200]}"
    if problem:
        raise errors.Malformed(NOT_A_TABLE, problem)


class _Enough(Exception):
    """The root element was reached."""


def _doctype(stream):
    """Return a problem if an XML part declares a document type, which no spreadsheet does."""
    found = []

    def declared(*_arguments):
        found.append("document type declared")
        raise _Enough

    def root(*_arguments):
        raise _Enough

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = declared
    parser.StartElementHandler = root
    try:
        parser.ParseFile(stream)
    except _Enough:
        pass
    except expat.ExpatError as error:
        return str(error)
    return found[0] if found else ""
