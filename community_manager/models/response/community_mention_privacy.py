import re

from odoo import models
from odoo.tools import email_normalize

from .private_data import find

#: seen by everybody, or by everybody who follows
PUBLIC = ("public", "unlisted", "private")


class CommunityMention(models.Model):
    """Personal data in public: told before we say it, and hidden where the network lets us."""

    _inherit = "community.mention"

    def _reply_warnings(self, text, way, channel):
        warnings = super()._reply_warnings(text, way, channel)
        if way != "reply" or self.visibility not in PUBLIC:
            return warnings
        found = self._private_data(text)
        if found:
            ways = [entry["way"] for entry in self._reply_ways(channel)]
            warnings = [
                *warnings,
                {
                    "code": "private_data",
                    "text": self.env._("Everybody would see %s.", self._name_private(found)),
                    "way": "message" if "message" in ways else "",
                },
            ]
        return warnings

    def _private_data(self, text):
        """Return the personal data in a text, without what the company itself tells everybody.

        :rtype: list of (kind, words), see :func:`.private_data.find`
        """
        company = self.company_id.sudo()
        partner = company.partner_id
        domain = (email_normalize(company.email or "") or "").partition("@")[2]
        phones = {_last_digits(number) for number in (company.phone, partner.phone) if number}

        def ours(kind, words):
            if kind == "email":
                return bool(domain) and f".{words.lower().partition('@')[2]}".endswith(f".{domain}")
            return kind == "phone" and _last_digits(words) in phones

        return [entry for entry in find(text or "", self._order_pattern()) if not ours(*entry)]

    def _order_pattern(self):
        """Return an expression that the numbers of our sales orders match, None when they cannot be told."""
        sequences = (
            self.env["ir.sequence"]
            .sudo()
            .search([("code", "=", "sale.order"), ("company_id", "in", (False, self.company_id.id))])
        )
        prefixes = {prefix for prefix in sequences.mapped("prefix") if prefix and re.search(r"[^\W\d_]", prefix)}
        # dates in a prefix, as in "SO%(year)s-", are figures
        parts = [re.sub(r"%\\?\(\w+\\?\)s", r"\\d+", re.escape(prefix)) for prefix in sorted(prefixes)]
        return re.compile(rf"(?<!\w)(?:{'|'.join(parts)})\d{{3,}}(?!\w)", re.IGNORECASE) if parts else None

    def _name_private(self, found):
        """Return personal data in words: what kinds, and what exactly."""
        kinds = {
            "email": self.env._("an e-mail address"),
            "phone": self.env._("a telephone number"),
            "iban": self.env._("an account number"),
            "card": self.env._("a card number"),
            "order": self.env._("an order number"),
        }
        named = {}
        for kind, words in found:
            # of numbers that open doors not even a warning repeats all
            named.setdefault(kind, "…" + words[-4:] if kind in ("iban", "card") else words)
        return ", ".join(f"{kinds[kind]} ({words})" for kind, words in named.items())

    def _private_data_entry(self):
        """Return what the reply box shows of personal data that somebody wrote in public, or False."""
        if self.outgoing or self.visibility not in PUBLIC or not self.text:
            return False
        found = self._private_data(self.text)
        if not found:
            return False
        offered = "hide" in self._moderations()
        may = self.env.user.has_group("community_manager.group_manager")
        return {"text": self._name_private(found), "can_hide": offered and may, "network_hides": offered}

    def action_hide_private_data(self):
        """Open the dialog that hides this mention on its network."""
        action = self.action_moderate()
        return {
            **action,
            "context": {
                **action["context"],
                "default_action": "hide",
                "default_reason": self.env._("It contains personal data."),
            },
        }


def _last_digits(number):
    """Return by which a telephone number is known, however it is written."""
    return "".join(letter for letter in number if letter.isdigit())[-9:]
