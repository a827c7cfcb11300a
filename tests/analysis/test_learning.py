"""Learning from corrections: that it learns, and whom it does not follow."""

import random

import pytest

from analysis.classifier import Classifier, WeightsError
from analysis.engine import FEELINGS, INTENTS
from analysis.examples import read_corpus
from analysis.learning import FEW, FORGETS, LIMITS, WORSE, Label, Limits, _agreed, _lines, _reason, is_held_back, learn

#: Words that no corpus has: what they mean can only be learned.
MADE_UP = ("grumix", "flonta", "prelko", "dastin")
AROUND = [
    f"{before} %s {after}" for before in ("el", "un", "mi", "tu", "ese") for after in ("hoy", "ayer", "aquí", "ya")
]


@pytest.fixture(scope="module")
def corpus():
    """A part of the corpus, for speed."""
    return [line for line in read_corpus() if line.part in ("es_1", "en_1")]


@pytest.fixture(scope="module")
def held_out():
    return read_corpus(held_out=True)[::4]


def made_up(value="positive", people=("ana",), kind="sentiment", count=72):
    texts = [frame % word for frame in AROUND for word in MADE_UP][:count]
    return [Label(text, "es", kind, value, people[place % len(people)]) for place, text in enumerate(texts)]


@pytest.fixture(scope="module")
def lesson(corpus, held_out):
    return learn(made_up(people=("ana", "luis", "eva")), corpus=corpus, held_out=held_out, limits=Limits(forgets=100))


def test_after_fifty_corrections_that_agree_texts_it_never_saw_are_read_right(lesson):
    assert lesson.accepted and lesson.reason is None
    assert lesson.figures["learned"] >= 50
    assert lesson.figures["held_back"] >= 8
    assert lesson.figures["after"]["sentiment"] > lesson.figures["before"]["sentiment"] + 30
    learned = Classifier.load(lesson.weights)
    assert learned.predict(["qué grumix, flonta"], ["es"])[0][0].argmax() == FEELINGS.index("positive")


def test_figures_say_what_people_said_and_what_was_read(lesson):
    before, after = lesson.figures["confusion"]["before"], lesson.figures["confusion"]["after"]
    said = [sum(row) for row in after]
    assert said == [sum(row) for row in before] == [0, 0, lesson.figures["held_back"]]
    assert after[2][2] > before[2][2]
    assert lesson.figures["people"] == 3 and lesson.figures["labels"] == 72


def test_a_version_is_its_bytes_and_going_back_is_using_older_ones(lesson):
    assert lesson.version == Classifier.load(lesson.weights).version
    assert lesson.version != Classifier.load().version


def test_the_same_labels_teach_the_same(lesson, corpus, held_out):
    labels = made_up(people=("ana", "luis", "eva"))
    again = learn(labels, lesson.weights, Limits(forgets=100), held_out, corpus)
    assert again.weights == lesson.weights
    assert again.figures["before"] == again.figures["after"]


def test_intents_are_learned_too(corpus, held_out):
    labels = made_up(frozenset({"job"}), kind="intents")
    found = learn(labels, corpus=corpus, held_out=held_out, limits=Limits(forgets=100))
    assert found.figures["after"]["intents"] > found.figures["before"]["intents"] + 30


