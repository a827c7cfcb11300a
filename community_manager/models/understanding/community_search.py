from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, ormcache

from ...analysis.searching import ENDINGS, bare, ways
from ..platform.cursors import is_concurrency_error

#: language (ISO 639-1) → text search configuration of PostgreSQL, as far as the server brings it; others are "simple":
#: words as they are, without stems and stop words
CONFIGURATIONS = {
    "ar": "arabic", "ca": "catalan", "da": "danish", "de": "german", "el": "greek", "en": "english", "es": "spanish",
    "et": "estonian", "eu": "basque", "fi": "finnish", "fr": "french", "ga": "irish", "hi": "hindi", "hu": "hungarian",
    "hy": "armenian", "id": "indonesian", "it": "italian", "lt": "lithuanian", "nb": "norwegian", "ne": "nepali",
    "nl": "dutch", "nn": "norwegian", "no": "norwegian", "pt": "portuguese", "ro": "romanian", "ru": "russian",
    "sr": "serbian", "sv": "swedish", "ta": "tamil", "tr": "turkish", "yi": "yiddish",
}  # fmt: skip
SIMPLE = "simple"
#: characters of a title and a text that can be found by: what PostgreSQL makes of them, each twice and words with
#: hyphens three times, stays below the 1 MB that a tsvector may have
TITLE_LENGTH, TEXT_LENGTH = 2_000, 30_000
#: characters of what somebody looks for that count
QUERY_LENGTH = 500
#: the newest so many mentions that were found are ranked, the others follow by date: a word that a million mentions
#: contain costs no more than one that a thousand do
RANKED = 800
#: days after which a mention counts half as much as one of now that matches as well
HALF_LIFE = 30
#: words of the text, (unused), (unused), words of the title
WEIGHTS = "{0.4, 0.4, 0.4, 1.0}"
#: ts_rank_cd divides by 1 + the logarithm of the length: else long articles always came first
BY_LENGTH = 1
#: mentions that are added at once when older ones are caught up with
BATCH = 2000


