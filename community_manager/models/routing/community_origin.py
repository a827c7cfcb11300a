from odoo import api, fields, models


class CommunityOrigin(models.AbstractModel):
    """For records that mentions lead to: how many there were, and a way back to them."""

    _name = "community.origin"
    _description = "Record that Comes from Mentions"

    community_mention_count = fields.Integer(
        compute="_compute_community_mention_count",
        string="Mentions",
        groups="community_manager.group_agent",
    )

    @api.model
    def _community_link_field(self):
        """Return the name of the Many2one that mentions and authors have to this model."""
        raise NotImplementedError

    def _compute_community_mention_count(self):
        link = self._community_link_field()
        counts = dict(self.env["community.mention"]._read_group([(link, "in", self.ids)], [link], ["__count"]))
        for record in self:
            record.community_mention_count = counts.get(record, 0)

    def action_community_mentions(self):
        """Open the mentions that these records come from."""
        action = self.env["ir.actions.act_window"]._for_xml_id("community_manager.action_mentions")
        return {**action, "domain": [(self._community_link_field(), "in", self.ids)], "context": {}}

    def _community_inherit(self, others):
        """Take over the mentions and authors of records that are merged into this one."""
        self.ensure_one()
        link = self._community_link_field()
        for model in ("community.mention", "community.author"):
            self.env[model].sudo().search([(link, "in", others.ids)]).write({link: self.id})
