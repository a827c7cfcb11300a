from odoo import api, fields, models

from .people import Voters

#: what was decided; "open" is nothing yet
DECISIONS = [("open", "Open"), ("planned", "Planned"), ("done", "Done"), ("declined", "Declined")]
#: judgements that somebody who knows gives
JUDGEMENTS = [("unknown", "Not known yet"), ("yes", "Yes"), ("no", "No")]
#: intent → the kind of entry that it makes
KINDS_BY_INTENT = {"defect": "defect", "suggestion": "suggestion"}


class CommunityFeedback(models.Model):
    """Something that several people suggest, miss or find broken, and what the company decides about it."""

    _name = "community.feedback"
    _description = "Feedback"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "vote_count desc, id desc"
    _check_company_auto = True

    name = fields.Char(string="Title", required=True, tracking=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company, index=True)
    kind = fields.Selection(
        [("suggestion", "Suggestion"), ("defect", "Defect"), ("need", "Unmet need")],
        default="suggestion",
        required=True,
        tracking=True,
    )
    description = fields.Text(help="For colleagues: what it is about, without what people wrote.")
    product_tmpl_id = fields.Many2one(
        "product.template", string="Product", check_company=True, index="btree_not_null", tracking=True
    )
    valid = fields.Selection(
        JUDGEMENTS,
        string="Is it so?",
        default="unknown",
        required=True,
        tracking=True,
        help="It can be reproduced, or is understood.",
    )
    valid_note = fields.Char(string="How we know")
    feasible = fields.Selection(JUDGEMENTS, string="Can it be met?", default="unknown", required=True, tracking=True)
    feasible_note = fields.Char(string="What it takes")
    useful = fields.Selection(JUDGEMENTS, string="Does it benefit us?", default="unknown", required=True, tracking=True)
    useful_note = fields.Char(string="How it benefits us")
    decision = fields.Selection(DECISIONS, default="open", required=True, tracking=True, index=True, group_expand=True)
    decided_at = fields.Datetime(readonly=True, copy=False, string="Decided")
    user_id = fields.Many2one(
        "res.users",
        string="Owner",
        tracking=True,
        domain="[('share', '=', False)]",
        check_company=True,
        index="btree_not_null",
        help="Who sees to it that something is decided.",
    )
    department_id = fields.Many2one("community.department", check_company=True, tracking=True, index="btree_not_null")
    mention_ids = fields.One2many("community.mention", "feedback_id", string="Mentions")
    mention_count = fields.Integer(compute="_compute_votes", store=True, string="Mentions (number)")
    vote_count = fields.Integer(
        compute="_compute_votes", store=True, string="People", help="Different people who asked for it."
    )
    last_asked_at = fields.Datetime(compute="_compute_votes", store=True, string="Last asked")
    answer_ids = fields.One2many("community.feedback.answer", "feedback_id", string="Told")
    told_count = fields.Integer(compute="_compute_told", string="People told")
    untold_count = fields.Integer(
        compute="_compute_told",
        search="_search_untold_count",
        string="People to tell",
        help="People who asked and do not know yet what was decided.",
    )

    @api.depends("mention_ids.author_id.partner_id", "mention_ids.published_at", "mention_ids.outgoing")
    def _compute_votes(self):
        for feedback in self:
            mentions = feedback.mention_ids.filtered(lambda mention: not mention.outgoing)
            feedback.mention_count = len(mentions)
            feedback.vote_count = len(Voters(mentions).people)
            feedback.last_asked_at = max(mentions.mapped("published_at"), default=False)

    @api.depends("decision", "mention_ids", "answer_ids.reply_id.state", "answer_ids.left_out")
    def _compute_told(self):
        for feedback in self:
            voters = Voters(feedback.mention_ids.filtered(lambda mention: not mention.outgoing))
            told = voters.people_of(feedback._told())
            decided = feedback.decision != "open"
            feedback.told_count = len(told) if decided else 0
            feedback.untold_count = len(voters.people) - len(told) if decided else 0

    @api.model
    def _search_untold_count(self, operator, value):
        if operator not in (">", ">=", "in", "not in") or (operator in ("in", "not in") and set(value) != {0}):
            return NotImplemented
        decided = self.search([("decision", "!=", "open"), ("vote_count", ">", 0)])
        least = {">": value, ">=": value - 1 if operator == ">=" else 0}.get(operator, 0)
        found = decided.filtered(lambda feedback: feedback.untold_count > least)
        return [("id", "not in" if operator == "in" else "in", found.ids)]

    def _told(self):
        """Return who was told what is decided now, is about to be, or was left out.

        :rtype: tuple(community.author, res.partner, community.mention)
        """
        self.ensure_one()
        answers = self.answer_ids.filtered(lambda answer: answer.decision == self.decision and answer._counts())
        return answers.author_id, answers.partner_id, answers.mention_id

    # -- what changes -------------------------------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        now = fields.Datetime.now()
        for values in vals_list:
            if values.get("decision", "open") != "open":
                values["decided_at"] = now
        entries = super().create(vals_list)
        entries._learn_words()
        return entries

    def write(self, vals):
        decided = self.filtered(lambda feedback: "decision" in vals and feedback.decision != vals["decision"])
        result = super().write(vals)
        if decided:
            super(CommunityFeedback, decided).write(
                {"decided_at": fields.Datetime.now() if vals["decision"] != "open" else False}
            )
        if {"name", "description"} & set(vals):
            self._learn_words()
        decided._ask_to_tell()
        return result

    def _ask_to_tell(self):
        """Give whoever owns what was just decided the task to tell those who asked."""
        kind = "community_manager.activity_feedback"
        self.activity_unlink([kind])
        for feedback in self.filtered("untold_count"):
            user = feedback.user_id if feedback.user_id.active else self.env.user
            speaking = self.with_context(lang=user.lang).env
            summary = speaking._("Tell those who asked what was decided (%s)", feedback.untold_count)
            feedback.activity_schedule(kind, summary=summary, user_id=user.id)

    def copy_data(self, default=None):
        return [
            {**values, "name": self.env._("%s (copy)", feedback.name), "decision": "open"}
            for feedback, values in zip(self, super().copy_data(default), strict=True)
        ]

    @api.depends("name", "vote_count")
    @api.depends_context("community_votes")
    def _compute_display_name(self):
        result = super()._compute_display_name()
        if self.env.context.get("community_votes"):
            for feedback in self:
                feedback.display_name = self.env._(
                    "%(title)s (people: %(count)s)", title=feedback.name, count=feedback.vote_count
                )
        return result

    # -- buttons ------------------------------------------------------------------------------------------------------

    def action_open_mentions(self):
        """Open what people said."""
        action = self.env["ir.actions.act_window"]._for_xml_id("community_manager.action_mentions")
        return {**action, "domain": [("feedback_id", "in", self.ids)], "context": {}}

    def action_open_replies(self):
        """Open what we answered those who asked."""
        action = self.env["ir.actions.act_window"]._for_xml_id("community_manager.action_outbox")
        return {**action, "domain": [("id", "in", self.answer_ids.reply_id.ids)], "context": {}}

    def action_tell(self):
        """Open the dialog that tells those who asked what was decided."""
        self.ensure_one()
        dialog = self.env["community.feedback.tell"].create({"feedback_id": self.id})
        return dialog._open()

    # -- from mentions ------------------------------------------------------------------------------------------------

    @api.model
    def _add_to_feedback(self, mentions, feedback=None):
        """Put mentions into the register: into an entry that is given, else a similar open one, else one of their own.

        For rules and other things that work by themselves, and for the dialog.

        :param mentions: ``community.mention`` records; what we wrote, and what is in an entry already, is left alone
        :param feedback: one ``community.feedback``, or None to look for one for each mention
        :returns: the entries they went into
        """
        entries = self.browse()
        wanted = mentions.filtered(lambda mention: not mention.outgoing and not mention.deleted_at)
        if feedback is not None:
            wanted = wanted.filtered(lambda mention: mention.company_id == feedback.company_id)
            wanted.write({"feedback_id": feedback.id})
            feedback._learn_words()
            entries = feedback if wanted else entries
        else:
            for mention in wanted.filtered(lambda mention: not mention.feedback_id):
                entry = self._alike(mention) or self.create(self._values_from(mention))
                mention.feedback_id = entry
                entry._learn_words()
                entries |= entry
        entries._tell_new_ones()
        return entries

    def _tell_new_ones(self):
        """Whoever asks for what was decided already is told too: that is a task for its owner."""
        kind = "community_manager.activity_feedback"
        for feedback in self.filtered("untold_count"):
            if not feedback.activity_search([kind]):
                feedback._ask_to_tell()

    @api.model
    def _values_from(self, mentions):
        """Return the values of a new entry for what some mentions say."""
        first = mentions[:1]
        codes = mentions.intent_ids.mapped("code")
        products = mentions.product_ids
        return {
            "name": (first.title if first.kind != "comment" else "") or first.summary,
            "company_id": first.company_id.id,
            "kind": next((kind for code, kind in KINDS_BY_INTENT.items() if code in codes), "need"),
            "product_tmpl_id": products.id if len(products) == 1 else False,
            "department_id": first.department_id.id,
        }
