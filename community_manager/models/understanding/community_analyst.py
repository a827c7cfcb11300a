import logging

from odoo import api, fields, models

_logger = logging.getLogger(__name__)


class CommunityAnalyst(models.AbstractModel):
    """From texts to what is understood of them: the records side of the analysis."""

    _name = "community.analyst"
    _description = "Analysis of Mentions"

    @api.model
    def _analyst(self, company):
        """Return the :class:`~...analysis.engine.Analyst` of a company, loaded when it is first needed.

        :param company: ``res.company``
        """
        from ...analysis.engine import analyst

        return analyst()

    @api.model
    def _read(self, company, texts, hints=()):
        """Return a :class:`~...analysis.engine.Reading` of each text, by the first pass.

        :param hints: for each text the language that its network told, or ""
        """
        return self._analyst(company).read(texts, hints)

    @api.model
    def _values(self, reading):
        """Return the values of a mention for a reading.

        :param reading: :class:`~...analysis.engine.Reading`
        """
        intents = self.env["community.intent"]._by_code()
        return {
            "language": reading.language or False,
            "sentiment": reading.sentiment or False,
            "sentiment_score": reading.score,
            "intent_ids": [fields.Command.set([intents[code] for code in reading.intents if code in intents])],
            "analysed": reading.passed,
            "analysis": {
                "pass": reading.passed,
                "version": reading.version,
                "language": round(reading.language_confidence, 3),
                "sentiment": round(reading.sentiment_confidence, 3),
                "intents": {code: round(certainty, 3) for code, certainty in reading.intents.items()},
            },
        }

    @api.model
    def _cron_deepen(self):
        """Analyse what waits, in batches, until nothing does or the time of this run is used up."""

    @api.model
    def _deepen(self, mentions, readings):
        """Do what follows from reading mentions once more; extended by whatever keeps something of their words.

        :param mentions: ``community.mention`` records of one company
        :param readings: a :class:`~...analysis.engine.Reading` of each
        """

    @api.model
    def _reanalyse(self, mentions):
        """Analyse mentions anew; what people corrected stays."""
