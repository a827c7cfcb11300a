from datetime import UTC, datetime, timedelta

from odoo import api, fields, models
from odoo.tools import SQL, format_date
from odoo.tools.misc import format_datetime

from .media import MEDIA_OF, OLDEST
from .quiet import LOUD, quiet_until, zone_of

#: persons looked at in one statement
PORTION = 1000
#: states of a mention that nobody has to answer any more
CLOSED = ("done", "ignored")


class CommunityTouch(models.Model):
    """Whether somebody may be contacted now: everything that is known of many persons, read in one statement."""

    _inherit = "community.touch"

    @api.model
    def _decide(self, requests):
        """Say who may be contacted now, without noting anything.

        :param requests: list of dicts with ``partner_id``, ``company_id``, ``medium``, and optionally ``purpose``
            (code; "news" when absent), ``moment`` (naive UTC, now when absent), ``own_question`` (answers what the
            person asked: never held), ``department_id``, ``source`` (model, id), ``text`` and ``campaign_id``
        :returns: for each a dict with ``allowed``, ``code`` (see ``media.REASONS``), ``reason`` (a sentence in the
            language of the reader), ``until`` (naive UTC or False) and ``touch_id`` (False)
        """
        return self._weigh(requests)[0]

    @api.model
    def _weigh(self, requests):
        """Return decisions as :meth:`_decide` does, and ``{company id: (judge, what is known of its persons)}``."""
        decisions = [None] * len(requests)
        companies, known = {}, {}
        for number, request in enumerate(requests):
            companies.setdefault(request["company_id"], []).append(number)
        for company_id, numbers in companies.items():
            rules = self.env["community.contact.policy"]._rules_of(company_id)
            judge, persons = known[company_id] = Judge(self.env, company_id, rules), {}
            for start in range(0, len(numbers), PORTION):
                portion = numbers[start : start + PORTION]
                wanted = {requests[number]["partner_id"] for number in portion} - persons.keys()
                persons.update(self._persons(company_id, rules, wanted))
            for number in numbers:
                decisions[number] = judge.decide(requests[number], persons.get(requests[number]["partner_id"]))
        return decisions, known

    @api.model
    def _persons(self, company_id, rules, partner_ids):
        """Return ``{contact id: what is known of the person}``, read in one statement.

        :param company_id: ``res.company``, or its id
        :param dict rules: of ``community.contact.policy._rules_of``
        :param partner_ids: of ``res.partner``
        """
        self.env.flush_all()
        company_id = int(company_id)
        now = fields.Datetime.now()
        columns = {
            "id": SQL("p.id"),
            "active": SQL("p.active"),
            "tz": SQL(
                """COALESCE(p.tz, (SELECT COALESCE(own.tz, calendar.tz)
                                     FROM res_company c JOIN res_partner own ON own.id = c.partner_id
                                     LEFT JOIN resource_calendar calendar ON calendar.id = c.resource_calendar_id
                                    WHERE c.id = %s))""",
                company_id,
            ),
            "not_now": SQL("p.community_not_now"),
            "consents": SQL(
                """(SELECT jsonb_agg(jsonb_build_array(c.purpose_id, c.medium, c.state) ORDER BY c.date, c.id)
                      FROM community_consent c WHERE c.partner_id = p.id AND c.company_id = %s)""",
                company_id,
            ),
            "no_email": SQL("EXISTS (SELECT FROM mail_blacklist b WHERE b.active AND b.email = p.email_normalized)"),
            "no_phone": SQL("EXISTS (SELECT FROM phone_blacklist b WHERE b.active AND b.number = p.phone_sanitized)"),
        }
        if rules:
            columns |= self._policy_columns(company_id, rules, now)
        rows = self.env.execute_query_dict(
            SQL(
                "SELECT %s FROM res_partner p WHERE p.id = ANY(%s)",
                SQL(", ").join(SQL("%s AS %s", sql, SQL.identifier(name)) for name, sql in columns.items()),
                list(partner_ids),
            )
        )
        return {row["id"]: row for row in rows}

    @api.model
    def _policy_columns(self, company_id, rules, now):
        """Return ``{name: SQL}`` of what only a policy in force asks for."""
        mentions = SQL(
            """community_mention m JOIN community_author a ON a.id = m.author_id
               WHERE a.partner_id = p.id AND m.company_id = %s AND m.outgoing IS NOT TRUE""",
            company_id,
        )
        columns = {
            "hold": SQL(
                """(SELECT jsonb_build_array(h.name, h.until) FROM community_hold h
                     WHERE h.active AND h.company_id = %(company)s AND h.scope <> 'publish' AND h.kind = 'manual'
                       AND (h.until IS NULL OR h.until > %(now)s)
                       AND (EXISTS (SELECT FROM community_hold_author_rel r
                                      JOIN community_author a ON a.id = r.author_id
                                     WHERE r.hold_id = h.id AND a.partner_id = p.id)
                            OR NOT EXISTS (SELECT FROM community_hold_author_rel r WHERE r.hold_id = h.id)
                           AND NOT EXISTS (SELECT FROM community_hold_reply_rel r WHERE r.hold_id = h.id)
                           AND NOT EXISTS (SELECT FROM community_hold_channel_rel r WHERE r.hold_id = h.id))
                     ORDER BY h.until DESC NULLS FIRST LIMIT 1)""",
                company=company_id,
                now=now,
            ),
        }
        if rules["limits"]:
            columns["entries"] = SQL(
                "(SELECT w.entries FROM community_touch_window w WHERE w.partner_id = p.id AND w.company_id = %s)",
                company_id,
            )
            columns["noted"] = SQL(
                """(SELECT jsonb_agg(jsonb_build_array(extract(epoch FROM t.moment), t.medium, t.purpose_id,
                                                       t.department_id))
                      FROM community_touch t
                     WHERE t.partner_id = p.id AND t.company_id = %s AND t.state = 'used' AND t.reserved IS NOT TRUE
                       AND t.moment > %s)""",
                company_id,
                now - timedelta(days=OLDEST),
            )
        if rules["ticket"]:
            columns["ticket"] = self._ticket_column(company_id)
        if rules["complaint"]:
            columns["complaint"] = SQL(
                """EXISTS (SELECT FROM %(mentions)s AND m.deleted_at IS NULL AND m.state NOT IN %(closed)s
                           AND EXISTS (SELECT FROM community_mention_intent_rel i
                                        WHERE i.mention_id = m.id AND i.intent_id = %(intent)s))
                OR EXISTS (SELECT FROM %(mentions)s
                           AND EXISTS (SELECT FROM community_feedback f WHERE f.id = m.feedback_id AND f.active
                                          AND f.kind = 'defect' AND f.decision = 'open'))""",
                mentions=mentions,
                closed=CLOSED,
                intent=self.env["ir.model.data"]._xmlid_to_res_id("community_manager.intent_complaint") or 0,
            )
        if rules["mention"]:
            columns["negative"] = SQL(
                """(SELECT max(m.published_at) FROM %s AND m.sentiment = 'negative' AND m.deleted_at IS NULL
                     AND m.is_namesake IS NOT TRUE AND m.published_at > %s)""",
                mentions,
                now - timedelta(days=rules["mention"]),
            )
        if rules["crisis"] != "none":
            spoke = SQL("EXISTS (SELECT FROM %s AND m.crisis_id = c.id)", mentions)
            columns["crisis"] = SQL(
                """(SELECT c.name FROM community_crisis c WHERE c.company_id = %s AND c.stage IN ('open', 'contained')
                     AND %s ORDER BY c.opened_at DESC LIMIT 1)""",
                company_id,
                SQL("TRUE") if rules["crisis"] == "all" else spoke,
            )
        return columns

    @api.model
    def _ticket_column(self, company_id):
        """Return the SQL that says whether a ticket of the person is open, wherever tickets are kept."""
        found = []
        for backend in self.env["community.ticket"]._backends().values():
            followup = self.env[backend]
            target = self.env[followup._target].sudo()
            link = SQL.identifier(followup._link_field())
            # what mentions of the person led to
            still_open = target._search(followup._open_domain()).subselect()
            found.append(
                SQL(
                    """EXISTS (SELECT FROM community_mention m JOIN community_author a ON a.id = m.author_id
                                WHERE a.partner_id = p.id AND m.company_id = %s AND m.%s IN %s)""",
                    company_id,
                    link,
                    still_open,
                )
            )
            if followup._target == "project.task":
                found.append(
                    SQL(
                        """EXISTS (SELECT FROM project_task t WHERE t.partner_id = p.id AND t.id IN %s AND t.project_id
                               = (SELECT c.community_ticket_project_id FROM res_company c WHERE c.id = %s))""",
                        still_open,
                        company_id,
                    )
                )
        return SQL("(%s)", SQL(" OR ").join(found))


