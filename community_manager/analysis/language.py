"""Which language a text is in.

The evidence is py3langid's: a naive Bayes model over the byte n-grams that an automaton finds.  It is used here word by
word: each word's scores are worked out once and remembered, so that a text costs a few look-ups and one sum.  Words
that carry grammar (``function_words.py``) count in addition; they decide where there are few words.

All languages of the model compete, but those that are not configured start far behind.  So a Dutch post is not taken
for a German one, and a Spanish one hardly ever for a Galician one.

    p(language) ∝ prior · exp(Σ scores / sqrt(bytes) + WORDS_WEIGHT · function words / sqrt(words))

The square roots temper what naive Bayes overstates, as its features are not independent.
"""

import math
import re
import threading
import unicodedata

from .function_words import WORDS

LANGUAGES = ("es", "en", "pt", "fr", "de", "it", "ca")
#: Less probable than this is undetermined.
LEAST = 0.5
#: How far, as logarithms, a language that is not configured starts behind, and a hinted one ahead.
BEHIND = 4.0
AHEAD = 2.0
WORDS_WEIGHT = 1.5
#: The beginning of a text says which language it is in: characters, words, and letters of a word that are looked at.
_LONGEST_TEXT, _MOST_WORDS, _LONGEST_WORD = 4_000, 300, 30
#: Texts that are summed at once, and words that are remembered, at 0.4 kB each.
_BATCH, _ROOM = 64, 40_000
#: Languages that compete without being configured: the likely ones, and those that are easily taken for another.
_OTHERS = (
    "af ar bg bs ca cs cy da de el en eo es et eu fa fi fr ga gl he hi hr ht hu hy id is it ja ka ko la lb lt lv mk ms "
    "mt nl nn no oc pl pt ro ru sk sl so sq sr sv sw ta th tl tr uk ur vi zh"
).split()

#: Addresses, handles, tags and entities first, outside the group: they are no words of any language.
_WORD = re.compile(
    r"(?:https?://|www\.)\S+|[@#][\w@.-]*|&\w{1,10};"
    rf"|([^\W\d_]{{1,{_LONGEST_WORD}}}(?:['’·][^\W\d_]{{1,{_LONGEST_WORD}}})?|[¿¡])"
)
#: What people write in any language: said alone, it tells nothing.
INTERJECTIONS = re.compile(
    r"rt|o+k+|okey|okay|lo+l|rofl|lmf?ao|omg|wtf|wo+w+|xd+|x+|(?:j+a+)+j*|(?:h+a+)+h*|(?:h+e+)+h*|(?:j+e+)+j*|k{2,}|"
    r"(?:rs){2,}|m{2,}|h+m+|u+f+|a+h+|o+h+|e+h+|via|dm|pls|plz|top|ja+|na+|aw+|yay+|bro|gif|emoji|amen"
)
_MARK = "[\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u064b-\u065f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]"
_MARKS = re.compile(f"({_MARK}{{2}}){_MARK}+")


def words_of(text):
    """The words that tell a language, in lower case; "" for each address, handle or tag.

    >>> words_of("¿Dónde está MI pedido @acme? https://acme.example/a")
    ['¿', 'dónde', 'está', 'mi', 'pedido', '', '']
    """
    text = text[:_LONGEST_TEXT]
    if not text.isascii() and not unicodedata.is_normalized("NFC", text):
        # Composing takes time by the square of how many marks stand on one letter.
        text = unicodedata.normalize("NFC", _MARKS.sub(r"\1", text))
    return _WORD.findall(text.lower())[:_MOST_WORDS]


def _function_words():
    """Function word, with its accents and as the hasty type it → its languages."""
    found = {}
    for language, words in WORDS.items():
        for word in words:
            bare = "".join(char for char in unicodedata.normalize("NFD", word) if not unicodedata.combining(char))
            for form in {word, bare} if len(word) > 3 else {word}:
                found.setdefault(form, set()).add(language)
    return {word: tuple(sorted(languages)) for word, languages in found.items()}


_FUNCTION = _function_words()


