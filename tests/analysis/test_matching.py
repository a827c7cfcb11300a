"""Keywords in hostile and ordinary text, against a naive reference that looks for one keyword after the other."""

import doctest
import re
import sys
import unicodedata
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis import matching
from analysis.matching import Keyword, Matcher, excerpt, fold


def found(text, *keywords, **options):
    """The pieces of ``text`` that one owner's keywords match."""
    matcher = Matcher([Keyword(1, keyword, **options) for keyword in keywords])
    return [text[start:end] for start, end, _name in matcher.match(text).get(1, [])]


def test_documentation_examples():
    assert doctest.testmod(matching).failed == 0


# ---------------------------------------------------------------------------------------------------- folding


def test_every_character_folds_alike_alone_and_in_text():
    for code in [*range(0x3400), *range(0x4E00, sys.maxunicode, 37), *range(0xF900, 0x11000), *range(0x1D400, 0x1FBFF)]:
        char = chr(code)
        text = f"a{char}b"
        folded, offsets = fold(text)
        assert folded == " ".join("".join(matching._FOLD[part] for part in text).split()), hex(code)
        assert fold(folded)[0] == folded, hex(code)
        assert len(offsets) == len(folded) + 1


@given(
    st.text(alphabet=st.characters(exclude_categories=()) | st.sampled_from("aÀß İ\n\u0301\u200b\u00a0\u0000\ud800"))
)
def test_folding_keeps_track_of_where_it_is(text):
    folded, offsets = fold(text)
    assert folded == " ".join("".join(matching._FOLD[char] for char in text).split())
    runs = matching._fold(text)[1]
    assert not matching._nothing_moved(text, folded, runs) or offsets == list(range(len(text) + 1))
    assert len(offsets) == len(folded) + 1
    assert offsets == sorted(offsets) and offsets[-1] <= len(text)
    for index, char in enumerate(folded):
        origin = text[offsets[index]]
        assert char in matching._FOLD[origin]


# ------------------------------------------------------------------------------------------------ single cases


@pytest.mark.parametrize(
    ("text", "keyword", "pieces"),
    [
        ("ACME, acme; Ácmé.", "acme", ["ACME", "acme", "Ácmé"]),
        ("Die STRASSE und die Straße", "straße", ["STRASSE", "Straße"]),
        ("Gruß", "gruss", ["Gruß"]),
        ("İSTANBUL istanbul ıstanbul", "istanbul", ["İSTANBUL", "istanbul", "ıstanbul"]),
        ("Diyarbakır", "DIYARBAKIR", ["Diyarbakır"]),
        ("ofﬁce Œuvre Ærø", "office", ["ofﬁce"]),
        ("ofﬁce Œuvre Ærø", "oeuvre", ["Œuvre"]),
        ("ofﬁce Œuvre Ærø", "aero", ["Ærø"]),
        ("un cafe\u0301 solo", "café", ["cafe\u0301"]),
        ("un café solo", "cafe\u0301", ["café"]),
        ("niño nino NIN\u0303O", "niño", ["niño", "nino", "NIN\u0303O"]),
        ("ΟΔΟΣ οδός", "οδος", ["ΟΔΟΣ", "οδός"]),
        ("МОСКВА и москвАч", "москва", ["МОСКВА"]),
        ("ａｃｍｅ Ⅻ", "acme", ["ａｃｍｅ"]),
        ("Acme™ and Acme® rock", "acme", ["Acme", "Acme"]),
        ("ac\u00adme\u200b!", "acme", ["ac\u00adme\u200b"]),
        ("I \u2764\ufe0f it", "\u2764", ["\u2764\ufe0f"]),
        ("so \U0001f60d\U0001f60d!", "\U0001f60d", ["\U0001f60d", "\U0001f60d"]),
        ("ok\U0001f44d\U0001f3fd", "\U0001f44d", ["\U0001f44d"]),
        ("我喜欢可口可乐。", "可口可乐", ["可口可乐"]),
        ("私はacmeが好き", "acme", ["acme"]),
        ("東京タワーへ", "タワー", ["タワー"]),
        ("ガス", "カ", []),
        ("삼성전자는 좋다", "삼성", ["삼성"]),
        ("산", "사", []),
        (unicodedata.normalize("NFD", "삼성은"), "삼성", [unicodedata.normalize("NFD", "삼성")]),
        ("ฉันรักกาแฟมาก", "กาแฟ", ["กาแฟ"]),
        ("राम रामायण", "राम", ["राम"]),
        ("مُحَمَّد", "محمد", ["مُحَمَّد"]),
        ("#Tag #Tagged #tag_s x#tag", "#tag", ["#Tag"]),
        ("＃タグ と", "#タグ", ["＃タグ"]),
        ("#acme @acme @acme@social.example", "acme", ["acme"] * 3),
        ("@acme@social.example info@acme.example", "@acme", ["@acme"]),
        ("acmes acme2 2acme acme_ macme", "acme", []),
        ('acme\'s ACME’s acme-like (acme) "acme" acme/acme', "acme", ["acme", "ACME"] + ["acme"] * 5),
        ("L’Oréal l'oreal", "L'Oréal", ["L’Oréal", "l'oreal"]),
        ("Coca\u2011Cola coca-cola coca cola", "coca-cola", ["Coca\u2011Cola", "coca-cola"]),
        ("C++ C++11 C", "c++", ["C++", "C++"]),
        ("gran \n\t canaria, Gran\u00a0Canaria", "  gran   canaria ", ["gran \n\t canaria", "Gran\u00a0Canaria"]),
        ("grancanaria gran, canaria", "gran canaria", []),
        ("reclamo reclamación RECLAMAR declama", "reclam*", ["reclam", "reclam", "RECLAM"]),
        ("xreclamo", "reclam*", []),
        ("  acme  ", "acme", ["acme"]),
        ("", "acme", []),
        ("\0acme\ud800", "acme", ["acme"]),
    ],
)
def test_whole_words(text, keyword, pieces):
    assert found(text, keyword) == pieces


