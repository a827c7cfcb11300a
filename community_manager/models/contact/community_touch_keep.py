import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

_logger = logging.getLogger(__name__)

#: parameter that says up to when earlier touches were filled in
FILLED = "community_manager.touches_filled_until"
#: days back for which touches that were never sent are kept
KEEP_HELD = 400
#: meetings that end are noted for this long afterwards, so that one more run finds them
LOOK_BACK = timedelta(days=3)


class CommunityTouch(models.Model):
    """The scheduled work: what was said before is filled in once, meetings are noted as they end."""

    _inherit = "community.touch"

    @api.model
    def _cron_keep(self):
        """Fill in what was earlier, note meetings, end reservations, wake text messages; safe to run twice at once."""
        wake = self.env["sms.sms"]._community_wake
        for work in (self._fill_earlier, self._note_meetings, self._end_reservations, wake):
            if not self.env["ir.cron"]._commit_progress(work()):
                return

    @api.model
    def _end_reservations(self):
        """Say of reservations whose time is over that they were never sent; they count no more since then."""
        ended = self.env.execute_query(
            SQL(
                """UPDATE community_touch SET state = 'expired', expires_at = NULL, write_date = %(now)s
                    WHERE id IN (SELECT id FROM community_touch WHERE state = 'reserved' AND expires_at < %(now)s
                                  ORDER BY id LIMIT 10000 FOR UPDATE SKIP LOCKED)
                RETURNING id""",
                now=fields.Datetime.now(),
            )
        )
        self.invalidate_model()
        return len(ended)

    @api.model
    def _note_meetings(self, since=None):
        """Note the meetings with customers that have ended, as visits.

        :param datetime since: those that ended after this; three days ago when left out
        """
        now = fields.Datetime.now()
        self.env.flush_all()
        return self._insert_noted(
            SQL(
                """SELECT DISTINCT r.res_partner_id, COALESCE(u.company_id, %(company)s), 'visit',
                          e.stop, left(e.name, 200), 'calendar.event', e.id, e.user_id, FALSE
                     FROM calendar_event e
                     JOIN calendar_event_res_partner_rel r ON r.calendar_event_id = e.id
                     JOIN res_partner p ON p.id = r.res_partner_id AND p.partner_share
                LEFT JOIN res_users u ON u.id = e.user_id
                    WHERE e.active AND e.stop <= %(now)s AND e.stop > %(since)s
                      AND NOT EXISTS (SELECT FROM calendar_attendee a WHERE a.event_id = e.id
                                         AND a.partner_id = p.id AND a.state = 'declined')""",
                company=self.env.company.id,
                now=now,
                since=since or now - LOOK_BACK,
            )
        )

    @api.model
    def _insert_noted(self, select, purpose="service"):
        """Insert touches set-wise: contact, company, medium, moment, text, model, id, user, own question."""
        found = self.env.execute_query(
            SQL(
                """INSERT INTO community_touch (partner_id, company_id, medium, moment, text, source_model, source_id,
                          user_id, own_question, purpose_id, state, reserved, create_uid, create_date, write_uid,
                          write_date)
                   SELECT s.*, %(purpose)s, 'used', FALSE, %(uid)s, %(now)s, %(uid)s, %(now)s FROM (%(select)s) s
                   ON CONFLICT DO NOTHING RETURNING id""",
                select=select,
                purpose=self.env["community.purpose"]._by_code().get(purpose, {}).get("id"),
                uid=self.env.uid,
                now=fields.Datetime.now(),
            )
        )
        self.invalidate_model()
        return len(found)

    @api.model
    def _fill_earlier(self):
        """Fill in, once, what was said before touches were noted; return how many.

        Mailings and text messages come from their traces, answers from the outbox, calls from activities that are
        done, visits from the calendar.  Each is one statement, whatever its size.
        """
        parameters = self.env["ir.config_parameter"].sudo()
        if parameters.get_param(FILLED):
            return 0
        now = fields.Datetime.now()
        self.env.flush_all()
        # what was sent since the application is there was noted as it happened
        first = self.sudo().search([("reserved", "=", True)], order="id", limit=1)
        until = min(now, first.create_date or now)
        done = self._fill_mailings(until) + self._fill_answers() + self._fill_calls()
        done += self._note_meetings(since=now - timedelta(days=3650))
        parameters.set_param(FILLED, fields.Datetime.to_string(now))
        _logger.info("%s earlier touches filled in", done)
        return done

    @api.model
    def _fill_mailings(self, until):
        """Fill in mailings and text messages that were sent before a moment."""
        company = self.env.company.id
        owner = SQL(
            """COALESCE(CASE WHEN t.model = 'res.partner' THEN t.res_id END,
                        (SELECT min(o.id) FROM res_partner o WHERE o.active AND o.email_normalized = t.email),
                        (SELECT min(o.id) FROM res_partner o WHERE o.active AND o.phone_sanitized = t.sms_number))"""
        )
        return self._insert_noted(
            SQL(
                """SELECT p.id, COALESCE(p.company_id, u.company_id, %(company)s),
                          CASE t.trace_type WHEN 'sms' THEN 'sms' ELSE 'email' END, t.sent_datetime,
                          left(m.subject, 200), 'mailing.trace', t.id, m.user_id, FALSE
                     FROM mailing_trace t
                     JOIN mailing_mailing m ON m.id = t.mass_mailing_id
                LEFT JOIN res_users u ON u.id = m.user_id
                     JOIN res_partner p ON p.id = %(owner)s
                    WHERE t.trace_status IN ('pending', 'sent', 'open', 'reply') AND t.sent_datetime IS NOT NULL
                      AND t.sent_datetime < %(until)s AND t.is_test_trace IS NOT TRUE""",
                company=company,
                owner=owner,
                until=until,
            ),
            purpose="news",
        )

    @api.model
    def _fill_answers(self):
        return self._insert_noted(
            SQL(
                """SELECT a.partner_id, r.company_id, CASE r.way WHEN 'message' THEN 'message' ELSE 'social' END,
                          r.sent_at, left(r.text, 200), 'community.reply', r.id, r.user_id, TRUE
                     FROM community_reply r JOIN community_author a ON a.id = r.author_id
                    WHERE r.state = 'sent' AND r.way <> 'publish' AND a.partner_id IS NOT NULL
                      AND r.sent_at IS NOT NULL"""
            )
        )

    @api.model
    def _fill_calls(self):
        """Fill in calls that were made, of contacts themselves and of leads."""
        return self._insert_noted(
            SQL(
                """SELECT p.id, COALESCE(l.company_id, u.company_id, %s), 'call',
                          COALESCE(a.date_done, a.date_deadline)::timestamp, left(COALESCE(a.summary, ''), 200),
                          'mail.activity', a.id, a.user_id, FALSE
                     FROM mail_activity a
                     JOIN mail_activity_type k ON k.id = a.activity_type_id AND k.category = 'phonecall'
                LEFT JOIN res_users u ON u.id = a.user_id
                LEFT JOIN crm_lead l ON a.res_model = 'crm.lead' AND l.id = a.res_id
                     JOIN res_partner p ON p.partner_share
                      AND p.id = CASE a.res_model WHEN 'res.partner' THEN a.res_id ELSE l.partner_id END
                    WHERE a.active IS FALSE""",
                self.env.company.id,
            )
        )
