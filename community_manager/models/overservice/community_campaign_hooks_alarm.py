from odoo import models


class CommunityAlarmEvent(models.Model):
    """Alarms that start campaigns."""

    _inherit = "community.alarm.event"

    def _handle(self):
        # each starts once, whatever else is done about it
        waiting = self.filtered(lambda event: not event.started_at)
        result = super()._handle()
        for (alarm, company), events in waiting.grouped(lambda event: (event.alarm_id, event.company_id)).items():
            self.env["community.campaign.signal"]._note(
                "alarm",
                company or self.env.company,
                events.partner_id,
                alarm.display_name,
                lambda campaign, alarm=alarm: campaign.trigger_alarm_id == alarm,
            )
        return result
