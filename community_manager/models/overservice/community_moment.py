from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import formatLang

from ...analysis.cycle import Moment
from ..contact.media import MEDIA

HOURS = {"hours": 1, "days": 24}
#: what of a moment decides where customers stand
DECIDES = frozenset(
    "sequence active opens_with after_days date_kind date_name served_with purpose_id medium use_promise target"
    " target_unit early early_unit ahead_days stay_days most_serves most_touches heed_questions journey_id".split()
)


class CommunityMoment(models.Model):
    """A moment of truth: when it comes, what serves the customer then, and what is late, on time and too much."""

    _name = "community.moment"
    _description = "Moment of Truth"
    _order = "journey_id, sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    description = fields.Text(translate=True, string="What the customer feels")
    journey_id = fields.Many2one("community.journey", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="journey_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="journey_id.currency_id")
    factor_ids = fields.One2many("community.factor", "moment_id", string="Factors", copy=True)
    opens_with = fields.Selection(
        [
            ("order", "An order is confirmed"),
            ("delivery", "A delivery arrives"),
            ("invoice", "An invoice is sent"),
            ("ticket_opened", "A ticket is opened"),
            ("ticket_closed", "A ticket is closed"),
            ("mention", "They ask or complain in public"),
            ("reply", "We answered them on a network"),
            ("anniversary", "The anniversary of their first order"),
            ("date", "A date of theirs"),
            ("after", "Days after the moment before"),
        ],
        string="Comes when",
        required=True,
        default="order",
        help="What puts a customer at this moment.",
    )
    after_days = fields.Integer("Days after", default=7, help="Counted from when the moment before began.")
    date_kind = fields.Selection(
        [("birthday", "Birthday"), ("anniversary", "Anniversary"), ("own", "Another date")],
        default="birthday",
        string="Which date",
    )
    date_name = fields.Char(help="Only dates of this name; empty means any.")
    served_with = fields.Selection(
        [
            ("touch", "We contact them"),
            ("delivery", "A delivery arrives"),
            ("reply", "We answer them on a network"),
            ("ticket_closed", "The ticket is closed"),
            ("activity", "An activity with them is done"),
            ("invoice", "An invoice is sent"),
        ],
        string="Served when",
        required=True,
        default="touch",
        help="What counts as having served the customer at this moment.",
    )
    purpose_id = fields.Many2one("community.purpose", string="Only for the purpose", ondelete="restrict")
    medium = fields.Selection(
        MEDIA,
        string="Only by",
    )
    use_promise = fields.Boolean(
        "Due on the promised date",
        help="Where the order says when it will be delivered, that day is the target.",
    )
    target = fields.Float(
        "On time within", default=2, digits=(6, 1), help="After the moment has come. Later than this is late."
    )
    target_unit = fields.Selection([("hours", "hours"), ("days", "days")], required=True, default="days")
    early = fields.Float(
        "Anticipated at least",
        digits=(6, 1),
        help="Served so long before it would be late, and before the customer had to ask. Zero: only what comes before "
        "the moment itself is anticipated.",
    )
    early_unit = fields.Selection([("hours", "hours"), ("days", "days")], required=True, default="hours")
    ahead_days = fields.Integer(
        "Counts from (days before)",
        help="What is done up to so many days before the moment belongs to it too.",
    )
    stay_days = fields.Integer(
        "Lasts",
        default=30,
        required=True,
        help="So long a customer is at this moment, unless the next one comes first.",
    )
    most_serves = fields.Integer(
        "Served at most", default=0, help="More often within the moment is too much. Zero: no limit."
    )
    most_touches = fields.Integer(
        "Contacted at most",
        default=3,
        help="More contacts within the moment, for whatever purpose, are too much; answers to their own questions do "
        "not count. Zero: no limit. Any contact after “not now” is too much.",
    )
    heed_questions = fields.Boolean(
        "Having to ask spoils it",
        default=True,
        help="Who had to ask or complain first was not anticipated.",
    )
    budget_week = fields.Monetary("Budget by week", help="Planned for each week, unless a week says otherwise.")
    budget_ids = fields.One2many("community.moment.budget", "moment_id", string="Weeks")
    opens_text = fields.Char(compute="_compute_texts", string="Comes with")
    serves_text = fields.Char(compute="_compute_texts", string="Is served by")
    position_count = fields.Integer(compute="_compute_position_count", string="Customers now")

    _target_positive = models.Constraint(
        "CHECK (target >= 0 AND early >= 0 AND ahead_days >= 0 AND stay_days > 0 AND after_days >= 0"
        " AND most_serves >= 0 AND most_touches >= 0 AND budget_week >= 0)",
        "Times, limits and budgets cannot be negative, and a moment lasts at least a day.",
    )
    _sane = models.Constraint(
        "CHECK (target <= 36500 AND early <= 36500 AND ahead_days <= 3650 AND stay_days <= 3650"
        " AND after_days <= 3650)",
        "That is too long: a moment lasts ten years at most.",
    )

    @api.constrains("target", "target_unit", "early", "early_unit", "ahead_days")
    def _check_early(self):
        for moment in self:
            early = moment.early * HOURS[moment.early_unit]
            if early > moment.target * HOURS[moment.target_unit] + moment.ahead_days * 24:
                raise ValidationError(
                    self.env._(
                        "“%s” cannot be anticipated: that would be before anything counts. Let it count from more "
                        "days before.",
                        moment.name,
                    )
                )

    @api.depends("opens_with", "after_days", "date_name", "served_with", "purpose_id", "medium")
    @api.depends_context("lang")
    def _compute_texts(self):
        opens = dict(self._fields["opens_with"]._description_selection(self.env))
        serves = dict(self._fields["served_with"]._description_selection(self.env))
        media = dict(self._fields["medium"]._description_selection(self.env))
        for moment in self:
            moment.opens_text = opens.get(moment.opens_with, "")
            if moment.opens_with == "after":
                moment.opens_text = self.env._("%s days after the moment before", moment.after_days)
            elif moment.opens_with == "date" and moment.date_name:
                moment.opens_text = moment.date_name
            parts = [serves.get(moment.served_with, "")]
            if moment.served_with == "touch":
                parts += [media[moment.medium]] if moment.medium else []
                parts += [moment.purpose_id.name] if moment.purpose_id else []
            moment.serves_text = " · ".join(filter(None, parts))

    def _compute_position_count(self):
        domain = [("moment_id", "in", self.ids), ("is_current", "=", True)]
        counts = dict(self.env["community.position"]._read_group(domain, ["moment_id"], ["__count"]))
        for moment in self:
            moment.position_count = counts.get(moment, 0)

    # -- what changes positions ----------------------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        last = {}
        for vals in vals_list:
            journey = vals.get("journey_id")
            if "sequence" not in vals and journey:
                if journey not in last:
                    found = self.search([("journey_id", "=", journey)], order="sequence desc", limit=1)
                    last[journey] = found.sequence
                last[journey] += 10
                vals["sequence"] = last[journey]
        moments = super().create(vals_list)
        moments.journey_id._mark_all()
        return moments

    def write(self, vals):
        journeys = self.journey_id
        result = super().write(vals)
        if vals.get("active") is False:
            self.env["community.position"].sudo().search([("moment_id", "in", self.ids)])._retire()
        if not DECIDES.isdisjoint(vals):
            (journeys | self.journey_id)._mark_all()
        return result

    def unlink(self):
        journeys = self.journey_id
        result = super().unlink()
        journeys.exists()._mark_all()
        return result

    def _meaning(self):
        """Return these moments as ``analysis.cycle`` reads them, in their order."""
        return [
            Moment(
                id=moment.id,
                opens=moment.opens_with,
                serves=moment.served_with,
                after=timedelta(days=moment.after_days),
                date_kind=moment.date_kind or "",
                date_name=(moment.date_name or "").strip().casefold(),
                purpose=moment.purpose_id.id or 0,
                medium=moment.medium or "",
                use_promise=moment.use_promise,
                target=timedelta(hours=moment.target * HOURS[moment.target_unit]),
                early=timedelta(hours=moment.early * HOURS[moment.early_unit]),
                ahead=timedelta(days=moment.ahead_days),
                stay=timedelta(days=moment.stay_days),
                most_serves=moment.most_serves,
                most_touches=moment.most_touches,
                heed_questions=moment.heed_questions,
            )
            for moment in self.sorted(lambda moment: (moment.sequence, moment.id))
        ]

    @api.model
    def _reached(self, partners, moment):
        """Do what is done when customers come to a moment; rooms extend this.  Called once for each that comes.

        :param partners: ``res.partner`` records, the persons who brought it about
        :param moment: ``community.moment``
        """

    # -- screen --------------------------------------------------------------------------------------------------------

    def _shares(self):
        """Return ``{moment id: share}`` of the budget of a week, from 0 to 1; nothing where no budget is set."""
        total = sum(self.mapped("budget_week"))
        return {moment.id: moment.budget_week / total for moment in self} if total else {}

    def _zone_text(self, zone):
        """Return in words what a zone means at this moment."""
        self.ensure_one()
        units = dict(self._fields["target_unit"]._description_selection(self.env))
        target = f"{formatLang(self.env, self.target, digits=0)} {units[self.target_unit]}"
        if zone == "late":
            return self.env._("Not served within %s, or served later.", target)
        if zone == "on_time":
            return self.env._("Served within %s, or there is still time.", target)
        if zone == "anticipated":
            if not self.early:
                return self.env._("Served before the moment came, and before they had to ask.")
            early = f"{formatLang(self.env, self.early, digits=0)} {units[self.early_unit]}"
            return self.env._("Served at least %s before it would be late, and before they had to ask.", early)
        if self.most_touches:
            return self.env._("More than %s contacts, or one after “not now”.", self.most_touches)
        return self.env._("Served more often than wanted, or contacted after “not now”.")

    def action_positions(self):
        """Open the customers who are at these moments now."""
        action = self.env["ir.actions.act_window"]._for_xml_id("community_manager.action_positions")
        return {**action, "domain": [("moment_id", "in", self.ids)], "context": {"search_default_now": 1}}

    @api.readonly
    def action_open_zone(self, zone):
        """Open the customers who are in a zone of this moment now.

        :param str zone: one of late, on_time, anticipated, excess
        """
        self.ensure_one()
        labels = dict(self.env["community.position"]._fields["zone"]._description_selection(self.env))
        return {
            **self.action_positions(),
            "name": f"{self.name} · {labels.get(zone, '')}",
            "domain": [("moment_id", "=", self.id), ("zone", "=", zone)],
        }

    def action_move(self, step):
        """Move this moment one place along its journey.

        :param int step: -1 to the left, 1 to the right
        """
        self.ensure_one()
        self.check_access("write")
        line = list(self.journey_id.moment_ids.sorted(lambda moment: (moment.sequence, moment.id)))
        place = line.index(self)
        other = place + (1 if step > 0 else -1)
        if 0 <= other < len(line):
            line[place], line[other] = line[other], line[place]
        self._set_order(line)

    def action_order(self, moment_ids):
        """Put the moments of a journey into an order.

        :param list moment_ids: ids of moments of one journey
        """
        moments = self.browse(moment_ids).exists()
        moments.check_access("write")
        self._set_order([moment for moment in moments if moment.journey_id == moments[:1].journey_id])

    @api.model
    def _set_order(self, line):
        """Number moments by their place; only those that move are written."""
        for place, moment in enumerate(line, 1):
            if moment.sequence != place * 10:
                moment.sequence = place * 10
