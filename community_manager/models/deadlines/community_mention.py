from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from .policyset import Asked

#: what came in later than this after it was written waits for nobody: history that a new channel brings
OLDEST = timedelta(days=7)
#: what is worked out together
ANSWER_FIELDS = ("answer_due", "answer_asked_at", "answer_policy_id", "answer_step_at")
#: states in which somebody waits for us
WAITING = ("new", "open")
#: what the deadline of a mention depends on
RELEVANT = (
    "state", "outgoing", "deleted_at", "topic_ids", "intent_ids", "priority", "sentiment", "visibility", "language",
    "department_id", "is_namesake", "origin", "conversation_id",
)  # fmt: skip


class CommunityMention(models.Model):
    """By when a mention is to be answered.

    Messages of one person in one conversation that wait together are one question: what comes later keeps the deadline
    of the first, unless its own is sooner.
    """

    _inherit = "community.mention"

    answer_due = fields.Datetime(
        compute="_compute_answer_due",
        store=True,
        copy=False,
        string="Answer due",
        help="Empty: nothing is waited for, or no policy is for it.",
    )
    answer_asked_at = fields.Datetime(
        compute="_compute_answer_due", store=True, copy=False, string="Asked", help="The first message without answer."
    )
    answer_policy_id = fields.Many2one(
        "community.response.policy",
        compute="_compute_answer_due",
        store=True,
        copy=False,
        string="Response-time policy",
        index="btree_not_null",
        ondelete="set null",
        help="The first policy that is for this mention.",
    )
    answer_step_at = fields.Datetime(compute="_compute_answer_due", store=True, copy=False, string="Next reminder")
    answer_late = fields.Boolean(compute="_compute_answer_late", search="_search_answer_late", string="Overdue")

    _answer_due = models.Index("(company_id, answer_due) WHERE answer_due IS NOT NULL")
    _answer_open = models.Index("(conversation_id) WHERE answer_due IS NOT NULL")
    _answer_step = models.Index("(answer_step_at) WHERE answer_step_at IS NOT NULL")

    @api.depends("answer_due")
    def _compute_answer_late(self):
        now = fields.Datetime.now()
        for mention in self:
            mention.answer_late = bool(mention.answer_due and mention.answer_due < now)

    @api.model
    def _search_answer_late(self, operator, value):
        if operator not in ("in", "not in"):
            return NotImplemented
        late = [("answer_due", "<", fields.Datetime.now())]
        return late if (operator == "in") == (True in value) else ["|", ("answer_due", "=", False), *_not_late()]

    @api.depends(*RELEVANT)
    def _compute_answer_due(self):
        values, answered = {}, set()
        for company, mentions in self.grouped("company_id").items():
            policies = self.env["community.response.policy"]._policies(company.id)
            asking = mentions.filtered(lambda mention: mention._waits_for_us()) if policies else mentions.browse()
            lifecycles = asking.author_id._lifecycles() if asking and policies.reads_lifecycle else {}
            rows = [mention._answer_row(lifecycles) for mention in asking]
            plan = AnswerPlan(self.env, company.id, policies)
            plan.read_known(asking.conversation_id.ids, but=mentions.ids)
            values |= {row["id"]: found for row, found in zip(rows, plan.plan(rows), strict=True) if found}
            answered.update(row["id"] for row in rows if plan.is_answered(row))
        for mention in self:
            found = values.get(mention.id) or {}
            mention.answer_due = found.get("answer_due")
            mention.answer_asked_at = found.get("answer_asked_at")
            mention.answer_step_at = found.get("answer_step_at")
            # what was answered or closed still says by which policy
            over = mention.id in answered or mention.state not in WAITING
            mention.answer_policy_id = found.get("answer_policy_id") or (over and mention.answer_policy_id.id)

    def _waits_for_us(self):
        """Return whether somebody who wrote this may wait for an answer of ours."""
        self.ensure_one()
        if self.outgoing or self.deleted_at or self.is_namesake or self.state not in WAITING:
            return False
        arrived = self.create_date or fields.Datetime.now()
        if not self.answer_policy_id and arrived - self.published_at > OLDEST:
            return False
        return self.env["community.intent"]._by_code().get("spam") not in self.intent_ids.ids

    def _answer_row(self, lifecycles):
        """Return what a plan wants to know of this mention.

        :param dict lifecycles: by the ids of authors, where policies look at that
        """
        self.ensure_one()
        return {
            "id": self.id,
            "conversation_id": self.conversation_id.id,
            "author_id": self.author_id.id,
            "published_at": self.published_at,
            "department_id": self.department_id.id,
            "asked": Asked(
                topics=frozenset(self.topic_ids.ids),
                intents=frozenset(self.intent_ids.ids),
                network=self.network,
                channel=self.channel_id.id,
                origin=self.origin,
                visibility=self.visibility,
                sentiment=self.sentiment or "",
                language=self.language or "",
                priority=self.priority or "0",
                lifecycle=lifecycles.get(self.author_id.id) or "",
            ),
        }

    # -- what stops the clock -----------------------------------------------------------------------------------------

    def _note_answered(self):
        self.env["community.response"]._record_answers_to(self)
        return super()._note_answered()

    def write(self, vals):
        result = super().write(vals)
        if vals.get("state") not in (None, *WAITING) or vals.get("deleted_at"):
            self._forget_reminders()
        return result

    def _forget_reminders(self):
        """Take away the activities that say that an answer is due: it no longer is."""
        kind = self.env.ref("community_manager.activity_answer")
        self.env["mail.activity"].sudo().search(
            [
                ("res_model", "=", self._name),
                ("res_id", "in", self.ids),
                ("activity_type_id", "=", kind.id),
            ]
        ).unlink()


