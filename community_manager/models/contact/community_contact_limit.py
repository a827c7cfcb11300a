from odoo import api, fields, models

from .media import DAYS_OF, GROUPS


class CommunityContactLimit(models.Model):
    """At most so many touches of a person in some time."""

    _name = "community.contact.limit"
    _description = "Contact Limit"
    _order = "policy_id, sequence, id"
    _check_company_auto = True

    policy_id = fields.Many2one("community.contact.policy", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="policy_id.company_id", store=True, index=True)
    sequence = fields.Integer(default=10)
    most = fields.Integer("At most", default=1, required=True)
    window = fields.Selection(
        [("day", "a day"), ("week", "a week"), ("month", "a month")],
        default="week",
        required=True,
        string="In",
        help="Counted back from each moment: 24 hours, 7 days, 30 days.",
    )
    media = fields.Selection(GROUPS, default="all", required=True, string="By")
    purpose_ids = fields.Many2many(
        "community.purpose",
        "community_contact_limit_purpose_rel",
        "limit_id",
        "purpose_id",
        string="For",
        help="Empty: whatever it is for.",
    )
    department_id = fields.Many2one(
        "community.department", string="Of", check_company=True, help="Empty: whoever contacts them."
    )

    _not_negative = models.Constraint("CHECK (most >= 0)", "A limit is no negative number.")

    @api.depends("most", "window", "media")
    def _compute_display_name(self):
        windows = dict(self._fields["window"]._description_selection(self.env))
        media = dict(self._fields["media"]._description_selection(self.env))
        for limit in self:
            limit.display_name = self.env._(
                "%(most)s in %(window)s · %(media)s",
                most=limit.most,
                window=windows.get(limit.window, ""),
                media=media.get(limit.media, ""),
            )

    def _rule(self):
        """Return this limit as :meth:`community.touch._decide` reads it."""
        self.ensure_one()
        return {
            "id": self.id,
            "most": self.most,
            "seconds": DAYS_OF[self.window] * 86400,
            "media": self.media,
            "purposes": self.purpose_ids.ids,
            "department": self.department_id.id,
        }

    @api.model_create_multi
    def create(self, vals_list):
        limits = super().create(vals_list)
        self.env.registry.clear_cache()
        return limits

    def write(self, vals):
        result = super().write(vals)
        self.env.registry.clear_cache()
        return result

    def unlink(self):
        result = super().unlink()
        self.env.registry.clear_cache()
        return result
