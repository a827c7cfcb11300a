from odoo.tests import TransactionCase, tagged

from odoo.addons.community_manager.tests.translations_common import TranslationsMixin


@tagged("post_install", "-at_install")
class TestBridgeTranslations(TranslationsMixin, TransactionCase):
    """The bridge speaks Spanish too."""

    addon = "community_manager_helpdesk_mgmt"
    same = {"ID"}

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
