from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from .campaign_common import CampaignCase


@tagged("post_install", "-at_install")
class TestCampaign(CampaignCase):
    """What people of a campaign get, and do not get."""

    def test_everybody_gets_their_mail_once(self):
        """Each person gets one mail in their name, with a trace and a way to unsubscribe; a second run adds none."""
        campaign = self.make_campaign()
        campaign.with_user(self.manager).action_start()
        self.work()
        mails = self.mails(campaign)
        self.assertEqual(mails.recipient_ids, self.ann | self.ben)
        hers = mails.filtered(lambda mail: mail.recipient_ids == self.ann)
        self.assertEqual(hers.subject, "For Ann")
        self.assertIn("Hello Ann, how are you?", hers.body_html)
        self.assertIn("/unsubscribe_from_list", hers.body_html)
        self.assertTrue(hers.mailing_trace_ids)
        [email] = hers._prepare_outgoing_list()
        self.assertIn("List-Unsubscribe", email["headers"])
        self.assertEqual(self.person(campaign, self.ann).state, "done")
        self.work()
        self.assertEqual(len(self.mails(campaign)), 2)
        self.assertEqual(campaign.touched_count, 2)

    def test_without_a_first_name_nobody_is_greeted(self):
        """An empty placeholder holds that person, with the reason; a fallback in the text lets them get it."""
        campaign = self.make_campaign()
        campaign.action_start()
        self.work()
        person = self.person(campaign, self.nameless)
        self.assertEqual((person.state, person.reason), ("held", "No first name"))
        self.nameless.name = "Nora North"
        self.later(campaign, days=2)
        self.work()
        self.assertEqual(person.state, "done")
        other = self.make_campaign(self.mail("<p>Hello {{ first_name | there }}!</p>", "Hello"))
        self.nameless.name = "x99"
        other.action_start()
        self.work()
        self.assertIn("Hello there!", self.mails(other).filtered(lambda m: m.recipient_ids == self.nameless).body_html)

    def test_patience_ends(self):
        """Who is held back for longer than the campaign is patient leaves, and the reason stays."""
        campaign = self.make_campaign(patience=5)
        campaign.action_start()
        self.work()
        person = self.person(campaign, self.nameless)
        self.later(campaign, days=6)
        self.work()
        self.assertEqual(person.state, "left")
        self.assertIn("No first name", person.reason)

    def test_language_of_each(self):
        """People get the text in their language; without one the stated language, else they are held back."""
        self.env["res.lang"]._activate_lang("es_ES")
        self.env["res.lang"]._activate_lang("fr_FR")
        self.ann.lang = "es_ES"
        self.ben.lang = "fr_FR"
        texts = [
            Command.create({"language": "en", "subject": "Hi", "body": "<p>Hello</p>"}),
            Command.create({"language": "es", "subject": "Hola", "body": "<p>Qué tal</p>"}),
        ]
        campaign = self.make_campaign({"kind": "mail", "text_ids": texts})
        campaign.action_start()
        self.work()
        self.assertEqual(self.mails(campaign).filtered(lambda m: m.recipient_ids == self.ann).subject, "Hola")
        self.assertEqual(self.person(campaign, self.ben).code, "language")
        other = self.make_campaign({"kind": "mail", "text_ids": texts}, fallback_language="en")
        other.action_start()
        self.work()
        self.assertEqual(self.mails(other).filtered(lambda m: m.recipient_ids == self.ben).subject, "Hi")

    def test_product_of_their_own(self):
        """The product named is from their own history, else the one stated; else they are held back."""
        self.order(self.ann)
        chair = self.env["product.product"].create({"name": "Chair"})
        body = "<p>How is your {{ product }}?</p>"
        campaign = self.make_campaign(self.mail(body, "Yours"), fallback_product_id=chair.id)
        campaign.action_start()
        self.work()
        bodies = {mail.recipient_ids: mail.body_html for mail in self.mails(campaign)}
        self.assertIn("your Lamp?", bodies[self.ann])
        self.assertIn("your Chair?", bodies[self.ben])
        other = self.make_campaign(self.mail(body, "Yours"))
        other.action_start()
        self.work()
        self.assertEqual(self.person(other, self.ben).code, "words")

    def test_wait_then_branch(self):
        """A wait holds people for its time; whoever bought meanwhile goes the other way."""
        campaign = self.make_campaign(
            self.mail(),
            {"kind": "wait", "wait_count": 3, "wait_unit": "days"},
            {"kind": "branch", "condition": "bought"},
            self.mail("<p>Thank you</p>", "Thanks", then="end"),
            self.mail("<p>Come back</p>", "Miss you"),
        )
        _mail, _wait, branch, thanks, miss = campaign.step_ids
        branch.write({"yes_step_id": thanks.id, "no_step_id": miss.id})
        campaign.action_start()
        self.work()
        person = self.person(campaign, self.ann)
        self.assertEqual((person.state, person.step_id.kind), ("waiting", "wait"))
        self.assertEqual(len(self.mails(campaign)), 2)
        self.order(self.ann)
        self.later(campaign, days=4)
        self.work()
        subjects = {mail.recipient_ids: mail.subject for mail in self.mails(campaign).sorted("id")}
        self.assertEqual(subjects, {self.ann: "Thanks", self.ben: "Miss you"})
        self.assertEqual(person.state, "done")

    def test_leaves_when_they_bought(self):
        """Whoever bought leaves before the next step where the campaign says so."""
        campaign = self.make_campaign(self.mail(), {"kind": "wait"}, self.mail(), exit_bought=True)
        campaign.action_start()
        self.work()
        self.order(self.ann)
        self.later(campaign, days=2)
        self.work()
        self.assertEqual(self.person(campaign, self.ann).state, "left")
        self.assertEqual(self.person(campaign, self.ben).state, "done")

    def test_control_group_gets_nothing(self):
        """The control group is a stable share, and gets nothing."""
        people = self.env["res.partner"].union(*(self.make_person(f"Pia{n} Plum") for n in range(40)))
        campaign = self.make_campaign(control_share=50)
        campaign.action_start()
        control = campaign.person_ids.filtered("control").partner_id
        self.assertTrue(8 <= len(control & people) <= 32)
        for partner in people:
            self.assertEqual(campaign._lot(partner.id)[1], partner in control)
        self.work()
        self.assertFalse(self.mails(campaign).recipient_ids & control)

    def test_variants_by_weight(self):
        """Variants get their share, each person always the same one, and their own text."""
        variants = [Command.create({"name": "A", "weight": 1}), Command.create({"name": "B", "weight": 0})]
        campaign = self.make_campaign(self.mail("<p>Plain</p>", "Plain"), variant_ids=variants)
        first = campaign.variant_ids[0]
        campaign.step_ids.text_ids = [
            Command.create({"variant_id": first.id, "subject": "Only A", "body": "<p>Only A</p>"})
        ]
        campaign.action_start()
        self.work()
        self.assertEqual(set(self.mails(campaign).mapped("subject")), {"Only A"})
        self.assertEqual(campaign.person_ids.variant_id, first)

    def test_budget(self):
        """Nothing more is done once the budget is used up."""
        campaign = self.make_campaign(self.mail("<p>Hi</p>", "Hi", cost=4.0), trigger="audience", budget=9.0)
        campaign.action_start()
        self.work()
        self.assertEqual(len(self.mails(campaign)), 2)
        held = campaign.person_ids.filtered(lambda person: person.state == "held")
        self.assertEqual(held.mapped("code"), ["budget"])
        self.assertEqual(campaign.cost, 8.0)

    def test_nobody_twice(self):
        """Nobody is in a campaign twice, unless it is allowed after some days."""
        campaign = self.make_campaign(trigger="hand")
        campaign.action_start()
        campaign._start_person(self.ann)
        campaign._start_person(self.ann)
        self.assertEqual(len(campaign.person_ids), 1)
        self.work()
        campaign.again_after = 30
        campaign._start_person(self.ann)
        self.assertEqual(len(campaign.person_ids), 1)
        self.later(campaign, days=31)
        campaign._start_person(self.ann)
        self.assertEqual(campaign.person_ids.mapped("round"), [2, 1] if campaign.person_ids[0].next_at else [1, 2])

    def test_reasons_against_starting(self):
        """A campaign with errors does not start, and says all of them."""
        campaign = self.make_campaign(
            {"kind": "mail", "text_ids": [Command.create({"subject": "", "body": ""})]},
            {"kind": "sms"},
            self.mail("<p>{{ coupon }}</p>", "Yours"),
            purpose_id=False,
            domain="[]",
        )
        with self.assertRaises(UserError) as caught:
            campaign.action_start()
        said = str(caught.exception)
        for words in ("purpose", "who it is for", "a text is empty", "has no text", "coupon"):
            self.assertIn(words, said)
        self.assertEqual(campaign.state, "draft")

    def test_steps_never_lead_back(self):
        """A branch cannot lead to an earlier step."""
        campaign = self.make_campaign(self.mail(), {"kind": "branch"})
        with self.assertRaises(ValidationError):
            campaign.step_ids[1].yes_step_id = campaign.step_ids[0]

    def test_unknown_placeholder(self):
        """A placeholder that stands for nothing is refused when it is written."""
        with self.assertRaises(ValidationError):
            self.make_campaign(self.mail("<p>{{ password }}</p>"))

    def test_only_managers(self):
        """Agents see campaigns and change nothing."""
        campaign = self.make_campaign()
        self.assertTrue(campaign.with_user(self.agent).read(["name", "problem_text", "audience_count"]))
        for button in ("action_start", "action_pause", "action_stop", "action_simulate", "action_new_version"):
            with self.assertRaises(AccessError):
                getattr(campaign.with_user(self.agent), button)()
        with self.assertRaises(UserError):
            campaign.with_user(self.manager).state = "running"

    def test_copy_keeps_the_way(self):
        """A copy has the same steps, leading to its own."""
        campaign = self.make_campaign({"kind": "branch"}, self.mail(), self.mail())
        campaign.step_ids[0].yes_step_id = campaign.step_ids[2]
        twin = campaign.copy()
        self.assertEqual((twin.state, len(twin.step_ids), len(twin.step_ids.text_ids)), ("draft", 3, 2))
        self.assertEqual(twin.step_ids[0].yes_step_id, twin.step_ids[2])
