from odoo import fields, models


class CommunityGuidelineRead(models.Model):
    """Somebody has confirmed to have read one version of a guideline."""

    _name = "community.guideline.read"
    _description = "Guideline Read"
    _order = "read_at desc, id desc"
    _rec_name = "user_id"

    version_id = fields.Many2one(
        "community.guideline.version",
        string="Read version",
        required=True,
        readonly=True,
        ondelete="cascade",
        index=True,
    )
    guideline_id = fields.Many2one(related="version_id.guideline_id", store=True, index=True)
    company_id = fields.Many2one(related="version_id.company_id", store=True, index=True)
    number = fields.Integer("Version", related="version_id.number", store=True)
    is_current = fields.Boolean("Current version", related="version_id.is_current")
    user_id = fields.Many2one("res.users", string="Person", required=True, readonly=True, index=True)
    read_at = fields.Datetime("Confirmed", required=True, readonly=True, default=fields.Datetime.now)

    _unique_reader = models.UniqueIndex("(version_id, user_id)")
