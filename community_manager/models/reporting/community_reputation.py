from odoo import api, fields, models
from odoo.tools import SQL, Query

from .community_daily import COUNTS, OTHERS, SOLVE_HOURS

#: part → (weight in percent, how many are needed at least)
PARTS = {"feeling": (50, 20), "star_points": (30, 5), "solved": (20, 5)}


class CommunityReputation(models.Model):
    """The reputation figure, 0 to 100, of any networks and period.

    It is the weighted mean of three parts, each 0 to 100: net feeling, stars, share of complaints solved.  A part with
    too few numbers is left out and the others count for more; without any there is no figure.  Ratios are made of the
    sums of what is grouped, not averaged.
    """

    _name = "community.reputation"
    _description = "Reputation"
    _auto = False
    _order = "day desc, network"
    _rec_name = "day"
    _depends = {"community.daily": ["company_id", "day", "network", *COUNTS]}

    company_id = fields.Many2one("res.company", readonly=True)
    day = fields.Date(readonly=True)
    network = fields.Selection(selection=lambda self: self.env["community.channel"]._selection_network(), readonly=True)
    mentions = fields.Integer(readonly=True)
    authors = fields.Integer(readonly=True, string="People")
    negative = fields.Integer(readonly=True)
    neutral = fields.Integer(readonly=True)
    positive = fields.Integer(readonly=True)
    rated = fields.Integer(readonly=True, string="Ratings")
    stars = fields.Float(readonly=True, string="Sum of stars")
    complaints = fields.Integer(readonly=True)
    complaints_due = fields.Integer(readonly=True, string="Complaints to be solved by now")
    complaints_solved = fields.Integer(readonly=True)
    feeling = fields.Float(
        readonly=True,
        aggregator="avg",
        string="Net feeling",
        digits=(16, 0),
        help="0: all negative, 50: as much positive as negative, 100: all positive.",
    )
    star_points = fields.Float(
        readonly=True, aggregator="avg", string="Stars", digits=(16, 0), help="0: one star, 100: five stars."
    )
    solved = fields.Float(
        readonly=True,
        aggregator="avg",
        string="Complaints solved",
        digits=(16, 0),
        help="Of a hundred complaints that had time to be solved.",
    )
    reputation = fields.Float(readonly=True, aggregator="avg", digits=(16, 0), help="0 to 100.")
    points_known = fields.Char(readonly=True, help="Which of these have numbers enough, comma-separated.")

    @property
    def _table_query(self):
        columns = {name: SQL.identifier(name) for name in COUNTS}
        ratios = self._ratios_sql(columns)
        known = [SQL("CASE WHEN (%s) IS NOT NULL THEN %s END", sql, name) for name, sql in ratios.items()]
        return SQL(
            "SELECT id, company_id, day, network, %s, %s, concat_ws(',', %s) AS points_known FROM community_daily",
            SQL(", ").join(columns.values()),
            SQL(", ").join(SQL("%s AS %s", sql, SQL.identifier(name)) for name, sql in ratios.items()),
            SQL(", ").join(known),
        )

    @api.model
    def _ratios_sql(self, sums):
        """Return SQL for each ratio, NULL where the numbers are too few.

        :param dict sums: SQL of what each count adds up to
        """
        felt = SQL(
            "(%(negative)s + %(neutral)s + %(positive)s)", **{n: sums[n] for n in ("negative", "neutral", "positive")}
        )
        parts = {
            "feeling": SQL(
                "CASE WHEN %s >= %s THEN 50 + 50.0 * (%s - %s) / %s END",
                felt,
                PARTS["feeling"][1],
                sums["positive"],
                sums["negative"],
                felt,
            ),
            "star_points": SQL(
                "CASE WHEN %(rated)s >= %(least)s"
                " THEN LEAST(GREATEST(25.0 * (%(stars)s / %(rated)s - 1), 0), 100)::numeric END",
                rated=sums["rated"],
                stars=sums["stars"],
                least=PARTS["star_points"][1],
            ),
            "solved": SQL(
                "CASE WHEN %(due)s >= %(least)s THEN 100.0 * %(solved)s / %(due)s END",
                due=sums["complaints_due"],
                solved=sums["complaints_solved"],
                least=PARTS["solved"][1],
            ),
        }
        points = SQL(" + ").join(SQL("COALESCE(%s * (%s), 0)", PARTS[name][0], sql) for name, sql in parts.items())
        weights = SQL(" + ").join(
            SQL("CASE WHEN (%s) IS NULL THEN 0 ELSE %s END", sql, PARTS[name][0]) for name, sql in parts.items()
        )
        return {**parts, "reputation": SQL("(%s) / NULLIF(%s, 0)", points, weights)}

    def _read_group_select(self, aggregate_spec: str, query: Query) -> SQL:
        name, _separator, function = aggregate_spec.partition(":")
        if function == "avg" and name in (*PARTS, "reputation"):
            sums = {name: SQL("SUM(%s)", self._field_to_sql(self._table, name, query)) for name in COUNTS}
            return self._ratios_sql(sums)[name]
        return super()._read_group_select(aggregate_spec, query)

    @api.model
    @api.readonly
    def get_heading(self, domain):
        """Return the figure of what a domain chooses and how it is made, in plain words.

        :rtype: dict
        """
        names = [*PARTS, "reputation"]
        specs = [f"{name}:avg" for name in names]
        counts = ["negative", "neutral", "positive", "rated", "complaints_due", "complaints_solved", "mentions"]
        ((*found,),) = self._read_group(domain, [], [*specs, *(f"{name}:sum" for name in counts)])
        figure = {name: None if value is False else value for name, value in zip([*names, *counts], found, strict=True)}
        return {"sentence": self._sentence(figure), "figure": _whole(figure["reputation"]), "more": self._formula()}

    @api.model
    def _sentence(self, figure):
        if not figure["mentions"]:
            return self.env._("There are no mentions in what is chosen here.")
        parts = []
        if figure["feeling"] is not None:
            felt = figure["negative"] + figure["neutral"] + figure["positive"]
            parts.append(
                self.env._("net feeling %(points)s (%(count)s mentions)", points=_whole(figure["feeling"]), count=felt)
            )
        if figure["star_points"] is not None:
            parts.append(
                self.env._(
                    "stars %(points)s (%(count)s ratings)", points=_whole(figure["star_points"]), count=figure["rated"]
                )
            )
        if figure["solved"] is not None:
            parts.append(
                self.env._(
                    "complaints solved %(points)s (%(solved)s of %(count)s)",
                    points=_whole(figure["solved"]),
                    solved=figure["complaints_solved"],
                    count=figure["complaints_due"],
                )
            )
        if not parts:
            return self.env._(
                "Too few to say: it takes %(mentions)s mentions with a feeling, %(ratings)s ratings or %(complaints)s "
                "complaints in what is chosen here.",
                mentions=PARTS["feeling"][1],
                ratings=PARTS["star_points"][1],
                complaints=PARTS["solved"][1],
            )
        return self.env._(
            "Reputation %(figure)s of 100 in what is chosen here: %(parts)s.",
            figure=_whole(figure["reputation"]),
            parts=", ".join(parts),
        )

    @api.model
    def _formula(self):
        return [
            self.env._(
                "Reputation = %(feeling)s %% net feeling + %(stars)s %% stars + %(solved)s %% complaints solved. A "
                "part with too few numbers is left out, and the others count for more.",
                feeling=PARTS["feeling"][0],
                stars=PARTS["star_points"][0],
                solved=PARTS["solved"][0],
            ),
            self.env._(
                "Net feeling: 50 + 50 × (positive − negative) ÷ (positive + neutral + negative), from %(least)s "
                "mentions with a feeling.",
                least=PARTS["feeling"][1],
            ),
            self.env._(
                "Stars: 25 × (average − 1), so one star is 0 and five are 100; from %(least)s ratings.",
                least=PARTS["star_points"][1],
            ),
            self.env._(
                "Complaints solved: those that are done, of a hundred that are older than %(hours)s hours; from "
                "%(least)s complaints.",
                hours=SOLVE_HOURS,
                least=PARTS["solved"][1],
            ),
            self.env._(
                "Not counted: copies, spam, namesakes, what was deleted, what we wrote ourselves, and what is only "
                "about competitors or the sector."
            ),
        ]

    def action_open_mentions(self):
        """Open the mentions of this day and network that count."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("community_manager.action_mentions")
        begins, ends = (fields.Datetime.to_string(moment) for moment in self.company_id._community_span(self.day))
        domain = [
            ("company_id", "=", self.company_id.id),
            ("network", "=", self.network),
            ("published_at", ">=", begins),
            ("published_at", "<", ends),
            ("outgoing", "=", False),
            ("copy_of_id", "=", False),
            ("is_namesake", "=", False),
            ("deleted_at", "=", False),
            ("intent_ids", "not any", [("code", "=", "spam")]),
            "|",
            "|",
            ("origin", "=", "own"),
            ("topic_ids", "=", False),
            ("topic_ids", "any", [("kind", "not in", list(OTHERS)), ("active", "in", [True, False])]),
        ]
        return {**action, "domain": domain, "context": {}}


def _whole(points):
    return None if points is None else round(points)
