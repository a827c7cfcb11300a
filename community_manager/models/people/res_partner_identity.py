from odoo import api, fields, models

#: what a change of makes the identity of a contact be looked at again
TELLING = frozenset(
    ("name", "email", "website", "city", "parent_id", "company_id", "active", "is_company", "company_name")
)


class ResPartner(models.Model):
    """Contacts have handles, and profiles that are theirs."""

    _inherit = "res.partner"

    community_handle_ids = fields.One2many(
        "community.handle", "partner_id", string="Handles", groups="community_manager.group_agent"
    )

    community_author_ids = fields.One2many(
        "community.author", "partner_id", string="Profiles", groups="community_manager.group_agent"
    )

    def _community_stale(self, *kinds):
        """Note that something changed from which the identity or lifecycle of these contacts follows."""
        for kind in kinds:
            self.env["community.person.stale"]._note(kind, self.ids)

    @api.model_create_multi
    def create(self, vals_list):
        partners = super().create(vals_list)
        partners._community_stale("identity")
        partners.filtered("parent_id")._community_stale("lifecycle")
        return partners

    def write(self, vals):
        result = super().write(vals)
        if not TELLING.isdisjoint(vals):
            self._community_stale("identity")
        if not {"parent_id", "type", "is_company"}.isdisjoint(vals):
            self._community_stale("lifecycle")
        return result
