from odoo import fields, models
from odoo.exceptions import AccessError, UserError

from .community_handoff import OPEN


class CommunityMention(models.Model):
    """Mentions that were put before a department."""

    _inherit = "community.mention"

    handoff_ids = fields.Many2many(
        "community.handoff",
        "community_handoff_mention_rel",
        "mention_id",
        "handoff_id",
        string="Hand-offs",
        readonly=True,
        copy=False,
    )
    handoff_count = fields.Integer(compute="_compute_handoff_count", string="Number of hand-offs")
    handoff_state = fields.Char(compute="_compute_handoff_count", string="Hand-off")

    def _compute_handoff_count(self):
        labels = dict(self.env["community.handoff"]._fields["state"]._description_selection(self.env))
        for mention in self:
            found = mention.handoff_ids.sorted("id")
            mention.handoff_count = len(found)
            current = (found.filtered(lambda one: one.state in OPEN) or found)[-1:]
            mention.handoff_state = labels.get(current.state, False)

    def _note_answered(self):
        result = super()._note_answered()
        waiting = (
            self.env["community.handoff"].sudo().search([("mention_ids", "in", self.ids), ("state", "=", "outcome")])
        )
        waiting._note_told(self)
        return result

    def action_hand_off(self):
        """Open the dialog that puts these mentions before a department."""
        if not self.env.user.has_group("community_manager.group_agent"):
            raise AccessError(self.env._("Only community agents hand mentions to departments."))
        self.check_access("write")
        theirs = self.filtered(lambda mention: not mention.outgoing)
        if not theirs:
            raise UserError(self.env._("We wrote this ourselves. Choose what somebody else has written."))
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Hand off"),
            "res_model": "community.handoff.ask",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_mention_ids": theirs.ids},
        }

    def action_open_handoffs(self):
        """Open what these mentions were handed to departments for."""
        action = self.env["ir.actions.act_window"]._for_xml_id("community_manager.action_handoffs")
        found = {**action, "domain": [("id", "in", self.handoff_ids.ids)], "context": {}}
        if len(self.handoff_ids) == 1:
            found |= {"res_id": self.handoff_ids.id, "views": [(False, "form")]}
        return found
