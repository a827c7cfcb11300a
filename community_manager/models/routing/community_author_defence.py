from odoo import api, fields, models


class CommunityAuthor(models.Model):
    """Who answers and stands up for us."""

    _inherit = "community.author"

    defence_ids = fields.One2many("community.defence", "author_id", string="What they did for us")
    defence_count = fields.Integer(
        compute="_compute_defence_count", store=True, string="Answers for us", help="Counts toward advocacy."
    )

    @api.depends("defence_ids.state")
    def _compute_defence_count(self):
        counted = [("author_id", "in", self.ids), ("state", "!=", "dismissed")]
        counts = dict(self.env["community.defence"].sudo()._read_group(counted, ["author_id"], ["__count"]))
        for author in self:
            author.defence_count = counts.get(author, 0)

    def action_open_defences(self):
        """Open what these people did for us."""
        action = self.env["ir.actions.act_window"]._for_xml_id("community_manager.action_defences")
        return {**action, "domain": [("author_id", "in", self.ids)], "context": {}}
