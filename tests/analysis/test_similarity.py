"""Copies are found however they were changed, strangers are not, today and after the next update."""

import doctest
import os
import random
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis import alike, similarity
from analysis.alike import ALIKE, gist, likeness
from analysis.similarity import BANDS, SHORTEST, bands_of, plain

CORPUS = Path(similarity.__file__).parent / "corpus"
TEXT = "El pedido 4711 llegó roto y nadie contesta al teléfono de atención"


def corpus():
    """The lines of the corpus, each once."""
    lines = [
        line for path in sorted(CORPUS.glob("*.tsv")) for line in path.read_text(encoding="utf-8").splitlines()[1:]
    ]
    return list(dict.fromkeys(line.split("\t")[3] for line in lines))


@pytest.mark.parametrize("module", [similarity, alike])
def test_documentation_examples(module):
    assert doctest.testmod(module).failed == 0


# ------------------------------------------------------------------------------------------------------ stability


def test_a_text_has_the_bands_that_are_stored_already():
    """Whoever has to change these numbers has to compute anew what is in the databases."""
    assert bands_of([TEXT])[0] == (
        511160447,
        -1195437263,
        196081025,
        1190393427,
        -1254418523,
        1601488045,
        1093304430,
        -1570670986,
        -2099048581,
        1996949266,
        -65814635,
        -559943879,
        1764993872,
        -1377907314,
        -1756496146,
        -1627483924,
    )


def test_bands_are_the_same_in_another_process():
    script = f"from analysis.similarity import bands_of; print(bands_of([{TEXT!r}])[0])"
    for seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(Path(similarity.__file__).parents[1])}
        done = subprocess.run(
            [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True
        )
        assert done.stdout.strip() == str(bands_of([TEXT])[0])


def test_a_text_has_the_same_bands_in_any_company():
    texts = corpus()[:500] + ["ok", "", "x" * 100_000]
    together = bands_of(texts)
    assert together == [bands_of([text])[0] for text in texts]
    assert bands_of(texts[::-1]) == together[::-1]


def test_bands_fit_into_integer_columns():
    numbers = [number for bands in bands_of(corpus()[:200]) if bands for number in bands]
    assert all(type(number) is int and -(2**31) <= number < 2**31 for number in numbers)
    assert min(numbers) < -(2**30) and max(numbers) > 2**30
    assert len(set(numbers)) > 0.99 * len(numbers)


# --------------------------------------------------------------------------------------------- what is compared


@pytest.mark.parametrize(
    "copy",
    [
        TEXT.upper(),
        "RT @ana_99: " + TEXT,
        TEXT + " https://t.example/abc?x=1",
        TEXT + " #acme #roto",
        TEXT.replace(" ", "  \n") + "!!! 😡😡",
        TEXT.replace("ó", "o").replace("é", "e"),
        TEXT.replace("ó", "o\u0301"),
        "«" + TEXT + "» via @acme",
    ],
)
def test_what_does_not_change_what_is_said_does_not_change_the_bands(copy):
    assert bands_of([copy]) == bands_of([TEXT])


@pytest.mark.parametrize(
    "text", ["", "ok", "Gracias a todos", "😂" * 100, "@ana @bob #uno https://a.example/" + "x" * 500, "\0" * 99]
)
def test_texts_with_little_in_them_are_not_compared(text):
    assert len(plain(text)) < SHORTEST
    assert bands_of([text]) == [None]


def test_nothing_is_compared_with_nothing():
    assert bands_of([]) == []
    assert bands_of(["", "ok", ""]) == [None] * 3


# ------------------------------------------------------------------------------------------------------- figures


def typo(rng, text):
    """One letter lost, doubled or swapped with its neighbour."""
    at = rng.randrange(1, len(text) - 1)
    return rng.choice(
        (
            text[:at] + text[at + 1 :],
            text[:at] + text[at - 1 :],
            text[: at - 1] + text[at] + text[at - 1] + text[at + 1 :],
        )
    )


def without_a_word(rng, text):
    """One of more than five words lost."""
    words = text.split()
    if len(words) > 5:
        words.pop(rng.randrange(len(words)))
    return " ".join(words)


def with_a_word(rng, text):
    """A word put in."""
    words = text.split()
    words.insert(rng.randrange(len(words) + 1), rng.choice(("really", "hoy", "muy", "please")))
    return " ".join(words)


CHANGES = {
    "repeated": lambda rng, text: f"RT @user{rng.randrange(99)}: {text}",
    "linked": lambda rng, text: f"{text} https://t.example/{rng.getrandbits(40):x}",
    "shouted": lambda rng, text: text.upper(),
    "tagged": lambda rng, text: f"{text} #news #{rng.choice('abc')}",
    "cut": lambda rng, text: text[: int(len(text) * 0.85)] + "…",
    "introduced": lambda rng, text: f"{rng.choice(('Look at this:', 'Mirad esto:'))} {text}",
    "mistyped": typo,
    "shortened": without_a_word,
    "lengthened": with_a_word,
    "repeated and mistyped": lambda rng, text: "RT @x: " + typo(rng, text.lower()),
}


def test_nearly_all_changed_copies_are_found_and_hardly_any_stranger():
    rng = random.Random(11)
    texts = [text for text in corpus() if len(plain(text)) >= 30]
    rng.shuffle(texts)
    base, strangers = texts[:-800], texts[-800:]
    gists = list(map(gist, base))
    places = defaultdict(set)
    for place, bands in enumerate(bands_of(base)):
        for band in enumerate(bands):
            places[band].add(place)

    def found(query, bands):
        candidates = set().union(*(places.get(band, ()) for band in enumerate(bands)))
        mine = gist(query)
        return {place for place in candidates if likeness(mine, gists[place]) >= ALIKE}

    hits = tried = 0
    for change in CHANGES.values():
        chosen = rng.sample(range(len(base)), 150)
        copies = [change(rng, base[place]) for place in chosen]
        for place, copy, bands in zip(chosen, copies, bands_of(copies), strict=True):
            tried += 1
            hits += place in found(copy, bands)
    assert hits / tried >= 0.99
    false = sum(bool(found(text, bands)) for text, bands in zip(strangers, bands_of(strangers), strict=True))
    assert false / len(strangers) <= 0.03


def test_bands_agree_as_often_as_the_resemblance_says():
    """P(a band is shared) = s⁴ for a Jaccard index s of the pieces."""
    rng = random.Random(5)
    expected = shared = pairs = 0
    for _pair in range(300):
        common = "".join(rng.choices("abcdefghijklmnopqrstuvwxyz", k=200))
        one, other = (
            common + "".join(rng.choices("abcdefghij", k=30)),
            common + "".join(rng.choices("klmnopqrst", k=30)),
        )
        pieces = [
            {text[at : at + similarity.PIECE] for at in range(len(text) - similarity.PIECE + 1)}
            for text in (one, other)
        ]
        expected += (len(pieces[0] & pieces[1]) / len(pieces[0] | pieces[1])) ** 4
        first, second = bands_of([one, other])
        shared += sum(a == b for a, b in zip(first, second, strict=True)) / BANDS
        pairs += 1
    assert shared / pairs == pytest.approx(expected / pairs, abs=0.03)


@given(st.lists(st.text(alphabet=st.characters(exclude_categories=())), max_size=6))
def test_no_text_makes_it_fail(texts):
    for text, bands in zip(texts, bands_of(texts), strict=True):
        assert (bands is None) == (len(plain(text)) < SHORTEST)
        assert bands is None or len(bands) == BANDS
