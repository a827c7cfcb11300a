from odoo import api, fields, models
from odoo.exceptions import UserError


class CommunityReply(models.Model):
    """What is said in a crisis."""

    _inherit = "community.reply"

    crisis_id = fields.Many2one("community.crisis", related="mention_id.crisis_id", string="Crisis")
    crisis_held = fields.Boolean(compute="_compute_crisis_held", string="Held by a crisis")
    crisis_mine = fields.Boolean(compute="_compute_crisis_held", string="May be released")

    @api.depends("state", "hold_reason")
    @api.depends_context("uid")
    def _compute_crisis_held(self):
        waiting = self.filtered(lambda reply: reply.state == "queued")
        holding = self.env["community.crisis"]._holding(waiting.sudo())
        for reply in self:
            holds = holding.get(reply.id)
            reply.crisis_held = bool(holds)
            crises = holds.crisis_id if holds else ()
            reply.crisis_mine = bool(crises) and all(crisis.with_env(self.env)._may("release") for crisis in crises)

    def action_release(self):
        """Let messages go that a crisis holds back, or that wait for a look after it.

        :raises UserError: nothing of a crisis holds one of them
        :raises AccessError: the reader has no role that releases
        """
        self.check_access("write")
        holding = self.env["community.crisis"]._holding(self.sudo())
        for reply in self:
            holds = holding.get(reply.id)
            if not holds or reply.state != "queued":
                raise UserError(self.env._("No crisis holds “%s” back.", reply.summary))
            for hold in holds:
                crisis = hold.crisis_id
                crisis.with_env(self.env)._ensure_may("release")
                hold._release(reply)
                crisis.with_env(self.env)._log("hold", self.env._("Released: %s", reply.summary))
        self.sudo()._look_at_holds()
        self.sudo().filtered(lambda reply: not reply.hold_reason)._due_now()
        return True

    def _approval_reasons(self):
        reasons = super()._approval_reasons()
        crisis = self.sudo().mention_id.crisis_id
        asked = crisis.is_open and crisis.approve_answers
        if asked and not crisis.statement_ids._said_in(self.text, self.channel_id.sudo().network):
            reasons = [*reasons, self.env._("The crisis “%s” asks for it.", crisis.name)]
        return reasons

    def _note_sent(self, item):
        result = super()._note_sent(item)
        self.sudo()._note_in_crisis()
        return result

    def _note_in_crisis(self):
        """Note in the timeline that a statement was used, or that the first answer went out."""
        self.ensure_one()
        crises = self.mention_id.crisis_id.filtered("is_open") or self.env["community.crisis"]._open_in(self.company_id)
        for crisis in crises:
            statement = crisis.statement_ids._said_in(self.text, self.channel_id.network)
            if statement:
                statement.used_count += 1
                if statement.used_count == 1:
                    crisis._log("statement", self.env._("First used: %s", statement.name))
        crisis = self.mention_id.crisis_id.filtered("is_open")
        if crisis and not crisis.event_ids.filtered(lambda event: event.kind == "answer"):
            crisis._log("answer", self.env._("First answer: %s", self.summary))
