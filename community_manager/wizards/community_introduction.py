from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError


class CommunityIntroduction(models.TransientModel):
    """Introduce whoever wrote to a named person or desk, through the outbox."""

    _name = "community.introduction"
    _description = "Introduce an Author"

    handoff_id = fields.Many2one(
        "community.handoff", string="Hand-off", required=True, ondelete="cascade", readonly=True
    )
    mention_id = fields.Many2one("community.mention", required=True, ondelete="cascade", readonly=True)
    user_id = fields.Many2one("res.users", string="Person", domain="[('share', '=', False)]")
    desk = fields.Char()
    url = fields.Char(string="Booking link", help="A calendar where a time can be chosen, or any page.")
    way = fields.Selection(
        "_selection_way", required=True, compute="_compute_way", store=True, readonly=False, precompute=True
    )
    text = fields.Text(
        compute="_compute_text", store=True, readonly=False, precompute=True, required=True, string="Message"
    )
    language = fields.Char(related="mention_id.language")

    @api.model
    def _selection_way(self):
        return [
            ("message", self.env._("Private message to the author")),
            ("reply", self.env._("Answer where it stands")),
        ]

    @api.depends("mention_id")
    def _compute_way(self):
        for wizard in self:
            ways = [entry["way"] for entry in wizard.mention_id.get_reply_options()["ways"]]
            wizard.way = "message" if "message" in ways else "reply"

    @api.depends("mention_id", "user_id", "desk", "url")
    def _compute_text(self):
        for wizard in self:
            wizard.text = wizard.mention_id._in_language()._introduction_text(
                wizard.user_id.name or "", wizard.desk or "", wizard.url or ""
            )

    @api.constrains("url")
    def _check_url(self):
        for wizard in self:
            if wizard.url and not wizard.url.lower().startswith(("https://", "http://")):
                raise ValidationError(self.env._("A booking link starts with https:// or http://."))

    def action_send(self):
        """Queue the message; the hand-off keeps how far it is.

        :raises UserError: with the reason why it cannot be sent
        """
        self.ensure_one()
        if not self.env.user.has_group("community_manager.group_agent"):
            raise AccessError(self.env._("Only community agents answer authors."))
        self.handoff_id.check_access("write")
        if not (self.user_id or (self.desk or "").strip()):
            raise UserError(self.env._("Say to whom the author is introduced."))
        reply = self.mention_id._reply(self.text, self.way)
        name = " · ".join(part for part in (self.user_id.name, (self.desk or "").strip()) if part)
        handoff = self.handoff_id.sudo()
        handoff.write({"introduction_id": reply.id, "introduced_to": name})
        handoff._message_log(body=self.env._("Introduced to %s", name))
        return {"type": "ir.actions.act_window_close"}
