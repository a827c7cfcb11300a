from itertools import zip_longest

from odoo import api, fields, models

from .community_mention import WAITING

#: kinds of answer to something
ANSWERS = ("first", "next")


class CommunityResponse(models.Model):
    """How long somebody waited for us, one row for each time: what response times are counted from.

    A row of kind "first" or "next" goes from the first message without answer to our answer; one of kind "resolution"
    from the first message to when nothing was left to do, and counts only the time in which the person waited for us.
    """

    _name = "community.response"
    _description = "Answer and its Time"
    _inherit = ["community.bulk"]
    _log_access = False
    _order = "answered_at desc, id desc"
    _rec_name = "mention_id"

    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="cascade")
    mention_id = fields.Many2one("community.mention", readonly=True, ondelete="set null", index="btree_not_null")
    conversation_id = fields.Many2one("community.conversation", readonly=True, ondelete="set null")
    author_id = fields.Many2one("community.author", readonly=True, ondelete="set null", index="btree_not_null")
    department_id = fields.Many2one(
        "community.department", readonly=True, ondelete="set null", index="btree_not_null", string="Team"
    )
    network = fields.Selection(
        selection=lambda self: self.env["community.channel"]._selection_network(), required=True, readonly=True
    )
    topic_id = fields.Many2one("community.topic", readonly=True, ondelete="set null", index="btree_not_null")
    user_id = fields.Many2one("res.users", readonly=True, string="Answered by", index="btree_not_null")
    kind = fields.Selection(
        [("first", "First answer"), ("next", "Next answer"), ("resolution", "Until closed")],
        required=True,
        readonly=True,
    )
    asked_at = fields.Datetime(required=True, readonly=True)
    answered_at = fields.Datetime(required=True, readonly=True)
    day = fields.Date(required=True, readonly=True, help="The company's day of the answer.")
    due_at = fields.Datetime(readonly=True)
    seconds = fields.Integer(required=True, readonly=True, help="Seconds of working time.")
    breached = fields.Boolean(readonly=True, string="Too late")
    policy_id = fields.Many2one("community.response.policy", readonly=True, ondelete="set null", index="btree_not_null")

    _pair = models.Index("(conversation_id, author_id)")
    _days = models.Index("(company_id, day)")
    # an answer that two workers learn of at once is counted once
    _once = models.UniqueIndex("(mention_id, kind, asked_at)")

    @api.model
    def _last_answers(self, conversation_ids):
        """Return ``{(conversation id, author id or False): when we last answered}``."""
        rows = self._read_group(
            [("conversation_id", "in", list(conversation_ids)), ("kind", "in", ANSWERS)],
            ["conversation_id", "author_id"],
            ["answered_at:max"],
        )
        return {(conversation.id, author.id): last for conversation, author, last in rows}

    # -- answers ------------------------------------------------------------------------------------------------------

    @api.model
    def _record_answers_to(self, mentions):
        """Note that our answers to some mentions have arrived.

        :param mentions: ``community.mention`` that were answered
        """
        theirs = mentions.sudo().filtered(lambda mention: not mention.outgoing)
        replies = self._replies_to(theirs)
        answers = {}
        for mention in theirs:
            reply = replies.get(mention.id)
            sent = (reply.sent_at if reply else False) or fields.Datetime.now()
            answers[mention] = (max(sent, mention.published_at), reply.user_id.id if reply else self.env.uid)
        self._record(answers)

    @api.model
    def _record_own_words(self, ours):
        """Note what some mentions that we wrote answer, wherever they were written.

        Who is answered: the author of what it answers; where the network does not say that, the one who waits in the
        conversation, or everybody in a private one.

        :param ours: ``community.mention`` records, outgoing, that just arrived
        """
        ours = ours.sudo()
        answers, open_ended = {}, []
        for mention in ours.sorted("published_at"):
            parent = mention.parent_id
            if parent and not parent.outgoing:
                answers.setdefault(parent, []).append(mention)
            elif mention.conversation_id:
                open_ended.append(mention)
        if open_ended:
            conversations = self.env["community.conversation"].union(*(one.conversation_id for one in open_ended))
            waiting = self.env["community.mention"].sudo().search(
                [
                    ("conversation_id", "in", conversations.ids),
                    ("outgoing", "=", False),
                    ("state", "in", (*WAITING, "waiting")),
                ],
                order="published_at desc",
            )  # fmt: skip
            by_conversation = waiting.grouped("conversation_id")
            for mention in open_ended:
                before = by_conversation.get(mention.conversation_id, waiting.browse()).filtered(
                    lambda one, mention=mention: one.published_at <= mention.published_at
                )
                if len(before.author_id) <= 1 or mention.visibility == "direct":
                    for author in before.grouped("author_id").values():
                        answers.setdefault(author[:1], []).append(mention)
        replies = self._replies_to(ours.union(*answers))
        said = {}  # (conversation, author) → (when, what is answered), one after the other
        for theirs, mentions in answers.items():
            pair = (theirs.conversation_id or theirs, theirs.author_id)
            said.setdefault(pair, []).extend((max(one.published_at, theirs.published_at), theirs) for one in mentions)
        # together, but in the order of time for each person: an answer may be to what came after the one before
        for turn in zip_longest(*(sorted(one, key=lambda pair: pair[0]) for one in said.values())):
            self._record(
                {
                    one[1]: (one[0], replies[one[1].id].user_id.id if one[1].id in replies else False)
                    for one in turn
                    if one
                }
            )

    @api.model
    def _replies_to(self, mentions):
        """Return ``{mention id: the newest message of ours that answers it}``."""
        replies = self.env["community.reply"].sudo().search(
            [("mention_id", "in", mentions.ids), ("state", "in", ("sending", "uncertain", "sent"))], order="id"
        )  # fmt: skip
        return {reply.mention_id.id: reply for reply in replies}

    @api.model
    def _record(self, answers):
        """Write down answers, unless they are already, and stop the clocks of what they answer.

        :param dict answers: ``{mention: (when it was answered, id of the user or False)}``, one for each person and
            conversation
        """
        answers = {mention: found for mention, found in answers.items() if mention}
        if not answers:
            return
        self = self.sudo()  # agents answer; that they did is written down whoever they are
        mentions = self.env["community.mention"].sudo()
        conversations = mentions.union(*answers).conversation_id
        said = self._last_answers(conversations.ids)
        stretches = self._unanswered(answers, said)
        mentions.union(*(stretch[:1] for stretch in stretches.values())).fetch(["topic_ids"])  # for all at once
        vals_list, stopped = [], mentions
        for mention, (moment, user_id) in answers.items():
            stretch = stretches[mention].filtered(lambda one, moment=moment: one.published_at <= moment)
            if not stretch:
                continue
            first = stretch[0]
            key = (mention.conversation_id.id, mention.author_id.id)
            timed = stretch.filtered("answer_due")
            soonest = min(timed, key=lambda one: one.answer_due, default=first)
            vals_list.append(
                self._values(first, "next" if key in said else "first", moment, user_id)
                | self._judged(first, soonest.answer_policy_id, first.published_at, moment, soonest.answer_due)
            )
            said[key] = moment
            stopped |= timed
        self._create_bulk(vals_list)
        self.env.add_to_compute(mentions._fields["answer_due"], stopped)
        if stopped:
            stopped._forget_reminders()

    @api.model
    def _unanswered(self, answers, said):
        """Return ``{mention: the messages of its author in its conversation that we have not answered, by time}``."""
        mentions = self.env["community.mention"].sudo().with_context(active_test=False)
        whole = mentions.union(*answers)
        known = whole.filtered("conversation_id")
        found = mentions.search(
            [
                ("conversation_id", "in", known.conversation_id.ids),
                ("author_id", "in", [*known.author_id.ids, False]),
                ("outgoing", "=", False),
                ("state", "!=", "ignored"),
            ]
        )
        by_pair = (found | whole).grouped(lambda one: (one.conversation_id.id or -one.id, one.author_id.id))
        stretches = {}
        for mention in answers:
            pair = by_pair[mention.conversation_id.id or -mention.id, mention.author_id.id]
            last = said.get((mention.conversation_id.id, mention.author_id.id))
            stretches[mention] = pair.filtered(
                lambda one, last=last: not one.outgoing and (not last or one.published_at > last)
            ).sorted(lambda one: (one.published_at, one.id))
        return stretches

    # -- the end of a conversation ------------------------------------------------------------------------------------

    @api.model
    def _record_resolutions(self, conversations):
        """Note that nothing is left to do in some conversations.

        Only what somebody dealt with counts: a conversation in which everything was ignored had nothing to resolve.

        :param conversations: ``community.conversation`` that were just closed
        """
        self = self.sudo()  # whoever closes it: that it is closed is written down
        now = fields.Datetime.now()
        mentions = self.env["community.mention"].sudo().search(
            [("conversation_id", "in", conversations.ids), ("outgoing", "=", False), ("state", "=", "done")],
            order="published_at, id",
        )  # fmt: skip
        facts = self.sudo().search([("conversation_id", "in", conversations.ids)]).grouped("conversation_id")
        user_id = False if self.env.user._is_superuser() else self.env.uid
        vals_list = []
        for conversation, theirs in mentions.grouped("conversation_id").items():
            known = facts.get(conversation, self)
            ended = max(known.filtered(lambda one: one.kind == "resolution").mapped("answered_at"), default=None)
            theirs = theirs.filtered(lambda one, ended=ended: not ended or one.published_at > ended)
            if not theirs:
                continue
            first = theirs[0]
            answered = known.filtered(lambda one, first=first: one.asked_at >= first.published_at)
            vals_list.append(self._resolution(first, theirs, answered.filtered(lambda one: one.kind in ANSWERS), now))
            vals_list[-1]["user_id"] = user_id or first.user_id.id or answered[:1].user_id.id
        self._create_bulk(vals_list)

    def _resolution(self, first, theirs, answered, now):
        """Return the values of the row that says how long a conversation took."""
        stretches = [(one.asked_at, one.answered_at) for one in answered]
        last = {}
        for one in answered:
            last[one.author_id] = max(one.answered_at, last.get(one.author_id, one.answered_at))
        # what was closed without an answer waited until now
        stretches += [
            (one.published_at, now)
            for one in theirs
            if one.author_id not in last or one.published_at > last[one.author_id]
        ]
        record = first.answer_policy_id
        policy = self.env["community.response.policy"]._policies(first.company_id.id).by_id.get(record.id)
        hours = record._working_time(policy, first.department_id.id, first.company_id.id)
        seconds = round(hours.span(stretches))
        target = policy.target("resolution") if policy else 0
        values = self._values(first, "resolution", max(now, first.published_at), False)
        values |= {"asked_at": first.published_at, "seconds": seconds, "policy_id": record.id}
        if target:
            values |= {"due_at": hours.plan(target, first.published_at), "breached": seconds > target}
        return values

    # -- shared -------------------------------------------------------------------------------------------------------

    @api.model
    def _values(self, first, kind, moment, user_id):
        return {
            "company_id": first.company_id.id,
            "mention_id": first.id,
            "conversation_id": first.conversation_id.id,
            "author_id": first.author_id.id,
            "department_id": first.department_id.id,
            "network": first.network,
            "topic_id": first.topic_ids[:1].id,
            "user_id": user_id,
            "kind": kind,
            "answered_at": moment,
            "day": first.company_id._community_day(moment),
        }

    @api.model
    def _judged(self, first, record, asked, moment, due):
        """Return how long an answer took and whether that was too long."""
        policy = self.env["community.response.policy"]._policies(first.company_id.id).by_id.get(record.id)
        hours = record._working_time(policy, first.department_id.id, first.company_id.id)
        return {
            "asked_at": asked,
            "seconds": round(hours.between(asked, moment)),
            "due_at": due,
            "breached": bool(due and moment > due),
            "policy_id": record.id,
        }
