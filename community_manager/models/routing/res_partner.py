from odoo import fields, models


class ResPartner(models.Model):
    _inherit = "res.partner"

    community_author_ids = fields.One2many(
        "community.author", "partner_id", string="Profiles", groups="community_manager.group_agent"
    )
    community_mention_count = fields.Integer(
        compute="_compute_community_mention_count", string="Mentions", groups="community_manager.group_agent"
    )

    def _compute_community_mention_count(self):
        authors = self.env["community.author"].search([("partner_id", "child_of", self.ids)])
        counts = dict(
            self.env["community.mention"]._read_group([("author_id", "in", authors.ids)], ["author_id"], ["__count"])
        )
        self.community_mention_count = 0
        for author, count in counts.items():
            partner = author.partner_id
            while partner:  # a company counts what its people say
                if partner in self:
                    partner.community_mention_count += count
                partner = partner.sudo().parent_id

    def action_community_mentions(self):
        """Open what these contacts have said, on whatever network."""
        action = self.env["ir.actions.act_window"]._for_xml_id("community_manager.action_mentions")
        return {**action, "domain": [("author_id.partner_id", "child_of", self.ids)], "context": {}}
