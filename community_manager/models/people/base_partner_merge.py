from odoo import api, models
from odoo.tools import SQL

#: tables in which a contact stands once for each of these columns
ONCE = (
    ("community_match", ("author_id",)),
    ("community_lifecycle", ("company_id",)),
    ("community_handle", ("network", "key")),
)


class BasePartnerMerge(models.TransientModel):
    """When two contacts are made one, profiles, decisions, handles and stages follow."""

    _inherit = "base.partner.merge.automatic.wizard"

    @api.model
    def _update_foreign_keys(self, src_partners, dst_partner):
        self.env.flush_all()
        self._move_history(src_partners.ids, dst_partner.id)
        result = super()._update_foreign_keys(src_partners, dst_partner)
        self.env["community.person.stale"]._note("identity", dst_partner.ids)
        self.env["community.person.stale"]._note("lifecycle", dst_partner.ids)
        self.env.invalidate_all()
        return result

    @api.model
    def _move_history(self, old, new):
        """Make room for what both contacts had: the wizard of Odoo would delete all that the others had."""
        execute = self.env.cr.execute
        self._merge_pairs(old, new)
        # steps follow from records, which are the other contact's from now on; what was set by hand moves
        execute(
            SQL("DELETE FROM community_lifecycle_step WHERE partner_id = ANY(%s) AND reason != 'manual'", [*old, new])
        )
        # a stage that was set by hand is worth more than one that follows from records
        execute(
            SQL(
                "UPDATE community_lifecycle d SET manual_stage = s.manual_stage, manual_by = s.manual_by,"
                " manual_at = s.manual_at, manual_note = s.manual_note, stage = s.manual_stage"
                " FROM community_lifecycle s WHERE d.partner_id = %s AND s.partner_id = ANY(%s)"
                " AND s.company_id = d.company_id AND d.manual_stage IS NULL AND s.manual_stage IS NOT NULL",
                new, old,
            )
        )  # fmt: skip
        for table, columns in ONCE:
            table = SQL.identifier(table)
            same = SQL(" AND ").join(SQL("d.%s = s.%s", SQL.identifier(name), SQL.identifier(name)) for name in columns)
            # of several that had the same the first stays
            execute(
                SQL(
                    "DELETE FROM %s s USING %s d WHERE s.partner_id = ANY(%s) AND %s AND"
                    " (d.partner_id = %s OR (d.partner_id = ANY(%s) AND d.id < s.id))",
                    table, table, old, same, new, old,
                )
            )  # fmt: skip

    @api.model
    def _merge_pairs(self, old, new):
        """Let one pair stand for those that one profile had with both contacts: a link before a refusal, and the times
        of all links."""
        rows = self.env.execute_query(
            SQL(
                "SELECT author_id, array_agg(id ORDER BY state = 'confirmed' DESC, state = 'refused' DESC,"
                " state = 'undone' DESC, partner_id = %s DESC, id) FROM community_match"
                " WHERE partner_id = ANY(%s) GROUP BY author_id HAVING count(*) > 1",
                new, [*old, new],
            )
        )  # fmt: skip
        for _author_id, (kept, *gone) in rows:
            self.env.cr.execute(
                SQL("UPDATE community_match_link SET match_id = %s WHERE match_id = ANY(%s)", kept, gone)
            )
            self.env.cr.execute(SQL("DELETE FROM community_match WHERE id = ANY(%s)", gone))
