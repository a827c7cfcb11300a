from odoo import api, fields, models
from odoo.tools import SQL
from odoo.tools.misc import formatLang

from .community_lifecycle import STAGES
from .community_lifecycle_reckon import RANKS


class CommunityLifecycleFunnel(models.Model):
    """How many stand where, how many ever came there, and how many went on, how soon."""

    _name = "community.lifecycle.funnel"
    _description = "Lifecycle Funnel"
    _auto = False
    _order = "company_id, rank"
    _rec_name = "stage"
    _depends = {
        "community.lifecycle": ["company_id", "stage"],
        "community.lifecycle.step": ["company_id", "partner_id", "stage", "date", "reason"],
    }

    company_id = fields.Many2one("res.company", readonly=True)
    stage = fields.Selection(STAGES, readonly=True)
    rank = fields.Integer(readonly=True, aggregator=None)
    now_count = fields.Integer(readonly=True, string="Here now")
    reached_count = fields.Integer(readonly=True, string="Reached")
    next_count = fields.Integer(
        readonly=True, string="Went on", help="Reached a later stage too, at the same time or afterwards."
    )
    rate = fields.Float(readonly=True, aggregator="avg", string="Went on, share")
    median_days = fields.Float(
        readonly=True, aggregator="avg", help="Half of those who went on took no longer, to the next step they made."
    )
    sentence = fields.Char(compute="_compute_sentence", string="What it says")

    @property
    def _table_query(self):
        return SQL(
            """
            WITH reached AS (
                SELECT company_id, partner_id, array_position(%s::varchar[], stage::varchar) AS rank,
                       min(date) AS moment
                FROM community_lifecycle_step WHERE reason != 'manual' GROUP BY 1, 2, 3
            ),
            paths AS (
                SELECT r.company_id, r.rank, r.partner_id, r.moment,
                       (SELECT min(n.moment) FROM reached n WHERE n.company_id = r.company_id
                        AND n.partner_id = r.partner_id AND n.rank > r.rank AND n.moment >= r.moment) AS next_moment
                FROM reached r
            ),
            figures AS (
                SELECT company_id, rank, count(*) AS reached, count(next_moment) AS next,
                       percentile_cont(0.5) WITHIN GROUP (
                           ORDER BY extract(epoch FROM next_moment - moment) / 86400
                       ) AS days
                FROM paths GROUP BY 1, 2
            ),
            present AS (
                SELECT company_id, array_position(%s::varchar[], stage::varchar) AS rank, count(*) AS present
                FROM community_lifecycle GROUP BY 1, 2
            )
            SELECT c.id * 10 + k.rank AS id, c.id AS company_id, k.stage, k.rank::integer AS rank,
                   coalesce(p.present, 0)::integer AS now_count, coalesce(f.reached, 0)::integer AS reached_count,
                   coalesce(f.next, 0)::integer AS next_count,
                   CASE WHEN f.reached > 0 THEN f.next::float / f.reached END AS rate, f.days AS median_days
            FROM res_company c
            CROSS JOIN unnest(%s::varchar[]) WITH ORDINALITY AS k(stage, rank)
            LEFT JOIN figures f ON f.company_id = c.id AND f.rank = k.rank
            LEFT JOIN present p ON p.company_id = c.id AND p.rank = k.rank
            """,
            list(RANKS), list(RANKS), list(RANKS),
        )  # fmt: skip

    @api.depends("stage", "now_count", "reached_count", "next_count", "median_days")
    @api.depends_context("lang")
    def _compute_sentence(self):
        labels = dict(self._fields["stage"]._description_selection(self.env))
        for row in self:
            row.sentence = row._say(labels[row.stage])

    def _say(self, label):
        """Return what a row shows, as a person would say it."""
        if not self.reached_count:
            return self.env._("Nobody has come this far yet.")
        whole = {"reached": self.reached_count, "stage": label, "now": self.now_count}
        if self.stage == RANKS[-1]:
            return self.env._("%(reached)s came as far as “%(stage)s”; %(now)s are there now.", **whole)
        if not self.next_count:
            return self.env._("%(reached)s came as far as “%(stage)s”; nobody has gone on yet.", **whole)
        going = {"next": self.next_count, "share": formatLang(self.env, 100 * self.rate, digits=0)}
        if self.median_days < 1:
            return self.env._(
                "Of %(reached)s who reached “%(stage)s” %(next)s (%(share)s %%) went on, half of them within a day.",
                **whole, **going,
            )  # fmt: skip
        days = formatLang(self.env, self.median_days, digits=0 if self.median_days >= 10 else 1)
        return self.env._(
            "Of %(reached)s who reached “%(stage)s” %(next)s (%(share)s %%) went on, half of them in %(days)s days.",
            days=days, **whole, **going,
        )  # fmt: skip

    def action_open_people(self):
        """Show who is at this stage now."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("community_manager.action_lifecycles")
        domain = [("stage", "=", self.stage), ("company_id", "=", self.company_id.id)]
        return {**action, "domain": domain, "context": {}}
