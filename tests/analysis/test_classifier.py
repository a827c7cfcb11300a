"""Feeling and intents of texts by the shipped weights."""

import io
import subprocess
import sys
import threading
import zipfile
from pathlib import Path

import numpy as np
import pytest

from analysis import encoding
from analysis.classifier import (
    COMPANY,
    LARGEST,
    LEARNED,
    LISTED,
    OUTPUTS,
    RESULTS,
    WEIGHTS,
    Classifier,
    WeightsError,
    mixed,
)
from analysis.engine import FEELINGS, INTENTS
from analysis.examples import read_corpus
from analysis.measures import judge
from analysis.tokens import LONGEST_TEXT, TOKEN

HOSTILE = {
    "empty": "",
    "white space": " \n\t ",
    "long word": "x" * 100_000,
    "many words": " ".join(f"w{number}" for number in range(20_000)),
    "emoji": "😂" * 10_000,
    "zalgo": "h\u0301\u0321\u0334\u035b" * 20_000,
    "halves of surrogate pairs": "\ud800 bueno \udfff" * 100,
    "NUL": "\x00malo\x00" * 1_000,
    "nested links": "http://a.example/?u=" * 5_000,
    "signs": "?!¿¡.,;:()[]{}<>" * 5_000,
    "handles": "@" * 50_000,
    "right to left": "\u202e" + "سيئ جدا " * 5_000,
    "no spaces": "今日はとても悪い" * 5_000,
}


@pytest.fixture(scope="module")
def classifier():
    return Classifier.load()


def feeling(classifier, text, language):
    return FEELINGS[classifier.predict([text], [language])[0][0].argmax()]


@pytest.mark.parametrize(
    ("language", "text", "wanted"),
    [
        ("es", "Me encanta esta tienda, son geniales", "positive"),
        ("es", "No me gusta nada, qué horror", "negative"),
        ("es", "que horror de servicio, pesimo", "negative"),
        ("es", "el concierto es el jueves a las nueve", "neutral"),
        ("en", "I love this place, best coffee ever", "positive"),
        ("en", "This is terrible, I hate it", "negative"),
        ("en", "the meeting is on thursday", "neutral"),
        ("fr", "C'est magnifique, j'adore", "positive"),
        ("de", "Das ist furchtbar und schrecklich", "negative"),
    ],
)
def test_what_anybody_would_say_of_a_plain_text_is_said(classifier, language, text, wanted):
    assert feeling(classifier, text, language) == wanted


def test_negation_turns_a_feeling(classifier):
    plain, negated = classifier.predict(["this is good", "this is not good"], ["en", "en"])[0]
    assert plain[2] > negated[2] + 0.2


def test_what_comes_after_but_counts_more(classifier):
    ends_well, ends_badly = classifier.predict(
        [
            "la comida fue horrible pero el postre fue maravilloso",
            "el postre fue maravilloso pero la comida fue horrible",
        ],
        ["es", "es"],
    )[0]
    assert ends_well[2] > ends_badly[2]


@pytest.mark.parametrize(
    ("one", "other"), [("GENIAAAAAL", "GENIAAAL"), ("buenísimo", "buenisimo"), ("don’t like", "don't like")]
)
def test_spelling_on_a_telephone_makes_no_difference(classifier, one, other):
    first, second = classifier.predict([one, other], ["es", "es"])[0]
    assert np.allclose(first, second, atol=0.02)


def test_probabilities_are_probabilities(classifier):
    sentiment, intents = classifier.predict(list(HOSTILE.values()), ["es"] * len(HOSTILE))
    assert sentiment.shape == (len(HOSTILE), 3) and intents.shape == (len(HOSTILE), 10)
    assert np.allclose(sentiment.sum(axis=1), 1)
    assert np.isfinite(intents).all() and (intents >= 0).all() and (intents <= 1).all()


