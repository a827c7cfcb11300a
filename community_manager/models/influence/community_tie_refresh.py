from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ...analysis.influence import HORIZON
from ..reporting.community_daily import OTHERS
from .community_tie import KINDS

#: authors whose ties are made in one transaction
AUTHORS_AT_ONCE = 2000
#: how a text names somebody: "@ann", "@ann@town.example", "u/ann"
HANDLE = r"(?<![\w@/.])(?:/?(u/)|@)(\w[\w.-]*(?:@[\w-]+(?:\.[\w-]+)+)?)"
#: handles of one text that are looked up, and characters of it that are read: nobody answers a list
HANDLES, CHARACTERS = 20, 5000
#: new mentions of so many hours are looked at again the next time: a transaction may bring a lower number later
AGAIN = timedelta(hours=2)


class CommunityTieRefresh(models.AbstractModel):
    """Makes ties from mentions: set-wise, and only of the authors of whom something changed.

    Ties are those of public words, of accounts that are not the same person's: answers (to the author of the parent),
    quotes, shares (of a post, of the same words, or "RT @handle"), and handles in the text that belong to exactly one
    known author, of the same server first.  One mention ties to one author once, by the strongest of these.  A tie is
    the sum of what it was each time, halved with each half-life that has passed since.
    """

    _name = "community.tie.refresh"
    _description = "Making of Ties"

    @api.model
    def _state(self, company):
        """Return the ``community.tie.state`` of a company."""
        states = self.env["community.tie.state"].sudo()
        return states.search([("company_id", "=", company.id)]) or states.create({"company_id": company.id})

    @api.model
    def _collect(self, company):
        """Note the authors of new mentions, and of mentions that answer these; all of them when the half-life changed.

        :returns: how many rows were noted
        """
        state, half_life = self._state(company), company.community_tie_half_life
        if state.half_life != half_life:
            state.write({"half_life": half_life, "upto": 0})
        self.env["community.mention"].flush_model()
        # SQL: a scan of the new numbers alone
        self.env.cr.execute(
            SQL(
                """
                WITH fresh AS MATERIALIZED (
                    SELECT author_id, network, realm, external_id FROM community_mention
                     WHERE id > %(upto)s AND company_id = %(company)s
                )
                INSERT INTO community_tie_stale (company_id, author_id)
                SELECT %(company)s, author_id FROM fresh WHERE author_id IS NOT NULL
                 UNION
                SELECT %(company)s, answer.author_id FROM fresh
                  JOIN community_mention answer
                    ON answer.parent_external_id = fresh.external_id AND answer.realm = fresh.realm
                   AND answer.network = fresh.network AND answer.company_id = %(company)s
                 WHERE answer.author_id IS NOT NULL
                """,
                upto=state.upto,
                company=company.id,
            )
        )
        noted = self.env.cr.rowcount
        newest = self.env["community.mention"].sudo().with_context(active_test=False)
        settled = newest.search([("create_date", "<", fields.Datetime.now() - AGAIN)], order="id desc", limit=1).id
        if settled and settled > state.upto:
            state.upto = settled
        return noted

    @api.model
    def _renew_next(self, company):
        """Make the ties of the next authors anew; return how many those are."""
        authors = self.env["community.tie.stale"]._take(company, AUTHORS_AT_ONCE)
        if authors:
            self._renew(company, authors)
        return len(authors)

    @api.model
    def _renew(self, company, authors):
        """Make the ties of some authors, and what is known of what they say, anew; doing it twice changes nothing.

        SQL, for it is one statement over all mentions of the authors.

        :param company: ``res.company``
        :param authors: list of ids
        """
        self.env["community.mention"].flush_model()
        self.env["community.author"].flush_model()
        now = fields.Datetime.now()
        values = {
            "company": company.id,
            "authors": authors,
            "now": now,
            "since": now - timedelta(days=HORIZON * company.community_tie_half_life),
            "days": float(company.community_tie_half_life),
        }
        said = SQL(SAID, **values)
        self.env.cr.execute(
            SQL(
                TIES,
                said=said,
                **values,
                pattern=HANDLE,
                handles=HANDLES,
                characters=CHARACTERS,
                kinds=list(KINDS),
                weights=list(KINDS.values()),
            )
        )
        self.env.cr.execute(SQL(WORDS, said=said, others=OTHERS, **values))
        self.env["community.tie"].invalidate_model(flush=False)
        self.env["community.influence"].invalidate_model(flush=False)


