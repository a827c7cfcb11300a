"""Learning from what people correct.

:func:`learn` fits the models anew to the corpus together with people's labels, and says whether to use the outcome.
Nothing heavy is imported before it is called.  What keeps one careless person from turning the models:

- people vote: of contradicting labels on one text the majority counts, and a tie is left out;
- one person's labels together weigh at most :attr:`Limits.person` of the corpus, and so many count for one day;
- a fifth of the texts is held back, always the same ones, and no version ever learns from them;
- a version that reads held-back texts worse than the one before, or the shipped held-out lines much worse than the
  shipped weights, is refused.

The corpus is replayed in full each time, so nothing is forgotten bit by bit; an earlier version is simply its bytes.
"""

import hashlib
import math
from collections import Counter, defaultdict
from dataclasses import dataclass, field

from .engine import FEELINGS, INTENTS
from .lexicon import fold

#: Reasons to refuse a version.
FEW, WORSE, FORGETS = "few", "worse", "forgets"


@dataclass(slots=True, frozen=True)
class Label:
    """What somebody said a text is."""

    text: str
    #: ISO 639-1, or "".
    language: str
    #: "sentiment" or "intents".
    kind: str
    #: One of FEELINGS, or a frozenset of INTENTS.
    value: str | frozenset
    #: Who said so; anything that tells people apart.
    person: str | int
    weight: float = 1.0
    #: On which day, as ISO 8601; empty where unknown, which counts as one day.
    day: str = ""

    def __post_init__(self):
        if self.kind == "sentiment":
            fits = self.value in FEELINGS
        elif self.kind == "intents":
            fits = isinstance(self.value, frozenset) and self.value <= set(INTENTS)
        else:
            fits = False
        if not fits or not 0 <= self.weight <= 10:
            raise ValueError(f"no label: {self.kind!r} {self.value!r} {self.weight!r}")


@dataclass(slots=True, frozen=True)
class Limits:
    """How far people's labels reach."""

    #: So many lines of the corpus one label counts as.
    label: float = 4.0
    #: One person's labels of a kind weigh together at most this share of the corpus.
    person: float = 0.05
    #: All labels of a kind weigh together at most this share of the corpus.
    everyone: float = 1.0
    #: So many labels of one person count for one day, the first ones.
    day: int = 200
    #: So many labels in all, the last ones.
    labels: int = 20_000
    #: One text in so many is held back.
    held_back: int = 5
    #: Fewer texts than this to learn from teach nothing.
    least: int = 10
    #: A version may lose so much on the shipped held-out lines, in points of macro-F1.
    forgets: float = 2.0


LIMITS = Limits()


@dataclass(slots=True)
class Lesson:
    """A learned version and what is known of it."""

    #: As Classifier.load() takes them.
    weights: bytes
    version: str
    #: See :func:`learn`; numbers, strings and dicts only.
    figures: dict = field(default_factory=dict)
    accepted: bool = False
    #: None, or "few", "worse" or "forgets".
    reason: str | None = None


@dataclass(slots=True)
class _Case:
    """What people agree on about one text."""

    text: str
    language: str
    kind: str
    value: str | frozenset
    #: Person → weight of what they said.
    people: dict
    held_back: bool = False


def learn(labels, previous=None, limits=LIMITS, held_out=None, corpus=None):
    """Fit the models to the corpus and people's labels, and judge the outcome.

    Figures are macro-F1 in percent, None where there is nothing to measure:

    - ``labels``, ``people``: how many were given; ``learned``, ``held_back``: texts on either side
    - ``before``, ``after``: {"sentiment", "intents"} on held-back texts, by the previous version and by this one
    - ``confusion``: {"before": rows, "after": rows} of held-back texts, what people said × what is read, by FEELINGS
    - ``shipped_before``, ``shipped_after``: the same two figures on the shipped held-out lines, by the shipped weights
      and by this version

    :param labels: iterable of Label, the oldest first
    :param bytes previous: the version in use; None for the shipped weights
    :param held_out: lines never trained on, and ``corpus`` those to train on; None for the shipped ones
    :raises classifier.WeightsError: where ``previous`` are no weights of this version of the product
    :rtype: Lesson
    """
    from . import training
    from .classifier import Classifier

    labels = list(labels)[-limits.labels :]
    before, shipped = Classifier.load(previous), Classifier.load()
    cases = _agreed(labels, limits)
    to_learn = [case for case in cases if not case.held_back]
    held_back = [case for case in cases if case.held_back]
    figures = {
        "labels": len(labels),
        "people": len({label.person for label in labels}),
        "learned": len(to_learn),
        "held_back": len(held_back),
    }
    if len(to_learn) < limits.least:
        return Lesson(previous or shipped.to_bytes(), before.version, figures, reason=FEW)

    corpus = training.read_corpus() if corpus is None else corpus
    held_out = training.read_corpus(held_out=True) if held_out is None else held_out
    weights = training.refit(corpus + _lines(to_learn, len(corpus), limits), shipped.weights).to_bytes()
    after = Classifier.load(weights)

    wanted = [_line(case) for case in held_back]
    figures["before"], confused_before = _judged(before, wanted)
    figures["after"], confused_after = _judged(after, wanted)
    figures["confusion"] = {"before": confused_before, "after": confused_after}
    figures["shipped_before"] = _judged(shipped, held_out)[0]
    figures["shipped_after"] = _judged(after, held_out)[0]
    reason = _reason(figures, limits)
    return Lesson(weights, after.version, figures, accepted=reason is None, reason=reason)