@pytest.mark.parametrize("language", ["es", "en", "", "ja", "zz"])
@pytest.mark.parametrize("kind", HOSTILE)
def test_no_text_is_too_hostile_to_be_read_and_explained(classifier, kind, language):
    text = HOSTILE[kind]
    classifier.predict([text], [language])
    for what in ("negative", "complaint"):
        found = classifier.explain(text, language, what)
        assert len(found) <= 8
        assert all(0 <= start < end <= len(text) and np.isfinite(weight) for start, end, weight in found)


def test_a_page_of_hostile_texts_is_remembered_within_bounds(classifier):
    texts = [" ".join(f"q{page}x{number}" for number in range(900)) for page in range(300)]
    classifier.predict(texts, ["de"] * len(texts))
    assert len(classifier._memories["de"].vocabulary) <= encoding.ROOM + encoding.PART


def test_reading_together_or_one_by_one_says_the_same(classifier):
    lines = read_corpus(held_out=True)[:60]
    texts, languages = [line.text for line in lines], [line.language for line in lines]
    together = classifier.predict(texts, languages)
    alone = [classifier.predict([text], [language]) for text, language in zip(texts, languages, strict=True)]
    assert np.allclose(together[0], np.concatenate([one[0] for one in alone]), atol=1e-5)
    assert np.allclose(together[1], np.concatenate([one[1] for one in alone]), atol=1e-5)


def test_nothing_is_read_where_there_is_nothing(classifier):
    sentiment, intents = classifier.predict([], [])
    assert sentiment.shape == (0, 3) and intents.shape == (0, 10)


def test_threads_share_one_classifier(classifier):
    lines = read_corpus(held_out=True)[:100]
    texts, languages = [line.text for line in lines], [line.language for line in lines]
    wanted, found = classifier.predict(texts, languages)[0], []
    threads = [threading.Thread(target=lambda: found.append(classifier.predict(texts, languages)[0])) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4 and all(np.allclose(wanted, one, atol=1e-5) for one in found)


def test_the_words_that_weighed_are_those_of_the_text_as_written(classifier):
    text = "Ayer fui al sitio nuevo.  ¡¡HORRIBLE!! La camarera, en cambio, ENCANTADORA 😍"
    bad = [text[start:end] for start, end, weight in classifier.explain(text, "es", "negative") if weight > 0]
    good = [text[start:end] for start, end, weight in classifier.explain(text, "es", "positive") if weight > 0]
    assert "HORRIBLE" in bad and "ENCANTADORA" not in bad
    assert {"ENCANTADORA", "😍"} <= set(good) and "HORRIBLE" not in good


def test_a_word_that_speaks_against_a_feeling_has_a_weight_below_zero(classifier):
    text = "horrible service but lovely food"
    weights = {text[start:end]: weight for start, end, weight in classifier.explain(text, "en", "positive")}
    assert weights["horrible"] < 0 < weights["lovely"]


def test_what_is_asked_is_explained_by_what_asks(classifier):
    text = "hola, me mandan el precio? quiero comprar dos"
    words = [text[start:end] for start, end, weight in classifier.explain(text, "es", "purchase") if weight > 0]
    assert {"precio", "comprar"} & set(words)


def test_explaining_reads_no_further_than_reading(classifier):
    text = "bueno " * 5_000
    assert all(end <= LONGEST_TEXT + 30 for _start, end, _weight in classifier.explain(text, "es", "positive"))


def test_an_unknown_intent_cannot_be_explained(classifier):
    with pytest.raises(ValueError, match="gossip"):
        classifier.explain("hola", "es", "gossip")


def test_the_held_out_lines_are_read_as_well_as_the_manual_says(classifier):
    figures = judge(classifier, read_corpus(held_out=True))
    assert figures["sentiment"] >= 62
    assert figures["intents"] >= 45


def test_probabilities_are_as_sure_as_they_are_right(classifier):
    lines = read_corpus(held_out=True)
    chances = classifier.predict([line.text for line in lines], [line.language for line in lines])[0]
    right = np.mean([FEELINGS[row.argmax()] == line.sentiment for row, line in zip(chances, lines, strict=True)])
    assert abs(chances.max(axis=1).mean() - right) < 0.1


def test_thresholds_are_probabilities(classifier):
    assert classifier.thresholds.shape == (len(INTENTS),)
    assert ((classifier.thresholds > 0.05) & (classifier.thresholds < 0.95)).all()


def test_weights_survive_being_stored(classifier):
    stored = Classifier.load(classifier.to_bytes())
    texts, languages = ["qué bien", "what a mess"], ["es", "en"]
    assert np.array_equal(stored.predict(texts, languages)[0], classifier.predict(texts, languages)[0])
    assert stored.version == classifier.version


def archive(**arrays):
    stream = io.BytesIO()
    np.savez(stream, **arrays)
    return stream.getvalue()


def altered(**changes):
    with np.load(WEIGHTS, allow_pickle=False) as shipped:
        return archive(**({name: shipped[name] for name in shipped.files} | changes))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"PK\x05\x06" + bytes(18),
        b"no archive at all",
        archive(rows=np.zeros(3)),
        archive(format=np.array({"a": 1}, dtype=object)),
        altered(format=np.array(99)),
        altered(format=np.array("1")),
        altered(thresholds=np.full(10, np.nan)),
        altered(scale=np.ones(RESULTS + 1)),
        altered(numbers=np.array([encoding.SIZE], np.uint32), rows=np.zeros((1, 17), np.float16)),
        altered(numbers=np.array([], np.uint32)),
        altered(dense=np.zeros((2, 2))),
    ],
    ids=lambda data: f"{len(data)} bytes",
)
def test_foreign_or_damaged_weights_are_refused(data):
    with pytest.raises(WeightsError):
        Classifier.load(data)


