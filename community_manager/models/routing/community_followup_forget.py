import re

from lxml import html
from markupsafe import Markup

from odoo import api, models

from ..listening.community_ingest import QUIET

#: beginning of the HTML class of a quote, see ``community.followup._mark``
MARK = "o_community_quote_"
MARKS = re.compile(rf"\b{MARK}\d+\b")


class CommunityFollowupForget(models.AbstractModel):
    """What was deleted on the network is deleted in leads and tickets too."""

    _inherit = "community.followup"

    @api.model
    def _forget(self, mentions):
        """Take the words of mentions out of the names, descriptions and notes they were quoted in.

        What colleagues wrote themselves stays.

        :param mentions: ``community.mention`` records that are about to lose their text
        """
        link, sentence = self._link_field(), self.env._("Deleted on the network")
        messages = self.env["mail.message"].sudo()
        for record, theirs in mentions.sudo().filtered(link).grouped(link).items():
            record = record.with_context(**QUIET)
            marks = {self._mark(mention) for mention in theirs}
            values = {}
            for mention in theirs:
                if record.name == self._title(mention):
                    author = mention.author_id.display_name
                    values["name"] = f"{author}: {sentence}" if author else sentence
            if _marks(record.description) & marks:
                values["description"] = _unquoted(record.description, marks, sentence)
            if values:
                record.write(values)
            if "description" in values and "html_field_history" in record._fields:
                record.html_field_history = False  # earlier descriptions, the one just replaced among them
            quoting = [("model", "=", self._target), ("res_id", "=", record.id), ("body", "like", MARK)]
            for note in messages.search(quoting):
                if _marks(note.body) & marks:
                    note.body = _unquoted(note.body, marks, sentence)


def _marks(body):
    """Return the HTML classes of the mentions that are quoted in some HTML."""
    return set(MARKS.findall(str(body or "")))


def _unquoted(body, marks, sentence):
    """Return HTML with a sentence in place of the quotes of some mentions.

    :param set marks: HTML classes of the quotes
    """
    root = html.fragment_fromstring(str(body), create_parent="div")
    for quote in root.iter("blockquote"):
        if marks.intersection((quote.get("class") or "").split()):
            for child in list(quote):
                quote.remove(child)
            quote.text = sentence
    inner = [Markup.escape(root.text or ""), *(Markup(html.tostring(child, encoding="unicode")) for child in root)]
    return Markup("").join(inner)
