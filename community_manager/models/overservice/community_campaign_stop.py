from odoo import fields, models

from .community_campaign_person import ALIVE


class CommunityCampaign(models.Model):
    """Taking back what has not gone out yet."""

    _inherit = "community.campaign"

    def _take_back(self, stop):
        """Cancel what these campaigns have queued.

        Whoever is only paused goes back to the step that was cancelled, and gets it when the campaign goes on.

        :param bool stop: nobody goes on
        """
        people = self.env["community.campaign.person"]
        for campaign in self:
            # also of people who have gone on, or finished, since it was queued
            campaign_people = people.search([("campaign_id", "=", campaign.id)])
            taken = campaign_people._take_back_actions()
            alive = campaign_people.filtered(lambda person: person.state in ALIVE)
            if stop:
                reason = self.env._("The campaign was stopped by %s.", self.env.user.name)
                alive._end("stopped", "campaign", reason)
                continue
            # the earliest last: whoever lost two goes back to the first of them
            steps = taken.grouped("step_id")
            for step, actions in sorted(steps.items(), key=lambda item: -item[0].sequence):
                group = actions.person_id
                now = fields.Datetime.now()
                values = {"step_id": step.id, "state": "waiting", "next_at": now, "step_since": now}
                group.write({**values, "wait_until": False, "ended_at": False, "code": False, "reason": False})

    def _note_not_sent(self):
        """Note what was queued and then held back at the moment of sending: it is no contact, and costs nothing."""
        domain = [("campaign_id", "in", self.ids), ("state", "=", "done"), ("trace_id.trace_status", "=", "cancel")]
        self.env["community.campaign.action"].search(domain).write({"state": "cancelled"})
