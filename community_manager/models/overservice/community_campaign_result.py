from odoo import api, fields, models
from odoo.tools import format_amount
from odoo.tools.misc import formatLang

#: what is compared with the control group, and what of it is more
COMPARED = ("bought", "answered", "complained", "unsubscribed")


class CommunityCampaignResult(models.Model):
    """What became of the people of a campaign, one row for each group: those it was for, its variants, the control."""

    _name = "community.campaign.result"
    _description = "Result of a Campaign"
    _order = "month desc, campaign_id, sequence, id"
    _rec_name = "campaign_id"

    campaign_id = fields.Many2one("community.campaign", required=True, readonly=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="campaign_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    purpose_id = fields.Many2one(related="campaign_id.purpose_id", store=True)
    month = fields.Date(readonly=True, help="In which the campaign began; its first day.")
    sequence = fields.Integer(readonly=True)
    group = fields.Selection(
        [("all", "In the campaign"), ("variant", "Variant"), ("control", "Control group")],
        required=True,
        readonly=True,
    )
    variant_id = fields.Many2one("community.campaign.variant", readonly=True, ondelete="cascade")
    people = fields.Integer(readonly=True, help="Who came into the campaign, whether contacted or held back.")
    touched = fields.Integer("Contacted", readonly=True)
    held = fields.Integer("Held back", readonly=True, help="Held back at least once, for whatever reason.")
    held_reasons = fields.Json(readonly=True)
    held_text = fields.Char("Held back because", compute="_compute_held_text")
    answered = fields.Integer(readonly=True)
    bought = fields.Integer(readonly=True, help="People who bought within the time that counts.")
    purchases = fields.Integer(readonly=True, help="Documents: orders, invoices without an order, receipts.")
    revenue = fields.Monetary(readonly=True, help="What they bought within the time that counts, without taxes.")
    complained = fields.Integer(readonly=True)
    unsubscribed = fields.Integer(readonly=True)
    rated = fields.Integer("Ratings", readonly=True)
    stars = fields.Float("Sum of ratings", readonly=True)
    satisfaction = fields.Float(compute="_compute_rates", digits=(4, 1), help="Mean of their ratings, from 1 to 5.")
    valued = fields.Integer(readonly=True, string="People with a value")
    value_change = fields.Monetary(
        readonly=True, string="Change of value to come", help="Sum of how their lifetime value has changed since."
    )
    excess = fields.Integer(
        "Too much",
        readonly=True,
        help="Contacted people who got more than the policy or the moment of truth allows, asked to be left alone, or "
        "withdrew their consent.",
    )
    cost = fields.Monetary(readonly=True)
    answered_rate = fields.Float(compute="_compute_rates", string="Answered %")
    bought_rate = fields.Float(compute="_compute_rates", string="Bought %")
    excess_rate = fields.Float(compute="_compute_rates", string="Too much %", help="Of those who were contacted.")
    cost_per_result = fields.Monetary(compute="_compute_rates", string="Cost per buyer")
    figures = fields.Json(readonly=True, help="Differences from the control group, with their intervals.")
    uplift = fields.Float(readonly=True, aggregator=None, help="Buyers of a hundred more than in the control group.")
    uplift_low = fields.Float(readonly=True, aggregator=None, string="At least")
    uplift_high = fields.Float(readonly=True, aggregator=None, string="At most")
    sentence = fields.Char(compute="_compute_sentence", string="What it did")
    counted_at = fields.Datetime(readonly=True)
    frozen_at = fields.Datetime(readonly=True, help="The campaign has ended: nothing is counted any more.")

    _unique_group = models.UniqueIndex('(campaign_id, "group", COALESCE(variant_id, 0))')

    @api.depends("campaign_id", "group", "variant_id")
    def _compute_display_name(self):
        groups = dict(self._fields["group"]._description_selection(self.env))
        for result in self:
            group = result.variant_id.name if result.group == "variant" else groups.get(result.group, "")
            result.display_name = f"{result.campaign_id.display_name}: {group}"

    @api.depends("people", "touched", "answered", "bought", "excess", "cost", "rated", "stars")
    def _compute_rates(self):
        for result in self:
            result.answered_rate = result.answered / result.people if result.people else 0.0
            result.bought_rate = result.bought / result.people if result.people else 0.0
            result.excess_rate = result.excess / result.touched if result.touched else 0.0
            result.satisfaction = result.stars / result.rated if result.rated else 0.0
            result.cost_per_result = result.cost / result.bought if result.bought else 0.0

    @api.depends("held_reasons")
    @api.depends_context("lang")
    def _compute_held_text(self):
        labels = dict(self.env["community.touch"]._fields["code"]._description_selection(self.env))
        for result in self:
            reasons = sorted((result.held_reasons or {}).items(), key=lambda entry: (-entry[1], entry[0]))
            result.held_text = " · ".join(
                f"{labels.get(code) or self.env._('Other reasons')}: {count}" for code, count in reasons
            )

    @api.depends("figures", "people", "group")
    @api.depends_context("lang")
    def _compute_sentence(self):
        for result in self:
            result.sentence = result._in_words()

    def _points(self, share):
        """Return a share as percentage points, in the language of the reader."""
        return formatLang(self.env, 100 * share, digits=1)

    def _in_words(self):
        """Return in one or two sentences what the difference to the control group says, or that it says nothing."""
        self.ensure_one()
        if self.group == "control":
            return self.env._("They got nothing, and are what the others are compared with.")
        figures = (self.figures or {}).get("bought")
        if not self.people:
            return self.env._("Nobody has come into this group yet.")
        if not figures:
            return self.env._("Without a control group nobody can say what would have happened anyway.")
        words = {"low": self._points(figures["low"]), "high": self._points(figures["high"])}
        if figures["verdict"] == "unclear":
            return self.env._(
                "Too few to tell: of a hundred people between %(low)s and %(high)s more bought than in the control "
                "group, and that includes none.",
                **words,
            )
        words["difference"] = self._points(abs(figures["difference"]))
        if figures["verdict"] == "more":
            text = self.env._(
                "Of a hundred people %(difference)s more bought than in the control group (between %(low)s and "
                "%(high)s).",
                **words,
            )
        else:
            text = self.env._(
                "Of a hundred people %(difference)s fewer bought than in the control group (between %(low)s and "
                "%(high)s): this campaign does harm.",
                **words,
            )
        money = (self.figures or {}).get("revenue")
        if money and money["verdict"] != "unclear":
            text += " " + self.env._(
                "Each brought %s more.", format_amount(self.env, money["difference"], self.currency_id)
            )
        return text

    def action_open_campaign(self):
        """Open the campaign."""
        self.ensure_one()
        return self.campaign_id.get_formview_action()

    # -- report --------------------------------------------------------------------------------------------------------

    @api.model
    @api.readonly
    def get_heading(self, domain):
        """Return what the report shows, in plain words.

        :param list domain: which results
        :returns: dict with ``sentence`` and ``more``
        """
        self.check_access("read")
        treated = [*(domain or []), ("group", "=", "all")]
        rows = self._read_group(
            treated, [], ["campaign_id:count_distinct", "touched:sum", "bought:sum", "excess:sum", "people:sum"]
        )
        campaigns, touched, bought, excess, people = rows[0]
        sentence = ""
        if people:
            sentence = self.env._(
                "%(campaigns)s campaigns contacted %(touched)s people; %(bought)s bought. %(excess)s, or %(share)s%%, "
                "were contacted too much.",
                campaigns=campaigns,
                touched=touched,
                bought=bought,
                excess=excess,
                share=formatLang(self.env, 100 * excess / touched if touched else 0, digits=1),
            )
        more = [
            self.env._(
                "Everybody who came into a campaign counts, also those who were held back: only so are they like the "
                "control group."
            ),
            self.env._(
                "What people do counts from when they came into the campaign, for as many days as the campaign says, "
                "and no longer than it runs."
            ),
            self.env._(
                "Differences of shares have the score interval of Newcombe (1998), differences of means that of Welch; "
                "of a hundred such intervals ninety-five hold the truth. Where one includes zero there are too few to "
                "tell."
            ),
        ]
        return {"sentence": sentence, "more": more}
