from odoo import api, fields, models

from ..platform.community_languages import check_language_codes, language_codes

#: what decides who can be given work, and which
WHO_IS_THERE = frozenset(("active", "company_ids", "group_ids", "out_of_office_from", "out_of_office_to"))
WHAT_THEY_KNOW = frozenset(("community_languages", "community_topic_ids", "lang"))


class ResUsers(models.Model):
    """What rules want to know of people to give them mentions."""

    _inherit = "res.users"

    community_languages = fields.Char(
        string="Languages I answer in",
        help="Two letters for each, such as “es, en”. Empty: the language of the screens.",
    )
    community_topic_ids = fields.Many2many(
        "community.topic", "community_user_topic_rel", "user_id", "topic_id", string="Topics I know"
    )

    def write(self, vals):
        if not (WHO_IS_THERE | WHAT_THEY_KNOW).isdisjoint(vals):
            self.env.registry.clear_cache()  # rules remember it for some seconds
        return super().write(vals)

    @property
    def SELF_READABLE_FIELDS(self):
        return [*super().SELF_READABLE_FIELDS, "community_languages", "community_topic_ids"]

    @property
    def SELF_WRITEABLE_FIELDS(self):
        return [*super().SELF_WRITEABLE_FIELDS, "community_languages", "community_topic_ids"]

    @api.constrains("community_languages")
    def _check_community_languages(self):
        for user in self:
            check_language_codes(self.env, user.community_languages)

    def _community_language_codes(self):
        """Return the languages that somebody answers in, as a frozenset of two-letter codes."""
        self.ensure_one()
        return language_codes(self.community_languages) or frozenset({(self.lang or "en")[:2]})

    def _community_available(self):
        """Return those who can be given work now: not archived, not on leave, not out of office."""
        users = self.filtered(lambda user: user.active and not user.is_out_of_office)
        if "leave_date_to" in users._fields:  # with time off installed: until when somebody is on leave
            today = fields.Date.today()
            users = users.filtered(lambda user: not user.leave_date_to or user.leave_date_to < today)
        return users
