from odoo import api, fields, models
from odoo.exceptions import UserError


class CommunitySatisfaction(models.TransientModel):
    """The dialog that asks the author of a mention whether they are satisfied."""

    _name = "community.satisfaction"
    _description = "Asking Whether Somebody Is Satisfied"

    mention_id = fields.Many2one("community.mention", required=True, readonly=True, ondelete="cascade")
    text = fields.Text(compute="_compute_text", store=True, readonly=False, precompute=True, string="Question")
    way = fields.Selection(
        [("reply", "Answer where it stands"), ("message", "Private message to the author")],
        compute="_compute_way",
    )
    channel_id = fields.Many2one("community.channel", compute="_compute_way", string="Sent from")
    link = fields.Char(compute="_compute_link", help="To be put into an e-mail or an answer of your own.")

    @api.depends("mention_id")
    def _compute_text(self):
        for dialog in self:
            dialog.text = dialog.mention_id._satisfaction_text() if dialog.mention_id else False

    @api.depends("mention_id")
    def _compute_link(self):
        for dialog in self:
            dialog.link = dialog.mention_id._satisfaction_link() if dialog.mention_id else False

    @api.depends("mention_id")
    def _compute_way(self):
        for dialog in self:
            channel, way = dialog.mention_id._satisfaction_way() if dialog.mention_id else (None, "")
            dialog.channel_id, dialog.way = channel, way

    def action_send(self):
        """Send the question on the network."""
        self.ensure_one()
        self._ensure_allowed()
        if not self.way:
            raise UserError(self.env._("This network does not let us ask in private. Copy the link instead."))
        if self.link not in (self.text or ""):
            raise UserError(self.env._("The question needs its link."))
        self.mention_id._ask_satisfied(self.text, self.channel_id, self.way)
        return {"type": "ir.actions.act_window_close"}

    def action_by_hand(self):
        """Note that the author was asked with the link, by hand."""
        self.ensure_one()
        self._ensure_allowed()
        self.mention_id._note_asked()
        return {"type": "ir.actions.act_window_close"}

    def _ensure_allowed(self):
        self.mention_id.check_access("write")
        reason = self.mention_id._not_to_be_asked()
        if reason:
            raise UserError(reason)
