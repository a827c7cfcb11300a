from odoo import models
from odoo.exceptions import UserError

#: what a file says or shows, and where it belongs
SHOWN = frozenset(("raw", "datas", "db_datas", "url", "type", "name", "mimetype", "description", "res_model", "res_id"))


class IrAttachment(models.Model):
    """Files that go out with a message stay as they are once it is on its way, or waits for approval."""

    _inherit = "ir.attachment"

    def write(self, vals):
        if SHOWN & set(vals):
            self._ensure_not_on_its_way()
        return super().write(vals)

    def unlink(self):
        self._ensure_not_on_its_way()
        return super().unlink()

    def _ensure_not_on_its_way(self):
        """
        :raises UserError: one of these files goes out, or went out, with a message
        """
        ours = self.browse() if self.env.su else self.filtered(lambda file: file.res_model == "community.reply")
        if not ours:
            return
        # the message may be out of reach of who changes its file
        waiting = [("attachment_ids", "in", ours.ids), ("state", "not in", ("draft", "failed", "cancelled"))]
        if self.env["community.reply"].sudo().search_count(waiting, limit=1):
            raise UserError(self.env._("A message that is on its way cannot be changed. Cancel it first."))