#: what the authors said in public and in time
SAID = """
    SELECT m.id, m.network, m.realm, m.author_id, m.parent_external_id, m.identifiers, m.text, m.origin, m.copy_of_id,
           LEAST(m.published_at, %(now)s) AS at,
           CASE WHEN m.sentiment IS NOT NULL THEN m.sentiment_score END AS tone,
           power(2, -extract(epoch FROM %(now)s - LEAST(m.published_at, %(now)s)) / 86400 / %(days)s)::float8 AS worth
      FROM community_mention m
     WHERE m.author_id = ANY(%(authors)s) AND m.company_id = %(company)s AND m.published_at >= %(since)s
       AND m.deleted_at IS NULL AND m.is_namesake IS NOT TRUE AND m.visibility != 'direct'
"""

TIES = """
    WITH said AS MATERIALIZED (%(said)s),
    named AS (
        SELECT DISTINCT said.id, said.network, said.realm,
               lower(rtrim(COALESCE(found.parts[1], '') || found.parts[2], '.-')) AS handle
          FROM said,
       LATERAL (SELECT parts FROM regexp_matches(left(said.text, %(characters)s), %(pattern)s, 'g') AS parts
                 LIMIT %(handles)s) AS found
         WHERE said.text LIKE '%%@%%' OR said.text LIKE '%%u/%%'
    ),
    candidate AS (
        SELECT named.id, named.handle, author.id AS target_id,
               CASE WHEN lower(ltrim(author.handle, '@')) = named.handle THEN 0
                    WHEN lower(ltrim(author.handle, '@')) = named.handle || '@' || named.realm THEN 1
                    ELSE 2 END AS fit
          FROM named
          JOIN community_author author
            ON author.company_id = %(company)s AND author.network = named.network
           AND lower(split_part(ltrim(author.handle, '@'), '@', 1)) = split_part(named.handle, '@', 1)
         WHERE position('@' IN named.handle) = 0 OR lower(ltrim(author.handle, '@')) = named.handle
    ),
    meant AS (
        SELECT id, handle, min(target_id) AS target_id
          FROM (SELECT *, min(fit) OVER (PARTITION BY id, handle) AS best FROM candidate) AS fitting
         WHERE fit = best GROUP BY id, handle HAVING count(*) = 1
    ),
    edge AS (
        SELECT said.id, parent.author_id AS target_id, 'reply' AS kind, 0 AS place FROM said
          JOIN community_mention parent
            ON parent.company_id = %(company)s AND parent.network = said.network AND parent.realm = said.realm
           AND parent.external_id = said.parent_external_id
     UNION ALL
        SELECT said.id, quoted.author_id, 'quote', 1 FROM said
          JOIN community_mention quoted
            ON quoted.company_id = %(company)s AND quoted.network = said.network AND quoted.realm = said.realm
           AND quoted.external_id = COALESCE(said.identifiers ->> 'quoted', said.identifiers ->> 'quoted_id')
     UNION ALL
        SELECT said.id, shared.author_id, 'share', 2 FROM said
          JOIN community_mention shared
            ON shared.company_id = %(company)s AND shared.network = said.network AND shared.realm = said.realm
           AND shared.external_id = COALESCE(said.identifiers ->> 'shared', said.identifiers ->> 'shared_id')
     UNION ALL
        SELECT said.id, first.author_id, 'share', 3 FROM said
          JOIN community_mention first ON first.id = said.copy_of_id AND first.deleted_at IS NULL
     UNION ALL
        SELECT said.id, meant.target_id,
               CASE WHEN starts_with(lower(ltrim(said.text)), 'rt @' || meant.handle) THEN 'share' ELSE 'mention' END,
               CASE WHEN starts_with(lower(ltrim(said.text)), 'rt @' || meant.handle) THEN 2 ELSE 4 END
          FROM said JOIN meant ON meant.id = said.id
    ),
    once AS (SELECT DISTINCT ON (id, target_id) id, target_id, kind FROM edge ORDER BY id, target_id, place),
    fresh AS (
        SELECT said.author_id AS source_id, once.target_id, once.kind, count(*) AS count, max(said.at) AS last_at,
               sum(weigh.weight * said.worth)
               * power(2, extract(epoch FROM %(now)s - max(said.at)) / 86400 / %(days)s) AS weight,
               COALESCE(sum(said.tone * said.worth)
                        / NULLIF(sum(said.worth) FILTER (WHERE said.tone IS NOT NULL), 0), 0) AS tone
          FROM once JOIN said ON said.id = once.id
          JOIN community_author source ON source.id = said.author_id
          JOIN community_author target ON target.id = once.target_id AND target.company_id = %(company)s
          JOIN unnest(%(kinds)s::varchar[], %(weights)s::float8[]) AS weigh(kind, weight) ON weigh.kind = once.kind
         WHERE once.target_id != said.author_id
           AND (source.partner_id IS NULL OR source.partner_id IS DISTINCT FROM target.partner_id)
      GROUP BY said.author_id, once.target_id, once.kind
    ),
    gone AS (
        DELETE FROM community_tie old
         WHERE old.source_id = ANY(%(authors)s)
           AND NOT EXISTS (SELECT FROM fresh WHERE fresh.source_id = old.source_id
                              AND fresh.target_id = old.target_id AND fresh.kind = old.kind)
    )
    INSERT INTO community_tie AS old (company_id, source_id, target_id, kind, count, last_at, weight, tone)
    SELECT %(company)s, source_id, target_id, kind, count, last_at, weight, tone FROM fresh
        ON CONFLICT (source_id, target_id, kind)
        DO UPDATE SET (count, last_at, weight, tone)
                    = (excluded.count, excluded.last_at, excluded.weight, excluded.tone)
"""

