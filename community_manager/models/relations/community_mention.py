from odoo import fields, models

from .community_collaboration_result import _stands, _words


class CommunityMention(models.Model):
    """What somebody said as agreed with us, and whether it says so."""

    _inherit = "community.mention"

    collaboration_id = fields.Many2one(
        "community.collaboration",
        readonly=True,
        copy=False,
        ondelete="set null",
        index="btree_not_null",
        groups="community_manager.group_agent",
    )
    undisclosed = fields.Boolean(
        "Does not say that it was agreed",
        readonly=True,
        copy=False,
        groups="community_manager.group_agent",
        help="None of the words stands in it which the collaboration asks for.",
    )

    no_collaboration = fields.Boolean(
        readonly=True, copy=False, groups="community_manager.group_agent", help="Somebody looked: it is of none."
    )

    def _note_disclosure(self):
        """Note of these whether the words stand in them that their collaboration asks for."""
        for collaboration, mentions in self.grouped("collaboration_id").items():
            words = _words(collaboration.disclosure)
            for mention in mentions:
                missing = bool(collaboration and words and not _stands(mention, words))
                if mention.undisclosed != missing:
                    mention.undisclosed = missing

    def write(self, vals):
        result = super().write(vals)
        if ("text" in vals or "title" in vals) and self.sudo().collaboration_id:
            self.sudo()._note_disclosure()
        return result

    def action_leave_collaboration(self):
        """What was said has nothing to do with the collaboration."""
        self.check_access("write")
        self.sudo().write({"collaboration_id": False, "undisclosed": False, "no_collaboration": True})
