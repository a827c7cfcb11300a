from dataclasses import replace

from odoo import api, fields, models

#: the steps of a person with us, each with its tick box, in their order
LIFECYCLES = ("community", "market", "prospect", "customer", "partner")


class CommunityRule(models.Model):
    """Rules by who wrote: where the person stands with us, and how much they are heard."""

    _inherit = "community.rule"

    life_community = fields.Boolean(string="Community", help="Talks about us; nothing else is known.")
    life_market = fields.Boolean(string="Market", help="A contact of ours who has not asked to buy anything.")
    life_prospect = fields.Boolean(string="Prospect", help="Has an open lead or opportunity, or a quotation.")
    life_customer = fields.Boolean(string="Customer", help="Has bought something.")
    life_partner = fields.Boolean(string="Partner", help="Works with us.")
    influence_min = fields.Integer(
        string="Influence, at least",
        help="How much the author is heard, 0 to 100, see Influence; 0: any. Who is new is not known yet.",
    )

    _influence = models.Constraint("CHECK (influence_min >= 0)", "Influence cannot be negative.")

    @api.constrains(*(f"life_{code}" for code in LIFECYCLES), "influence_min")
    def _check_who(self):
        self._check_condition()

    def _lifecycle_codes(self):
        return frozenset(code for code in LIFECYCLES if self[f"life_{code}"])

    def _condition_words(self):
        chosen = self._lifecycle_codes()
        names = [self._fields[f"life_{code}"]._description_string(self.env) for code in LIFECYCLES if code in chosen]
        words = [", ".join(names)]
        words.append(self.env._("influence from %d", self.influence_min) if self.influence_min else "")
        return super()._condition_words() + [word for word in words if word]

    def _to_plain(self):
        rule = super()._to_plain()
        who = {"lifecycles": self._lifecycle_codes(), "influence_min": float(self.influence_min)}
        return replace(rule, condition=replace(rule.condition, **who))

    @api.model
    def _more_facts(self, rows, ruleset, people):
        more = super()._more_facts(rows, ruleset, people)
        authors = self.env["community.author"].sudo()
        ids = sorted({row["author_id"] for row in rows} - {False})
        asked = {}
        if ruleset.reads_lifecycles:
            asked["lifecycle"] = authors.browse(ids)._lifecycles()
        if ruleset.reads_influence:
            figures = (
                self.env["community.influence"].sudo().search_fetch([("author_id", "in", ids)], ["author_id", "score"])
            )
            asked["influence"] = {figure.author_id.id: figure.score for figure in figures}
        if not asked:
            return more
        return [
            {**known, **{name: found[row["author_id"]] for name, found in asked.items() if row["author_id"] in found}}
            for row, known in zip(rows, more or [{}] * len(rows), strict=True)
        ]
