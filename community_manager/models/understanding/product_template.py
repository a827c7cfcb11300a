from odoo import api, fields, models
from odoo.tools import ormcache

from ...analysis.matching import Keyword, Matcher, fold

#: letters and digits that a product's name has at least, to be looked for: shorter ones are parts of everything
SHORTEST_NAME = 4
#: products whose names are looked for, the newest first
MOST_PRODUCTS = 50_000
#: what the names that are looked for hang on
_NAMING = {"name", "community_alias", "active", "sale_ok", "company_id"}


class ProductTemplate(models.Model):
    """Products that people name."""

    _inherit = "product.template"

    community_alias = fields.Text(
        string="Also called",
        help="Other names that people use for it, one a line: it is recognised by them in what people write. "
        "Names of fewer than four letters are only looked for when they stand here, and names of one word only with "
        "the same capital letters.",
    )

    @api.model
    @ormcache("company_id")
    def _community_matcher(self, company_id):
        """Return the :class:`~...analysis.matching.Matcher` over the names of what a company sells.

        Built once in each worker that looks for products, and dropped in all of them when one is named otherwise.  Its
        owners are pairs of a product's id and the name where capitals matter, or "".
        """
        products = self.sudo().search(
            [("sale_ok", "=", True), ("company_id", "in", (False, company_id))], order="id desc", limit=MOST_PRODUCTS
        )
        words = {}
        for code, _name in self.env["res.lang"].get_installed():
            for product in products.with_context(lang=code):
                words |= dict.fromkeys(_names(product.id, product.name))
        for product in products:
            aliases = (product.community_alias or "").splitlines()
            words |= {((product.id, ""), alias.strip()): None for alias in aliases}
        return Matcher([Keyword(owner, word) for owner, word in words if fold(word)[0].strip("#@* ")])

    @api.model
    def _community_named(self, company_id, texts):
        """Return the ids of the products that each of some texts names.

        :param company_id: of the company that sells them
        :rtype: list of lists
        """
        matcher = self._community_matcher(company_id)
        named = []
        for text in texts:
            found = {}
            for (product_id, exact), spans in matcher.match(text).items():
                if not exact or any(text[start:end] == exact for start, end, _word in spans):
                    found[product_id] = None
            named.append(list(found))
        return named

    @api.model_create_multi
    def create(self, vals_list):
        self.env.registry.clear_cache()
        return super().create(vals_list)

    def write(self, vals):
        if _NAMING & set(vals):
            self.env.registry.clear_cache()
        return super().write(vals)

    def unlink(self):
        self.env.registry.clear_cache()
        return super().unlink()


def _names(product_id, name):
    """Yield the keywords that stand for a product's name.

    A word by itself often means something else too ("Service", "Aurora"), so that its capitals have to be right.
    """
    name = " ".join((name or "").split()).rstrip("*")
    if sum(char.isalnum() for char in name) >= SHORTEST_NAME:
        yield (product_id, name if name.isalpha() else ""), name
