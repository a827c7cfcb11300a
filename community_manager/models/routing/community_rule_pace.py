from odoo import api, fields, models
from odoo.tools import SQL

from .community_rule_people import counting_cursor

#: seconds that are counted together; an hour is the last twelve of them
SLOT = 300
SLOTS = 12


class CommunityRulePace(models.Model):
    """How much each rule has done in the last minutes: narrow rows, counted up by one atomic statement a page.

    They are counted on a connection of their own before anything is made, so that two workers see each other's numbers
    at once; what is rolled back is taken off again.
    """

    _name = "community.rule.pace"
    _description = "Pace of a Rule"
    _log_access = False

    rule_id = fields.Integer(required=True)
    slot = fields.Integer(required=True)
    mentions = fields.Integer(required=True)
    leads = fields.Integer(required=True)
    tickets = fields.Integer(required=True)

    _unique_slot = models.UniqueIndex("(rule_id, slot)")

    @api.model
    def _slot(self):
        return int(fields.Datetime.now().timestamp()) // SLOT

    @api.model
    def _count(self, news):
        """Add what rules are about to do; return what that makes in the last hour.

        :param dict news: ``{rule id: (mentions, leads, tickets)}``; negative numbers take back
        :returns: ``{rule id: (mentions, leads, tickets)}``
        """
        if not news:
            return {}
        with counting_cursor(self.env) as cr:
            return self._count_on(cr, news)

    @api.model
    def _count_on(self, cr, news):
        """Count like :meth:`_count`, in the transaction of a cursor."""
        slot = self._slot()
        # sorted, so that two workers wait for each other instead of locking each other out
        rows = [(rule_id, *news[rule_id]) for rule_id in sorted(news)]
        columns = [list(column) for column in zip(*rows, strict=True)]
        # SQL: one statement for all rules of a page, and no two workers can read the same number
        cr.execute(
            SQL(
                """
                WITH counted AS (
                    INSERT INTO community_rule_pace AS pace (rule_id, slot, mentions, leads, tickets)
                    SELECT rule, %(slot)s, mentions, leads, tickets
                      FROM unnest(%(rules)s::int[], %(mentions)s::int[], %(leads)s::int[], %(tickets)s::int[])
                        AS news (rule, mentions, leads, tickets)
                        ON CONFLICT (rule_id, slot) DO UPDATE
                       SET (mentions, leads, tickets) = (pace.mentions + excluded.mentions,
                           pace.leads + excluded.leads, pace.tickets + excluded.tickets)
                 RETURNING rule_id, mentions, leads, tickets
                ), earlier AS (
                    SELECT rule_id, sum(mentions) AS mentions, sum(leads) AS leads, sum(tickets) AS tickets
                      FROM community_rule_pace
                     WHERE rule_id = ANY(%(rules)s) AND slot < %(slot)s AND slot > %(slot)s - %(slots)s
                  GROUP BY rule_id
                )
                SELECT counted.rule_id, counted.mentions + coalesce(earlier.mentions, 0),
                       counted.leads + coalesce(earlier.leads, 0), counted.tickets + coalesce(earlier.tickets, 0)
                  FROM counted LEFT JOIN earlier USING (rule_id)
                """,
                slot=slot,
                slots=SLOTS,
                rules=columns[0],
                mentions=columns[1],
                leads=columns[2],
                tickets=columns[3],
            )
        )
        return {rule_id: tuple(map(int, numbers)) for rule_id, *numbers in cr.fetchall()}

    @api.model
    def _forget(self, rule_ids):
        """Begin to count some rules anew."""
        with counting_cursor(self.env) as cr:
            cr.execute(SQL("DELETE FROM community_rule_pace WHERE rule_id = ANY(%s)", list(rule_ids)))

    @api.autovacuum
    def _gc_pace(self):
        # SQL: rows without anything that depends on them
        self.env.cr.execute(SQL("DELETE FROM community_rule_pace WHERE slot < %s", self._slot() - 2 * SLOTS))
