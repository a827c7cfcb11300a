"""Tables that people exported elsewhere."""

import csv
import io
import tracemalloc
import zipfile
from datetime import UTC, datetime

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors import errors, table
from connectors.file import guess_columns, guess_date_order, read_table, row_to_item
from connectors.items import MentionItem, Reject

UTC = UTC
SETTINGS = settings(max_examples=100, deadline=None, derandomize=True, database=None)


def rows_of(content, name="x.csv"):
    found = read_table(name, content)
    return found.header, list(found.rows)


def workbook(*rows):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_any_csv_that_spreadsheets_write_is_read(delimiter, encoding):
    stream = io.StringIO()
    writer = csv.writer(stream, delimiter=delimiter)
    writer.writerows([["Texto", "Autor"], [f"El señor dijo «sí»{delimiter} y\nse fue", 'Ana "la jefa"'], ["x", "y"]])
    header, rows = rows_of(stream.getvalue().encode(encoding))
    assert header == ["Texto", "Autor"]
    assert rows == [(2, [f"El señor dijo «sí»{delimiter} y\nse fue", 'Ana "la jefa"']), (3, ["x", "y"])]


def test_a_named_delimiter_and_short_rows_and_empty_rows():
    header, rows = rows_of(b"sep=;\r\ntext;author\r\na,b\r\n\r\n;\r\nc;d;e\r\n")
    assert header == ["text", "author"]
    assert rows == [(2, ["a,b"]), (5, ["c", "d", "e"])]


def test_xlsx_gives_values_and_never_evaluates_formulas():
    content = workbook(["text", "date", "likes"], ["hello", datetime(2026, 1, 31, 12, 0), 3], ["=1+1", None, None])
    header, rows = rows_of(content, "x.xlsx")
    assert header == ["text", "date", "likes"]
    assert rows == [(2, ["hello", datetime(2026, 1, 31, 12, 0), 3])]


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"", errors.Malformed),
        (b"  \n ", errors.Malformed),
        (b"PK\x03\x04 no archive", errors.Malformed),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 600, errors.Malformed),
        (bytes(range(256)) * 20 + b"\x00" * 5000, errors.Malformed),
        (b"text\n" + b'"' + b"x" * 200_000, errors.Malformed),
    ],
    ids=["nothing", "blank", "broken archive", "old Excel", "binary", "endless cell"],
)
def test_what_is_no_table_is_told_in_a_sentence(content, kind):
    with pytest.raises(kind) as caught:
        rows_of(content)
    assert caught.value.message.endswith(".")


def test_a_file_with_too_many_rows_or_bytes_is_refused(monkeypatch):
    monkeypatch.setattr(table, "MAX_ROWS", 10)
    with pytest.raises(errors.TooLarge):
        rows_of(b"text\n" + b"x\n" * 20)
    monkeypatch.setattr(table, "MAX_FILE", 10)
    with pytest.raises(errors.TooLarge):
        rows_of(b"text\n" + b"x\n" * 20)


def test_a_zip_bomb_is_refused_before_it_is_unpacked():
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open("xl/sharedStrings.xml", "w") as part:
            for _turn in range(200):
                part.write(b"\0" * 1_000_000)
    with pytest.raises(errors.TooLarge):
        rows_of(stream.getvalue())


def test_xml_definitions_in_a_spreadsheet_are_refused():
    source = zipfile.ZipFile(io.BytesIO(workbook(["text"], ["x"])))
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for part in source.infolist():
            content = source.read(part)
            if part.filename.endswith("sheet1.xml"):
                content = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>' + content.split(b"?>", 1)[-1]
            archive.writestr(part, content)
    with pytest.raises(errors.Malformed):
        rows_of(stream.getvalue())


def test_rows_are_read_one_by_one_in_little_memory():
    content = b"text,author\n" + b"some words of a mention,ana\n" * 150_000
    tracemalloc.start()
    number = sum(1 for _row in read_table("x.csv", content).rows)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert number == 150_000
    assert peak < 3_000_000


@pytest.mark.parametrize(
    ("header", "mapping"),
    [
        (["Date", "Text", "URL", "Author"], {"published_at": 0, "text": 1, "url": 2, "author": 3}),
        (["Fecha de publicación", "Mensaje", "Enlace", "Usuario", "Red social", "Título", "Identificador"],
         {"published_at": 0, "text": 1, "url": 2, "author": 3, "network": 4, "title": 5, "id": 6}),
        (["E-mail", "Me gusta", "Valoración", "Idioma"], {"email": 0, "likes": 1, "rating": 2, "language": 3}),
        (["Título", "Color"], {"text": 0}),
        (["", "x"], {}),
    ],
)  # fmt: skip
def test_columns_are_guessed_in_english_and_spanish(header, mapping):
    assert guess_columns(header) == mapping


