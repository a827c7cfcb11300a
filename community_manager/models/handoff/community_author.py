from odoo import fields, models


class CommunityAuthor(models.Model):
    """People who look for a job."""

    _inherit = "community.author"

    applicant_number = fields.Integer(
        readonly=True, copy=False, help="Newest applicant in Recruitment, where that is installed."
    )
