import hashlib
import json
from datetime import timedelta
from typing import NamedTuple

from odoo import fields, models
from odoo.exceptions import UserError


class Finding(NamedTuple):
    """One reason why something has to be approved."""

    #: a sentence
    reason: str
    #: ``res.users`` who may approve it; empty for the managers
    approvers: models.BaseModel
    #: in which it is to be decided; 0 for the company's usual time
    hours: float = 0.0


class CommunityApprovable(models.AbstractModel):
    """Records that somebody may have to approve before they go out.

    Whoever inherits this says what is approved (:meth:`_approval_content`, :meth:`_approval_text`), why
    (:meth:`_approval_findings`), and what follows (:meth:`_approval_approved`, :meth:`_approval_returned`).
    """

    _name = "community.approvable"
    _description = "To Be Approved"

    approval_ids = fields.One2many(
        "community.approval",
        "res_id",
        string="Approvals",
        domain=lambda self: [("res_model", "=", self._name)],
        readonly=True,
        copy=False,
    )
    approval_id = fields.Many2one("community.approval", compute="_compute_approval_id")

    def _compute_approval_id(self):
        approvals = self.env["community.approval"].search(
            [("res_model", "=", self._name), ("res_id", "in", self.ids)], order="id"
        )
        newest = {approval.res_id: approval for approval in approvals}
        for record in self:
            record.approval_id = newest.get(record.id)

    # -- what the inheriting model says ----------------------------------------------------------------------------

    def _approval_content(self):
        """Return everything that is approved with the text, as plain values."""
        raise NotImplementedError

    def _approval_text(self):
        """Return the text that is to be approved."""
        raise NotImplementedError

    def _approval_values(self):
        """Return values of the ``community.approval`` that show where the record belongs."""
        return {}

    def _approval_findings(self):
        """Return why this record has to be approved: a list of :class:`Finding`."""
        return []

    def _approval_approved(self, approval, text):
        """It was approved.

        :param approval: the ``community.approval``
        :param str text: as it was approved, perhaps changed
        """
        raise NotImplementedError

    def _approval_returned(self, approval):
        """It was returned to its writer."""
        raise NotImplementedError

    # -- asking ----------------------------------------------------------------------------------------------------

    def _approval_fingerprint(self):
        """Return what changes whenever anything that was approved changes."""
        self.ensure_one()
        content = json.dumps(self._approval_content(), ensure_ascii=True, sort_keys=True)
        return hashlib.sha256(content.encode()).hexdigest()

    def _approval_granted(self):
        """Return whether this record was approved exactly as it is."""
        self.ensure_one()
        return bool(
            self.env["community.approval"]
            .sudo()
            .search_count(
                [
                    ("res_model", "=", self._name),
                    ("res_id", "=", self.id),
                    ("state", "=", "approved"),
                    ("fingerprint", "=", self._approval_fingerprint()),
                ],
                limit=1,
            )
        )

    def _ask_approval(self, reasons):
        """Ask for approval of this record, and tell those who may give it.

        :param reasons: list of sentences
        :returns: the ``community.approval``
        """
        self.ensure_one()
        self._withdraw_approval()  # one request at a time
        findings = self._approval_findings()
        company, writer = self.company_id, self.user_id
        approvers = self.env["res.users"].union(*(finding.approvers for finding in findings))
        if not company.sudo().community_self_approval:
            approvers -= writer
        hours = [finding.hours for finding in findings if finding.hours > 0]
        deadline = min(hours) if hours else company.sudo().community_approval_hours
        now = fields.Datetime.now()
        # requests are made by the machine: who writes may not choose who approves
        approval = (
            self.env["community.approval"]
            .sudo()
            .create(
                {
                    "company_id": company.id,
                    "res_model": self._name,
                    "res_id": self.id,
                    "user_id": writer.id,
                    "reasons": "\n".join(dict.fromkeys(reasons)),
                    "asked_text": self._approval_text(),
                    "text": self._approval_text(),
                    "approver_ids": [fields.Command.set(approvers.ids)],
                    "deadline": deadline and now + timedelta(hours=deadline),
                    **self._approval_values(),
                }
            )
        )
        self.invalidate_recordset(["approval_ids", "approval_id"], flush=False)
        approval._tell_deciders()
        return approval

    def _withdraw_approval(self):
        """What was asked for these records is not needed any more."""
        approvals = self.env["community.approval"].sudo()
        pending = approvals.search(
            [("res_model", "=", self._name), ("res_id", "in", self.ids), ("state", "=", "pending")]
        )
        if pending:
            pending.lock_for_update()
            pending.write({"state": "withdrawn", "decided_at": fields.Datetime.now()})
            pending.activity_unlink(["community_manager.activity_approval"])

    def action_approve(self):
        """Approve these records as they are written.

        :raises UserError: one of them does not wait for approval
        """
        for record in self:
            record._pending_approval().action_approve()
        return True

    def action_open_approval(self):
        """Open the request to approve this."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "community.approval",
            "res_id": self.approval_id.id,
            "views": [(False, "form")],
        }

    def _pending_approval(self):
        pending = self.approval_id.filtered(lambda approval: approval.state == "pending")
        if not pending:
            raise UserError(self.env._("This does not wait for approval any more."))
        return pending

    def unlink(self):
        approvals = self.env["community.approval"].sudo()
        asked = approvals.search([("res_model", "=", self._name), ("res_id", "in", self.ids)])
        result = super().unlink()
        asked.unlink()
        return result
