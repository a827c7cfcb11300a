from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ...analysis import terms
from ..understanding.words import words_of

#: characters of a term: an index row has room for 2,700 bytes
LONGEST = 200
#: days for which the words of mentions are kept by default; at least what rising terms are compared with
DAYS, FEWEST_DAYS = 90, 42
DAYS_PARAMETER = "community_manager.term_days"
GC_ROWS = 10_000


class CommunityTermSource(models.Model):
    """What one mention talks about: from here its day is counted, as often as need be.

    So nothing is counted twice when a batch is repeated, and what turns out to be spam or a copy counts no longer.
    """

    _name = "community.term.source"
    _description = "Terms of a Mention"
    _log_access = False

    mention_id = fields.Many2one("community.mention", required=True, ondelete="cascade")
    day = fields.Date(required=True, index=True)
    terms = fields.Json(help="Kind → term → how it is written, empty where that is the same.")

    _unique_mention = models.UniqueIndex("(mention_id)")

    @api.model
    def _days(self):
        """Return for how many days words are kept."""
        kept = self.env["ir.config_parameter"].sudo().get_param(DAYS_PARAMETER)
        return max(int(kept), FEWEST_DAYS) if (kept or "").isdecimal() else DAYS

    @api.model
    def _keep(self, mentions, readings):
        """Keep what mentions talk about.

        :param mentions: ``community.mention`` of one company
        :param readings: a :class:`~...analysis.engine.Reading` of each
        """
        company = mentions.company_id[:1]
        since = company._community_day() - timedelta(days=self._days()) if company else None
        rows = []
        for mention, reading in zip(mentions, readings, strict=True):
            day = company._community_day(mention.published_at)
            if mention.outgoing or mention.deleted_at or day < since:
                continue
            found = {
                "hashtag": {tag: f"#{tag}" for tag in reading.hashtags},
                "word": terms.words(words_of(mention), mention.language or ""),
                "link": dict.fromkeys(map(terms.place, reading.links)),
            }
            said = {
                kind: {
                    term[:LONGEST]: shown[:LONGEST] if shown and shown != term else ""
                    for term, shown in entries.items()
                    if term
                }
                for kind, entries in found.items()
                if entries
            }
            rows.append((mention.id, day, fields.Json().convert_to_column(said, self)))
        kept = {row[0] for row in rows}
        self._forget([mention_id for mention_id in mentions.ids if mention_id not in kept])
        if rows:
            # SQL: one statement for a batch that partly replaces what was there
            self.env.cr.execute(
                SQL(
                    "INSERT INTO %s (mention_id, day, terms)"
                    " SELECT * FROM unnest(%s::integer[], %s::date[], %s::jsonb[])"
                    " ON CONFLICT (mention_id) DO UPDATE SET day = excluded.day, terms = excluded.terms",
                    SQL.identifier(self._table),
                    *(list(column) for column in zip(*sorted(rows, key=lambda row: row[0]), strict=True)),
                )
            )

    @api.model
    def _forget(self, ids):
        """Remove what mentions talked about.

        :param ids: of ``community.mention``
        """
        if ids:
            self.env.cr.execute(
                SQL("DELETE FROM %s WHERE mention_id = ANY(%s)", SQL.identifier(self._table), list(ids))
            )

    @api.autovacuum
    def _gc_terms(self):
        """Remove what is older than is kept."""
        before = fields.Date.today() - timedelta(days=self._days())
        gone = 0
        for table in (self._table, self.env["community.term"]._table):
            # SQL: nothing refers to these rows, and there are millions
            self.env.cr.execute(
                SQL(
                    "DELETE FROM %(table)s WHERE id IN (SELECT id FROM %(table)s WHERE day < %(before)s"
                    " LIMIT %(most)s)",
                    table=SQL.identifier(table),
                    before=before,
                    most=GC_ROWS,
                )
            )
            gone = max(gone, self.env.cr.rowcount)
        return gone, gone == GC_ROWS


class CommunityMention(models.Model):
    """What was deleted talks about nothing."""

    _inherit = "community.mention"

    def _erase_content(self, when=None):
        result = super()._erase_content(when)
        self.env["community.term.source"]._forget(self.ids)
        return result


class CommunityAnalyst(models.AbstractModel):
    """The second pass keeps what mentions talk about, and has their days counted."""

    _inherit = "community.analyst"

    @api.model
    def _deepen(self, mentions, readings):
        result = super()._deepen(mentions, readings)
        self.env["community.term.source"]._keep(mentions, readings)
        self.env["community.daily.stale"]._mark(mentions)
        return result
