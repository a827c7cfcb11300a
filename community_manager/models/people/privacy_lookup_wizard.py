from odoo import models
from odoo.tools import SQL


class PrivacyLookupWizard(models.TransientModel):
    """Odoo's privacy look-up finds profiles by name, handle, e-mail and contact."""

    _inherit = "privacy.lookup.wizard"

    def _get_query_models_blacklist(self):
        # what a profile or a contact has goes with it: one line for each person, not one for each record
        ours = [name for name in self.env if name.startswith("community.")]
        return [*super()._get_query_models_blacklist(), *ours]

    def _get_query(self):
        name, email = self.name.strip(), self.email.strip()
        handle = name.lstrip("@")
        return SQL(
            """%s
            UNION ALL
            SELECT %s AS res_model_id, author.id AS res_id, TRUE AS is_active
            FROM community_author author
            LEFT JOIN res_partner contact ON contact.id = author.partner_id
            WHERE author.name ILIKE %s OR author.handle ILIKE %s OR author.handle ILIKE %s OR author.email ILIKE %s
            OR contact.email_normalized = %s OR contact.name ILIKE %s
            """,
            super()._get_query(),
            self.env["ir.model"]._get_id("community.author"),
            name,
            handle,
            f"@{handle}",
            f"%{email}%",
            email.lower(),
            name,
        )


class PrivacyLookupWizardLine(models.TransientModel):
    """What the look-up deletes goes with everything that was kept of the person here."""

    _inherit = "privacy.lookup.wizard.line"

    def action_unlink(self):
        self.ensure_one()
        if self.is_unlinked or self.res_model not in ("community.author", "res.partner"):
            return super().action_unlink()
        # as Odoo does with the records of all other models: who may look up, may delete
        record = self.env[self.res_model].sudo().browse(self.res_id).exists()
        partners = self.env["res.partner"].sudo()
        if self.res_model == "res.partner":
            self.env["community.erasing"]._erase(record, partners.env["community.author"])
            return super().action_unlink()
        self.env["community.erasing"]._erase(partners, record)
        self.execution_details = self.env._("Erased %(model)s #%(id)s", model=self.res_model_id.name, id=self.res_id)
        self.is_unlinked = True
        return None
