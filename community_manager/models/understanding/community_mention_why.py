import re
from datetime import datetime

from babel.dates import format_skeleton

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools.misc import babel_locale_parse

from .words import words_of

#: White space, which HTML may add, join or drop: places are counted without it.  The same set as in the client.
_BLANK = re.compile("[\\s\ufeff]+")
#: nothing is ever certain
MOST_CERTAIN = 99


class CommunityMention(models.Model):
    """What the chips of a mention show, and why."""

    _inherit = "community.mention"

    def _conversation_entry(self, depth, current):
        entry = super()._conversation_entry(depth, current)
        if current:
            entry["understood"] = self.get_understood()
        return entry

    @api.readonly
    def get_understood(self):
        """Return what was understood of this mention, where that comes from, and what can be said instead.

        :rtype: dict
        """
        self.ensure_one()
        self.check_access("read")
        labels = self.env["community.label"]._latest(self)
        intents = self.env["community.intent"].search([])
        certain = (self.analysis or {}).get("intents") or {}
        judged = not (self.deleted_at or self.outgoing)
        return {
            "id": self.id,
            "shown": not self.deleted_at and bool(self.language or self.analysed or self.corrected or judged),
            "judged": judged,
            "may_correct": judged and self.has_access("write"),
            "is_namesake": self.is_namesake,
            "corrected": [kind for kind in self.corrected or () if (self.id, kind) in labels],
            "mine": [kind for kind in self.corrected or () if self._is_mine(labels.get((self.id, kind)))],
            "language": {
                "code": self.language or "",
                "name": self._value_name("language", self.language),
                "hint": self._chip_hint("language", labels, (self.analysis or {}).get("language")),
            },
            "sentiment": {
                "code": self.sentiment or "",
                "name": self._value_name("sentiment", self.sentiment),
                "hint": self._chip_hint("sentiment", labels, (self.analysis or {}).get("sentiment")),
            },
            "intents": [
                {
                    "code": intent.code,
                    "name": intent.name,
                    "hint": self._chip_hint("intents", labels, certain.get(intent.code)),
                }
                for intent in self.intent_ids
            ],
            "intents_hint": self._chip_hint("intents", labels, None),
            "feelings": self._fields["sentiment"]._description_selection(self.env),
            "languages": self._language_choices(),
            "choices": [(intent.code, intent.name) for intent in intents],
        }

    @api.readonly
    def get_why(self, what):
        """Return the words of this mention that weighed most for a feeling or an intent.

        Places are counted in UTF-16 units, as browsers count, and without white space, so that they hold for the text
        as it is shown, whatever HTML makes of its lines.

        :param str what: "negative", "positive", or the code of an intent
        :returns: dict with ``places``, a list of [start, end, share], the share from -1 to 1 of the heaviest word
            (below 0 it speaks against), ``words`` that speak for it, and whether the title counts as the ``title``
        """
        from ...analysis.engine import INTENTS

        self.ensure_one()
        self.check_access("read")
        if what not in ("negative", "positive", *INTENTS):
            raise UserError(self.env._("There is no such feeling or intent."))
        if self.deleted_at:
            return {"places": [], "words": [], "title": False}
        text = words_of(self)
        analyst = self.env["community.analyst"].sudo()._analyst(self.company_id)
        weighed = analyst.why(text, self.language or "", what)
        heaviest = max((abs(weight) for _start, _end, weight in weighed), default=0.0) or 1.0
        spans = [(start, end, round(weight / heaviest, 2)) for start, end, weight in sorted(weighed)]
        return {
            "places": _places(text, spans),
            "words": list(dict.fromkeys(text[start:end] for start, end, share in spans if share > 0)),
            "title": bool(self.title) and self.kind != "comment",
        }

    # -- words for people ------------------------------------------------------------------------------------------

    def _is_mine(self, label):
        return bool(label) and label.user_id.id == self.env.uid

    def _chip_hint(self, kind, labels, certainty):
        """Return who set a value, or how certain the analysis is of it and which pass and version says so."""
        label = labels.get((self.id, kind))
        if label and kind in (self.corrected or ()):
            return self.env._("Set by %(who)s, %(day)s", who=label.user_id.name, day=self._day(label.labelled_at))
        if not self.analysis:
            return (
                self.env._("Told by the network")
                if kind == "language" and self.language
                else self.env._("Not analysed yet")
            )
        passed = dict(self._fields["analysed"]._description_selection(self.env)).get(self.analysis.get("pass"), "")
        source = " · ".join(filter(None, [passed, self.analysis.get("version")]))
        if not certainty:
            return source
        percent = min(MOST_CERTAIN, round(certainty * 100))
        return self.env._("%(percent)s %% certain · %(where)s", percent=percent, where=source)

    def _day(self, moment):
        """Return a day as people say it: "3 March", with the year if it is another one."""
        local = fields.Datetime.context_timestamp(self, moment)
        skeleton = "MMMMd" if local.year == datetime.now(local.tzinfo).year else "yMMMMd"
        return format_skeleton(skeleton, local, locale=babel_locale_parse(self.env.lang))

    @api.model
    def _language_name(self, code):
        """Return the name of a language in the reader's language."""
        name = babel_locale_parse(self.env.lang).languages.get(code)
        return name[:1].upper() + name[1:] if name else code

    @api.model
    def _language_choices(self):
        from ...analysis.language import LANGUAGES

        return sorted(((code, self._language_name(code)) for code in LANGUAGES), key=lambda choice: choice[1])


def _places(text, spans):
    """Return spans of a text counted as browsers count, in UTF-16 units, and without white space.

    :param str text: as it was analysed
    :param spans: (start, end, share) in code points, which may overlap
    :returns: list of [start, end, share]; what holds nothing but white space is left out

    >>> _places("¡Qué 😡 mal!", [(5, 6, 1.0), (7, 10, 0.5)])
    [[4, 6, 1.0], [6, 9, 0.5]]
    """
    counted, position, at = 0, 0, {}
    for place in sorted({place for start, end, _share in spans for place in (start, end)}):
        counted += _units(text[position:place])
        position = place
        at[place] = counted
    return [[at[start], at[end], share] for start, end, share in spans if at[start] < at[end]]


def _units(text):
    visible = _BLANK.sub("", text)
    return len(visible) + sum(char > "\uffff" for char in visible)
