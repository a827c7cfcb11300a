"""Workers that move people through campaigns, killed or several at once: each step is done once for each person."""

import signal

import pytest

from tests.odoo_desk import clone_database, drop_database, environment

from .worker import CAMPAIGN_FAULTS, Worker, campaign

PEOPLE = 14


class Desk:
    """A database with people, and a campaign of a mail, a note and another mail for each case."""

    def __init__(self, name):
        self.name = name
        with environment(name) as env:
            tag = env["res.partner.category"].create({"name": "Campaign"})
            for number in range(PEOPLE):
                env["res.partner"].create(
                    {"name": f"Person {number}", "email": f"p{number}@x.example", "category_id": [(4, tag.id)]}
                )
            env["community.contact.policy"].search([]).active = False
            env["res.users"].browse(2).email = "admin@x.example"
            self.purpose = env["community.purpose"].create({"name": "Crash", "code": "crash"}).id
            self.domain = f"[('category_id', 'in', [{tag.id}])]"

    def start(self):
        """Start a campaign; return its id."""
        text = [(0, 0, {"subject": "Hi {{ first_name }}", "body": "<p>Hi</p>"})]
        steps = [
            (0, 0, {"kind": "mail", "sequence": 1, "text_ids": text}),
            (0, 0, {"kind": "note", "sequence": 2, "note": "Written to"}),
            (0, 0, {"kind": "mail", "sequence": 3, "text_ids": text}),
        ]
        with environment(self.name) as env:
            started = env["community.campaign"].create(
                {
                    "name": "Crash",
                    "trigger": "now",
                    "purpose_id": self.purpose,
                    "user_id": 2,
                    "domain": self.domain,
                    "step_ids": steps,
                }
            )
            started.action_start()
            return started.id

    def work(self, *options, workers=1, **named):
        """Let workers work at the same time; return their exit codes."""
        started = [Worker(self.name, *options, work=campaign, **named) for _worker in range(workers)]
        for worker in started:
            worker.go()
        return [worker.wait()[0] for worker in started]

    def check(self, campaign_id):
        """Everybody got everything once, and every mail that was written is known."""
        with environment(self.name) as env:
            done = env["community.campaign"].browse(campaign_id)
            assert done.person_ids.mapped("state") == ["done"] * PEOPLE
            actions = [(action.person_id.id, action.step_id.id) for action in done.person_ids.action_ids]
            assert len(actions) == len(set(actions)) == 3 * PEOPLE
            mails = env["mail.mail"].search([("mailing_id", "in", done.step_ids.mailing_id.ids)])
            per_step = [(mail.mailing_id.id, mail.recipient_ids.id) for mail in mails]
            assert len(per_step) == len(set(per_step)) == 2 * PEOPLE
            assert set(mails.ids) == set(done.person_ids.action_ids.mapped("mail_id")) - {0}


@pytest.fixture(scope="module")
def desk():
    name = clone_database("campaigns")
    yield Desk(name)
    drop_database(name)


@pytest.mark.parametrize("point", CAMPAIGN_FAULTS)
def test_killed_at(desk, point):
    started = desk.start()
    assert desk.work(point, times=2) == [-signal.SIGKILL]
    assert desk.work() == [0]
    desk.check(started)


def test_three_workers_at_once(desk):
    started = desk.start()
    assert desk.work(workers=3) == [0, 0, 0]
    desk.check(started)
