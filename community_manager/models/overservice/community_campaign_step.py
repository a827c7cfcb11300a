from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

#: steps that put something before the person, and the medium that the contact policy knows it by
MEDIA = {"mail": "email", "sms": "sms", "social": "social", "message": "message"}
#: steps that have texts
SAYING = tuple(MEDIA)
KINDS = [
    ("mail", "E-mail"),
    ("sms", "SMS"),
    ("message", "Private message"),
    ("social", "Public answer"),
    ("activity", "Activity"),
    ("gift", "Coupon or gift"),
    ("survey", "Survey"),
    ("handoff", "Hand-off"),
    ("note", "Internal note"),
    ("wait", "Wait"),
    ("branch", "Branch"),
]
CONDITIONS = [
    ("answered", "They have answered"),
    ("bought", "They have bought"),
    ("opened", "They have opened an e-mail"),
    ("clicked", "They have clicked a link"),
    ("complained", "They have complained"),
    ("segment", "They are in a segment"),
    ("language", "They speak a language"),
]
HOURS = {"hours": 1, "days": 24, "weeks": 168}
DAYS = [
    ("0", "Monday"),
    ("1", "Tuesday"),
    ("2", "Wednesday"),
    ("3", "Thursday"),
    ("4", "Friday"),
    ("5", "Saturday"),
    ("6", "Sunday"),
]


