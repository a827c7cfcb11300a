from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

#: what can be put back
UNDOABLE = (
    "state",
    "user_id",
    "close_reason_id",
    "close_note",
    "snoozed_until",
    "snoozed_by_id",
    "snoozed_for",
    "back_because",
)
#: what was made longer ago is not taken back with a click
MADE_WITHIN = timedelta(minutes=2)


class CommunityMention(models.Model):
    """Ten seconds to take something back, in place of being asked whether one is sure."""

    _inherit = "community.mention"

    def _undo_values(self):
        """Return ``{field: value}`` of what can be put back, as it is now."""
        self.ensure_one()
        [values] = self.read(list(UNDOABLE), load=None)
        del values["id"]
        return {
            name: fields.Datetime.to_string(value) if self._fields[name].type == "datetime" and value else value
            for name, value in values.items()
        }

    @api.readonly
    def get_undo_values(self):
        """Return what can be put back, as it is now: after a dialog has changed it."""
        self.ensure_one()
        self.check_access("read")
        return self._undo_values()

    def action_undo(self, values, seen, made=""):
        """Put this mention back as it was, unless somebody has changed it since.

        :param dict values: as it was before (see :meth:`get_undo_values`); only those fields are ever written
        :param dict seen: as it was afterwards
        :param str made: "lead" or "ticket" when one was made of it, which is deleted
        :raises UserError: with the reason why it stays as it is
        """
        self.ensure_one()
        self.check_access("write")
        if not self.env.user.has_group("community_manager.group_agent"):
            raise AccessError(self.env._("Only community agents can take this back."))
        now = self._undo_values()
        if any(now.get(name) != value for name, value in (seen or {}).items() if name in UNDOABLE):
            raise UserError(self.env._("Somebody has changed this meanwhile, so it stays as it is."))
        back = {name: value for name, value in (values or {}).items() if name in UNDOABLE and now[name] != value}
        if made in ("lead", "ticket"):
            self._unmake(self._made_by(made)._link_field())
        if back:
            self.write(back)

    def _unmake(self, link):
        """Delete the lead or ticket that this user just made of this mention.

        :raises UserError: with the reason why it stays
        """
        # sudo: agents need no right to delete leads or tickets; this one they made, and nobody has touched it
        record = self.sudo()[link]
        reason = self._kept_because(link, record)
        if reason:
            raise UserError(reason)
        record.unlink()

    def _kept_because(self, link, record):
        """Return why a record cannot be taken back, or ``""``.

        :param str link: name of the Many2one to it
        :param record: the lead or ticket, as superuser
        """
        if not record:
            return self.env._("It has been deleted already.")
        name = record.display_name
        if record.create_uid != self.env.user:
            return self.env._("“%s” was made by somebody else, so it stays.", name)
        if record.create_date < fields.Datetime.now() - MADE_WITHIN:
            return self.env._("“%s” was made a while ago. Open it to delete it.", name)
        if self.sudo().with_context(active_test=False).search_count([(link, "=", record.id)], limit=2) > 1:
            return self.env._("Another mention was added to “%s”, so it stays.", name)
        later = record.message_ids.filtered(lambda message: message.create_date > record.create_date)
        if record.write_date > record.create_date or later or record.activity_ids:
            return self.env._("Somebody has worked on “%s” already, so it stays.", name)
        return ""
