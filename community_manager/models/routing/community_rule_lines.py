import logging
from collections import defaultdict
from dataclasses import replace
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from .community_rule_action import MAKING

_logger = logging.getLogger(__name__)


class CommunityRule(models.Model):
    """Rules that do several things in order."""

    _inherit = "community.rule"

    action_ids = fields.One2many("community.rule.action", "rule_id", string="And then", copy=True)

    def _does(self):
        return super()._does() | {kind for kind in self.action_ids.mapped("kind") if kind == "ignore" or kind in MAKING}

    def _action_words(self):
        return super()._action_words() + [words for words in self.action_ids.mapped("words") if words]

    def _to_plain(self):
        rule = super()._to_plain()
        if not self.action_ids:
            return rule
        values, late = {}, []
        for line in self.action_ids.sorted(lambda line: (line.sequence, line._origin.id or 0)):
            folded = line._folded()
            for name, value in folded.items():
                taken = values.get(name) or getattr(rule.action, name)
                if name == "topics":
                    values[name] = (*taken, *value)
                elif not taken and not (name == "choose" and (values.get("user_id") or rule.action.user_id)):
                    values[name] = value
            if not folded and line._origin.id:
                late.append(line._origin.id)
        return replace(rule, action=replace(rule.action, **values, late=tuple(late)))

    @api.model
    def _outcome(self, decision):
        values = super()._outcome(decision)
        if decision.snooze and not decision.ignore and "snoozed_until" in self.env["community.mention"]._fields:
            values["snoozed_until"] = fields.Datetime.now() + timedelta(hours=decision.snooze)
            if "snoozed_for" in self.env["community.mention"]._fields:
                values["snoozed_for"] = "date"
        if decision.note:
            values["routing_note"] = decision.note
        return values

    @api.model
    def _follow_up(self, mentions, decisions):
        made = super()._follow_up(mentions, decisions)
        wanted = defaultdict(list)
        for mention_id, decision in zip(mentions.ids, decisions, strict=True):
            if decision and decision.late and not decision.ignore:
                for action_id in decision.late:
                    wanted[action_id].append(mention_id)
        if wanted:
            company = mentions.company_id
            inside = (
                self.sudo()
                .with_company(company)
                .with_context(allowed_company_ids=company.ids, lang=company.partner_id.lang or self.env.lang)
            )
            lines = inside.env["community.rule.action"].browse(wanted).exists()
            for line in lines.sorted(lambda line: (line.rule_id.sequence, line.rule_id.id, line.sequence, line.id)):
                self._run_or_tell(line, inside.env["community.mention"].browse(wanted[line.id]))
        return made

    @api.model
    def _run_or_tell(self, line, mentions):
        """Run one line; what cannot be done keeps no mention from being stored, and no later line from being run."""
        try:
            with self.env.cr.savepoint():
                line._run(mentions)
                line.env.flush_all()
        except Exception as error:
            if self.env["community.ingest"]._is_infrastructure(error):
                raise
            if len(mentions) > 1:
                middle = len(mentions) // 2
                self._run_or_tell(line, mentions[:middle])
                self._run_or_tell(line, mentions[middle:])
                return
            _logger.warning("rule %s: “%s” failed: %s", line.rule_id.id, line.kind, error, exc_info=True)
            line.env.invalidate_all(flush=False)
            reason = str(error) if isinstance(error, UserError) else line.env._("the log of the server says why")
            note = line.env._("“%(what)s” was not done: %(reason)s", what=line.words, reason=reason)
            mentions.routing_note = note  # shown while nobody has the mention
            mentions._message_log(body=note)
