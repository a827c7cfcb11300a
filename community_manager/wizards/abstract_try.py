from odoo import api, fields, models

from ..analysis.matching import excerpt

#: mentions a trial reads at most, the newest first
READ_LIMIT = 50_000
#: mentions read at once, so that a large trial needs no more memory than a small one
CHUNK = 1_000
#: mentions shown as a sample
SAMPLE = 80


class CommunityTry(models.AbstractModel):
    """Try something on the mentions of the last days, and change nothing.

    A model that inherits this says with :meth:`_matches` which mentions of a chunk match and by which words.
    """

    _name = "community.try"
    _description = "Trial on Stored Mentions"

    days = fields.Integer(default=7, required=True)
    company_id = fields.Many2one("res.company", required=True)
    read_count = fields.Integer(string="Mentions looked at", readonly=True)
    match_count = fields.Integer(string="Mentions that match", readonly=True)
    share = fields.Float(readonly=True, help="Of the mentions that were looked at.")
    cut_off = fields.Boolean(readonly=True)
    read_since = fields.Datetime(readonly=True, string="Looked back to")
    tried = fields.Boolean(readonly=True)

    _days = models.Constraint("CHECK (days > 0)", "Try at least one day.")

    def _matches(self, mentions):
        """Return ``{mention id: (text, spans of matched words, name of the earlier rule or "")}`` of a chunk."""
        raise NotImplementedError

    def _try(self):
        """Count and sample what matches among the stored mentions."""
        self.ensure_one()
        mentions = self.env["community.mention"].with_context(prefetch_fields=False)
        since = fields.Datetime.subtract(fields.Datetime.now(), days=self.days)
        ids = mentions.search(
            [
                ("company_id", "=", self.company_id.id),
                ("published_at", ">=", since),
                ("outgoing", "=", False),
                ("deleted_at", "=", False),
            ],
            order="published_at desc, id desc",
            limit=READ_LIMIT + 1,
        ).ids
        cut_off = len(ids) > READ_LIMIT
        ids = ids[:READ_LIMIT]
        count, lines = 0, []
        for start in range(0, len(ids), CHUNK):
            chunk = mentions.browse(ids[start : start + CHUNK])
            found = self._matches(chunk)
            count += len(found)
            for mention_id in chunk.ids:
                if mention_id in found and len(lines) < SAMPLE:
                    lines.append(self._line(mention_id, *found[mention_id]))
            chunk.invalidate_recordset()
        self.line_ids.unlink()
        self.write(
            {
                "read_count": len(ids),
                "match_count": count,
                "share": count / len(ids) if ids else 0.0,
                "cut_off": cut_off,
                "read_since": mentions.browse(ids[-1:]).published_at if cut_off else since,
                "tried": True,
                "line_ids": [fields.Command.create(line) for line in lines],
            }
        )

    @api.model
    def _line(self, mention_id, text, spans, earlier):
        words = dict.fromkeys(word for _start, _end, word in spans)
        return {
            "mention_id": mention_id,
            "words": ", ".join(words),
            "excerpt": " ".join(excerpt(text, spans).split()),
            "earlier": earlier,
        }

    def action_try(self):
        """Try again with what was changed here."""
        self._try()
        return self._reopen()

    def _reopen(self):
        """Return the action that shows this trial."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Try: %s", self.display_name),
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
            "target": "new",
        }


class CommunityTryLine(models.TransientModel):
    """A mention that matches in a trial."""

    _name = "community.try.line"
    _description = "Mention of a Trial"
    _order = "id"

    rule_try_id = fields.Many2one("community.rule.try", ondelete="cascade", index=True)
    topic_try_id = fields.Many2one("community.topic.try", ondelete="cascade", index=True)
    mention_id = fields.Many2one("community.mention", readonly=True, ondelete="cascade")
    place = fields.Char(readonly=True, string="Found in")
    author_id = fields.Many2one(related="mention_id.author_id")
    network = fields.Selection(related="mention_id.network")
    published_at = fields.Datetime(related="mention_id.published_at")
    excerpt = fields.Char(readonly=True, string="Text")
    words = fields.Char(readonly=True, string="Words that matched")
    earlier = fields.Char(readonly=True, string="Goes to an earlier rule")

    def action_open(self):
        """Open the mention."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "community.mention",
            "res_id": self.mention_id.id,
            "views": [(False, "form")],
            "target": "current",
        }
