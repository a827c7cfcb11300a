"""Training: the corpus, and that the same lines give the same weights."""

import numpy as np
import pytest

from analysis import training
from analysis.alike import ALIKE, gist, likeness
from analysis.classifier import Classifier
from analysis.engine import FEELINGS, INTENTS
from analysis.examples import CORPUS, Examples, matrix, read_corpus, read_part
from analysis.similarity import bands_of

LANGUAGES = ("es", "en", "pt", "fr", "de", "it", "ca")


@pytest.fixture(scope="module")
def lines():
    return read_corpus()


@pytest.fixture(scope="module")
def held_out():
    return read_corpus(held_out=True)


@pytest.fixture(scope="module")
def few(lines):
    """A slice of the corpus that trains in a second."""
    return [line for line in lines if line.part in ("en_1", "es_1", "pt_1")]


def test_there_are_enough_lines(lines, held_out):
    count = {language: sum(line.language == language for line in lines) for language in LANGUAGES}
    assert count["es"] + count["en"] >= 3_000
    assert all(count[language] >= 100 for language in LANGUAGES)
    both = [sum(line.language in ("es", "en") for line in some) for some in (held_out, lines)]
    assert both[0] >= 0.15 * both[1]


def test_every_feeling_and_intent_is_there_in_every_language(lines):
    for language in LANGUAGES:
        mine = [line for line in lines if line.language == language]
        assert {line.sentiment for line in mine} == set(FEELINGS)
        assert frozenset().union(*(line.intents for line in mine)) == set(INTENTS)


def test_lines_are_in_the_file_of_their_language(lines, held_out):
    assert {(line.part.removeprefix("heldout_")[:2], line.language) for line in lines + held_out} == {
        (language, language) for language in LANGUAGES
    }


def test_no_two_lines_are_near_copies(lines, held_out):
    everything = lines + held_out
    gists = [gist(line.text) for line in everything]
    bands_seen = {}
    for place, bands in enumerate(bands_of([line.text for line in everything])):
        for number, band in enumerate(bands or ()):
            others = bands_seen.setdefault((number, band), [])
            copies = [everything[other].text for other in others if likeness(gists[other], gists[place]) >= ALIKE]
            assert not copies, (everything[place].text, copies)
            others.append(place)


def test_no_line_is_there_twice(lines, held_out):
    texts = [" ".join(line.text.lower().split()) for line in lines + held_out]
    assert sorted(texts) == sorted(set(texts))


@pytest.mark.parametrize(
    "content",
    [
        "text\tlang\n",
        "lang\tsentiment\tintent\ttext\nes\thappy\tnone\thola\n",
        "lang\tsentiment\tintent\ttext\nes\tneutral\tgossip\thola\n",
        "lang\tsentiment\tintent\ttext\nes\tneutral\tnone\t \n",
        "lang\tsentiment\tintent\ttext\nes\tneutral\thola\n",
        "lang\tsentiment\tintent\ttext\nes\tneutral\tnone\thola\tx\n",
    ],
)
def test_a_line_that_is_not_as_described_is_refused(tmp_path, content):
    path = tmp_path / "es_1.tsv"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(ValueError, match="es_1"):
        read_part(path)


def test_held_out_lines_are_never_trained_on(lines, held_out):
    assert not {line.part for line in lines} & {line.part for line in held_out}
    assert {path.stem for path in CORPUS.glob("*.tsv")} == {line.part for line in lines + held_out}


def test_training_twice_gives_the_same_bytes(few):
    assert training.train(few).to_bytes() == training.train(few).to_bytes()


def test_training_sees_texts_as_reading_does(few):
    """What the matrices say times the weights is what the classifier says."""
    fitted = training.fit_scores(Examples.of(few))
    weights = training.packed(fitted, (np.ones(13), np.zeros(13), np.full(10, 0.5)))
    texts, languages = [line.text for line in few[::7]], [line.language for line in few[::7]]
    read = Classifier(weights, "test").scores(texts, languages)
    learned = training.raw_scores(Examples.of(few[::7]), fitted)
    assert np.abs(read - learned).max() < 0.02


def test_features_do_not_depend_on_the_company_of_other_texts():
    texts, languages = ["muy bueno", "so bad", "", "pas mal du tout"], ["es", "en", "", "fr"]
    sparse, dense = matrix(texts, languages)
    for place, (text, language) in enumerate(zip(texts, languages, strict=True)):
        alone = matrix([text], [language])
        assert abs(sparse[place] - alone[0]).max() < 1e-6 and np.allclose(dense[place], alone[1][0])


def test_the_file_of_a_line_is_held_back_as_a_whole(few):
    examples = Examples.of(few)
    folds = {}
    for line, fold in zip(few, examples.folds.tolist(), strict=True):
        assert folds.setdefault(line.part, fold) == fold
    assert len(set(folds.values())) == len(folds)


def test_calibrated_probabilities_are_as_sure_as_they_are_right():
    random = np.random.default_rng(1)
    feelings = random.integers(0, 3, 3_000)
    scores = np.zeros((3_000, 13))
    scores[np.arange(3_000), feelings] = 4  # far too sure: right in 70 of 100 only
    wrong = random.random(3_000) < 0.3
    scores[wrong, :3] = np.roll(scores[wrong, :3], 1, axis=1)
    wanted = random.random((3_000, 10)) < 0.2
    scores[:, 3:] = wanted * 3 + random.normal(size=(3_000, 10))
    scale, shift, thresholds = training.calibrate(scores, feelings, wanted)
    chances = np.exp(scores[:, :3] * scale[:3])
    assert abs((chances.max(axis=1) / chances.sum(axis=1)).mean() - 0.7) < 0.03
    told = 1 / (1 + np.exp(-(scores[:, 3:] * scale[3:] + shift[3:])))
    assert abs(told.mean() - wanted.mean()) < 0.02
    assert ((told > thresholds) == wanted).mean() > 0.85


def test_the_best_threshold_finds_the_gap():
    chances = np.array([0.2] * 50 + [0.6] * 50)
    assert 0.2 < training.best_threshold(chances, chances > 0.5) <= 0.6


def test_an_intent_that_no_line_has_is_never_told(few):
    none = [line for line in few if "spam" not in line.intents]
    weights = training.packed(training.fit_scores(Examples.of(none)), (np.ones(13), np.zeros(13), np.full(10, 0.5)))
    chances = Classifier(weights, "test").predict(["gana dinero fácil, haz clic"], ["es"])[1][0]
    assert chances[INTENTS.index("spam")] < 0.05