class AnswerPlan:
    """By when the mentions of a company are to be answered, worked out together from few queries."""

    def __init__(self, env, company_id, policies):
        """
        :param env: of somebody who may read everything
        :param company_id: of all of the mentions
        :param policies: :class:`~.policyset.Policies` of that company
        """
        self.env = env
        self.company_id = company_id
        self.policies = policies
        #: (conversation, author) → when we last said something to them
        self.said = {}
        #: (conversation, author) → (when published, when asked, when due, policy) of what waits, oldest first
        self.waiting = {}
        self._hours = {}

    def read_known(self, conversation_ids, but=()):
        """Look up what is known of some conversations.

        :param but: ids of mentions that are planned anew
        """
        conversation_ids = sorted(set(conversation_ids) - {False})
        if not conversation_ids or not self.policies:
            return
        mentions, responses = self.env["community.mention"], self.env["community.response"]
        mentions.flush_model(["conversation_id", "author_id", "published_at", *ANSWER_FIELDS])
        responses.flush_model(["conversation_id", "author_id", "answered_at", "kind"])
        # SQL: one statement for both, asked once for each page that comes in; by the ORM it took three times as long
        rows = self.env.execute_query(
            SQL(
                "SELECT conversation_id, author_id, max(answered_at) AS published_at, NULL, NULL, NULL FROM %s"
                " WHERE conversation_id = ANY(%s) AND kind != 'resolution' GROUP BY conversation_id, author_id"
                " UNION ALL SELECT conversation_id, author_id, published_at, answer_asked_at, answer_due,"
                " answer_policy_id FROM %s"
                " WHERE conversation_id = ANY(%s) AND answer_due IS NOT NULL AND NOT id = ANY(%s)"
                " ORDER BY published_at",
                SQL.identifier(responses._table),
                conversation_ids,
                SQL.identifier(mentions._table),
                conversation_ids,
                list(but),
            )
        )
        for conversation_id, author_id, moment, asked, due, policy_id in rows:
            key = (conversation_id, author_id or False)
            if due is None:
                self.said[key] = moment
            else:
                self.waiting.setdefault(key, []).append((moment, asked, due, policy_id))

    def is_answered(self, row):
        """Return whether we said something to the author of a mention after it was written.

        :param row: dict as from ``community.mention._answer_row``
        """
        last = self.said.get((row["conversation_id"], row["author_id"]))
        return bool(last and row["published_at"] <= last)

    def plan(self, rows):
        """Return the values of each mention, None for what has no deadline.

        :param rows: dicts as from ``community.mention._answer_row``
        """
        found = [None] * len(rows)
        for index in sorted(range(len(rows)), key=lambda index: rows[index]["published_at"]):
            found[index] = self._plan_one(rows[index])
        return found

    def _plan_one(self, row):
        key = (row["conversation_id"], row["author_id"])
        published = row["published_at"]
        if self.is_answered(row):
            return None
        # without an author nobody knows whether the same person goes on
        earlier = [one for one in self.waiting.get(key, ()) if one[0] <= published] if row["author_id"] else []
        policy = self.policies.find(row["asked"])
        kind = "next" if key in self.said else "first"
        own = None
        if policy is not None and policy.target(kind):
            hours = self._working_time(policy, row["department_id"])
            own = (published, hours.plan(policy.target(kind), published), policy.id)
        first = min(earlier, key=lambda one: one[2])[1:] if earlier else None
        if first and (own is None or first[1] <= own[1]):
            asked, due, policy_id = first
        elif own:
            asked, due, policy_id = own
            asked = min(asked, earlier[0][1]) if earlier else asked
        else:
            return {"answer_policy_id": policy.id} if policy else None  # it may say how soon it is to be closed
        self.waiting.setdefault(key, []).append((published, asked, due, policy_id))
        return {
            "answer_due": due,
            "answer_asked_at": asked,
            "answer_policy_id": policy_id,
            "answer_step_at": self._first_step(policy_id, kind, asked, due, row["department_id"]),
        }

    def _first_step(self, policy_id, kind, asked, due, department_id):
        """Return when somebody is reminded, or told that the deadline has passed; None for never."""
        policy = self.policies.by_id.get(policy_id)
        if policy is None:
            return None
        after = policy.remind_after(kind)
        if after is not None:
            return min(due, self._working_time(policy, department_id).plan(after, asked))
        if policy.steps:
            return self._working_time(policy, department_id).plan(policy.steps[0][1], due)
        return None

    def _working_time(self, policy, department_id):
        key = (policy.calendar, department_id)
        if key not in self._hours:
            working_time = self.env["community.response.policy"]._working_time
            self._hours[key] = working_time(policy, department_id, self.company_id)
        return self._hours[key]


def _not_late():
    return [("answer_due", ">=", fields.Datetime.now())]
