from datetime import timedelta

from odoo import api, fields, models

from ...analysis.matching import Keyword, Matcher
from ..listening.community_ingest import QUIET
from .community_crisis import OPEN

#: priority of the mentions of a crisis, by its level
PRIORITIES = {"1": "1", "2": "2", "3": "3"}
#: mentions of the past that are looked at when a crisis is opened
MOST = 20_000


class CommunityCrisis(models.Model):
    """Which mentions belong to a crisis."""

    _inherit = "community.crisis"

    topic_ids = fields.Many2many(
        "community.topic",
        "community_crisis_topic_rel",
        "crisis_id",
        "topic_id",
        string="Topics",
        check_company=True,
        help="New mentions of these topics belong to the crisis.",
    )
    words = fields.Char(
        help="Words and phrases with commas between them: new mentions with one of them belong to the crisis."
    )
    since = fields.Datetime(
        "Mentions since",
        default=lambda self: fields.Datetime.now() - timedelta(hours=24),
        required=True,
        help="Older mentions do not belong to the crisis by themselves.",
    )
    mention_ids = fields.One2many("community.mention", "crisis_id")
    left_out_ids = fields.Many2many(
        "community.mention",
        "community_crisis_left_out_rel",
        "crisis_id",
        "mention_id",
        string="Left out by hand",
        readonly=True,
        copy=False,
    )

    @api.model_create_multi
    def create(self, vals_list):
        crises = super().create(vals_list)
        crises.filtered("is_open")._gather()
        return crises

    @api.model
    def _open_in(self, company):
        """Return the open crises of a company, the gravest first."""
        return self.sudo().search(
            [("company_id", "=", company.id), ("stage", "in", OPEN)], order="level desc, opened_at desc, id desc"
        )

    def _matcher(self):
        """Return a matcher over the words of these crises; each finds the id of its crisis."""
        keywords = []
        for crisis in self:
            for word in (crisis.words or "").split(","):
                try:
                    keywords.append(Keyword(crisis.id, word.strip()))
                except ValueError:  # nothing but signs: it could never be found
                    continue
        return Matcher(keywords) if keywords else None

    def _choose(self, entries):
        """Return which of these crises each mention belongs to: that of its words or topics, the first of several.

        :param entries: list of ``(text, set of topic ids, published_at)``
        :returns: list of crises, some of them empty
        """
        matcher = self._matcher()
        topics = {crisis: set(crisis.topic_ids.ids) for crisis in self}
        chosen = []
        for text, about, published in entries:
            found = matcher.match(text) if matcher else {}
            fitting = (
                crisis
                for crisis in self
                if published and published >= crisis.since and (topics[crisis] & about or crisis.id in found)
            )
            chosen.append(next(fitting, self.browse()))
        return chosen

    def _gather(self):
        """Take in what was said before the crisis was opened, except what was left out by hand."""
        for crisis in self.sudo():
            domain = [
                ("company_id", "=", crisis.company_id.id),
                ("published_at", ">=", crisis.since),
                ("outgoing", "=", False),
                ("crisis_id", "=", False),
                ("id", "not in", crisis.left_out_ids.ids),
            ]
            if not (crisis.words or crisis.topic_ids):
                domain = [("id", "in", crisis.alert_ids.mention_ids.ids), *domain]
            elif not crisis.words:
                domain.append(("topic_ids", "in", crisis.topic_ids.ids))
            mentions = (
                self.env["community.mention"].sudo().search(domain, limit=MOST, order="published_at desc, id desc")
            )
            if crisis.words:
                entries = [
                    (f"{mention.title or ''}\n{mention.text or ''}", set(mention.topic_ids.ids), mention.published_at)
                    for mention in mentions
                ]
                chosen = crisis._choose(entries)
                mentions = mentions.browse(mention.id for mention, found in zip(mentions, chosen, strict=True) if found)
            crisis._take_in(mentions)

    def _take_in(self, mentions):
        """Add mentions to this crisis."""
        self.ensure_one()
        if mentions:
            mentions.sudo().with_context(community_gather=True, **QUIET).write({"crisis_id": self.id})
            self._raise_priority(mentions)
            self._refresh_figures()

    def _raise_priority(self, mentions):
        """Raise the priority of mentions to that of the level; what is higher stays."""
        for crisis in self:
            wanted = PRIORITIES[crisis.level]
            lower = mentions.filtered(
                lambda mention, wanted=wanted: (
                    (mention.priority or "0") < wanted and mention.state not in ("done", "ignored")
                )
            )
            lower.sudo().with_context(**QUIET).write({"priority": wanted})

    def action_open_mentions(self):
        """Open the mentions of these crises."""
        action = self.env["ir.actions.act_window"]._for_xml_id("community_manager.action_mentions")
        return {**action, "domain": [("crisis_id", "in", self.ids)], "context": {}}

    def action_gather(self):
        """Look once more for mentions that belong here."""
        self.check_access("write")
        self.filtered("is_open")._gather()
