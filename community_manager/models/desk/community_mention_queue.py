from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain

from ..understanding.community_mention import ALARMING
from .community_close_reason import CLOSED

#: what somebody wants who asks for something: an answer is expected
ASKING = ("question", "complaint", "purchase", "defect", "job", "partnership", "risk")
#: where it is our turn
OUR_TURN = ("new", "open")
#: a mention without a deadline of its own is to be looked at within this time
SOON = timedelta(days=1)
#: more than this many are not counted: nobody plans a day by the difference, and counting costs
MOST_COUNTED = 999
#: values that decide the order without being columns of the mention itself
_LINKED = frozenset(("topic_ids", "intent_ids", "analysis", "corrected"))
_QUEUE = frozenset(("need", "queue_at"))


class CommunityMention(models.Model):
    """What needs an answer first: the order of the queue."""

    _inherit = "community.mention"

    need = fields.Integer(
        compute="_compute_queue",
        store=True,
        readonly=False,
        copy=False,
        aggregator=None,
        help="2: urgent, or a risk. 1: somebody asks for something. 0: everything else, and what waits for others.",
    )
    queue_at = fields.Datetime(
        compute="_compute_queue",
        store=True,
        readonly=False,
        copy=False,
        string="Its turn",
        help="Its deadline, or one day after it was published. Empty when nothing is left to do.",
    )
    due_at = fields.Datetime(compute="_compute_due_at", string="Answer until")

    # Finished ones come last here, so that the queue is one walk along it, whatever else is filtered.
    _queue = models.Index("(company_id, need DESC, queue_at, id)")
    # for those who look at several companies at once
    _queue_everywhere = models.Index("(need DESC, queue_at, id) WHERE state IN ('new', 'open', 'waiting')")

    # links to other records are followed by write
    @api.depends("priority", "state", "published_at", "deleted_at", "visibility", "outgoing", "answer_due")
    def _compute_queue(self):
        for mention in self:
            if mention.state in CLOSED:
                mention.need, mention.queue_at = 0, False
                continue
            asks = mention.visibility == "direct" or any(code in ASKING for code in mention.intent_ids.mapped("code"))
            mention.need = self._need(
                mention.state,
                not (mention.outgoing or mention.deleted_at),
                mention.priority == "3" or mention.is_risk,
                asks,
            )
            mention.queue_at = mention.answer_due or mention.published_at + SOON

    def _compute_answer_due(self):
        result = super()._compute_answer_due()
        self._queue_soon()  # what is computed by request tells nobody
        return result

    @api.model
    def _need(self, state, alive, alarming, asks):
        """Return how much an answer is needed.

        :param str state: of the mention
        :param bool alive: whether it is somebody else's and still there
        :param bool alarming: whether it is urgent or a risk
        :param bool asks: whether it asks for something
        :rtype: int
        """
        if state not in OUR_TURN or not alive:
            return 0
        return 2 if alarming else 1 if asks else 0

    @api.depends("answer_due", "state")
    def _compute_due_at(self):
        for mention in self:
            mention.due_at = mention.answer_due if mention.state in OUR_TURN else False

    @api.model
    def _place_in_queue(self, vals_list):
        """Add the place in the queue to values for ``create``: no query for each.

        :param vals_list: values as ingest makes them; changed in place
        """
        codes = {intent: code for code, intent in self.env["community.intent"]._by_code().items()}
        risks = self.env["community.topic"]._risks()
        for values in vals_list:
            state = values.get("state") or "new"
            if state in CLOSED:
                values.update(need=0, queue_at=False)
                continue
            intents = {codes.get(intent) for intent in _set_ids(values.get("intent_ids"))}
            certain = ((values.get("analysis") or {}).get("intents") or {}).get("risk") or 0.0
            alarming = (
                values.get("priority") == "3"
                or not risks.isdisjoint(_set_ids(values.get("topic_ids")))
                or ("risk" in intents and certain >= ALARMING)
            )
            asks = values.get("visibility") == "direct" or not intents.isdisjoint(ASKING)
            values["need"] = self._need(state, not values.get("outgoing"), alarming, asks)
            values["queue_at"] = values.get("answer_due") or values["published_at"] + SOON

    def write(self, vals):
        if not self.env.su and not _QUEUE.isdisjoint(vals):
            raise AccessError(self.env._("The order of the queue follows from deadlines and needs."))
        result = super().write(vals)
        if not _LINKED.isdisjoint(vals):
            self._queue_soon()
        if "state" in vals or "user_id" in vals:
            self.env["community.news"]._note_changed(self)
        return result

    def _queue_soon(self):
        """Find the place of these mentions in the queue again before it is read or stored."""
        for name in _QUEUE:
            self.env.add_to_compute(self._fields[name], self)

    @api.model
    def _queue_again(self, domain):
        """Find the place again of those mentions of a domain that are not finished."""
        self.search(Domain(domain) & Domain("state", "not in", CLOSED))._queue_soon()

    # -- figures of the desk -----------------------------------------------------------------------------------------

    @api.model
    @api.readonly
    def get_desk(self, domain):
        """Return what stands below the queue.

        :param list domain: what the queue shows
        :returns: dict with ``waiting`` (for us), ``overdue`` and ``most``, the number from which on nothing is counted
        """
        waiting = Domain(domain or []) & Domain("state", "in", OUR_TURN)
        return {
            "waiting": self.search_count(waiting, limit=MOST_COUNTED + 1),
            "overdue": self.search_count(waiting & self._overdue_domain(), limit=MOST_COUNTED + 1),
            "most": MOST_COUNTED,
        }

    @api.model
    def _overdue_domain(self):
        """Return the domain of mentions whose deadline has passed."""
        return Domain("answer_due", "<", fields.Datetime.now())


def _set_ids(commands):
    """Return the ids that a many2many value of ``create`` sets."""
    return commands[0][2] if commands else ()