class CommunityCampaignStep(models.Model):
    """One step of a campaign: something that is done, a wait, or a branch.

    A step leads to the next one in the order, or to a later one that is chosen; never back, so that nobody goes in
    circles.
    """

    _name = "community.campaign.step"
    _description = "Step of a Campaign"
    _order = "sequence, id"
    _check_company_auto = True

    campaign_id = fields.Many2one("community.campaign", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="campaign_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    active = fields.Boolean(default=True)
    sequence = fields.Integer()
    kind = fields.Selection(KINDS, default="mail", required=True, string="What happens")
    name = fields.Char("Label", translate=True, help="Shown in the picture. Empty: what happens.")
    summary = fields.Char(compute="_compute_summary")
    text_ids = fields.One2many("community.campaign.text", "step_id", string="Texts", copy=True)
    mailing_id = fields.Many2one("mailing.mailing", readonly=True, copy=False, ondelete="set null")
    cost = fields.Monetary("Cost each", help="What doing this once costs: postage, a gift, an SMS.")

    wait_kind = fields.Selection(
        [("delay", "A time"), ("weekday", "Until a day of the week"), ("event", "Until something happens")],
        string="Wait",
        default="delay",
    )
    wait_count = fields.Integer("How long", default=1)
    wait_unit = fields.Selection([("hours", "hours"), ("days", "days"), ("weeks", "weeks")], default="days")
    wait_day = fields.Selection(DAYS, string="Day", default="1")
    wait_hour = fields.Float("Time", default=10.0, help="Where the person lives.")
    condition = fields.Selection(CONDITIONS, string="What is asked", default="answered")
    condition_step_id = fields.Many2one(
        "community.campaign.step",
        string="Since the step",
        domain="[('campaign_id', '=', campaign_id), ('sequence', '<', sequence)]",
        copy=False,
        ondelete="set null",
        help="Empty: since they came into the campaign.",
    )
    segment_id = fields.Many2one("community.segment", check_company=True, ondelete="restrict")
    language = fields.Selection(selection="_selection_language")
    then = fields.Selection(
        [("next", "Next step"), ("step", "A later step"), ("end", "End")], default="next", required=True
    )
    then_step_id = fields.Many2one(
        "community.campaign.step",
        string="Go on at",
        domain="[('campaign_id', '=', campaign_id), ('sequence', '>', sequence)]",
        copy=False,
        ondelete="set null",
    )
    yes_step_id = fields.Many2one(
        "community.campaign.step",
        string="If so, go on at",
        domain="[('campaign_id', '=', campaign_id), ('sequence', '>', sequence)]",
        copy=False,
        ondelete="set null",
        help="Empty: the next step.",
    )
    yes_end = fields.Boolean("If so, end")
    no_step_id = fields.Many2one(
        "community.campaign.step",
        string="If not, go on at",
        domain="[('campaign_id', '=', campaign_id), ('sequence', '>', sequence)]",
        copy=False,
        ondelete="set null",
        help="Empty: the next step.",
    )
    no_end = fields.Boolean("If not, end")

    user_id = fields.Many2one(
        "res.users",
        string="Whose",
        domain="[('share', '=', False)]",
        help="Empty: who is responsible for the campaign.",
    )
    activity_type_id = fields.Many2one(
        "mail.activity.type",
        string="Activity",
        domain="[('res_model', 'in', (False, 'res.partner'))]",
        ondelete="restrict",
    )
    activity_medium = fields.Selection(
        [("call", "A call"), ("visit", "A visit"), ("post", "A letter")],
        string="Counts as",
        help="Empty: nothing that reaches the person.",
    )
    activity_days = fields.Integer("Due after (days)", default=1)
    note = fields.Text("What is to be done")
    department_id = fields.Many2one("community.department", string="Area", check_company=True, ondelete="restrict")
    gift = fields.Selection(selection="_selection_gift", string="Programme")
    gift_points = fields.Float("Points", default=1.0)
    survey = fields.Selection(selection="_selection_survey", string="Which survey")

    # -- choices that other modules bring --------------------------------------------------------------------------

    @api.model
    def _selection_language(self):
        return self.env["community.mention"]._language_choices()

    @api.model
    def _selection_gift(self):
        return self._choices("loyalty.program", Domain("program_type", "in", ("coupons", "gift_card", "loyalty")))

    @api.model
    def _selection_survey(self):
        return self._choices("survey.survey", Domain.TRUE)

    def _choices(self, model, domain):
        """Return records of a model that may not be installed, as choices."""
        if model not in self.env:
            return []
        # sudo: whoever plans a campaign chooses by name, and needs no other right there
        return [(str(record.id), record.display_name) for record in self.env[model].sudo().search(domain)]

    def _chosen(self, name):
        """Return the record that a choice of another module stands for, or None.

        :param str name: "gift" or "survey"
        """
        model = {"gift": "loyalty.program", "survey": "survey.survey"}[name]
        if model not in self.env or not self[name]:
            return None
        return self.env[model].sudo().browse(int(self[name])).exists() or None

    # -- words -----------------------------------------------------------------------------------------------------

    @api.depends("kind", "name")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for step in self:
            step.display_name = step.name or step._label("kind")

    @api.depends("kind", "wait_kind", "wait_count", "wait_unit", "wait_day", "wait_hour", "condition", "segment_id")
    @api.depends("language", "text_ids.subject", "text_ids.text", "note", "department_id")
    @api.depends_context("lang")
    def _compute_summary(self):
        for step in self:
            step.summary = step._in_words()

    def _in_words(self):
        """Return what this step does, as one short line."""
        self.ensure_one()
        if self.kind == "wait":
            return self._wait_in_words()
        if self.kind == "branch":
            condition = self._label("condition")
            if self.condition == "segment":
                return f"{condition}: {self.segment_id.display_name or '…'}"
            if self.condition == "language":
                return f"{condition}: {self._label('language')}"
            return condition
        if self.kind in SAYING:
            reader = (self.env.lang or "").split("_")[0]
            first = self.text_ids.sorted(lambda text: text.language != reader)[:1]
            return first.subject or " ".join((first.text or "").split())[:80] or self.env._("No text yet")
        if self.kind == "handoff":
            return self.department_id.name or ""
        return " ".join((self.note or "").split())[:80]

    def _wait_in_words(self):
        unit = self._label("wait_unit")
        if self.wait_kind == "weekday":
            hour, minutes = divmod(round((self.wait_hour or 0) * 60), 60)
            return self.env._("Until %(day)s, %(time)s", day=self._label("wait_day"), time=f"{hour:02d}:{minutes:02d}")
        if self.wait_kind == "event":
            words = {"event": self._label("condition"), "count": self.wait_count, "unit": unit}
            return self.env._("Until: %(event)s; at most %(count)s %(unit)s", **words)
        return f"{self.wait_count} {unit}"

    def _label(self, name):
        return dict(self._fields[name]._description_selection(self.env)).get(self[name], "")

    @property
    def medium(self):
        """Return the medium by which this step reaches the person, "" when it does not."""
        return MEDIA.get(self.kind) or (self.kind == "activity" and self.activity_medium) or ""

    # -- checks ----------------------------------------------------------------------------------------------------

    @api.constrains("sequence", "then_step_id", "yes_step_id", "no_step_id")
    def _check_forward(self):
        for campaign in self.campaign_id:
            order = {step: place for place, step in enumerate(campaign.step_ids.sorted(lambda s: (s.sequence, s.id)))}
            for step in campaign.step_ids:
                targets = step.then_step_id | step.yes_step_id | step.no_step_id
                if any(order.get(target, -1) <= order[step] for target in targets):
                    raise ValidationError(
                        self.env._("“%s” may lead to a later step of this campaign only.", step.display_name)
                    )

    @api.model_create_multi
    def create(self, vals_list):
        last = {}
        for values in vals_list:
            campaign_id = values.get("campaign_id")
            if not values.get("sequence"):  # at the end
                if campaign_id not in last:
                    rows = self._read_group([("campaign_id", "=", campaign_id)], [], ["sequence:max"])
                    last[campaign_id] = rows[0][0] or 0
                values["sequence"] = last[campaign_id] + 10
            last[campaign_id] = max(values["sequence"], last.get(campaign_id, 0))
        return super().create(vals_list)

    def unlink(self):
        """Steps that somebody is at, or has been at, are put away instead: what was done keeps its name."""
        used = self.filtered(lambda step: step._is_used())
        used.write({"active": False})
        return super(CommunityCampaignStep, self - used).unlink()

    def _is_used(self):
        # sudo: whether anybody was there is asked, not who
        people = self.env["community.campaign.person"].sudo().search_count([("step_id", "=", self.id)], limit=1)
        done = self.env["community.campaign.action"].sudo()
        return bool(people or done.search_count([("step_id", "=", self.id)], limit=1))
