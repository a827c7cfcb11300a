import logging
import threading
import time
import traceback
from functools import partial

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import MissingError

from ...connectors import network as network_class
from ...connectors.errors import ConnectorError, Gone, Interrupted, RateLimited
from ...connectors.http import KEPT_FOR_ANSWERS
from ...connectors.items import Page
from ...connectors.pool import Job, Pool
from ..platform import vault
from ..platform.cursors import claimed, is_concurrency_error, own_cursor, transaction
from ..platform.moments import naive
from .community_channel_budget import until_spent
from .community_push import BATCH as PUSHES

_logger = logging.getLogger(__name__)

#: first key of the advisory locks that claim channels ("comm" in ASCII); the second is the channel's id
CLAIM_CLASS = 0x636F6D6D
#: channels one run takes at most; another worker takes the next ones
CLAIM_LIMIT = 200
#: threads that fetch at the same time, unless the system parameter says otherwise
POOL_SIZE = 8
POOL_PARAMETER = "community_manager.pool_size"
#: seconds a run takes at most: Odoo reloads a server whose scheduled action runs longer than two minutes
BUDGET = 60.0
#: items that are stored in one transaction, as long as their pages are smaller
PORTION = 500
#: times a transaction is replayed after meeting another worker's
REPLAYS = 6


