from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .campaign_common import CampaignCase


@tagged("post_install", "-at_install")
class TestCampaignStop(CampaignCase):
    """Pausing, stopping, editing while it runs, and workers that fail."""

    def test_pause_takes_back_what_waits(self):
        """After the click nothing goes out, also what was queued; when it goes on, people get it once."""
        campaign = self.make_campaign()
        campaign.action_start()
        self.work()
        queued = self.mails(campaign)
        campaign.with_user(self.manager).action_pause()
        self.assertEqual(set(queued.mapped("state")), {"cancel"})
        self.assertEqual(set(queued.mailing_trace_ids.mapped("trace_status")), {"cancel"})
        self.assertEqual(campaign.touched_count, 0)
        self.work()
        self.assertFalse(self.mails(campaign))
        campaign.action_start()
        self.work()
        self.assertEqual(self.mails(campaign).recipient_ids, self.ann | self.ben)
        self.assertEqual(len(self.mails(campaign)), 2)

    def test_what_was_sent_stays_sent(self):
        """Pausing does not touch what is out, and nobody gets it again."""
        campaign = self.make_campaign()
        campaign.action_start()
        self.work()
        hers = self.mails(campaign).filtered(lambda mail: mail.recipient_ids == self.ann)
        hers.state = "sent"
        campaign.action_pause()
        campaign.action_start()
        self.work()
        self.assertEqual(self.mails(campaign).recipient_ids, self.ben)

    def test_stop_ends_it(self):
        """After the end nobody is on their way, and nothing more is queued."""
        campaign = self.make_campaign(self.mail(), {"kind": "wait"}, self.mail())
        campaign.action_start()
        self.work()
        campaign.action_stop()
        self.assertEqual(campaign.state, "done")
        self.assertFalse(campaign.person_ids.filtered(lambda person: person.state in ("waiting", "held")))
        self.later(campaign, days=3)
        self.work()
        self.assertFalse(self.mails(campaign))

    def test_archived_only_when_ended(self):
        """What still runs is not put out of sight."""
        campaign = self.make_campaign()
        campaign.action_start()
        with self.assertRaises(UserError):
            campaign.with_user(self.manager).active = False
        campaign.action_stop()
        campaign.with_user(self.manager).active = False

    def test_one_person_is_stopped(self):
        """A manager stops one person: what was queued for them is taken back, the others go on."""
        campaign = self.make_campaign(self.mail(), {"kind": "wait"}, self.mail("<p>2</p>", "2"))
        campaign.action_start()
        self.work()
        self.person(campaign, self.ann).with_user(self.manager).action_stop()
        self.assertEqual(self.mails(campaign).recipient_ids, self.ben)
        self.later(campaign, days=2)
        self.work()
        self.assertEqual(self.person(campaign, self.ann).state, "stopped")
        self.assertEqual(self.person(campaign, self.ben).state, "done")

    def test_people_finish_their_version(self):
        """After an edit people finish what they began; with the other choice they follow the new steps."""
        campaign = self.make_campaign(self.mail(), {"kind": "wait"}, self.mail("<p>Old</p>", "Old"))
        campaign.action_start()
        self.work()
        self.assertFalse(campaign.is_changed)
        last = campaign.step_ids[2]
        last.text_ids.write({"subject": "New", "body": "<p>New</p>"})
        campaign.invalidate_recordset(["is_changed"])
        self.assertTrue(campaign.is_changed)
        campaign.with_user(self.manager).action_new_version()
        self.assertEqual(campaign.version_id.number, 2)
        self.person(campaign, self.ben).version_id = campaign.version_id
        self.later(campaign, days=2)
        self.work()
        subjects = {mail.recipient_ids: mail.subject for mail in self.mails(campaign).sorted("id")}
        self.assertEqual(subjects, {self.ann: "Old", self.ben: "New"})

    def test_everybody_moves(self):
        """Who is at a step that is gone goes on at the next one that is left."""
        campaign = self.make_campaign(self.mail(), {"kind": "wait"}, self.mail("<p>End</p>", "End"))
        campaign.action_start()
        self.work()
        campaign.step_ids[1].unlink()
        self.assertEqual(len(campaign.step_ids), 2)
        campaign.action_new_version_for_all()
        self.work()
        self.assertEqual(self.person(campaign, self.ann).state, "done")
        self.assertIn("End", self.mails(campaign).mapped("subject"))

    def test_one_who_breaks_stops_nobody(self):
        """An error at one person holds that person; the others get theirs."""
        campaign = self.make_campaign()
        campaign.action_start()
        say = self.registry["community.campaign.act"]._do_mail

        def breaking(act, campaign, entry, jobs, problems):
            if any(job["person"].partner_id == self.ann for job in jobs):
                raise ValueError("broken")
            return say(act, campaign, entry, jobs, problems)

        with (
            patch.object(self.registry["community.campaign.act"], "_do_mail", breaking),
            mute_logger("odoo.addons.community_manager.models.overservice.community_campaign_engine"),
        ):
            self.work()
        self.assertEqual(self.mails(campaign).recipient_ids, self.ben)
        self.assertEqual(self.person(campaign, self.ann).code, "error")
        self.later(campaign, hours=2)
        self.work()
        self.assertEqual(self.mails(campaign).recipient_ids, self.ann | self.ben)

    def test_limits_hold_and_let_go(self):
        """The contact policy holds people back with its reason; once there is room they get it."""
        self.env["community.contact.policy"].create(
            {
                "name": "One a week",
                "in_force": True,
                "limit_ids": [(0, 0, {"media": "all", "window": "week", "most": 1})],
            }
        )
        first = self.make_campaign()
        second = self.make_campaign(self.mail("<p>Two</p>", "Two"), patience=10)
        first.action_start()
        second.action_start()
        self.work()
        self.assertEqual(len(self.mails(first)) + len(self.mails(second)), 3)
        held = (first | second).person_ids.filtered(lambda person: person.code == "limit")
        self.assertEqual(held.partner_id, self.ann | self.ben)
        self.assertTrue(all(person.next_at > person.started_at for person in held))
        touches = self.env["community.touch"].search([("campaign_id", "in", (first | second).ids)])
        self.assertEqual(set(touches.mapped("state")), {"reserved", "held"})

    def test_withdrawn_consent_leaves(self):
        """Whoever withdrew leaves, and is not asked again."""
        self.env["community.consent"].create(
            {
                "partner_id": self.ann.id,
                "company_id": self.company.id,
                "purpose_id": self.purpose.id,
                "medium": "all",
                "state": "withdrawn",
            }
        )
        campaign = self.make_campaign()
        campaign.action_start()
        self.work()
        self.assertEqual(
            (self.person(campaign, self.ann).state, self.person(campaign, self.ann).code), ("left", "consent")
        )
