from odoo import api, fields, models
from odoo.exceptions import RedirectWarning, UserError

from .community_close_reason import CLOSED

#: context key under which the reason of whatever is closed meanwhile is given: the id or the code of one
REASON = "community_close_reason"
#: what a mention that is open again forgets
REOPENED = {"close_reason_id": False, "close_note": False, "closed_at": False, "closed_by_id": False}


class CommunityMention(models.Model):
    """Why, when and by whom mentions are closed."""

    _inherit = "community.mention"

    close_reason_id = fields.Many2one(
        "community.close.reason",
        string="Closed because",
        copy=False,
        ondelete="restrict",
        tracking=True,
        index="btree_not_null",
        domain="[('kind', '=', state), ('company_id', 'in', (False, company_id))]",
    )
    close_note = fields.Char(string="Note on closing", copy=False)
    closed_at = fields.Datetime(readonly=True, copy=False, string="Closed on")
    closed_by_id = fields.Many2one("res.users", string="Closed by", readonly=True, copy=False, ondelete="set null")

    _closed = models.Index("(closed_by_id, closed_at) WHERE closed_by_id IS NOT NULL")

    def write(self, vals):
        if "state" in vals:
            if vals["state"] not in CLOSED:
                return super().write({**REOPENED, **vals})
            # what is closed already keeps why, when and by whom
            closed = self.filtered(lambda mention: mention.state != vals["state"])
            if closed:
                super(CommunityMention, self - closed).write(vals)
                return super(CommunityMention, closed).write({**self._closing_values(vals), **vals})
        return super().write(vals)

    @api.model
    def _closing_values(self, vals):
        """Return what is noted of mentions that are closed.

        :param dict vals: what is written to them
        """
        reason = self.env.context.get(REASON) or False
        if not reason and vals["state"] == "ignored" and vals.get("rule_id"):
            reason = "rule"
        if isinstance(reason, str):
            reason = self.env["community.close.reason"]._id_of(reason)
        return {
            "close_reason_id": reason,
            "close_note": False,
            "closed_at": fields.Datetime.now(),
            # what rules and the outbox close is nobody's work
            "closed_by_id": False if self.env.user._is_superuser() else self.env.uid,
        }

    def _close(self, state, reason=None, note=None):
        """Close mentions at once.

        :param str state: "done" or "ignored"
        :param reason: a ``community.close.reason`` record, or the code of one; the one of the context when left out
        :param str note: what colleagues should know
        :raises UserError: the reason is for the other kind of closing, or of another company
        """
        if state not in CLOSED:
            raise ValueError(state)
        if isinstance(reason, str):
            reason = self.env["community.close.reason"].browse(self.env["community.close.reason"]._id_of(reason))
        values = {"state": state}
        if reason:
            if reason.kind != state:
                raise UserError(self.env._("“%s” is no reason for this.", reason.name))
            if reason.company_id and self.company_id - reason.company_id:
                raise UserError(self.env._("“%s” is of another company.", reason.name))
            values["close_reason_id"] = reason.id
        if note:
            values["close_note"] = note
        self.write(values)

    # -- asking ----------------------------------------------------------------------------------------------------

    def _asks_reason(self):
        """Return whether somebody who closes these mentions has to say why."""
        return not self.env.context.get(REASON) and any(self.company_id.mapped("community_ask_reason"))

    def _close_or_ask(self, state):
        """Close mentions, after asking why where the company wants to know.

        :returns: None, or the action that opens the dialog
        """
        self.check_access("write")
        if not self._asks_reason():
            return self._close(state)
        # what is closed already is not asked about again
        mentions = self.filtered(lambda mention: mention.state != state)
        return mentions._closing_action(state) if mentions else None

    def action_done(self):
        """Nothing is left to do for these mentions; asks why where the company wants to know."""
        return self._close_or_ask("done")

    def action_ignore(self):
        """These mentions need no answer; asks why where the company wants to know."""
        return self._close_or_ask("ignored")

    def action_close(self):
        """Close these mentions with a reason, whether the company wants to know it or not."""
        self.check_access("write")
        return self._closing_action("done")

    def _closing_action(self, state):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Why is it closed?"),
            "res_model": "community.close",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_mention_ids": self.ids, "default_state": state, "dialog_size": "medium"},
        }

    def web_save(self, vals, specification, next_id=None):
        """Ask for the reason also where a card is dragged or the status bar is clicked."""
        self._ensure_reason(vals)
        return super().web_save(vals, specification, next_id=next_id)

    def web_save_multi(self, vals_list, specification):
        """Ask for the reason also where several are changed in the list."""
        for vals in vals_list:
            self._ensure_reason(vals)
        return super().web_save_multi(vals_list, specification)

    def _ensure_reason(self, vals):
        """
        :raises RedirectWarning: what is saved by hand closes something, and the reason is missing
        """
        state = vals.get("state")
        if state not in CLOSED or vals.get("close_reason_id"):
            return
        # a form may save once more what its dialog has closed already
        mentions = self.filtered(lambda mention: mention.state != state)
        if mentions and mentions._asks_reason():
            raise RedirectWarning(
                self.env._("The company wants to know why something is closed."),
                {
                    "type": "ir.actions.client",
                    "tag": "community_ask_reason",
                    "params": {"dialog": mentions._closing_action(state)},
                },
                self.env._("Say why"),
            )

    # -- what closes by itself -------------------------------------------------------------------------------------

    def action_not_about_us(self):
        return super(CommunityMention, self.with_context(**{REASON: "namesake"})).action_not_about_us()
