from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from .community_feedback import KINDS_BY_INTENT


class CommunityMention(models.Model):
    """What mentions contribute to the feedback register."""

    _inherit = "community.mention"

    feedback_id = fields.Many2one(
        "community.feedback",
        check_company=True,
        copy=False,
        ondelete="set null",
        index="btree_not_null",
        domain="[('company_id', '=', company_id)]",
        help="The entry of the register that this speaks for.",
    )
    is_feedback = fields.Boolean(compute="_compute_is_feedback", help="It suggests something, or says what is broken.")

    @api.depends("intent_ids.code")
    def _compute_is_feedback(self):
        for mention in self:
            mention.is_feedback = bool(KINDS_BY_INTENT.keys() & set(mention.intent_ids.mapped("code")))

    def _feedback_text(self):
        """Return the words of this mention by which similar entries are found."""
        self.ensure_one()
        # the title of a comment is made by the site
        title = self.title if self.kind != "comment" else ""
        return "\n".join(part for part in (title, self.text) if part)

    def _erase_content(self, when=None):
        entries = self.feedback_id.sudo()
        result = super()._erase_content(when)
        entries._learn_words()
        return result

    def action_add_to_feedback(self):
        """Open the dialog that puts these mentions into the register."""
        if not self.env.user.has_group("community_manager.group_agent"):
            raise AccessError(self.env._("Only community agents can put mentions into the feedback register."))
        self.check_access("write")
        theirs = self.filtered(lambda mention: not mention.outgoing)
        if not theirs:
            raise UserError(self.env._("We wrote this ourselves. Choose what somebody else has written."))
        if len(theirs.company_id) > 1:
            raise UserError(self.env._("Choose mentions of one company."))
        dialog = self.env["community.feedback.add"].create({"mention_ids": [fields.Command.set(theirs.ids)]})
        dialog._propose()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Add to feedback"),
            "res_model": dialog._name,
            "res_id": dialog.id,
            "views": [(False, "form")],
            "target": "new",
        }

    def _add_to_feedback(self):
        """Put these mentions into the register: into similar open entries, else into new ones.

        :returns: the ``community.feedback`` entries
        """
        return self.env["community.feedback"]._add_to_feedback(self)

    def action_leave_feedback(self):
        """Take these mentions out of the register: they do not belong to their entry."""
        self.check_access("write")
        entries = self.feedback_id
        self.write({"feedback_id": False})
        entries._learn_words()

    def action_open_feedback(self):
        """Open the entry that this speaks for."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "community.feedback",
            "res_id": self.feedback_id.id,
            "views": [(False, "form")],
        }
