from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Command

from ..analysis.matching import Keyword, Matcher, fold


class CommunityTopicTry(models.TransientModel):
    """Which mentions of the last days some words would find, before they are kept for a topic."""

    _name = "community.topic.try"
    _description = "Try a Topic"
    _inherit = ["community.try"]

    topic_id = fields.Many2one("community.topic", required=True, readonly=True, ondelete="cascade")
    company_id = fields.Many2one(related="topic_id.company_id", store=True, required=False)
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

    def _matches(self, mentions):
        matcher = Matcher(word._to_analysis() for word in self.keyword_ids)
        found = {}
        for row in mentions.read(["title", "text"], load=None):
            text = "\n".join(filter(None, [row["title"], row["text"]]))
            spans = matcher.match(text).get(True, ())
            if spans:
                found[row["id"]] = (text, spans, "")
        return found

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
            if not fold(word.name or "")[0].strip(" *#@"):
                raise ValidationError(self.env._("“%s” has no letter or digit to look for.", word.name))

    def _to_analysis(self):
        self.ensure_one()
        return Keyword(True, self.name, exclude=self.exclude, whole_word=self.whole_word)