class Judge:
    """Applies the policy of one company to what is known of persons."""

    def __init__(self, env, company_id, rules):
        self.env = env
        self.company_id = int(company_id)
        self.rules = rules
        self.purposes = env["community.purpose"]._by_code()

    def purpose_of(self, request):
        """Return the dict of the purpose of a request; one that is not known needs consent."""
        unknown = {"id": 0, "needs_consent": True, "always": False}
        return self.purposes.get(request.get("purpose") or "news") or unknown

    def decide(self, request, person):
        """Return the decision about one request, see :meth:`community.touch._decide`."""
        purpose = self.purpose_of(request)
        if request.get("own_question") or purpose["always"]:
            return said(True)
        now = request.get("moment") or fields.Datetime.now()
        return (
            self._refused(request, person, purpose, now)
            or (self.rules and self._held(request, person, purpose, now))
            or said(True)
        )

    def _refused(self, request, person, purpose, now):
        """Return the decision where the person cannot be reached or does not want it, with or without a policy."""
        _ = self.env._
        if not person or not person["active"]:
            return said(False, "dead", _("This contact is archived or gone."))
        medium = request["medium"]
        state = "unknown"
        for about, by, word in person["consents"] or ():
            if about in (None, purpose["id"]) and by in ("all", medium):
                state = word  # the newest comes last
        if state == "withdrawn":
            return said(False, "consent", _("They do not want this."))
        if medium == "email" and person["no_email"] or medium in ("sms", "call") and person["no_phone"]:
            return said(False, "consent", _("They are on the exclusion list."))
        not_now = person["not_now"]
        if not_now and not_now > now.date():
            day = format_date(self.env, not_now)
            until = datetime.combine(not_now, datetime.min.time())
            return said(False, "not_now", _("They asked to be left alone until %s.", day), until)
        if self.rules and self.rules["consent"] and purpose["needs_consent"] and state != "granted":
            reason = (
                _("They were asked and have not confirmed yet.") if state == "pending" else _("They have not agreed.")
            )
            return said(False, "consent", reason)
        return None

    def _held(self, request, person, purpose, now):
        """Return the decision where the policy holds something back, or None."""
        _ = self.env._
        if person.get("hold"):
            name, until = person["hold"]
            return said(False, "hold", name, datetime.fromisoformat(until) if until else False)
        if person.get("ticket"):
            return said(False, "ticket", _("A ticket of theirs is open."))
        if person.get("complaint"):
            return said(False, "complaint", _("A complaint of theirs is open."))
        if person.get("negative"):
            until = person["negative"] + timedelta(days=self.rules["mention"])
            if until > now:
                day = format_date(self.env, person["negative"])
                return said(False, "mention", _("They spoke badly of us on %s.", day), until)
        if person.get("crisis"):
            return said(False, "crisis", _("Crisis “%s” is open.", person["crisis"]))
        return self._over_limit(request, person, purpose, now) or self._in_quiet_hours(request, person, now)

    def limits_for(self, request, purpose):
        """Return the limits of the policy that a request is under."""
        return [
            limit
            for limit in (self.rules or {}).get("limits", ())
            if request["medium"] in MEDIA_OF[limit["media"]]
            and (not limit["purposes"] or purpose["id"] in limit["purposes"])
            and (not limit["department"] or limit["department"] == request.get("department_id"))
        ]

    def outside(self, limit, person, now):
        """Return the seconds of the touches that a limit counts and that were noted without a reservation."""
        since = seconds_of(now) - limit["seconds"]
        return [
            float(moment)
            for moment, medium, purpose, department in (person or {}).get("noted") or ()
            if float(moment) > since and _counts(limit, medium, purpose, department)
        ]

    def _over_limit(self, request, person, purpose, now):
        seconds = seconds_of(now)
        for limit in self.limits_for(request, purpose):
            since = seconds - limit["seconds"]
            inside = [
                entry["t"]
                for entry in person.get("entries") or ()
                if entry["t"] > since
                and (entry.get("x") is None or entry["x"] > seconds)
                and _counts(limit, entry["m"], entry.get("p"), entry.get("d"))
            ]
            found = sorted(inside + self.outside(limit, person, now))
            if len(found) >= limit["most"]:
                until = False
                if limit["most"]:
                    # when so many of them are out of the window that one more fits
                    until = _moment(found[len(found) - limit["most"]] + limit["seconds"])
                return said(False, "limit", self.limit_sentence(limit, len(found)), until)
        return None

    def limit_sentence(self, limit, count):
        """Return why a limit holds somebody back."""
        limits = self.env["community.contact.limit"]
        windows = dict(limits._fields["window"]._description_selection(self.env))
        window = windows[{86400: "day", 604800: "week"}.get(limit["seconds"], "month")]
        media = dict(limits._fields["media"]._description_selection(self.env))[limit["media"]]
        return self.env._(
            "%(count)s of at most %(most)s in %(window)s (%(media)s).",
            count=count,
            most=limit["most"],
            window=window,
            media=media,
        )

    def _in_quiet_hours(self, request, person, now):
        rules = self.rules
        if request["medium"] not in LOUD or rules["quiet"][0] == rules["quiet"][1] and not any(rules["quiet_days"]):
            return None
        zone = zone_of(person["tz"], UTC)
        until = quiet_until(now, zone, rules["quiet"], rules["quiet_days"])
        if not until:
            return None
        shown = format_datetime(self.env, until, tz=str(zone), dt_format="short")
        return said(False, "quiet", self.env._("Quiet hours where they are, until %s their time.", shown), until)


def _counts(limit, medium, purpose, department):
    """Return whether a limit counts a touch."""
    return (
        medium in MEDIA_OF[limit["media"]]
        and (not limit["purposes"] or purpose in limit["purposes"])
        and (not limit["department"] or department == limit["department"])
    )


def said(allowed, code="", reason="", until=False):
    """Return a decision."""
    return {"allowed": allowed, "code": code, "reason": reason, "until": until, "touch_id": False}


def seconds_of(moment):
    """Return a moment (naive UTC) as seconds since 1970."""
    return moment.replace(tzinfo=UTC).timestamp()


def _moment(seconds):
    return datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None, microsecond=0) + timedelta(seconds=1)
