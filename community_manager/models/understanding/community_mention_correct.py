from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from .community_label import OURS, THEIRS
from .community_mention import CORRECTABLE
from .words import words_of

#: field of a mention that holds each kind of value
FIELD = {"sentiment": "sentiment", "intents": "intent_ids", "language": "language"}
#: what a feeling counts once a person has said it: there is no doubt left to weigh it with
SCORE = {"negative": -1.0, "neutral": 0.0, "positive": 1.0}
#: what only the analysis and the buttons write
OWN = frozenset(
    "analysed analysis analysis_due corrected copy_of_id is_namesake namesake_state sentiment_score".split()
)


class CommunityMention(models.Model):
    """People correct what was understood: their word stays, and is learned from."""

    _inherit = "community.mention"

    namesake_state = fields.Char(readonly=True, copy=False, help="The state to go back to if it is about us after all.")

    def write(self, vals):
        if self.env.su:
            return super().write(vals)
        if not OWN.isdisjoint(vals):
            raise AccessError(self.env._("What the analysis notes is not changed by hand: correct the value itself."))
        kinds = [kind for kind, name in FIELD.items() if name in vals]
        if not kinds:
            return super().write(vals)
        judged = self._judged()
        before = {kind: judged._values_of(kind) for kind in kinds}
        result = super().write(vals)
        for kind in kinds:
            judged._note_correction(kind, before[kind])
        return result

    # -- values as codes -------------------------------------------------------------------------------------------

    def _value_of(self, kind):
        """Return what stands in this mention as a code, several between commas.

        :param str kind: one of CORRECTABLE
        """
        if kind == "intents":
            return ",".join(sorted(self.intent_ids.mapped("code")))
        return self[FIELD[kind]] or ""

    def _values_of(self, kind):
        return {mention.id: mention._value_of(kind) for mention in self}

    def _certainty(self, kind):
        """Return how certain the analysis was, 0 to 1; 0 where it said nothing."""
        certainty = (self.analysis or {}).get(kind) or 0.0
        return min(certainty.values(), default=0.0) if isinstance(certainty, dict) else certainty

    @api.model
    def _value_name(self, kind, value):
        """Return a value as people say it.

        :param str kind: one of CORRECTABLE
        :param str value: as :meth:`_value_of` gives it
        """
        if not value:
            return self.env._("None") if kind == "intents" else self.env._("Undetermined")
        if kind == "sentiment":
            return dict(self._fields["sentiment"]._description_selection(self.env)).get(value, value)
        if kind == "language":
            return self._language_name(value)
        intents = self.env["community.intent"].search([("code", "in", value.split(","))])
        return ", ".join(intents.mapped("name"))

    # -- buttons ---------------------------------------------------------------------------------------------------

    def action_set_sentiment(self, value):
        """Say which feeling is in these mentions.

        :param str value: "negative", "neutral" or "positive"
        """
        if value not in SCORE:
            raise UserError(self.env._("There is no such feeling."))
        return self._correct("sentiment", value)

    def action_set_language(self, code):
        """Say which language these mentions are in.

        :param str code: ISO 639-1
        """
        if not isinstance(code, str) or not (code.isascii() and code.isalpha() and code.islower() and len(code) == 2):
            raise UserError(self.env._("There is no such language."))
        return self._correct("language", code)

    def action_set_intent(self, code, wanted=True):
        """Say that an intent is, or is not, in these mentions.

        :param str code: of a ``community.intent``
        :param bool wanted: whether it is there
        """
        if not self.env["community.intent"].search_count([("code", "=", code)], limit=1):
            raise UserError(self.env._("There is no such intent."))
        for mention in self:
            codes = set(filter(None, mention._value_of("intents").split(",")))
            codes = codes | {code} if wanted else codes - {code}
            mention._correct("intents", ",".join(sorted(codes)))
        return True

    def action_spam(self):
        """These mentions are spam."""
        return self.action_set_intent("spam")

    def action_withdraw(self, kind):
        """Take back what one said of these mentions; managers take back what others said too.

        :param str kind: one of CORRECTABLE
        """
        self.check_access("write")
        domain = [("mention_id", "in", self.ids), ("kind", "=", kind)]
        if not self.env.user.has_group("community_manager.group_manager"):
            domain.append(("user_id", "=", self.env.uid))
        labels = self.env["community.label"].sudo().search(domain)
        if not labels:
            raise UserError(self.env._("Somebody else has said this: only they or a community manager take it back."))
        labels.unlink()
        self._settle_correction(kind)
        return True

    def action_not_about_us(self):
        """Take mentions about a namesake out of view, and offer words that keep others out."""
        theirs = self._judged().filtered(lambda mention: not mention.is_namesake)
        for mention in theirs:
            mention.sudo().write({"is_namesake": True, "namesake_state": mention.state})
        theirs.write({"state": "ignored"})
        self.env["community.label"]._keep(
            theirs, "relevance", dict.fromkeys(theirs.ids, THEIRS), dict.fromkeys(theirs.ids, OURS)
        )
        theirs._log_sentence(self.env._("Not about us: out of view."))
        if self.env.user.has_group("community_manager.group_manager") and self.topic_ids:
            return self.env["community.namesake"]._open(self.topic_ids, self)
        return True

    def action_about_us(self):
        """These mentions are about us after all: back to where they were."""
        ours = self._judged().filtered("is_namesake")
        for mention in ours:
            # who has reopened it since then has decided
            if mention.state == "ignored":
                mention.write({"state": mention.namesake_state or "open"})
            mention.sudo().write({"is_namesake": False, "namesake_state": False})
        self.env["community.label"]._keep(
            ours, "relevance", dict.fromkeys(ours.ids, OURS), dict.fromkeys(ours.ids, THEIRS)
        )
        ours._log_sentence(self.env._("About us after all."))
        return True

    # -- work ------------------------------------------------------------------------------------------------------

    def _judged(self):
        """Return those of these mentions that can be judged: what others wrote and is still there.

        :raises UserError: there is none
        """
        self.check_access("write")
        judged = self.filtered(lambda mention: not (mention.deleted_at or mention.outgoing))
        if self and not judged:
            raise UserError(self.env._("Only what others wrote, and what is still there, can be judged."))
        return judged

    def _correct(self, kind, value):
        """Set a value by hand.

        :param str kind: one of CORRECTABLE
        :param str value: as :meth:`_value_of` gives it
        :raises UserError: nothing of this can be judged
        """
        mentions = self._judged()
        before = mentions._values_of(kind)
        if kind == "intents":
            values = {"intent_ids": self._intent_command(value)}
        else:
            values = {FIELD[kind]: value}
        mentions.sudo().write(values)
        mentions._note_correction(kind, before)
        return True

    def _note_correction(self, kind, before):
        """Keep the labels of values that were just set by hand; no analysis changes these any more.

        :param dict before: ``{mention id: value}`` that stood there
        """
        values = self._values_of(kind)
        for mention in self:
            corrected = [entry for entry in CORRECTABLE if entry == kind or entry in (mention.corrected or ())]
            noted = {"corrected": corrected}
            if kind == "sentiment":
                noted["sentiment_score"] = SCORE.get(values[mention.id], 0.0)
            mention.sudo().write(noted)
        self.env["community.label"]._keep(self, kind, values, before)
        for (old, new), changed in self.grouped(lambda mention: (before[mention.id], values[mention.id])).items():
            if old != new:
                changed._log_sentence(
                    self.env._(
                        "%(what)s: %(before)s → %(after)s",
                        what=self._kind_name(kind),
                        before=self._value_name(kind, old),
                        after=self._value_name(kind, new),
                    )
                )

    def _settle_correction(self, kind):
        """After labels have gone: the last word that is left counts, else the analysis has its say again."""
        left = self.env["community.label"]._latest(self)
        for mention in self.sudo():
            label = left.get((mention.id, kind))
            if label:
                mention.write(mention._label_values(label))
            else:
                mention.corrected = [entry for entry in mention.corrected or () if entry != kind] or False
        free = self.filtered(lambda mention: (mention.id, kind) not in left)
        free.sudo()._read_again()

    def _read_again(self):
        """Have the first pass read these mentions at once, and the second one soon."""
        analyst = self.env["community.analyst"].sudo()
        for company, mentions in self.grouped("company_id").items():
            texts = [words_of(mention) for mention in mentions]
            languages = [
                mention.language or "" if "language" in (mention.corrected or ()) else "" for mention in mentions
            ]
            for mention, reading in zip(mentions, analyst._try_read(company, texts, languages), strict=True):
                if reading:
                    mention.write(analyst._values(reading, mention.outgoing, False, mention.corrected))
        analyst._reanalyse(self)

    def _label_values(self, label):
        if label.kind == "intents":
            return {"intent_ids": self._intent_command(label.value)}
        values = {FIELD[label.kind]: label.value or False}
        return values | ({"sentiment_score": SCORE.get(label.value, 0.0)} if label.kind == "sentiment" else {})

    @api.model
    def _intent_command(self, value):
        return [fields.Command.set(self.env["community.intent"].search([("code", "in", value.split(","))]).ids)]

    @api.model
    def _kind_name(self, kind):
        return dict(self.env["community.label"]._fields["kind"]._description_selection(self.env))[kind]

    def _log_sentence(self, sentence):
        """Note a sentence on each mention, under the name of who did it."""
        if self:
            self.sudo()._message_log_batch(bodies=dict.fromkeys(self.ids, sentence))

    def _erase_content(self, when=None):
        # what people said of the text goes with the text
        self.env["community.label"].sudo().search([("mention_id", "in", self.ids)]).unlink()
        return super()._erase_content(when)
