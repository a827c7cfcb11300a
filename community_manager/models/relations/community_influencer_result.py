from odoo import fields, models
from odoo.tools import SQL


class CommunityInfluencerResult(models.Model):
    """What came of each person, day by day: the report."""

    _name = "community.influencer.result"
    _description = "Results per Person"
    _auto = False
    _order = "date desc, id desc"
    _rec_name = "influencer_id"

    influencer_id = fields.Many2one("community.influencer", string="Person", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Contact", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    role = fields.Selection(
        lambda self: self.env["community.influencer"]._fields["role"]._description_selection(self.env), readonly=True
    )
    user_id = fields.Many2one("res.users", string="Responsible", readonly=True)
    collaboration_id = fields.Many2one("community.collaboration", readonly=True)
    kit_id = fields.Many2one("community.share.kit", string="Share kit", readonly=True)
    date = fields.Date(readonly=True)
    clicks = fields.Integer(readonly=True)
    leads = fields.Integer(readonly=True)
    orders = fields.Integer(readonly=True)
    mentions = fields.Integer(readonly=True, string="Posts")
    currency_id = fields.Many2one(related="company_id.currency_id")
    revenue = fields.Monetary(
        readonly=True,
        groups="community_manager.group_manager",
        aggregator="sum",
        help="Confirmed orders, without taxes, in the currency of the company.",
    )
    cost = fields.Monetary(
        readonly=True,
        groups="community_manager.group_manager",
        aggregator="sum",
        help="What was promised or paid, in the currency of the company.",
    )

    _depends = {
        "community.influencer": ["partner_id", "company_id", "role", "user_id"],
        "community.referral": ["influencer_id", "kit_id", "collaboration_id", "link_id", "revoked_at"],
        "community.compensation": ["influencer_id", "collaboration_id", "amount_company", "state", "date"],
        "community.collaboration": ["influencer_id"],
        "community.mention": ["collaboration_id", "published_at"],
        "crm.lead": ["community_referral_id"],
        "sale.order": ["community_referral_id", "state", "date_order", "amount_untaxed", "currency_rate"],
        "link.tracker.click": ["link_id"],
    }

    @property
    def _table_query(self):
        """One row for each click, lead, order, post and compensation; the pivot adds them up."""
        return SQL(
            """
            SELECT ROW_NUMBER() OVER (ORDER BY e.kind, e.number) AS id,
                   i.id AS influencer_id, i.partner_id, i.company_id, i.role, i.user_id,
                   e.collaboration_id, e.kit_id, e.date,
                   (e.kind = 'click')::int AS clicks, (e.kind = 'lead')::int AS leads,
                   (e.kind = 'order')::int AS orders, (e.kind = 'mention')::int AS mentions,
                   e.revenue, e.cost
              FROM (
                  SELECT 'click' AS kind, c.id AS number, r.influencer_id, r.collaboration_id, r.kit_id,
                         c.create_date::date AS date, 0.0 AS revenue, 0.0 AS cost
                    FROM community_referral r JOIN link_tracker_click c ON c.link_id = r.link_id
                   WHERE r.revoked_at IS NULL OR c.create_date <= r.revoked_at
               UNION ALL
                  SELECT 'lead', l.id, r.influencer_id, r.collaboration_id, r.kit_id, l.create_date::date, 0.0, 0.0
                    FROM community_referral r JOIN crm_lead l ON l.community_referral_id = r.id
               UNION ALL
                  SELECT 'order', o.id, r.influencer_id, r.collaboration_id, r.kit_id, o.date_order::date,
                         o.amount_untaxed / COALESCE(NULLIF(o.currency_rate, 0), 1), 0.0
                    FROM community_referral r
                    JOIN sale_order o ON o.community_referral_id = r.id AND o.state = 'sale'
               UNION ALL
                  SELECT 'mention', m.id, c.influencer_id, c.id, NULL, m.published_at::date, 0.0, 0.0
                    FROM community_mention m JOIN community_collaboration c ON c.id = m.collaboration_id
               UNION ALL
                  SELECT 'cost', p.id, p.influencer_id, p.collaboration_id, NULL, p.date, 0.0, p.amount_company
                    FROM community_compensation p WHERE p.state != 'cancelled'
              ) e
              JOIN community_influencer i ON i.id = e.influencer_id
            """
        )
