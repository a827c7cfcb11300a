from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

#: days for which it is known what a rule changed
KEPT = timedelta(days=3)


class CommunityRuleTrace(models.Model):
    """What each rule changed in each mention, and what it was before: so that a batch can be undone.

    Plain numbers instead of links: a row is written for every mention and rule, and forgotten after some days.
    """

    _name = "community.rule.trace"
    _description = "What a Rule Changed"
    _log_access = False

    rule_id = fields.Integer(required=True)
    mention_id = fields.Integer(required=True)
    made_at = fields.Datetime(required=True)
    changed = fields.Json(help="{field: [before, after]}")
    lead_id = fields.Integer(help="The lead that was made, not merely added to.")
    ticket = fields.Char(help="The ticket that was made: model,id.")

    _by_rule = models.Index("(rule_id, made_at)")
    _by_age = models.Index("(made_at)")

    @api.model
    def _keep(self, rows):
        """Write rows down.

        :param rows: list of (rule id, mention id, what changed as JSON text, lead id or None, ticket or None)
        """
        if not rows:
            return
        rules, mentions, changed, leads, tickets = (list(column) for column in zip(*rows, strict=True))
        # SQL: one statement a page; the ORM takes ten times as long for rows that hardly anybody reads
        self.env.cr.execute(
            SQL(
                "INSERT INTO community_rule_trace (rule_id, mention_id, made_at, changed, lead_id, ticket)"
                " SELECT rule, mention, %s, changed::jsonb, lead, ticket"
                " FROM unnest(%s::int[], %s::int[], %s::text[], %s::int[], %s::text[])"
                " AS rows (rule, mention, changed, lead, ticket)",
                fields.Datetime.now(),
                rules,
                mentions,
                changed,
                leads,
                tickets,
            )
        )

    @api.autovacuum
    def _gc_traces(self):
        # SQL: rows without anything that depends on them
        self.env.cr.execute(SQL("DELETE FROM community_rule_trace WHERE made_at < %s", fields.Datetime.now() - KEPT))
