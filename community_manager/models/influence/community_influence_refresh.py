import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ...analysis.influence import QUARREL, WEIGHTS, Graph, decayed, measure, strongest
from ...analysis.later import numpy as np
from ...analysis.layout import layout
from ..platform.cursors import is_concurrency_error
from . import arrays
from .community_influence import FEELS

_logger = logging.getLogger(__name__)

#: people of whom the picture is made: those who are heard most, with their ties
DRAWN = 2000
#: days in which "usual" takes half a step towards the score
USUAL_HALF = 30
#: when scheduled work comes again that met another worker
AGAIN = timedelta(minutes=10)
#: people whom the explanation can name
NAMED = 3
#: first key of the advisory lock that keeps two workers from reckoning one company; the second is its id
CLAIM_CLASS = 0x68656172  # "hear" in ASCII

PEOPLE = {
    "id": "int",
    "followers": "int",
    "said": "float",
    "quiet_days": "float",
    "relevance": "float",
    "feeling": "float",
    "usual": "float",
    "has_row": "bool",
    "contact": "bool",
    "bot": "bool",
    "ours": "bool",
    "x": "float",
    "y": "float",
}
TIES = {"source": "int", "target": "int", "weight": "float", "tone": "float", "quiet_days": "float"}
STORED = {
    "author_id": "int",
    "score": "float",
    "place": "int",
    "usual": "float",
    "change": "float",
    "standing": "float",
    "heard_by": "int",
    "followers": "int",
    "reach": "float",
    "activity": "float",
    "circle": "int",
    "leader_id": "int",
    "connects": "int",
    "known": "bool",
    "attitude": "int",
    "x": "float",
    "y": "float",
    "drawn": "bool",
    **{f"named_{number}": "int" for number in range(NAMED)},
    **{f"points_{name}": "float" for name in WEIGHTS},
}
#: columns that are written as they are
PLAIN = "score place usual change standing heard_by followers reach activity circle connects known x y drawn".split()


