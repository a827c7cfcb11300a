from odoo import fields, models

from .community_feedback import DECISIONS


class CommunityFeedbackAnswer(models.Model):
    """Somebody who asked was told what was decided: once for each decision."""

    _name = "community.feedback.answer"
    _description = "Person Told of a Decision"
    _order = "id desc"
    _rec_name = "author_id"
    _check_company_auto = True

    feedback_id = fields.Many2one("community.feedback", required=True, readonly=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="feedback_id.company_id", store=True, index=True)
    decision = fields.Selection(DECISIONS, required=True, readonly=True)
    author_id = fields.Many2one("community.author", readonly=True, ondelete="cascade", string="Person")
    partner_id = fields.Many2one("res.partner", readonly=True, ondelete="set null", string="Contact")
    mention_id = fields.Many2one("community.mention", readonly=True, ondelete="set null", string="In answer to")
    reply_id = fields.Many2one("community.reply", readonly=True, ondelete="set null", string="Message")
    left_out = fields.Char(readonly=True, string="Left out because")
    reply_state = fields.Selection(related="reply_id.state", string="How far")

    _once = models.UniqueIndex("(feedback_id, decision, author_id)", "This person has been told, or is about to be.")

    def _counts(self):
        """Return whether the person knows, or will: what was cancelled or failed tells nobody."""
        self.ensure_one()
        reply = self.sudo().reply_id  # drafts of colleagues count too, though nobody else reads them
        return bool(self.left_out) or bool(reply) and reply.state not in ("cancelled", "failed")
