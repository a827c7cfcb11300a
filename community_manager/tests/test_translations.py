from pathlib import Path
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import file_path
from odoo.tools.translate import code_translations

from odoo.addons.community_manager.connectors import errors, networks
from odoo.addons.community_manager.connectors.base import Sentence
from odoo.addons.community_manager.connectors.feed import Feed
from odoo.addons.community_manager.connectors.http import NO_LOGIN
from odoo.addons.community_manager.connectors.transport import NO_ANSWER
from odoo.addons.community_manager.models.platform.sentences import said

from .common import CommunityCase
from .translations_common import LANGUAGE, TranslationsMixin, unmarked_sentences

#: names of networks that are no words
BRANDS = {
    "App Store", "Bluesky", "Discourse", "Google Business Profile", "Google Play", "Hacker News", "Instagram",
    "Mastodon", "Matrix", "MediaWiki", "NodeBB", "Reddit", "Stack Exchange", "Telegram", "Threads", "Toy", "Trustpilot",
    "Webhook", "WordPress", "X", "YouTube",
}  # fmt: skip


@tagged("post_install", "-at_install")
class TestTranslations(TranslationsMixin, CommunityCase):
    """The addon speaks Spanish: completely, and where it is used."""

    addon = "community_manager"
    same = {
        "%(what)s: %(before)s → %(after)s",
        "Neutral",
        "Spam",
        "Alias",
        "Token",
        "%(author)s: %(text)s",
        '<span class="o_stat_text">Lead</span>',
        '<span class="o_stat_text">Ticket</span>',
        "Blog",
        "Error",
        "Feed (RSS, Atom)",
        "Hashtags",
        "ID",
        "Lead",
        "Legal",
        "Normal",
        "Original",
        "Sector",
        "Ticket",
        "Total",
        "Wiki",
        "wiki.example.lan, 10.1.0.0/16",
        '<i class="fa fa-exclamation-triangle" title="Crisis"/>',
        '<span class="o_stat_text">Crisis</span>',
        '<span class="text-muted">/</span>',
        "%g h",
        "%s h",
        "%s min",
        "Crisis",
        "Leads",
        "No",
        "no",
        "%(campaign)s: %(what)s",
        "%(moment)s: %(zone)s",
        "%(role)s: %(stage)s",
        "%(what)s: %(day)s (%(years)s)",
        "A, B…",
        "Color",
        "Lead: %s",
        "RFM",
        "SMS",
        "Ticket: %s",
        "UTC",
        '<span class="mx-1">–</span>',
        "<span>–</span>",
        "Tickets",
        "es, en",
        "https://",
        "https://…",
        "leads,",
        "tickets,",
        "{field: [before, after]}",
    }

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._set_up_translations()

    def test_every_term_is_translated(self):
        """What Odoo exports of the installed addon has a translation."""
        self.check_terms()

    def test_form(self):
        """Placeholders, tags and ends of sentences agree."""
        self.check_form()

    def test_words(self):
        """No word names men only; the things of the addon keep their names."""
        self.check_words()

    def test_sentences_of_connectors_are_marked(self):
        """A literal sentence of a connector that is not marked could never be translated."""
        folder = Path(file_path("community_manager/connectors/base.py")).parent
        names = {name for name, value in vars(errors).items() if isinstance(value, type)} | {"Sentence"}
        self.assertEqual(unmarked_sentences(folder, names), [])

    def test_labels_of_connectors(self):
        """Everything that a network asks for and says of itself is shown in Spanish."""
        for code, cls in networks().items():
            if code == "toy":
                continue
            texts = [cls.description, cls.cost_note, *(() if cls.label in BRANDS else (cls.label,))]
            for setting in cls.settings:
                texts += [setting.label, setting.help, *(label for _value, label in setting.options)]
            for text in filter(None, texts):
                with self.subTest(network=code, text=text):
                    self.assertIn(text, self.entries, "not marked for translation")
                    if text not in self.same:
                        self.assertNotEqual(self.spanish._(text), text)

    def test_form_view(self):
        """The form of a mention comes with Spanish labels."""
        arch = self.spanish["community.mention"].get_view(view_type="form")["arch"]
        self.assertIn("Asignarme", arch)
        self.assertNotIn("Assign to me", arch)
        fields = self.spanish["community.mention"].fields_get(["department_id", "topic_ids"])
        self.assertEqual(fields["department_id"]["string"], "Área")
        self.assertEqual(fields["topic_ids"]["string"], "Temas")

    def test_selections(self):
        """Values of selections, also of those that methods give."""
        fields = self.spanish["community.mention"].fields_get(["state"])
        self.assertEqual(dict(fields["state"]["selection"])["new"], "Nueva")
        fields = self.spanish["community.channel"].fields_get(["network"])
        self.assertEqual(dict(fields["network"]["selection"])["import"], "Importación de archivos")
        network = self.spanish["community.network"].search([("code", "=", "feed")])
        self.assertEqual(dict(network.fields_get(["kind"])["kind"]["selection"])["forum"], "Foro")
        self.assertIn("Artículos", network.description)

    def test_menu_and_empty_page(self):
        """Menus, and what empty pages say."""
        self.assertEqual(
            self.env.ref("community_manager.menu_configuration").with_env(self.spanish).name, "Configuración"
        )
        action = self.spanish["ir.actions.act_window"]._for_xml_id("community_manager.action_inbox")
        self.assertEqual(action["name"], "Bandeja de entrada")
        self.assertIn("Aquí", action["help"])

    def test_departments(self):
        """The departments that come with the addon."""
        department = self.env.ref("community_manager.department_hr").with_env(self.spanish)
        self.assertEqual(department.name, "Recursos humanos")
        self.assertIn("trabajar", department.description)

    def test_access_form(self):
        """The fields that a network needs, as the channel shows them."""
        channel = self.make_channel("Noticias", network="feed", start=False, access={})
        form = channel.with_env(self.spanish).access_form
        labels = [field["label"] for field in form["fields"]]
        self.assertEqual(len(labels), len(Feed.settings))
        self.assertIn("Dirección", labels)

    def test_error_of_a_connector(self):
        """What a person reads when the network refuses: the sentence, with its values, in their language."""
        channel = self.make_channel("Cuenta")
        problem = errors.AccessExpired(NO_LOGIN, params={"host": "social.example"})
        refused = patch.object(self.toy, "check", side_effect=problem)
        with refused, self.assertRaisesRegex(UserError, "social.example ya no acepta nuestro acceso"):
            channel.with_env(self.spanish).action_check()

    def test_sentence_in_a_sentence(self):
        """The reason inside a finding is translated too."""
        inner = errors.Retriable(NO_ANSWER, params={"host": "a.example"})
        text = said(self.spanish, Sentence("“%(what)s” is not possible: %(why)s", what="a", why=inner))
        self.assertTrue(text.startswith("«a» no es posible: "), text)
        self.assertIn("a.example", text)
        self.assertNotIn("server", text)

    def test_background(self):
        """What the listener notes is in the language of the person who looks after the channel."""
        reader = self._new_user("lectora", "community_manager.group_admin", lang=LANGUAGE)
        channel = self.make_channel("Fondo", user_ids=[(6, 0, reader.ids)])
        self.script("Fondo", [errors.Retriable(NO_ANSWER, params={"host": "red.example"})])
        self.listen(channel)
        self.assertTrue(channel.last_error.startswith("El servidor red.example no responde."), channel.last_error)

    def test_client(self):
        """Strings of the web client are in what it loads."""
        messages = code_translations.get_web_translations(self.addon, LANGUAGE)["messages"]
        texts = {message["id"]: message["string"] for message in messages}
        self.assertEqual(texts["Copied"], "Copiado")
        self.assertEqual(texts["This network asks for nothing."], "Esta red no pide nada.")