def test_one_person_with_five_hundred_nonsense_labels_changes_little(corpus, held_out):
    chance = random.Random(7)
    labels = [
        Label(line.text, line.language, "sentiment", chance.choice(FEELINGS), "bob", day=str(place // 150))
        for place, line in enumerate(chance.sample(read_corpus(), 500))
    ]
    found = learn(labels, corpus=corpus, held_out=held_out)
    assert found.figures["shipped_after"]["sentiment"] is not None
    plain = learn(made_up(count=20), corpus=corpus, held_out=held_out)
    texts, languages = [line.text for line in held_out], [line.language for line in held_out]
    turned = [Classifier.load(one.weights).predict(texts, languages)[0].argmax(axis=1) for one in (found, plain)]
    assert not found.accepted or (turned[0] != turned[1]).mean() < 0.12


def test_one_persons_labels_weigh_no_more_than_their_share():
    alone = _lines(_agreed(made_up(people=("bob",)), LIMITS), 1_000, LIMITS)
    assert sum(line.weight for line in alone) == pytest.approx(LIMITS.person * 1_000)
    several = _lines(_agreed(made_up(people=("a", "b", "c", "d")), LIMITS), 1_000, LIMITS)
    assert sum(line.weight for line in several) > 3 * LIMITS.person * 1_000


def test_all_people_together_weigh_no_more_than_the_corpus():
    limits = Limits(everyone=0.1, person=1.0)
    assert sum(line.weight for line in _lines(_agreed(made_up(), limits), 100, limits)) == pytest.approx(10)


def test_what_one_person_says_in_a_day_is_bounded():
    labels = [
        Label(f"texto número {number}", "es", "sentiment", "positive", "bob", day="2026-01-01") for number in range(300)
    ]
    assert len(_agreed(labels, LIMITS)) == LIMITS.day
    other_day = [Label("otro texto", "es", "sentiment", "positive", "bob", day="2026-01-02")]
    assert len(_agreed(labels + other_day, LIMITS)) == LIMITS.day + 1


def said(*votes):
    """What is agreed on when people say these things about one text."""
    labels = [Label("Qué  tal", "es", "sentiment", value, person) for person, value in votes]
    return [case.value for case in _agreed(labels, LIMITS)]


def test_of_contradicting_people_the_majority_counts():
    assert said(("a", "positive"), ("b", "negative"), ("c", "positive")) == ["positive"]
    assert said(("a", "positive"), ("b", "negative")) == []


def test_saying_it_often_makes_one_person_no_majority():
    assert said(*[("a", "positive")] * 9, ("b", "negative"), ("c", "negative")) == ["negative"]


def test_the_last_word_of_a_person_counts():
    assert said(("a", "positive"), ("a", "negative")) == ["negative"]


def test_feelings_and_intents_of_one_text_are_two_things():
    labels = [
        Label("hola", "es", "sentiment", "neutral", "a"),
        Label("hola", "es", "intents", frozenset({"question"}), "a"),
    ]
    assert [case.kind for case in _agreed(labels, LIMITS)] == ["sentiment", "intents"]


def test_a_fifth_of_the_texts_is_held_back_and_spelling_does_not_change_sides():
    texts = [f"texto {number} de prueba" for number in range(2_000)]
    share = sum(map(is_held_back, texts)) / len(texts)
    assert 0.17 < share < 0.23
    assert all(is_held_back(text) == is_held_back(f"  {text.upper()} ") for text in texts[:50])


def test_held_back_texts_are_never_learned_from(corpus, held_out):
    labels = made_up()
    cases = _agreed(labels, LIMITS)
    assert {case.text for case in cases if case.held_back} == {
        label.text for label in labels if is_held_back(label.text)
    }


def test_too_few_labels_teach_nothing_and_the_version_stays():
    found = learn(made_up(count=5))
    assert (found.accepted, found.reason) == (False, FEW)
    assert found.version == Classifier.load().version == Classifier.load(found.weights).version


@pytest.mark.parametrize(
    ("after", "shipped_after", "reason"),
    [
        ((70, 50), (60, 50), None),
        ((60, 50), (60, 50), None),
        ((59, 50), (60, 50), WORSE),
        ((62, 47), (60, 50), WORSE),
        ((70, 50), (57.9, 50), FORGETS),
        ((70, 50), (60, 47.9), FORGETS),
        ((70, 50), (58.1, 48.1), None),
        ((None, None), (60, 50), None),
    ],
)
def test_a_version_that_reads_worse_is_refused(after, shipped_after, reason):
    def pair(values):
        return dict(zip(("sentiment", "intents"), values, strict=True))

    before = (60, 50) if after[0] is not None else (None, None)
    figures = {"before": pair(before), "after": pair(after)}
    figures |= {"shipped_before": pair((60, 50)), "shipped_after": pair(shipped_after)}
    assert _reason(figures, LIMITS) == reason


@pytest.mark.parametrize("previous", [b"", b"PK\x03\x04 something else", b"\x80\x04\x95pickle"])
def test_foreign_bytes_are_no_previous_version(previous):
    with pytest.raises(WeightsError):
        learn(made_up(), previous)


@pytest.mark.parametrize(
    ("kind", "value", "weight"),
    [
        ("sentiment", "happy", 1),
        ("intents", frozenset({"gossip"}), 1),
        ("intents", ["job"], 1),
        ("language", "es", 1),
        ("sentiment", "neutral", -1),
        ("sentiment", "neutral", 1e9),
        ("sentiment", "neutral", float("nan")),
    ],
)
def test_what_is_no_label_is_refused(kind, value, weight):
    with pytest.raises(ValueError, match="no label"):
        Label("hola", "es", kind, value, "ana", weight)


def test_hostile_texts_can_be_labels(corpus, held_out):
    texts = ["\ud800" * 50, "\x00" * 50, "", "x" * 100_000, "😂" * 10_000, "h\u0301" * 10_000]
    labels = [Label(text + str(n), "", "sentiment", "negative", "a") for text in texts for n in range(4)]
    found = learn(labels, corpus=corpus[::4], held_out=held_out[:40])
    assert Classifier.load(found.weights).predict(["hola"], ["es"])[0].shape == (1, 3)


def test_all_intents_may_be_said_at_once():
    assert Label("hola", "es", "intents", frozenset(INTENTS), "a").value == frozenset(INTENTS)
