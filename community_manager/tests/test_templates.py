import doctest

from psycopg2.errors import UniqueViolation

from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.community_manager.connectors.items import AuthorItem
from odoo.addons.community_manager.models.answers import placeholders
from odoo.addons.community_manager.models.answers.placeholders import clean, fill, first_name

from .routing_common import RoutingCase


@tagged("post_install", "-at_install")
class TestTemplates(RoutingCase):
    """Prepared answers: what is filled in, which wording is taken, and when they are offered."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["community.template"].search([]).active = False
        cls.intents = cls.env["community.intent"]._by_code()

    def make(self, name="Hello", text="Hello {{ first_name | there }}!", **values):
        """Create a template; ``intents`` are codes, ``lines`` (language, text) pairs."""
        intents = [self.intents[code] for code in values.pop("intents", ())]
        lines = [Command.create({"language": code, "text": words}) for code, words in values.pop("lines", ())]
        values |= {"intent_ids": [Command.set(intents)], "line_ids": lines}
        return self.env["community.template"].create({"name": name, "text": text, **values})

    def asked(self, text="Acme is great", codes=(), language="en", **values):
        """Let something come in that was understood in a certain way."""
        mention = self.say(text, **values)
        mention.write({"language": language, "intent_ids": [Command.set([self.intents[code] for code in codes])]})
        return mention

    def offered(self, mention, query="", way="reply"):
        """Return what the composer is offered of templates."""
        return [one for one in mention.get_suggestions(query, way) if one["kind"] == "template"]

    # -- placeholders ----------------------------------------------------------------------------------------------

    def test_examples_of_placeholders(self):
        """The examples in the code that fills placeholders are true."""
        self.assertEqual(doctest.testmod(placeholders).failed, 0)

    def test_nothing_known_leaves_no_hole(self):
        """What is not known leaves neither a space before a comma nor an empty line nor braces."""
        cases = {
            "Hello {{ first_name }},": "Hello,",
            "{{ first_name }}, thank you": "thank you",
            "Hello {{first_name}} {{author}}!": "Hello!",
            "Thanks.\n{{ website }}\nBye": "Thanks.\nBye",
            "Your order {{ order }} is on its way": "Your order is on its way",
            "¡Hola, {{ first_name | buenas }}!": "¡Hola, buenas!",
            "Hello {{ first_name | }}.": "Hello.",
        }
        for text, expected in cases.items():
            with self.subTest(text=text):
                self.assertEqual(fill(text, {}), expected)

    def test_values_are_not_filled_in_again(self):
        """Somebody who calls themselves like a placeholder learns nothing by it."""
        self.assertEqual(fill("Hi {{ author }}", {"author": "{{ order }}", "order": "S1"}), "Hi {{ order }}")

    def test_hostile_names(self):
        """A name of a hundred thousand letters, with line breaks and signs that turn the writing, stays one name."""
        value = clean("An\u202en\na\x00\ue000 " + "x" * 100_000)
        self.assertLessEqual(len(value), 80)
        self.assertTrue(value.startswith("Ann a x"))
        script = "<script>alert(1)</script>"
        self.assertEqual(fill("Hi {{ author }}!", {"author": script}), f"Hi {script}!", "plain text stays plain")

    def test_first_names(self):
        """Nobody is greeted by half of a nickname."""
        for name, expected in {
            "Ana María Ruiz": "Ana", "ana ruiz": "Ana", "xX_Lord_Xx": "", "J. R.": "", "Jean-Luc Picard": "Jean-Luc",
            "": "", "123": "", "O’Neil Sam": "O’Neil", "李 雷": "",
        }.items():  # fmt: skip
            with self.subTest(name=name):
                self.assertEqual(first_name(name), expected)

    def test_only_known_placeholders_are_stored(self):
        """A word in braces that stands for nothing is refused, in variants too; code is no placeholder."""
        for text in ("{{ password }}", "{{ author.env }}", "{{ 1 + 1 }}", "{{ object.partner_id }}"):
            with self.subTest(text=text), self.assertRaises(ValidationError):
                self.make(text=text)
            with self.subTest(line=text), self.assertRaises(ValidationError):
                self.make(lines=[("es", text)])

    def test_order_and_ticket_are_private(self):
        """The number of an order is filled in where only the person reads it."""
        partner = self.env["res.partner"].create({"name": "Ann Lee"})
        order = self.env["sale.order"].create({"partner_id": partner.id})
        order.state = "sale"
        mention = self.asked()
        mention.author_id.partner_id = partner
        self.make(text="{{ first_name }}: {{ order | your order }}")
        self.assertEqual(self.offered(mention)[0]["text"], "Ann: your order")
        self.assertEqual(self.offered(mention, way="message")[0]["text"], f"Ann: {order.name}")
        values = mention.with_user(self.agent)._placeholder_values("message")
        self.assertEqual(values["order"], order.name, "whoever answers need not see orders")

    def test_orders_of_others_stay_theirs(self):
        """Neither the order of a stranger nor one of another company is told."""
        partner = self.env["res.partner"].create({"name": "Ann Lee"})
        other = self.env["sale.order"].create({"partner_id": partner.id, "company_id": self.other_company.id})
        other.state = "sale"
        mention = self.asked()
        self.assertFalse(mention._placeholder_values("message")["order"])
        mention.author_id.partner_id = partner
        self.assertFalse(mention._placeholder_values("message")["order"])

    # -- wordings --------------------------------------------------------------------------------------------------

    def test_language_of_the_mention(self):
        """The wording in the language of the mention is taken; without one it says so."""
        template = self.make(text="Hello!", language="en", lines=[("es", "¡Hola!")])
        self.assertEqual(self.offered(self.asked(language="es"))[0]["text"], "¡Hola!")
        self.assertEqual(self.offered(self.asked(language="en-GB"))[0]["text"], "Hello!")
        french = self.offered(self.asked(language="fr"))[0]
        self.assertTrue(french["warning"], "it is in another language")
        template.language = False
        self.assertFalse(self.offered(self.asked(language="fr"))[0]["warning"])

    def test_network_and_length(self):
        """A wording for the network is taken before one for all; one that is too long gives way to one that fits."""
        toy = self.env["community.network"].search([("code", "=", "toy")])
        template = self.make(text="For all", lines=[(False, "For toys")])
        template.line_ids.network_ids = toy
        mention = self.asked()
        self.assertEqual(self.offered(mention)[0]["text"], "For toys")
        template.line_ids.text = "For toys, " * 100
        self.assertEqual(self.offered(mention)[0]["text"], "For all")

    def test_language_counts_more_than_length(self):
        """Better too long than in a language that the person does not read."""
        self.make(text="Hi", language="en", lines=[("es", "Hola, " * 100)])
        self.assertTrue(self.offered(self.asked(language="es"))[0]["text"].startswith("Hola"))

    # -- when they are offered -------------------------------------------------------------------------------------

    def test_thanks_are_offered_for_praise_and_suggestions(self):
        """Whoever praises or suggests is thanked first; whoever complains is not."""
        self.make("General")
        praise = self.make("Praise", "Thank you!", is_thanks=True, intents=["praise"])
        thanks = self.make("Thanks", "Thank you very much!", is_thanks=True)
        self.assertEqual([one["id"] for one in self.offered(self.asked(codes=["praise"]))][:2], [praise.id, thanks.id])
        suggested = [one["id"] for one in self.offered(self.asked(codes=["suggestion"]))]
        self.assertEqual(suggested[0], thanks.id)
        self.assertNotIn(praise.id, suggested, "a suggestion is no praise")
        complained = [one["id"] for one in self.offered(self.asked(codes=["complaint"]))]
        self.assertFalse({praise.id, thanks.id} & set(complained))
        happy = self.asked()
        happy.sentiment = "positive"
        self.assertEqual({one["id"] for one in self.offered(happy)[:2]}, {praise.id, thanks.id})

    def test_what_is_for_something_else_is_not_offered(self):
        """A template for a topic is offered for that topic; who looks for it finds it everywhere."""
        lamps = self.make_topic("Lamps", "lamp")
        template = self.make("Lamps", topic_ids=[Command.set(lamps.ids)])
        mention = self.asked()
        self.assertFalse(self.offered(mention))
        self.assertEqual(self.offered(mention, "lamps")[0]["id"], template.id)
        mention.topic_ids = lamps
        self.assertEqual(self.offered(mention)[0]["id"], template.id)

    def test_shortcut(self):
        """/th finds /thanks first, the whole shortcut before longer ones, and nothing else."""
        self.make("Other", shortcut="other")
        longer = self.make("Thanks more", shortcut="Thanks-more")
        exact = self.make("Thanks", shortcut="/thanks")
        mention = self.asked()
        self.assertEqual([one["id"] for one in self.offered(mention, "/thanks")], [exact.id, longer.id])
        self.assertEqual(exact.shortcut, "thanks")
        self.assertFalse(self.offered(mention, "/nothing"))
        self.assertEqual({one["note"] for one in self.offered(mention, "/th")}, {"/thanks", "/thanks-more"})

    def test_shortcuts_are_one_of_a_kind(self):
        """Two templates of a company cannot have one shortcut; an archived one does not count."""
        first = self.make(shortcut="hi")
        with self.assertRaises(UniqueViolation), mute_logger("odoo.sql_db"), self.env.cr.savepoint():
            self.make(shortcut="HI")
            self.env.flush_all()
        with self.assertRaises(ValidationError):
            self.make(shortcut="a b")
        first.active = False
        self.env.flush_all()
        self.assertTrue(self.make(shortcut="hi"))

    def test_public_and_private(self):
        """What is for private answers only is not offered in public."""
        self.make("Case", way="private")
        mention = self.asked()
        self.assertFalse(self.offered(mention))
        self.assertTrue(self.offered(mention, way="message"))

    def test_use_is_counted(self):
        """What is taken into an answer is counted, also for an agent, who may change nothing."""
        template = self.make()
        mention = self.asked().with_user(self.agent)
        mention.note_suggestion("template", template.id)
        mention.note_suggestion("template", template.id)
        self.assertEqual(template.use_count, 2)
        self.assertTrue(template.used_at)
        with self.assertRaises(AccessError):
            template.with_user(self.agent).text = "Mine"

    def test_preview(self):
        """The preview shows the text with a person who is made up, with a mention, and with nothing known."""
        template = self.make()
        self.assertEqual((template.preview, template.preview_bare), ("Hello Ana!", "Hello there!"))
        mention = self.say(author=AuthorItem(external_id="joe", name="Joe Hill", handle="@joe"))
        record = template.new(origin=template)
        record.preview_mention_id = mention
        self.assertEqual(record.preview, "Hello Joe!")

    def test_copy(self):
        """A copy has the variants, another name and no shortcut."""
        template = self.make(shortcut="hi", lines=[("es", "¡Hola!")], use_count=0)
        copy = template.copy()
        self.assertNotEqual(copy.name, template.name)
        self.assertFalse(copy.shortcut)
        self.assertEqual(copy.line_ids.text, "¡Hola!")

    def test_other_companies(self):
        """Templates of another company are not offered."""
        self.make(company_id=self.other_company.id)
        self.assertFalse(self.offered(self.asked()))

    def test_starter_templates(self):
        """What the addon brings speaks English and Spanish, thanks for praise, and leaves no hole in either."""
        templates = self.env["community.template"].with_context(active_test=False).search([])
        ours = templates.filtered(lambda one: one.get_external_id()[one.id].startswith("community_manager.template_"))
        self.assertGreaterEqual(len(ours), 6)
        self.assertTrue(ours.filtered(lambda one: one.is_thanks and "praise" in one.intent_ids.mapped("code")))
        for template in ours:
            self.assertEqual({wording.language for wording in template._wordings()}, {"en", "es"})
            for wording in template._wordings():
                bare = fill(wording.text, {})
                with self.subTest(template=template.name, language=wording.language):
                    self.assertNotRegex(bare, r"[{}]| [,.!?:;](?!\S)|  |,,|^[,:]")
