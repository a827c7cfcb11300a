from odoo import api, fields, models
from odoo.tools import format_date

from ..answers.placeholders import clean, first_name, missing, names_in, put


class CommunityCampaignWords(models.AbstractModel):
    """What a campaign says to each person: the text in their language, with what it names filled in.

    Nothing is evaluated.  Where a name in a text has no value and nothing stands for it, that person is held back.
    """

    _name = "community.campaign.words"
    _description = "Words of Campaigns"

    @api.model
    def _text_for(self, step, person_lang, variant_id, fallback):
        """Return the text of a step that fits a person best, or None when nothing is in a language they get.

        :param dict step: of a version
        :param str person_lang: code such as "es_ES"
        :param int variant_id: of the person, or False
        :param str fallback: language for those whose own nothing is written in
        """
        best = None
        for order, text in enumerate(step["texts"]):
            if text["variant_id"] and text["variant_id"] != variant_id:
                continue
            spoken = _spoken(text["language"], person_lang, fallback)
            if not spoken:
                continue
            key = (spoken, bool(text["variant_id"]), -order)
            if best is None or key > best[0]:
                best = (key, text)
        return best and best[1]

    @api.model
    def _named(self, entry):
        """Return the names that the texts of a step mention."""
        return {
            name
            for text in entry["texts"]
            for part in (text["subject"], text["body"], text["text"])
            for name in names_in(part)
        }

    @api.model
    def _values(self, campaign, definition, partners, named):
        """Return what placeholders stand for, ``{contact id: {name: value}}``, read for all of them at once.

        :param campaign: ``community.campaign``
        :param dict definition: of the version
        :param partners: ``res.partner`` records
        :param named: names that are asked for; what takes reading orders is left out otherwise
        """
        owner = campaign.user_id
        common = {
            "company": campaign.company_id.name,
            "website": campaign.company_id.website or "",
            "agent": owner.name or "",
            "agent_first_name": first_name(owner.name or "") or (owner.name or "").split(" ")[0],
        }
        orders = self._last_orders(campaign, partners) if {"order", "order_date"} & set(named) else {}
        asked = bool({"product", "product_link"} & set(named))
        products = self._products(campaign, definition, partners) if asked else {}
        otherwise = self.env["product.product"].browse(definition.get("fallback_product_id") or ()).exists()
        found = {}
        for partner in partners:
            own = partner.commercial_partner_id.id
            values = found[partner.id] = {
                **common,
                "first_name": "" if partner.is_company else first_name(partner.name or ""),
                "name": clean(partner.name or ""),
            }
            if order := orders.get(own):
                date = format_date(self.env, order.date_order.date(), lang_code=partner.lang)
                values |= {"order": order.name, "order_date": date}
            if asked:
                product = (products.get(own) or otherwise).with_context(lang=partner.lang)
                values["product"] = clean(product.product_tmpl_id.name or "") if product else ""
                values["product_link"] = _link_of(product)
        return found

    @api.model
    def _fill(self, text, values):
        """Return a text with everything filled in, and the names that have no value.

        :param dict text: of a step
        :param dict values: of a person
        :returns: ({"subject", "body", "text"}, [names])
        """
        filled = {
            "subject": clean_line(put(text["subject"], values)),
            "body": put(text["body"], values, as_html=True),
            "text": put(text["text"], values),
        }
        return filled, lacking_in(text, values)

    # -- from their own history ------------------------------------------------------------------------------------

    @api.model
    def _last_orders(self, campaign, partners):
        """Return ``{commercial partner id: last confirmed order}``."""
        found = {}
        # sudo: the campaign names to people their own order only
        orders = self.env["sale.order"].sudo()
        domain = [
            ("partner_id.commercial_partner_id", "in", partners.commercial_partner_id.ids),
            ("company_id", "=", campaign.company_id.id),
            ("state", "=", "sale"),
        ]
        for order in orders.search(domain, order="date_order, id"):
            found[order.partner_id.commercial_partner_id.id] = order
        return found

    @api.model
    def _products(self, campaign, definition, partners):
        """Return ``{commercial partner id: product}`` as the campaign chooses it from what they bought."""
        choice = definition.get("product_choice") or "last"
        domain = [
            ("order_id.partner_id.commercial_partner_id", "in", partners.commercial_partner_id.ids),
            ("company_id", "=", campaign.company_id.id),
            ("state", "=", "sale"),
            ("product_id.sale_ok", "=", True),
            ("product_id.type", "!=", "service"),
            ("product_uom_qty", ">", 0),
        ]
        # sudo: as above
        lines = self.env["sale.order.line"].sudo().search(domain, order="id")
        found, counts = {}, {}
        for line in sorted(lines, key=lambda line: (line.order_id.date_order or fields.Datetime.now(), line.id)):
            own = line.order_id.partner_id.commercial_partner_id.id
            if choice == "most":
                counts.setdefault(own, {}).setdefault(line.product_id, 0)
                counts[own][line.product_id] += line.product_uom_qty
            elif choice == "first":
                found.setdefault(own, line.product_id)
            else:
                found[own] = line.product_id
        for own, bought in counts.items():
            found[own] = max(bought, key=lambda product: (bought[product], product.id))
        return found


def lacking_in(text, values):
    """Return the names in a text of a step that have no value and nothing that stands for them.

    :param dict text: of a step
    :param dict values: of a person
    """
    parts = (text["subject"], text["body"], text["text"])
    return list(dict.fromkeys(name for part in parts if part for name in missing(part, values)))


def clean_line(text):
    """Return a subject on one line."""
    return " ".join((text or "").split())


def _spoken(written, wanted, fallback):
    """Return how well a language fits: 0 not at all.

    :param str written: code such as "es", or False for every language
    :param str wanted: of the person, such as "es_MX"
    :param str fallback: code such as "en"
    """
    if not written:
        return 2
    if written == (wanted or "").split("_")[0]:
        return 3
    return 1 if written == fallback else 0


def _link_of(product):
    """Return where a product stands on our site, "" where there is no shop."""
    path = product.product_tmpl_id.website_url if product and "website_url" in product.product_tmpl_id._fields else ""
    return product.get_base_url() + path if path else ""