class CommunityInfluenceRefresh(models.AbstractModel):
    """Reckons who is heard: ties and people are read as arrays, measured in one pass, stored in one statement.

    What the figures are stands with :func:`~...analysis.influence.measure`.  Trusted is who is a contact of ours or was
    answered by us: attention begins there.  Our own accounts and automated ones have no part in it.
    """

    _name = "community.influence.refresh"
    _description = "Reckoning of Influence"

    @api.model
    def _cron_refresh(self):
        """Renew the ties of whom something changed, then reckon, company by company."""
        progress = self.env["ir.cron"]._commit_progress
        left, again = progress(0), False
        for company in self.env["res.company"].search([]):
            if not left:
                return
            try:
                left = self._refresh_company(company, progress)
            except Exception as error:
                met = is_concurrency_error(error)
                if self.env["community.ingest"]._is_infrastructure(error) and not met:
                    raise
                # what one company provokes must not stop the others; whoever meets another worker comes again
                self.env.cr.rollback()
                if not met:
                    _logger.exception("company %s: who is heard could not be reckoned", company.id)
                again = again or met
                left = progress(0, remaining=0)  # or the same run would meet it again and again
        if again:
            self.env.ref("community_manager.cron_influence_refresh")._trigger(fields.Datetime.now() + AGAIN)

    @api.model
    def _refresh_company(self, company, progress):
        """Do the scheduled work of one company, in transactions of their own.

        :param progress: commits, and returns the seconds that are left
        :returns: the seconds that are left
        """
        self.env["community.tie.refresh"]._collect(company)
        left = progress(1, remaining=1)
        while left and (done := self.env["community.tie.refresh"]._renew_next(company)):
            left = progress(done, remaining=1)
        if left:
            self._reckon(company)
            left = progress(1)
        return left

    @api.model
    def _refresh_now(self, company=None):
        """Do all of it within this transaction, as demo data does while it is installed."""
        for one in company or self.env["res.company"].search([]):
            self.env["community.tie.refresh"]._collect(one)
            while self.env["community.tie.refresh"]._renew_next(one):
                pass
            self._reckon(one)

    @api.model
    def _reckon(self, company):
        """Reckon the figures of a company anew; doing it twice changes nothing.

        :returns: False when another worker is at it
        """
        # SQL: an advisory lock keeps two workers apart; it ends with the transaction
        ((mine,),) = self.env.execute_query(SQL("SELECT pg_try_advisory_xact_lock(%s, %s)", CLAIM_CLASS, company.id))
        if not mine:
            return False
        people, ties = self._load(company)
        state = self.env["community.tie.refresh"]._state(company)
        now = fields.Datetime.now()
        since = state.reckoned_at
        days = (now - since).total_seconds() / 86400 if since else None
        found, graph, measures = self._measure(people, ties, company.community_tie_half_life)
        rows = self._rows(people, found, graph, measures, days)
        self._store(company, rows)
        state.write(
            {
                "reckoned_at": now,
                "people": len(found),
                "ties": len(graph.source),
                "guarded": measures.guarded,
            }
        )
        self.env["community.influence"].invalidate_model(flush=False)
        return True

    # -- reading -----------------------------------------------------------------------------------------------------

    @api.model
    def _load(self, company):
        """Return the people and the ties of a company, each as ``{column: array}``."""
        for name in ("community.author", "community.tie", "community.influence", "community.mention"):
            self.env[name].flush_model()
        now = fields.Datetime.now()
        people = arrays.fetch(
            self.env.cr,
            SQL(
                """
                SELECT author.id, COALESCE(author.followers, 0), COALESCE(known.said, 0)::float8,
                       COALESCE(extract(epoch FROM %(now)s - known.last_at) / 86400, 0)::float8,
                       COALESCE(known.relevance, 0)::float8, COALESCE(known.feeling, 'NaN')::float8,
                       COALESCE(known.usual, 'NaN')::float8, known.id IS NOT NULL, author.partner_id IS NOT NULL,
                       COALESCE(author.bot, false),
                       EXISTS (SELECT FROM community_mention ours WHERE ours.author_id = author.id AND ours.outgoing)
                       OR EXISTS (SELECT FROM community_channel channel
                                   WHERE channel.company_id = author.company_id AND channel.network = author.network
                                     AND channel.account_id = author.external_id),
                       CASE WHEN known.drawn THEN known.x ELSE 'NaN' END::float8,
                       CASE WHEN known.drawn THEN known.y ELSE 'NaN' END::float8
                  FROM community_author author
             LEFT JOIN community_influence known ON known.author_id = author.id
                 WHERE author.company_id = %(company)s
              ORDER BY author.id
                """,
                now=now,
                company=company.id,
            ),
            PEOPLE,
        )
        ties = arrays.fetch(
            self.env.cr,
            SQL(
                "SELECT source_id, target_id, weight::float8, COALESCE(tone, 0)::float8,"
                " (extract(epoch FROM %(now)s - last_at) / 86400)::float8"
                " FROM community_tie WHERE company_id = %(company)s",
                now=now,
                company=company.id,
            ),
            TIES,
        )
        return people, ties

    # -- reckoning ---------------------------------------------------------------------------------------------------

    @api.model
    def _measure(self, people, ties, half_life):
        """Return which people take part (places in ``people``), their :class:`Graph` and its :class:`Measures`."""
        ids = people["id"]
        source, target = np.searchsorted(ids, ties["source"]), np.searchsorted(ids, ties["target"])
        weight = decayed(ties["weight"], ties["quiet_days"], half_life)
        outside = people["ours"] | people["bot"]
        trust = people["contact"].astype(float)
        trust[target[people["ours"][source]]] += 1.0
        tied = np.zeros(len(ids), dtype=bool)
        tied[source], tied[target] = True, True
        part = ~outside & (tied | (people["said"] > 0) | people["has_row"])
        found = np.flatnonzero(part)
        number = np.full(len(ids), -1)
        number[found] = np.arange(len(found))
        inner = part[source] & part[target]
        # old people rank before new ones of equal score, so places stay
        graph = Graph(
            size=len(found),
            source=number[source[inner]],
            target=number[target[inner]],
            weight=weight[inner],
            tone=ties["tone"][inner],
            trust=np.minimum(trust[found], 2.0),
            followers=people["followers"][found],
            said=decayed(people["said"], people["quiet_days"], half_life)[found],
            relevance=people["relevance"][found],
        )
        return found, graph, measure(graph)

    @api.model
    def _rows(self, people, found, graph, measures, days):
        """Return what is stored of each person, as ``{column: array}``.

        :param days: since the last time, None for the first
        """
        ids = people["id"][found]
        score = np.round(measures.score, 1)
        usual = people["usual"][found]
        if days is None:
            usual = score
        else:
            usual = np.where(np.isnan(usual), 0.0, usual)
            usual = np.round(usual + (score - usual) * (1 - 2 ** (-days / USUAL_HALF)), 2)
        feeling = people["feeling"][found]
        felt = ~np.isnan(feeling)
        attitude = np.where(felt, np.where(feeling > FEELS, 3, np.where(feeling < -FEELS, 1, 2)), 0)
        value = graph.weight * (0.01 + measures.score[graph.source]) * (graph.tone >= QUARREL)
        best = strongest(graph.source, graph.target, value, graph.size, NAMED * 2)
        named = self._named(best, graph.source, ids)
        drawn, x, y = self._draw(people, found, graph, measures)
        return {
            "author_id": ids,
            "score": score,
            "place": measures.place,
            "usual": usual,
            "change": np.round(score - usual, 1),
            "standing": np.round(100 * measures.rank, 4),
            "heard_by": measures.heard_by,
            "followers": graph.followers,
            "reach": np.round(measures.reach, 1),
            "activity": np.round(graph.said, 1),
            "circle": measures.circle,
            "leader_id": _leaders(measures, ids),
            "connects": measures.connects,
            "known": graph.trust > 0,
            "attitude": attitude,
            "x": x,
            "y": y,
            "drawn": drawn,
            **{f"named_{number}": named[:, number] for number in range(NAMED)},
            **{f"points_{name}": np.round(weight * measures.parts[name], 1) for name, weight in WEIGHTS.items()},
        }

    @api.model
    def _named(self, best, source, ids):
        """Return who is named in each explanation: different people, the strongest ties first, 0 for nobody.

        Two kinds of tie come from one person, so twice as many ties are looked at.
        """
        who = np.where(best >= 0, ids[source[best]] if len(source) else 0, 0)
        named = np.zeros((len(who), NAMED), dtype=np.int64)
        filled = np.zeros(len(who), dtype=np.int64)
        for column in range(who.shape[1]):
            one = who[:, column]
            new = (one > 0) & (filled < NAMED) & ~(named == one[:, None]).any(axis=1)
            named[np.flatnonzero(new), filled[new]] = one[new]
            filled[new] += 1
        return named

    @api.model
    def _draw(self, people, found, graph, measures):
        """Return who is in the picture and where, as three arrays."""
        tied = np.zeros(graph.size, dtype=bool)
        tied[graph.source], tied[graph.target] = True, True
        core = np.flatnonzero(tied & (measures.place <= np.sort(measures.place[tied])[:DRAWN].max(initial=0)))
        drawn = np.zeros(graph.size, dtype=bool)
        drawn[core] = True
        x, y = np.zeros(graph.size), np.zeros(graph.size)
        if len(core):
            number = np.full(graph.size, -1)
            number[core] = np.arange(len(core))
            inner = drawn[graph.source] & drawn[graph.target]
            before = np.stack([people["x"][found][core], people["y"][found][core]], axis=1)
            places = layout(
                number[graph.source[inner]],
                number[graph.target[inner]],
                graph.weight[inner],
                len(core),
                measures.circle[core],
                before,
            )
            x[core], y[core] = np.round(places[:, 0], 4), np.round(places[:, 1], 4)
        return drawn, x, y

    # -- storing -----------------------------------------------------------------------------------------------------

    @api.model
    def _store(self, company, rows):
        """Store figures; rows that stay as they are are not written, those of nobody any more go."""
        arrays.send(self.env.cr, "community_influence_fresh", STORED, rows)
        names = [*PLAIN, "leader_id", "attitude", "reasons", "parts"]
        # SQL: a hundred thousand rows in one statement, in the time the ORM takes for some hundred
        self.env.cr.execute(
            SQL(
                """
                WITH gone AS (
                    DELETE FROM community_influence old WHERE old.company_id = %(company)s
                       AND NOT EXISTS (SELECT FROM community_influence_fresh fresh
                                        WHERE fresh.author_id = old.author_id)
                )
                INSERT INTO community_influence AS old (company_id, author_id, network, %(columns)s)
                SELECT %(company)s, fresh.author_id, author.network, %(plain)s, NULLIF(fresh.leader_id, 0),
                       (ARRAY['negative', 'neutral', 'positive'])[NULLIF(fresh.attitude, 0)],
                       CASE WHEN fresh.named_0 > 0 THEN jsonb_build_object(
                           'people', array_remove(ARRAY[%(named)s], 0)) END,
                       jsonb_build_object(%(parts)s)
                  FROM community_influence_fresh fresh JOIN community_author author ON author.id = fresh.author_id
                    ON CONFLICT (author_id) DO UPDATE SET (%(columns)s) = ROW(%(excluded)s)
                 WHERE (%(old)s) IS DISTINCT FROM (%(excluded)s)
                """,
                company=company.id,
                columns=SQL(", ").join(map(SQL.identifier, names)),
                plain=SQL(", ").join(SQL.identifier("fresh", name) for name in PLAIN),
                named=SQL(", ").join(SQL.identifier("fresh", f"named_{number}") for number in range(NAMED)),
                parts=SQL(", ").join(
                    SQL("%s::text, %s", name, SQL.identifier("fresh", f"points_{name}")) for name in WEIGHTS
                ),
                excluded=SQL(", ").join(SQL.identifier("excluded", name) for name in names),
                old=SQL(", ").join(SQL.identifier("old", name) for name in names),
            )
        )


def _leaders(measures, ids):
    """Return the id of the person of each one's group who is heard most, 0 for those in none."""
    order = np.lexsort((measures.place, measures.circle))
    circle = measures.circle[order]
    first = np.flatnonzero(np.r_[True, circle[1:] != circle[:-1]]) if len(circle) else np.zeros(0, dtype=np.int64)
    leader = np.zeros(int(circle.max(initial=0)) + 1, dtype=np.int64)
    leader[circle[first]] = ids[order[first]]
    leader[0] = 0
    return leader[measures.circle]
