from odoo import api, fields, models
from odoo.tools import SQL, Query

#: measure → share of the answers that took less
SHARES = {"median": 0.5, "ninetieth": 0.9}


class CommunityResponseReport(models.Model):
    """Response times, by team, network, topic, person and the company's days.

    A median cannot be added up from parts, so each group and each total of a table is asked of the database anew:
    pivot, graph and list do that by themselves when the field's aggregate is one that SQL computes.
    """

    _name = "community.response.report"
    _description = "Response Times"
    _auto = False
    _order = "day desc, id desc"
    _rec_name = "mention_id"

    _depends = {
        "community.response": [
            "company_id", "mention_id", "department_id", "network", "topic_id", "user_id", "kind", "asked_at",
            "answered_at", "day", "due_at", "seconds", "breached", "policy_id",
        ]
    }  # fmt: skip

    company_id = fields.Many2one("res.company", readonly=True)
    mention_id = fields.Many2one("community.mention", readonly=True)
    department_id = fields.Many2one("community.department", readonly=True, string="Team")
    network = fields.Selection(selection=lambda self: self.env["community.channel"]._selection_network(), readonly=True)
    topic_id = fields.Many2one("community.topic", readonly=True)
    user_id = fields.Many2one("res.users", readonly=True, string="Answered by")
    policy_id = fields.Many2one("community.response.policy", readonly=True)
    kind = fields.Selection(
        [("first", "First answer"), ("next", "Next answer"), ("resolution", "Until closed")], readonly=True
    )
    asked_at = fields.Datetime(readonly=True, string="Asked")
    answered_at = fields.Datetime(readonly=True, string="Answered")
    due_at = fields.Datetime(readonly=True, string="Due")
    day = fields.Date(readonly=True, help="The company's day of the answer.")
    hours = fields.Float(readonly=True, aggregator="avg", string="Average hours", help="Hours of working time.")
    median = fields.Float(
        readonly=True, aggregator="avg", string="Median hours", help="Half of the answers took less working time."
    )
    ninetieth = fields.Float(
        readonly=True,
        aggregator="avg",
        string="90th percentile, hours",
        help="Nine of ten answers took less working time.",
    )
    late_share = fields.Float(
        readonly=True,
        aggregator="avg",
        string="Too late, %",
        digits=(16, 0),
        help="Of the answers that had a deadline.",
    )
    late_count = fields.Integer(readonly=True, string="Too late")
    in_time_count = fields.Integer(readonly=True, string="In time")

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT id, company_id, mention_id, department_id, network, topic_id, user_id, policy_id, kind, asked_at,
                   answered_at, due_at, day,
                   seconds / 3600.0 AS hours, seconds / 3600.0 AS median, seconds / 3600.0 AS ninetieth,
                   CASE WHEN due_at IS NOT NULL THEN CASE WHEN breached THEN 100.0 ELSE 0.0 END END AS late_share,
                   CASE WHEN breached THEN 1 ELSE 0 END AS late_count,
                   CASE WHEN due_at IS NOT NULL AND breached IS NOT TRUE THEN 1 ELSE 0 END AS in_time_count
              FROM community_response
            """
        )

    def _read_group_select(self, aggregate_spec: str, query: Query) -> SQL:
        name, _separator, function = aggregate_spec.partition(":")
        if name in SHARES and function == "avg":
            hours = self._field_to_sql(self._table, name, query)
            return SQL("percentile_cont(%s) WITHIN GROUP (ORDER BY %s)", SHARES[name], hours)
        return super()._read_group_select(aggregate_spec, query)

    @api.readonly
    def action_open_mention(self):
        """Open what was answered."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "community.mention",
            "res_id": self.mention_id.id,
            "views": [(False, "form")],
        }
