from collections import Counter, defaultdict
from contextlib import contextmanager
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL, ormcache

from ..platform.cursors import inside_plain_test

#: first key of the advisory lock under which mentions are given by load; the second is the company
LOAD_CLASS = 0x6C6F6164  # "load"
#: minutes after which somebody who has not been heard of is not online, whatever was noted
HEARD = 5
#: seconds for which it is remembered who is there and what they know; what people say of themselves in the preferences
#: counts at once
REMEMBERED = 30
#: states in which a mention is work for somebody
OPEN = ("new", "open", "waiting")


@contextmanager
def counting_cursor(env):
    """Yield a cursor for one short transaction in which counters are read as they are now and changed for all.

    It reads what others have committed by the time of each statement, so two workers that count at once wait for each
    other instead of failing.  Where the tables were not committed yet, while modules are installed, and inside a plain
    test it is the caller's own cursor.
    """
    if inside_plain_test() or not env.registry.ready:
        env.flush_all()
        yield env.cr
        return
    with env.registry.cursor() as cr:
        if type(cr).__name__ == "Cursor":  # a cursor of a test cannot change how it reads
            cr.execute(SQL("SET TRANSACTION ISOLATION LEVEL READ COMMITTED"))
            # a counter that a crash of the machine takes back is no harm, waiting for the disk on each page would be
            cr.execute(SQL("SET LOCAL synchronous_commit TO off"))
        yield cr


class CommunityRuleAction(models.Model):
    """Who is given a mention: in turn, by load, by language, by presence.

    Somebody who is archived, on leave or out of office is passed over.
    """

    _inherit = "community.rule.action"

    def _choose(self, wanted):
        """Return the id of somebody for each of some mentions, 0 where nobody is there.

        :param wanted: list of (department id or 0, language or "", ids of topics)
        """
        self.ensure_one()
        groups = defaultdict(list)
        for place, (department_id, _language, _topics) in enumerate(wanted):
            groups[0 if self.user_ids else department_id].append(place)
        chosen = [0] * len(wanted)
        for department_id, places in groups.items():
            users = self.env["res.users"].sudo().browse(self._candidates(department_id, _moment()))
            if users:
                picked = getattr(self, f"_choose_{self.kind}")(users, [wanted[place] for place in places])
                for place, user_id in zip(places, picked, strict=True):
                    chosen[place] = user_id
        return chosen

    @ormcache("self.id", "department_id", "moment")
    def _candidates(self, department_id, moment):
        """Return the ids of those who may be given a mention of a department, and are there.

        :param moment: a number that changes when what is remembered no longer counts
        """
        users = self.user_ids
        if not users and department_id:
            users = self.env["community.department"].browse(department_id).member_ids
        if not users:
            agents = self.env.ref("community_manager.group_agent").all_user_ids
            users = agents.filtered(lambda user: not user.share and self.company_id in user.company_ids)
        return tuple(users._community_available().sorted("id").ids)

    def _choose_assign_turn(self, users, wanted):
        # one atomic statement, so that two workers never begin at the same place
        with counting_cursor(self.env) as cr:
            cr.execute(
                SQL(
                    "UPDATE community_rule_action SET turn = coalesce(turn, 0) + %s WHERE id = %s RETURNING turn",
                    len(wanted),
                    self.id,
                )
            )
            row = cr.fetchone()
        self.invalidate_recordset(["turn"], flush=False)
        first = (row[0] if row else len(wanted)) - len(wanted)
        return [users.ids[(first + place) % len(users)] for place in range(len(wanted))]

    def _choose_assign_load(self, users, wanted):
        return self._by_load([users.ids] * len(wanted))

    def _choose_assign_present(self, users, wanted):
        since = fields.Datetime.now() - timedelta(minutes=HEARD)
        online = (
            self.env["mail.presence"]
            .sudo()
            .search([("user_id", "in", users.ids), ("status", "=", "online"), ("last_poll", ">=", since)])
        )
        return self._by_load([online.user_id.ids] * len(wanted))

    def _choose_assign_language(self, users, wanted):
        known, fitting = self._known_by(users._ids, _moment()), []
        for _department, language, about in wanted:
            fit = [user_id for user_id in users.ids if not language or language in known[user_id][0]]
            # whoever knows the topic comes first, where somebody does
            fitting.append([user_id for user_id in fit if not known[user_id][1].isdisjoint(about)] or fit)
        return self._by_load(fitting)

    @api.model
    @ormcache("user_ids", "moment")
    def _known_by(self, user_ids, moment):
        """Return ``{user id: (codes of languages, ids of topics)}`` of what people answer in and know.

        :param moment: as of :meth:`_candidates`
        """
        users = self.env["res.users"].sudo().browse(user_ids)
        return {user.id: (user._community_language_codes(), frozenset(user.community_topic_ids.ids)) for user in users}

    def _by_load(self, fitting):
        """Return for each mention who of those that fit has the least open work, what is given here included.

        :param fitting: ids of users for each mention
        """
        everybody = sorted({user_id for ids in fitting for user_id in ids})
        if not everybody:
            return [0] * len(fitting)
        # Others that give by load in this company wait until this transaction ends, and then count what it gave.
        self.env.cr.execute(SQL("SELECT pg_advisory_xact_lock(%s, %s)", LOAD_CLASS, self.company_id.id))
        self.env["community.mention"].flush_model(["user_id", "state", "company_id"])
        count = SQL(
            "SELECT user_id, count(*) FROM community_mention"
            " WHERE user_id = ANY(%s) AND company_id = %s AND state = ANY(%s) GROUP BY user_id",
            everybody,
            self.company_id.id,
            list(OPEN),
        )
        with counting_cursor(self.env) as cr:  # the snapshot of this transaction may be older than the lock
            cr.execute(count)
            load = Counter(dict(cr.fetchall()))
            given = Counter() if cr is self.env.cr else self._given()
        chosen = []
        for ids in fitting:
            user_id = min(ids, key=lambda number: (load[number] + given[self.company_id.id, number], number), default=0)
            if user_id:
                given[self.company_id.id, user_id] += 1
            chosen.append(user_id)
        return chosen

    @api.model
    def _given(self):
        """Return what was given in this transaction and nobody else can count yet: {(company id, user id): number}."""
        cr = self.env.cr
        given = cr.cache.get("community_given")
        if given is None:
            given = cr.cache["community_given"] = Counter()
        if not given:
            cr.postcommit.add(given.clear)
            cr.postrollback.add(given.clear)
        return given


def _moment():
    """Return a number that changes when what is remembered of people no longer counts."""
    return int(fields.Datetime.now().timestamp()) // REMEMBERED