class CommunityListener(models.AbstractModel):
    """The scheduled work: ask the channels that are due, store page by page, note how it went."""

    _name = "community.listener"
    _description = "Listener"

    @api.model
    def _cron_listen(self):
        """Listen to the channels that are due, and look again at open conversations, until nothing is due or the time
        of this run is used up."""
        budget = min(BUDGET, self.env["ir.cron"]._commit_progress(0))
        ends = time.monotonic() + budget
        pushed = self.env["community.push"]._cron_process(budget / 2)
        unread = self.env["community.import"]._cron_process((ends - time.monotonic()) / 2)
        due = self._due_channels()
        done, left = self._listen_channels(due, ends - time.monotonic())
        looked, unseen = self._look_again(ends - time.monotonic())
        self.env["community.analyst"]._soon()
        remaining = left + unseen + unread + (pushed >= PUSHES)
        self.env["ir.cron"]._commit_progress(done + looked + pushed, remaining=remaining)

    @api.model
    def _due_channels(self):
        status = self.env["community.home"]._status()
        if status == "key":
            self.env["community.channel"]._note_lost_key()
        if status not in ("live", "new"):
            return self.env["community.channel"]
        return self.env["community.channel"].search(
            [("state", "in", ("listening", "error", "access")), ("next_poll_at", "<=", fields.Datetime.now())],
            order="next_poll_at, id",
            limit=CLAIM_LIMIT,
        )

    @api.model
    def _listen_channels(self, channels, budget=BUDGET):
        """Listen to channels that nobody else listens to at this moment.

        :param channels: ``community.channel`` records; those that are not due, or taken, are passed over
        :param float budget: seconds
        :returns: (number of channels finished, number that are still due)
        """
        return self._run(channels, budget, "_listen_job", listening=True)

    # -- the machine -----------------------------------------------------------------------------------------------

    @api.model
    def _run(self, channels, budget, job_method, listening):
        """Claim channels, run one job for each in the thread pool and store what comes.

        The claim is a cursor that holds advisory locks; a second cursor stores and commits page by page, so that the
        claim outlives the commits, and the end of the process frees it.

        :param bool listening: whether these are the polls that a channel's schedule is about
        """
        if not channels or budget <= 0:
            return 0, 0
        finished = set()
        with own_cursor(self.env) as claim:
            ids = self._claim(claim, channels.ids)
            with own_cursor(self.env) as cr:
                pool_stop = threading.Event()
                deadline = time.monotonic() + budget
                with transaction(cr):
                    env = self._store_env(cr)
                    # read only after the claim: the worker before us may have just finished one of these
                    claimed = env["community.channel"].browse(ids).exists()
                    if listening:
                        now = fields.Datetime.now()
                        claimed = claimed.filtered(lambda channel: channel.next_poll_at and channel.next_poll_at <= now)
                    prepare = getattr(env["community.listener"], job_method)
                    jobs = [job for channel in claimed if (job := prepare(channel, deadline, pool_stop))]
                    size = int(env["ir.config_parameter"].get_param(POOL_PARAMETER) or POOL_SIZE)
                    env.flush_all()
                pool = Pool(jobs, size=size, budget=budget)
                stored, unread = {}, set()
                try:
                    for batch in pool.batches():
                        for event in _merged(batch):
                            self._handle(cr, event, stored, unread, finished, listening)
                finally:
                    pool_stop.set()
                if listening:  # those cut off by the end of the time are due at once for the rest
                    for channel_id in stored.keys() - finished:
                        self._conclude(cr, channel_id, lambda channel: channel._note_success(1, finished=False))
        return len(finished), len(jobs) - len(finished)

    @api.model
    def _claim(self, cr, ids):
        return claimed(cr, CLAIM_CLASS, ids)

    @api.model
    def _transact_alone(self, channel_id, work):
        """Run ``work(channel)`` in a transaction of its own, committed at once and replayed like any other."""
        with own_cursor(self.env) as cr:
            return self._transact(cr, channel_id, work)

    @api.model
    def _store_env(self, cr):
        return api.Environment(cr, SUPERUSER_ID, {"lang": None})

    @api.model
    def _handle(self, cr, event, stored, unread, finished, listening):
        """Deal with one event of the pool; whatever happens stays with its channel."""
        channel_id = event.job.key
        if channel_id in finished:
            return  # pages that waited behind one that failed: storing them would move the position past it
        if not event.done:
            try:
                count = self._take(cr, channel_id, event.value)["stored"]
                stored[channel_id] = stored.get(channel_id, 0) + count
                (unread.add if getattr(event.value, "more", False) else unread.discard)(channel_id)
            except Exception as error:  # one channel must not stop the others
                _logger.exception("channel %s: a page could not be stored", channel_id)
                event.job.stop.set()
                self._fail(cr, channel_id, error)
                finished.add(channel_id)
            return
        if isinstance(event.error, Interrupted):
            return  # our time was used up, not the network's fault: the channel stays due
        if listening and not event.error and channel_id in unread:
            return  # a network that takes a page for received once it is asked for the next: that is the next run's
        finished.add(channel_id)
        if event.error:
            self._fail(cr, channel_id, event.error)
        elif listening:
            count = stored.get(channel_id, 0)
            self._conclude(cr, channel_id, lambda channel: channel._note_success(count))

    @api.model
    def _take(self, cr, channel_id, value):
        """Store a page, or what a second look at a conversation has shown; authors first, in their own transaction."""
        if not isinstance(value, Page) and value.page is None:
            return self._transact(cr, channel_id, value.keep)
        look = None if isinstance(value, Page) else value
        page = look.page if look else value

        def prepare(channel):
            return channel.env["community.ingest"]._prepare(channel, page.items)

        def store(channel, hopeful=False):
            counts = channel.env["community.ingest"]._ingest_page(channel, page, prepared, hopeful)
            if look:
                channel.env["community.listener"]._note_look(look)
            return counts

        try:
            prepared = self._transact(cr, channel_id, prepare, known=True)
        except Exception as error:
            if self.env["community.ingest"]._is_infrastructure(error):
                raise
            # an author that cannot be stored: the page is halved until that one stands alone
            _logger.info("channel %s: authors of a page are stored one by one: %s", channel_id, error)
            prepared = None
        try:
            return self._transact(cr, channel_id, partial(store, hopeful=True), known=True)
        except Exception as error:
            if self.env["community.ingest"]._is_infrastructure(error):
                raise
            # something in the page cannot be stored, or the channel is gone
            return self._transact(cr, channel_id, store)

    @api.model
    def _transact(self, cr, channel_id, work, known=False):
        """Run ``work(channel)`` in a transaction of ``cr``, replayed when it meets another worker's.

        :param bool known: do with what is kept of the channel, instead of seeing first whether it is still there
        """
        for replay in range(REPLAYS):
            try:
                with transaction(cr):
                    env = self._store_env(cr)
                    channel = env["community.channel"].browse(channel_id)
                    try:
                        if known:
                            facts = channel._facts(channel_id)
                            for name in ("company_id", "network"):
                                channel._fields[name]._update_cache(channel, getattr(facts, name))
                        company = channel.company_id
                    except MissingError:
                        raise Gone("The channel was deleted while it was listened to.") from None
                    result = work(channel.with_company(company).with_context(allowed_company_ids=company.ids))
                    env.flush_all()
            except Exception as error:
                if not is_concurrency_error(error) or replay == REPLAYS - 1:
                    raise
            else:
                return result

    @api.model
    def _fail(self, cr, channel_id, error):
        """Note a failure on its channel, in words."""

        def note(channel):
            channel = channel._for_reader()
            known = isinstance(error, ConnectorError)
            retry_at = getattr(error, "retry_at", None)
            if not known:
                trace = "".join(traceback.format_exception(error))
                _logger.error("channel %s: unexpected failure\n%s", channel.id, channel._without_secrets(trace))
            channel._note_failure(
                channel._without_secrets(channel._sentence(error))
                if known
                else channel.env._("Something unexpected happened while listening."),
                detail=channel._without_secrets(error.detail if known else repr(error))[:1000],
                action=error.action if known else "retry",
                retry_at=naive(retry_at) or None,
                # without a status it is not the network that asks for a pause: requests are left to answers
                shared=isinstance(error, RateLimited) and error.status is not None,
            )
            channel.env["community.channel.usage"]._count(channel, errors=1)

        self._conclude(cr, channel_id, note)

    @api.model
    def _conclude(self, cr, channel_id, work):
        """Note how a channel did, in a transaction; whatever comes in between, the run goes on."""
        try:
            self._transact(cr, channel_id, work)
        except Exception:  # the channel stays due and is tried again
            _logger.exception("channel %s: how it did could not be noted", channel_id)

    # -- jobs ------------------------------------------------------------------------------------------------------

    @api.model
    def _prepare(self, channel, deadline, stop):
        """Return the connector of a channel, or None after noting why there is none."""
        try:
            return channel._connector(reserve=KEPT_FOR_ANSWERS, deadline=deadline, stop=stop)
        except vault.Unreadable as error:
            channel._note_failure(channel._sentence(error), action="access")
        except Exception as error:  # noqa: BLE001 - one channel must not stop the others
            channel._note_failure(channel._without_secrets(str(error)), action="settings")
        return None

    @api.model
    def _listen_job(self, channel, deadline, stop):
        if network_class(channel.network) and not channel._can("listen"):
            channel.next_poll_at = False
            if channel.state == "access":
                channel._recheck_access()  # nothing is asked there that would show that the key is back
            return None
        if channel._keeps_pause():
            return None
        connector = self._prepare(channel, deadline, stop)
        if connector is None:
            return None
        if channel.listen_state == "waiting":
            channel.listen_state = "running"
        position = dict(channel.position or {})
        renewal, left = channel._renewal(connector), channel._budget_left()
        return Job(channel.id, lambda: until_spent(renewal.pages(position), connector, left))


def _merged(batch):
    """Yield the events of a batch, with the pages of one job that wait one after the other made into one page.

    A page costs some queries and a commit whatever its size, so a network that answers faster than we store is stored
    in larger portions.  The position that is kept with them is the last one.
    """
    waiting = {}
    for event in batch:
        mergeable = isinstance(event.value, Page)
        before = waiting.get(event.job)
        if mergeable and before and len(before.value.items) + len(event.value.items) <= PORTION:
            page = before.value
            before.value = Page(
                items=[*page.items, *event.value.items],
                cursor=event.value.cursor or page.cursor,
                more=event.value.more,
                requests=page.requests + event.value.requests,
                rejects=[*page.rejects, *event.value.rejects],
                cost=page.cost + event.value.cost,
            )
            continue
        if before:
            yield waiting.pop(event.job)
        if mergeable:
            waiting[event.job] = event
        else:
            yield event
    yield from waiting.values()
