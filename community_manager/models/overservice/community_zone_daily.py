from odoo import fields, models


class CommunityZoneDaily(models.Model):
    """How many customers of a journey were dissatisfied, satisfied, delighted or contacted too much, day by day."""

    _name = "community.zone.daily"
    _description = "Zones of Customers of a Day"
    _order = "day desc, journey_id, zone"
    _rec_name = "day"
    _log_access = False

    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True, ondelete="cascade")
    journey_id = fields.Many2one("community.journey", required=True, readonly=True, ondelete="cascade")
    day = fields.Date(required=True, readonly=True, help="The company's day.")
    zone = fields.Selection(
        [
            ("dissatisfied", "Dissatisfied"),
            ("satisfied", "Satisfied"),
            ("delighted", "Delighted"),
            ("excess", "Too much"),
        ],
        required=True,
        readonly=True,
        help="Dissatisfied: served late, rated badly, spoke badly of us or complained within thirty days. Too much: "
        "contacted more than the moment allows. Delighted: anticipated, rated well or praised us. Satisfied: the rest.",
    )
    customers = fields.Integer(readonly=True)

    _unique_day = models.UniqueIndex("(journey_id, day, zone)")
