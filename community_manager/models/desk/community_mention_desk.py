from odoo import api, models
from odoo.exceptions import UserError

from .community_mention_queue import CLOSED


class CommunityMention(models.Model):
    """What the desk shows beside a mention, and does with it."""

    _inherit = "community.mention"

    @api.readonly
    def get_side(self):
        """Return what stands beside the conversation: who wrote, and what can be done.

        :returns: dict with ``person`` (see ``community.author.get_person``, or False), ``acts``, ``owner``, ``sent_by``
            (why it is here) and ``links`` (what was made of it)
        """
        self.ensure_one()
        self.check_access("read")
        author = self.author_id
        line = author._person_line
        # sudo: names of a rule and a department say why it is here; what they hold needs the rights to it
        rule, department = self.sudo().rule_id, self.sudo().department_id
        links = [(self.sudo().lead_id, self.env._("Lead")), (self.sudo()._ticket(), self.env._("Ticket"))]
        return {
            "id": self.id,
            "state": self.state,
            "person": author.get_person(self.id) if author else False,
            "acts": list(self._desk_acts()),
            "owner": {"id": self.user_id.id, "name": self.user_id.sudo().name} if self.user_id else False,
            "why": [line(record.name, note=kind, record=record) for record, kind in (
                (department, self.env._("Department")), (rule, self.env._("Rule")),
            ) if record],
            "links": [line(record.sudo().display_name, note=kind, record=record) for record, kind in links if record],
        }  # fmt: skip

    def _desk_acts(self):
        """Return ``{code: method}`` of what this user may do with this mention now; rooms extend this.

        The desk shows buttons for the codes it knows, and runs them through :meth:`desk_act`.
        """
        self.ensure_one()
        if not self.has_access("write"):
            return {}
        acts = {}
        if not self.outgoing:
            acts |= {"lead": "action_create_lead", "ticket": "action_create_ticket"}
            if "handoff_ids" in self._fields:
                acts["hand_off"] = "action_hand_off"
        if self.state in CLOSED:
            return {**acts, "reopen": "action_reopen"}
        if self.user_id != self.env.user:
            acts["assign"] = "action_assign_to_me"
        if "snoozed_until" in self._fields:
            acts["snooze"] = "action_wake" if self.snoozed_until else "action_snooze"
        return {**acts, "done": "action_done", "ignore": "action_ignore"}

    def desk_act(self, code):
        """Do one of the things the desk offers.

        :param str code: one of ``acts`` of :meth:`get_side`
        :returns: dict with ``before`` and ``after`` (see :meth:`action_undo`), ``made`` (see
            :meth:`_what_was_made`) and ``action``, the dialog that asks for more, or False
        :raises UserError: that cannot be done now
        """
        self.ensure_one()
        method = self._desk_acts().get(code)
        if not method:
            raise UserError(self.env._("This cannot be done now: somebody has changed it meanwhile."))
        before, link = self._undo_values(), self._made_link(code)
        there = self.sudo()[link] if link else None
        action = getattr(self, method)()
        made = self._what_was_made(link, there) if link else False
        return {
            "before": before,
            "after": self._undo_values(),
            "made": made,
            # what was made is told, not opened: the agent stays where the work is
            "action": action if isinstance(action, dict) and not made else False,
        }

    @api.model
    def _made_link(self, code):
        """Return the name of the Many2one that an act fills, or ``""``."""
        if code == "lead":
            return self.env["community.lead"]._link_field()
        return self.env["community.ticket"]._backend()._link_field() if code == "ticket" else ""

    def _what_was_made(self, link, before):
        """Return what a lead or ticket that was asked for came to.

        :param str link: name of the Many2one to it
        :param before: what it held before
        :returns: dict with ``how`` ("made" now, "added" to an open one, or "there" already) and its ``line``
        """
        record = self.sudo()[link]
        if not record:
            return False
        made = record != before and record.create_date >= self.env.cr.now().replace(microsecond=0)
        how = "made" if made else "there" if record == before else "added"
        return {"how": how, "line": self.author_id._person_line(record.display_name, record=record)}