class CommunitySearch(models.Model):
    """The words of mentions, each in its language: what full-text search looks in.

    A table beside the mentions, so that what changes there (state, assignee) does not touch the index.  ``document``
    (added in ``init``) is the tsvector of title and text, with a lexeme that names the configuration it was made with:
    "=spanish".
    """

    _name = "community.search"
    _description = "Words of Mentions"
    _log_access = False

    mention_id = fields.Many2one("community.mention", required=True, ondelete="cascade")
    configuration = fields.Char(required=True, index=True)

    _unique_mention = models.UniqueIndex("(mention_id)")

    def init(self):
        table = SQL.identifier(self._table)
        # the ORM knows no tsvector
        self.env.cr.execute(SQL("ALTER TABLE %s ADD COLUMN IF NOT EXISTS document tsvector", table))
        self.env.cr.execute(
            SQL(
                "CREATE INDEX IF NOT EXISTS %s ON %s USING gin (document)",
                SQL.identifier(f"{self._table}__document_index"),
                table,
            )
        )

    # -- what is looked in ---------------------------------------------------------------------------------------------

    @api.model
    @ormcache()
    def _configurations(self):
        """Return ``{language: configuration}`` of those that this server has."""
        rows = self.env.execute_query(
            SQL("SELECT cfgname FROM pg_ts_config WHERE cfgnamespace = 'pg_catalog'::regnamespace")
        )
        present = {name for (name,) in rows}
        return {language: name for language, name in CONFIGURATIONS.items() if name in present}

    @api.model
    def _keep(self, mentions):
        """Make mentions findable by what they say now; those that say nothing any more are no longer found.

        :param mentions: ``community.mention``
        """
        configurations = self._configurations()
        rows, gone = [], []
        for mention in mentions:
            title, text = (mention.title or "")[:TITLE_LENGTH], (mention.text or "")[:TEXT_LENGTH]
            if mention.deleted_at or not (title or text):
                gone.append(mention.id)
                continue
            language = (mention.language or "").lower().replace("_", "-").partition("-")[0]
            configuration = configurations.get(language, SIMPLE)
            if mention.kind == "comment":
                # its title is made by the site: it weighs no more than the text
                title, text = "", f"{title}\n{text}"
            heading, body = (" \n ".join(ways(words, configuration)) for words in (title, text))
            rows.append((mention.id, configuration, heading[: 2 * TITLE_LENGTH], body[: 2 * TEXT_LENGTH]))
        self._forget(gone)
        if not rows:
            return
        self.env.cr.cache.pop(self._name, None)  # there may be another language now
        # SQL, as the ORM has no tsvector: one statement for a batch
        self.env.cr.execute(
            SQL(
                "INSERT INTO %s (mention_id, configuration, document)"
                " SELECT id, configuration, setweight(to_tsvector(configuration::regconfig, heading), 'A')"
                " || to_tsvector(configuration::regconfig, body) || array_to_tsvector(ARRAY['=' || configuration])"
                " FROM unnest(%s::integer[], %s::text[], %s::text[], %s::text[])"
                " AS said(id, configuration, heading, body) ORDER BY id"
                " ON CONFLICT (mention_id)"
                " DO UPDATE SET configuration = excluded.configuration, document = excluded.document",
                SQL.identifier(self._table),
                *(list(column) for column in zip(*sorted(rows), strict=True)),
            )
        )

    @api.model
    def _forget(self, ids):
        """Let mentions be found no longer.

        :param ids: of ``community.mention``
        """
        if ids:
            self.env.cr.execute(
                SQL("DELETE FROM %s WHERE mention_id = ANY(%s)", SQL.identifier(self._table), list(ids))
            )

    @api.model
    def _cron_catch_up(self):
        """Make mentions findable for which the second pass has no time, or that it cannot read."""
        progress = self.env["ir.cron"]._commit_progress
        left = progress(0)
        while left:
            try:
                done = self._catch_up()
            except Exception as error:
                if not is_concurrency_error(error):
                    raise
                # the second pass was quicker with one of them: the rest is looked at again
                self.env.cr.rollback()
                left = progress(0)
                continue
            if not done:
                break
            left = progress(done, remaining=1)

    @api.model
    def _catch_up(self):
        """Add some mentions that wait for the second pass and cannot be found yet, the newest first.

        :returns: how many
        """
        mentions = self.env["community.mention"].sudo()
        mentions.flush_model(["analysis_due", "title", "text", "deleted_at", "published_at"])
        # SQL, as NOT EXISTS stops at the first batch: "not in" would read the whole table
        rows = self.env.execute_query(
            SQL(
                "SELECT said.id FROM %s said WHERE said.analysis_due AND said.deleted_at IS NULL"
                " AND (said.title <> '' OR said.text <> '')"
                " AND NOT EXISTS (SELECT FROM %s found WHERE found.mention_id = said.id)"
                " ORDER BY said.published_at DESC, said.id DESC LIMIT %s",
                SQL.identifier(mentions._table),
                SQL.identifier(self._table),
                BATCH,
            )
        )
        self._keep(mentions.browse([mention_id for (mention_id,) in rows]))
        return len(rows)

    # -- looking -------------------------------------------------------------------------------------------------------

    @api.model
    def _queries(self, words):
        """Return ``{configuration: tsquery}`` for what somebody looks for, of the languages in the index.

        ``"several words"`` stand side by side, ``-word`` is not there, ``or`` between two: one of them.  In a language
        in which nothing of it counts (stop words, signs) nothing is found.

        :param str words: anything
        """
        words = words[:QUERY_LENGTH]
        # a page and its count look for the same words, each twice
        known = self.env.cr.cache.setdefault(self._name, {})
        if words not in known:
            known[words] = self._compile(words)
        return known[words]

    @api.model
    def _compile(self, words):
        special = {name: ways(words, name)[0] for name in ENDINGS}
        # the distinct configurations by jumping through their index: DISTINCT would read all of it
        rows = self.env.execute_query(
            SQL(
                "WITH RECURSIVE used(name) AS ((SELECT configuration FROM %(table)s ORDER BY 1 LIMIT 1) UNION ALL"
                " SELECT (SELECT configuration FROM %(table)s WHERE configuration > used.name ORDER BY 1 LIMIT 1)"
                " FROM used WHERE used.name IS NOT NULL)"
                " SELECT name, CASE WHEN written = plain THEN written ELSE written || plain END"
                " FROM (SELECT name, websearch_to_tsquery(name::regconfig, COALESCE(special, %(words)s)) AS written,"
                " websearch_to_tsquery(name::regconfig, %(plain)s) AS plain FROM used"
                " LEFT JOIN unnest(%(names)s::text[], %(specials)s::text[]) AS other(language, special)"
                " ON language = name WHERE name IS NOT NULL) AS said",
                table=SQL.identifier(self._table),
                words=ways(words)[0],
                plain=bare(words),
                names=list(special),
                specials=list(special.values()),
            )
        )
        return dict(rows)

    @api.model
    def _condition(self, queries):
        """Return SQL that selects the ids of the mentions found.

        Each language has its own stems, so it has its own query; one tsquery joins them, so that the index is scanned
        once.

        :param dict queries: as from :meth:`_queries`, at least one of them not empty
        """
        alike = {}
        for configuration, query in sorted(queries.items()):
            alike.setdefault(query, []).append(configuration)
        if len(alike) == 1:
            (whole,) = alike
        else:
            whole = " | ".join(
                "({}) & ({})".format(query, " | ".join(f"'={name}'" for name in names))
                for query, names in alike.items()
                if query
            )
        return SQL("SELECT mention_id FROM %s WHERE document @@ %s::tsquery", SQL.identifier(self._table), whole)

    @api.model
    def _rank(self, alias, searches):
        """Return SQL for how well a row of this table matches.

        :param str alias: of this table
        :param searches: list of queries as from :meth:`_queries`
        """
        by_configuration = {}
        for queries in searches:
            for configuration, query in queries.items():
                if query:
                    by_configuration.setdefault(configuration, []).append(f"({query})")
        cases = [
            SQL(
                "WHEN %s THEN ts_rank_cd(%s::real[], %s, %s::tsquery, %s)",
                configuration,
                WEIGHTS,
                SQL.identifier(alias, "document"),
                " | ".join(queries),
                BY_LENGTH,
            )
            for configuration, queries in sorted(by_configuration.items())
        ]
        if not cases:
            return SQL("0")
        return SQL("CASE %s %s ELSE 0 END", SQL.identifier(alias, "configuration"), SQL(" ").join(cases))


