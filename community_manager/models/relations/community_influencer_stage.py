from odoo import fields, models


class CommunityInfluencerStage(models.Model):
    """A step of the way from having noticed somebody to their recommending us."""

    _name = "community.influencer.stage"
    _description = "Stage of a Relationship"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    fold = fields.Boolean("Folded in the pipeline")
    kind = fields.Selection(
        [
            ("identified", "Identified"),
            ("contacted", "Contacted"),
            ("collaborating", "Collaborating"),
            ("advocate", "Advocate"),
        ],
        string="Means",
        help="People move by themselves to the first stage that means “Contacted” when an answer of ours has reached "
        "them, and to “Collaborating” when a collaboration begins; never backwards. Whoever is at a stage that means "
        "“Advocate” is listed among the advocates. Empty: people come here by hand alone.",
    )
    description = fields.Text("What has to be true here", translate=True)
