from odoo import api, fields, models
from odoo.tools import SQL

from ..platform.cursors import is_concurrency_error

#: contacts that are worked out in one statement, after a change and by night
CHANGED = 2000
NIGHTLY = 20_000
#: where the nightly pass stands
POSITION = "community_manager.lifecycle_position"


class CommunityLifecycle(models.Model):
    """Stages are kept up to date set-wise: soon after a change, and all of them by night."""

    _inherit = "community.lifecycle"

    @api.model
    def _stale_of(self, partner_ids):
        """Return those of some contacts of whom, or of whose company, something changed that is not worked out yet."""
        if not partner_ids:
            return []
        rows = self.env.execute_query(
            SQL(
                "SELECT p.id FROM res_partner p JOIN res_partner f ON f.commercial_partner_id = p.commercial_partner_id"
                " JOIN community_person_stale s ON s.kind = 'lifecycle' AND s.partner_id = f.id"
                " WHERE p.id = ANY(%s) GROUP BY 1",
                list(partner_ids),
            )
        )
        return [partner_id for (partner_id,) in rows]

    @api.model
    def _refresh(self, partner_ids):
        """Work out the stages and steps of some contacts, and of all who belong to the same companies.

        One statement: it writes what differs and nothing else.
        """
        ids = sorted({partner_id for partner_id in partner_ids if partner_id})
        if not ids:
            return
        self._flush_sources()
        self.flush_model()
        self.env["community.lifecycle.step"].flush_model()
        now = fields.Datetime.now()
        user = self.env.uid
        self.env.cr.execute(
            SQL(
                """
                WITH %s,
                no_steps AS (
                    DELETE FROM community_lifecycle_step d USING people p
                    WHERE d.partner_id = p.id AND d.reason != 'manual' AND NOT EXISTS (
                        SELECT FROM steps s
                        WHERE s.partner_id = d.partner_id AND s.company_id = d.company_id AND s.stage = d.stage
                    )
                ),
                new_steps AS (
                    INSERT INTO community_lifecycle_step AS d (partner_id, company_id, stage, date, reason, through_id,
                        days, create_uid, create_date, write_uid, write_date)
                    SELECT partner_id, company_id, stage, moment, reason, through_id,
                        CASE WHEN days >= 0 THEN days END, %s, %s, %s, %s FROM steps
                    ON CONFLICT (partner_id, company_id, stage) WHERE reason != 'manual' DO UPDATE
                    SET date = excluded.date, reason = excluded.reason, through_id = excluded.through_id,
                        days = excluded.days, write_date = excluded.write_date
                    WHERE (d.date, d.reason, d.through_id, d.days)
                        IS DISTINCT FROM (excluded.date, excluded.reason, excluded.through_id, excluded.days)
                ),
                no_stages AS (
                    DELETE FROM community_lifecycle d USING people p
                    WHERE d.partner_id = p.id AND d.manual_stage IS NULL AND NOT EXISTS (
                        SELECT FROM stages s WHERE s.partner_id = d.partner_id AND s.company_id = d.company_id
                    )
                ),
                only_by_hand AS (
                    UPDATE community_lifecycle d SET reckoned_stage = NULL, through_id = NULL FROM people p
                    WHERE d.partner_id = p.id AND d.manual_stage IS NOT NULL AND d.reckoned_stage IS NOT NULL
                    AND NOT EXISTS (
                        SELECT FROM stages s WHERE s.partner_id = d.partner_id AND s.company_id = d.company_id
                    )
                )
                INSERT INTO community_lifecycle AS d (partner_id, company_id, stage, reckoned_stage, since, through_id,
                    create_uid, create_date, write_uid, write_date)
                SELECT partner_id, company_id, stage, stage, since, through_id, %s, %s, %s, %s FROM stages
                ON CONFLICT (partner_id, company_id) DO UPDATE
                SET reckoned_stage = excluded.reckoned_stage, through_id = excluded.through_id,
                    stage = coalesce(d.manual_stage, excluded.stage),
                    since = CASE WHEN d.manual_stage IS NULL THEN excluded.since ELSE d.since END,
                    write_date = excluded.write_date
                WHERE (d.reckoned_stage, d.through_id, d.stage, d.since) IS DISTINCT FROM (excluded.reckoned_stage,
                    excluded.through_id, coalesce(d.manual_stage, excluded.stage),
                    CASE WHEN d.manual_stage IS NULL THEN excluded.since ELSE d.since END)
                """,
                self._reckoned(ids), user, now, user, now, user, now, user, now,
            )
        )  # fmt: skip
        self.invalidate_model()
        self.env["community.lifecycle.step"].invalidate_model()
        self.env["res.partner"].invalidate_model(["community_lifecycle", "community_lifecycle_ids"])

    @api.model
    def _refresh_stale(self):
        """Work out whom something changed of; return how many were taken up."""
        ids = self.env["community.person.stale"]._take("lifecycle", CHANGED)
        self._refresh(ids)
        return len(ids)

    @api.model
    def _refresh_next(self):
        """Work out the next contacts of the nightly pass; return how many there were."""
        parameters = self.env["ir.config_parameter"].sudo()
        last = int(parameters.get_param(POSITION, 0))
        # companies only: whoever belongs to one is worked out with it
        firms = self.env.execute_query(
            SQL(
                "SELECT id FROM res_partner WHERE id > %s AND id = commercial_partner_id ORDER BY id LIMIT %s",
                last,
                NIGHTLY,
            )
        )
        ids = [partner_id for (partner_id,) in firms]
        parameters.set_param(POSITION, ids[-1] if ids else 0)
        self._refresh(ids)
        return len(ids)

    @api.model
    def _cron_refresh(self):
        """Work out what changed, until nothing is left or the time is used up."""
        self._work(self._refresh_stale)

    @api.model
    def _cron_refresh_all(self):
        """Work out everybody, from where the last run stopped."""
        self._work(self._refresh_next)

    @api.model
    def _work(self, take):
        progress = self.env["ir.cron"]._commit_progress
        left = progress(0)
        while left:
            try:
                done = take()
            except Exception as error:
                if not is_concurrency_error(error):
                    raise
                self.env.cr.rollback()  # another worker was quicker with one of them
                left = progress(0)
                continue
            left = progress(done, remaining=int(bool(done)))
            if not done:
                break
