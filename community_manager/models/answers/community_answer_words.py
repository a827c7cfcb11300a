from odoo import api, fields, models
from odoo.tools import SQL

from ...analysis.searching import ways
from ..understanding.community_search import SIMPLE

#: characters of a question and of a text that an answer is found by
QUESTION_LENGTH, TEXT_LENGTH = 1_000, 10_000
#: characters of what is answered that count, and words of it: who writes more repeats themselves
ASKED_LENGTH, ASKED_WORDS = 3_000, 200
#: what a word counts for in the text, (unused), in keywords and tags, in the question
WEIGHTS = {"D": 0.3, "C": 0.3, "B": 0.8, "A": 1.0}


class CommunityAnswerWords(models.Model):
    """The words of answers, each in its language: what is looked in when a mention asks.

    One row for each wording of an answer.  ``document`` (added in ``init``) is its tsvector.
    """

    _name = "community.answer.words"
    _description = "Words of Answers"
    _log_access = False

    answer_id = fields.Many2one("community.answer", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one("res.company", required=True, ondelete="cascade", index=True)
    configuration = fields.Char(required=True)

    def init(self):
        table = SQL.identifier(self._table)
        # the ORM knows no tsvector
        self.env.cr.execute(SQL("ALTER TABLE %s ADD COLUMN IF NOT EXISTS document tsvector", table))
        index = SQL.identifier(f"{self._table}__document_index")
        self.env.cr.execute(SQL("CREATE INDEX IF NOT EXISTS %s ON %s USING gin (document)", index, table))

    @api.model
    def _keep(self, answers):
        """Make answers findable by what they say now; those that are not in use are no longer found.

        :param answers: ``community.answer``
        """
        self.search([("answer_id", "in", answers.ids)]).unlink()
        configurations = self.env["community.search"]._configurations()
        rows = []
        for answer in answers.sudo():
            if answer.state != "published" or not answer.active:
                continue
            other = ", ".join([answer.keywords or "", *answer.tag_ids.mapped("name")])
            for wording in answer._wordings():
                configuration = configurations.get(wording.language or "", SIMPLE)
                question = (wording.question or answer.question or "")[:QUESTION_LENGTH]
                texts = (question, other[:QUESTION_LENGTH], (wording.text or "")[:TEXT_LENGTH])
                texts = [" \n ".join(ways(text, configuration)) for text in texts]
                rows.append((answer.id, answer.company_id.id, configuration, *texts))
        if not rows:
            return
        # SQL, as the ORM has no tsvector: one statement for a batch
        self.env.cr.execute(
            SQL(
                "INSERT INTO %s (answer_id, company_id, configuration, document)"
                " SELECT id, company, configuration, setweight(to_tsvector(configuration::regconfig, question), 'A')"
                " || setweight(to_tsvector(configuration::regconfig, other), 'B')"
                " || to_tsvector(configuration::regconfig, body)"
                " FROM unnest(%s::integer[], %s::integer[], %s::text[], %s::text[], %s::text[], %s::text[])"
                " AS said(id, company, configuration, question, other, body)",
                SQL.identifier(self._table),
                *(list(column) for column in zip(*rows, strict=True)),
            )
        )

    @api.model
    def _ranked(self, company, text, typing=False, limit=20):
        """Return how well answers fit a text: ``{answer id: score}``, the best ones, 1 at most.

        Of the words of the text that any answer has, the rare ones count more: each by the logarithm of the number of
        answers over those that have it (inverse document frequency, Spärck Jones 1972).  A score is the part of that
        sum which an answer has, a word in its question counting more than one in its text.

        :param company: ``res.company``
        :param str text: what somebody asks, in any language
        :param bool typing: it is still being typed: its last word may go on
        :param int limit: how many at most
        """
        self.flush_model()
        text = (text or "")[:ASKED_LENGTH]
        plain, bare = ways(text)
        if not (plain or bare):
            return {}
        configurations = {SIMPLE, *self.env["community.search"]._configurations().values()}
        forms = {name: " ".join(ways(text, name)) for name in configurations}
        rows = self.env.execute_query(
            SQL(
                """
                WITH used AS (
                    SELECT DISTINCT configuration FROM %(table)s WHERE company_id = %(company)s
                ), asked AS (
                    SELECT used.configuration, lexeme
                      FROM used
                      JOIN unnest(%(names)s::text[], %(forms)s::text[]) AS form(name, words)
                        ON form.name = used.configuration
                     CROSS JOIN LATERAL (
                               SELECT lexeme FROM unnest(to_tsvector(used.configuration::regconfig, form.words))
                                ORDER BY positions[1] LIMIT %(words)s
                           ) AS lexemes
                ), query AS (
                    SELECT configuration,
                           string_agg(quote_literal(lexeme) || %(prefix)s, ' | ')::tsquery AS query
                      FROM asked GROUP BY configuration
                ), found AS (
                    SELECT words.answer_id, words.id, asked.lexeme,
                           MAX(CASE WHEN 'A' = ANY(entry.weights) THEN %(a)s
                                    WHEN 'B' = ANY(entry.weights) THEN %(b)s ELSE %(d)s END) AS weight
                      FROM %(table)s words
                      JOIN query ON query.configuration = words.configuration AND words.document @@ query.query
                     CROSS JOIN LATERAL unnest(words.document) AS entry
                      JOIN asked ON asked.configuration = words.configuration
                       AND (entry.lexeme = asked.lexeme OR %(typing)s AND starts_with(entry.lexeme, asked.lexeme))
                     WHERE words.company_id = %(company)s
                     GROUP BY words.answer_id, words.id, asked.lexeme
                ), rarity AS (
                    SELECT lexeme, ln(1 + (SELECT COUNT(DISTINCT answer_id) FROM %(table)s
                                            WHERE company_id = %(company)s)::float / COUNT(DISTINCT answer_id)) AS idf
                      FROM found GROUP BY lexeme
                ), whole AS (
                    SELECT SUM(idf) AS total FROM rarity
                ), scored AS (
                    SELECT found.answer_id, found.id, SUM(found.weight * rarity.idf) / MAX(whole.total) AS score
                      FROM found JOIN rarity USING (lexeme), whole
                     GROUP BY found.answer_id, found.id
                )
                SELECT answer_id, MAX(score) FROM scored GROUP BY answer_id ORDER BY 2 DESC, 1 LIMIT %(limit)s
                """,
                table=SQL.identifier(self._table),
                company=company.id,
                names=list(forms),
                forms=list(forms.values()),
                words=ASKED_WORDS,
                prefix=":*" if typing else "",
                typing=typing,
                a=WEIGHTS["A"],
                b=WEIGHTS["B"],
                d=WEIGHTS["D"],
                limit=limit,
            )
        )
        return {answer_id: float(score) for answer_id, score in rows}
