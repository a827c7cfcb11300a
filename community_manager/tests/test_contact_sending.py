import contextlib
from datetime import datetime, timedelta
from unittest.mock import patch

from odoo import fields
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.mail.tests.common import MockEmail
from odoo.addons.sms.tools.sms_api import SmsApi

from ..models.contact.quiet import quiet_until
from .test_contact_policy import ContactCase


@tagged("post_install", "-at_install")
class TestContactSending(ContactCase, MockEmail):
    """Odoo's own mailings, e-mails and text messages keep to the policy at the moment of sending."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.people = cls.env["res.partner"].create(
            [
                {"name": f"Person {number}", "email": f"person{number}@example.com", "phone": f"+3460000010{number}"}
                for number in range(3)
            ]
        )
        cls.policy.in_force = True

    def mailing(self, **values):
        return self.env["mailing.mailing"].create(
            {
                "name": "Spring",
                "subject": "Spring",
                "body_html": "<p>Lamps</p>",
                "mailing_model_id": self.env["ir.model"]._get("res.partner").id,
                "mailing_domain": repr([("id", "in", self.people.ids)]),
                **values,
            }
        )

    def send(self, mailing):
        with self.mock_mail_gateway():
            mailing.action_send_mail()
        return mailing.mailing_trace_ids

    @contextlib.contextmanager
    def sms_gateway(self):
        """Let text messages go out, to nowhere."""

        def take(_api, messages, **_options):
            numbers = [number for message in messages for number in message["numbers"]]
            return [{"uuid": number["uuid"], "state": "success"} for number in numbers]

        with patch.object(SmsApi, "_send_sms_batch", take):
            yield

    def touches_of(self, partner, **values):
        domain = [("partner_id", "=", partner.id)] + [(name, "=", value) for name, value in values.items()]
        return self.touches.search(domain)

    def test_mailing_goes_to_those_it_may_and_says_why_not_to_others(self):
        self.limit(1)
        self.reserve(partner=self.people[0])
        self.people[1].community_not_now = fields.Date.today() + timedelta(days=9)
        traces = self.send(self.mailing())
        why = {trace.res_id: (trace.trace_status, trace.failure_type) for trace in traces}
        self.assertEqual(
            why,
            {
                self.people[0].id: ("cancel", "community_limit"),
                self.people[1].id: ("cancel", "community_not_now"),
                self.people[2].id: ("sent", False),
            },
        )
        self.assertEqual(len(self._mails), 1)
        sent = self.touches_of(self.people[2])
        self.assertEqual(
            (sent.state, sent.medium, sent.purpose_id.code, sent.text), ("used", "email", "news", "Spring")
        )
        self.assertEqual(self.touches_of(self.people[0], state="held").code, "limit")
        labels = dict(traces._fields["failure_type"]._description_selection(self.env))
        self.assertEqual(labels["community_limit"], "Held: contact limit reached")

    def test_without_a_policy_a_mailing_goes_to_all_and_is_counted(self):
        self.policy.in_force = False
        self.send(self.mailing())
        self.assertEqual(len(self._mails), 3)
        self.assertEqual(self.touches_of(self.people[0]).state, "used")

    def test_who_refused_gets_no_mailing_even_without_a_policy(self):
        self.policy.in_force = False
        self.env["community.consent"].create({"partner_id": self.people[0].id, "state": "withdrawn"})
        self.send(self.mailing())
        self.assertEqual(len(self._mails), 2)

    def test_service_mailing_passes(self):
        self.limit(0)
        service = self.env["community.purpose"]._get("service")
        self.send(self.mailing(community_purpose_id=service.id))
        self.assertEqual(len(self._mails), 3)

    def test_list_of_addresses_is_held_for_those_we_know(self):
        """People on a mailing list are the contacts with their address."""
        self.limit(1)
        self.reserve(partner=self.people[0])
        lists = self.env["mailing.list"].create({"name": "News"})
        self.env["mailing.contact"].create(
            [
                {"name": "One", "email": self.people[0].email, "list_ids": [(4, lists.id)]},
                {"name": "Nobody we know", "email": "stranger@example.com", "list_ids": [(4, lists.id)]},
            ]
        )
        contacts = self.env["ir.model"]._get("mailing.list").id
        mailing = self.mailing(mailing_model_id=contacts, mailing_domain=repr([("list_ids", "in", lists.ids)]))
        mailing.contact_list_ids = lists
        self.send(mailing)
        self.assertEqual([mail["email_to"] for mail in self._mails], [["stranger@example.com"]])

    def test_quiet_hours_let_an_email_wait(self):
        self.policy.write({"quiet": True, "quiet_from": 0, "quiet_until": 23.9})
        traces = self.send(self.mailing())
        self.assertEqual(set(traces.mapped("trace_status")), {"outgoing"})
        mails = traces.mail_mail_id
        self.assertTrue(all(mail.scheduled_date > fields.Datetime.now() for mail in mails))
        self.assertFalse(self.touches_of(self.people[0]))
        self.policy.quiet = False
        mails.scheduled_date = False
        with self.mock_mail_gateway():
            mails.send()
        self.assertEqual(self.touches_of(self.people[0]).state, "used")

    def test_what_belongs_to_an_order_is_never_held(self):
        """No limit holds a confirmation back; it is a touch all the same."""
        self.limit(0)
        order = self.env["sale.order"].create({"partner_id": self.person.id})
        with self.mock_mail_gateway():
            order.message_post(body="Confirmed", partner_ids=self.person.ids, subtype_xmlid="mail.mt_comment")
        self.assertTrue(self._mails)
        touch = self.touches_of(self.person)
        self.assertEqual((touch.state, touch.purpose_id.code, touch.own_question), ("used", "service", False))

    def test_template_with_a_purpose_is_held(self):
        self.limit(0)
        template = self.env["mail.template"].create(
            {
                "name": "Care",
                "subject": "How is it?",
                "body_html": "<p>Well?</p>",
                "model_id": self.env["ir.model"]._get("res.partner").id,
                "partner_to": "{{ object.id }}",
                "auto_delete": False,
            }
        )
        with self.mock_mail_gateway():
            free = template.send_mail_batch(self.people[:1].ids, force_send=True)
            template.community_purpose_id = self.env["community.purpose"]._get("care")
            held = template.send_mail_batch(self.people[:1].ids, force_send=True)
        self.assertEqual((free.state, held.state, held.failure_type), ("sent", "cancel", "community_limit"))

    def test_failed_email_is_no_touch(self):
        """Neither where the mail server is not reached, nor where it refuses; tried again, it is asked for again."""
        self.limit(1)

        def refuse(*_args, **_options):
            raise OSError("refused")

        for name in ("_connect__", "send_email"):
            with self.mock_mail_gateway(), patch.object(type(self.env["ir.mail_server"]), name, refuse):
                with mute_logger("odoo.addons.mail.models.mail_mail"):
                    mailing = self.mailing()
                    mailing.action_send_mail()
            self.assertEqual(set(mailing.mailing_trace_ids.mapped("trace_status")), {"error"})
            self.assertFalse(self.touches_of(self.people[0], state="used"))
        mailing.mailing_trace_ids.mail_mail_id.mark_outgoing()
        with self.mock_mail_gateway():
            mailing.mailing_trace_ids.mail_mail_id.send()
        self.assertEqual(self.touches_of(self.people[0], state="used").mapped("text"), ["Spring"])

    def test_worker_that_dies_before_sending_counts_nobody_twice(self):
        """Once taken up again the same e-mail goes out on its first reservation."""
        self.limit(1)
        mailing = self.mailing()
        with self.mock_mail_gateway(), patch.object(type(self.env["mail.mail"]), "send", lambda *_a, **_k: True):
            mailing.action_send_mail()
        mails = mailing.mailing_trace_ids.mail_mail_id
        self.touches._use(mails.mapped("community_touch"))  # as far as the one that died came
        with self.mock_mail_gateway():
            mails.send()
        self.assertEqual(len(self._mails), 3)
        self.assertEqual(self.touches_of(self.people[0]).mapped("state"), ["used"])

    # -- text messages -------------------------------------------------------------------------------------------------

    def sms_mailing(self):
        return self.mailing(mailing_type="sms", body_plaintext="Lamps", sms_force_send=True)

    def test_sms_mailing(self):
        self.limit(1)
        self.reserve(partner=self.people[0])
        mailing = self.sms_mailing()
        with self.sms_gateway():
            mailing.action_send_sms()
        why = {trace.res_id: (trace.trace_status, trace.failure_type) for trace in mailing.mailing_trace_ids}
        self.assertEqual(why[self.people[0].id], ("cancel", "community_limit"))
        self.assertEqual(why[self.people[1].id][0], "pending")
        self.assertEqual(self.touches_of(self.people[1]).mapped("medium"), ["sms"])
        self.assertEqual(self.touches_of(self.people[1]).state, "used")

    def test_sms_waits_for_the_morning_without_blocking_the_queue(self):
        self.policy.write({"quiet": True, "quiet_from": 0, "quiet_until": 23.9})
        mailing = self.sms_mailing()
        with self.sms_gateway():
            mailing.action_send_sms()
        waiting = self.env["sms.sms"].search([("mailing_id", "=", mailing.id)])
        self.assertEqual(waiting.mapped("state"), ["community_quiet"] * 3)
        self.policy.quiet = False
        waiting.community_wait_until = fields.Datetime.now()
        self.env["sms.sms"]._community_wake()
        with self.sms_gateway():
            waiting.send()
        self.assertEqual(self.touches_of(self.people[0]).state, "used")

    # -- what is read from elsewhere ----------------------------------------------------------------------------------

    def test_calls_and_meetings_are_touches(self):
        call = self.env.ref("mail.mail_activity_data_call")
        self.people[0].activity_schedule(activity_type_id=call.id, summary="Ask").action_feedback()
        self.assertEqual(self.touches_of(self.people[0]).mapped(lambda one: (one.medium, one.text)), [("call", "Ask")])
        start = fields.Datetime.now() - timedelta(hours=3)
        self.env["calendar.event"].create(
            {
                "name": "Coffee",
                "start": start,
                "stop": start + timedelta(hours=1),
                "partner_ids": [(6, 0, self.people[1].ids)],
            }
        )
        self.touches._note_meetings()
        self.assertEqual(self.touches._note_meetings(), 0)
        self.assertEqual(self.touches_of(self.people[1]).mapped("medium"), ["visit"])

    def test_earlier_touches_are_filled_in_once(self):
        self.env["ir.config_parameter"].set_param("community_manager.touches_filled_until", False)
        mailing = self.mailing()
        self.env["mailing.trace"].create(
            {
                "model": "res.partner",
                "res_id": self.people[0].id,
                "mass_mailing_id": mailing.id,
                "trace_status": "open",
                "sent_datetime": fields.Datetime.now() - timedelta(days=40),
                "email": self.people[0].email,
            }
        )
        self.touches._fill_earlier()
        self.assertEqual(self.touches_of(self.people[0]).mapped("purpose_id.code"), ["news"])
        self.assertEqual(self.touches._fill_earlier(), 0)

    def test_quiet_hours_over_midnight_and_summer_time(self):
        from zoneinfo import ZoneInfo

        madrid, none = ZoneInfo("Europe/Madrid"), (False,) * 7
        # the night in which clocks go forward: nine o'clock is an hour earlier
        late = datetime(2026, 3, 28, 22, 0)
        self.assertEqual(quiet_until(late, madrid, (21, 9), none), datetime(2026, 3, 29, 7, 0))
        self.assertIsNone(quiet_until(datetime(2026, 3, 29, 7, 0), madrid, (21, 9), none))
        self.assertIsNone(quiet_until(late, madrid, (0, 0), none))
        weekend = (False,) * 5 + (True, True)
        self.assertEqual(quiet_until(late, madrid, (0, 0), weekend), datetime(2026, 3, 29, 22, 0))
