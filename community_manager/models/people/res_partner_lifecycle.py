from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL

from .community_lifecycle import STAGES


class ResPartner(models.Model):
    """Where a person stands with us, on the contact."""

    _inherit = "res.partner"

    community_lifecycle = fields.Selection(
        STAGES,
        compute="_compute_community_lifecycle",
        search="_search_community_lifecycle",
        string="Lifecycle",
        groups="community_manager.group_agent",
        help="Customer: has a confirmed order, or the company has that the person belongs to. Prospect: has a "
        "quotation or an open lead. Known contact: speaks of us and is a contact of ours, or has given consent. "
        "Empty: a contact with whom there was nothing yet.",
    )
    community_lifecycle_ids = fields.One2many(
        "community.lifecycle", "partner_id", groups="community_manager.group_agent", string="Stages"
    )

    community_step_ids = fields.One2many(
        "community.lifecycle.step",
        compute="_compute_community_step_ids",
        groups="community_manager.group_agent",
        string="Lifecycle steps",
    )
    community_lifecycle_note = fields.Char(
        compute="_compute_community_lifecycle_note", groups="community_manager.group_agent", string="Lifecycle note"
    )

    @api.depends("community_lifecycle_ids.stage")
    @api.depends_context("company")
    def _compute_community_lifecycle(self):
        stages = self.env["community.lifecycle"]._stages(self.ids, self.env.company)
        for partner in self:
            partner.community_lifecycle = stages.get(partner._origin.id, False)

    def _search_community_lifecycle(self, operator, value):
        if operator != "in":
            return NotImplemented
        mine = [("company_id", "=", self.env.company.id)]
        wanted = [("stage", "in", [stage for stage in value if stage])]
        # sudo: whoever may search by the stage may know it; the contacts that are found follow their own rules
        lifecycles = self.env["community.lifecycle"].sudo()
        found = [("id", "in", lifecycles._search(mine + wanted).subselect("partner_id"))]
        if False in value:
            return ["|", ("id", "not in", lifecycles._search(mine).subselect("partner_id")), *found]
        return found

    @api.depends_context("company")
    def _compute_community_step_ids(self):
        # sudo: whoever may see the contact may know since when they stand where
        steps = (
            self.env["community.lifecycle.step"]
            .sudo()
            .search([("partner_id", "in", self.ids), ("company_id", "=", self.env.company.id)])
        )
        by_partner = steps.sudo(False).grouped(lambda step: step.sudo().partner_id.id)
        for partner in self:
            partner.community_step_ids = by_partner.get(partner._origin.id, steps.browse())

    @api.depends_context("company", "lang")
    def _compute_community_lifecycle_note(self):
        found = (
            self.env["community.lifecycle"]
            .sudo()
            .search([("partner_id", "in", self.ids), ("company_id", "=", self.env.company.id)])
        )
        notes = {row.partner_id.id: row.reckoned_note for row in found}
        for partner in self:
            partner.community_lifecycle_note = notes.get(partner._origin.id, False)

    def _read_group_groupby(self, alias, groupby_spec, query):
        """Group by the stage in the current company, which stands in a table of its own."""
        if groupby_spec != "community_lifecycle":
            return super()._read_group_groupby(alias, groupby_spec, query)
        self._check_field_access(self._fields[groupby_spec], "read")
        stages = query.make_alias(alias, "community_lifecycle")
        query.add_join(
            "LEFT JOIN",
            stages,
            "community_lifecycle",
            SQL(
                "%s = %s AND %s = %s",
                SQL.identifier(stages, "partner_id"),
                SQL.identifier(alias, "id"),
                SQL.identifier(stages, "company_id"),
                self.env.company.id,
            ),
        )
        return SQL.identifier(stages, "stage")

    def action_community_set_stage(self):
        """Open the dialog in which a manager sets the stage in the current company by hand.

        :raises AccessError: the current user is no manager
        """
        self.ensure_one()
        self.check_access("read")
        if not self.env.user.has_group("community_manager.group_manager"):
            raise AccessError(self.env._("Only community managers set a stage by hand."))
        company = self.env.company
        known = self.env["community.lifecycle"].search(
            [("partner_id", "=", self.id), ("company_id", "=", company.id)], limit=1
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Stage by hand"),
            "res_model": "community.lifecycle.set",
            "views": [(False, "form")],
            "target": "new",
            "context": {
                "default_partner_id": self.id,
                "default_company_id": company.id,
                "default_stage": known.manual_stage,
                "default_note": known.manual_note,
            },
        }
