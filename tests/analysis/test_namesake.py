"""Which words are proposed to keep a namesake out."""

from analysis.matching import Keyword, Matcher
from analysis.namesake import READ, propose_exclusions

FRUIT = [
    "Zumo de mango y piña bien frío",
    "Hoy de postre mango con piña",
    "El mango maduro se pela así, fruta de temporada",
    "Receta: batido de mango, fruta y hielo",
    "Compro mango en la frutería del barrio 🥭",
]
SHOP = [
    "El vestido de Mango me ha llegado roto",
    "Mango no me devuelve el dinero de la falda",
    "Hoy abre una tienda Mango en el centro",
    "Me encanta la nueva colección de Mango",
]


def words_of(*arguments, **named):
    return [word for word, _right, _wrong in propose_exclusions(*arguments, **named)]


def test_words_of_rejected_texts_are_proposed_with_how_often_they_stand_there():
    assert ("piña", 2, 0) in propose_exclusions(FRUIT, SHOP, ["mango"])
    assert ("fruta", 2, 0) in propose_exclusions(FRUIT, SHOP, ["mango"])


def test_the_word_that_is_searched_for_is_never_proposed():
    assert "mango" not in words_of(FRUIT, SHOP, ["Mango"])
    assert "mangos" not in words_of(["mangos y más mangos"], [], ["mango*"])


def test_a_word_that_often_stands_in_kept_texts_is_not_proposed():
    rejected = ["tienda de fruta con mango"] * 5
    assert "tienda" not in words_of(rejected, SHOP, ["mango"])
    # one kept text of a hundred is worth losing, and the count says so
    kept = ["La falda de mango"] * 99 + ["mango junto a la fruta"]
    assert ("fruta", 5, 1) in propose_exclusions(rejected, kept, ["mango"])


def test_words_without_meaning_are_not_proposed_when_little_is_known():
    assert words_of(["with the mango and for the juice"], [], ["mango"]) == ["juice"]
    assert not {"hoy", "así", "del", "con"} & set(words_of(FRUIT[:1] + FRUIT[1:2], [], ["mango"]))


def test_one_text_among_many_proves_nothing():
    assert "hielo" in words_of(FRUIT[3:4], SHOP, ["mango"])
    assert "hielo" not in words_of(FRUIT, SHOP, ["mango"])


def test_the_word_that_rules_out_most_comes_first():
    rejected = ["mango kent", "mango kent", "mango kent dulce", "mango dulce", "mango kent"]
    assert words_of(rejected, SHOP, ["mango"]) == ["kent", "dulce"]


def test_what_is_proposed_rules_out_as_many_texts_as_is_said():
    proposals = propose_exclusions(FRUIT, SHOP, ["mango"])
    assert proposals
    for word, right, wrong in proposals:
        matcher = Matcher([Keyword("m", "mango"), Keyword("m", word, exclude=True)])
        assert sum(not matcher.match(text) for text in FRUIT) == right
        assert sum(not matcher.match(text) for text in SHOP) == wrong


def test_spelling_differs_and_the_word_is_one():
    assert propose_exclusions(["mango PIÑA", "mango pin\u0303a", "mango pina"], [], ["mango"]) == [("piña", 3, 0)]


def test_nothing_rejected_proposes_nothing():
    assert propose_exclusions([], SHOP, ["mango"]) == []
    assert propose_exclusions(["", "mango", "🥭🥭"], SHOP, ["mango"]) == []


def test_hostile_texts_are_read_as_far_as_they_need():
    hostile = ["a" * 100_000, "mango " + "x̀́̂" * 30_000, "\ud800\x00 mango", "🥭" * 10_000, "http://a/" * 9_000]
    assert words_of(hostile, [None, ""], ["mango"], limit=5) == words_of(
        [text[:READ] for text in hostile], ["", ""], ["mango"], limit=5
    )
