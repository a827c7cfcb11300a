from odoo import api, fields, models


class CommunityShareText(models.Model):
    """One text of a share kit."""

    _name = "community.share.text"
    _description = "Text to Share"
    _order = "sequence, id"

    kit_id = fields.Many2one("community.share.kit", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="kit_id.company_id", store=True, index=True)
    sequence = fields.Integer(default=10)
    network_id = fields.Many2one("community.network", ondelete="set null", help="Empty: for every network.")
    lang = fields.Selection("_selection_lang", string="Language", help="Empty: for everybody.")
    text = fields.Text(
        required=True, help="Write {{ link }} where the link shall stand; without it, it stands at the end."
    )

    @api.model
    def _selection_lang(self):
        return self.env["res.lang"].get_installed()

    def _text_for(self, referral):
        """Return the text with the link of somebody, the hashtags and the words of disclosure."""
        self.ensure_one()
        link = referral.short_url or ""
        before, mark, after = self.text.partition("{{ link }}")
        text = f"{before}{link}{after}" if mark else f"{self.text.rstrip()} {link}"
        more = [words for words in (self.kit_id.hashtags, self.kit_id.disclosure) if words and words not in text]
        return " ".join([text.strip(), *more]).strip()
