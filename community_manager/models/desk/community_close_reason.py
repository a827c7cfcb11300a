from odoo import api, fields, models
from odoo.tools import ormcache

#: states in which nothing is left to do for a mention
CLOSED = ("done", "ignored")


class CommunityCloseReason(models.Model):
    """Why a mention was closed."""

    _name = "community.close.reason"
    _description = "Reason for Closing"
    _inherit = ["community.compiled"]
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", index="btree_not_null", help="Empty: for every company.")
    kind = fields.Selection(
        [("done", "Done"), ("ignored", "Ignored")],
        default="done",
        required=True,
        string="Offered for",
        help="Whether it is offered where something is done or where it is ignored.",
    )
    code = fields.Char(readonly=True, copy=False, help="Set on the reasons that are given by themselves.")
    ask_satisfied = fields.Boolean(
        string="May be asked whether satisfied",
        default=True,
        help="Off: who wrote is not asked by itself whether they are satisfied.",
    )
    mention_count = fields.Integer(compute="_compute_mention_count", string="Mentions (30 days)")

    _unique_code = models.UniqueIndex("(code) WHERE code IS NOT NULL")

    def _compute_mention_count(self):
        since = fields.Datetime.subtract(fields.Datetime.now(), days=30)
        counts = dict(
            self.env["community.mention"]._read_group(
                [("close_reason_id", "in", self.ids), ("closed_at", ">", since)], ["close_reason_id"], ["__count"]
            )
        )
        for reason in self:
            reason.mention_count = counts.get(reason, 0)

    @api.model
    @ormcache("code")
    def _id_of(self, code):
        """Return the id of the reason that is given by itself under a code, or False when it was deleted.

        :param str code: "rule", "spam", "namesake"…
        """
        return self.sudo().with_context(active_test=False).search([("code", "=", code)], limit=1).id

    @api.model
    def _domain_for(self, companies, state):
        """Return the domain of what may be chosen.

        :param companies: ``res.company`` records that all of it has to be open to
        :param str state: "done" or "ignored"
        """
        theirs = companies.ids if len(companies) == 1 else []
        return [("kind", "=", state), ("company_id", "in", [False, *theirs])]

    def action_open_mentions(self):
        """Open what was closed with these reasons."""
        action = self.env["ir.actions.act_window"]._for_xml_id("community_manager.action_mentions")
        return {**action, "domain": [("close_reason_id", "in", self.ids)], "context": {}}
