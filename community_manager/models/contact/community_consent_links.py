from datetime import timedelta

from odoo import api, models

from .community_consent import FROM_ODOO


class CommunityConsent(models.Model):
    """Consent beside Odoo's own lists: what changes in one of them is carried to the other.

    To the exclusion lists of e-mails and telephone numbers goes who refuses everything by that medium; to the
    subscriptions of mailing lists who refuses what the list is for.
    """

    _inherit = "community.consent"

    # -- from here to Odoo ---------------------------------------------------------------------------------------------

    def _tell_odoo(self):
        """Carry changes to the exclusion lists and subscriptions of Odoo."""
        if self.env.context.get(FROM_ODOO):
            return
        # sudo: whoever may note a refusal may have it respected everywhere
        telling = self.sudo().with_context(**{FROM_ODOO: True})
        for consent in telling.filtered(lambda one: one.state in ("withdrawn", "granted")):
            refused = consent.state == "withdrawn"
            if consent.medium in ("all", "email"):
                consent._tell_by_email(refused)
            if consent.medium in ("all", "sms") and not consent.purpose_id and consent.partner_id.phone_sanitized:
                numbers = self.env["phone.blacklist"].sudo().with_context(**{FROM_ODOO: True})
                number = consent.partner_id.phone_sanitized
                if refused:
                    numbers._add([number])
                elif numbers.search_count([("number", "=", number)], limit=1):
                    numbers._remove([number])

    def _tell_by_email(self, refused):
        """Carry one change to the exclusion list, or to the subscriptions of lists with the same purpose."""
        self.ensure_one()
        address = self.partner_id.email_normalized
        if not address:
            return
        context = {FROM_ODOO: True}
        if not self.purpose_id:
            addresses = self.env["mail.blacklist"].sudo().with_context(**context)
            if refused:
                addresses._add(address)
            elif addresses.search_count([("email", "=", address)], limit=1):
                addresses._remove(address)
            return
        if not refused and self.source in ("page", "optin"):
            self._leave_exclusion_list(address)
        subscriptions = self.env["mailing.subscription"].sudo().with_context(**context)
        subscriptions.search(
            [
                ("contact_id.email_normalized", "=", address),
                ("list_id.community_purpose_id", "=", self.purpose_id.id),
                ("opt_out", "!=", refused),
            ]
        ).write({"opt_out": refused})

    def _leave_exclusion_list(self, address):
        """Take an address off the exclusion list whose owner wants one purpose again; all else stays refused."""
        self.ensure_one()
        addresses = self.env["mail.blacklist"].sudo().with_context(**{FROM_ODOO: True})
        if not addresses.search_count([("email", "=", address)], limit=1):
            return
        self._set(
            [
                {
                    "partner_id": self.partner_id.id,
                    "company_id": self.company_id.id,
                    "purpose_id": False,
                    "medium": "email",
                    "state": "withdrawn",
                    "source": "blacklist",
                    "proof": False,
                    "date": self.date - timedelta(seconds=1),
                }
            ]
        )
        addresses._remove(address)

    # -- from Odoo to here ---------------------------------------------------------------------------------------------

    @api.model
    def _from_subscriptions(self, subscriptions, explicit=False):
        """Note what subscriptions to mailing lists say.

        Who left all lists of a purpose refuses it.  Who is on one agreed, but a refusal stands until they subscribe
        again themselves: that staff puts an address on a list takes no refusal back.

        :param subscriptions: ``mailing.subscription`` records that changed
        :param bool explicit: whether somebody subscribed again
        """
        if self.env.context.get(FROM_ODOO) or not subscriptions:
            return
        # sudo: whoever works with lists
        changed = subscriptions.sudo()
        addresses = {address for address in changed.contact_id.mapped("email_normalized") if address}
        persons = self.env["res.partner"]._community_by_email(addresses)
        purposes = changed.list_id.community_purpose_id
        if not persons or not purposes:
            return
        standing = changed.search(
            [
                ("contact_id.email_normalized", "in", list(persons)),
                ("list_id.community_purpose_id", "in", purposes.ids),
            ]
        )
        touched = {(one.contact_id.email_normalized, one.list_id.community_purpose_id.id) for one in changed}
        agreed, lists = set(), {}
        for one in standing:
            key = (one.contact_id.email_normalized, one.list_id.community_purpose_id.id)
            lists.setdefault(key, one.list_id.name)
            if not one.opt_out:
                agreed.add(key)
                lists[key] = one.list_id.name
        company = self.env.company.id
        refusing = self.sudo().search(
            [
                ("partner_id", "in", list(persons.values())),
                ("company_id", "=", company),
                ("state", "=", "withdrawn"),
                ("medium", "in", ("all", "email")),
            ]
        )
        refused = {(consent.partner_id.id, consent.purpose_id.id) for consent in refusing}
        rows = []
        for address, purpose_id in touched:
            if address not in persons:
                continue
            partner_id, key = persons[address], (address, purpose_id)
            if key in agreed and not explicit and {(partner_id, purpose_id), (partner_id, False)} & refused:
                continue
            rows.append(
                {
                    "partner_id": partner_id,
                    "company_id": company,
                    "purpose_id": purpose_id,
                    "medium": "email",
                    "state": "granted" if key in agreed else "withdrawn",
                    "source": "list",
                    "proof": lists.get(key) or False,
                }
            )
        self.sudo().with_context(**{FROM_ODOO: True})._set(rows)

    @api.model
    def _left_lists(self, contacts):
        """Note of people on no list of a purpose any more that it is not known whether they agree.

        :param contacts: ``mailing.contact`` records that were taken off lists
        """
        if self.env.context.get(FROM_ODOO):
            return
        addresses = [address for address in contacts.sudo().mapped("email_normalized") if address]
        persons = self.env["res.partner"]._community_by_email(addresses)
        # sudo: whoever works with lists
        granted = self.sudo().search(
            [
                ("partner_id", "in", list(persons.values())),
                ("source", "=", "list"),
                ("state", "=", "granted"),
                ("purpose_id", "!=", False),
            ]
        )
        if not granted:
            return
        standing = (
            self.env["mailing.subscription"]
            .sudo()
            .search([("contact_id.email_normalized", "in", list(persons)), ("opt_out", "=", False)])
        )
        kept = {(persons[one.contact_id.email_normalized], one.list_id.community_purpose_id) for one in standing}
        gone = granted.filtered(lambda consent: (consent.partner_id.id, consent.purpose_id) not in kept)
        gone.with_context(**{FROM_ODOO: True}).write({"state": "unknown", "proof": False})

    @api.model
    def _from_exclusion(self, medium, field, values, refused):
        """Note what an exclusion list says of everything by one medium.

        :param str medium: "email" or "sms"
        :param str field: of contacts, that holds what is on the list
        :param values: normalised addresses or numbers
        :param bool refused: whether they are on the list now
        """
        if self.env.context.get(FROM_ODOO) or not values:
            return
        # sudo: whoever works with exclusion lists
        partners = self.env["res.partner"].sudo().search([(field, "in", list(values))])
        noting = self.sudo().with_context(**{FROM_ODOO: True})
        if refused:
            noting._set(
                [
                    {
                        "partner_id": partner.id,
                        "company_id": self.env.company.id,
                        "purpose_id": False,
                        "medium": medium,
                        "state": "withdrawn",
                        "source": "blacklist",
                        "proof": False,
                    }
                    for partner in partners
                ]
            )
        else:
            domain = [("partner_id", "in", partners.ids), ("purpose_id", "=", False), ("medium", "in", (medium, "all"))]
            noting.search([*domain, ("state", "=", "withdrawn")]).write({"state": "unknown", "source": "blacklist"})

    # -- what stands ---------------------------------------------------------------------------------------------------

    @api.model
    def _standing(self, partners, company):
        """Return ``{contact id: list of (purpose id or None, medium, state)}``, the newest last."""
        # sudo: only what stands is told, to whoever may see the contact
        found = self.sudo().search(
            [("partner_id", "in", partners.ids), ("company_id", "=", company.id)], order="date, id"
        )
        standing = {partner.id: [] for partner in partners}
        for consent in found:
            standing[consent.partner_id.id].append((consent.purpose_id.id or None, consent.medium, consent.state))
        return standing

    @api.model
    def _state_of(self, standing, purpose_id, medium):
        """Return the state for a purpose and medium, of a list as :meth:`_standing` returns it."""
        state = "unknown"
        for about, by, word in standing:
            if about in (None, purpose_id) and by in ("all", medium):
                state = word
        return state
