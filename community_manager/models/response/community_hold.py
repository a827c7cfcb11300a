from odoo import api, fields, models
from odoo.exceptions import ValidationError


class CommunityHold(models.Model):
    """A reason why messages wait although they could go out, and until when.

    This is the one way to hold something back.  What is known by rule rather than by record (a copied database, a
    paused channel, later a crisis or quiet hours) is added in :meth:`community.reply._find_holds`.
    """

    _name = "community.hold"
    _description = "Hold on Messages"
    _order = "until, id desc"
    _check_company_auto = True

    name = fields.Char("Reason", required=True, help="What is shown on every message that waits because of it.")
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company, index=True)
    until = fields.Datetime(help="When messages go on by themselves. Empty: when somebody ends the hold.")
    kind = fields.Selection([("manual", "By hand"), ("copy", "Copied database")], default="manual", required=True)
    scope = fields.Selection(
        [("all", "Everything"), ("publish", "Our own publications"), ("answer", "Answers and private messages")],
        default="all",
        required=True,
        help="What waits.",
    )
    channel_ids = fields.Many2many(
        "community.channel",
        "community_hold_channel_rel",
        "hold_id",
        "channel_id",
        string="Channels",
        check_company=True,
        help="Empty: every channel of the company.",
    )
    author_ids = fields.Many2many(
        "community.author",
        "community_hold_author_rel",
        "hold_id",
        "author_id",
        string="People",
        check_company=True,
        help="Only what goes to these people waits.",
    )
    reply_ids = fields.Many2many(
        "community.reply",
        "community_hold_reply_rel",
        "hold_id",
        "reply_id",
        string="Messages",
        check_company=True,
        help="Only these messages wait.",
    )
    user_id = fields.Many2one("res.users", string="Set by", default=lambda self: self.env.user, readonly=True)

    @api.constrains("until")
    def _check_until(self):
        for hold in self:
            if hold.active and hold.until and hold.until <= fields.Datetime.now():
                raise ValidationError(self.env._("The end of “%s” has passed already.", hold.name))

    @api.model
    def _current(self, company):
        """Return the holds of a company that stand now."""
        now = fields.Datetime.now()
        # whoever looks at archived mentions is not held back by what has ended
        stands = [("active", "=", True), "|", ("until", "=", False), ("until", ">", now)]
        return self.search([("company_id", "=", company.id), *stands])

    def _covers(self, reply):
        """Return whether this hold is about ``reply``."""
        self.ensure_one()
        if self.scope != "all" and (self.scope == "publish") != (reply.way == "publish"):
            return False
        if self.channel_ids and reply.channel_id not in self.channel_ids:
            return False
        if self.author_ids and reply.author_id not in self.author_ids:
            return False
        return not self.reply_ids or reply in self.reply_ids

    @api.model
    def _forget(self, name, records):
        """End holds that are about nothing but records which are deleted: with none left they would cover everything.

        :param str name: the field that holds the records
        """
        holds = self.sudo().search([(name, "in", records.ids)]).with_context(active_test=False)
        over = holds.filtered(lambda hold: not hold[name] - records)
        if over:
            over.action_end()

    def action_end(self):
        """End these holds: what waited because of them goes out now."""
        self.active = False

    @api.model_create_multi
    def create(self, vals_list):
        holds = super().create(vals_list)
        self._wake(holds.company_id)  # so that what is queued says at once why it waits
        return holds

    def write(self, vals):
        result = super().write(vals)
        self._wake(self.company_id)
        return result

    def unlink(self):
        companies = self.company_id
        result = super().unlink()
        self._wake(companies)
        return result

    def _wake(self, companies):
        """Let the outbox look again at what it holds back in ``companies``."""
        replies = self.env["community.reply"].sudo()
        waiting = replies.search([("company_id", "in", companies.ids), ("state", "=", "queued")])
        if waiting:
            waiting._look_at_holds()
            waiting.filtered(lambda reply: not reply.hold_reason and not reply.attempts)._due_now()
