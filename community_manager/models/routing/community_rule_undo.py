from collections import defaultdict
from datetime import timedelta

from markupsafe import Markup

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import AccessError, UserError

#: records that the note about an undone batch names; of more the number is told
MOST_NAMED = 50


class CommunityRule(models.Model):
    """What a rule that paused itself did can be undone, and the rule set to work again."""

    _inherit = "community.rule"

    batch_text = fields.Char(compute="_compute_batch_text", string="What it did in its last hour")

    def _compute_batch_text(self):
        for rule in self:
            traces = rule._batch()
            told = rule.env._(
                "%(mentions)d mentions, %(leads)d leads, %(tickets)d tickets",
                mentions=len(set(traces.mapped("mention_id"))),
                leads=len(set(traces.mapped("lead_id")) - {0}),
                tickets=len(set(traces.mapped("ticket")) - {False}),
            )
            rule.batch_text = told if traces else False

    def _batch(self):
        """Return the traces of what this rule did in the hour before it paused."""
        self.ensure_one()
        traces = self.env["community.rule.trace"].sudo()
        if self.state != "paused" or not self.paused_at or not isinstance(self.id, int):
            return traces
        since = self.paused_at - timedelta(hours=1)
        return traces.search([("rule_id", "=", self.id), ("made_at", ">=", since), ("made_at", "<=", self.paused_at)])

    def _ensure_admin(self):
        self.check_access("write")
        if not self.env.user.has_group("community_manager.group_admin"):
            raise AccessError(self.env._("Only a community administrator can do this."))

    def action_resume(self):
        """Let rules that paused themselves work again; their hour begins anew."""
        self._ensure_admin()
        paused = self.filtered(lambda rule: rule.state == "paused")
        paused.write({"state": "on", "paused_at": False, "pause_reason": False})
        paused.activity_unlink(["community_manager.activity_rule"])
        self.env["community.rule.pace"]._forget(paused.ids)

    def action_undo_batch(self):
        """Undo what this rule did in the hour before it paused; what somebody worked on since is kept and listed."""
        self.ensure_one()
        self._ensure_admin()
        traces = self._batch()
        if not traces:
            raise UserError(self.env._("There is nothing to undo."))
        mentions = self.env["community.mention"].browse(set(traces.mapped("mention_id"))).exists()
        mentions.check_access("write")  # of this company all, the rule's own
        tickets = defaultdict(set)
        for text in set(traces.mapped("ticket")) - {False}:
            model, number = text.split(",")
            tickets[model].add(int(number))
        leads = self.env["crm.lead"].sudo().browse(set(traces.mapped("lead_id")) - {0}).exists()
        kept, removed = [], {}
        for records in [leads, *(self.env[model].sudo().browse(ids).exists() for model, ids in tickets.items())]:
            touched = self._touched(records, mentions)
            kept += touched
            removed[records._name] = len(records - touched)
            (records - touched).with_context(active_test=False).unlink()
        back = self._put_back(traces, mentions.sudo())
        lead_count = removed.pop("crm.lead", 0)
        summary = self.env._(
            "Undone: %(mentions)d mentions are as they were; %(leads)d leads and %(tickets)d tickets were deleted.",
            mentions=back,
            leads=lead_count,
            tickets=sum(removed.values()),
        )
        self._note_undone(summary, kept)
        traces.unlink()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "message": summary if not kept else f"{summary} {self._kept_words(kept)}",
                "type": "success",
                "sticky": bool(kept),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    @api.model
    def _touched(self, records, mentions):
        """Return those of the leads or tickets that somebody worked on since, or that hold more than this batch.

        :param mentions: those of the batch
        """
        if not records:
            return records
        touched = records.filtered(lambda record: record.write_uid.id != SUPERUSER_ID or not record.active)
        rest = records - touched
        domain = [("model", "=", records._name), ("res_id", "in", rest.ids)]
        robot = self.env.ref("base.partner_root")
        spoken = self.env["mail.message"].sudo().search([*domain, ("author_id", "!=", robot.id)])
        planned = (
            self.env["mail.activity"].sudo().search([("res_model", "=", records._name), ("res_id", "in", rest.ids)])
        )
        link = "lead_id" if records._name == "crm.lead" else self._link_to(records._name)
        others = self.env["community.mention"].sudo().search([(link, "in", rest.ids), ("id", "not in", mentions.ids)])
        ids = {*spoken.mapped("res_id"), *planned.mapped("res_id"), *others[link].ids}
        return touched | rest.browse(sorted(ids))

    @api.model
    def _link_to(self, model):
        """Return the field by which mentions point at tickets of a model."""
        backends = [self.env[name] for name in self.env["community.ticket"]._backends().values()]
        return next(backend._link_field() for backend in backends if backend._target == model)

    def _put_back(self, traces, mentions):
        """Give mentions the values from before, where nobody has changed them since; return how many are as before."""
        self.ensure_one()
        traced = {trace.mention_id: trace.changed or {} for trace in traces}
        groups = defaultdict(list)
        for mention in mentions:
            values = {}
            for name, (before, after) in traced.get(mention.id, {}).items():
                if name not in mention._fields:
                    continue
                field = mention._fields[name]
                now = mention[name].id if field.type == "many2one" else mention[name]
                if field.type == "datetime" or now == after:
                    values[name] = before
            if mention.rule_id == self:
                values["rule_id"] = False
            groups[tuple(sorted(values.items()))].append(mention.id)
        for values, ids in groups.items():
            mentions.browse(ids).write({**dict(values), "rule_ids": [fields.Command.unlink(self.id)]})
        return len(mentions)

    def _kept_words(self, kept):
        return self.env._("%d were kept, because somebody has worked on them; they stand below.", len(kept))

    def _note_undone(self, summary, kept):
        body = Markup("<p>%s</p>") % summary
        if kept:
            links = [Markup("<li>%s</li>") % record._get_html_link() for record in kept[:MOST_NAMED]]
            body += Markup("<p>%s</p><ul>%s</ul>") % (self._kept_words(kept), Markup("").join(links))
        self.message_post(body=body, subtype_xmlid="mail.mt_note")
