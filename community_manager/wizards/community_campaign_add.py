from odoo import fields, models
from odoo.exceptions import UserError


class CommunityCampaignAdd(models.TransientModel):
    """Bring people into a campaign by hand."""

    _name = "community.campaign.add"
    _description = "Add People to a Campaign"

    campaign_id = fields.Many2one(
        "community.campaign",
        required=True,
        ondelete="cascade",
        domain="[('state', 'in', ('running', 'paused'))]",
    )
    partner_ids = fields.Many2many(
        "res.partner",
        string="People",
        default=lambda self: self._default_partners(),
        domain="[('partner_share', '=', True)]",
    )
    anyway = fields.Boolean(
        "Also those who are not in its audience", default=True, help="Limits, consent and holds stand all the same."
    )

    def _default_partners(self):
        if self.env.context.get("active_model") == "res.partner":
            return self.env["res.partner"].browse(self.env.context.get("active_ids") or ())
        return self.env["res.partner"]

    def action_add(self):
        """Bring them in, and say who could not be.

        :raises UserError: nobody was brought in
        """
        self.ensure_one()
        self.campaign_id._ensure_manager()
        # what may be seen of contacts is asked of whoever adds them
        self.partner_ids.check_access("read")
        origin = self.env._("Added by %s", self.env.user.name)
        added = self.campaign_id._start_person(self.partner_ids, origin, anyway=self.anyway)
        left_out = self.partner_ids - added.partner_id
        if not added:
            raise UserError(
                self.env._("None of them came in: they are in it already, were lately, or are not meant by it.")
            )
        self.campaign_id._wake()
        message = self.env._("%s people were added.", len(added))
        if left_out:
            names = ", ".join(left_out[:5].mapped("display_name"))
            message += " " + self.env._("Not added, for they were in it already or are not meant by it: %s", names)
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {"message": message, "type": "success", "next": {"type": "ir.actions.act_window_close"}},
        }
