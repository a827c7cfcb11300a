from odoo import models

from ..platform import vault
from .community_erasing import add

#: what identifies a natural person on a contact
IDENTIFYING = (
    "email phone website street street2 zip city comment function ref vat barcode company_name image_1920 title"
    " partner_latitude partner_longitude additional_info signup_type date"
).split()


class ResPartner(models.Model):
    """What this room and the ones below it keep of a person, erased."""

    _inherit = "res.partner"

    def _privacy_reference(self):
        """Return what the privacy log calls a person: a keyed hash that leads nobody back."""
        return vault.keyed(f"person {self._name} {self.env.cr.dbname} {self.id}")[:16]

    def _community_erase(self):
        counts = super()._community_erase()
        authors = self.env["community.author"].search([("partner_id", "in", self.ids)])
        add(counts, authors._community_erase_profiles(self))
        dates = self.env["community.date"].search([("partner_id", "in", self.ids)])
        add(counts, {"community.date": len(dates)})
        dates.unlink()
        stakeholders = self.env["community.crisis.stakeholder"].search([("partner_id", "in", self.ids)])
        add(counts, {"community.crisis.stakeholder": len(stakeholders)})
        stakeholders.unlink()
        return add(counts, self._community_erase_mail())

    def _community_erase_mail(self):
        """Take the addresses out of what was sent to these persons; how often and when it was sent stays."""
        counts = {}
        addresses = [address for address in self.mapped("email_normalized") if address]
        traces = self.env["mailing.trace"].search(
            ["|", ("email", "in", addresses), "&", ("model", "=", "res.partner"), ("res_id", "in", self.ids)]
        )
        # a trace must name a record; this one is nobody's
        values = {"email": False, "res_id": -1}
        values |= {"sms_number": False} if "sms_number" in traces._fields else {}
        counts["mailing.trace"] = self.env["community.erasing"]._empty(traces, values)
        members = self.env["mailing.contact"].search([("email_normalized", "in", addresses)])
        counts["mailing.contact"] = len(members)
        members.unlink()
        ratings = self.env["rating.rating"].search([("partner_id", "in", self.ids)])
        counts["rating.rating"] = self.env["community.erasing"]._empty(
            ratings, {"feedback": False, "partner_id": False}
        )
        mails = self.env["mail.mail"].search([("recipient_ids", "in", self.ids)])
        for address in addresses:
            mails |= self.env["mail.mail"].search([("email_to", "ilike", address)])
        mails = mails.filtered(lambda mail: not mail.recipient_ids - self)
        counts["mail.mail"] = len(mails)
        mails.unlink()
        return counts

    def _community_empty_contact(self):
        """Take what identifies these persons out of their contacts and archive them.

        Contacts of companies and of people with a login are left as they are: no natural person, or none of ours.

        :returns: number of contacts
        """
        emptied = self.filtered(lambda one: not one.is_company and not one.user_ids)
        if not emptied:
            return 0
        addresses = emptied.child_ids.filtered(lambda one: not one.is_company and one.type != "contact")
        every = emptied | addresses
        erasing = self.env["community.erasing"]
        erasing._erase_trail(every)
        words = self.env["mail.message"].search([("author_id", "in", every.ids)])
        models.Model.write(words, {"body": False, "subject": False, "email_from": False})
        emptied.bank_ids.unlink()
        values = {name: False for name in IDENTIFYING if name in self._fields and self._fields[name].store}
        values |= {name: False for name in ("image_1920",) if name in self._fields}
        every.write({**values, "name": self.env._("Erased person"), "parent_id": False, "category_id": [(5,)]})
        models.Model.write(every, {"active": False})
        self.env["mail.followers"].search([("partner_id", "in", every.ids)]).unlink()
        return len(emptied)
