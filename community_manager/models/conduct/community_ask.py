from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools.mail import plaintext2html

#: what an asker says; the rest is the team's
ASKED = frozenset(("question", "detail", "link"))
#: managers who are told of a question
MOST_TOLD = 10


class CommunityAsk(models.Model):
    """A question of a colleague to the community team."""

    _name = "community.ask"
    _description = "Question to the Community Team"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "answered_at desc, id desc"  # what has no answer yet has no date, and comes first
    _rec_name = "question"
    _mail_post_access = "read"

    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, default=lambda self: self.env.company, index=True
    )
    question = fields.Char(required=True, tracking=True)
    detail = fields.Text("More about it")
    link = fields.Char(help="Where you saw it, if it stands somewhere.")
    asker_id = fields.Many2one(
        "res.users", string="Asked by", required=True, readonly=True, default=lambda self: self.env.user, index=True
    )
    user_id = fields.Many2one(
        "res.users",
        string="Answered by",
        tracking=True,
        domain=lambda self: [("all_group_ids", "in", self.env.ref("community_manager.group_agent").ids)],
    )
    state = fields.Selection(
        [("new", "Asked"), ("answered", "Answered")],
        default="new",
        required=True,
        readonly=True,
        tracking=True,
        index=True,
        group_expand=True,
    )
    answer = fields.Text("Our answer", help="What the colleague is told.")
    answered_at = fields.Datetime("Answered", readonly=True)
    is_team = fields.Boolean(compute="_compute_is_team")

    @api.depends_context("uid")
    def _compute_is_team(self):
        self.is_team = self.env.user.has_group("community_manager.group_agent")

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su and not self.env.user.has_group("community_manager.group_agent"):
            # who asks says what, and nothing else
            self = self.with_env(self.env(context=_without_defaults(self.env.context)))
            vals_list = [{name: values[name] for name in ASKED & set(values)} for values in vals_list]
        asks = super().create(vals_list)
        for ask in asks.sudo():
            ask._tell_team()
        return asks

    def write(self, vals):
        if not self.env.su and not self.env.user.has_group("community_manager.group_agent"):
            if set(vals) - ASKED - {"message_follower_ids", "activity_ids"}:
                raise AccessError(self.env._("The community team answers this."))
            if any(ask.state != "new" for ask in self):
                raise UserError(self.env._("This was answered already. Ask anew, or write below it."))
        return super().write(vals)

    @api.constrains("link")
    def _check_link(self):
        for record in self:
            if record.link and not record.link.lower().startswith(("https://", "http://")):
                raise ValidationError(self.env._("A link begins with https:// or http://."))

    # -- buttons ---------------------------------------------------------------------------------------------------

    def action_take(self):
        """I answer this."""
        self.user_id = self.env.user

    def action_answer(self):
        """Send the answer to the colleague who asked.

        :raises UserError: there is no answer yet
        """
        if not self.env.user.has_group("community_manager.group_agent"):
            raise AccessError(self.env._("The community team answers this."))
        self.check_access("write")
        for ask in self:
            if not (ask.answer or "").strip():
                raise UserError(self.env._("Write the answer first."))
            ask.sudo().write(
                {"state": "answered", "answered_at": fields.Datetime.now(), "user_id": ask.user_id.id or self.env.uid}
            )
            ask.sudo().activity_unlink(["community_manager.activity_ask"])
            ask._tell_asker()
        return True

    def action_reopen(self):
        """The answer was not enough."""
        self.check_access("write")
        self.sudo().write({"state": "new", "answered_at": False})

    def action_open_link(self):
        """Open what the question is about."""
        self.ensure_one()
        return {"type": "ir.actions.act_url", "url": self.link, "target": "new"}

    # -- telling ---------------------------------------------------------------------------------------------------

    def _tell_team(self):
        self.ensure_one()
        group = self.env.ref("community_manager.group_manager")
        managers = self.env["res.users"].search(
            [
                ("all_group_ids", "in", group.ids),
                ("company_ids", "in", self.company_id.ids),
                ("share", "=", False),
            ],
            limit=MOST_TOLD,
        )
        for language, users in (managers - self.asker_id).grouped("lang").items():
            there = self.with_context(lang=language) if language else self
            there.message_notify(
                partner_ids=users.partner_id.ids,
                subject=there.env._("A colleague asks the community team"),
                body=plaintext2html(f"{self.question}\n\n{self.detail or ''}"),
                author_id=self.asker_id.partner_id.id,
            )

    def _tell_asker(self):
        self.ensure_one()
        asker = self.asker_id
        if not asker.active or asker == self.env.user:
            return
        # the asker reads their own question only; what they are told is sent by the machine
        there = self.sudo().with_context(lang=asker.lang) if asker.lang else self.sudo()
        there.message_notify(
            partner_ids=asker.partner_id.ids,
            subject=there.env._("The community team has answered you"),
            body=plaintext2html(f"{self.question}\n\n{self.answer}"),
            author_id=self.env.user.partner_id.id,
        )


def _without_defaults(context):
    return {name: value for name, value in context.items() if not name.startswith("default_")}