def test_parts_of_words():
    assert found("macmes ACMÉ", "acme", whole_word=False) == ["acme", "ACMÉ"]
    assert found("aaaa", "aa", whole_word=False) == ["aa", "aa", "aa"]
    assert found("groß", "s", whole_word=False) == ["ß", "ß"]


@pytest.mark.parametrize("text", ["", "  ", "*", "#", "@ ", "\u0301", "\u200b", " * "])
def test_empty_keywords_are_refused(text):
    with pytest.raises(ValueError, match="nothing to look for"):
        Keyword(1, text)


def test_owners_overlap_and_exclusions_silence_only_their_owner():
    matcher = Matcher(
        [
            Keyword("brand", "sol"),
            Keyword("brand", "sol y mar"),
            Keyword("hotel", "hotel sol y mar"),
            Keyword("place", "mar"),
            Keyword("place", "hotel", exclude=True),
            Keyword("other", "hotel", exclude=True),
        ]
    )
    assert matcher.match("El hotel Sol y Mar") == {
        "brand": [(9, 12, "sol"), (9, 18, "sol y mar")],
        "hotel": [(3, 18, "hotel sol y mar")],
    }
    assert list(matcher.match("Mar y sol")) == ["place", "brand"]
    assert Matcher([]).match("anything") == {}
    assert Matcher([Keyword(1, "x", exclude=True)]).match("x") == {}


def test_many_texts_and_threads_give_the_same():
    matcher = Matcher([Keyword(n % 7, f"word{n}") for n in range(500)])
    texts = [f"Wórd{n} and word{n * 3}, not word{n}x" for n in range(800)]
    expected = [matcher.match(text) for text in texts]
    assert list(matcher.match_many(texts)) == expected
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(matcher.match, texts)) == expected


@pytest.mark.parametrize(
    "unit", ["a", "á", "a\u0301", " ", "ab ", "#a", "ß", "\u200b", "aa ", "가", "𝐚", "\u0301", "a\n\n", "ﷺ"]
)
@pytest.mark.timeout(120)  # a guard: what grows with the square of its length would take hours
def test_a_megabyte_of_anything_comes_to_an_end(unit):
    """Long monotonous texts are matched like others: every span lies within the text, and there is an end."""
    keywords = [Keyword(n, "a" * (n + 1)) for n in range(8)] + [Keyword(9, "b*"), Keyword(10, "ss", whole_word=False)]
    matcher = Matcher(keywords)

    text = (unit * 1_000_000)[:1_000_000]
    for spans in matcher.match(text).values():
        assert all(0 <= start < end <= len(text) for start, end, _keyword in spans)


# -------------------------------------------------------------------------------------------------- reference

LETTERS = st.sampled_from(list("aAáÁbß_1 #@'-*\n\u0301\u200bカガ사산กা中œ™ı\u3099"))
TEXTS = st.text(LETTERS, max_size=40)


def usable(text):
    try:
        Keyword(0, text)
    except ValueError:
        return False
    return True


KEYWORDS = st.builds(
    Keyword, st.integers(0, 3), st.text(LETTERS, min_size=1, max_size=5).filter(usable), st.booleans(), st.booleans()
)