class Detector:
    """Tells a few languages apart; threads may share it.

    :param languages: the ISO 639-1 codes that texts may be in
    :raise ValueError: a language that py3langid does not know
    """

    def __init__(self, languages=LANGUAGES):
        import numpy
        from py3langid.langid import MODEL_FILE, LanguageIdentifier

        model = LanguageIdentifier.from_model_file(MODEL_FILE)
        self.languages = tuple(languages)
        unknown = set(self.languages).difference(model.nb_classes)
        if unknown:
            raise ValueError(f"unknown languages: {', '.join(sorted(unknown))}")
        self._classes = [*self.languages, *sorted(set(_OTHERS).intersection(model.nb_classes).difference(languages))]
        columns = [model.nb_classes.index(code) for code in self._classes]
        self._moves, self._rows, self._features = model.tk_nextmove, model.tk_row, model.tk_output
        # What a feature counts for: the model takes log(1 + count) of it, and it is there once.
        self._scores = model.nb_ptc[:, columns].astype(numpy.float32) * math.log(2)
        self._base = model.nb_pc[columns].astype(numpy.float32)
        self._priors = numpy.full(len(self._classes), -BEHIND, dtype=numpy.float32)
        self._priors[: len(self.languages)] = 0
        self._start = self._walk(0, b" ")[0]
        self._known = {}

    def detect_many(self, texts, hints=()):
        """The language of each text, or "" where it is too uncertain or there is nothing to tell it by.

        :param texts: list of str
        :param hints: for each text the language that its network told ("pt-BR" is "pt"), or ""; may be left out.  It
            counts as a presumption, and makes a language possible that is not configured.
        :rtype: list[tuple[str, float]]
        :return: language or "", and the probability of the most probable one
        """
        guesses = self.guess_many(texts, hints)
        return [(language if confidence >= LEAST else "", confidence) for language, confidence in guesses]

    def guess_many(self, texts, hints=()):
        """As :meth:`detect_many`, however uncertain; "" only where there is nothing to tell it by."""
        texts, hints = list(texts), list(hints)
        answers = []
        for start in range(0, len(texts), _BATCH):
            part = slice(start, start + _BATCH)
            answers += self._guess(texts[part], hints[part])
        return answers

    def _guess(self, texts, hints):
        import numpy

        words = [words_of(text) for text in texts]
        spoken = [n for n, found in enumerate(words) if found]
        answers = [("", 0.0)] * len(texts)
        if not spoken:
            return answers
        row_of = self._rows_of(set().union(*words))
        rows = numpy.frombuffer(b"".join([row_of[word] for n in spoken for word in words[n]]), dtype=numpy.float32)
        starts = numpy.cumsum([0] + [len(words[n]) for n in spoken[:-1]])
        width, ours = len(self._classes), len(self.languages)
        sums = numpy.add.reduceat(rows.reshape(-1, width + ours + 2), starts, axis=0)
        roots = numpy.sqrt(numpy.maximum(sums[:, -2:], 1))
        logits = (sums[:, :width] + self._base) / roots[:, :1] + self._priors
        logits[:, :ours] += WORDS_WEIGHT * sums[:, width:-2] / roots[:, 1:]
        strange = self._presume(logits, [hints[n] for n in spoken]) if hints else {}
        chances = numpy.exp(logits - logits.max(axis=1, keepdims=True))
        chances /= chances.sum(axis=1, keepdims=True)
        best = chances[:, :ours].argmax(axis=1).tolist()
        for row, column in strange.items():
            if chances[row, column] > chances[row, best[row]]:
                best[row] = column
        for row, (n, column, said) in enumerate(zip(spoken, best, sums[:, -1].tolist(), strict=True)):
            if said:
                answers[n] = self._classes[column], float(chances[row, column])
        return answers

    def _presume(self, logits, hints):
        """Move the hinted languages ahead; {row: column} of those that are not configured."""
        strange = {}
        for row, hint in enumerate(hints):
            code = hint.replace("_", "-").partition("-")[0].lower() if hint else ""
            if code in self._classes:
                column = self._classes.index(code)
                logits[row, column] += AHEAD - self._priors[column]
                if column >= len(self.languages):
                    strange[row] = column
        return strange

    def _rows_of(self, words):
        """Word → what it says as the bytes of a row: for each class the score, for each configured language whether it
        is a function word of it, how many bytes it has, and 1 if it says anything."""
        import numpy

        known = self._known
        found = {word: known.get(word) for word in words}
        new = [word for word, row in found.items() if row is None]
        if not new:
            return found
        width, ours = len(self._classes), self.languages
        rows = numpy.zeros((len(new), width + len(ours) + 2), dtype=numpy.float32)
        features, starts, telling = [], [], []
        for number, word in enumerate(new):
            if not word or INTERJECTIONS.fullmatch(word):
                continue
            # A lone surrogate is no character of any language: it becomes "?".
            data = word.encode("utf-8", "replace") + b" "
            rows[number, -2:] = len(data), word not in "¿¡"
            for part in {word, *word.replace("’", "'").split("'")}:
                for language in _FUNCTION.get(part, ()):
                    if language in ours:
                        rows[number, width + ours.index(language)] += 1
            begin = len(features)
            features += [f for state in self._walk(self._start, data) if (f := self._features[state]) >= 0]
            if len(features) > begin:
                starts.append(begin)
                telling.append(number)
        if telling:
            rows[telling, :width] = numpy.add.reduceat(self._scores[features], starts, axis=0)
        for word, row in zip(new, rows, strict=True):
            found[word] = row.tobytes()
        if len(known) + len(new) > _ROOM:
            known.clear()
        known.update((word, found[word]) for word in new)
        return found

    def _walk(self, state, data):
        """The states of the automaton after each byte."""
        moves, rows = self._moves, self._rows
        return [state := moves[(rows[state] << 8) + byte] for byte in data]


_detectors = {}
_lock = threading.Lock()


def detector(languages=LANGUAGES):
    """The Detector that this process shares, loaded by whoever needs it first."""
    languages = tuple(languages)
    found = _detectors.get(languages)
    if found is None:
        with _lock:
            found = _detectors.get(languages)
            if found is None:
                found = _detectors[languages] = Detector(languages)
    return found
