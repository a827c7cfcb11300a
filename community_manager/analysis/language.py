"""Which language a text is in."""

import functools
import re
import threading

LANGUAGES = ("es", "en", "pt", "fr", "de", "it", "ca")
_NOISE = re.compile(r"(?:https?://|www\.)\S+|[@#]\S+")
_lock = threading.Lock()


class Detector:
    """Tells apart a few languages."""

    def __init__(self, languages=LANGUAGES):
        from py3langid.langid import MODEL_FILE, LanguageIdentifier

        self._identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
        self._identifier.set_languages(languages)

    def detect_many(self, texts, hints=()):
        """[(language or "", probability)] for each text."""
        answers = []
        for text in texts:
            words = _NOISE.sub(" ", text).strip()
            language, confidence = self._identifier.classify(words) if words else ("", 0.0)
            answers.append((language if confidence >= 0.5 else "", confidence))
        return answers


def detector(languages=LANGUAGES):
    """The Detector that this process shares."""
    with _lock:
        return _detector(tuple(languages))


_detector = functools.cache(Detector)
