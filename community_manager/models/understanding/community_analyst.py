import logging
import time

import psycopg2

from odoo import api, fields, models

from .words import words_of

_logger = logging.getLogger(__name__)

#: seconds between two lines of the log that say the same trouble
QUIET_FOR = 300.0
#: any analysis that works reads this without trouble
PROBE = "ok"

#: what is empty in a mention that nothing was read in
UNREAD = {
    "sentiment": False,
    "sentiment_score": 0.0,
    "intent_ids": [fields.Command.clear()],
    "analysed": False,
    "analysis": False,
}
#: the fields that a correction concerns
CORRECTED = {"sentiment": ("sentiment", "sentiment_score"), "intents": ("intent_ids",), "language": ("language",)}

#: when trouble was last told, by database and company
_told = {}


class CommunityAnalyst(models.AbstractModel):
    """From texts to what is understood of them: the records side of the analysis.

    The first pass is part of ingest.  Whatever goes wrong in it, listening goes on: mentions are then stored without
    it, and wait for the second pass.
    """

    _name = "community.analyst"
    _description = "Analysis of Mentions"

    @api.model
    def _analyst(self, company):
        """Return the :class:`~...analysis.engine.Analyst` of a company, loaded when it is first needed.

        :param company: ``res.company``
        """
        # here and not above: a process that analyses nothing loads no library of the analysis
        from ...analysis.engine import analyst

        return analyst()

    @api.model
    def _read(self, company, texts, hints=(), extras=True):
        """Return a :class:`~...analysis.engine.Reading` of each text, by the first pass.

        A text that breaks the analysis has None and stops nobody.

        :param company: ``res.company``
        :param list texts: str
        :param hints: for each text the language that its network told, or ""
        :param bool extras: False leaves out tags, links and what copies are found by
        :raises Exception: whatever is wrong with the analysis itself, such as a library that is missing
        """
        analyst = self._analyst(company)
        hints = list(hints) or [""] * len(texts)
        return each_apart(
            lambda places: analyst.read([texts[at] for at in places], [hints[at] for at in places], extras),
            len(texts),
            probe=lambda: analyst.read([PROBE], [""]),
        )

    @api.model
    def _try_read(self, company, texts, hints=(), extras=True):
        """Return what :meth:`_read` does, or None for every text where there is something wrong with the analysis."""
        try:
            return self._read(company, texts, hints, extras)
        except psycopg2.Error:
            raise  # not the fault of the analysis: the transaction is replayed or given up as a whole
        except Exception as error:  # noqa: BLE001 - whatever is wrong, listening goes on
            self._tell(company, error)
            return [None] * len(texts)

    @api.model
    def _languages(self, company, texts, hints):
        """Return the language of each text, or ""; where the analysis does not work, what its network told.

        :param company: ``res.company``
        :param list texts: str
        :param hints: for each text the language that its network told, or ""
        """
        hints = [_hint(hint) for hint in hints]
        readings = self._try_read(company, texts, hints)
        return [reading.language if reading else hint for reading, hint in zip(readings, hints, strict=True)]

    @api.model
    def _tell(self, company, error):
        """Write trouble with the analysis to the log, unless that was just done."""
        key, now = (self.env.cr.dbname, company.id), time.monotonic()
        if now - _told.get(key, -QUIET_FOR) >= QUIET_FOR:
            _told[key] = now
            _logger.warning("mentions of company %s are stored without analysis: %r", company.id, error, exc_info=True)

    @api.model
    def _fill(self, company, vals_list):
        """Put what the first pass reads into the values of mentions that are about to be stored.

        Of what we wrote ourselves only the language counts.

        :param company: ``res.company`` of all of them
        :param vals_list: dicts with ``title``, ``text``, ``kind``, ``language`` and ``outgoing``; changed in place
        """
        if not vals_list:
            return
        texts = [words_of(values) for values in vals_list]
        hints = [_hint(values["language"]) for values in vals_list]
        for values, reading in zip(vals_list, self._try_read(company, texts, hints, False), strict=True):
            if reading:
                values.update(self._values(reading, values["outgoing"], values["language"]))

    @api.model
    def _fill_edits(self, company, changes):
        """Put what the first pass reads into the new values of mentions whose text was edited.

        What people corrected stays.  Where the analysis does not work, what was read in the earlier text goes.

        :param company: ``res.company`` of all of them
        :param changes: list of (mention, dict of new values, language that the network told); the dicts are changed
        """
        edits = [(mention, values, told) for mention, values, told in changes if "text" in values]
        if not edits:
            return
        rows = [{"kind": mention.kind, "title": vals["title"], "text": vals["text"]} for mention, vals, _told in edits]
        hints = [_hint(told) for _mention, _values, told in edits]
        readings = self._try_read(company, [words_of(row) for row in rows], hints, False)
        for (mention, values, told), reading in zip(edits, readings, strict=True):
            values.update(
                self._values(reading, mention.outgoing, told, mention.corrected)
                if reading
                else without(UNREAD, mention.corrected)
            )
            values["analysis_due"] = True
        mentions = self.env["community.mention"].union(*(mention for mention, _values, _told in edits))
        mentions._leave_copies()
        mentions.fetch(["intent_ids"])  # at once, not one by one as each is written

    @api.model
    def _values(self, reading, outgoing=False, told=False, corrected=()):
        """Return the values of a mention for a reading.

        :param reading: :class:`~...analysis.engine.Reading`
        :param bool outgoing: it is our own writing, of which only the language matters
        :param told: language that the network told, which stands where the text itself says nothing
        :param corrected: what people set by hand, which is left out
        """
        version = {"pass": reading.passed, "version": reading.version}
        told = _hint(told) or told
        if told:
            version["told"] = told
        values = {"analysed": reading.passed}
        if outgoing:
            values |= {"language": reading.language or told or False}
            values |= {"analysis": {**version, "language": round(reading.language_confidence, 3)}}
            return without(values, corrected)
        intents = self.env["community.intent"]._by_code()
        values |= {
            "language": reading.language or told or False,
            "sentiment": reading.sentiment or False,
            "sentiment_score": round(reading.score, 3),
            "intent_ids": [fields.Command.set([intents[code] for code in reading.intents if code in intents])],
            "analysis": {
                **version,
                "language": round(reading.language_confidence, 3),
                "sentiment": round(reading.sentiment_confidence, 3),
                "intents": {code: round(certainty, 3) for code, certainty in reading.intents.items()},
            },
        }
        return without(values, corrected)


def without(values, corrected):
    """Return values of a mention without those that people set by hand.

    :param corrected: list of ``"sentiment"``, ``"intents"``, ``"language"``, or nothing
    """
    kept = {name for what in corrected or () for name in CORRECTED.get(what, ())}
    return {name: value for name, value in values.items() if name not in kept}


def each_apart(work, count, probe):
    """Return what ``work`` makes of each of some texts, with None for those that break it.

    :param work: function of a list of places to a list of answers
    :param int count: how many texts there are
    :param probe: function that raises where it is not the texts' fault
    """
    places = list(range(count))
    try:
        return list(work(places)) if places else []
    except psycopg2.Error:
        raise
    except Exception:
        probe()
        _logger.warning("a text breaks the analysis; each is read by itself", exc_info=True)
    answers = []
    for place in places:
        try:
            answers += work([place])
        except psycopg2.Error:
            raise
        except Exception:
            _logger.exception("a text cannot be analysed")
            answers.append(None)
    return answers


def _hint(language):
    """Return the ISO 639-1 code in what a network calls a language ("es-MX", "pt_BR"), or ""."""
    code = (language or "").replace("_", "-").split("-")[0].lower()
    return code if len(code) == 2 else ""
