from odoo import fields, models


class CommunityMention(models.Model):
    """Mentions whose lead was none."""

    _inherit = "community.mention"

    lead_return_id = fields.Many2one(
        "crm.lost.reason",
        string="Returned by sales",
        readonly=True,
        copy=False,
        ondelete="set null",
        index="btree_not_null",
        help="Why sales said that this is not a lead.",
    )

    def write(self, vals):
        if vals.get("lead_id"):  # a new lead: what was said of the one before no longer counts
            vals = {"lead_return_id": False, **vals}
        return super().write(vals)

    def action_create_lead(self):
        """Make a lead; one that sales returned is not asked again, a new one is made."""
        if self and all(mention.lead_return_id for mention in self):
            self = self.with_context(community_new=True)
        return super().action_create_lead()

    def _return_from(self, lead, reason, note=""):
        """Put mentions back into the inbox: the lead they made is none.

        :param lead: the ``crm.lead``
        :param reason: a ``crm.lost.reason``
        :param str note: what else was said about it
        """
        for mention in self:
            mention.write({"lead_return_id": reason.id, "state": "open"})
            sentence = self.env._("Not a lead, sales says: %s", reason.name)
            mention._message_log(body=f"{sentence}. {note}" if note else sentence)
        self.author_id.filtered(lambda author: author.lead_id == lead).write({"lead_id": False})
