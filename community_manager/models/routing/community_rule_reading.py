from dataclasses import replace

from odoo import api, fields, models


class CommunityRule(models.Model):
    """Rules by what was understood of a mention as it came in: its feeling, what its writer wants, its language.

    A second pass, or a person, may read a mention otherwise later; rules are not asked again then.
    """

    _name = "community.rule"
    _inherit = ["community.rule", "community.languages"]

    sentiment = fields.Selection(
        [("negative", "Negative"), ("neutral", "Neutral"), ("positive", "Positive")], string="Feeling"
    )
    intent_ids = fields.Many2many(
        "community.intent",
        "community_rule_intent_rel",
        "rule_id",
        "intent_id",
        string="Wanting one of these",
        ondelete="restrict",
    )

    @api.constrains("sentiment", "intent_ids", "languages")
    def _check_reading(self):
        self._check_condition()

    def _condition_words(self):
        feelings = dict(self._fields["sentiment"]._description_selection(self.env))
        words = [
            feelings.get(self.sentiment, ""),
            ", ".join(self.intent_ids.mapped("name")),
            ", ".join(sorted(self._language_codes())),
        ]
        return super()._condition_words() + [word for word in words if word]

    def _to_plain(self):
        rule = super()._to_plain()
        return replace(
            rule,
            condition=replace(
                rule.condition,
                sentiment=self.sentiment or "",
                intents=frozenset(self.intent_ids._origin.ids),
                languages=self._language_codes(),
            ),
        )
