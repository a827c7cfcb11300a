from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...analysis.matching import Keyword


class CommunityKeyword(models.Model):
    """A word or phrase of a topic, or one that rules a text out."""

    _name = "community.keyword"
    _description = "Keyword"
    _inherit = ["community.compiled"]
    _order = "exclude, name, id"

    topic_id = fields.Many2one("community.topic", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="topic_id.company_id", store=True, index=True)
    name = fields.Char(
        string="Word or phrase",
        required=True,
        help="Upper case and accents do not matter. End with * for every word that begins like this. "
        "“acme ~5 refund” finds both where at most five words stand between them.",
    )
    exclude = fields.Boolean(string="Must not occur", help="A text with these words is not about this topic.")
    whole_word = fields.Boolean(
        default=True, string="Whole words", help="Off: also inside other words (“acme” in “acmecorp”)."
    )

    @api.constrains("name")
    def _check_name(self):
        for keyword in self:
            try:
                Keyword(0, keyword.name or "")
            except ValueError:
                raise ValidationError(self.env._("“%s” has no letter or digit to look for.", keyword.name)) from None

    def _search_words(self):
        """Return what to search a network for: it knows neither endings nor how near words stand."""
        self.ensure_one()
        parts = Keyword(0, self.name).parts
        return " ".join(" ".join(part.split()).rstrip("*").strip() for part in parts)

    def _to_analysis(self):
        self.ensure_one()
        topic = self.topic_id
        return Keyword(topic.id or topic, self.name, exclude=self.exclude, whole_word=self.whole_word)
