from odoo import api, fields, models


class CommunityCampaignVersion(models.Model):
    """The steps of a campaign as they were when it was started or its changes were taken over.

    People follow the version they began with, whatever is edited meanwhile.
    """

    _name = "community.campaign.version"
    _description = "Version of a Campaign"
    _order = "campaign_id, number desc"

    campaign_id = fields.Many2one("community.campaign", required=True, readonly=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="campaign_id.company_id", store=True, index=True)
    number = fields.Integer(required=True, readonly=True)
    definition = fields.Json(readonly=True)
    digest = fields.Char(readonly=True)
    person_count = fields.Integer(compute="_compute_person_count", string="People")

    _unique_number = models.UniqueIndex("(campaign_id, number)")

    def _compute_person_count(self):
        rows = self.env["community.campaign.person"]._read_group(
            [("version_id", "in", self.ids)], ["version_id"], ["__count"]
        )
        counts = {version.id: count for version, count in rows}
        for version in self:
            version.person_count = counts.get(version.id, 0)

    @api.depends("number")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for version in self:
            version.display_name = self.env._("Version %s", version.number)

    def _steps(self):
        """Return the steps in order, as ``community.campaign._definition`` keeps them: list of dicts."""
        self.ensure_one()
        return (self.definition or {}).get("steps", [])
