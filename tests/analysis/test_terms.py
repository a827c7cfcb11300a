"""What is talked about: tags, links and words as people write them, and which of them rise."""

import doctest
import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis import terms
from analysis.terms import Rise, hashtags, links, place, rising, site, words

ANY = st.text(alphabet=st.characters(exclude_categories=()))


def test_documentation_examples():
    assert doctest.testmod(terms).failed == 0


# --------------------------------------------------------------------------------------------------------- tags


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("#Acme y #ACME y #ácme", ["acme"]),
        ("#uno#dos", ["uno"]),
        ("(#uno) ¡#dos! #tres, #cuatro.", ["uno", "dos", "tres", "cuatro"]),
        ("＃日本 #さくら #हिन्दी #العربية", ["日本", "さくら", "हिन्दी", "العربية"]),
        ("#snake_case #año2026 #_ #2026 #1_000 # #", ["snake_case", "ano2026"]),
        ("https://acme.example/#top &#39; C#sharp a#b", []),
        ("I'm #1 and #C++", ["c"]),
        ("no tags", []),
    ],
)
def test_tags_are_found_as_networks_find_them(text, expected):
    assert hashtags(text) == expected


def test_a_flood_of_tags_is_cut_off():
    assert len(hashtags(" ".join(f"#tag{number}" for number in range(1_000)))) == terms.MOST_TAGS
    assert hashtags("#" + "x" * 5_000) == ["x" * 100]


# -------------------------------------------------------------------------------------------------------- links


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("see https://a.example.", ["https://a.example"]),
        ("(https://a.example/b)", ["https://a.example/b"]),
        ("https://a.example/b_(c)", ["https://a.example/b_(c)"]),
        ("(see https://a.example/b_(c)).", ["https://a.example/b_(c)"]),
        ("«https://a.example/x», http://b.example/?q=1&r=2#s!", ["https://a.example/x", "http://b.example/?q=1&r=2#s"]),
        ('<a href="https://a.example/x">x</a>', ["https://a.example/x"]),
        ("HTTPS://A.Example/X", ["HTTPS://A.Example/X"]),
        ("https://a.example https://a.example", ["https://a.example"]),
        ("https://a.example/x\u202egpj.exe", ["https://a.example/x"]),
        ("https://a.example/\0b", ["https://a.example/"]),
        ("https://ñandú.example/años", ["https://ñandú.example/años"]),
        ("https://a.example/https://b.example/c", ["https://a.example/https://b.example/c"]),
        ("javascript:alert(1) data:text/html,x ftp://a.example mailto:a@b.example xhttps://a.example", []),
        ("https:// http://... https://[broken https://)", []),
    ],
)
def test_links_end_where_the_sentence_goes_on(text, expected):
    assert links(text) == expected


def test_a_flood_of_links_is_cut_off_and_no_endless_one_is_kept():
    assert len(links(" ".join(f"https://a.example/{number}" for number in range(1_000)))) == terms.MOST_LINKS
    assert links("https://a.example/" + "x" * 10_000 + " https://b.example") == ["https://b.example"]


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ("https://www.acme.example/", "acme.example"),
        ("http://acme.example:8080", "acme.example"),
        ("https://m.acme.example/a/?utm_source=x#y", "acme.example/a"),
        ("https://m.example/a", "m.example/a"),
        ("https://acme.example/a%C3%B1o", "acme.example/año"),
        ("https://acme.example/a%0Ab%00", "acme.example/a b "),
        ("https://acme.example@evil.example/login", "evil.example/login"),
        ("https://evil.example#@acme.example", "evil.example"),
        ("http://[::1]/x", "::1/x"),
        ("http://[broken", ""),
        ("https://", ""),
        ("no link", ""),
    ],
)
def test_links_to_one_page_are_one_term(link, expected):
    assert place(link) == expected


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ("https://a.b.acme.com/x", "acme.com"),
        ("https://acme.com.ar", "acme.com.ar"),
        ("https://blog.acme.com.ar", "acme.com.ar"),
        ("https://localhost:80/", "localhost"),
        ("https://10.0.0.1/", "10.0.0.1"),
        ("http://[2001:db8::1]/", "2001:db8::1"),
        ("nonsense", ""),
    ],
)
def test_the_site_of_a_link_is_what_somebody_registered(link, expected):
    assert site(link) == expected


# -------------------------------------------------------------------------------------------------------- words


def test_function_words_greetings_and_laughter_are_not_what_is_talked_about():
    assert set(words("Hola, jajaja, ¿y por qué no me habéis contestado todavía? Gracias", "es")) == {"contestado"}
    assert set(words("Hi, why don't you just answer me lol? Thanks", "en")) == {"answer"}


