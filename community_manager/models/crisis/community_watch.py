from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import format_datetime

from .watching import SCORES

#: decided alerts that advice on the sensitivity looks at, and how few are too few
ADVICE_LAST, ADVICE_LEAST = 10, 3
SENSITIVITIES = ("low", "normal", "high")


class CommunityWatch(models.Model):
    """What is watched so that a crisis is noticed early: one topic, or everything that is said about us."""

    _name = "community.watch"
    _description = "Crisis Watch"
    _inherit = ["mail.thread"]
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(compute="_compute_name", store=True, readonly=False, required=True, precompute=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company, index=True)
    topic_id = fields.Many2one(
        "community.topic",
        check_company=True,
        index=True,
        ondelete="cascade",
        help="Empty: everything that is said about us.",
    )
    sensitivity = fields.Selection(
        [("low", "Low"), ("normal", "Normal"), ("high", "High")],
        default="normal",
        required=True,
        tracking=True,
        help="How unusual it must be before you are told. Try it on the past to see what each would have told.",
    )
    volume = fields.Boolean("Many mentions", default=True, help="More are written than is normal for the hour and day.")
    negative = fields.Boolean(
        "Many negative mentions", default=True, help="More negative ones than is normal for the hour and day."
    )
    risk_count = fields.Integer(
        "Mentions of a risk", default=5, help="So many mentions with a risk topic or intent raise an alert. 0: none do."
    )
    risk_minutes = fields.Integer("Within minutes", default=60)
    heard_followers = fields.Integer(
        "Followers of a heard author",
        default=10_000,
        help="One negative mention of somebody with so many followers raises an alert. 0: none does.",
    )
    user_ids = fields.Many2many(
        "res.users",
        "community_watch_user_rel",
        "watch_id",
        "user_id",
        string="Who is told",
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        help="Empty: the owner of the topic and the community managers.",
    )
    muted_until = fields.Datetime("Silent until", tracking=True, help="Until then it learns and tells nobody.")
    learned = fields.Json(readonly=True, copy=False, help="What is normal, and which events have been told.")
    looked_at = fields.Datetime("Last look", readonly=True, copy=False)
    alert_ids = fields.One2many("community.alert", "watch_id", string="Alerts")
    alert_count = fields.Integer(compute="_compute_alert_count")
    status = fields.Char(compute="_compute_status")
    advice = fields.Char(compute="_compute_advice")

    _unique_topic = models.UniqueIndex(
        "(company_id, COALESCE(topic_id, 0)) WHERE active", "This is watched already: change that watch."
    )

    @api.depends("topic_id")
    def _compute_name(self):
        for watch in self:
            watch.name = watch.topic_id.name or self.env._("Everything about us")

    def _compute_alert_count(self):
        counts = dict(
            self.env["community.alert"]._read_group([("watch_id", "in", self.ids)], ["watch_id"], ["__count"])
        )
        for watch in self:
            watch.alert_count = counts.get(watch, 0)

    @api.depends("muted_until", "looked_at", "learned", "active")
    @api.depends_context("lang", "tz")
    def _compute_status(self):
        now = fields.Datetime.now()
        for watch in self:
            learned = watch.learned or {}
            if not watch.active:
                watch.status = self.env._("Not watched.")
            elif watch.muted_until and watch.muted_until > now:
                watch.status = self.env._("Silent until %s.", format_datetime(self.env, watch.muted_until))
            elif not watch.looked_at:
                watch.status = self.env._("The first look is due within a minute.")
            elif not learned.get("ready"):
                watch.status = self.env._("Learning what is normal.")
            elif learned.get("now"):
                watch.status = self.env._("Something unusual is under way.")
            else:
                watch.status = self.env._("Nothing unusual.")

    @api.depends("alert_ids.state", "alert_ids.score", "sensitivity")
    def _compute_advice(self):
        for watch in self:
            watch.advice = watch._advise()

    def _advise(self):
        """Return a sentence on the sensitivity that fits what people made of the last alerts, or ``""``."""
        decided = self.alert_ids.filtered(lambda alert: alert.state != "new" and alert.kind in ("volume", "negative"))
        decided = decided.sorted("moment", reverse=True)[:ADVICE_LAST]
        spared = decided.filtered(lambda alert: alert.state == "dismissed" and alert.reason in ("small", "normal"))
        place = SENSITIVITIES.index(self.sensitivity or "normal")
        if len(decided) < ADVICE_LEAST or len(spared) * 2 <= len(decided) or not place:
            return ""
        lower = SENSITIVITIES[place - 1]
        less = spared.filtered(lambda alert: alert.score < SCORES[lower])
        if not less:
            return ""
        return self.env._(
            "Of the last %(all)s alerts, %(dismissed)s were no crisis; “%(lower)s” would have spared %(spared)s.",
            all=len(decided),
            dismissed=len(spared),
            lower=dict(self._fields["sensitivity"]._description_selection(self.env))[lower],
            spared=len(less),
        )

    @api.constrains("risk_count", "risk_minutes", "heard_followers")
    def _check_numbers(self):
        for watch in self:
            if min(watch.risk_count, watch.heard_followers) < 0 or not 1 <= watch.risk_minutes <= 1440:
                raise ValidationError(
                    self.env._("Counts are 0 or more, and the minutes of a risk between 1 and 1440 (a day).")
                )

    def _people(self):
        """Return the users who are told of this watch's alerts."""
        self.ensure_one()
        people = self.sudo().user_ids
        if not people:
            managers = self.env.ref("community_manager.group_manager").sudo().all_user_ids
            people = managers | self.sudo().topic_id.user_id
        return people.filtered(
            lambda user: (
                user.active
                and not user.share
                and user.id != self.env.ref("base.user_root").id
                and self.company_id in user.company_ids
                and user.has_group("community_manager.group_agent")
            )
        )

    # -- buttons ---------------------------------------------------------------------------------------------------

    def action_open_alerts(self):
        """Open the alerts of these watches."""
        action = self.env["ir.actions.act_window"]._for_xml_id("community_manager.action_alerts")
        return {**action, "domain": [("watch_id", "in", self.ids)], "context": {}}

    def action_backtest(self):
        """Show what this watch would have told in the past."""
        self.ensure_one()
        test = self.env["community.backtest"].create(
            {"watch_id": self.id, "sensitivity": self.sensitivity, "company_id": self.company_id.id}
        )
        return test._open()

    def action_mute_day(self):
        """Tell nobody for a day."""
        self.muted_until = fields.Datetime.add(fields.Datetime.now(), days=1)

    def action_unmute(self):
        """Tell again."""
        self.muted_until = False
