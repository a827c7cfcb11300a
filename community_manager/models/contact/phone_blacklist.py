from odoo import api, models


class PhoneBlacklist(models.Model):
    """Who is on the exclusion list refuses everything by this medium."""

    _inherit = "phone.blacklist"

    @api.model_create_multi
    def create(self, vals_list):
        entries = super().create(vals_list)
        entries.filtered("active")._community_note(True)
        return entries

    def write(self, vals):
        before = self.filtered("active")
        result = super().write(vals)
        if {"active", "number"} & set(vals):
            active = self.filtered("active")
            (active - before)._community_note(True)
            (before - active)._community_note(False)
        return result

    def unlink(self):
        self.filtered("active")._community_note(False)
        return super().unlink()

    def _community_note(self, refused):
        """Carry entries to what is kept of consent."""
        found = [number for number in self.mapped("number") if number]
        self.env["community.consent"]._from_exclusion("sms", "phone_sanitized", found, refused)
