from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError


class CommunityMention(models.Model):
    """Where mentions go: department, lead, ticket."""

    _inherit = "community.mention"

    department_id = fields.Many2one("community.department", tracking=True, check_company=True, index="btree_not_null")
    rule_id = fields.Many2one(
        "community.rule",
        string="Sent here by",
        readonly=True,
        copy=False,
        ondelete="set null",
        index="btree_not_null",
        help="The first rule that applied.",
    )
    rule_ids = fields.Many2many(
        "community.rule",
        "community_mention_rule_rel",
        "mention_id",
        "rule_id",
        string="Rules that applied",
        readonly=True,
        copy=False,
        context={"active_test": False},
    )
    lead_id = fields.Many2one("crm.lead", readonly=True, copy=False, ondelete="set null", index="btree_not_null")
    task_id = fields.Many2one(
        "project.task",
        string="Ticket in Project",
        readonly=True,
        copy=False,
        ondelete="set null",
        index="btree_not_null",
    )
    ticket_name = fields.Char(compute="_compute_ticket_name", string="Ticket", help="Wherever tickets are kept.")

    @api.depends(lambda self: self.env["community.ticket"]._link_fields())
    def _compute_ticket_name(self):
        for mention in self:
            mention.ticket_name = mention._ticket().sudo().display_name

    def _ticket(self):
        """Return the ticket of a mention, of whatever model, where they are kept today first; empty without one."""
        self.ensure_one()
        current = self[self.env["community.ticket"]._backend()._link_field()]
        if current:
            return current
        tickets = [self[name] for name in self.env["community.ticket"]._link_fields()]
        return next((ticket for ticket in tickets if ticket), current)

    def _erase_content(self, when=None):
        alive = self.filtered(lambda mention: not mention.deleted_at)
        followups = [self.env["community.lead"]]
        followups += [self.env[model] for model in self.env["community.ticket"]._backends().values()]
        for followup in followups:
            followup._forget(alive)
        return super()._erase_content(when)

    # -- buttons ------------------------------------------------------------------------------------------------------

    def action_create_lead(self):
        """Make a lead of each person who wrote these mentions, or add to the one they have open.

        With ``community_new`` in the context a new one is made in any case.
        """
        return self._follow_up(self.env["community.lead"])

    def action_create_ticket(self):
        """Make a ticket for each person who wrote these mentions, or add to the one they have open.

        With ``community_new`` in the context a new one is made in any case.
        """
        return self._follow_up(self.env["community.ticket"]._backend())

    def action_open_lead(self):
        """Open the lead of these mentions."""
        return self._open_followed(self.sudo().lead_id)

    def action_open_ticket(self):
        """Open the ticket of these mentions."""
        tickets = [mention._ticket() for mention in self.sudo()]
        first = next((ticket for ticket in tickets if ticket), None)
        if first is None:
            raise UserError(self.env._("There is no ticket yet."))
        return self._open_followed(first.union(*(ticket for ticket in tickets if ticket._name == first._name)))

    def _follow_up(self, followup):
        """Do by hand what a rule would do.

        :param followup: a model that inherits ``community.followup``
        """
        if not self.env.user.has_group("community_manager.group_agent"):
            raise AccessError(self.env._("Only community agents can make leads and tickets of mentions."))
        self.check_access("write")
        new = bool(self.env.context.get("community_new"))
        link = followup._link_field()
        theirs = self.filtered(lambda mention: not mention.outgoing)
        if not theirs:
            raise UserError(self.env._("We wrote this ourselves. Choose what somebody else has written."))
        wanted = theirs if new else theirs.filtered(lambda mention: not mention.sudo()[link])
        there = (theirs - wanted).sudo()[link].with_env(self.env)
        users = dict.fromkeys(wanted.ids, self.env.uid) if followup._may_have(self.env.user) else {}
        made, added = followup._take_on(wanted, users, new=new)
        theirs.filtered(lambda mention: mention.state == "new").write({"state": "open"})
        return self._open_followed(made | added | there, made, added)

    def _open_followed(self, records, made=None, added=None):
        """Return the action that opens records, or that says why it does not.

        :param records: leads or tickets
        :param made: those of them that were just made
        :param added: those of them that were just added to
        """
        if not records:
            raise UserError(self.env._("There is none yet."))
        records = records.sudo(False)
        seen = records._filtered_access("read")
        if not seen:
            return self._tell_followed(records.sudo(), made, added)
        action = {"type": "ir.actions.act_window", "res_model": records._name, "target": "current"}
        if len(seen) == 1:
            return {**action, "name": seen.display_name, "res_id": seen.id, "views": [(False, "form")]}
        return {
            **action,
            "domain": [("id", "in", seen.ids)],
            "views": [(False, "list"), (False, "form")],
            "context": {"create": False, "active_test": False},
            "name": self.env._("From mentions"),
        }

    def _tell_followed(self, records, made, added):
        """Return a notification for somebody who has no access to the application of the records."""
        names = ", ".join(records[:5].mapped("display_name"))
        if made:
            message = self.env._("Made: %s. Colleagues with access to it go on from here.", names)
        elif added:
            message = self.env._("Added to: %s. Colleagues with access to it go on from here.", names)
        else:
            message = self.env._("%s is open only to colleagues with access to it.", names)
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "message": message,
                "type": "success" if made or added else "warning",
                "next": {"type": "ir.actions.client", "tag": "soft_reload"} if made or added else False,
            },
        }
