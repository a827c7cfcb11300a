"""A worker process that listens until nothing is due, and dies where it is told to.

It is forked from the test's process, which has Odoo loaded, and opens connections of its own.  The fault points are put
into it from here; the product knows none.
"""

import multiprocessing
import os
import random
import signal
import time
from collections import ChainMap

from tests.odoo_desk import open_registry

#: Items that one transaction stores at most here, so that a run has many transactions.
PORTION = 60
#: Seconds after which a worker gives up.
PATIENCE = 120


class Worker:
    """The test's side of a worker; :meth:`go` lets it begin."""

    def __init__(self, name, point="", times=1, channels=None, work=None):
        """
        :param str name: of the database
        :param str point: of :data:`FAULTS`, where it dies; empty for nowhere
        :param int times: how often it comes there before it dies, this time included
        :param channels: ids of those to listen to, instead of all
        :param work: function from the registry and the channels to a result, instead of listening
        """
        open_registry(name)
        context = multiprocessing.get_context("fork")
        self._pipe, other = context.Pipe()
        self._process = context.Process(
            target=_main, args=(other, name, point, times, channels, work or _listen), daemon=True
        )
        self._process.start()
        other.close()
        assert self._pipe.recv() == "ready"

    def go(self):
        """Let it listen."""
        self._pipe.send("go")

    def kill(self):
        """End it at once, as a power cut would."""
        self._process.kill()
        self._process.join()

    def wait(self):
        """Return its exit code, negative for a signal, and how many channels it finished (None when it died)."""
        self._process.join(PATIENCE + 30)
        finished = None
        if self._process.exitcode == 0:
            finished = self._pipe.recv()
        return self._process.exitcode, finished


def _main(pipe, name, point, times, channels, work):
    from odoo import sql_db

    # The connections that were inherited are the parent's: they are neither used nor closed here.
    sql_db._Pool = sql_db._Pool_readonly = None
    registry = open_registry(name)
    registry._db, registry._db_readonly = sql_db.db_connect(name), None
    random.seed()
    if point:
        kinds = [FAULTS, SENDING_FAULTS, ANALYSIS_FAULTS, REMINDER_FAULTS, CAMPAIGN_FAULTS]
        assert sum(point in kind for kind in kinds) == 1, f"which point is {point}?"
        ChainMap(*kinds)[point](registry, _Death(times))
    pipe.send("ready")
    pipe.recv()
    pipe.send(work(registry, channels))


def send(registry, _channels):
    """Send what is due, as the scheduled action does; return the number of attempts."""
    from odoo import SUPERUSER_ID, api

    attempts = 0
    ends = time.monotonic() + PATIENCE
    while time.monotonic() < ends:
        with registry.cursor() as cr:
            done, left = api.Environment(cr, SUPERUSER_ID, {})["community.outbox"]._send(PATIENCE)
        attempts += done
        if not left:
            return attempts
        time.sleep(0.05)
    raise TimeoutError("messages are still due")


def analyse(registry, _channels):
    """Analyse what waits, as the scheduled action does; return the number of mentions."""
    from odoo import SUPERUSER_ID, api

    from odoo.addons.community_manager.models.understanding import community_analyst_deep

    community_analyst_deep.BATCH = PORTION
    analysed = 0
    ends = time.monotonic() + PATIENCE
    while time.monotonic() < ends:
        with registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            analysed += env["community.analyst"]._deepen_waiting(PATIENCE)[0]
        with registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            waiting = env["community.mention"].search_count([("analysis_due", "=", True)], limit=1)
            waiting += env["community.fingerprint"].search_count([("compared", "=", False)], limit=1)
        if not waiting:
            return analysed
        time.sleep(0.05)
    raise TimeoutError("mentions still wait")


def remind(registry, _channels):
    """Give the reminders that are due, few in each transaction, as the scheduled action does."""
    from odoo import SUPERUSER_ID, api

    from odoo.addons.community_manager.models.deadlines import community_reminder

    community_reminder.BATCH = 3
    with registry.cursor() as cr:
        api.Environment(cr, SUPERUSER_ID, {})["community.reminder"]._cron_remind()


def campaign(registry, _channels):
    """Move the people of campaigns, few in each transaction, until nobody is due."""
    from odoo import SUPERUSER_ID, api

    from odoo.addons.community_manager.models.overservice import community_campaign_engine

    community_campaign_engine.BATCH = 3
    moved = 0
    ends = time.monotonic() + PATIENCE
    while time.monotonic() < ends:
        with registry.cursor() as cr:
            done, left = api.Environment(cr, SUPERUSER_ID, {})["community.campaign.engine"]._run(PATIENCE)
        moved += done
        if not left:
            return moved
        time.sleep(0.05)
    raise TimeoutError("people are still due")


