from odoo import api, fields, models
from odoo.tools import SQL
from odoo.tools.misc import formatLang

from ...analysis.uplift import shares


class CommunityCampaign(models.Model):
    """The results of a campaign, on its form."""

    _inherit = "community.campaign"

    result_days = fields.Integer(
        "Counts for (days)",
        default=30,
        tracking=True,
        help="What people buy or say so many days after they came into the campaign counts for it.",
    )
    result_ids = fields.One2many("community.campaign.result", "campaign_id", string="Results", readonly=True)
    result_frozen_at = fields.Datetime("Results frozen", readonly=True, copy=False)
    result_text = fields.Text(compute="_compute_result_text", string="What it did")

    _result_days_positive = models.Constraint(
        "CHECK (result_days > 0 AND result_days <= 3650)",
        "Results count for at least one day, and for ten years at most.",
    )

    def write(self, vals):
        if vals.get("state") in ("draft", "running", "paused"):
            vals = {"result_frozen_at": False, **vals}  # it goes on: what was final is not
        return super().write(vals)

    @api.depends("result_ids.figures", "result_ids.people", "result_ids.excess")
    @api.depends_context("lang")
    def _compute_result_text(self):
        for campaign in self:
            campaign.result_text = "\n".join(campaign._result_sentences())

    def _result_sentences(self):
        """Return what the results say, as sentences in the language of the reader."""
        self.ensure_one()
        treated = self.result_ids.filtered(lambda one: one.group == "all")[:1]
        if not treated:
            return [self.env._("Results are counted once the campaign runs.")]
        sentences = [treated.sentence]
        variants = self.result_ids.filtered(lambda one: one.group == "variant" and one.people)
        if len(variants) > 1:
            sentences.append(self._variants_sentence(variants))
        if treated.touched:
            sentences.append(
                self.env._(
                    "%(excess)s of %(touched)s contacted people (%(share)s%%) were contacted too much.",
                    excess=treated.excess,
                    touched=treated.touched,
                    share=formatLang(self.env, 100 * treated.excess_rate, digits=1),
                )
            )
        return sentences

    def _variants_sentence(self, variants):
        """Return whether one variant makes more people buy, or answer where nobody bought, than the next best."""
        name = "bought" if any(variants.mapped("bought")) else "answered"
        ranked = variants.sorted(lambda one: one[name] / one.people, reverse=True)
        best, other = ranked[0], ranked[1]
        found = shares(best[name], best.people, other[name], other.people)
        words = {"best": best.variant_id.name, "other": other.variant_id.name}
        if found.verdict == "unclear":
            return self.env._("Between the variants %(best)s and %(other)s there are too few people to tell.", **words)
        words["low"] = formatLang(self.env, 100 * found.low, digits=1)
        words["high"] = formatLang(self.env, 100 * found.high, digits=1)
        if name == "bought":
            return self.env._(
                "Variant %(best)s makes more people buy than %(other)s: of a hundred between %(low)s and %(high)s "
                "more.",
                **words,
            )
        return self.env._(
            "Variant %(best)s makes more people answer than %(other)s: of a hundred between %(low)s and %(high)s more.",
            **words,
        )

    def action_results(self):
        """Open the results of these campaigns."""
        action = self.env["ir.actions.act_window"]._for_xml_id("community_manager.action_campaign_results")
        return {**action, "domain": [("campaign_id", "in", self.ids)], "context": {}}

    def action_count_results(self):
        """Count the results now, instead of within the hour."""
        self.check_access("write")
        self.env["community.campaign.result"].sudo()._count(self)
        return True


class CommunityCampaignPerson(models.Model):
    """What somebody was worth when they came into the campaign."""

    _inherit = "community.campaign.person"

    value_before = fields.Float(readonly=True, groups="community_manager.group_manager")

    @api.model_create_multi
    def create(self, vals_list):
        people = super().create(vals_list)
        if people:
            people.flush_recordset()
            self.env["community.score"].flush_model()
            self.env["res.partner"].flush_model(["commercial_partner_id"])
            # SQL: one statement, whatever the number of people that come in
            self.env.cr.execute(
                SQL(
                    "UPDATE community_campaign_person person SET value_before = score.lifetime_value"
                    " FROM res_partner who, community_score score"
                    " WHERE person.id = ANY(%s) AND who.id = person.partner_id"
                    " AND score.partner_id = who.commercial_partner_id AND score.company_id = person.company_id",
                    people.ids,
                )
            )
            people.invalidate_recordset(["value_before"], flush=False)
        return people
