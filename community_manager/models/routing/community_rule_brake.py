import json
from functools import partial

from odoo import SUPERUSER_ID, api, fields, models
from odoo.tools import ormcache

from ..listening.community_ingest import QUIET
from ..platform.cursors import inside_plain_test

#: what is counted, by the name of its limit, in the order of the counters
COUNTED = ("mentions", "leads", "tickets")
NONE = (0, 0, 0)
#: administrators who are told, where nobody among them made the rule
MOST_TOLD = 5
#: what a rule may change of a mention, and what that is for a new one
FRESH = {"state": "new", "user_id": False, "department_id": False, "priority": "0", "snoozed_until": False}
#: the field of a mention for what a decision says
CHANGES = {"ignore": "state", "snooze": "snoozed_until"}
CHANGES |= {name: name for name in ("user_id", "department_id", "priority")}


class CommunityRule(models.Model):
    """Rules that run away are stopped: whoever does too much in an hour pauses, and what it did can be undone."""

    _name = "community.rule"
    _inherit = ["community.rule", "mail.thread", "mail.activity.mixin"]

    state = fields.Selection(
        [("on", "Working"), ("paused", "Paused")], default="on", required=True, readonly=True, copy=False, tracking=True
    )
    paused_at = fields.Datetime(readonly=True, copy=False)
    pause_reason = fields.Char(readonly=True, copy=False)
    brake_own = fields.Boolean(string="Limits of its own", help="Otherwise those of the company count.")
    brake_mentions = fields.Integer(string="Mentions an hour", help="0 is no limit.")
    brake_leads = fields.Integer(string="Leads an hour", help="0 is no limit.")
    brake_tickets = fields.Integer(string="Tickets an hour", help="0 is no limit.")

    _brakes = models.Constraint(
        "CHECK (brake_mentions >= 0 AND brake_leads >= 0 AND brake_tickets >= 0)", "A limit cannot be negative."
    )

    @api.model
    def _working(self):
        return [*super()._working(), ("state", "=", "on")]

    def _limits(self):
        """Return how many mentions, leads and tickets an hour this rule may have; 0 is no limit."""
        self.ensure_one()
        if self.brake_own:
            return tuple(self[f"brake_{name}"] for name in COUNTED)
        company = self.company_id
        return tuple(company[f"community_brake_{name}"] for name in COUNTED)

    @api.model
    @ormcache("company_id")
    def _limits_of_all(self, company_id):
        """Return ``{rule id: (mentions, leads, tickets)}`` of the rules of a company; kept until one changes."""
        rules = self.sudo().with_context(active_test=False).search([("company_id", "=", company_id)])
        return {rule.id: rule._limits() for rule in rules}

    # -- the brake ----------------------------------------------------------------------------------------------------

    @api.model
    def _decisions(self, company, ruleset, facts_list):
        """Decide, without the rules that would do more than they may: those pause, before anything is made.

        What is taken back with a transaction is taken off the counters.  A page that is split for one bad item counts
        more than once: a rule may pause a little early then, never late.
        """
        limits = self._limits_of_all(company.id)
        pace, counted = self.env["community.rule.pace"], {}
        while True:
            decisions = super()._decisions(company, ruleset, facts_list)
            news = _tally(decisions)
            difference = {
                rule_id: tuple(map(int.__sub__, news.get(rule_id, NONE), counted.get(rule_id, NONE)))
                for rule_id in news.keys() | counted.keys()
            }
            totals = pace._count(difference)
            counted = news
            over = {}
            for rule_id in news:
                pairs = zip(COUNTED, totals[rule_id], limits.get(rule_id, NONE), strict=True)
                broken = [(name, limit) for name, number, limit in pairs if limit and number > limit]
                if broken:
                    over[rule_id] = broken[0]
            if not over:
                break
            for rule_id, (name, limit) in over.items():
                self.sudo().browse(rule_id)._pause_for(name, limit)
            ruleset = ruleset.without(over)
        if counted and not inside_plain_test() and self.env.registry.ready:
            back = {rule_id: tuple(-number for number in numbers) for rule_id, numbers in counted.items()}
            self.env.cr.postrollback.add(partial(_take_back, self.env.registry, back))
        return decisions

    def _pause_for(self, name, limit):
        """Stop a rule that would do more than it may, and tell the administrators; once.

        :param str name: one of :data:`COUNTED`
        :param int limit: how many an hour there may be
        """
        rule = self.exists().filtered(lambda rule: rule.state == "on")
        if not rule:
            return
        company = rule.company_id
        loud = {name: False for name in QUIET if self.env.context.get(name)}
        rule = rule.with_company(company).with_context(**loud, lang=company.partner_id.lang or self.env.lang)
        reasons = {
            "mentions": rule.env._("It would have reached more than %d mentions in an hour.", limit),
            "leads": rule.env._("It would have made leads of more than %d mentions in an hour.", limit),
            "tickets": rule.env._("It would have made tickets of more than %d mentions in an hour.", limit),
        }
        rule.write({"state": "paused", "paused_at": fields.Datetime.now(), "pause_reason": reasons[name]})
        rule._tell_paused()

    def _tell_paused(self):
        """Give the administrators of the company a task, and write to them."""
        self.ensure_one()
        admins = self.env.ref("community_manager.group_admin").all_user_ids.filtered(
            lambda user: user.active and not user.share and self.company_id in user.company_ids
        )
        admins = (self.create_uid & admins) or admins[:MOST_TOLD]
        title = self.env._("The rule “%s” has paused itself", self.name)
        advice = self.env._("%s Nothing is lost: mentions arrive without it. Undo what it did, or let it go on.")
        for user in admins:
            self.activity_schedule(
                "community_manager.activity_rule", summary=title, note=advice % self.pause_reason, user_id=user.id
            )
        if admins:
            self.message_notify(partner_ids=admins.partner_id.ids, subject=title, body=advice % self.pause_reason)

    # -- what was done -------------------------------------------------------------------------------------------------

    @api.model
    def _note_before(self, mentions, decisions):
        result = super()._note_before(mentions, decisions)
        names = [name for name in FRESH if name in mentions._fields]
        decided = {number: decision for number, decision in zip(mentions.ids, decisions, strict=True) if decision}
        for row in mentions.browse(decided).read(names, load=None):
            decided[row["id"]].before = row
        return result

    @api.model
    def _follow_up(self, mentions, decisions):
        made = super()._follow_up(mentions, decisions)
        new = {(records._name, record_id) for records in made for record_id in records.ids}
        link = new and self.env["community.ticket"]._backend()._link_field()
        rows, dumped = [], {}
        for mention, decision in zip(mentions.sudo(), decisions, strict=True):
            for rule_id in decision.rules if decision else ():
                lead = ticket = None
                if new and decision.by.get("lead") == rule_id and ("crm.lead", mention.lead_id.id) in new:
                    lead = mention.lead_id.id
                if new and decision.by.get("ticket") == rule_id and (mention[link]._name, mention[link].id) in new:
                    ticket = f"{mention[link]._name},{mention[link].id}"
                key = (rule_id, decision.outcome) if decision.before is None else None
                if key is None or key not in dumped:
                    dumped[key] = json.dumps(_changed(decision, rule_id))
                rows.append((rule_id, mention.id, dumped[key], lead, ticket))
        self.env["community.rule.trace"]._keep(rows)
        return made


