from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError

#: answers whose owners one run of the scheduled work reminds between two commits
BATCH = 100
#: what an answer says: who may not publish changes it only into a proposal
SAID = frozenset(("question", "text", "language", "line_ids", "link", "attachment_ids", "network_ids"))
#: what is counted, not written
COUNTED = frozenset(("use_count", "used_at", "helpful_user_ids", "unhelpful_user_ids", "reminded_for"))


class CommunityAnswer(models.Model):
    """Something that we know: an answer to a question that is asked again and again, or a fact about a product."""

    _name = "community.answer"
    _description = "Answer Bank"
    _inherit = ["mail.thread", "mail.activity.mixin", "community.wordings"]
    _order = "question, id"
    _rec_name = "question"
    _check_company_auto = True

    question = fields.Char(required=True, tracking=True, help="As people ask it. It is found by these words first.")
    text = fields.Text("Our answer", required=True, tracking=True)
    active = fields.Boolean(default=True)
    state = fields.Selection(
        [("draft", "Proposed"), ("published", "In use"), ("retired", "Retired")],
        default="draft",
        required=True,
        tracking=True,
        index=True,
        group_expand=True,
        copy=False,
        help="Only what is in use is offered in the composer.",
    )
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company, index=True)
    user_id = fields.Many2one(
        "res.users",
        string="Owner",
        default=lambda self: self.env.user,
        domain="[('share', '=', False)]",
        tracking=True,
        help="Who knows whether this is still right, and is asked when it is due for review.",
    )
    network_ids = fields.Many2many("community.network", "community_answer_network_rel", "answer_id", "network_id")
    line_ids = fields.One2many("community.answer.line", "answer_id", string="Variants", copy=True)
    product_tmpl_ids = fields.Many2many(
        "product.template",
        "community_answer_product_rel",
        "answer_id",
        "product_id",
        string="Products",
        check_company=True,
    )
    topic_ids = fields.Many2many(
        "community.topic", "community_answer_topic_rel", "answer_id", "topic_id", string="Topics", check_company=True
    )
    topic_id = fields.Many2one(
        "community.topic", string="First topic", compute="_compute_topic_id", store=True, help="To group by."
    )
    tag_ids = fields.Many2many(
        "community.answer.tag",
        "community_answer_tag_rel",
        "answer_id",
        "tag_id",
        string="Tags",
        check_company=True,
    )
    keywords = fields.Char(help="Other words for it, separated by commas: what people call it who do not know better.")
    link = fields.Char(help="Where more about it stands. It is put below the answer in the composer.")
    attachment_ids = fields.Many2many(
        "ir.attachment",
        "community_answer_attachment_rel",
        "answer_id",
        "attachment_id",
        string="Files",
        help="Pictures and documents that go with it.",
    )
    review_date = fields.Date(
        "Review on", tracking=True, help="From this day on it warns, and its owner is asked whether it is still right."
    )
    is_expired = fields.Boolean("Due for review", compute="_compute_is_expired", search="_search_is_expired")
    reminded_for = fields.Date(readonly=True, copy=False, help="The review date about which its owner was told.")
    use_count = fields.Integer("Used", readonly=True, copy=False)
    used_at = fields.Datetime("Last used", readonly=True, copy=False)
    helpful_user_ids = fields.Many2many(
        "res.users", "community_answer_helpful_rel", "answer_id", "user_id", readonly=True, copy=False
    )
    unhelpful_user_ids = fields.Many2many(
        "res.users", "community_answer_unhelpful_rel", "answer_id", "user_id", readonly=True, copy=False
    )
    helpful_count = fields.Integer("Helpful", compute="_compute_helpful", store=True)
    unhelpful_count = fields.Integer("Not helpful", compute="_compute_helpful", store=True)

    # -- what it is ------------------------------------------------------------------------------------------------

    @api.depends("topic_ids")
    def _compute_topic_id(self):
        for answer in self:
            answer.topic_id = answer.topic_ids[:1]

    @api.depends("review_date")
    def _compute_is_expired(self):
        today = fields.Date.context_today(self)
        for answer in self:
            answer.is_expired = bool(answer.review_date and answer.review_date <= today)

    @api.model
    def _search_is_expired(self, operator, value):
        if operator not in ("=", "!=") or not isinstance(value, bool):
            return NotImplemented
        expired = [("review_date", "<=", fields.Date.context_today(self))]
        return expired if (operator == "=") == value else ["!", *expired]

    @api.depends("helpful_user_ids", "unhelpful_user_ids")
    def _compute_helpful(self):
        for answer in self.sudo():
            answer.helpful_count = len(answer.helpful_user_ids)
            answer.unhelpful_count = len(answer.unhelpful_user_ids)

    def copy_data(self, default=None):
        return [
            {**values, "question": self.env._("%s (copy)", answer.question)}
            for answer, values in zip(self, super().copy_data(default), strict=True)
        ]

    @api.constrains("link")
    def _check_link(self):
        for record in self:
            if record.link and not record.link.lower().startswith(("https://", "http://")):
                raise ValidationError(self.env._("A link begins with https:// or http://."))

    def _question_for(self, lang):
        """Return the question in the language of who reads it, where it was written in it.

        :param str lang: code of an Odoo language
        """
        self.ensure_one()
        wanted = (lang or "").partition("_")[0]
        own = self.line_ids.filtered(lambda line: line.language == wanted and line.question)
        return self.question if self.language == wanted or not own else own[0].question

    # -- rights and words ------------------------------------------------------------------------------------------

    def _may_publish(self):
        return self.env.su or self.env.user.has_group("community_manager.group_manager")

    @api.model_create_multi
    def create(self, vals_list):
        answers = super().create(vals_list)
        # looked at afterwards: a state may come from the defaults of the context, too
        if not self._may_publish() and any(answer.state != "draft" for answer in answers):
            raise AccessError(self.env._("Managers decide which answers are in use; propose it to them."))
        answers._words_changed()
        return answers

    def write(self, vals):
        if not self._may_publish():
            if "state" in vals or "user_id" in vals:
                raise AccessError(self.env._("Managers decide which answers are in use, and who looks after them."))
            if COUNTED & set(vals):
                raise AccessError(self.env._("That is counted, not entered."))
            if SAID & set(vals):
                self._propose_anew()
        if vals.get("review_date"):
            vals = {**vals, "reminded_for": False}
        result = super().write(vals)
        if {"question", "text", "language", "keywords", "tag_ids", "line_ids", "state", "active"} & set(vals):
            self._words_changed()
        if "review_date" in vals or "state" in vals:
            ours = self.filtered(lambda answer: answer.state != "published" or not answer.is_expired)
            ours.sudo().activity_unlink(["community_manager.activity_answer_review"])
        return result

    def _propose_anew(self):
        """In other words, what was in use is a proposal again, unless it is a manager who wrote them."""
        if not self._may_publish():
            self.filtered(lambda answer: answer.state == "published").sudo().state = "draft"

    def _said_otherwise(self):
        """A variant of these answers has changed."""
        self._propose_anew()
        self._words_changed()

    def _words_changed(self):
        """What these answers are found by has changed."""
        self.env["community.answer.words"].sudo()._keep(self)

    # -- buttons ---------------------------------------------------------------------------------------------------

    def action_publish(self):
        """Offer these answers from now on."""
        self.write({"state": "published"})

    def action_retire(self):
        """Offer these answers no more."""
        self.write({"state": "retired"})

    def action_still_right(self):
        """Its owner looked: it is right for another half year."""
        self.write({"review_date": fields.Date.context_today(self) + timedelta(days=182)})

    def action_helpful(self):
        """This answer helped me; asked again, it is taken back."""
        self._vote("helpful_user_ids", "unhelpful_user_ids")

    def action_unhelpful(self):
        """This answer did not help me; asked again, it is taken back."""
        self._vote("unhelpful_user_ids", "helpful_user_ids")

    def _vote(self, mine, other):
        self.check_access("read")
        user = self.env.user
        # whoever reads an answer may say whether it helped, and nothing else about it
        for answer in self.sudo():
            again = user in answer[mine]
            answer[other] -= user
            answer[mine] = answer[mine] - user if again else answer[mine] | user

    def _note_used(self):
        """Count that these were taken into an answer."""
        for answer in self.sudo():
            answer.write({"use_count": answer.use_count + 1, "used_at": fields.Datetime.now()})

    # -- review ----------------------------------------------------------------------------------------------------

    @api.model
    def _cron_review(self):
        """Ask the owners of answers whose day of review has come, each once for each date."""
        progress = self.env["ir.cron"]._commit_progress
        left = progress(0)
        while left:
            due = self.sudo().search(
                [
                    ("state", "=", "published"),
                    ("review_date", "<=", fields.Date.today()),
                    ("reminded_for", "=", False),
                ],
                order="id",
                limit=BATCH,
            )
            # two runs at once: what the other one has is left to it
            due = due.try_lock_for_update().filtered(lambda answer: not answer.reminded_for)
            if not due:
                break
            for answer in due:
                answer._ask_owner()
            left = progress(len(due), remaining=0 if len(due) < BATCH else 1)

    def _ask_owner(self):
        self.ensure_one()
        self.reminded_for = self.review_date
        owner = self.user_id if self.user_id.active else self.create_uid
        if not owner.active or owner.share:
            return
        there = self.with_context(lang=owner.lang) if owner.lang else self
        there.activity_schedule(
            "community_manager.activity_answer_review",
            summary=there.env._("Is this answer still right?"),
            note=there.env._("Read it once more, then press Still right, or change or retire it."),
            user_id=owner.id,
        )
