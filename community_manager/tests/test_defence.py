from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.community_manager.connectors.items import AuthorItem

from .common import item
from .routing_common import RoutingCase

ANSWER = "You can order it online with the number on the label"


@tagged("post_install", "-at_install")
class TestDefence(RoutingCase):
    """Who of the community answers or stands up for us is noticed, thanked, and not repeated."""

    def asked(self, text="How do I order a new shade for my acme lamp?", intents=("question",), name="q1", **values):
        mention = self.take(item(name, text, "ann", origin="own", **values))
        self.understand(mention, intents)
        return mention

    def understand(self, mention, intents=(), sentiment="neutral"):
        found = self.env["community.intent"].search([("code", "in", list(intents))])
        mention.write({"intent_ids": [Command.set(found.ids)], "sentiment": sentiment})

    def reply(self, text=ANSWER, author="bob", parent="q1", intents=(), sentiment="neutral", name="r1", **values):
        mention = self.take(item(name, text, author, origin="own", kind="comment", parent_id=parent, **values))
        # what the first pass makes of these words is not the question here
        self.env["community.defence"].search([("mention_id", "=", mention.id)]).unlink()
        self.understand(mention, intents, sentiment)
        self.env["community.defence"]._notice(mention)
        return mention

    def noticed(self, mention):
        return self.env["community.defence"].search([("mention_id", "=", mention.id)])

    def test_a_question_that_somebody_answered_is_not_asked_for_again(self):
        asked = self.asked()
        answer = self.reply()
        defence = self.noticed(answer)
        self.assertEqual((defence.kind, defence.state, defence.author_id), ("answered", "new", answer.author_id))
        self.assertEqual((asked.state, asked.community_answer_id), ("done", answer))
        self.assertEqual(answer.author_id.defence_count, 1)
        self.assertIn("Ann", answer.defence_note)
        asked.with_user(self.agent).action_reopen()
        self.assertEqual(asked.state, "open", "it can be pulled back")

    def test_it_is_noticed_as_it_comes_in(self):
        self.asked()
        mention = self.take(item("r1", ANSWER, "bob", origin="own", kind="comment", parent_id="q1"))
        if mention.sentiment != "negative" and not mention.intent_ids:
            self.assertTrue(self.noticed(mention))

    def test_what_somebody_works_at_stays_where_it_is(self):
        for number, values in enumerate(({"user_id": self.agent.id}, {"state": "open"}, {"priority": "3"})):
            with self.subTest(values=values):
                asked = self.asked(name=f"q{number}")
                asked.write(values)
                state = asked.state
                answer = self.reply(parent=f"q{number}", name=f"r{number}")
                self.assertEqual((asked.state, asked.community_answer_id), (state, answer))

    def test_a_complaint_stays_though_somebody_stood_up_for_us(self):
        asked = self.asked("My lamp came broken, this is a shame", ("complaint",))
        self.assertFalse(self.noticed(self.reply(name="r0")), "neutral words are no defence")
        defence = self.noticed(self.reply("They always helped me quickly and kindly", sentiment="positive"))
        self.assertEqual(defence.kind, "defended")
        self.assertEqual(asked.state, "new")

    def test_what_counts_as_nothing(self):
        self.asked()
        bot = AuthorItem(external_id="bot", name="Bot", handle="@bot", bot=True)
        cases = {
            "by who asked": {"author": "ann"},
            "by ourselves": {"outgoing": True},
            "too short": {"text": "same here"},
            "a question": {"text": "Did you find out in the end?"},
            "a complaint": {"intents": ("complaint",)},
            "negative": {"sentiment": "negative"},
            "private": {"visibility": "direct"},
            "a robot": {"author": bot},
            "an answer to what is not here": {"parent": "unknown"},
            "spam": {"intents": ("spam",)},
        }
        for number, (case, values) in enumerate(cases.items()):
            with self.subTest(case=case):
                self.assertFalse(self.noticed(self.reply(name=f"n{number}", **values)))

    def test_colleagues_are_no_community(self):
        self.asked()
        first = self.reply("I work at acme and this is all there is", author="col", name="r0", parent="none")
        first.author_id.partner_id = self.agent.partner_id
        self.assertFalse(self.noticed(self.reply(author="col")))

    def test_the_same_person_under_another_profile_is_nobody_else(self):
        asked = self.asked()
        person = self.env["res.partner"].create({"name": "Ann"})
        first = self.reply("Nothing of interest here at all", author="ann2", name="r0", parent="none")
        (asked.author_id | first.author_id).partner_id = person
        self.assertFalse(self.noticed(self.reply(author="ann2")))

    def test_a_risk_is_never_answered_by_others(self):
        asked = self.asked("Is it normal that the lamp smokes?", ("question", "risk"))
        self.assertFalse(self.noticed(self.reply()))
        self.assertEqual(asked.state, "new")

    def test_thanking_closes_it_and_a_mistake_is_taken_back(self):
        asked = self.asked()
        answer = self.reply()
        defence = self.noticed(answer).with_user(self.agent)
        self.assertEqual(defence.action_thank()["res_id"], answer.id)
        answer._note_answered()
        self.assertEqual(defence.state, "thanked")
        self.assertTrue(defence.thanked_at)
        defence.action_dismiss()
        self.assertEqual((asked.state, asked.community_answer_id.id), ("new", False))
        self.assertEqual(answer.author_id.defence_count, 0)
        outsider = defence.with_user(self.outsider)
        with self.assertRaises(AccessError):
            outsider.action_thank()

    def test_a_second_look_that_finds_a_complaint_takes_it_back(self):
        asked = self.asked()
        answer = self.reply()
        self.assertEqual(asked.state, "done")
        self.understand(answer, ("complaint",), "negative")
        self.env["community.analyst"].with_company(self.company)._deepen(answer, [None])
        self.assertEqual((self.noticed(answer).state, asked.state), ("dismissed", "new"))

    def test_a_page_of_replies_costs_a_few_queries(self):
        for number in range(30):
            self.asked(name=f"q{number}")
        replies = self.take(
            *(item(f"r{n}", "meh", f"u{n}", origin="own", kind="comment", parent_id=f"q{n}") for n in range(30))
        )
        for reply in replies:
            self.understand(reply)
            reply.text = ANSWER
        self.env.flush_all()
        self.env.invalidate_all()
        with self.assertQueryCount(120):
            found = self.env["community.defence"]._notice(replies)
        self.assertEqual(len(found), 30)
