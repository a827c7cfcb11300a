import logging
import threading
import time
import traceback
from dataclasses import dataclass
from datetime import UTC
from functools import partial

from odoo import SUPERUSER_ID, api, fields, models
from odoo.tools import SQL

from ...connectors import network as network_class
from ...connectors.errors import ConnectorError, Gone
from ...connectors.items import Page
from ...connectors.pool import Job, Pool
from ..platform import vault
from ..platform.cursors import is_concurrency_error, own_cursor, transaction
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
#: conversations of one channel that one run looks at again
LOOKS_PER_RUN = 20
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
        return self._run(channels, budget, "_listen_job", "next_poll_at")

    @api.model
    def _look_again(self, budget=BUDGET):
        """Look again at open conversations that are due: new answers, edits, and deletions, which show nowhere else."""
        if self.env["community.home"]._status() not in ("live", "new"):
            return 0, 0
        conversations = self.env["community.conversation"]._read_group(
            [
                ("state", "=", "open"),
                ("next_look_at", "<=", fields.Datetime.now()),
                ("channel_id.state", "=", "listening"),
            ],
            ["channel_id"],
        )
        channels = self.env["community.channel"].union(*(channel for (channel,) in conversations))
        channels = channels.filtered(
            lambda channel: channel._can("thread") or channel._can("lookup")
        )
        return self._run(channels[:CLAIM_LIMIT], budget, "_look_job", None)

    @api.model
    def _take_pushes(self, pushes, budget):
        """Turn deliveries into mentions, in the order they came.

        :param pushes: waiting ``community.push`` records
        :param float budget: seconds
        :returns: number of deliveries dealt with
        """
        ends = time.monotonic() + budget
        done = 0
        with own_cursor(self.env) as claim, own_cursor(self.env) as cr:
            free = set(self._claim(claim, pushes.channel_id.ids))
            for push_id, channel_id in [(push.id, push.channel_id.id) for push in pushes]:
                if channel_id not in free or time.monotonic() > ends:
                    continue

                def process(channel, push_id=push_id):
                    push = channel.env["community.push"].browse(push_id).exists()
                    return push._process(channel) if push.state == "waiting" else {"stored": 0}

                try:
                    self._transact(cr, channel_id, process)
                except Exception as error:  # noqa: BLE001 - one channel must not stop the others
                    self._fail(cr, channel_id, error)
                    if self.env["community.ingest"]._is_infrastructure(error):
                        free.discard(channel_id)  # nothing to do with this delivery: it stays first in its queue
                    else:
                        # tried again for ever it would hold up all that came after it
                        self._transact(cr, channel_id, partial(self._put_push_aside, push_id, repr(error)))
                else:
                    done += 1
        return done

    @api.model
    def _put_push_aside(self, push_id, reason, channel):
        push = channel.env["community.push"].browse(push_id).exists()
        push._put_aside(channel._without_secrets(reason)[:1000])

    # -- the machine -----------------------------------------------------------------------------------------------

    @api.model
    def _run(self, channels, budget, job_method, due_field):
        """Claim channels, run one job for each in the thread pool and store what comes.

        The claim is a cursor that holds advisory locks; a second cursor stores and commits page by page, so that the
        claim outlives the commits, and the end of the process frees it.
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
                    if due_field:
                        now = fields.Datetime.now()
                        claimed = claimed.filtered(lambda channel: channel[due_field] and channel[due_field] <= now)
                    prepare = getattr(env["community.listener"], job_method)
                    jobs = [job for channel in claimed if (job := prepare(channel, deadline, pool_stop))]
                    size = int(env["ir.config_parameter"].get_param(POOL_PARAMETER) or POOL_SIZE)
                    env.flush_all()
                pool = Pool(jobs, size=size, budget=budget)
                stored = dict.fromkeys((job.key for job in jobs), 0)
                try:
                    for batch in pool.batches():
                        for event in _merged(batch):
                            self._handle(cr, event, stored, finished)
                finally:
                    pool_stop.set()
                for job in jobs:
                    if job.key not in finished:  # cut off by the end of the time: the rest is due at once
                        self._transact(cr, job.key, lambda channel: channel._note_success(1, finished=False))
        return len(finished), len(jobs) - len(finished)

    @api.model
    def _claim(self, cr, ids):
        cr.execute(
            SQL(
                "SELECT id FROM unnest(%s::integer[]) AS wanted(id) WHERE pg_try_advisory_xact_lock(%s, id)",
                list(ids),
                CLAIM_CLASS,
            )
        )
        taken = {row[0] for row in cr.fetchall()}
        return [channel_id for channel_id in ids if channel_id in taken]

    @api.model
    def _store_env(self, cr):
        return api.Environment(cr, SUPERUSER_ID, {"lang": None})

    @api.model
    def _handle(self, cr, event, stored, finished):
        """Deal with one event of the pool; whatever happens stays with its channel."""
        channel_id = event.job.key
        if channel_id in finished:
            return  # pages that waited behind one that failed: storing them would move the position past it
        if not event.done:
            try:
                stored[channel_id] += self._take(cr, channel_id, event.value)["stored"]
            except Exception as error:  # noqa: BLE001 - one channel must not stop the others
                _logger.exception("channel %s: a page could not be stored", channel_id)
                event.job.stop.set()
                self._fail(cr, channel_id, error)
                finished.add(channel_id)
            return
        finished.add(channel_id)
        if event.error:
            self._fail(cr, channel_id, event.error)
        else:
            self._transact(cr, channel_id, lambda channel: channel._note_success(stored[channel_id]))

    @api.model
    def _take(self, cr, channel_id, value):
        """Store a page, or what a second look at a conversation has shown; authors first, in their own transaction."""
        look = None if isinstance(value, Page) else value
        page = look.page if look else value

        def prepare(channel):
            return channel.env["community.ingest"]._prepare(channel, page.items)

        def store(channel):
            counts = channel.env["community.ingest"]._ingest_page(channel, page, prepared)
            if look:
                channel.env["community.listener"]._note_look(look)
            return counts

        try:
            prepared = self._transact(cr, channel_id, prepare)
        except Exception as error:
            if self.env["community.ingest"]._is_infrastructure(error):
                raise
            # an author that cannot be stored: the page is halved until that one stands alone
            _logger.info("channel %s: authors of a page are stored one by one: %s", channel_id, error)
            prepared = None
        return self._transact(cr, channel_id, store)

    @api.model
    def _transact(self, cr, channel_id, work):
        """Run ``work(channel)`` in a transaction of ``cr``, replayed when it meets another worker's."""
        for replay in range(REPLAYS):
            try:
                with transaction(cr):
                    env = self._store_env(cr)
                    channel = env["community.channel"].browse(channel_id).exists()
                    if not channel:
                        raise Gone("The channel was deleted while it was listened to.")
                    company = channel.company_id
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
                retry_at=retry_at.astimezone(UTC).replace(tzinfo=None, microsecond=0) if retry_at else None,
            )
            channel.env["community.channel.usage"]._count(channel, errors=1)

        try:
            self._transact(cr, channel_id, note)
        except Exception:  # noqa: BLE001 - the run goes on; the channel stays due and is tried again
            _logger.exception("channel %s: its failure could not be noted", channel_id)

    # -- jobs ------------------------------------------------------------------------------------------------------

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
    def _listen_job(self, channel, deadline, stop):
        if network_class(channel.network) and not channel._can("listen"):
            channel.next_poll_at = False
            if channel.state == "access":
                channel._recheck_access()  # nothing is asked there that would show that the key is back
            return None
        connector = self._prepare(channel, deadline, stop)
        if connector is None:
            return None
        if channel.listen_state == "waiting":
            channel.listen_state = "running"
        position = dict(channel.position or {})
        return Job(channel.id, lambda: connector.listen(position))

    @api.model
    def _look_job(self, channel, deadline, stop):
        now = fields.Datetime.now()
        conversations = self.env["community.conversation"].search(
            [("channel_id", "=", channel.id), ("state", "=", "open"), ("next_look_at", "<=", now)],
            order="next_look_at",
            limit=LOOKS_PER_RUN,
        )
        connector = self._prepare(channel, deadline, stop) if conversations else None
        if connector is None:
            return None
        plan = [
            (
                conversation.id,
                [
                    (mention.id, mention.external_id, mention.identifiers or {})
                    for mention in conversation.mention_ids.sorted("published_at")
                    if not mention.deleted_at
                ],
            )
            for conversation in conversations
        ]
        return Job(channel.id, lambda: _look(connector, plan))

    @api.model
    def _note_look(self, look):
        """Remove what is gone and say when the conversation is looked at next."""
        self.env["community.mention"].browse(look.gone).exists()._erase_content()
        conversation = self.env["community.conversation"].browse(look.conversation_id).exists()
        if conversation:
            conversation.next_look_at = conversation._look_again_at(
                conversation.last_mention_at, fields.Datetime.now()
            )


