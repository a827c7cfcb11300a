"""A worker that is killed anywhere loses nothing and doubles nothing."""

import os
import random
import signal
import time

import pytest

from .worker import FAULTS

POSTS = 120
RANDOM_KILLS = 50 if os.environ.get("COMMUNITY_STRESS") == "1" else 5
#: Points that a worker passes once for each channel; the others are passed for each page.
ONCE = ("channel claimed", "before success is noted")


@pytest.mark.parametrize("point", FAULTS)
def test_killed_at(desk, point):
    desk.publish(POSTS)
    worker = desk.worker(point, times=1 if point in ONCE else 2)
    worker.go()
    assert worker.wait()[0] == -signal.SIGKILL
    desk.finish()
    desk.check()


def test_killed_at_random_times(desk):
    desk.publish(POSTS)
    worker = desk.worker()
    start = time.monotonic()
    worker.go()
    assert worker.wait()[0] == 0
    usual = time.monotonic() - start
    seed = int(os.environ.get("COMMUNITY_SEED") or random.randrange(10**6))
    print(f"COMMUNITY_SEED={seed}")
    rng = random.Random(seed)
    for _kill in range(RANDOM_KILLS):
        desk.publish(POSTS)
        worker = desk.worker()
        worker.go()
        time.sleep(rng.uniform(0, usual))
        worker.kill()
    desk.finish()
    desk.check()