class CommunityMention(models.Model):
    """Full-text search over mentions."""

    _inherit = "community.mention"

    words = fields.Char(
        store=False,
        search="_search_words",
        string="Words in the text",
        help='All of these words, in any form: "side by side", -without, one or another.',
    )

    def _search_words(self, operator, value):
        if operator in ("ilike", "like"):
            value = [value]
        elif operator != "in":
            return NotImplemented
        return Domain.OR(self._words_domain(words) for words in value)

    def _words_domain(self, words):
        """Return the domain of the mentions that somebody means who looks for ``words``."""
        if not (words and isinstance(words, str) and words.strip()):
            return Domain.FALSE
        search = self.env["community.search"]
        queries = search._queries(words)
        if any(queries.values()):
            return Domain("id", "any!", search._condition(queries))
        # nothing in it is a word: a smiley, a sign
        words = words.strip()[:QUERY_LENGTH].replace("\0", "").encode(errors="ignore").decode()
        return Domain("text", "ilike", words) | Domain("title", "ilike", words)

    def _search(self, domain, offset=0, limit=None, order=None, **kwargs):
        """Where words are looked for and nobody chose another order, the mentions that match best come first.

        That is for the newest :const:`RANKED` of those found; the others follow by date.
        """
        if not limit or not order or (offset or 0) >= RANKED or not self._is_usual_order(order):
            return super()._search(domain, offset, limit, order, **kwargs)
        searches = [
            self.env["community.search"]._queries(words)
            for condition in Domain(domain).iter_conditions()
            if condition.field_expr == "words" and condition.operator in ("ilike", "like", "=", "in")
            for words in ([condition.value] if isinstance(condition.value, str) else condition.value or ())
            if isinstance(words, str)
        ]
        if not any(query for queries in searches for query in queries.values()):
            return super()._search(domain, offset, limit, order, **kwargs)
        end = (offset or 0) + limit
        # by date, with all that the domain and the rights say: what is ranked is never more than was allowed
        newest = super()._search(domain, 0, RANKED, order, **kwargs)
        if newest.is_empty():
            return newest
        best = self.browse(self._ranked(newest, searches, offset or 0, min(end, RANKED)))
        if end > RANKED:
            best += self.browse(super()._search(domain, RANKED, end - RANKED, order, **kwargs))
        return best._as_query()

    def _is_usual_order(self, order):
        return [part.lower().split() for part in order.split(",")] == [part.split() for part in self._order.split(",")]

    def _ranked(self, found, searches, start, end):
        """Return ids of mentions, those that match best first.

        :param found: query for the candidates
        :param searches: list of queries as from ``community.search``
        :param int start: how many of the best are passed over
        :param int end: number of the last
        """
        # SQL, since the rank is computed by the database from what the ORM does not know
        return [
            mention_id
            for (mention_id,) in self.env.execute_query(
                SQL(
                    "SELECT said.id FROM %s said JOIN %s newest ON newest.id = said.id"
                    " LEFT JOIN %s found ON found.mention_id = said.id"
                    " ORDER BY COALESCE(%s, 0) / (1 + GREATEST(0, EXTRACT(EPOCH FROM now() AT TIME ZONE 'UTC'"
                    " - said.published_at)) / %s) DESC, said.published_at DESC, said.id DESC LIMIT %s OFFSET %s",
                    SQL.identifier(self._table),
                    SQL("(%s)", found.select()),
                    SQL.identifier("community_search"),
                    self.env["community.search"]._rank("found", searches),
                    HALF_LIFE * 86400,
                    end - start,
                    start,
                )
            )
        ]

    def write(self, vals):
        result = super().write(vals)
        if "language" in vals and "analysis" not in vals:
            # somebody set it by hand: its words have other stems now
            self.env["community.search"]._keep(self)
        return result

    def _erase_content(self, when=None):
        result = super()._erase_content(when)
        self.env["community.search"]._forget(self.ids)
        return result


class CommunityAnalyst(models.AbstractModel):
    """The second pass makes mentions findable."""

    _inherit = "community.analyst"

    @api.model
    def _deepen(self, mentions, readings):
        result = super()._deepen(mentions, readings)
        self.env["community.search"]._keep(mentions)
        return result
