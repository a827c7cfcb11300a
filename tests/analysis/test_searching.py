"""Texts as full-text search takes them."""

import pytest

from analysis.searching import ENDINGS, bare, ways


@pytest.mark.parametrize(
    ("text", "configuration", "written", "plain"),
    [
        ("La Devolución", "spanish", "la devolución", "devolucion"),
        ("la devolucion", "spanish", "la devolución", "devolucion"),
        ("la devolucion", "simple", "la devolucion", ""),
        ("reclamações e devolucoes", "portuguese", "reclamações e devoluções", "reclamacoes devolucoes"),
        ("devolucio", "catalan", "devolució", "devolucio"),
        ("the union of nations", "english", "the union of nations", ""),
        ("cafe\u0301", "french", "café", "cafe"),
    ],
)
def test_accents_may_be_left_out(text, configuration, written, plain):
    """A text goes in as it is written, with the accents that decide about stems, and without any."""
    assert ways(text, configuration) == (written, plain)


def test_words_that_are_joined_are_found_one_by_one():
    """Underscores and slashes part words: nobody looks for them together, and they cost the parser dear."""
    assert ways("envio_roto https://shop.example/a/b")[0] == "envio roto https:  shop.example a b"
    assert bare("~user/././") == "user . ."


@pytest.mark.parametrize("quotes", ["“a b”", "«a b»", "„a b“"])
def test_any_quotes_mean_side_by_side(quotes):
    """Quotes as phones and word processors write them are quotes."""
    assert ways(quotes)[0] == '"a b"'
    assert bare(quotes) == '"a b"'


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\0",
        "\ud800",
        "a\0b\ud800c",
        "e" + "\u0301\u0323\u05b0" * 20_000,
        "😡" * 10_000,
        "ﷺ" * 10_000,
        "a_" * 50_000,
    ],
    ids=["nothing", "nul", "surrogate", "both", "marks", "emoji", "ligature", "underscores"],
)
@pytest.mark.parametrize("configuration", ["simple", *ENDINGS])
def test_whatever_comes_can_be_stored(text, configuration):
    """What comes out fits into a column of UTF-8."""
    for form in (*ways(text, configuration), bare(text)):
        assert "\0" not in form
        form.encode()
    assert "\u0301\u0323" not in ways(text, configuration)[0]
