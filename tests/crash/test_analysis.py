"""Workers that analyse beside each other, or are killed, leave nothing unread and read nothing twice."""

import random
import signal

import pytest

from tests.odoo_desk import clone_database, drop_database, environment

from .worker import ANALYSIS_FAULTS, Worker, analyse

#: Mentions in groups of four that say nearly the same.
GROUPS, COPIES = 30, 4
SYLLABLES = ("ba", "ke", "li", "mo", "nu", "ra", "se", "ti", "vo", "zu", "cha", "pel", "tor", "gim", "dus")


@pytest.fixture(scope="module")
def database():
    """A database whose mentions wait for the analysis."""
    name = clone_database("analysis")
    yield name
    drop_database(name)


def fill(name):
    """Replace all mentions by such as wait."""
    with environment(name) as env:
        env["community.mention"].search([]).unlink()
        values = [
            {
                "company_id": env.company.id,
                "network": "feed",
                "external_id": str(number),
                "origin": "own",
                "text": invented(number // COPIES) + "!" * (number % COPIES),
                "published_at": env.cr.now().replace(microsecond=0),
            }
            for number in range(GROUPS * COPIES)
        ]
        env["community.mention"].create(values)


def invented(number):
    """A text of invented words, another one for each number."""
    chance = random.Random(number)
    return " ".join("".join(chance.choices(SYLLABLES, k=3)) for _word in range(12))


def check(name):
    """Every mention is read, none waits, and copies hang on the first of their group."""
    with environment(name) as env:
        mentions = env["community.mention"].search([], order="id")
        assert len(mentions) == GROUPS * COPIES
        assert set(mentions.mapped("analysed")) <= {"fast", "deep"}
        assert not any(mentions.mapped("analysis_due"))
        for group in range(GROUPS):
            first, *others = mentions[group * COPIES : (group + 1) * COPIES]
            assert not first.copy_of_id
            assert {other.copy_of_id for other in others} == {first}


def test_two_workers_share_the_work(database):
    fill(database)
    workers = [Worker(database, work=analyse) for _worker in range(2)]
    for worker in workers:
        worker.go()
    codes, analysed = zip(*(worker.wait() for worker in workers), strict=True)
    assert codes == (0, 0)
    assert sum(analysed) == GROUPS * COPIES
    check(database)


@pytest.mark.parametrize("point", ANALYSIS_FAULTS)
def test_killed_at(database, point):
    fill(database)
    worker = Worker(database, point, work=analyse)
    worker.go()
    assert worker.wait()[0] == -signal.SIGKILL
    worker = Worker(database, work=analyse)
    worker.go()
    assert worker.wait()[0] == 0
    check(database)