@pytest.mark.parametrize(
    ("cell", "order", "moment"),
    [
        ("2026-01-31T12:00:00+02:00", "dmy", (2026, 1, 31, 10, 0)),
        ("2026-01-31 12:00", "dmy", (2026, 1, 31, 11, 0)),
        ("31/01/2026 12:00", "dmy", (2026, 1, 31, 11, 0)),
        ("01/31/2026 1:05 PM", "mdy", (2026, 1, 31, 12, 5)),
        ("31.1.26", "dmy", (2026, 1, 30, 23, 0)),
        ("2026/1/31", "dmy", (2026, 1, 30, 23, 0)),
        ("31 de enero de 2026", "dmy", (2026, 1, 30, 23, 0)),
        ("Jan 31, 2026 12:00", "dmy", (2026, 1, 31, 11, 0)),
        (datetime(2026, 7, 1, 12, 0), "dmy", (2026, 7, 1, 10, 0)),
        (46053.5, "dmy", (2026, 1, 31, 11, 0)),
        ("1769860800", "dmy", (2026, 1, 31, 12, 0)),
    ],
)
def test_dates_are_read_as_people_write_them(cell, order, moment):
    item = row_to_item(["x", cell], {"text": 0, "published_at": 1}, order, "Europe/Madrid")
    assert item.published_at == datetime(*moment, tzinfo=UTC)


def test_the_order_of_day_and_month_is_guessed_from_the_dates():
    assert guess_date_order(["01/02/2026", None, "x", "13/02/2026"]) == "dmy"
    assert guess_date_order(["01/02/2026", "02/13/2026"]) == "mdy"
    assert guess_date_order([]) == "dmy"


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (["", "", ""], "no text"),
        (["x", "31/31/2026", ""], "date “31/31/2026” cannot be read"),
        (["x", "1/1/2199", ""], "lies in the future"),
        (["x", "yesterday", ""], "cannot be read"),
        (["x", "", "javascript:alert(1)"], "not a web address"),
        (["x", "", "", "9"], "rating"),
        (["x", "", "", "many"], "not a number"),
    ],
)
def test_a_row_that_makes_no_item_says_which_and_why(row, words):
    mapping = {"text": 0, "published_at": 1, "url": 2, "rating": 3}
    reject = row_to_item(row, mapping, number=7, header=["Text", "Date"])
    assert isinstance(reject, Reject)
    assert reject.error.startswith("Row 7")
    assert words in reject.error
    assert reject.error.template % reject.error.params == reject.error
    assert list(reject.payload)[:2] == ["Text", "Date"]


def test_a_whole_row_becomes_a_mention():
    header = ["id", "texto", "enlace", "autor", "email", "fecha", "red", "valoracion", "me gusta", "seguidores"]
    row = [4711.0, "<p>Llegó <b>roto</b></p>", "shop.example/r/1", "Ana", "ANA@example.com", "31/01/2026", "Ciao",
           "4,5", "1.200", "3.400"]  # fmt: skip
    item = row_to_item(row, guess_columns(header), "dmy", "UTC")
    assert (item.external_id, item.text, item.url, item.kind) == (
        "4711", "Llegó roto", "https://shop.example/r/1", "review"
    )  # fmt: skip
    assert (item.rating, item.likes, item.identifiers["network"], item.realm) == (4.5, 1200, "Ciao", None)
    assert (item.author.external_id, item.author.name, item.author.email, item.author.followers) == (
        "ana@example.com", "Ana", "ana@example.com", 3400
    )  # fmt: skip


def test_rows_without_an_id_keep_the_same_one_when_imported_again():
    mapping = {"text": 0, "author": 1}
    first, again, other = (row_to_item(row, mapping) for row in (["x", "a"], ["x", "a"], ["x", "b"]))
    assert first.external_id == again.external_id != other.external_id


def test_an_unknown_time_zone_is_told():
    with pytest.raises(errors.Misconfigured):
        row_to_item(["x"], {"text": 0}, zone="Mars/Olympus")


CELLS = st.one_of(
    st.none(), st.text(max_size=30), st.integers(), st.floats(), st.booleans(), st.datetimes(),
    st.from_regex(r"\d{1,4}[/.-]\d{1,2}[/.-]\d{1,4}( \d{1,2}:\d{2})?", fullmatch=True),
)  # fmt: skip


@SETTINGS
@given(st.lists(CELLS, min_size=8, max_size=8), st.sampled_from(["dmy", "mdy", "ymd"]))
def test_any_row_is_an_item_or_a_reject(row, order):
    fields = ["id", "text", "url", "published_at", "rating", "likes", "author", "followers"]
    result = row_to_item(row, {field: place for place, field in enumerate(fields)}, order, "Europe/Madrid", 5)
    assert isinstance(result, (MentionItem, Reject))


@SETTINGS
@given(st.binary(max_size=300))
def test_any_bytes_are_a_table_or_one_of_our_errors(content):
    try:
        rows_of(content)
    except errors.ConnectorError as error:
        assert error.message
