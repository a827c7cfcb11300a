from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command

from ..analysis.matching import Keyword, Matcher, fold
from ..analysis.namesake import propose_exclusions
from ..models.understanding.words import words_of

#: mentions of a topic that proposals are made from and counted on, the newest
READ = 20_000


class CommunityNamesake(models.TransientModel):
    """Words that keep mentions of somebody else of the same name out of a topic."""

    _name = "community.namesake"
    _description = "Keep a Namesake Out"

    topic_ids = fields.Many2many("community.topic", readonly=True)
    marked = fields.Integer(readonly=True, string="Marked as not about us")
    line_ids = fields.One2many("community.namesake.line", "wizard_id")
    chosen_count = fields.Integer(compute="_compute_chosen_count")

    @api.depends("line_ids.chosen")
    def _compute_chosen_count(self):
        for wizard in self:
            wizard.chosen_count = len(wizard.line_ids.filtered("chosen"))

    @api.model
    def _open(self, topics, mentions=None):
        """Return the action that proposes words for topics.

        :param topics: ``community.topic`` records
        :param mentions: those that were just marked, or None
        """
        lines = []
        for topic in topics:
            theirs, ours = self._texts(topic)
            found = propose_exclusions(
                theirs, ours, topic.keyword_ids.filtered(lambda word: not word.exclude).mapped("name")
            )
            excluded = {fold(word.name)[0] for word in topic.keyword_ids.filtered("exclude")}
            words = [word for word, _right, _wrong in found if fold(word)[0] not in excluded]
            for word, right, wrong in _counts(words, theirs, ours):
                lines.append(
                    Command.create({"topic_id": topic.id, "name": word, "right_count": right, "wrong_count": wrong})
                )
        wizard = self.create({"topic_ids": [Command.set(topics.ids)], "marked": len(mentions or ()), "line_ids": lines})
        return wizard._reopen()

    @api.model
    def _texts(self, topic):
        """Return the texts of a topic that are not about us, and those that are."""
        mentions = self.env["community.mention"].with_context(prefetch_fields=False)
        found = mentions.search_fetch(
            [("topic_ids", "in", topic.ids), ("outgoing", "=", False), ("deleted_at", "=", False)],
            ["title", "text", "kind", "is_namesake"],
            order="published_at desc, id desc",
            limit=READ,
        )
        theirs, ours = [], []
        for mention in found:
            (theirs if mention.is_namesake else ours).append(words_of(mention))
        found.invalidate_recordset()
        return theirs, ours

    def action_keep(self):
        """Rule the chosen words out in their topics."""
        self.ensure_one()
        if not self.env.user.has_group("community_manager.group_manager"):
            raise AccessError(self.env._("Only a community manager changes the words of a topic."))
        chosen = self.line_ids.filtered("chosen")
        if not chosen:
            raise UserError(self.env._("Choose the words that shall be ruled out."))
        for topic, lines in chosen.grouped("topic_id").items():
            there = {fold(word.name)[0] for word in topic.keyword_ids.filtered("exclude")}
            topic.write(
                {
                    "keyword_ids": [
                        Command.create({"name": line.name, "exclude": True})
                        for line in lines
                        if fold(line.name)[0] not in there
                    ]
                }
            )
        return {"type": "ir.actions.act_window_close"}

    def _reopen(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Not about us: keep others like this out"),
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
            "target": "new",
        }


class CommunityNamesakeLine(models.TransientModel):
    """A word that may be ruled out, and what it would have kept out so far."""

    _name = "community.namesake.line"
    _description = "Word of a Namesake"
    _order = "id"

    wizard_id = fields.Many2one("community.namesake", required=True, ondelete="cascade", index=True)
    topic_id = fields.Many2one("community.topic", required=True, ondelete="cascade")
    name = fields.Char(string="Word or phrase", required=True)
    chosen = fields.Boolean(string="Leave out")
    right_count = fields.Integer(string="Rightly kept out", readonly=True)
    wrong_count = fields.Integer(string="Others kept out", readonly=True)

    @api.onchange("name", "topic_id")
    def _onchange_name(self):
        for line in self:
            topic = line.topic_id or line.wizard_id.topic_ids[:1]
            line.topic_id = topic
            if line.name and topic and fold(line.name)[0].strip(" *#@"):
                theirs, ours = self.env["community.namesake"]._texts(topic._origin)
                [(_word, line.right_count, line.wrong_count)] = _counts([line.name], theirs, ours)
                line.chosen = True

    def action_show_others(self):
        """Open the mentions that this word would have kept out though nobody says they are not about us."""
        self.ensure_one()
        matcher = Matcher([Keyword(True, self.name)])
        mentions = self.env["community.mention"].search(
            [
                ("topic_ids", "in", self.topic_id.ids),
                ("is_namesake", "=", False),
                ("outgoing", "=", False),
                ("deleted_at", "=", False),
            ],
            order="published_at desc, id desc",
            limit=READ,
        )
        found = mentions.filtered(lambda mention: matcher.match(words_of(mention), places=False))
        action = self.env["ir.actions.act_window"]._for_xml_id("community_manager.action_mentions")
        return {**action, "domain": [("id", "in", found.ids)], "context": {}}


class CommunityTopic(models.Model):
    """Mentions of a topic that are about somebody else."""

    _inherit = "community.topic"

    namesake_count = fields.Integer(compute="_compute_namesake_count", string="Not about us")

    def _compute_namesake_count(self):
        counts = dict(
            self.env["community.mention"]._read_group(
                [("topic_ids", "in", self.ids), ("is_namesake", "=", True)], ["topic_ids"], ["__count"]
            )
        )
        for topic in self:
            topic.namesake_count = counts.get(topic, 0)

    def action_keep_namesakes_out(self):
        """Propose words that keep out what people have marked as not about us."""
        return self.env["community.namesake"]._open(self)


def _counts(words, theirs, ours):
    """Return (word, how many rejected, how many kept texts it stands in), matched as keywords are."""
    words = list(dict.fromkeys(words))
    matcher = Matcher([Keyword(word, word) for word in words])
    right, wrong = (dict.fromkeys(words, 0) for _ in range(2))
    for texts, counts in ((theirs, right), (ours, wrong)):
        for text in texts:
            for word in matcher.match(text, places=False):
                counts[word] += 1
    return [(word, right[word], wrong[word]) for word in words]
