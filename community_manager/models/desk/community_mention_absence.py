import logging

from odoo import api, models

from .community_close_reason import CLOSED

_logger = logging.getLogger(__name__)


class CommunityMention(models.Model):
    """What somebody who is away had to do goes back to the queue."""

    _inherit = "community.mention"

    @api.model
    def _give_back_of(self, users):
        """Take what is still to do away from people, so that others see it.

        :param users: ``res.users`` who are away, archived, or no longer in the team
        """
        mentions = self.sudo().with_context(active_test=False)
        theirs = mentions.search([("user_id", "in", users.ids), ("state", "not in", CLOSED)])
        for (user, company), group in theirs.grouped(lambda mention: (mention.user_id, mention.company_id)).items():
            group._give_back(user, company)

    def _give_back(self, user, company):
        """Unassign these mentions of one person and company, note it and tell those who look after the team."""
        self.with_context(mail_notrack=True, tracking_disable=True).write({"user_id": False})
        # what is returned carries the context along: what is written later must be tracked again
        self._log_sentence(self.env._("%s is away: back in the queue.", user.name))
        team = self.env.ref("community_manager.group_agent").sudo().all_user_ids
        team = team.filtered(lambda one: one.active and company in one.company_ids and one != user)
        for manager in team & self.env.ref("community_manager.group_manager").sudo().all_user_ids:
            words = self.with_context(lang=manager.lang) if manager.lang else self
            manager._bus_send(
                "simple_notification",
                {
                    "type": "warning",
                    "message": words.env._(
                        "%(name)s is away: %(count)d mentions are in the queue again.", name=user.name, count=len(self)
                    ),
                },
            )

    @api.model
    def _cron_absence(self):
        """Give back what people hold who are away by now: a leave has begun, or somebody assigned something to them."""
        mentions = self.with_context(active_test=False)
        holders = mentions._read_group([("user_id", "!=", False), ("state", "not in", CLOSED)], ["user_id"])
        users = self.env["res.users"].union(*(user for (user,) in holders))
        away = users.filtered(lambda user: not user.active) | users._community_absent()
        left = len(away)
        for user in away:
            left -= 1
            try:
                with self.env.cr.savepoint():
                    self._give_back_of(user)
                    self.env.flush_all()
            except Exception as error:
                if self.env["community.ingest"]._is_infrastructure(error):
                    raise
                self.env.invalidate_all(flush=False)
                _logger.exception("user %s: what they hold could not be given back", user.id)
            if not self.env["ir.cron"]._commit_progress(1, remaining=left):
                break
