from odoo import api, models
from odoo.exceptions import UserError

from .community_close_reason import CLOSED


class CommunityMention(models.Model):
    """What the desk shows beside a mention, and does with it."""

    _inherit = "community.mention"

    @api.readonly
    def get_side(self):
        """Return what stands beside the conversation: who wrote, and what can be done.

        :returns: dict with ``person`` (see ``community.author.get_person``, or False), ``acts``, ``owner``, and the
            lines ``why`` (it is here) and ``links`` (to what was made of it)
        """
        self.ensure_one()
        self.check_access("read")
        author = self.author_id
        return {
            "id": self.id,
            "state": self.state,
            "state_name": dict(self._fields["state"]._description_selection(self.env))[self.state],
            "person": author.get_person(self.id) if author else False,
            "acts": list(self._desk_acts()),
            "owner": {"id": self.user_id.id, "name": self.user_id.sudo().name} if self.user_id else False,
            "why": self._why_lines(),
            "links": self._made_lines(),
        }

    def _why_lines(self):
        """Return lines of the pane that say why this mention is here, see ``community.author._person_line``."""
        line = self.env["community.author"]._person_line
        # sudo: names of a rule and a department say why it is here; what they hold needs the rights to it
        mention = self.sudo()
        reasons = [(mention.department_id, self.env._("Department")), (mention.rule_id, self.env._("Rule"))]
        lines = [line(self.matched, note=self.env._("Words"))] if self.matched else []
        return lines + [line(record.name, note=kind, record=record) for record, kind in reasons if record]

    def _made_lines(self):
        """Return lines of the pane for what was made of this mention, unless it is the person's open one anyway."""
        line, mention = self.env["community.author"]._person_line, self.sudo()
        made = [(mention.lead_id, self.env._("Lead")), (mention._ticket(), self.env._("Ticket"))]
        shown = [record for record, _kind in mention.author_id._open_records()]
        return [
            line(record.display_name, note=kind, record=record)
            for record, kind in made
            if record and record not in shown
        ]

    def _desk_acts(self):
        """Return ``{code: method}`` of what this user may do with this mention now; rooms extend this.

        The desk shows buttons for the codes it knows, and runs them through :meth:`desk_act`.
        """
        self.ensure_one()
        if not self.has_access("write"):
            return {}
        acts = {}
        if not self.outgoing:
            acts |= {"lead": "action_create_lead", "ticket": "action_create_ticket", "hand_off": "action_hand_off"}
        if self.state in CLOSED:
            return {**acts, "reopen": "action_reopen"}
        if self.user_id != self.env.user:
            acts["assign"] = "action_assign_to_me"
        if not self.outgoing:
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
        before, followup = self._undo_values(), self._made_by(code)
        newest = followup._newest_id() if followup is not None else 0
        there = self.sudo()[followup._link_field()] if followup is not None else None
        action = getattr(self, method)()
        made = self._what_was_made(followup, there, newest) if followup is not None else False
        return {
            "before": before,
            "after": self._undo_values(),
            "made": made,
            # what was made is told, not opened: the agent stays where the work is
            "action": action if isinstance(action, dict) and not made else False,
        }

    @api.model
    def _made_by(self, code):
        """Return the model (a ``community.followup``) that makes what an act asks for, or None."""
        if code == "lead":
            return self.env["community.lead"]
        return self.env["community.ticket"]._backend() if code == "ticket" else None

    def _what_was_made(self, followup, before, newest):
        """Return what a lead or ticket that was asked for came to.

        :param followup: the model that makes it
        :param before: what the mention had before
        :param int newest: id of the newest there was before
        :returns: dict with ``how`` ("made" now, "added" to an open one, or "there" already) and its ``line``; or False
        """
        record = self.sudo()[followup._link_field()]
        if not record:
            return False
        how = "there" if record == before else "made" if record.id > newest else "added"
        return {"how": how, "line": self.author_id._person_line(record.display_name, record=record)}
