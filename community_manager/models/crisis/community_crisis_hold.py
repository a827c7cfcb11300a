from odoo import api, fields, models

from .community_crisis import SCOPES


class CommunityCrisis(models.Model):
    """What a crisis holds back, through the outbox's own holds."""

    _inherit = "community.crisis"

    hold_scope = fields.Selection(
        SCOPES,
        string="Held back",
        default="none",
        required=True,
        tracking=True,
        help="What waits while the crisis is open. Approved statements go out, and what a role of it releases.",
    )
    hold_channel_ids = fields.Many2many(
        "community.channel",
        "community_crisis_channel_rel",
        "crisis_id",
        "channel_id",
        string="Of channels",
        check_company=True,
        help="Empty: of every channel.",
    )
    hold_ids = fields.One2many("community.hold", "crisis_id", string="Holds")
    held_count = fields.Integer("Messages held", compute="_compute_held_count")

    def _compute_held_count(self):
        for crisis in self:
            crisis.held_count = len(crisis._held())

    def _held(self):
        """Return the messages that wait because of this crisis, or for a look after it."""
        self.ensure_one()
        return self.sudo().hold_ids.filtered("active")._waiting()

    def write(self, vals):
        result = super().write(vals)
        if {"hold_scope", "hold_channel_ids", "name"} & set(vals):
            self.filtered("is_open")._begin_hold()
        elif vals.get("stage") == "open":
            self._begin_hold()
        return result

    def _begin_hold(self):
        """Hold back what the crisis says, from now on; what is not held any more waits for a look."""
        for crisis in self.sudo().filtered("is_open"):
            standing = crisis.hold_ids.filtered(lambda hold: hold.active and not hold.crisis_review)
            if crisis.hold_scope == "none":
                if standing:
                    standing.action_end()
                    crisis._log("hold", self.env._("Nothing is held back any more."))
                continue
            values = {
                "name": self.env._("Crisis “%s”", crisis.name),
                "scope": crisis.hold_scope,
                "channel_ids": [fields.Command.set(crisis.hold_channel_ids.ids)],
            }
            label = dict(self._fields["hold_scope"]._description_selection(self.env))[crisis.hold_scope]
            if standing:
                changed = standing[0].scope != crisis.hold_scope or standing[0].channel_ids != crisis.hold_channel_ids
                standing[0]._change(values)
                if not changed:
                    continue
            else:
                self.env["community.hold"].sudo().create(
                    {**values, "kind": "crisis", "crisis_id": crisis.id, "company_id": crisis.company_id.id}
                )
            crisis._log("hold", self.env._("Held back: %s", label))

    def action_open_held(self):
        """Open what waits because of this crisis, to release or cancel each."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("community_manager.action_crisis_held")
        return {**action, "domain": [("id", "in", self._held().ids)]}

    @api.model
    def _holding(self, replies):
        """Return ``{reply id: holds of crises that hold it}``."""
        found = {}
        for company, messages in replies.grouped("company_id").items():
            holds = self.env["community.hold"].sudo()._current(company).filtered(lambda hold: hold.kind == "crisis")
            for reply in messages:
                covering = holds.filtered(lambda hold, reply=reply: hold._covers(reply))
                if covering:
                    found[reply.id] = covering
        return found
