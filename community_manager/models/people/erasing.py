"""Taking a person out of texts that others wrote: plain Python, without records."""

import re

#: what stands where somebody was named
GAP = "…"
#: words that are too short to be looked for: they stand in every text
SHORTEST = 3
#: characters from which a line that repeats what somebody said is taken for a quotation
QUOTED = 12


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
        self.said = [text for text in (_plain(one) for one in said if one) if len(text) >= QUOTED]
        names = "|".join(re.escape(word).replace(r"\ ", r"\s+") for word in self.words)
        self._names = re.compile(rf"(?<![^\W_])(?:{names})(?![^\W_])", re.IGNORECASE) if names else None

    def also_said(self, texts):
        """Return an identity with more texts of the person."""
        other = Identity(self.words)
        other.said = [*self.said, *(text for text in (_plain(one) for one in texts if one) if len(text) >= QUOTED)]
        return other

    def names(self, text):
        """Return whether a text names the person."""
        return bool(text and self._names and self._names.search(text))

    def scrub(self, text):
        """Return a text without the lines that repeat what the person said, and without the words that name them."""
        if not text:
            return text
        kept = []
        for line in text.split("\n"):
            plain = _plain(line.strip().rstrip(GAP))
            quoted = len(plain) >= QUOTED and any(plain in said or said in plain for said in self.said)
            kept.append(GAP if quoted else line)
        text = "\n".join(kept)
        return self._names.sub(GAP, text) if self._names else text

    def scrub_all(self, value):
        """Return data as of JSON with every text in it scrubbed; keys stay."""
        if isinstance(value, str):
            return self.scrub(value)
        if isinstance(value, dict):
            return {key: self.scrub_all(entry) for key, entry in value.items()}
        if isinstance(value, list):
            return [self.scrub_all(entry) for entry in value]
        return value


def _plain(text):
    """Return a text for comparison: without differences of case and space."""
    return " ".join(str(text).casefold().split())
