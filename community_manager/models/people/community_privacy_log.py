from odoo import api, fields, models
from odoo.exceptions import AccessError


class CommunityPrivacyLog(models.Model):
    """What was done with data of people, and nothing of theirs: figures and a reference that names nobody."""

    _name = "community.privacy.log"
    _description = "Privacy Log"
    _order = "moment desc, id desc"
    _rec_name = "reference"
    _log_access = False

    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True, ondelete="cascade")
    moment = fields.Datetime(required=True, readonly=True, default=fields.Datetime.now, index=True)
    user_id = fields.Many2one("res.users", string="By", readonly=True, ondelete="set null")
    action = fields.Selection(
        [
            ("shown", "Shown"),
            ("exported", "Exported"),
            ("corrected", "Corrected"),
            ("erased", "Erased"),
            ("let_in", "Kept again"),
            ("retention", "Retention"),
        ],
        required=True,
        readonly=True,
    )
    reference = fields.Char(
        readonly=True,
        index=True,
        help="A keyed hash. The same person has the same one; it does not lead back to them.",
    )
    count = fields.Integer(string="Records", readonly=True, aggregator="sum")
    counts = fields.Json(readonly=True, help="How many records of each kind.")
    summary = fields.Char(compute="_compute_summary", string="What")

    @api.depends("counts")
    def _compute_summary(self):
        names = {}
        for log in self:
            parts = []
            for model, count in sorted((log.counts or {}).items(), key=lambda pair: (-pair[1], pair[0])):
                if model not in names:
                    # sudo: the name of a model, for those who may read what was done with it
                    names[model] = self.env["ir.model"].sudo()._get(model).name or model
                if count:
                    parts.append(f"{names[model]} {count}")
            log.summary = " · ".join(parts)

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            raise AccessError(self.env._("The privacy log writes itself."))
        return super().create(vals_list)

    def write(self, vals):
        if vals:
            raise AccessError(self.env._("The privacy log is not changed afterwards."))
        return super().write(vals)

    @api.model
    def _note(self, company, action, reference="", counts=None):
        """Write a line of the log.

        :param company: ``res.company``
        :param str action: see the field
        :param str reference: see :meth:`community.author._privacy_reference`
        :param dict counts: ``{model: number of records}``
        """
        counts = {model: count for model, count in (counts or {}).items() if count}
        # sudo: nobody writes in the log by hand
        return self.sudo().create(
            {
                "company_id": company.id,
                "user_id": self.env.uid,
                "action": action,
                "reference": reference or False,
                "count": sum(counts.values()),
                "counts": counts,
            }
        )