def _listen(registry, chosen):
    """Listen to one channel after the other, in an order of our own, until none is due."""
    from odoo import SUPERUSER_ID, api, fields

    from odoo.addons.community_manager.models.listening import community_listener

    community_listener.PORTION = PORTION
    finished = 0
    ends = time.monotonic() + PATIENCE
    while time.monotonic() < ends:
        with registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            domain = [("next_poll_at", "<=", fields.Datetime.now())]
            due = env["community.channel"].search([*domain, ("id", "in", chosen)] if chosen else domain).ids
        if not due:
            return finished
        random.shuffle(due)
        for channel_id in due:
            with registry.cursor() as cr:
                env = api.Environment(cr, SUPERUSER_ID, {})
                channel = env["community.channel"].browse(channel_id)
                finished += env["community.listener"]._listen_channels(channel, PATIENCE)[0]
    raise TimeoutError("channels are still due")


class _Death:
    """Called for the last of some times, it ends the process."""

    def __init__(self, times):
        self._left = times

    def __call__(self):
        self._left -= 1
        if not self._left:
            os.kill(os.getpid(), signal.SIGKILL)


def _wrap(registry, model, name, before=None, after=None):
    """Call ``before`` and ``after`` around a method of a model."""
    cls = registry[model]
    original = getattr(cls, name)

    def wrapped(self, *args, **kwargs):
        if before:
            before()
        result = original(self, *args, **kwargs)
        if after:
            after()
        return result

    setattr(cls, name, wrapped)


def _at_commit(registry, before=None, after=None):
    """Call ``before`` and ``after`` around the commit of a transaction in which a page was stored."""
    from odoo.sql_db import Cursor

    stored = []
    _wrap(registry, "community.ingest", "_ingest_page", after=lambda: stored.append(True))
    original = Cursor.commit

    def commit(self):
        page = bool(stored)
        stored.clear()
        if page and before:
            before()
        original(self)
        if page and after:
            after()

    Cursor.commit = commit


def _before(model, name):
    return lambda registry, die: _wrap(registry, model, name, before=die)


def _after(model, name):
    return lambda registry, die: _wrap(registry, model, name, after=die)


#: Where a worker can die: name → function that puts the fault into the registry of this process.
FAULTS = {
    "channel claimed": _after("community.listener", "_claim"),
    "page fetched": _before("community.listener", "_take"),
    "authors stored": _before("community.ingest", "_ingest_page"),
    "conversations stored": _after("community.conversation", "_resolve"),
    "mentions stored": _before("community.rule", "_follow_up"),
    "rules applied": _after("community.rule", "_follow_up"),
    "position stored": _after("community.ingest", "_ingest_page"),
    "before commit": lambda registry, die: _at_commit(registry, before=die),
    "after commit": lambda registry, die: _at_commit(registry, after=die),
    "before success is noted": _before("community.channel", "_note_success"),
}

#: Where a worker that sends can die.
SENDING_FAULTS = {
    "account claimed": _after("community.outbox", "_claim"),
    "message chosen": _after("community.reply", "_begin"),
    "sending committed": _after("community.outbox", "_begin"),
    "network answered": _before("community.outbox", "_finish"),
    "end noted": _after("community.reply", "_conclude"),
    "end committed": _before("community.listener", "_take"),
    "answer stored": _after("community.listener", "_take"),
}

#: Where a worker that analyses can die.
ANALYSIS_FAULTS = {
    "mentions claimed": _after("community.analyst", "_claim"),
    "texts read": _before("community.analyst", "_store"),
    "readings stored": _after("community.analyst", "_store"),
    "fingerprints stored": _after("community.fingerprint", "_take"),
    "batch committed": _before("community.analyst", "_compare_batch"),
    "copies compared": _after("community.fingerprint", "_compare"),
}

#: Where a worker that reminds can die.
REMINDER_FAULTS = {
    "mentions found": _before("community.reminder", "_take_steps"),
    "somebody told": _after("community.reminder", "_tell"),
    "steps given": _after("community.reminder", "_take_steps"),
    "progress committed": _after("ir.cron", "_commit_progress"),
}

#: Where a worker that moves people through campaigns can die.
CAMPAIGN_FAULTS = {
    "people found": _before("community.campaign.engine", "_move"),
    "contacts reserved": _after("community.campaign.act", "_reserve"),
    "mails written": _after("community.campaign.act", "_do_mail"),
    "actions noted": _after("community.campaign.act", "_do"),
    "people moved": _after("community.campaign.engine", "_move"),
    "move committed": _after("community.campaign.engine", "_attempt"),
}
