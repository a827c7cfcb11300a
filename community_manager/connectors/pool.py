"""Threads that fetch, and nothing else.

One thread asks one channel at a time and hands over page after page through one bounded queue; whoever stores them
takes them out.  The queue holds a few pages, so memory does not grow with what there is to read; what waits in it can
be taken in one go, so that storing, when it is the slower side, is done in larger and cheaper portions.
"""

import contextlib
import logging
import queue
import threading
import time
from dataclasses import dataclass, field

_logger = logging.getLogger(__name__)

#: seconds between two looks at the stop sign while a full or empty queue is waited for
_TICK = 0.1
#: pages that may wait in the queue beside one for each thread
_AHEAD = 12


@dataclass(slots=True, eq=False)
class Job:
    """Something to fetch: ``produce()`` is iterated in a thread, what it yields arrives as events."""

    key: object
    produce: object
    stop: threading.Event = field(default_factory=threading.Event)


@dataclass(slots=True)
class Event:
    """``value`` is what a job yielded; on its last event ``done`` is set, with ``error`` if it failed."""

    job: Job
    value: object = None
    done: bool = False
    error: BaseException | None = None


class Pool:
    """Run jobs in ``size`` threads for at most ``budget`` seconds.

    Iterate :meth:`events` in the thread that stores; ``job.stop.set()`` ends one job, :meth:`close` all of them.  A job
    that is cut off by the end of the budget simply has no last event.
    """

    def __init__(self, jobs, size=8, budget=60.0):
        """
        :param list[Job] jobs: worked off in this order
        :param int size: number of threads
        :param float budget: seconds after which no further page is taken
        """
        self._jobs = queue.SimpleQueue()
        self._left = 0
        for job in jobs:
            self._jobs.put(job)
            self._left += 1
        self._size = max(1, min(size, self._left))
        self._events = queue.Queue(maxsize=self._size + _AHEAD)
        self._closing = threading.Event()
        self._deadline = time.monotonic() + budget
        self._threads = []

    def time_left(self):
        """Return the seconds of the budget that are left, never below 0."""
        return max(0.0, self._deadline - time.monotonic())

    def events(self):
        """Yield :class:`Event` objects until all jobs are done or the budget is used up."""
        for batch in self.batches(1):
            yield from batch

    def batches(self, most=_AHEAD):
        """Yield lists of the events that wait at this moment, at most ``most`` each, never empty."""
        for number in range(self._size if self._left else 0):
            # daemons: a thread that hangs in a name look-up must not keep the server from stopping
            thread = threading.Thread(target=self._work, name=f"community-fetch-{number}", daemon=True)
            thread.start()
            self._threads.append(thread)
        try:
            while self._left:
                left = self.time_left()
                if not left:
                    return
                batch = []
                with contextlib.suppress(queue.Empty):
                    batch.append(self._events.get(timeout=min(left, _TICK)))
                    while len(batch) < most:
                        batch.append(self._events.get_nowait())
                if batch:
                    self._left -= sum(event.done for event in batch)
                    yield batch
        finally:
            self.close()

    def close(self, wait=2.0):
        """Tell all threads to end, and wait for them a little."""
        self._closing.set()
        until = time.monotonic() + wait
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))

    def stopping(self, job):
        """Return whether ``job`` should end: asked for, or the pool closes."""
        return job.stop.is_set() or self._closing.is_set()

    def _work(self):
        while not self._closing.is_set():
            try:
                job = self._jobs.get_nowait()
            except queue.Empty:
                return
            error = None
            try:
                for value in job.produce():
                    if not self._hand_over(Event(job, value)):
                        break
            except BaseException as failure:  # noqa: BLE001 - one job's failure is its own event, whatever it is
                error = failure
            self._hand_over(Event(job, done=True, error=error), even_if_stopped=True)

    def _hand_over(self, event, even_if_stopped=False):
        while not self._closing.is_set():
            if event.job.stop.is_set() and not even_if_stopped:
                return False
            with contextlib.suppress(queue.Full):
                self._events.put(event, timeout=_TICK)
                return True
        return False
