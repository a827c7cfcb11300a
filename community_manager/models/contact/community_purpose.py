from odoo import api, fields, models, tools
from odoo.exceptions import UserError

#: parameter: purpose of what is written to many contacts at once
MASS_PURPOSE = "community_manager.mass_purpose_id"


class CommunityPurpose(models.Model):
    """What people are contacted for: limits and consent are kept for each purpose."""

    _name = "community.purpose"
    _description = "Purpose of Contact"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True, copy=False, help="By what campaigns and other applications name it.")
    description = fields.Text(
        translate=True, help="What people read about it on the page where they choose what we write to them."
    )
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    needs_consent = fields.Boolean(
        help="Whoever has not agreed is not written to, once a contact policy that asks for consent is in force."
    )
    always = fields.Boolean(
        "Never held",
        help="Order confirmations, invoices, passwords, answers to what somebody asked: nothing holds them back, and "
        "they count as touches.",
    )

    _unique_code = models.Constraint("unique (code)", "There is a purpose with this code already.")

    @api.model
    def _by_code(self):
        """Return ``{code: dict with id, needs_consent and always}`` of all purposes, archived ones too."""
        return self._known_purposes()

    @api.model
    @tools.ormcache()
    def _known_purposes(self):
        purposes = self.sudo().with_context(active_test=False).search_fetch([], ["code", "needs_consent", "always"])
        return {one.code: {"id": one.id, "needs_consent": one.needs_consent, "always": one.always} for one in purposes}

    @api.model
    def _get(self, code):
        """Return the purpose with a code, or none."""
        return self.browse(self._by_code().get(code, {}).get("id", ()))

    @api.model
    def _for_many(self):
        """Return the purpose of what somebody writes to many contacts at once: what the settings say, else news."""
        # sudo: what the settings say, whoever sends
        chosen = self.env["ir.config_parameter"].sudo().get_param(MASS_PURPOSE)
        known = {values["id"] for values in self._by_code().values()}
        if chosen and chosen.isdigit() and int(chosen) in known:
            return self.browse(int(chosen))
        return self._get("news")

    @api.model_create_multi
    def create(self, vals_list):
        purposes = super().create(vals_list)
        self.env.registry.clear_cache()
        return purposes

    def write(self, vals):
        result = super().write(vals)
        if {"code", "needs_consent", "always"} & set(vals):
            self.env.registry.clear_cache()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_only_own(self):
        ours = self.env["ir.model.data"].sudo()
        kept = ours.search_count(
            [("model", "=", self._name), ("res_id", "in", self.ids), ("module", "=", "community_manager")], limit=1
        )
        if kept:
            raise UserError(self.env._("Purposes that came with the application are archived, not deleted."))

    def unlink(self):
        result = super().unlink()
        self.env.registry.clear_cache()
        return result
