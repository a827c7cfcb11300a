from odoo import models
from odoo.exceptions import UserError


class ResPartner(models.Model):
    """Answering a contact where they wrote to us."""

    _inherit = "res.partner"

    def action_community_answer(self):
        """Answer what this contact wrote last; with several profiles, choose where.

        :raises UserError: they have written nothing
        """
        self.ensure_one()
        authors = self.env["community.author"].search([("partner_id", "child_of", self.ids)])
        rows = self.env["community.mention"]._read_group(
            [("author_id", "in", authors.ids), *self.env["community.mention"]._answerable()],
            ["author_id"],
            ["id:max"],
        )
        mentions = self.env["community.mention"].browse(newest for _author, newest in rows)
        if not mentions:
            raise UserError(self.env._("%s has written nothing that can be answered on a network.", self.display_name))
        if len(mentions) == 1:
            return mentions.action_answer()
        action = self.env["ir.actions.act_window"]._for_xml_id("community_manager.action_answer_where")
        return {**action, "domain": [("id", "in", mentions.ids)]}
