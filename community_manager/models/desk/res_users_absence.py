from odoo import api, fields, models

#: what a person, or who looks after people, changes when somebody goes away
AWAY = frozenset(("active", "out_of_office_from", "out_of_office_to"))
#: what changes who works in the community
GROUPS = frozenset(("group_ids", "role"))


class ResUsers(models.Model):
    """People who go away leave nothing behind that nobody sees."""

    _inherit = "res.users"

    def _community_absent(self):
        """Return those of these users who are away now.

        Out of office as they say in their preferences, or a leave in their working hours; leaves of the time-off
        application are written there when they are approved.
        """
        now = fields.Datetime.now()
        users = self.sudo()
        leaves = users.env["resource.calendar.leaves"].search(
            [
                ("resource_id.user_id", "in", users.ids),
                ("date_from", "<=", now),
                ("date_to", ">", now),
                ("time_type", "=", "leave"),
            ]
        )
        away = users.filtered("is_out_of_office") | leaves.resource_id.user_id
        return self & away.with_env(self.env)

    def _community_available(self):
        # rules give nothing to people whose leave stands in their working hours only
        return super()._community_available() - self._community_absent()

    def write(self, vals):
        before = self._community_agents() if GROUPS & vals.keys() else self.browse()
        result = super().write(vals)
        gone = before - before._community_agents()
        if AWAY & vals.keys():
            users = self.sudo()
            gone |= users.filtered(lambda user: not user.active) | users._community_absent()
            self._community_trigger_absence()
        if gone:
            self.env["community.mention"]._give_back_of(gone)
        return result

    def _community_agents(self):
        group = self.env.ref("community_manager.group_agent", raise_if_not_found=False)
        return self & group.sudo().all_user_ids.with_env(self.env) if group else self.browse()

    def _community_trigger_absence(self):
        """Look again when an absence that was planned begins."""
        now = fields.Datetime.now()
        moments = {user.out_of_office_from for user in self.sudo() if user.out_of_office_from}
        later = [moment for moment in moments if moment > now]
        if later:
            self.env.ref("community_manager.cron_absence").sudo()._trigger(at=later)

    @api.ondelete(at_uninstall=False)
    def _unlink_gives_back(self):
        self.env["community.mention"]._give_back_of(self)
