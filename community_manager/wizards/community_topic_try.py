import base64
import itertools

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command

from ..analysis.matching import Keyword, Matcher
from ..connectors.errors import ConnectorError
from ..connectors.file import guess_columns
from ..connectors.table import read_table
from ..models.platform.sentences import said
from .abstract_try import READ_LIMIT, SAMPLE


class CommunityTopicTry(models.TransientModel):
    """Which mentions of the last days some words would find, before they are kept for a topic."""

    _name = "community.topic.try"
    _description = "Try a Topic"
    _inherit = ["community.try"]

    topic_id = fields.Many2one("community.topic", required=True, readonly=True, ondelete="cascade")
    company_id = fields.Many2one(related="topic_id.company_id", store=True, required=False)
    where = fields.Selection(
        [
            ("mentions", "Stored mentions"),
            ("sample", "Sample of what no topic matched"),
            ("file", "A file"),
        ],
        string="Look in",
        default="mentions",
        required=True,
    )
    file = fields.Binary(help="CSV or XLSX with a column for the text, or one text a line.", attachment=False)
    filename = fields.Char()
    keyword_ids = fields.One2many("community.topic.try.keyword", "try_id", string="Keywords")
    line_ids = fields.One2many("community.try.line", "topic_try_id", string="Sample")
    changed = fields.Boolean(compute="_compute_changed", help="The words here are not those of the topic.")

    @api.depends("topic_id.name")
    def _compute_display_name(self):
        for trial in self:
            trial.display_name = trial.topic_id.name

    @api.depends("keyword_ids.name", "keyword_ids.exclude", "keyword_ids.whole_word", "topic_id.keyword_ids")
    def _compute_changed(self):
        for trial in self:
            here, there = (
                {(word.name, word.exclude, word.whole_word) for word in words}
                for words in (trial.keyword_ids, trial.topic_id.keyword_ids)
            )
            trial.changed = here != there

    def _matcher(self):
        return Matcher(word._to_analysis() for word in self.keyword_ids)

    def _matches(self, mentions):
        matcher, languages = self._matcher(), self.topic_id._language_codes()
        found = {}
        for row in mentions.read(["title", "text", "language"], load=None):
            if languages and row["language"] and row["language"] not in languages:
                continue
            text = "\n".join(filter(None, [row["title"], row["text"]]))
            spans = matcher.match(text).get(True, ())
            if spans:
                found[row["id"]] = (text, spans, "")
        return found

    def _try(self):
        """Count and show what the words find where they are to be looked for.

        :raises UserError: the file cannot be read
        """
        self.ensure_one()
        if self.where == "mentions":
            return super()._try()
        matcher = self._matcher()
        read, count, lines = 0, 0, []
        for place, text in self._texts():
            read += 1
            spans = matcher.match(text).get(True, ())
            count += bool(spans)
            if spans and len(lines) < SAMPLE:
                lines.append({**self._line(False, text, spans, ""), "place": place})
        self.line_ids.unlink()
        return self.write(
            {
                "read_count": read,
                "match_count": count,
                "share": count / read if read else 0.0,
                "cut_off": False,
                "tried": True,
                "line_ids": [Command.create(line) for line in lines],
            }
        )

    def _texts(self):
        """Yield ``(where it stands, text)`` of the sample of the last days, or of the file."""
        if self.where == "file":
            yield from self._file_texts()
            return
        since = fields.Datetime.subtract(fields.Datetime.now(), days=self.days)
        mine = [("company_id", "=", self.company_id.id), ("published_at", ">=", since)]
        languages = self.topic_id._language_codes()
        for entry in self.env["community.sample"].search(mine, limit=READ_LIMIT):
            if not languages or not entry.language or entry.language in languages:
                yield f"{entry.channel_id.name} · {fields.Date.to_string(entry.published_at)}", entry.text or ""

    def _file_texts(self):
        content = base64.b64decode(self.with_context(bin_size=False).file or b"")
        if not content:
            raise UserError(self.env._("Choose a file to look in."))
        try:
            table = read_table(self.filename or "", content)
            place = guess_columns(table.header).get("text")
            if place is None:
                # no heading says "text": the file has one text a line
                place = 0
                yield self.env._("Row %s", 1), str(table.header[0] or "") if table.header else ""
            for number, cells in itertools.islice(table.rows, READ_LIMIT):
                if place < len(cells) and cells[place]:
                    yield self.env._("Row %s", number), str(cells[place])
        except ConnectorError as error:
            raise UserError(said(self.env, error)) from error

    def action_keep(self):
        """Give the topic the words that were tried."""
        self.ensure_one()
        self.topic_id.write(
            {
                "keyword_ids": [
                    Command.clear(),
                    *(
                        Command.create({"name": word.name, "exclude": word.exclude, "whole_word": word.whole_word})
                        for word in self.keyword_ids
                    ),
                ]
            }
        )
        return {"type": "ir.actions.act_window_close"}


class CommunityTopicTryKeyword(models.TransientModel):
    """A word that is tried."""

    _name = "community.topic.try.keyword"
    _description = "Word of a Trial"
    _order = "exclude, name, id"

    try_id = fields.Many2one("community.topic.try", required=True, ondelete="cascade", index=True)
    name = fields.Char(string="Word or phrase", required=True)
    exclude = fields.Boolean(string="Must not occur")
    whole_word = fields.Boolean(default=True, string="Whole words")

    @api.constrains("name")
    def _check_name(self):
        for word in self:
            try:
                word._to_analysis()
            except ValueError:
                raise ValidationError(self.env._("“%s” has no letter or digit to look for.", word.name)) from None

    def _to_analysis(self):
        self.ensure_one()
        return Keyword(True, self.name, exclude=self.exclude, whole_word=self.whole_word)