def _reason(figures, limits):
    """Why a version is refused, or None."""
    gain = [_gain(figures["before"], figures["after"], kind) for kind in ("sentiment", "intents")]
    if sum(gain) < 0:
        return WORSE
    lost = [-_gain(figures["shipped_before"], figures["shipped_after"], kind) for kind in ("sentiment", "intents")]
    return FORGETS if max(lost) > limits.forgets else None


def _gain(before, after, kind):
    return 0.0 if before[kind] is None else after[kind] - before[kind]


def is_held_back(text, limits=LIMITS):
    """Whether a text is only measured with: depends on its words alone, so that it never changes sides."""
    digest = hashlib.sha256(" ".join(fold(text).split()).encode("utf-8", "surrogatepass")).digest()
    return int.from_bytes(digest[:4], "big") % limits.held_back == 0


def _agreed(labels, limits):
    """One _Case for each text and kind on which the majority of people agree."""
    said = defaultdict(dict)
    today = Counter()
    for label in labels:
        today[label.person, label.day] += 1
        if today[label.person, label.day] <= limits.day:
            # of what one person said about one text the last word counts
            said[label.kind, " ".join(fold(label.text).split())][label.person] = label
    cases = []
    for (kind, _key), votes in said.items():
        found = _vote([label.value for label in votes.values()])
        if found is None:
            continue
        agreeing = {person: label for person, label in votes.items() if label.value == found}
        one = next(iter(agreeing.values()))
        cases.append(
            _Case(
                one.text,
                one.language,
                kind,
                found,
                {person: label.weight for person, label in agreeing.items()},
                is_held_back(one.text, limits),
            )
        )
    return cases


def _vote(values):
    """What more people say than anything else; None where there is no such thing."""
    (first, most), *others = Counter(values).most_common(2)
    return None if others and others[0][1] == most else first


def _lines(cases, corpus_size, limits):
    """Cases as lines to train on, weighted within the limits."""
    lines = []
    for kind in ("sentiment", "intents"):
        mine = [case for case in cases if case.kind == kind]
        spoken = Counter()
        for case in mine:
            for person, weight in case.people.items():
                spoken[person] += weight * limits.label
        most = limits.person * corpus_size
        share = {person: min(1.0, most / total) if total else 0.0 for person, total in spoken.items()}
        weights = [
            limits.label * math.fsum(weight * share[person] for person, weight in case.people.items()) for case in mine
        ]
        total = math.fsum(weights)
        fits = min(1.0, limits.everyone * corpus_size / total) if total else 0.0
        lines += [_line(case, weight * fits) for case, weight in zip(mine, weights, strict=True)]
    return lines


def _line(case, weight=1.0):
    from .examples import Line

    is_feeling = case.kind == "sentiment"
    return Line(
        language=case.language,
        sentiment=case.value if is_feeling else "",
        intents=None if is_feeling else case.value,
        text=case.text,
        part="labels",
        weight=weight,
    )


def _judged(classifier, lines):
    """({"sentiment": macro-F1 or None, "intents": …}, confusion of feelings)."""
    from .measures import confusion, judge

    figures = judge(classifier, lines)
    return {"sentiment": figures["sentiment"], "intents": figures["intents"]}, confusion(classifier, lines)