def _merged(batch):
    """Yield the events of a batch, with the pages of one job that wait one after the other made into one page.

    A page costs some queries and a commit whatever its size, so a network that answers faster than we store is stored in
    larger portions.  The position that is kept with them is the last one.
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
            )
            continue
        if before:
            yield waiting.pop(event.job)
        if mergeable:
            waiting[event.job] = event
        else:
            yield event
    yield from waiting.values()


@dataclass(slots=True)
class _Look:
    """What a second look at a conversation has shown: items as they are now, and ids of mentions that are gone."""

    conversation_id: int
    page: Page
    gone: list


def _look(connector, plan):
    """Yield a :class:`_Look` for each conversation of the plan.

    A mention that is missing from its thread proves nothing; it is asked for by itself, and only the network's own
    "gone" (404 or 410) counts.
    """
    for conversation_id, mentions in plan:
        before = connector.http.requests
        items, gone = {}, []
        if mentions and connector.can("thread"):
            for _mention_id, external_id, identifiers in mentions:
                try:
                    items = {item.external_id: item for item in connector.thread(external_id, identifiers)}
                    break
                except Gone:
                    continue
        if connector.can("lookup"):
            for mention_id, external_id, identifiers in mentions:
                if external_id in items:
                    continue
                try:
                    item = connector.lookup(external_id, identifiers)
                except Gone:
                    gone.append(mention_id)
                else:
                    if item is not None:
                        items[external_id] = item
        stored = {external_id for _mention_id, external_id, _identifiers in mentions}
        for item in items.values():
            # a new answer in a conversation that concerns us is kept; what is stored keeps the way it came
            item.origin = "search" if item.external_id in stored else "own"
        page = Page(items=list(items.values()), requests=connector.http.requests - before)
        yield _Look(conversation_id, page, gone)
