"""Several workers that send at once never pass a contact limit, and one that dies gives back what it reserved."""

import threading

import pytest

from tests.odoo_desk import clone_database, drop_database, environment

from .worker import Worker

MOST, WORKERS, PEOPLE = 3, 8, 40


class Desk:
    """People, a policy in force, and workers that reserve, each on a connection of its own."""

    def __init__(self, name):
        self.name = name
        with environment(name) as env:
            self.company = env.company.id
            self.people = (
                env["res.partner"]
                .create([{"name": f"Person {one}", "email": f"p{one}@example.com"} for one in range(PEOPLE)])
                .ids
            )
            env["community.contact.policy"].search([]).in_force = False
            env["community.contact.policy"].create(
                {
                    "name": "Ours",
                    "in_force": True,
                    "ask_consent": False,
                    "hold_crisis": "none",
                    "limit_ids": [(0, 0, {"most": MOST, "window": "week"})],
                }
            )

    def requests(self, people, medium="email"):
        return [
            {"partner_id": person, "company_id": self.company, "medium": medium, "purpose": "care"} for person in people
        ]

    def at_once(self, work, count=WORKERS):
        """Run ``work(env, number)`` in threads at the same moment; return what each returned."""
        ready, told, errors = threading.Barrier(count), [None] * count, []

        def run(number):
            try:
                with environment(self.name) as env:
                    env["res.partner"].search_count([])  # all have their picture of the data before anybody writes
                    ready.wait(60)
                    told[number] = work(env, number)
            except Exception as error:  # noqa: BLE001 - told by the test
                errors.append(error)

        threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(180)
        assert not errors, errors
        return told

    def counts(self, *states):
        """Return how many touches each person has in some states."""
        with environment(self.name) as env:
            rows = env["community.touch"]._read_group(
                [("partner_id", "in", self.people), ("state", "in", states)], ["partner_id"], ["__count"]
            )
            return {partner.id: count for partner, count in rows}


@pytest.fixture
def desk():
    name = clone_database("touches")
    yield Desk(name)
    drop_database(name)


def test_eight_workers_never_pass_a_limit(desk):
    """Each of eight workers wants to write to all, twice, by another medium and in another order."""

    def send(env, number):
        people = desk.people[number:] + desk.people[:number]
        medium = ("email", "sms", "call", "message")[number % 4]
        allowed = 0
        for _turn in range(2):
            decisions = env["community.touch"]._reserve(desk.requests(people, medium))
            reserved = [one["touch_id"] for one in decisions if one["allowed"]]
            assert all(reserved)
            env["community.touch"]._use(reserved)
            allowed += len(reserved)
        return allowed

    allowed = desk.at_once(send)
    assert sum(allowed) == MOST * PEOPLE
    assert desk.counts("used", "reserved") == dict.fromkeys(desk.people, MOST)
    assert sum(desk.counts("held").values()) == (WORKERS * 2 - MOST) * PEOPLE


def test_two_mailings_at_once_keep_the_limit(desk):
    """Odoo's own mailings, prepared by several workers at the same moment."""
    with environment(desk.name) as env:
        mailings = (
            env["mailing.mailing"]
            .create(
                [
                    {
                        "name": f"Mailing {one}",
                        "subject": f"Mailing {one}",
                        "body_html": "<p>Lamps</p>",
                        "mailing_model_id": env["ir.model"]._get("res.partner").id,
                        "mailing_domain": repr([("id", "in", desk.people)]),
                        "community_purpose_id": env["community.purpose"]._get("care").id,
                    }
                    for one in range(MOST + 2)
                ]
            )
            .ids
        )

    def send(env, number):
        mailing = env["mailing.mailing"].browse(mailings[number])
        composer = env["mail.compose.message"].create(
            {
                "composition_mode": "mass_mail",
                "model": "res.partner",
                "mass_mailing_id": mailing.id,
                "subject": mailing.subject,
                "body": "<p>Lamps</p>",
                "force_send": False,
            }
        )
        values = composer._prepare_mail_values(desk.people)
        return sum(one.get("failure_type") != "community_limit" for one in values.values())

    allowed = desk.at_once(send, len(mailings))
    assert sum(allowed) == MOST * PEOPLE
    assert desk.counts("reserved") == dict.fromkeys(desk.people, MOST)


def reserve_and_wait(registry, channels):
    """Reserve for everybody and die before anything is sent."""
    import os
    import signal

    from odoo import SUPERUSER_ID, api

    with registry.cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {})
        company, people = channels
        requests = [
            {"partner_id": person, "company_id": company, "medium": "email", "purpose": "care"} for person in people
        ]
        env["community.touch"]._reserve(requests)
        os.kill(os.getpid(), signal.SIGKILL)


def test_worker_that_dies_between_reserving_and_sending(desk):
    """Its reservations count until their time is over, then people can be written to again, and nothing is doubled."""
    for _time in range(MOST):
        worker = Worker(desk.name, channels=(desk.company, desk.people), work=reserve_and_wait)
        worker.go()
        assert worker.wait() == (-9, None)
    assert desk.counts("reserved") == dict.fromkeys(desk.people, MOST)
    with environment(desk.name) as env:
        assert not any(one["allowed"] for one in env["community.touch"]._decide(desk.requests(desk.people)))
        # a day later
        env.cr.execute("UPDATE community_touch SET expires_at = expires_at - interval '25 hours' WHERE reserved")
        env.cr.execute(
            """UPDATE community_touch_window SET entries = (
                   SELECT jsonb_agg(e || jsonb_build_object('x', (e ->> 'x')::float8 - 90000))
                     FROM jsonb_array_elements(entries) e)"""
        )
        env.cr.commit()
        env["community.touch"]._end_reservations()
        env.cr.commit()
    assert desk.counts("expired") == dict.fromkeys(desk.people, MOST)
    with environment(desk.name) as env:
        decisions = env["community.touch"]._reserve(desk.requests(desk.people))
        assert all(one["allowed"] for one in decisions)
        assert len(env["community.touch"]._use([one["touch_id"] for one in decisions])) == PEOPLE
    assert desk.counts("used") == dict.fromkeys(desk.people, 1)