def test_phrases_keep_their_joining_words_and_end_at_signs():
    found = words("La batería del portátil. Cargador: el servicio, al cliente", "es")
    assert found["bateria del portatil"] == "batería del portátil"
    assert not {"portatil cargador", "cargador el servicio", "servicio al cliente"} & set(found)


def test_one_word_is_one_term_however_it_is_written():
    assert list(words("Batería BATERIA batería", "es"))[0] == "bateria"
    assert "hotel" in words("l'hôtel", "fr") and "hotel" in words("L’HÔTEL", "fr")
    assert "washing machine" in words("My washing-machine", "en") and "washing machine" in words(
        "my washing machine", "en"
    )


def test_tags_handles_links_and_numbers_are_no_words():
    assert words("@acme #acme https://acme.example/help www.acme.example 2026 x200 a&amp;b") == {}


def test_words_of_an_unknown_language_leave_out_function_words_of_all():
    assert set(words("where is la batería")) == {"bateria"}


def test_a_flood_of_words_is_cut_off():
    text = " ".join(f"{first}{second}{third}" for first in "bcdf" for second in "aeiou" for third in "lmnrst" * 50)
    assert len(words(text)) <= terms.MOST_WORDS + 1
    assert words("x" * 10_000) == {}


@given(ANY)
def test_no_text_makes_it_fail(text):
    for tag in hashtags(text):
        assert tag and " " not in tag
    for link in links(text):
        assert link in text and place(link) and site(link)
    for term, written in words(text).items():
        assert len(term) >= 3 and written


# ------------------------------------------------------------------------------------------------------- rising


def test_a_term_that_is_always_used_does_not_rise():
    assert rising({"acme": 50}, {"acme": 700}, 100, 1_400) == []
    assert rising({"acme": 55}, {"acme": 700}, 100, 1_400) == []


def test_a_new_term_and_a_much_used_one_rise():
    found = rising({"roto": 30, "fuga": 9, "acme": 50}, {"roto": 40, "acme": 700}, 100, 1_400)
    assert [rise.term for rise in found] == ["roto", "fuga"]
    assert found[0].expected == pytest.approx(40 / 14)
    assert found[0].times == pytest.approx(32 / (40 / 14 + 2))


def test_a_handful_is_not_enough_to_rise():
    assert rising({"fuga": terms.LEAST_NOW - 1}, {}, 10, 10_000) == []
    assert rising({"fuga": terms.LEAST_NOW}, {"fuga": 10}, 100, 200) == []


def test_a_rise_that_is_sure_but_small_is_not_told():
    assert rising({"acme": 6_000}, {"acme": 50_000}, 10_000, 100_000) == []


def test_without_a_past_nothing_rises():
    assert rising({"acme": 50, "roto": 20}, {}, 100, 0) == []


def test_surprise_is_dunnings_ratio():
    """Against the definition over the table of texts with and without the term."""
    table = [[30, 70], [40, 1_360]]
    total = sum(map(sum, table))
    expected = 2 * sum(
        cell * math.log(cell * total / (sum(row) * (table[0][column] + table[1][column])))
        for row in table
        for column, cell in enumerate(row)
    )
    (rise,) = rising({"roto": 30}, {"roto": 40}, 100, 1_400)
    assert rise.score == pytest.approx(expected)


def test_a_phrase_is_told_once_and_not_by_its_words_again():
    now = {"pantalla": 24, "rota": 21, "pantalla rota": 20, "gato": 30, "gato negro": 6}
    found = rising(now, {}, 100, 10_000)
    assert [rise.term for rise in found] == ["gato", "pantalla rota"]


def test_the_surest_come_first_and_not_too_many():
    now = {f"term{number}": 10 + number for number in range(50)}
    found = rising(now, {}, 1_000, 100_000, most=7)
    assert [rise.now for rise in found] == list(range(59, 52, -1))
    assert all(isinstance(rise, Rise) for rise in found)


@given(
    st.dictionaries(st.sampled_from(["a b", "a", "b", "c", "d"]), st.integers(0, 10**9)),
    st.dictionaries(st.sampled_from(["a b", "a", "b", "c", "e"]), st.integers(0, 10**9)),
    st.integers(0, 10**9),
    st.integers(0, 10**9),
)
def test_no_counts_make_it_fail(now, before, now_total, before_total):
    for rise in rising(now, before, now_total, before_total):
        assert math.isfinite(rise.score) and rise.times >= terms.LEAST_TIMES


def test_what_customers_write_about_is_found_in_the_corpus():
    lines = (Path(terms.__file__).parent / "corpus" / "es_1.tsv").read_text(encoding="utf-8").splitlines()[1:]
    found = [words(line.split("\t")[3], "es") for line in lines]
    assert sum(map(len, found)) / len(found) > 3
    assert not any({"que", "para", "una", "the"} & set(terms_of) for terms_of in found)