#: what is known of what they say: how much, how it feels, how much of it concerns us, mostly about what
WORDS = """
    WITH said AS MATERIALIZED (%(said)s),
    about AS (
        SELECT said.author_id, said.id, said.worth, topic.id AS topic_id, topic.kind
          FROM said JOIN community_mention_topic_rel rel ON rel.mention_id = said.id
          JOIN community_topic topic ON topic.id = rel.topic_id
    ),
    judged AS (
        SELECT said.*, said.origin = 'own' OR EXISTS (
                   SELECT FROM about WHERE about.id = said.id AND about.kind NOT IN %(others)s) AS ours
          FROM said
    ),
    mostly AS (
        SELECT DISTINCT ON (author_id) author_id, topic_id FROM about
      GROUP BY author_id, topic_id, kind ORDER BY author_id, kind = 'brand', sum(worth) DESC, topic_id
    ),
    fresh AS (
        SELECT author_id, max(at) AS last_at,
               sum(worth) * power(2, extract(epoch FROM %(now)s - max(at)) / 86400 / %(days)s) AS said,
               sum(worth) FILTER (WHERE ours) / sum(worth) AS relevance,
               sum(tone * worth) FILTER (WHERE ours)
               / NULLIF(sum(worth) FILTER (WHERE ours AND tone IS NOT NULL), 0) AS feeling
          FROM judged GROUP BY author_id
    ),
    quiet AS (
        UPDATE community_influence old SET said = 0, relevance = 0, feeling = NULL, topic_id = NULL
         WHERE old.author_id = ANY(%(authors)s)
           AND NOT EXISTS (SELECT FROM fresh WHERE fresh.author_id = old.author_id)
    )
    INSERT INTO community_influence AS old
           (company_id, author_id, network, said, relevance, feeling, topic_id, last_at)
    SELECT %(company)s, fresh.author_id, author.network, fresh.said, COALESCE(fresh.relevance, 0), fresh.feeling,
           mostly.topic_id, fresh.last_at
      FROM fresh JOIN community_author author ON author.id = fresh.author_id
 LEFT JOIN mostly ON mostly.author_id = fresh.author_id
        ON CONFLICT (author_id)
        DO UPDATE SET (said, relevance, feeling, topic_id, last_at)
                    = (excluded.said, excluded.relevance, excluded.feeling, excluded.topic_id, excluded.last_at)
"""
