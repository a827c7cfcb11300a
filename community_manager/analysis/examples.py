"""Labelled texts: the corpus, and texts as matrices to learn from.

Used by training alone: reading texts needs none of it.  NumPy and SciPy are imported when they are needed.
"""

import csv
from dataclasses import dataclass
from pathlib import Path

from .engine import FEELINGS, INTENTS

CORPUS = Path(__file__).parent / "corpus"
#: Parts of the cross-validation; each file of the corpus lies in one of them as a whole.
FOLDS = 5


@dataclass(slots=True, frozen=True)
class Line:
    """A labelled text."""

    #: ISO 639-1.
    language: str
    #: One of FEELINGS; empty where nobody said.
    sentiment: str
    #: Some of INTENTS; None where nobody said.
    intents: frozenset | None
    text: str
    #: Name of the file it is from, without ending.
    part: str
    #: How many lines it counts as.
    weight: float = 1.0


def read_corpus(held_out=False, folder=CORPUS):
    """The lines of the corpus, in the order of file names: those that are trained on, or those that never are.

    :raises ValueError: where a line is not as ``corpus/README.md`` says
    :rtype: list[Line]
    """
    lines = []
    for path in sorted(folder.glob("*.tsv")):
        if path.stem.startswith("heldout_") == held_out:
            lines += read_part(path)
    return lines


def read_part(path):
    """The lines of one file of the corpus; see :func:`read_corpus`."""
    lines = []
    with path.open(newline="", encoding="utf-8") as file:
        reader = csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        if next(reader) != ["lang", "sentiment", "intent", "text"]:
            raise ValueError(f"{path.name}: no header lang, sentiment, intent, text")
        for number, row in enumerate(reader, 2):
            language, sentiment, intent, text = row if len(row) == 4 else ("", "", "", "")
            intents = frozenset() if intent == "none" else frozenset(intent.split(","))
            if sentiment not in FEELINGS or not intents <= set(INTENTS) or not text.strip():
                raise ValueError(f"{path.name}, line {number}: not lang, sentiment, intent, text")
            lines.append(Line(language, sentiment, intents, text, path.stem))
    return lines


@dataclass(slots=True)
class Examples:
    """Lines as arrays; all have one row for each line."""

    #: n × SIZE, sparse: hashed features.
    sparse: object
    #: n × len(encoding.DENSE).
    dense: object
    #: n × len(classifier.BIASED): 1 for the language.
    languages: object
    #: Place in FEELINGS, and how much it counts: 0 where nobody said.
    feelings: object
    feeling_weights: object
    #: n × 10, bool, and how much they count.
    intents: object
    intent_weights: object
    #: Part of the cross-validation.
    folds: object

    @classmethod
    def of(cls, lines):
        """:param lines: list of Line"""
        import numpy as np

        from .classifier import BIASED

        languages = [line.language if line.language in BIASED else "" for line in lines]
        sparse, dense = matrix([line.text for line in lines], languages)
        names = sorted({line.part for line in lines})
        weights = np.array([line.weight for line in lines], np.float64)
        return cls(
            sparse=sparse,
            dense=dense,
            languages=np.array([[code == name for name in BIASED] for code in languages], np.float64),
            feelings=np.array([FEELINGS.index(line.sentiment or "neutral") for line in lines]),
            feeling_weights=weights * np.array([bool(line.sentiment) for line in lines]),
            intents=np.array([[intent in (line.intents or ()) for intent in INTENTS] for line in lines]),
            intent_weights=weights * np.array([line.intents is not None for line in lines]),
            folds=np.array([names.index(line.part) % FOLDS for line in lines]),
        )

    def take(self, chosen):
        """Those of a mask or of indices."""
        return Examples(**{name: getattr(self, name)[chosen] for name in self.__slots__})


def matrix(texts, languages):
    """Texts as the classifier sees them.

    :return: hashed features (sparse, n × SIZE), dense features (n × len(encoding.DENSE))
    """
    import numpy as np
    import scipy.sparse as sp

    from .classifier import BIASED
    from .encoding import DENSE, SIZE, Vocabulary, parts

    known = [language if language in BIASED else "" for language in languages]
    blocks, order = [sp.csr_matrix((0, SIZE))], []
    dense = np.zeros((len(texts), len(DENSE)), np.float32)
    for language in sorted(set(known)):
        places = [place for place, code in enumerate(known) if code == language]
        vocabulary, tokens = Vocabulary(language), []
        for part in parts([texts[place] for place in places]):
            batch = vocabulary.encode(part)
            tokens += vocabulary.fresh
            vocabulary.fresh = []
            here, places = places[: len(part)], places[len(part) :]
            blocks.append(_hashed(batch, tokens))
            dense[here] = batch.dense
            order += here
    return sp.vstack(blocks, format="csr")[np.argsort(order)], dense


def _hashed(batch, tokens):
    """The hashed features of a Batch: tokens of each text × features of each token, and the pairs."""
    import numpy as np
    import scipy.sparse as sp

    from .encoding import PAIR_WEIGHT, SIZE

    count, size = len(tokens), len(batch.ids)
    # the negated form of a token is a token of its own: its first feature is another
    numbers = [numbers for numbers, _values, _negated in tokens]
    numbers += [[negated, *features[1:]] if negated is not None else features for features, _values, negated in tokens]
    ends = np.cumsum([0, *map(len, numbers)])
    flat = np.fromiter((number for features in numbers for number in features), np.int64, ends[-1])
    values = np.fromiter(
        (value for _ in range(2) for _n, values, _t in tokens for value in values), np.float64, ends[-1]
    )
    of_tokens = sp.csr_matrix((values, flat, ends), shape=(2 * count, SIZE))
    bounds = np.append(batch.starts, size)
    in_texts = sp.csr_matrix(
        (np.ones(size), batch.ids + count * batch.negated, bounds), shape=(len(batch.starts), 2 * count)
    )
    rows = np.searchsorted(batch.starts, batch.pair_places, side="right") - 1
    pairs = sp.csr_matrix((np.full(len(rows), PAIR_WEIGHT), (rows, batch.pairs)), shape=(len(batch.starts), SIZE))
    return sp.diags(batch.scale.astype(np.float64)) @ (in_texts @ of_tokens + pairs)
