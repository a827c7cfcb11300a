from odoo import api, fields, models

#: points by which somebody's score must be above what is usual to be rising
RISING = 5.0
#: how one must feel, from -1 to 1, to be for or against us
FEELS = 0.2


class CommunityInfluence(models.Model):
    """How much a profile is heard, and why: figures that scheduled work keeps.

    One narrow row for each profile that says something or is answered; ``community.influence.refresh`` makes them in
    one pass over arrays.
    """

    _name = "community.influence"
    _description = "Influence"
    _order = "score desc, id"
    _rec_name = "author_id"
    _log_access = False

    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="cascade", index=True)
    author_id = fields.Many2one(
        "community.author", required=True, readonly=True, ondelete="cascade", check_company=True
    )
    network = fields.Selection(related="author_id.network", store=True, readonly=True)
    score = fields.Float(
        readonly=True,
        aggregator="avg",
        string="Heard",
        help="0 to 100: 50 for standing (who answers and shares them, and who those are), 15 for how many people do, "
        "15 for followers, 10 for what they say being about our topics, 10 for how much they say lately.",
    )
    place = fields.Integer(readonly=True, aggregator=False, help="1 is heard most in this company.")
    usual = fields.Float(readonly=True, aggregator="avg", help="The score as it was; follows slowly.")
    change = fields.Float(readonly=True, aggregator="avg", help="Points above or below what is usual for this person.")
    standing = fields.Float(readonly=True, aggregator="sum", help="Share of all attention, in percent.")
    heard_by = fields.Integer(
        readonly=True,
        string="People who answer or share them",
        help="Each counts once. Strangers count up to three for each person we know, and three: accounts made to "
        "answer each other change little.",
    )
    followers = fields.Integer(readonly=True, aggregator="max")
    reach = fields.Float(
        readonly=True,
        aggregator="avg",
        help="0 to 100, from followers and people who answer or share them, by their order of magnitude.",
    )
    relevance = fields.Float(
        readonly=True, aggregator="avg", help="Share of what they say that is about our topics or to us."
    )
    feeling = fields.Float(readonly=True, aggregator="avg", string="Feeling toward us", help="From -1 to 1, lately.")
    attitude = fields.Selection(
        [("negative", "Against us"), ("neutral", "Neutral"), ("positive", "For us")],
        readonly=True,
        help="By the feeling of what they say to us and about our topics. Empty: not known.",
    )
    activity = fields.Float(readonly=True, aggregator="sum", help="Mentions; old ones count less with each half-life.")
    topic_id = fields.Many2one("community.topic", readonly=True, ondelete="set null", string="Mostly about")
    circle = fields.Integer(readonly=True, aggregator=False, string="Group number", help="1 is the largest; 0: none.")
    leader_id = fields.Many2one(
        "community.author",
        readonly=True,
        ondelete="set null",
        string="Group around",
        help="The person of the group who is heard most.",
    )
    connects = fields.Integer(
        readonly=True, aggregator=False, string="Groups they connect", help="0: their ties stay within one group."
    )
    known = fields.Boolean(readonly=True, help="We answered them, or they are a contact.")
    reasons = fields.Json(readonly=True, help="What the explanation says; put into words when it is read.")
    parts = fields.Json(readonly=True, help="Points of each part of the score.")
    parts_text = fields.Char(compute="_compute_parts_text", string="How the score is made")
    because = fields.Char(compute="_compute_because", string="Heard because")
    partner_id = fields.Many2one(related="author_id.partner_id", string="Contact")
    last_at = fields.Datetime(readonly=True, string="Last mention")
    #: what they said, at the time of ``last_at``; halves with each half-life since
    said = fields.Float(readonly=True, aggregator=None)
    #: where the picture has them; of the core only
    x = fields.Float(readonly=True, aggregator=None)
    y = fields.Float(readonly=True, aggregator=None)
    drawn = fields.Boolean(readonly=True, string="In the picture")

    _unique_author = models.UniqueIndex("(author_id)")
    _heard = models.Index("(company_id, score DESC)")

    @api.depends("author_id")
    def _compute_display_name(self):
        for influence in self:
            influence.display_name = influence.author_id.display_name
