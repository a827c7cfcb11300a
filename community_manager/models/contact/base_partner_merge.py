from odoo import api, fields, models
from odoo.tools import SQL


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    """Merged contacts are one person: their touches add up, and the newest word on consent stands."""

    _inherit = "base.partner.merge.automatic.wizard"

    @api.model
    def _update_foreign_keys(self, src_partners, dst_partner):
        self._community_merge_consent(src_partners, dst_partner)
        self._community_merge_touches(src_partners, dst_partner)
        return super()._update_foreign_keys(src_partners, dst_partner)

    @api.model
    def _community_merge_touches(self, src_partners, dst_partner):
        """Touches have no foreign key: carry them over, and put the reservations of all into one row."""
        self.env.flush_all()
        given = {"to": dst_partner.id, "sources": src_partners.ids, "all": (src_partners + dst_partner).ids}
        # what both have noted of one message stays once
        self.env.cr.execute(
            SQL(
                """DELETE FROM community_touch t USING community_touch o
                    WHERE t.partner_id = ANY(%(sources)s) AND o.partner_id = ANY(%(all)s) AND o.id < t.id
                      AND t.state = 'used' AND o.state = 'used' AND NOT t.reserved AND NOT o.reserved
                      AND t.source_model = o.source_model AND t.source_id = o.source_id""",
                **given,
            )
        )
        self.env.cr.execute(
            SQL(
                """DELETE FROM community_touch t USING community_touch o
                    WHERE t.partner_id = %(to)s AND o.partner_id = ANY(%(sources)s)
                      AND t.state = 'used' AND o.state = 'used' AND NOT t.reserved AND NOT o.reserved
                      AND t.source_model = o.source_model AND t.source_id = o.source_id""",
                **given,
            )
        )
        self.env.cr.execute(
            SQL("UPDATE community_touch SET partner_id = %(to)s WHERE partner_id = ANY(%(sources)s)", **given)
        )
        self.env.cr.execute(
            SQL(
                """WITH gone AS (
                       DELETE FROM community_touch_window WHERE partner_id = ANY(%(sources)s)
                    RETURNING company_id, entries
                   ), together AS (
                       SELECT g.company_id, jsonb_agg(e) AS entries
                         FROM gone g, jsonb_array_elements(COALESCE(g.entries, '[]')) e GROUP BY 1
                   )
                   INSERT INTO community_touch_window AS w (partner_id, company_id, entries)
                   SELECT %(to)s, company_id, entries FROM together
                   ON CONFLICT (partner_id, company_id) DO UPDATE
                      SET entries = COALESCE(w.entries, '[]') || EXCLUDED.entries""",
                **given,
            )
        )
        self.env["community.touch"].invalidate_model()
        self.env["community.touch.window"].invalidate_model()

    @api.model
    def _community_merge_consent(self, src_partners, dst_partner):
        """Of entries about the same purpose and medium the newest stays, with the history of all."""
        # sudo: whoever may merge contacts
        entries = (
            self.env["community.consent"]
            .sudo()
            .search([("partner_id", "in", (src_partners + dst_partner).ids)], order="date desc, id desc")
        )
        kept = {}
        for entry in entries:
            key = (entry.company_id.id, entry.purpose_id.id, entry.medium)
            if key not in kept:
                kept[key] = entry
                continue
            entry.event_ids.write({"consent_id": kept[key].id})
            self.env.flush_all()
            entry.unlink()
        later = [day for day in (src_partners + dst_partner).mapped("community_not_now") if day]
        if later and max(later) > fields.Date.today():
            dst_partner.community_not_now = max(later)
