import json
import logging
import random
import time
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ..platform.cursors import inside_plain_test, is_concurrency_error, own_cursor
from .community_touch_decide import PORTION, said, seconds_of
from .media import MEDIA_OF, OLDEST
from .touch_text import clean

_logger = logging.getLogger(__name__)

#: how long something may be reserved before it is sent: a queue that stands still for a day gives everything back
RESERVED_FOR = timedelta(days=1)
#: attempts of a short transaction that meets others at the same person
MOST_TRIES = 40


class CommunityTouch(models.Model):
    """Reservations: what is about to be sent counts from the moment at which it was allowed, for everybody at once.

    Counting rows and adding one afterwards lets two workers past a limit, and so do locks, since a transaction reads
    the state from before it waited.  So all reservations of a person stand in one row, and one statement adds another
    only where the limits leave room.  It runs in a short transaction of its own, replayed when another worker was
    faster.
    """

    _inherit = "community.touch"

    @api.model
    def _reserve(self, requests):
        """Decide like :meth:`_decide`, and reserve what is allowed.

        What is reserved counts at once; it ends by :meth:`_use`, :meth:`_release` or by itself after a day.  What is
        held back is noted as held, with the reason.

        :returns: decisions with ``touch_id`` of the reservation, see :meth:`_decide`
        """
        decisions, known = self._weigh(requests)
        self._reserve_decided(requests, decisions, known)
        return decisions

    @api.model
    def _reserve_decided(self, requests, decisions, known, leave_out=()):
        """Reserve what was decided to be allowed and note what is held; ``decisions`` are changed.

        :param dict known: what :meth:`_weigh` returned beside the decisions
        :param leave_out: codes of what is held that is not noted
        """
        groups = {}
        for number, (request, decision) in enumerate(zip(requests, decisions, strict=True)):
            if decision["code"] in leave_out and not decision["allowed"]:
                continue
            judge, persons = known[request["company_id"]]
            purpose = judge.purpose_of(request)
            free = request.get("own_question") or purpose["always"] or not decision["allowed"]
            limits = [] if free else judge.limits_for(request, purpose)
            key = (judge.company_id, tuple(limit["id"] for limit in limits))
            groups.setdefault(key, (judge, persons, limits, []))[3].append((number, purpose["id"]))
        for judge, persons, limits, members in groups.values():
            for turn in _turns(members, requests):
                for start in range(0, len(turn), PORTION):
                    self._reserve_turn(judge, persons, limits, turn[start : start + PORTION], requests, decisions)

    @api.model
    def _reserve_turn(self, judge, persons, limits, members, requests, decisions):
        """Reserve for different persons of one company under the same limits, in one statement."""
        now = fields.Datetime.now()
        rows = []
        for number, purpose_id in members:
            request, decision = requests[number], decisions[number]
            moment = request.get("moment") or now
            outside = [len(judge.outside(limit, persons.get(request["partner_id"]), moment)) for limit in limits]
            source = request.get("source") or (None, None)
            rows.append(
                {
                    "n": number,
                    "partner": request["partner_id"],
                    "medium": request["medium"],
                    "purpose": purpose_id or None,
                    "department": request.get("department_id") or None,
                    "t": seconds_of(moment),
                    "own": bool(request.get("own_question")),
                    "model": source[0],
                    "source": source[1] or None,
                    "text": clean(request.get("text")),
                    "outside": outside,
                    "try": decision["allowed"],
                    "code": decision["code"] or None,
                    "reason": decision["reason"] or None,
                    "until": fields.Datetime.to_string(decision["until"]) if decision["until"] else None,
                }
            )
        rows.sort(key=lambda row: row["partner"])  # in the same order everywhere, so that nobody waits in a circle
        lost = judge.limit_sentence(limits[0], limits[0]["most"]) if limits else ""
        query = self._reserve_query(judge.company_id, limits, rows, lost, now)
        found = self._shortly(query)
        for touch_id, number, state in found:
            if state == "reserved":
                decisions[number]["touch_id"] = touch_id
            elif decisions[number]["allowed"]:  # somebody else was faster
                decisions[number].update(said(False, "limit", lost))

    @api.model
    def _reserve_query(self, company_id, limits, rows, lost, now):
        """Return the statement that reserves where the limits leave room, and notes all as touches.

        It returns (touch, number of the request, state) for each.
        """
        seconds = seconds_of(now)
        room = [
            SQL(
                """(SELECT count(*) FROM jsonb_to_recordset(w.entries) AS e(t float8, m text, p int, d int, x float8)
                     WHERE e.t > %(since)s AND (e.x IS NULL OR e.x > %(now)s) AND e.m = ANY(%(media)s)
                       AND %(purposes)s AND %(department)s)
                   + (EXCLUDED.outside ->> %(index)s)::int < %(most)s""",
                since=seconds - limit["seconds"],
                now=seconds,
                media=list(MEDIA_OF[limit["media"]]),
                purposes=SQL("e.p = ANY(%s)", limit["purposes"]) if limit["purposes"] else SQL("TRUE"),
                department=SQL("e.d = %s", limit["department"]) if limit["department"] else SQL("TRUE"),
                index=index,
                most=limit["most"],
            )
            for index, limit in enumerate(limits)
        ]
        return SQL(
            """WITH wanted AS (
                   SELECT * FROM jsonb_to_recordset(%(rows)s::jsonb) AS r(
                       n int, partner int, medium text, purpose int, department int, t float8, own bool, model text,
                       source int, text text, outside jsonb, "try" bool, code text, reason text, until timestamp)
               ), won AS (
                   INSERT INTO community_touch_window AS w
                          (partner_id, company_id, entries, outside, create_date, write_date)
                   SELECT partner, %(company)s,
                          jsonb_build_array(jsonb_build_object(
                              'i', nextval('community_touch_id_seq'), 't', t, 'm', medium, 'p', purpose,
                              'd', department, 'x', %(expires)s)),
                          outside, %(moment)s, %(moment)s
                     FROM wanted WHERE "try" ORDER BY partner
                   ON CONFLICT (partner_id, company_id) DO UPDATE
                      SET entries = (SELECT COALESCE(jsonb_agg(e), '[]') FROM jsonb_array_elements(w.entries) e
                                      WHERE (e ->> 't')::float8 > %(oldest)s
                                        AND COALESCE((e ->> 'x')::float8 > %(seconds)s, TRUE)) || EXCLUDED.entries,
                          outside = EXCLUDED.outside, write_date = %(moment)s
                    WHERE %(room)s
                   RETURNING partner_id, (entries -> -1 ->> 'i')::int AS touch
               )
               INSERT INTO community_touch (id, partner_id, company_id, medium, purpose_id, department_id, state, code,
                           reason, until, text, moment, expires_at, own_question, reserved, source_model, source_id,
                           user_id, create_uid, create_date, write_uid, write_date)
               SELECT COALESCE(won.touch, nextval('community_touch_id_seq')), partner, %(company)s, medium, purpose,
                      department, CASE WHEN won.touch IS NULL THEN 'held' ELSE 'reserved' END,
                      CASE WHEN "try" THEN CASE WHEN won.touch IS NULL THEN 'limit' END ELSE code END,
                      CASE WHEN "try" THEN CASE WHEN won.touch IS NULL THEN %(lost)s END ELSE reason END,
                      until, text, to_timestamp(t) AT TIME ZONE 'UTC',
                      CASE WHEN won.touch IS NOT NULL THEN %(expires_at)s END, own, won.touch IS NOT NULL, model,
                      source, %(uid)s, %(uid)s, %(moment)s, %(uid)s, %(moment)s
                 FROM wanted LEFT JOIN won ON won.partner_id = wanted.partner AND "try"
               RETURNING id, (SELECT n FROM wanted w WHERE w.partner = partner_id), state""",
            rows=json.dumps(rows),
            company=company_id,
            expires=seconds + RESERVED_FOR.total_seconds(),
            expires_at=now + RESERVED_FOR,
            oldest=seconds - OLDEST * 86400,
            seconds=seconds,
            moment=now,
            room=SQL(" AND ").join(room) if room else SQL("TRUE"),
            lost=lost,
            uid=self.env.uid,
        )

    @api.model
    def _shortly(self, query):
        """Run one statement in a transaction of its own, again when another worker was faster; return its rows.

        In a plain test the caller's cursor stands in, and nobody else is there.
        """
        for attempt in range(MOST_TRIES):
            try:
                with own_cursor(self.env) as cr:
                    cr.execute(query, log_exceptions=False)
                    rows = cr.fetchall()
                self.invalidate_model()
                return rows
            except Exception as error:
                if inside_plain_test() or not is_concurrency_error(error) or attempt == MOST_TRIES - 1:
                    raise
                time.sleep(random.uniform(0.001, 0.004) * (attempt + 1))  # noqa: B311 - no secret
        raise AssertionError("unreachable")

    @api.model
    def _use(self, touch_ids):
        """Note that what was reserved is sent now; what has ended meanwhile, or was used already, is left alone.

        :param touch_ids: of reservations
        :returns: set of those that are used now, or were used already: what may be sent
        """
        now = fields.Datetime.now()
        ids = [touch_id for touch_id in touch_ids if touch_id]
        if not ids:
            return set()
        query = SQL(
            """WITH used AS (
                   UPDATE community_touch SET state = 'used', moment = %(now)s, expires_at = NULL, write_date = %(now)s
                    WHERE id = ANY(%(ids)s) AND state = 'reserved' AND expires_at > %(now)s
                RETURNING id, partner_id, company_id
               ), counted AS (
                   UPDATE community_touch_window w
                      SET entries = (SELECT jsonb_agg(CASE WHEN (e ->> 'i')::int = ANY(u.ids)
                                             THEN e || jsonb_build_object('x', NULL, 't', %(seconds)s) ELSE e END)
                                       FROM jsonb_array_elements(w.entries) e)
                     FROM (SELECT partner_id, company_id, array_agg(id) AS ids FROM used GROUP BY 1, 2) u
                    WHERE w.partner_id = u.partner_id AND w.company_id = u.company_id
                RETURNING 1
               )
               SELECT id FROM used
               UNION SELECT id FROM community_touch WHERE id = ANY(%(ids)s) AND state = 'used'""",
            now=now,
            seconds=seconds_of(now),
            ids=sorted(ids),
        )
        return {row[0] for row in self._shortly(query)}

    @api.model
    def _release(self, touch_ids, state="released"):
        """Give reservations back, also those that were used although nothing went out.

        :param touch_ids: of reservations
        """
        ids = [touch_id for touch_id in touch_ids if touch_id]
        if not ids:
            return
        self._shortly(
            SQL(
                """WITH gone AS (
                       UPDATE community_touch
                          SET state = %(state)s, expires_at = NULL, write_date = %(now)s
                        WHERE id = ANY(%(ids)s) AND reserved AND state IN ('reserved', 'used')
                    RETURNING id, partner_id, company_id
                   ), counted AS (
                       UPDATE community_touch_window w
                          SET entries = (SELECT COALESCE(jsonb_agg(e), '[]') FROM jsonb_array_elements(w.entries) e
                                          WHERE (e ->> 'i')::int <> ALL(g.ids))
                         FROM (SELECT partner_id, company_id, array_agg(id) AS ids FROM gone GROUP BY 1, 2) g
                        WHERE w.partner_id = g.partner_id AND w.company_id = g.company_id
                    RETURNING 1
                   )
                   SELECT id FROM gone""",
                state=state,
                now=fields.Datetime.now(),
                ids=sorted(ids),
            )
        )


def _turns(members, requests):
    """Return requests in turns, so that each person stands once in a turn: one statement changes a row once."""
    turns, seen = [], {}
    for member in members:
        person = requests[member[0]]["partner_id"]
        turn = seen.get(person, 0)
        seen[person] = turn + 1
        if turn == len(turns):
            turns.append([])
        turns[turn].append(member)
    return turns
