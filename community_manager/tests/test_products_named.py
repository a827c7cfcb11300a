from odoo.tests import tagged

from .understanding_common import UnderstandingCase


@tagged("post_install", "-at_install")
class TestProductsNamed(UnderstandingCase):
    """Products are recognised by their names in what people write."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["product.template"].search([("sale_ok", "=", True)]).sale_ok = False
        cls.desk = cls.product("Corner Desk Pro")
        cls.aurora = cls.product("Aurora")

    @classmethod
    def product(cls, name, **values):
        return cls.env["product.template"].create({"name": name, "sale_ok": True, **values})

    def named(self, text, company=None):
        """Return the products that a text names."""
        found = self.env["product.template"]._community_named((company or self.company).id, [text])[0]
        return self.env["product.template"].browse(found)

    def test_mentions_say_which_products_they_name(self):
        mention = self.said("My córner  desk PRO and the Aurora are here", title="Corner")
        self.assertFalse(mention.product_ids)
        self.deepen()
        self.assertEqual(mention.product_ids, self.desk | self.aurora)
        self.said("My chair is here", mention.external_id)
        self.deepen()
        self.assertFalse(mention.product_ids)

    def test_one_word_needs_its_capitals(self):
        self.assertEqual(self.named("la Aurora nueva"), self.aurora)
        self.assertFalse(self.named("the aurora in the sky"))
        self.aurora.community_alias = "aurora\n lamp of dawn "
        self.assertEqual(self.named("the aurora in the sky"), self.aurora)
        self.assertEqual(self.named("my LAMP of dawn"), self.aurora)

    def test_short_names_are_found_only_as_other_names(self):
        pen = self.product("Pen")
        self.assertFalse(self.named("my Pen is here"))
        pen.community_alias = "Pen"
        self.assertEqual(self.named("my Pen is here"), pen)

    def test_names_are_whole_words(self):
        self.assertFalse(self.named("Corner Desk Professional"))
        self.product("C++ *").unlink()
        self.assertFalse(self.named("anything"))

    def test_changes_of_products_are_followed(self):
        self.assertEqual(self.named("Corner Desk Pro"), self.desk)
        self.desk.name = "Window Desk"
        self.assertFalse(self.named("Corner Desk Pro"))
        self.assertEqual(self.named("window desk"), self.desk)
        self.desk.active = False
        self.assertFalse(self.named("window desk"))
        self.desk.active = True
        self.desk.sale_ok = False
        self.assertFalse(self.named("window desk"))
        self.desk.sale_ok = True
        self.assertEqual(self.named("window desk"), self.desk)
        self.desk.unlink()
        self.assertFalse(self.named("window desk"))

    def test_names_in_every_language(self):
        self.env["res.lang"]._activate_lang("es_ES")
        self.desk.with_context(lang="es_ES").name = "Escritorio esquinero"
        self.assertEqual(self.named("mi escritorio ESQUINERO"), self.desk)
        self.assertEqual(self.named("my corner desk pro"), self.desk)

    def test_products_of_other_companies_are_not_ours(self):
        other = self.env["res.company"].create({"name": "Other"})
        theirs = self.product("Garden Bench", company_id=other.id)
        self.assertFalse(self.named("a garden bench"))
        self.assertEqual(self.named("a garden bench", other), theirs)
        self.assertEqual(self.named("corner desk pro", other), self.desk)

    def test_hostile_names_and_texts(self):
        for name in ("#", "@ @", "🎉🎉🎉🎉", "\u0301\u0301\u0301\u0301", "   ", "a" * 5000):
            self.product(name, community_alias=f"{name}\n\n*\n# \n")
        self.assertEqual(self.named("Corner Desk Pro " + "🦆" * 10_000 + "\u0301" * 10_000), self.desk)
