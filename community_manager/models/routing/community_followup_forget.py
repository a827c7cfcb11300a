from lxml import html
from markupsafe import Markup

from odoo import api, models

from ..listening.community_ingest import QUIET


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
        records = self.env[self._target].sudo().with_context(**QUIET)
        for mention in mentions.sudo():
            record = records.browse(mention[link].id)
            if not record:
                continue
            mark = self._mark(mention)
            values = {}
            if record.name == self._title(mention):
                author = mention.author_id.display_name
                values["name"] = f"{author}: {sentence}" if author else sentence
            if mark in (record.description or ""):
                values["description"] = _unquoted(record.description, mark, sentence)
            if values:
                record.write(values)
            if "description" in values and "html_field_history" in record._fields:
                record.html_field_history = False  # earlier descriptions, the one just replaced among them
            notes = self.env["mail.message"].sudo()
            for note in notes.search(
                [("model", "=", self._target), ("res_id", "=", record.id), ("body", "like", mark)]
            ):
                note.body = _unquoted(note.body, mark, sentence)


def _unquoted(body, mark, sentence):
    """Return HTML with a sentence in place of the quotes of one mention.

    :param str mark: HTML class of the quotes
    """
    root = html.fragment_fromstring(str(body), create_parent="div")
    for quote in root.iter("blockquote"):
        if mark in (quote.get("class") or "").split():
            for child in list(quote):
                quote.remove(child)
            quote.text = sentence
    inner = [Markup.escape(root.text or ""), *(Markup(html.tostring(child, encoding="unicode")) for child in root)]
    return Markup("").join(inner)
