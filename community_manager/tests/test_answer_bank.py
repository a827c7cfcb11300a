from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, tagged

from .routing_common import RoutingCase


@tagged("post_install", "-at_install")
class TestAnswerBank(RoutingCase):
    """What we know, offered where somebody asks for it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["community.answer"].search([]).active = False
        cls.env["community.template"].search([]).active = False

    def make(self, question, text="So it is.", **values):
        """Create an answer in use, in English unless said otherwise."""
        values = {"state": "published", "language": "en", **values}
        return self.env["community.answer"].create({"question": question, "text": text, **values})

    def bank(self):
        """Create answers about a furniture shop."""
        return (
            self.make("How long does delivery take?", "Orders arrive within three to five working days.")
            | self.make("Can I return a chair?", "You can send chairs back within thirty days, at our cost.")
            | self.make("Which bulb fits the desk lamp?", "A bulb with an E14 socket, at most forty watts.")
            | self.make("Do you ship to the Canary Islands?", "Yes. Delivery takes up to ten days there.")
        )

    def asked(self, text, language="en"):
        """Let something be asked."""
        mention = self.say(text)
        mention.language = language
        return mention

    def offered(self, mention, query=""):
        """Return the answers that the composer is offered, the best first."""
        found = [one for one in mention.get_suggestions(query) if one["kind"] == "answer"]
        return self.env["community.answer"].browse(one["id"] for one in found)

    def run_cron(self):
        """Let the scheduled work run."""
        self.env.flush_all()
        with self.enter_registry_test_mode():
            self.env.ref("community_manager.cron_answer_review").method_direct_trigger()
        self.env.invalidate_all()

    def test_the_mention_finds_its_answer(self):
        """A question in other words, in any form of them, finds its answer first."""
        delivery, returns, bulb, _islands = self.bank()
        for text, expected in {
            "I ordered a desk last week. How long do your deliveries usually take, Acme?": delivery,
            "Acme, may I still return the chairs I bought?": returns,
            "@acme what bulbs fit into your desk lamps": bulb,
        }.items():
            with self.subTest(text=text):
                self.assertEqual(self.offered(self.asked(text))[:1], expected)

    def test_what_nobody_asked_is_not_offered(self):
        """A mention that asks nothing of it gets no answers; one with no words at all neither."""
        self.bank()
        for text in ("Acme opened a shop in our street yesterday", "😍😍😍", "a_" * 50_000):
            with self.subTest(text=text[:20]):
                self.assertFalse(self.offered(self.asked(text)))

    def test_each_language_has_its_stems(self):
        """A question in Spanish finds the Spanish wording, with or without accents, and gets that text."""
        answer = self.make("How long does delivery take?", "Three days.")
        line = {"language": "es", "question": "¿Cuánto tardan los envíos?", "text": "Tres días."}
        answer.line_ids = [Command.create(line)]
        self.make("Can I return a chair?")
        for text in ("Hola Acme, cuanto tarda un envio?", "¿Cuánto tardáis en los ENVÍOS?"):
            mention = self.asked(text, "es")
            with self.subTest(text=text):
                found = [one for one in mention.get_suggestions() if one["kind"] == "answer"]
                self.assertEqual([(one["id"], one["text"]) for one in found[:1]], [(answer.id, "Tres días.")])

    def test_search(self):
        """Who looks for something finds it by a part of a word, in the question, the text, keywords and tags."""
        delivery, returns, bulb, islands = self.bank()
        delivery.keywords = "courier, parcel"
        bulb.tag_ids = [Command.create({"name": "lighting"})]
        mention = self.asked("Acme!")
        self.assertEqual(self.offered(mention, "deliv")[:1], delivery)
        self.assertEqual(self.offered(mention, "parcel"), delivery)
        self.assertEqual(self.offered(mention, "lighting"), bulb)
        self.assertEqual(self.offered(mention, "canary"), islands)
        self.assertFalse(self.offered(mention, "zebra"))
        self.assertNotIn(returns, self.offered(mention, "/deliv"))
        for hostile in ("'", "a:* & !", "\\", "((", "x\x00y", "%_%"):
            self.offered(mention, hostile)

    def test_products_and_topics(self):
        """Of two that say the same, the one about the product that is named comes first."""
        product = self.env["product.template"].create({"name": "Lamp Aurora"})
        self.make("How many watts may the bulb have?", "Forty.")
        ours = self.make("How many watts may the bulb have at most?", "Sixty.", product_tmpl_ids=[product.id])
        mention = self.asked("How many watts may the bulb of my Aurora have, Acme?")
        mention.sudo().product_ids = product
        self.assertEqual(self.offered(mention)[:1], ours)

    def test_only_what_is_in_use(self):
        """Proposals, what is retired or archived, and what another company knows are not offered."""
        answer = self.make("How long does delivery take?")
        mention = self.asked("How long does delivery take, Acme?")
        self.assertEqual(self.offered(mention), answer)
        answer.action_retire()
        self.assertFalse(self.offered(mention))
        answer.action_publish()
        self.assertEqual(self.offered(mention), answer)
        answer.active = False
        self.assertFalse(self.offered(mention))
        self.make("How long does delivery take?", company_id=self.other_company.id)
        self.assertFalse(self.offered(mention))

    def test_changed_words_are_found(self):
        """An answer is found by what it says now."""
        answer = self.make("How long does delivery take?", "Three days.")
        answer.write({"question": "Where is the shop?", "text": "In Main Street."})
        self.assertFalse(self.offered(self.asked("How long does delivery take?")))
        self.assertEqual(self.offered(self.asked("Where is your shop, Acme?")), answer)
        line = self.env["community.answer.line"].create(
            {"answer_id": answer.id, "language": "es", "text": "Calle Mayor"}
        )
        self.assertEqual(self.offered(self.asked("x"), "calle mayor"), answer)
        line.unlink()
        self.assertFalse(self.offered(self.asked("x"), "calle mayor"))

    def test_expired_answers_warn_and_ask_their_owner_once(self):
        """After the day of review the composer warns; the owner is asked once for that date, and again for another."""
        yesterday = fields.Date.today() - timedelta(days=1)
        answer = self.make("How long does delivery take?", review_date=yesterday, user_id=self.agent.id)
        mention = self.asked("How long does delivery take, Acme?")
        self.assertTrue([one for one in mention.get_suggestions() if one["kind"] == "answer"][0]["warning"])
        for _attempt in range(2):
            self.run_cron()
            self.env.invalidate_all()
            self.assertEqual(answer.activity_ids.user_id, self.agent)
            self.assertEqual(len(answer.activity_ids), 1)
        answer.with_user(self.agent).action_still_right()
        self.assertFalse(answer.is_expired)
        self.assertFalse(answer.activity_ids)
        answer.review_date = yesterday
        self.run_cron()
        self.env.invalidate_all()
        self.assertEqual(len(answer.activity_ids), 1)

    def test_agents_propose_and_managers_publish(self):
        """An agent proposes an answer and changes their own, which makes a proposal of it; others they only read."""
        mine = self.env["community.answer"].with_user(self.agent).create({"question": "Why?", "text": "Because."})
        self.assertEqual(mine.state, "draft")
        for change in ({"state": "published"}, {"user_id": self.manager.id}, {"use_count": 9}):
            with self.subTest(change=change), self.assertRaises(AccessError):
                mine.write(change)
        with self.assertRaises(AccessError):
            self.env["community.answer"].with_user(self.agent).create(
                {"question": "?", "text": "!", "state": "published"}
            )
        mine.with_user(self.manager).action_publish()
        mine.keywords = "reason"
        self.assertEqual(mine.state, "published")
        mine.text = "Because of that."
        self.assertEqual(mine.state, "draft")
        theirs = self.make("Who?", user_id=self.manager.id)
        with self.assertRaises(AccessError):
            theirs.with_user(self.agent).text = "Me"

    def test_agents_cannot_change_a_published_answer_through_its_variants(self):
        """A variant of an answer is part of what was published: an agent who changes one proposes it anew."""
        mine = self.env["community.answer"].with_user(self.agent).create({"question": "Why?", "text": "Because."})
        line = self.env["community.answer.line"].with_user(self.agent)
        line = line.create({"answer_id": mine.id, "language": "es", "text": "Porque sí."})
        mine.with_user(self.manager).action_publish()
        line.text = "Porque no."
        self.assertEqual(mine.state, "draft")

    def test_no_way_round_the_managers(self):
        """Neither a default of the context nor a variant that is moved puts an agent's words into use."""
        answers = self.env["community.answer"].with_user(self.agent)
        with self.assertRaises(AccessError):
            answers.with_context(default_state="published").create({"question": "Why?", "text": "Because."})
        mine = answers.create({"question": "Why?", "text": "Because."})
        line = self.env["community.answer.line"].with_user(self.agent)
        line = line.create({"answer_id": mine.id, "language": "es", "text": "Porque sí."})
        with self.assertRaises(AccessError):
            line.answer_id = self.make("How?")
        second = answers.create({"question": "When?", "text": "Now."})
        second.with_user(self.manager).action_publish()
        line.answer_id = second
        self.assertEqual(second.state, "draft")

    def test_votes(self):
        """Everybody has one vote, may turn it round and take it back."""
        answer = self.make("Why?")
        for user in (self.agent, self.manager):
            answer.with_user(user).action_helpful()
        self.assertEqual((answer.helpful_count, answer.unhelpful_count), (2, 0))
        answer.with_user(self.agent).action_unhelpful()
        self.assertEqual((answer.helpful_count, answer.unhelpful_count), (1, 1))
        answer.with_user(self.agent).action_unhelpful()
        self.assertEqual((answer.helpful_count, answer.unhelpful_count), (1, 0))

    def test_links(self):
        """A link goes along with the answer; what is no link is refused."""
        answer = self.make("How long does delivery take?", "Three days.", link="https://acme.example/delivery")
        found = self.asked("How long does delivery take, Acme?").get_suggestions()[0]
        self.assertEqual(found["text"], "Three days.\nhttps://acme.example/delivery")
        with self.assertRaises(ValidationError):
            answer.link = "javascript:alert(1)"

    def test_import_and_export(self):
        """Answers are exported and imported as plain columns."""
        self.make_topic("Delivery", "parcel")
        columns = ["question", "text", "language", "keywords", "topic_ids", "review_date", "state"]
        rows = [["Is it heavy?", "Ten kilos.", "en", "weight", "Delivery", "2031-01-31", "published"]]
        result = self.env["community.answer"].load(columns, rows)
        self.assertFalse([message for message in result["messages"] if message["type"] == "error"], result["messages"])
        answer = self.env["community.answer"].browse(result["ids"])
        self.assertEqual(answer.topic_ids.name, "Delivery")
        self.assertEqual(self.offered(self.asked("How heavy is it? What is its weight?")), answer)
        exported = answer.export_data(columns)["datas"][0]
        self.assertEqual(exported[:4], ["Is it heavy?", "Ten kilos.", "English", "weight"])

    def test_form(self):
        """A manager writes an answer with a variant in the form."""
        form = Form(self.env["community.answer"].with_user(self.manager))
        form.question = "Is it heavy?"
        form.text = "Ten kilos."
        with form.line_ids.new() as line:
            line.language = "es"
            line.text = "Diez kilos."
        answer = form.save()
        answer.action_publish()
        self.assertEqual(self.offered(self.asked("x"), "kilos"), answer)
