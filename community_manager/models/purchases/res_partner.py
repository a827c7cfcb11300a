from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, Query


class ResPartner(models.Model):
    """What a contact is worth, seen from the contact."""

    _inherit = "res.partner"

    community_score_id = fields.Many2one(
        "community.score",
        compute="_compute_community_score_id",
        search="_search_community_score_id",
        string="Customer figures",
        groups="community_manager.group_agent",
        help="Of the firm, where the contact belongs to one, in the current company.",
    )
    community_rfm = fields.Char(
        related="community_score_id.rfm", related_sudo=False, string="RFM", groups="community_manager.group_agent"
    )
    community_segment_id = fields.Many2one(
        "community.segment",
        related="community_score_id.segment_id",
        related_sudo=False,
        groups="community_manager.group_agent",
    )

    @api.depends("commercial_partner_id")
    @api.depends_context("company")
    def _compute_community_score_id(self):
        found = self.env["community.score"]._of(self._origin, self.env.company)
        for partner in self:
            partner.community_score_id = found.get(partner._origin.id)

    @api.model
    def _search_community_score_id(self, operator, value):
        scores = self.env["community.score"]
        here = Domain("company_id", "=", self.env.company.id)
        if operator == "any":
            wanted = Domain("id", "in", value) if isinstance(value, Query) else Domain(value)
        elif operator == "in":
            wanted = Domain("id", "in", [number for number in value if number])
        else:
            return NotImplemented
        found = Domain("commercial_partner_id", "in", scores.search(here & wanted).partner_id.ids)
        if operator == "in" and False in value:
            found |= Domain("commercial_partner_id", "not in", scores.search(here).partner_id.ids)
        return found

    def action_community_score(self):
        """Open the figures of the customer."""
        self.ensure_one()
        return self.community_score_id.get_formview_action()

    def _write_multi(self, vals_list):
        """A person who goes to another firm takes along what they bought."""
        moved = [
            partner.id for partner, values in zip(self, vals_list, strict=True) if "commercial_partner_id" in values
        ]
        if moved:
            # SQL: the firm as it is stored still, before this is
            query = "SELECT id, commercial_partner_id FROM res_partner WHERE id = ANY(%s)"
            rows = self.env.execute_query(SQL(query + " AND commercial_partner_id IS NOT NULL", moved))
            self.env["community.score.stale"]._mark_customers(self.browse({number for row in rows for number in row}))
        return super()._write_multi(vals_list)

    def unlink(self):
        numbers = self.ids
        result = super().unlink()
        self.env["community.score"].sudo()._forget(numbers)
        return result
