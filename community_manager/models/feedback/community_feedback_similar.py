from odoo import api, models
from odoo.tools import SQL

from ...analysis.searching import ways

#: open entries that share a word with a text and are compared with it, the newest first
COMPARED = 500
#: entries that are proposed
PROPOSED = 5
#: likeness (0 to 1) from which an entry is proposed, and from which a rule takes it to be the same
LEAST, SAME = 0.12, 0.4
#: what the same product adds to likeness
PRODUCT = 0.15
#: characters of a mention, and mentions of an entry, whose words count
TEXT_LENGTH, MENTIONS = 2_000, 20


class CommunityFeedbackSimilar(models.Model):
    """Which open entries are about the same: they share words, in any form, and the product.

    ``document`` (added in ``init``) holds the words of an entry and of what people said, each in its language, as the
    full-text search of mentions makes them.
    """

    _inherit = "community.feedback"

    def init(self):
        result = super().init()
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
        return result

    def _learn_words(self):
        """Make these entries findable by what they and their mentions say now."""
        for feedback in self.sudo():
            mentions = feedback.mention_ids.sorted("id")[-MENTIONS:]
            texts = [(feedback._configuration_of(mention), mention._feedback_text()) for mention in mentions]
            # a title is in the language of those who ask, as far as anybody knows
            names = {name for name, _text in texts} or {feedback._configuration_of_code(self.env.user.lang)}
            texts += [(name, f"{feedback.name}\n{feedback.description or ''}") for name in names]
            pairs = [(name, " ".join(ways(text[:TEXT_LENGTH], name))) for name, text in texts]
            # SQL, as the ORM has no tsvector
            self.env.cr.execute(
                SQL(
                    "UPDATE %s SET document = to_tsvector('simple', '') || COALESCE((SELECT array_to_tsvector("
                    "array_agg(DISTINCT lexeme)) FROM unnest(%s::text[], %s::text[]) AS said(name, words),"
                    " LATERAL unnest(tsvector_to_array(to_tsvector(name::regconfig, words))) AS lexeme), ''::tsvector)"
                    " WHERE id = %s",
                    SQL.identifier(self._table),
                    [name for name, _words in pairs],
                    [words for _name, words in pairs],
                    feedback.id,
                )
            )

    @api.model
    def _configuration_of(self, mention):
        return self._configuration_of_code(mention.language)

    @api.model
    def _configuration_of_code(self, code):
        code = (code or "").lower().replace("_", "-").partition("-")[0]
        return self.env["community.search"]._configurations().get(code, "simple")

    @api.model
    def _similar(self, mentions, limit=PROPOSED, least=LEAST):
        """Return the open entries that are most like what some mentions say, the most alike first.

        :param mentions: ``community.mention`` records of one company
        :param int limit: entries at most
        :param float least: likeness from which an entry counts, 0 to 1
        """
        mentions = mentions.filtered(lambda mention: not mention.deleted_at)
        if not mentions:
            return self.browse()
        company = mentions[0].company_id
        pairs = [
            (name, " ".join(ways(mention._feedback_text()[:TEXT_LENGTH], name)))
            for mention in mentions[:MENTIONS]
            for name in [self._configuration_of(mention)]
        ]
        self.flush_model(["active", "company_id", "decision", "product_tmpl_id"])
        # SQL, as the ORM has no tsvector: likeness is the cosine of the two sets of words
        rows = self.env.execute_query(
            SQL(
                """
                WITH asked AS (
                    SELECT array_agg(DISTINCT lexeme) AS words
                      FROM unnest(%(names)s::text[], %(texts)s::text[]) AS said(name, words),
                           LATERAL unnest(tsvector_to_array(to_tsvector(name::regconfig, words))) AS lexeme
                ),
                found AS (
                    SELECT entry.id, tsvector_to_array(entry.document) AS theirs, asked.words AS ours,
                           entry.product_tmpl_id = ANY(%(products)s) AS same_product
                      FROM %(table)s entry, asked
                     WHERE entry.company_id = %(company)s AND entry.active AND entry.decision IN ('open', 'planned')
                       AND (entry.product_tmpl_id = ANY(%(products)s)
                            OR entry.document @@ (
                                SELECT string_agg(quote_literal(word), ' | ')::tsquery FROM unnest(asked.words) AS word
                            ))
                  ORDER BY entry.id DESC LIMIT %(compared)s
                ),
                judged AS (
                    SELECT id, CASE WHEN same_product THEN %(product)s ELSE 0 END
                               + (SELECT count(*) FROM unnest(theirs) AS word WHERE word = ANY(ours))
                               / sqrt(GREATEST(1, cardinality(theirs)) * GREATEST(1, cardinality(ours))) AS likeness
                      FROM found
                )
                SELECT id FROM judged WHERE likeness >= %(least)s ORDER BY likeness DESC, id DESC LIMIT %(limit)s
                """,
                table=SQL.identifier(self._table),
                names=[name for name, _text in pairs],
                texts=[text for _name, text in pairs],
                company=company.id,
                products=mentions.product_ids.ids,
                product=PRODUCT,
                compared=COMPARED,
                least=least,
                limit=limit,
            )
        )
        return self.browse([entry_id for (entry_id,) in rows])._filtered_access("read")

    @api.model
    def _alike(self, mention):
        """Return the open entry that says the same as a mention, for what works by itself; empty when none does.

        Another product is another matter.
        """
        found = self._similar(mention, limit=1, least=SAME)
        products = mention.product_ids
        return found.filtered(lambda one: not products or not one.product_tmpl_id or one.product_tmpl_id in products)
