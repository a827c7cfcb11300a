import zlib
from unittest.mock import patch

from odoo.addons.community_manager.analysis.engine import Reading
from odoo.addons.community_manager.models.understanding import community_analyst

from .common import CommunityCase

__all__ = ["Plain", "UnderstandingCase"]


class Plain:
    """An analyst that tests can foresee: "good" is praise, "bad" a complaint, "maybe" undetermined."""

    version = "plain"

    def __init__(self, deep="", breaks_on="", broken=None):
        """
        :param str deep: the embedding that is installed, or ""
        :param str breaks_on: a text with this breaks the analysis
        :param broken: an exception that every reading raises
        """
        self.deep, self.breaks_on, self.broken = deep, breaks_on, broken
        self.batches, self.deep_batches, self.hints = [], [], []

    def read(self, texts, hints=(), extras=True):
        self.batches.append(list(texts))
        self.hints.append(list(hints))
        return [self._reading(text, hint) for text, hint in zip(texts, hints or [""] * len(texts), strict=True)]

    def deep_available(self):
        return self.deep

    def read_deep(self, texts, readings):
        self.deep_batches.append(list(texts))
        made = [self._reading(text, reading.language) for text, reading in zip(texts, readings, strict=True)]
        for reading in made:
            reading.passed, reading.score = "deep", reading.score * 0.9
        return made

    def _reading(self, text, hint):
        if self.broken:
            raise self.broken
        if self.breaks_on and self.breaks_on in text:
            raise ValueError("unreadable")
        words = text.lower().split()
        score = float("good" in words) - float("bad" in words)
        sentiment = {1.0: "positive", -1.0: "negative"}.get(score, "" if "maybe" in words else "neutral")
        intents = {"praise": 0.8} if score > 0 else {"complaint": 0.9, "risk": 0.6} if score < 0 else {}
        language = hint or ("es" if "hola" in words else "")
        return Reading(
            language=language,
            language_confidence=0.9,
            sentiment=sentiment,
            score=score,
            sentiment_confidence=0.7,
            intents=intents,
            bands=_bands(words),
            version=self.version,
        )


def _bands(words):
    """Return 16 numbers of which texts share some when they share most of their words."""
    if len(words) < 4:
        return None
    return tuple(
        min(zlib.crc32(f"{number} {word}".encode()) for word in words) - 2**31 if words else 0 for number in range(16)
    )


class UnderstandingCase(CommunityCase):
    """Mentions that are analysed foreseeably."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # what another test database brings does not wait here
        cls.env["community.mention"].search([("analysis_due", "=", True)]).analysis_due = False
        cls.env["community.fingerprint"].search([]).unlink()
        cls.channel = cls.make_channel()

    def setUp(self):
        super().setUp()
        self.analyst = self.use(Plain())
        community_analyst._told.clear()

    def use(self, analyst):
        """Let this one analyse until the end of the test, or until another is used."""
        model = self.registry["community.analyst"]
        patcher = patch.object(model, "_analyst", lambda _self, _company: analyst)
        patcher.start()
        self.addCleanup(patcher.stop)
        self.analyst = analyst
        return analyst

    def said(self, text, name=None, **values):
        """Store one post that is addressed to us and return its mention."""
        name = name or f"post {len(self.mentions(self.channel))}"
        self.ingest(self.channel, self.item(name, text, **{"origin": "own", **values}))
        return self.mentions(self.channel, external_id=name)

    def deepen(self):
        """Run the second pass and return what it does: (done, more)."""
        self.env.flush_all()
        result = self.env["community.analyst"]._deepen_waiting()
        self.env.invalidate_all()
        return result
