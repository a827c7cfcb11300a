from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...analysis.engine import LANGUAGES


class CommunityLanguages(models.AbstractModel):
    """Records that are only for texts in some languages."""

    _name = "community.languages"
    _description = "Choice of Languages"

    languages = fields.Char(help="Two letters for each, such as “es, en”.")

    @api.constrains("languages")
    def _check_languages(self):
        for record in self:
            unknown = sorted(record._language_codes() - set(LANGUAGES))
            if unknown:
                raise ValidationError(
                    self.env._(
                        "The language “%(code)s” is not recognised in texts. These are: %(known)s.",
                        code=unknown[0],
                        known=", ".join(LANGUAGES),
                    )
                )

    def _language_codes(self):
        """Return the languages that were entered, as a frozenset of codes; empty for all."""
        return frozenset(code.lower() for code in (self.languages or "").replace(",", " ").split())