def test_weights_that_unpack_to_more_than_memory_are_refused():
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("rows.npy", bytes(LARGEST + 1))
    with pytest.raises(WeightsError, match="large"):
        Classifier.load(stream.getvalue())


def test_shipped_weights_are_small():
    assert sum(path.stat().st_size for path in WEIGHTS.parent.glob("*.npz")) <= 15_000_000


def test_reading_loads_no_library_for_training():
    code = (
        "import sys; from analysis.classifier import Classifier; Classifier.load().predict(['hola'], ['es']); "
        "sys.exit(any(name.split('.')[0] in ('sklearn', 'scipy') for name in sys.modules))"
    )
    folder = Path(encoding.__file__).parents[1]
    assert subprocess.run([sys.executable, "-c", code], cwd=folder, check=False).returncode == 0


def test_names_of_learning_load_no_library():
    code = (
        "import sys; import analysis.learning, analysis.examples, analysis.measures, analysis.lexicon; "
        "sys.exit(any(name.split('.')[0] in ('sklearn', 'scipy', 'numpy') for name in sys.modules))"
    )
    folder = Path(encoding.__file__).parents[1]
    assert subprocess.run([sys.executable, "-c", code], cwd=folder, check=False).returncode == 0


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("I don't", ["I", "don't"]),
        ("l'eau d'Évian", ["l", "eau", "d", "Évian"]),
        ("@ana mira https://a.example/x?y=1 #Acme", ["@ana", "mira", "https://a.example/x?y=1", "#Acme"]),
        ("bien!!! :) <3", ["bien", "!!!", ":)", "<3"]),
        ("😍😂", ["😍", "😂"]),
        ("cafe\u0301 sol", ["cafe\u0301", "sol"]),
    ],
)
def test_a_text_is_cut_where_a_reader_would(text, pieces):
    assert TOKEN.findall(text) == pieces


def test_the_less_a_text_talks_to_a_company_the_more_the_word_lists_count():
    scores = np.zeros((3, OUTPUTS))
    scores[:, LEARNED], scores[:, LISTED] = [1, 0, 0], [0, 0, 1]
    scores[:, COMPANY] = [20, 0, -20]
    company, doubtful, everyday = mixed(scores)[:, :3]
    assert company == pytest.approx([1, 0, 0], abs=0.01)
    assert everyday == pytest.approx([0, 0, 1], abs=0.01)
    assert doubtful[0] > doubtful[2] > 0, "doubt speaks for a company"
