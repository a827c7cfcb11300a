from odoo import fields, models


class CommunityResponseDone(models.Model):
    """A reminder or an escalation that was given: each is given once for a question, whoever works at it."""

    _name = "community.response.done"
    _description = "Reminder Given"
    _log_access = False
    _order = "id desc"

    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="cascade")
    mention_id = fields.Many2one("community.mention", readonly=True, required=True, ondelete="cascade", index=True)
    question = fields.Char(
        required=True, readonly=True, help="Who asked and when: several messages can be one question."
    )
    step = fields.Integer(required=True, readonly=True, help="The escalation, 0 for the reminder.")
    done_at = fields.Datetime(required=True, readonly=True)

    _once = models.UniqueIndex("(question, step)")
