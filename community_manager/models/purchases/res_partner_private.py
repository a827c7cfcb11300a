from odoo import models


class ResPartner(models.Model):
    """What is kept of how a person buys, as far as it is a person and no firm."""

    _inherit = "res.partner"

    def _community_kept_purchases(self):
        """Return the records of these persons as superuser: list of (code, label, records, names of fields)."""
        theirs = [("partner_id", "in", self.ids)]
        sudo = self.env["community.score"].sudo
        figures = ["first_on", "last_on", "frequency", "monetary", "rfm", "segment_id", "lost", "lifetime_value"]
        return [
            ("score", self.env._("Customer figures"), sudo().search(theirs), [*figures, "next_purchase_on", "method"]),
            (
                "segment",
                self.env._("Changes of segment"),
                self.env["community.score.change"].sudo().search(theirs),
                ["moment", "from_segment_id", "to_segment_id"],
            ),
            (
                "purchase",
                self.env._("Purchases from elsewhere"),
                self.env["community.purchase"].sudo().search(theirs),
                ["date", "name", "product_id", "quantity", "amount", "currency_id", "origin"],
            ),
            (
                "alarm",
                self.env._("Alarms"),
                self.env["community.alarm.event"].sudo().search(theirs),
                ["moment", "alarm_id", "text", "state"],
            ),
        ]

    def _community_personal_data(self):
        kept = [
            {"code": code, "label": label, "records": records, "fields": names}
            for code, label, records, names in self._community_kept_purchases()
        ]
        return [*super()._community_personal_data(), *kept]

    def _community_erase(self):
        erased = super()._community_erase()
        for _code, _label, records, _names in self._community_kept_purchases():
            if not records:
                continue
            erased[records._name] = erased.get(records._name, 0) + len(records)
            if records._name == "community.purchase":
                # what was sold stays in the figures of the company, and is nobody's
                records.write({"partner_id": False})
            else:
                records.unlink()
        return erased
