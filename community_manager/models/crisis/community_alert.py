from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import groupby
from odoo.tools.misc import formatLang

#: why an alert is none; the first two say that the watch is too sensitive
REASONS = [
    ("small", "Too small to matter"),
    ("normal", "Normal: a campaign, an event, a season"),
    ("wrong", "Not about us, or spam"),
    ("handled", "Handled without a crisis"),
    ("other", "Something else"),
]


class CommunityAlert(models.Model):
    """Something unusual that people were told of, with the evidence, and what they made of it."""

    _name = "community.alert"
    _description = "Crisis Alert"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "seen_at desc, id desc"
    _check_company_auto = True

    name = fields.Char(compute="_compute_name", string="What happens")
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    watch_id = fields.Many2one("community.watch", readonly=True, index=True, ondelete="set null", check_company=True)
    topic_id = fields.Many2one("community.topic", readonly=True, index=True, ondelete="set null", check_company=True)
    kind = fields.Selection(
        [
            ("volume", "Many mentions"),
            ("negative", "Many negative mentions"),
            ("risk", "Mentions of a risk"),
            ("heard", "A heard author"),
        ],
        required=True,
        readonly=True,
    )
    score = fields.Float(readonly=True, aggregator="max", help="How rare it is in the past of this topic, 0 to 1.")
    moment = fields.Datetime("Began", required=True, readonly=True)
    seen_at = fields.Datetime("Noticed", required=True, readonly=True, index=True)
    evidence = fields.Json("Facts", readonly=True)
    more = fields.Json(readonly=True, help="What else was found of the same event, by kind.")
    shown = fields.Html(compute="_compute_shown", string="Evidence", sanitize=False)
    mention_ids = fields.Many2many(
        "community.mention", "community_alert_mention_rel", "alert_id", "mention_id", string="Mentions", readonly=True
    )
    mention_count = fields.Integer(compute="_compute_mention_count")
    state = fields.Selection(
        [("new", "New"), ("crisis", "Crisis"), ("dismissed", "No crisis")],
        default="new",
        required=True,
        readonly=True,
        tracking=True,
        index=True,
        group_expand=True,
    )
    reason = fields.Selection(REASONS, string="Why it is none", readonly=True, tracking=True)
    note = fields.Char(readonly=True)
    decided_by_id = fields.Many2one("res.users", string="Decided by", readonly=True)
    decided_at = fields.Datetime(readonly=True)
    crisis_id = fields.Many2one(
        "community.crisis", readonly=True, index="btree_not_null", ondelete="set null", check_company=True
    )
    user_ids = fields.Many2many(
        "res.users", "community_alert_user_rel", "alert_id", "user_id", string="Told", readonly=True
    )

    @api.depends("kind", "evidence", "watch_id.name")
    @api.depends_context("lang")
    def _compute_name(self):
        for alert in self:
            alert.name = alert._sentence(alert.kind, alert.evidence or {})

    def _sentence(self, kind, facts):
        about = self.topic_id.name or self.watch_id.name or self.env._("Everything about us")
        expected = formatLang(self.env, facts.get("expected", 0), digits=1)
        values = {"about": about, "seen": facts.get("seen", 0), "expected": expected}
        if kind == "volume":
            return self.env._("%(about)s: %(seen)s mentions in an hour, %(expected)s are usual", **values)
        if kind == "negative":
            return self.env._("%(about)s: %(seen)s negative mentions in an hour, %(expected)s are usual", **values)
        if kind == "risk":
            values["minutes"] = facts.get("minutes", 0)
            return self.env._("%(about)s: %(seen)s mentions of a risk within %(minutes)s minutes", **values)
        values |= {"author": facts.get("author") or "", "followers": facts.get("followers", 0)}
        return self.env._("%(about)s: %(author)s, with %(followers)s followers, speaks badly of us", **values)

    @api.depends("evidence", "more", "kind")
    @api.depends_context("lang")
    def _compute_shown(self):
        for alert in self:
            parts = [alert._show(alert.kind, alert.evidence or {})]
            parts += [alert._show(kind, facts) for kind, facts in (alert.more or {}).items()]
            alert.shown = Markup("<hr/>").join(parts)

    def _show(self, kind, facts):
        """Return what was found as safe HTML: names and texts come from a network."""
        lines = [Markup("<p><b>%s</b></p>") % self._sentence(kind, facts)]
        if facts.get("spreads"):
            lines.append(
                Markup("<p>%s</p>")
                % self.env._(
                    "That is %(spreads)s times as far from normal as usual; %(negative)s of %(total)s are negative.",
                    spreads=formatLang(self.env, facts["spreads"], digits=1),
                    negative=facts.get("negative", 0),
                    total=facts.get("total", 0),
                )
            )
        if facts.get("words"):
            said = ", ".join(f"{word} ({count})" for word, count in facts["words"])
            lines.append(Markup("<p>%s <i>%s</i></p>") % (self.env._("Words:"), said))
        if facts.get("authors"):
            people = ", ".join(f"{name} ({followers})" for name, followers, _count in facts["authors"])
            lines.append(Markup("<p>%s %s</p>") % (self.env._("Heard most (followers):"), people))
        if facts.get("mentions"):
            said = Markup("").join(
                Markup("<li>%s: “%s”</li>") % (entry["author"] or "…", entry["text"] or "…")
                for entry in facts["mentions"]
            )
            lines.append(Markup("<ul>%s</ul>") % said)
        return Markup("").join(lines)

    @api.depends("mention_ids")
    def _compute_mention_count(self):
        for alert in self:
            alert.mention_count = len(alert.mention_ids)

    # -- what the watch finds --------------------------------------------------------------------------------------

    def _grow(self, finding, evidence):
        """Follow an event that was told: the figures of its peak, and the mentions that came since."""
        self.ensure_one()
        before = self.evidence if finding.kind == self.kind else (self.more or {}).get(finding.kind)
        if before and evidence.get("seen", 0) <= before.get("seen", 0):
            return
        self._take(finding, evidence)

    def _join(self, finding, evidence):
        """Add what else was found of the same event; those who know of it are not told again."""
        self.ensure_one()
        self._take(finding, evidence)
        self.message_post(body=self._sentence(finding.kind, evidence), subtype_xmlid="mail.mt_note")
        if self.crisis_id:
            self.crisis_id._log("alert", self._sentence(finding.kind, evidence))

    def _take(self, finding, evidence):
        linked = fields.Command
        values = {"mention_ids": [linked.link(mention_id) for mention_id in finding.mentions[:50].ids]}
        if finding.kind == self.kind:
            values |= {"evidence": evidence, "score": max(self.score, finding.score)}
        else:
            values["more"] = {**(self.more or {}), finding.kind: evidence}
        self.write(values)

    def _tell_people(self):
        """Tell the people of this alert: an activity, a message, and a notification on screen; in their languages."""
        self.ensure_one()
        for lang, users in groupby(self.user_ids, lambda user: user.lang):
            alert = self.with_context(lang=lang) if lang else self
            for user in users:
                alert.activity_schedule("community_manager.activity_alert", summary=alert.name, user_id=user.id)
                user._bus_send(
                    "simple_notification",
                    {"title": alert.env._("Crisis alert"), "message": alert.name, "type": "danger", "sticky": True},
                )
            alert.message_notify(
                partner_ids=[user.partner_id.id for user in users],
                subject=alert.env._("Crisis alert: %s", alert.name),
                body=alert.shown,
            )

    # -- buttons ---------------------------------------------------------------------------------------------------

    def action_open_crisis(self):
        """Open the dialog that makes a crisis of these alerts."""
        self.check_access("write")
        if self.filtered("crisis_id"):
            raise UserError(self.env._("This is part of a crisis already."))
        return self.env["community.crisis.open"]._dialog(self)

    def action_dismiss(self):
        """Open the dialog that asks why this is no crisis."""
        self.check_access("write")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Not a crisis"),
            "res_model": "community.alert.dismiss",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_alert_ids": self.ids},
        }

    def action_again(self):
        """Decide once more."""
        self.check_access("write")
        dismissed = self.filtered(lambda alert: alert.state == "dismissed")
        dismissed.sudo().write({"state": "new", "reason": False, "note": False, "decided_at": False})

    def action_open_mentions(self):
        """Open the mentions of these alerts."""
        action = self.env["ir.actions.act_window"]._for_xml_id("community_manager.action_mentions")
        return {**action, "domain": [("id", "in", self.mention_ids.ids)], "context": {}}

    def action_crisis(self):
        """Open the crisis that was made of this alert."""
        self.ensure_one()
        return self.crisis_id._form()

    def _decide(self, values):
        """Note what people made of these alerts."""
        now = fields.Datetime.now()
        self.sudo().write({**values, "decided_by_id": self.env.uid, "decided_at": now})
        self.sudo().activity_unlink(["community_manager.activity_alert"])

    def _becomes(self, crisis):
        """Note that these alerts are part of a crisis, here and in its timeline."""
        self._decide({"state": "crisis", "crisis_id": crisis.id, "reason": False})
        for alert in self:
            crisis._log("alert", alert.name, moment=alert.seen_at)
