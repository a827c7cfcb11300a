from odoo import fields, models
from odoo.exceptions import UserError


class CommunityOrigin(models.AbstractModel):
    """Answering from a record that mentions lead to."""

    _inherit = "community.origin"

    community_answer_label = fields.Char(
        compute="_compute_community_answer_label", groups="community_manager.group_agent", string="Answer on"
    )

    def _compute_community_answer_label(self):
        newest = self._community_newest_mentions()
        for record in self:
            record.community_answer_label = newest[record.id]._network_name() if newest.get(record.id) else False

    def _community_newest_mentions(self):
        """Return ``{id: newest mention that can be answered}`` of records that have one."""
        link = self._community_link_field()
        rows = self.env["community.mention"]._read_group(
            [(link, "in", self.ids), *self.env["community.mention"]._answerable()], [link], ["id:recordset"]
        )
        return {record.id: mentions.sorted(lambda one: (one.published_at, one.id))[-1:] for record, mentions in rows}

    def action_community_answer(self):
        """Open the newest mention of this record to answer it.

        :raises UserError: there is none
        """
        self.ensure_one()
        mention = self._community_newest_mentions().get(self.id)
        if not mention:
            raise UserError(self.env._("Nothing that can be answered on a network belongs to this record."))
        return mention.action_answer()
