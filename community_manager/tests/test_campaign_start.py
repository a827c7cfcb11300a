from datetime import timedelta

from odoo import fields
from odoo.fields import Command
from odoo.tests import tagged

from .campaign_common import CampaignCase
from .common import item


@tagged("post_install", "-at_install")
class TestCampaignStart(CampaignCase):
    """What brings people into a campaign."""

    def started(self, **values):
        campaign = self.make_campaign(**values)
        campaign.with_user(self.manager).action_start()
        return campaign

    def people(self, campaign):
        self.work()
        return campaign.person_ids.partner_id

    def test_first_order(self):
        """The first confirmed order brings somebody in, a later one does not; nothing is written otherwise."""
        campaign = self.started(trigger="order", trigger_order=1)
        self.order(self.ann)
        self.assertEqual(self.people(campaign), self.ann)
        self.assertIn("was confirmed", campaign.person_ids.origin)
        self.order(self.ben, days_ago=5)
        signals = self.env["community.campaign.signal"]
        self.work()
        campaign.again_after = 1
        self.order(self.ben)
        self.assertFalse(signals.search_count([]))

    def test_nothing_is_noted_without_a_campaign(self):
        """Where no campaign waits for it, an order notes nothing."""
        self.order(self.ann)
        self.assertFalse(self.env["community.campaign.signal"].search_count([]))

    def test_orders_of_others_stay_out(self):
        """Who is not in the audience does not come in by an event."""
        stranger = self.env["res.partner"].create({"name": "Sam Stone", "email": "sam@people.example"})
        campaign = self.started(trigger="order")
        self.order(stranger)
        self.order(self.ann)
        self.assertEqual(self.people(campaign), self.ann)

    def test_won_lead(self):
        """A lead that is won brings its contact in."""
        campaign = self.started(trigger="lead")
        lead = self.env["crm.lead"].create({"name": "Lamps", "partner_id": self.ann.id, "type": "opportunity"})
        lead.action_set_won()
        self.assertEqual(self.people(campaign), self.ann)

    def test_closed_ticket(self):
        """A ticket that is closed brings its contact in; a task of another project does not."""
        campaign = self.started(trigger="ticket")
        project = self.company._get_community_ticket_project()
        tasks = self.env["project.task"].create(
            [
                {"name": "Ticket", "project_id": project.id, "partner_id": self.ann.id},
                {"name": "Task", "project_id": project.copy().id, "partner_id": self.ben.id},
            ]
        )
        tasks.write({"state": "1_done"})
        self.assertEqual(self.people(campaign), self.ann)

    def test_solved_complaint_and_praise(self):
        """A complaint that is done, and praise, bring in the contact who wrote them."""
        solved = self.started(trigger="solved", exit_complained=False)
        praise = self.started(trigger="praise", exit_complained=False)
        intents = {one.code: one for one in self.env["community.intent"].search([])}
        complaint = self.take(item("c1", "Acme broke", "ann", origin="own"))
        complaint.author_id.partner_id = self.ann
        complaint.intent_ids = [Command.set(intents["complaint"].ids)]
        thanks = self.take(item("p1", "Acme is fine", "ben", origin="own"))
        thanks.author_id.partner_id = self.ben
        thanks.intent_ids = [Command.set(intents["question"].ids)]
        thanks.write({"intent_ids": [Command.set(intents["praise"].ids)]})
        complaint.write({"state": "done"})
        self.assertEqual(self.people(solved), self.ann)
        self.assertEqual(self.people(praise), self.ben)

    def test_alarm(self):
        """An alarm starts the campaigns that wait for it, once for each event."""
        alarm = self.env["community.alarm"].create({"name": "Quiet", "kind": "quiet"})
        campaign = self.started(trigger="alarm", trigger_alarm_id=alarm.id)
        values = {"alarm_id": alarm.id, "company_id": self.company.id, "kind": "quiet"}
        event = self.env["community.alarm.event"].create({**values, "partner_id": self.ann.id, "occasion": "1"})
        event._handle()
        event._handle()
        self.assertEqual(self.env["community.campaign.signal"].search_count([]), 1)
        self.assertEqual(self.people(campaign), self.ann)

    def test_moment(self):
        """Reaching a moment of truth starts the campaigns that wait for it."""
        journey = self.env["community.journey"].create({"name": "Cycle"})
        moments = self.env["community.moment"].create([{"name": name, "journey_id": journey.id} for name in "AB"])
        campaign = self.started(trigger="moment", trigger_moment_id=moments[0].id)
        moments._reached(self.ann, moments[0])
        moments._reached(self.ben, moments[1])
        self.assertEqual(self.people(campaign), self.ann)

    def test_birthday(self):
        """Whose birthday it is comes in on the day, once."""
        today = fields.Date.today()
        tomorrow = today + timedelta(days=40)
        for partner, day in ((self.ann, today), (self.ben, tomorrow)):
            self.env["community.date"].create(
                {"partner_id": partner.id, "kind": "birthday", "day": day.day, "month": str(day.month)}
            )
        campaign = self.started(trigger="dates", trigger_hour=23.9)
        self.assertEqual(self.people(campaign), self.ann)
        campaign.looked_at = False
        self.assertEqual(self.people(campaign), self.ann)

    def test_coming_into_the_audience(self):
        """Whoever comes into the audience later comes in too."""
        campaign = self.started(trigger="audience")
        self.assertEqual(len(self.people(campaign)), 3)
        late = self.make_person("Lou Late")
        campaign.looked_at = fields.Datetime.now() - timedelta(hours=2)
        self.assertIn(late, self.people(campaign))

    def test_added_by_hand(self):
        """A manager adds people; who is in it already is named."""
        campaign = self.started(trigger="hand")
        wizard = self.env["community.campaign.add"].with_user(self.manager)
        wizard.create({"campaign_id": campaign.id, "partner_ids": self.ann.ids}).action_add()
        found = wizard.create({"campaign_id": campaign.id, "partner_ids": (self.ann | self.ben).ids}).action_add()
        self.assertIn("Ann Archer", found["params"]["message"])
        self.assertEqual(self.people(campaign), self.ann | self.ben)

    def test_merged_contacts_are_in_it_once(self):
        """Two contacts that become one are in the campaign once, and what was done stays."""
        campaign = self.started(trigger="now")
        self.work()
        twin = self.make_person("Ann Twin")
        campaign._start_person(twin)
        merge = self.env["base.partner.merge.automatic.wizard"].create({})
        merge._merge((self.ann | twin).ids, self.ann)
        theirs = campaign.person_ids.filtered(lambda person: person.partner_id == self.ann)
        self.assertEqual(sorted(theirs.mapped("round")), [1, 2])
        self.assertEqual(theirs.action_ids.partner_id, self.ann)
        self.work()
        self.assertLessEqual(len(theirs.filtered(lambda person: person.state in ("waiting", "held"))), 1)

    def test_erased_people_count_on(self):
        """Erasing somebody takes back what waits and removes them; what it cost is still counted."""
        campaign = self.make_campaign(self.mail(cost=2), {"kind": "wait"}, self.mail())
        campaign.action_start()
        self.work()
        queued = self.mails(campaign).filtered(lambda mail: mail.recipient_ids == self.ann)
        data = {entry["code"]: entry["records"] for entry in self.ann._community_personal_data()}
        self.assertEqual((len(data["campaigns"]), len(data["campaign_actions"])), (1, 1))
        self.ann.sudo()._community_erase()
        self.assertEqual(queued.exists().mapped("state") or ["cancel"], ["cancel"])
        self.assertFalse(self.person(campaign, self.ann))
        self.assertEqual((campaign.person_count, campaign.erased_count), (3, 1))

    def test_seen_on_the_person(self):
        """The person's page says in which campaigns they are, what they got, and why they are held back."""
        campaign = self.started()
        self.work()
        facts = {fact["code"]: fact for fact in self.nameless.with_user(self.agent)._community_facts()}
        self.assertIn("No first name", facts["campaigns"]["note"])
        kinds = {kind["code"]: kind for kind in self.ann.with_user(self.agent)._community_timeline_kinds()}
        titles = [entry["title"] for entry in kinds["campaign"]["read"](None, 10)]
        self.assertIn(f"{campaign.name}: E-mail", titles)
