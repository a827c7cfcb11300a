"""Everything that is read out of a text at once: language, feeling, intents, tags, links and what it is a copy of.

An :class:`Analyst` holds the models.  Importing this module loads none of them, and neither does making an Analyst:
that happens with the first text.  ``analyst()`` gives the one that a process shares.
"""

import re
import threading
from collections import OrderedDict
from dataclasses import dataclass, field, replace

from . import terms
from .language import LANGUAGES, detector
from .similarity import bands_of

FEELINGS = ("negative", "neutral", "positive")
INTENTS = (
    "question",
    "complaint",
    "purchase",
    "defect",
    "suggestion",
    "praise",
    "job",
    "partnership",
    "risk",
    "spam",
)
#: So many Analysts stay in memory: the shipped one and those of a few companies.
KEPT = 4
#: A feeling that is less probable is undetermined.
LEAST = 0.4
#: Matches where somebody says something: a letter or an emoji outside of addresses and handles.
_SAYS = re.compile(
    r"(?:(?:https?://|www\.)\S*|@\S*|[^@a-zA-Z\u00aa-\u1fff\u2600-\u27bf\u2c00-\ud7ff\U00010000-\U0003ffff])*+[^@]"
)


@dataclass(slots=True)
class Reading:
    """What was read out of one text."""

    #: ISO 639-1; empty where undetermined.
    language: str = ""
    language_confidence: float = 0.0
    #: One of FEELINGS; empty where undetermined.
    sentiment: str = ""
    #: p(positive) - p(negative), -1 to 1.
    score: float = 0.0
    sentiment_confidence: float = 0.0
    #: Intent → calibrated probability, the most certain first; only those past their threshold.
    intents: dict[str, float] = field(default_factory=dict)
    #: Folded, without "#".
    hashtags: list[str] = field(default_factory=list)
    #: Web links as written.
    links: list[str] = field(default_factory=list)
    #: 16 signed 32-bit integers: texts that share one may be copies.  None where there is too little to compare.
    bands: tuple[int, ...] | None = None
    #: "fast" or "deep".
    passed: str = "fast"
    #: Which weights it was read with.
    version: str = ""


class Analyst:
    """Reads texts with one set of weights; threads may share it.

    :param languages: ISO 639-1 codes that a text may be in
    :param weights: a learned version as bytes; None for the shipped weights
    """

    def __init__(self, languages=LANGUAGES, weights=None):
        self.languages = tuple(languages)
        self._weights = weights
        self._loaded = None
        self._lock = threading.Lock()

    @property
    def _classifier(self):
        if self._loaded is None:
            with self._lock:
                if self._loaded is None:
                    from .classifier import Classifier

                    self._loaded = Classifier.load(self._weights)
                    self._weights = None
        return self._loaded

    @property
    def version(self):
        """The name of the weights."""
        return self._classifier.version

    def read(self, texts, hints=(), extras=True):
        """The first pass, quick enough for every text that comes in.

        :param texts: list of str, as hostile as networks are
        :param hints: for each text the language that its network told, or ""; may be left out
        :param bool extras: False leaves out tags, links and bands, for who keeps none of them
        :rtype: list[Reading]
        """
        texts = list(texts)
        if not texts:
            return []
        readings = [
            Reading(
                language=language,
                language_confidence=confidence,
                hashtags=terms.hashtags(text) if extras else [],
                links=terms.links(text) if extras else [],
                bands=bands,
            )
            for text, (language, confidence), bands in zip(
                texts,
                detector(self.languages).detect_many(texts, hints),
                bands_of(texts) if extras else [None] * len(texts),
                strict=True,
            )
        ]
        said = [place for place, text in enumerate(texts) if _SAYS.match(text)]
        if said:
            part = [readings[place] for place in said]
            found = self._classifier.predict([texts[place] for place in said], [reading.language for reading in part])
            _judge(part, *found, self._classifier.thresholds)
        for reading in readings:
            reading.version = self.version
        return readings

    def deep_available(self):
        """Which embedding the second pass uses: "use", "e5", or "" where there is none."""
        from . import deep

        return next(iter(deep.usable()), "")

    def read_deep(self, texts, readings):
        """The second pass, with embeddings; only where :meth:`deep_available`.

        :param readings: what :meth:`read` found, one for each text; they are not changed
        :return: new readings; what the embedding cannot read (a language it does not know, no words) is as it was
        :rtype: list[Reading]
        """
        from . import deep

        name = self.deep_available()
        texts, readings = list(texts), list(readings)
        places, feelings, intents = deep.read(name, self._classifier, texts, [reading.language for reading in readings])
        head, version = deep.head(name)
        for place in places:
            readings[place] = replace(
                readings[place], sentiment="", intents={}, passed="deep", version=f"{self.version}+{version}"
            )
        _judge([readings[place] for place in places], feelings, intents, head.thresholds)
        return readings

    def why(self, text, language, what, deep=False):
        """Words that weighed most for a feeling or an intent.

        :param str what: "negative", "positive" or one of INTENTS
        :param bool deep: in the second pass, where there is one
        :return: (start, end, weight) in the text as written, at most 8; a weight above 0 speaks for it
        """
        found, name = None, self.deep_available() if deep else ""
        if name:
            from .deep import explain

            found = explain(name, self._classifier, text, language, what)
        return self._classifier.explain(text, language, what) if found is None else found


def _judge(readings, feelings, intents, thresholds):
    """Put probabilities down as far as they are certain enough.

    :param feelings: n × 3, in the order of FEELINGS
    :param intents: n × 10, in the order of INTENTS
    :param thresholds: 10, above which an intent is told
    """
    rows = zip(readings, feelings.tolist(), intents.tolist(), (intents >= thresholds).tolist(), strict=True)
    for reading, chances, probabilities, told in rows:
        reading.score = chances[2] - chances[0]
        reading.sentiment_confidence = max(chances)
        unsure = reading.sentiment_confidence < LEAST
        reading.sentiment = "" if unsure else FEELINGS[chances.index(reading.sentiment_confidence)]
        if any(told):
            found = [(-p, intent) for p, intent, yes in zip(probabilities, INTENTS, told, strict=True) if yes]
            reading.intents = {intent: -p for p, intent in sorted(found)}


_analysts = OrderedDict()
_lock = threading.Lock()


def analyst(key="", load=None):
    """The Analyst of this process for these weights, made once whoever asks first.

    :param str key: names the weights; "" are the shipped ones
    :param load: function that returns the weights as bytes, called once if they are not there yet; None for shipped
    """
    with _lock:
        found = _analysts.get(key)
        if found is None:
            found = _analysts[key] = Analyst(weights=load() if load else None)
            while len(_analysts) > KEPT:
                _analysts.popitem(last=False)
        _analysts.move_to_end(key)
        return found
