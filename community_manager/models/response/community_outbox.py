import logging
import queue
import threading
import time

from odoo import api, fields, models

from ...connectors.errors import ConnectorError
from ...connectors.items import MentionItem, Page
from ...connectors.pool import Job, Pool
from ..platform import vault
from ..platform.cursors import claimed, own_cursor, transaction
from .community_reply import ON_ITS_WAY

_logger = logging.getLogger(__name__)

#: first key of the advisory locks that claim a channel for sending ("send" in ASCII); the second is its id
CLAIM_CLASS = 0x73656E64
#: channels one run sends for at most
CLAIM_LIMIT = 100
POOL_SIZE = 8
#: seconds in which a run begins to send messages, and seconds it waits beyond that for the last answers:
#: Odoo reloads a server whose scheduled action runs longer than two minutes
BUDGET = 45.0
LAST_ANSWERS = 45.0
#: what a thread says when it waits for its next message
READY = object()


class CommunityOutbox(models.AbstractModel):
    """The scheduled work of sending: claim the channels that have something to say, and say it, one after the other.

    Messages of one channel go out one at a time, in the order of :meth:`community.reply._next_of`; channels do not wait
    for each other.  Threads only talk to the network.  Before each attempt its state is committed, so that whoever
    finds it after a crash knows that it may have gone out.
    """

    _name = "community.outbox"
    _description = "Outbox"

    @api.model
    def _cron_send(self):
        """Send what is due, until nothing is or the time of this run is used up."""
        budget = min(BUDGET, self.env["ir.cron"]._commit_progress(0))
        done, left = self._send(budget)
        self.env["ir.cron"]._commit_progress(done, remaining=left)

    @api.model
    def _send(self, budget=BUDGET):
        """Send what is due now.

        :param float budget: seconds in which messages are begun
        :returns: (number of attempts concluded, number of channels that still have something due)
        """
        if budget <= 0 or self.env["community.home"]._status() not in ("live", "new"):
            return 0, 0
        done = 0
        with own_cursor(self.env) as claim:
            ids = self._claim(claim, self._due_channels().ids)
            if not ids:
                return 0, 0
            with own_cursor(self.env) as cr:
                done = self._send_claimed(cr, ids, budget)
        self.env.invalidate_all()
        return done, len(self._due_channels())

    @api.model
    def _due_channels(self):
        now = fields.Datetime.now()
        pause_over = ["|", ("channel_id.rate_limited_until", "=", False), ("channel_id.rate_limited_until", "<=", now)]
        waiting = self.env["community.reply"]._read_group(
            [("state", "in", ON_ITS_WAY), ("next_try_at", "<=", now), ("channel_id", "!=", False), *pause_over],
            ["channel_id"],
            order="next_try_at:min",
            limit=CLAIM_LIMIT,
        )
        return self.env["community.channel"].union(*(channel for (channel,) in waiting))

    @api.model
    def _claim(self, cr, ids):
        return claimed(cr, CLAIM_CLASS, ids)

    # -- the machine -----------------------------------------------------------------------------------------------

    @api.model
    def _send_claimed(self, cr, ids, budget):
        """Send for channels that are ours; return the number of attempts concluded."""
        begin_until = time.monotonic() + budget
        stop = threading.Event()
        lines = {}
        with transaction(cr):
            env = self.env["community.listener"]._store_env(cr)
            for channel in env["community.channel"].browse(ids).exists():
                connector = self._prepare(channel, begin_until + LAST_ANSWERS, stop)
                if connector:
                    lines[channel.id] = _Line(connector, channel._renewal(connector))
                else:
                    env["community.reply"]._wait_for(channel)
            env.flush_all()
        if not lines:
            return 0
        pool = Pool([line.job(key) for key, line in lines.items()], size=POOL_SIZE, budget=budget + LAST_ANSWERS)
        done = 0
        try:
            for event in pool.events():
                line = lines[event.job.key]
                if event.done:
                    if event.error:  # ours, not the network's: those arrive as outcomes
                        _logger.error("channel %s: sending stopped", event.job.key, exc_info=event.error)
                    continue
                going = time.monotonic() < begin_until
                if event.value is not READY:
                    done += 1
                    going &= self._finish(cr, event.job.key, event.value)
                line.orders.put(self._begin(cr, event.job.key, line) if going else None)
        finally:
            stop.set()
            for line in lines.values():
                line.orders.put(None)
        return done

    @api.model
    def _prepare(self, channel, deadline, stop):
        """Return the connector of a channel, or None after noting why there is none."""
        try:
            return channel._connector(deadline=deadline, stop=stop)
        except vault.Unreadable as error:
            channel._note_failure(channel._sentence(error), action="access")
        except Exception as error:  # noqa: BLE001 - one channel must not stop the others
            channel._note_failure(channel._without_secrets(str(error)), action="settings")
        return None

    @api.model
    def _begin(self, cr, channel_id, line):
        """Choose the next message of a channel and commit that it is being sent; None when there is nothing."""

        def choose(channel):
            if channel.rate_limited_until and channel.rate_limited_until > fields.Datetime.now():
                return None
            while reply := channel.env["community.reply"]._next_of(channel):
                step = reply._begin(type(line.connector))
                if step:
                    return _Order(reply.id, step, reply._outgoing())
                channel.env.flush_all()
            return None

        try:
            return self.env["community.listener"]._transact(cr, channel_id, choose)
        except Exception:
            _logger.exception("channel %s: the next message could not be chosen", channel_id)
            return None

    @api.model
    def _finish(self, cr, channel_id, outcome):
        """Commit how an attempt ended, then store what went out as a mention of its conversation.

        :returns: whether that could be noted, so that the next message may be begun
        """
        listener = self.env["community.listener"]

        def conclude(channel):
            reply = channel.env["community.reply"].browse(outcome.order.reply_id).exists()
            if reply:
                reply._conclude(outcome.order.step, outcome.item, outcome.error)
                reply.flush_recordset()
            channel.env["community.channel.usage"]._count(
                channel, requests=outcome.requests, errors=int(outcome.error is not None), cost=outcome.cost
            )
            if outcome.cost:
                channel._watch_budget()

        try:
            try:
                listener._transact(cr, channel_id, conclude)
            except Exception as error:  # what the network answered cannot be stored: it is looked for, later each time
                if self.env["community.ingest"]._is_infrastructure(error):
                    raise
                outcome.item, outcome.error = None, error
                listener._transact(cr, channel_id, conclude)
        except Exception:  # it stays "sending": the next run looks for it on the network
            _logger.exception("message %s: how it ended could not be noted", outcome.order.reply_id)
            return False
        if outcome.item is not None:
            outcome.item.origin, outcome.item.outgoing = "own", True
            try:
                listener._take(cr, channel_id, Page(items=[outcome.item], requests=0))
            except Exception:  # listening brings it another time
                _logger.exception("message %s: what went out could not be stored", outcome.order.reply_id)
        return True


