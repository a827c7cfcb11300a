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
            check_language_codes(self.env, record.languages)

    def _language_codes(self):
        """Return the languages that were entered, as a frozenset of codes; empty for all."""
        return language_codes(self.languages)


def language_codes(text):
    """Return the codes in a text such as "es, EN", as a frozenset."""
    return frozenset((text or "").lower().replace(",", " ").split())


def check_language_codes(env, text):
    """
    :raises ValidationError: a code in the text stands for no language that is recognised
    """
    unknown = sorted(language_codes(text) - set(LANGUAGES))
    if unknown:
        raise ValidationError(
            env._(
                "The language “%(code)s” is not recognised in texts. These are: %(known)s.",
                code=unknown[0],
                known=", ".join(LANGUAGES),
            )
        )
