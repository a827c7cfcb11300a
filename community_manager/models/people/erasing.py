"""Taking a person out of texts that others wrote: plain Python, without records."""

import re

#: what stands where somebody was named
GAP = "…"
#: words that are too short to be looked for: they stand in every text
SHORTEST = 3
#: characters from which one word is looked for in everything that colleagues wrote
TELLING = 6
#: words in a row that are taken for a quotation, and the fewest that a short text has to have for that
QUOTED = 6
FEWEST = 3
#: a word, or what stands between words in HTML
TOKEN = re.compile(r"<[^>]*>|&#?\w+;|\w+")


class Identity:
    """The words that name a person, and what they said."""

    def __init__(self, words, said=()):
        """
        :param words: names, handles, addresses; the empty ones are left out
        :param said: texts of the person, of which a copy may stand elsewhere
        """
        found = {" ".join(str(word).split()) for word in words if word}
        #: longest first, so that the whole name goes before its parts
        self.words = sorted((word for word in found if len(word) >= SHORTEST), key=lambda word: (-len(word), word))
        names = "|".join(re.escape(word).replace(r"\ ", r"\s+") for word in self.words)
        self._names = re.compile(rf"(?<![^\W_])(?:{names})(?![^\W_])", re.IGNORECASE) if names else None
        #: runs of words of what the person said, by how many they are
        self._runs = {}
        self.vocabulary = set()
        for text in said:
            self._learn(text)

    def _learn(self, text):
        words = [token.casefold() for _start, _end, token in _tokens(text)]
        self.vocabulary |= set(words)
        size = min(len(words), QUOTED)
        if size >= FEWEST:
            runs = self._runs.setdefault(size, set())
            runs |= {tuple(words[start : start + size]) for start in range(len(words) - size + 1)}

    def telling(self):
        """Return the words that name this person and hardly anybody else: addresses, whole names, long handles."""
        return [word for word in self.words if "@" in word or " " in word or len(word) >= TELLING]

    def also_said(self, texts):
        """Return an identity with more texts of the person."""
        other = Identity(self.words)
        other.vocabulary = set(self.vocabulary)
        other._runs = {size: set(runs) for size, runs in self._runs.items()}
        for text in texts:
            other._learn(text)
        return other

    def names(self, text):
        """Return whether a text names the person."""
        return bool(text and self._names and self._names.search(text))

    def scrub(self, text):
        """Return a text without what repeats the person's own words, and without the words that name them.

        :param str text: plain, or HTML, whose tags stay
        """
        if not text:
            return text
        text = self._without_quotes(text)
        return self._names.sub(GAP, text) if self._names else text

    def _without_quotes(self, text):
        """Return a text without runs of words that the person said."""
        tokens = list(_tokens(text)) if self._runs else []
        words = [token.casefold() for _start, _end, token in tokens]
        covered = set()
        for size, runs in self._runs.items():
            for start in range(len(words) - size + 1):
                if tuple(words[start : start + size]) in runs:
                    covered.update(range(start, start + size))
        if not covered:
            return text
        # what lies between two covered words goes with them, unless it is a tag
        pieces, position = [], 0
        for index in sorted(covered):
            start, end, _token = tokens[index]
            between = text[position:start]
            follows = index - 1 in covered and "<" not in between
            pieces.append("" if follows else between + GAP)
            position = end
        return "".join(pieces) + text[position:]

    def scrub_all(self, value):
        """Return data as of JSON with every text in it scrubbed; keys stay."""
        if isinstance(value, str):
            return self.scrub(value)
        if isinstance(value, dict):
            return {key: self.scrub_all(entry) for key, entry in value.items()}
        if isinstance(value, list):
            return [self.scrub_all(entry) for entry in value]
        return value


def _tokens(text):
    """Yield (start, end, word) of the words of a text; HTML tags and entities are none."""
    for found in TOKEN.finditer(str(text or "")):
        word = found.group()
        if word[0] not in "<&":
            yield found.start(), found.end(), word
