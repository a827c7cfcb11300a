"""Texts that are sent to make the reader fail or stand still: they are read like any other, and as quickly.

What is quadratic takes hours with these texts, what is linear a second or two: so a limit of a minute tells them apart
on any machine.  ``tests/benchmarks/reading.py`` measures what they cost.
"""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis import language, terms
from analysis.alike import gist
from analysis.engine import FEELINGS, Analyst, analyst
from analysis.language import words_of
from analysis.matching import Keyword, Matcher
from analysis.similarity import LONGEST, bands_of, plain
from analysis.terms import hashtags, links, place, rising, site, words

pytestmark = pytest.mark.timeout(60)

SIZE = 1_000_000


def repeated(piece):
    """A megabyte of it."""
    return piece * (SIZE // len(piece))


HOSTILE = {
    "letters": repeated("a"),
    "words": repeated("abandon all hope "),
    "accents": repeated("ñá "),
    "zalgo": repeated("z\u0301\u0316\u0321\u0489\u1ab0\u20dd" + "\u0301" * 30),
    "marks": repeated("\u0301"),
    "marks out of order": repeated("\u0301\u0316\u0345\u0321"),
    "emoji": "😂😡👍🏽❤️" * 10_000,
    "families": "👨‍👩‍👧‍👦" * 10_000,
    "flags": "🇪🇸🇦🇷" * 10_000,
    "addresses": repeated("https://a.example/b?c=d#e "),
    "nested addresses": repeated("https://a.example/"),
    "no address": repeated("https://"),
    "almost addresses": repeated("http:/www."),
    "closing brackets": ("https://a.example/" + ")" * 1_900 + " ") * 500,
    "opening brackets": repeated("("),
    "tags": repeated("#a"),
    "tags apart": repeated("#a #b "),
    "underscores": repeated("#_"),
    "handles": repeated("@a"),
    "handles apart": repeated("@a @b@c.example "),
    "half entities": repeated("&aaaaaaaaa"),
    "apostrophes": repeated("l'"),
    "hyphens": repeated("a-"),
    "digits": repeated("1"),
    "digits and letters": repeated("1a"),
    "signs": repeated("!?¿¡…"),
    "emoticons": repeated(":-)))"),
    "laughter": repeated("ja") + repeated("jaj"),
    "almost laughter": repeated("ha") + "z",
    "drawn out": "h" + "o" * SIZE + "la",
    "white space": repeated(" \t"),
    "line breaks": repeated("\n"),
    "invisible": repeated("\u200b\u200d\ufeff\u00ad"),
    "turned around": repeated("\u202e\u2066"),
    "NUL": repeated("\0"),
    "NUL and letters": repeated("a\0"),
    "halves of surrogate pairs": repeated("\ud83d"),
    "surrogates the wrong way round": repeated("\ude00\ud83d"),
    "Han": repeated("注文した商品がまだ届きません"),
    "Thai": repeated("สวัสดีครับ"),
    "Hangul in pieces": repeated("\u1100\u1161\u11a8"),
    "Arabic ligature": repeated("\ufdfa"),
    "wide": repeated("ｗｗｗ．ａ"),
    "all letters": "".join(map(chr, range(0x20, 0x3400))) * 20,
    "markup": repeated("<a href='https://a.example'><script>"),
    "negation": repeated("not "),
    "but": repeated("but "),
}
#: Those that are not in any language themselves.
SILENT = {"emoji", "addresses", "tags apart", "handles apart", "NUL", "white space", "line breaks", "digits"}
SPOKEN = "El pedido llegó roto y nadie contesta al teléfono"


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_megabyte_is_read(kind):
    (reading,) = analyst().read([HOSTILE[kind]])
    assert reading.sentiment in ("", *FEELINGS)
    assert -1 <= reading.score <= 1
    assert len(reading.hashtags) <= terms.MOST_TAGS and len(reading.links) <= terms.MOST_LINKS
    assert all(len(link) <= 2_000 for link in reading.links)


@pytest.mark.parametrize("kind", HOSTILE)
def test_words_links_and_copies_of_a_megabyte_are_found(kind):
    text = HOSTILE[kind]
    assert len(words(text)) <= terms.MOST_WORDS + 1
    for link in links(text):
        assert place(link) and site(link)
    assert len(gist(text)) <= 4 * LONGEST
    Matcher([Keyword(1, "acme"), Keyword(1, "#tag"), Keyword(2, "no ~3 way")]).match(text)


@pytest.mark.parametrize("kind", HOSTILE)
def test_what_is_said_before_it_is_still_read(kind):
    text = f"{SPOKEN}. {HOSTILE[kind]}"
    (reading,) = analyst().read([text])
    assert "roto" in words(text, "es")
    assert reading.bands is not None
    if kind in SILENT:
        assert reading.language == "es"


def test_it_harms_no_other_text_of_its_page():
    sober = analyst().read([SPOKEN])[0]
    readings = analyst().read([piece for text in HOSTILE.values() for piece in (text[:10_000], SPOKEN)])
    for reading in readings[1::2]:
        assert (reading.language, reading.bands) == (sober.language, sober.bands)
        assert reading.score == pytest.approx(sober.score, abs=1e-4)


def test_no_more_is_looked_at_than_the_beginning():
    rng = random.Random(3)
    text = " ".join("".join(rng.choices("aeioulnrst", k=rng.randint(2, 9))) for _word in range(200_000))
    assert len(words_of(text)) <= language._MOST_WORDS
    assert len(plain(text)) <= LONGEST
    assert bands_of([text]) == bands_of([text[:LONGEST]])
    assert analyst().read([text])[0].score == pytest.approx(analyst().read([text[: SIZE // 10]])[0].score)


def test_a_stream_of_invented_words_is_not_remembered_for_ever(monkeypatch):
    monkeypatch.setattr(language, "_ROOM", 1_000)
    reader = language.Detector()
    rng = random.Random(9)
    for _page in range(20):
        reader.detect_many(
            [" ".join(f"{rng.getrandbits(60):x}".translate(DIGITS) for _word in range(50)) for _ in range(20)]
        )
    assert len(reader._known) <= 1_000 + language._BATCH * language._MOST_WORDS


DIGITS = str.maketrans("0123456789", "ghijklmnop")
PIECES = st.sampled_from(
    [
        "#",
        "@",
        "https://",
        "www.",
        "(",
        ")",
        ".",
        "'",
        "’",
        "-",
        "_",
        "~",
        "*",
        "&",
        ";",
        " ",
        "\n",
        "\0",
        "a",
        "ñ",
        "Ø",
        "1",
    ]
    + [
        "\u0301",
        "\ud83d",
        "\ude00",
        "😂",
        "注",
        "\u200d",
        "no",
        "not",
        "but",
        "RT",
        "jaja",
        ":)",
        "¿",
        "!",
        "[",
        "]",
        "//",
        "%",
    ]
)


@given(st.lists(st.lists(PIECES, max_size=40).map("".join), max_size=4))
def test_no_arrangement_of_signs_makes_it_fail(texts):
    for text, reading in zip(texts, analyst().read(texts), strict=True):
        for link in reading.links:
            assert link in text and place(link)
        rising(dict.fromkeys(words(text, reading.language), 9), {}, 10, 100)


@given(st.text(alphabet=st.characters(exclude_categories=()), max_size=300))
def test_words_that_weighed_lie_within_any_text(text):
    for what in ("negative", "question"):
        for start, end, _weight in analyst().why(text, "es", what):
            assert 0 <= start < end <= len(text)


def test_what_networks_call_a_language_does_no_harm():
    hints = ["", "x" * 100_000, "\0", "\ud800", "es-" * 10_000, "ES", "-", "日本"]
    readings = Analyst().read([SPOKEN] * len(hints), hints)
    assert {reading.language for reading in readings} == {"es"}


def test_the_same_tag_in_all_its_forms_is_one():
    assert hashtags("#ácme #ACME #a\u0301cme #ａｃｍｅ ＃acme") == ["acme"]
