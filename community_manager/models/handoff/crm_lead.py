from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError


class CrmLead(models.Model):
    """What sales says back about leads that come from mentions."""

    _inherit = "crm.lead"

    community_asks_email = fields.Boolean(
        compute="_compute_community_asks_email", groups="community_manager.group_agent"
    )
    community_made = fields.Boolean(compute="_compute_community_made", string="Made from mentions")

    def _compute_community_made(self):
        # as superuser: sales people without a role in the community return leads too
        found = self.env["community.mention"].sudo()._read_group([("lead_id", "in", self.ids)], ["lead_id"])
        made = {lead.id for (lead,) in found}
        for lead in self:
            lead.community_made = lead._origin.id in made

    @api.depends("email_from", "partner_id.email", "active")
    def _compute_community_asks_email(self):
        for lead in self:
            lead.community_asks_email = bool(
                not lead.email_from and not lead.partner_id.email and lead.active and lead.community_made
            )

    def _community_mentions(self):
        """Return the mentions of these leads, newest first, as superuser."""
        mentions = self.env["community.mention"].sudo()
        return mentions.search([("lead_id", "in", self.ids)], order="published_at desc, id desc")

    def action_community_not_a_lead(self):
        """Open the dialog that gives the mentions of this lead back to the community team."""
        self.ensure_one()
        self.check_access("write")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Not a lead"),
            "res_model": "community.lead.return",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_lead_id": self.id},
        }

    def _community_return(self, reason, note=""):
        """Give the mentions of these leads back with a reason; the leads are lost.

        :param reason: a ``crm.lost.reason``
        :param str note: what else is to be said
        :raises UserError: a lead does not come from a mention, or is won
        """
        self.check_access("write")
        for lead in self:
            mentions = lead._community_mentions()
            if not mentions:
                raise UserError(self.env._("“%s” does not come from a mention.", lead.name))
            if lead.won_status == "won":
                raise UserError(self.env._("“%s” is won already.", lead.name))
            rules = mentions.rule_ids.filtered(lambda rule: rule.lead_action == "create")
            mentions._return_from(lead, reason, note)
            sentence = self.env._("Not a lead: %s", reason.name)
            if rules:
                sentence += " " + self.env._("Sent here by: %s", ", ".join(rules.mapped("name")))
            lead._message_log(body=f"{sentence}. {note}" if note else sentence)
            lead.action_set_lost(lost_reason_id=reason.id)

    def action_community_ask_email(self):
        """Write a draft that asks the person for an e-mail address, privately where that is possible.

        :raises UserError: the person cannot be answered, with the reason
        """
        self.ensure_one()
        if not self.env.user.has_group("community_manager.group_agent"):
            raise AccessError(self.env._("Only community agents answer authors."))
        self.check_access("read")
        mentions = self._community_mentions().with_env(self.env)
        reason = self.env._("There is nothing to answer.")
        for mention in mentions._filtered_access("write"):
            options = mention.get_reply_options()
            ways = [entry["way"] for entry in options["ways"]]
            if not ways:
                reason = options["reason"] or reason
                continue
            replies = self.env["community.reply"]
            way = "message" if "message" in ways else ways[0]
            text = mention._in_language()._ask_email_text(way)
            there = replies.search([("mention_id", "=", mention.id), ("state", "=", "draft"), ("text", "=", text)])
            draft = there[:1] or replies.create(
                {
                    "mention_id": mention.id,
                    "company_id": mention.company_id.id,
                    "channel_id": options["channel_id"],
                    "way": way,
                    "text": text,
                }
            )
            return {
                "type": "ir.actions.act_window",
                "name": self.env._("Ask for an e-mail address"),
                "res_model": "community.reply",
                "res_id": draft.id,
                "views": [(False, "form")],
            }
        raise UserError(reason)
