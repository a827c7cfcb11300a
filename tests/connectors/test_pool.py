"""The thread pool that fetches: bounded, fair, and ended in time."""

import threading
import time

from connectors.pool import Job, Pool


def pages(number):
    return lambda: iter(range(number))


def test_every_page_of_every_job_arrives_in_order_and_ends_with_one_last_event():
    jobs = [Job(name, pages(5)) for name in "abcdef"]
    seen = {name: [] for name in "abcdef"}
    ended = []
    for event in Pool(jobs, size=3, budget=10).events():
        if event.done:
            ended.append(event.job.key)
        else:
            seen[event.job.key].append(event.value)
    assert all(values == [0, 1, 2, 3, 4] for values in seen.values())
    assert sorted(ended) == list("abcdef")


def test_a_failing_job_reports_its_error_and_leaves_the_others_alone():
    def failing():
        yield 1
        raise ValueError("broken")

    events = list(Pool([Job("bad", failing), Job("good", pages(3))], size=1, budget=10).events())
    assert [str(event.error) for event in events if event.error] == ["broken"]
    assert [event.value for event in events if event.job.key == "good" and not event.done] == [0, 1, 2]
    assert [event.value for event in events if event.job.key == "bad" and not event.done] == [1]


def test_a_slow_consumer_keeps_fetchers_a_few_pages_ahead_at_most():
    produced = []

    def endless():
        for number in range(1000):
            produced.append(number)
            yield number

    pool = Pool([Job("fast", endless)], size=1, budget=10)
    for consumed, _event in enumerate(pool.events(), start=1):
        time.sleep(0.01)
        # those in the queue, and one in the fetcher's hand
        assert len(produced) <= consumed + 14
        if consumed == 40:
            break


def test_a_stopped_job_ends_early_and_still_says_so():
    job = Job("endless", lambda: iter(range(10**6)))
    values = 0
    last = None
    for event in Pool([job], size=1, budget=10).events():
        if event.done:
            last = event
        else:
            values += 1
            if values == 3:
                job.stop.set()
    assert last is not None and last.error is None
    assert values < 20


def test_the_budget_ends_the_run_although_a_job_hangs_and_the_job_has_no_last_event():
    release, released = threading.Event(), []

    def hanging():
        released.append(release.wait(120))
        yield 1

    events = list(Pool([Job("stuck", hanging), Job("well", pages(2))], size=2, budget=0.5).events())
    assert not released  # it still hangs
    release.set()
    assert {event.job.key for event in events if event.done} == {"well"}


def test_no_jobs_are_no_events():
    assert list(Pool([], size=4, budget=1).events()) == []


def test_what_waits_is_taken_in_one_go_and_nothing_is_left_out():
    sizes, values = [], []
    for batch in Pool([Job("fast", pages(60))], size=1, budget=10).batches(8):
        sizes.append(len(batch))
        values += [event.value for event in batch if not event.done]
        time.sleep(0.02)
    assert values == list(range(60))
    assert max(sizes) == 8