def reference(keywords, text):
    """The same answer, one keyword and one regular expression at a time."""
    folded, offsets = fold(text)
    word = "".join(re.escape(c) for c in {*folded} if (re.match(r"\w", c) or unicodedata.category(c)[0] == "M"))
    word = "".join(c for c in word if not matching._UNSPACED.match(c)) or "\uffff"
    extending = "".join(re.escape(c) for c in {*folded} if matching._EXTENDS[c]) or "\uffff"
    answer, excluded = {}, set()
    for keyword in keywords:
        stripped = keyword.text.rstrip()
        stem = stripped.endswith("*")
        pattern = fold(stripped.removesuffix("*"))[0]
        before = after = ""
        if keyword.whole_word and (pattern[0] in "#@" or re.match(f"[{word}]", pattern[0])):
            before = f"(?<![{word}])"
        if keyword.whole_word and not stem and re.match(f"[{word}]", pattern[-1]):
            after = f"(?![{word}])"
        for hit in re.finditer(f"{before}(?=({re.escape(pattern)})(?![{extending}]){after})", folded):
            if keyword.exclude:
                excluded.add(keyword.owner)
            start, end = hit.span(1)
            span = offsets[start], max(offsets[end], offsets[end - 1] + 1), keyword.text
            answer.setdefault(keyword.owner, []).append(span) if not keyword.exclude else None
    return {owner: sorted(spans) for owner, spans in answer.items() if owner not in excluded}


@given(st.lists(KEYWORDS, max_size=6), TEXTS)
def test_equals_the_reference(keywords, text):
    assert Matcher(keywords).match(text) == reference(keywords, text)


@given(st.lists(KEYWORDS, min_size=1, max_size=3), st.lists(TEXTS, max_size=4), st.data())
def test_equals_the_reference_where_keywords_occur(keywords, pieces, data):
    parts = [piece for pair in zip(pieces, (k.text for k in keywords * 4), strict=False) for piece in pair]
    text = data.draw(st.sampled_from(["", " "])).join(parts)
    found = Matcher(keywords).match(text)
    assert found == reference(keywords, text)
    quick = Matcher(keywords).match(text, places=False)
    assert {owner: sorted(span[2] for span in spans) for owner, spans in quick.items()} == {
        owner: sorted(span[2] for span in spans) for owner, spans in found.items()
    }


# ---------------------------------------------------------------------------------------------------- excerpt


@given(st.text("ab \n", max_size=300), st.integers(0, 300), st.integers(1, 30), st.integers(10, 80))
def test_excerpt_is_short_and_shows_the_match(text, start, length, width):
    start = min(start, len(text))
    end = min(start + length, len(text))
    short = excerpt(text, [(start, end, "x")], width)
    assert len(short) <= width
    assert short.strip("…") in text
    if end - start <= width - 2:
        assert text[start:end].strip() in short


def test_excerpt_without_match_begins_at_the_beginning():
    assert excerpt("one two three four", [], 10) == "one two…"
    assert excerpt("short", [(0, 2, "x")]) == "short"


# -------------------------------------------------------------------------------------------- words near each other


@pytest.mark.parametrize(
    ("text", "keyword", "pieces"),
    [
        ("Acme owes me a refund", "refund ~3 acme", ["Acme", "refund"]),
        ("Refund! From Ácmé", "refund ~3 acme", ["Refund", "Ácmé"]),
        ("Acme owes me for years a refund", "refund ~3 acme", []),
        ("Acme refund", "refund ~0 acme", ["Acme", "refund"]),
        ("Acme's refund", "refund ~0 acme", []),
        ("refund refund", "refund ~3 acme", []),
        ("refund acmeland", "refund ~3 acme", []),
        ("refunds of acmeland", "refund* ~3 acme*", ["refund", "acme"]),
        ("Café Sol: I want my money back", "money back ~9 café sol", ["Café Sol", "money back"]),
        ("acme acme", "acme ~3 acme", ["acme", "acme"]),
        ("one ~ two", "one ~ two", ["one ~ two"]),
    ],
)
def test_words_near_each_other(text, keyword, pieces):
    assert found(text, keyword) == pieces


def test_words_near_each_other_rule_a_text_out():
    matcher = Matcher([Keyword(1, "acme"), Keyword(1, "acme ~2 recipe", exclude=True)])
    assert matcher.match("Acme soup: a recipe") == {}
    assert matcher.match("Acme is fine, and here is a recipe")[1]


def test_half_of_two_words_is_nothing_to_look_for():
    for text in ("# ~3 acme", "acme ~3 **"):
        with pytest.raises(ValueError, match="nothing to look for"):
            Keyword(1, text)


def test_many_pieces_cost_no_more_than_their_number():
    text = "acme x " * 20_000 + "refund " * 20_000
    spans = Matcher([Keyword(1, "acme ~1 refund")]).match(text)[1]
    assert [text[start:end] for start, end, _name in spans] == ["acme", "refund"]