class _Order:
    """What a thread is to do: send a message, or look for it."""

    __slots__ = ("outgoing", "reply_id", "step")

    def __init__(self, reply_id, step, outgoing):
        self.reply_id = reply_id
        self.step = step
        self.outgoing = outgoing


class _Outcome:
    """How an order ended: ``item`` is what stands on the network, ``error`` what went wrong, ``cost`` what it took."""

    __slots__ = ("cost", "error", "item", "order", "requests")

    def __init__(self, order):
        self.order = order
        self.item = None
        self.error = None
        self.requests = 0
        self.cost = 0.0


class _Line:
    """The messages of one channel, one after the other: a thread asks for the next one when it is done."""

    def __init__(self, connector, renewal):
        self.connector = connector
        self.renewal = renewal
        self.orders = queue.SimpleQueue()

    def job(self, key):
        return Job(key, self._work)

    def _work(self):
        yield READY
        while (order := self.orders.get()) is not None:
            yield self._do(order)

    def _do(self, order):
        outcome = _Outcome(order)
        requests, spent = self.connector.http.requests, self.connector.spent
        method = self.connector.find_sent if order.step == "find" else getattr(self.connector, order.outgoing.way)
        try:
            # a refusal for access that has ended says that nothing was done: once renewed, it is asked again
            item = self.renewal.run(lambda: method(order.outgoing))
            if not isinstance(item, MentionItem) and (order.step == "send" or item is not None):
                raise ConnectorError("The network did not say what became of the message.")
            outcome.item = item
        except BaseException as error:  # noqa: BLE001 - every end of an attempt is an outcome
            outcome.error = error
        outcome.requests = self.connector.http.requests - requests
        outcome.cost = self.connector.spent - spent
        if outcome.item is not None:  # charged once, however often it was tried
            outcome.cost += self.connector.cost_of(order.outgoing)
        return outcome
