from odoo import fields, models
from odoo.exceptions import AccessError

from ..models.people.community_lifecycle import STAGES


class CommunityLifecycleSet(models.TransientModel):
    """A manager says what the records do not."""

    _name = "community.lifecycle.set"
    _description = "Stage Set by Hand"

    partner_id = fields.Many2one("res.partner", string="Contact", required=True, readonly=True)
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    stage = fields.Selection(STAGES, help="Empty: as the records say.")
    note = fields.Char(string="Why")

    def action_apply(self):
        """Set the stage, or leave it to the records again.

        :raises AccessError: the current user is no manager, or may not see the contact
        """
        self.ensure_one()
        if not self.env.user.has_group("community_manager.group_manager"):
            raise AccessError(self.env._("Only community managers set a stage by hand."))
        self.partner_id.check_access("read")
        self.company_id.check_access("read")
        if self.company_id not in self.env.companies:
            raise AccessError(self.env._("This is of another company."))
        # sudo: stages are written here only
        person = {"partner_id": self.partner_id.id, "company_id": self.company_id.id}
        lifecycles = self.env["community.lifecycle"].sudo()
        lifecycle = lifecycles.search([(name, "=", value) for name, value in person.items()])
        now = fields.Datetime.now()
        if self.stage:
            values = {"manual_stage": self.stage, "stage": self.stage, "since": now, "manual_note": self.note}
            values |= {"manual_by": self.env.uid, "manual_at": now}
            if lifecycle:
                lifecycle.write(values)
            else:
                lifecycles.create({**person, **values})
            self.env["community.lifecycle.step"].sudo().create(
                {
                    **person,
                    "stage": self.stage,
                    "date": now,
                    "reason": "manual",
                    "user_id": self.env.uid,
                    "note": self.note,
                }
            )
        elif lifecycle:
            lifecycle.write({"manual_stage": False, "manual_by": False, "manual_at": False, "manual_note": False})
            lifecycles._refresh(self.partner_id.ids)
        return {"type": "ir.actions.act_window_close"}
