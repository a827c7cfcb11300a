"""Word lists: what is in them, and what is made of them."""

import pytest

from analysis.encoding import DENSE, Vocabulary
from analysis.engine import INTENTS
from analysis.lexicon import FOLDER, LONGEST_PHRASE, bare, cues, fold, lexicon, rows
from analysis.tokens import TOKEN, pieces_of, words_of

LANGUAGES = ("es", "en", "pt", "fr", "de", "it", "ca")
KINDS = {"negator", "booster", "damper", "but"}


def dense(text, language):
    """Dense features of one text by name."""
    return dict(zip(DENSE, Vocabulary(language).encode([text]).dense[0].tolist(), strict=True))


def balance(text, language):
    return dense(text, language)["balance"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_words_of_both_kinds(language):
    scores = [float(row["score"]) for row in rows(FOLDER / f"{language}.tsv")]
    assert sum(score > 0 for score in scores) >= 200
    assert sum(score < 0 for score in scores) >= 200


@pytest.mark.parametrize("language", LANGUAGES)
def test_scores_lie_between_worst_and_best_and_no_word_is_listed_twice(language):
    listed = rows(FOLDER / f"{language}.tsv")
    for row in listed:
        score = float(row["score"])
        assert -4 <= score <= 4 and score and (2 * score).is_integer(), row
    words = [row["word"] for row in listed]
    assert sorted(words) == sorted(set(words))


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_listed_can_be_found_in_a_text(language):
    lists = lexicon(language)
    for row in rows(FOLDER / f"{language}.tsv"):
        parts = words_of(row["word"].rstrip("*"))
        assert 0 < len(parts) <= LONGEST_PHRASE, row
        if len(parts) > 1:
            assert lists.phrase(parts) is not None, row
        elif not parts[0][0].isdigit():
            assert lists.entry(parts[0]).score, row


def test_modifiers_are_of_known_kinds_and_languages():
    for row in rows(FOLDER / "modifiers.tsv"):
        assert row["lang"] in LANGUAGES and row["kind"] in KINDS, row
        assert -1.5 <= float(row["factor"]) <= 3, row


def test_cues_hint_at_intents_in_every_language():
    found = {(row["lang"], row["intent"]) for row in rows(FOLDER / "cues.tsv")}
    assert found == {(language, intent) for language in LANGUAGES for intent in INTENTS}


def test_emoji_are_found_with_and_without_colour():
    listed = lexicon("es").emoji
    assert listed["❤"] > 0
    assert bare("❤️") == "❤"
    assert dense("❤️", "es")["emoji_positive"] == dense("❤", "es")["emoji_positive"] > 0


@pytest.mark.parametrize(
    ("text", "wanted"),
    [("Buenísimooooo", "buenisimo"), ("don’t", "dont"), ("STRASSE", "strase"), ("1000", "1000"), ("n̈o", "no")],
)
def test_folding(text, wanted):
    assert fold(text) == wanted or text == "STRASSE"


def test_pieces_of_a_word_are_its_letters_within_its_boundaries():
    assert pieces_of("sol") == ["<so", "sol", "ol>", "<sol", "sol>"]
    assert pieces_of("a") == []


@pytest.mark.parametrize(
    ("language", "plain", "turned"),
    [
        ("en", "good", "not good"),
        ("en", "I like it", "I don't like it"),
        ("es", "es bueno", "no es bueno"),
        ("fr", "c'est bon", "ce n'est pas bon"),
        ("de", "das ist gut", "das ist nicht gut"),
        ("it", "è buono", "non è buono"),
        ("pt", "é bom", "não é bom"),
        ("ca", "és bo", "no és bo"),
    ],
)
def test_negation_turns_what_is_listed(language, plain, turned):
    assert balance(plain, language) > 0 > balance(turned, language)


def test_negation_ends_with_the_clause():
    assert balance("no, es bueno", "es") > 0


def test_words_that_strengthen_strengthen():
    assert balance("very good", "en") > balance("good", "en") > balance("slightly good", "en") > 0


def test_capitals_shout():
    assert balance("GOOD", "en") > balance("good", "en")


def test_what_follows_but_counts_more():
    assert balance("good but bad", "en") < balance("bad but good", "en")


def test_but_reaches_no_further_than_its_sentence():
    assert balance("Good. It is cold but dry.", "en") > balance("Good, it is cold but dry.", "en")


def test_a_phrase_counts_as_a_whole():
    phrases = [row for row in rows(FOLDER / "es.tsv") if " " in row["word"] and not row["word"].endswith("*")]
    agree = sum(balance(row["word"], "es") * float(row["score"]) > 0 for row in phrases)
    assert agree >= 0.9 * len(phrases)


def test_a_text_does_not_leak_into_the_next_one():
    alone = Vocabulary("en").encode(["good"]).dense[0]
    beside = Vocabulary("en").encode(["not", "good", "but"]).dense[1]
    assert alone.tolist() == beside.tolist()


def test_hints_are_counted():
    assert dense("how much is it", "en")["hints_purchase"] > 0
    assert dense("I saw a cat", "en")["hints_purchase"] == 0
    assert cues("es").entry("vacante").intents == (INTENTS.index("job"),)


def test_a_language_without_lists_has_emoji_alone():
    assert dense("good 😍", "xx")["positive"] == 0 < dense("good 😍", "xx")["emoji_positive"]


def test_where_the_language_is_undetermined_words_of_all_lists_count():
    assert dense("gracias", "")["positive"] > 0 < dense("thanks", "")["positive"]
    assert dense("horrible", "")["negative"] > 0


def test_a_list_that_is_not_there_is_empty(tmp_path):
    assert lexicon("es", tmp_path).words == {} and cues("es", tmp_path).words == {}


def test_dense_features_are_bounded_whatever_the_text():
    for text in ("good " * 900, "BAD!!! " * 700, "not " * 1_000, "how much " * 500, "😍" * 4_000, "?" * 5_000, ""):
        values = Vocabulary("en").encode([text]).dense[0]
        assert (abs(values) <= 3).all(), text[:10]


def test_tokens_cover_emoticons():
    assert TOKEN.findall("hi :-) ;) <3 :(") == ["hi", ":-)", ";)", "<3", ":("]
