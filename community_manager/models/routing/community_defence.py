from odoo import api, fields, models
from odoo.exceptions import AccessError

#: intents that ask something which another person can answer
ASKING = frozenset(("question", "purchase", "suggestion"))
#: intents of criticism against which another person can stand up for us
CRITICAL = frozenset(("complaint", "defect"))
#: intents of a reply that is no answer
NO_ANSWER = frozenset(("question", "complaint", "defect", "risk", "spam", "job", "partnership"))
#: words that an answer has at least: "same here" and "thanks!" answer nothing
LEAST_WORDS = 4


class CommunityDefence(models.Model):
    """Somebody of the community who answered for us or stood up for us, noticed by itself and thanked by hand.

    What counts, deliberately little, because a wrong one takes a question out of the queue:

    * a reply that came in, directly under what somebody else asked or criticised, with four words or more;
    * its writer is not who asked, under whatever profile, is no colleague of ours and no automated account, and the
      reply is not by ourselves;
    * neither of the two is about a namesake, private, or deleted, and the reply carries no question, complaint,
      defect, risk or spam, and no negative feeling;
    * *answered*: what is replied to asks something (a question, how to buy, a suggestion) and speaks of no risk;
    * *defended*: what is replied to is a complaint, a defect or negative, and the reply is positive.

    Whoever asked is not asked for again only when the question was *answered*, is still new, belongs to nobody and has
    no more than high priority.  A complaint stays in the queue: that somebody else stood up for us solves nothing.
    """

    _name = "community.defence"
    _description = "Answered or Defended by the Community"
    _inherit = ["mail.thread"]
    _order = "id desc"
    _rec_name = "mention_id"

    company_id = fields.Many2one("res.company", required=True, index=True, readonly=True)
    mention_id = fields.Many2one(
        "community.mention", string="What was said", required=True, readonly=True, ondelete="cascade"
    )
    asked_id = fields.Many2one(
        "community.mention", string="In answer to", required=True, readonly=True, ondelete="cascade", index=True
    )
    author_id = fields.Many2one(
        "community.author", string="By", required=True, readonly=True, ondelete="cascade", index=True
    )
    network = fields.Selection(related="mention_id.network")
    published_at = fields.Datetime(related="mention_id.published_at", store=True)
    kind = fields.Selection(
        [("answered", "Answered for us"), ("defended", "Stood up for us")], required=True, readonly=True
    )
    state = fields.Selection(
        [("new", "To thank"), ("thanked", "Thanked"), ("dismissed", "Was none")],
        default="new",
        required=True,
        tracking=True,
        group_expand=True,
    )
    closed_asked = fields.Boolean(
        readonly=True, string="Question left the queue", help="Whoever asked was not asked for again because of this."
    )
    thanked_at = fields.Datetime(readonly=True)

    _one_each = models.UniqueIndex("(mention_id)")

    @api.model
    def _notice(self, mentions, new=False):
        """Notice who of the community answered or stood up for us in some mentions; once for each.

        :param mentions: ``community.mention`` records of one company, incoming or not
        :param bool new: they have just come in, so nothing was noticed about them before
        :returns: the new records
        """
        replies = mentions.sudo().filtered(lambda one: one.parent_external_id and self._may_answer(one))
        if not replies:
            return self.browse()
        known = () if new else set(self.sudo().search([("mention_id", "in", replies.ids)]).mention_id.ids)
        pairs = [
            (reply, asked, kind)
            for reply, asked in self._asked(replies.filtered(lambda one: one.id not in known))
            if (kind := self._kind(reply, asked))
        ]
        staff = self._staff([reply.author_id.id for reply, _asked, _kind in pairs])
        pairs = [pair for pair in pairs if pair[0].author_id.id not in staff]
        done = self._settle(pairs)
        return self.sudo().create(
            [
                {
                    "company_id": reply.company_id.id,
                    "mention_id": reply.id,
                    "asked_id": asked.id,
                    "author_id": reply.author_id.id,
                    "kind": kind,
                    "closed_asked": asked.id in done,
                }
                for reply, asked, kind in pairs
            ]
        )

    @api.model
    def _may_answer(self, mention):
        """Return whether a mention can be an answer at all, whatever it replies to."""
        words = (mention.text or "").split()
        # what stands in the mention first: most are ruled out by that, without a query
        return not (
            mention.outgoing
            or len(words) < LEAST_WORDS
            or words[-1].endswith("?")
            or mention.sentiment == "negative"
            or mention.deleted_at
            or mention.is_namesake
            or mention.visibility in ("private", "direct")
            or not mention.author_id
            or mention.author_id.bot
            or NO_ANSWER.intersection(mention.intent_ids.mapped("code"))
        )

    @api.model
    def _asked(self, replies):
        """Return (reply, what it answers) of those whose parent is stored and by somebody else."""
        if not replies:
            return []
        parents = replies.search(
            [
                ("company_id", "in", replies.company_id.ids),
                ("network", "in", list(set(replies.mapped("network")))),
                ("external_id", "in", list(set(replies.mapped("parent_external_id")))),
                ("outgoing", "=", False),
                ("deleted_at", "=", False),
            ]
        )
        found = {(one.company_id.id, one.network, one.realm, one.external_id): one for one in parents}
        pairs = []
        for reply in replies:
            asked = found.get((reply.company_id.id, reply.network, reply.realm, reply.parent_external_id))
            if asked and not self._same_person(reply.author_id, asked.author_id):
                pairs.append((reply, asked))
        return pairs

    @api.model
    def _same_person(self, one, other):
        return not other or one == other or bool(one.partner_id and one.partner_id == other.partner_id)

    @api.model
    def _kind(self, reply, asked):
        """Return what a reply does for us, or None."""
        intents = set(asked.intent_ids.mapped("code"))
        if asked.is_namesake or asked.visibility in ("private", "direct") or "spam" in intents:
            return None
        critical = bool(CRITICAL & intents) or asked.sentiment == "negative"
        if ASKING & intents and not critical and "risk" not in intents:
            return "answered"
        return "defended" if critical and reply.sentiment == "positive" else None

    @api.model
    def _staff(self, author_ids):
        """Return the ids of those authors who are colleagues."""
        authors = self.env["community.author"].sudo().browse(author_ids)
        users = self.env["res.users"].sudo().with_context(active_test=False)
        colleagues = users.search([("partner_id", "in", authors.partner_id.ids), ("share", "=", False)]).partner_id
        return {author.id for author in authors if author.partner_id and author.partner_id in colleagues}

    @api.model
    def _settle(self, pairs):
        """Mark what the community answered, and take it out of the queue where nobody has begun; return those ids."""
        closed = set()
        for reply, asked, kind in pairs:
            if kind != "answered" or asked.community_answer_id:
                continue
            asked.community_answer_id = reply
            if asked.state == "new" and not asked.user_id and asked.priority != "3":
                closed.add(asked.id)
        self.env["community.mention"].sudo().browse(sorted(closed)).write({"state": "done"})
        return closed

    # -- buttons ------------------------------------------------------------------------------------------------------

    def _ensure_agent(self):
        if not self.env.user.has_group("community_manager.group_agent"):
            raise AccessError(self.env._("Only community agents can do this."))
        self.check_access("write")

    def action_thank(self):
        """Open what was said, where thank-you templates are offered for the answer."""
        self.ensure_one()
        self._ensure_agent()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Thank"),
            "res_model": "community.mention",
            "res_id": self.mention_id.id,
            "views": [(False, "form")],
            "target": "current",
        }

    def action_thanked(self):
        """They were thanked, here or elsewhere."""
        self._ensure_agent()
        self.filtered(lambda one: one.state == "new").write({"state": "thanked", "thanked_at": fields.Datetime.now()})

    def action_dismiss(self):
        """This was no answer and no defence: what it took out of the queue comes back."""
        self._ensure_agent()
        self._dismiss()

    def _dismiss(self):
        for defence in self:
            asked = defence.asked_id
            if defence.closed_asked and asked.community_answer_id == defence.mention_id and asked.state == "done":
                asked.state = "new"
            if asked.community_answer_id == defence.mention_id:
                asked.community_answer_id = False
        self.write({"state": "dismissed", "closed_asked": False})