def _tally(decisions):
    """Return ``{rule id: (mentions, leads, tickets)}`` of what was decided."""
    found = {}
    for decision in decisions:
        if decision is None:
            continue
        for rule_id in decision.rules:
            found.setdefault(rule_id, [0, 0, 0])[0] += 1
        if decision.lead and not decision.ignore:
            found[decision.by["lead"]][1] += 1
        if decision.ticket and not decision.ignore:
            found[decision.by["ticket"]][2] += 1
    return {rule_id: tuple(numbers) for rule_id, numbers in found.items()}


def _changed(decision, rule_id):
    """Return ``{field of the mention: [before, after]}`` of what one rule decided."""
    before = FRESH | (decision.before or {})
    found = {}
    for name, field in CHANGES.items():
        if decision.by.get(name) == rule_id and (name == "ignore" or not decision.ignore or name != "snooze"):
            after = "ignored" if name == "ignore" else name if name == "snooze" else getattr(decision, name)
            found[field] = [str(before[field]) if name == "snooze" and before[field] else before[field], after]
    return found


def _take_back(registry, news):
    """Take off the counters what a transaction that was rolled back had counted."""
    with registry.cursor() as cr:
        api.Environment(cr, SUPERUSER_ID, {})["community.rule.pace"]._count(news)
