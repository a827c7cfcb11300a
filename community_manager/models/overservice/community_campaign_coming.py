from datetime import timedelta

from odoo import fields, models
from odoo.fields import Domain

from .community_campaign_person import ALIVE


class CommunityCampaign(models.Model):
    """Who would come into a campaign in the next days."""

    _inherit = "community.campaign"

    def _coming(self, days):
        """Return who would come in and when, ``{partner id: naive UTC}``.

        What brings people in by what happens to them is not known ahead: whoever it happened to in as many days until
        now stands for those to come.

        :param int days: from now on
        """
        self.ensure_one()
        now = fields.Datetime.now()
        end = now + timedelta(days=days)
        if self.trigger == "now":
            found = dict.fromkeys(self._new_in_audience().ids, now) if self.state == "draft" else {}
        elif self.trigger == "audience":
            found = dict.fromkeys(self._new_in_audience().ids, now)
        elif self.trigger == "date":
            at = max(self.trigger_at or now, now)
            found = dict.fromkeys(self._new_in_audience().ids, at) if at <= end else {}
        elif self.trigger == "dates":
            found = self._due_dates(now, end)
        elif self.trigger == "hand":
            return {}
        else:
            happened = getattr(self, f"_happened_{self.trigger}")(now - timedelta(days=days))
            found = {partner_id: at + timedelta(days=days) for partner_id, at in happened.items()}
        partners = self.env["res.partner"].browse(found)
        inside = partners if self.trigger in ("now", "audience", "date") else self._audience(partners)
        rounds = self._rounds(inside)
        return {partner.id: found[partner.id] for partner in inside if partner.id in rounds}

    def _is_estimate(self):
        """Return whether who comes in is told from what happened until now."""
        return self.trigger in ("order", "lead", "ticket", "solved", "praise", "alarm", "moment")

    def _on_their_way(self):
        """Return the ``community.campaign.person`` records for whom something is still to come."""
        return self.env["community.campaign.person"].search([("campaign_id", "=", self.id), ("state", "in", ALIVE)])

    # -- what happened until now -----------------------------------------------------------------------------------

    def _happened_order(self, since):
        # sudo: when they bought, not what
        orders = self.env["sale.order"].sudo()
        confirmed = Domain("state", "=", "sale") & Domain("company_id", "=", self.company_id.id)
        recent = orders.search(confirmed & Domain("date_order", ">=", since), order="date_order")
        if not self.trigger_order:
            return {order.partner_id.id: order.date_order for order in recent}
        owners = recent.partner_id.commercial_partner_id
        every = orders.search_fetch(
            confirmed & Domain("partner_id.commercial_partner_id", "in", owners.ids), ["partner_id", "date_order"]
        )
        counts, found = {}, {}
        for order in every.sorted("date_order"):
            own = order.partner_id.commercial_partner_id.id
            counts[own] = counts.get(own, 0) + 1
            if counts[own] == self.trigger_order and order.date_order >= since:
                found[order.partner_id.id] = order.date_order
        return found

    def _happened_lead(self, since):
        # sudo: that they were won
        domain = [("stage_id.is_won", "=", True), ("date_closed", ">=", since), ("partner_id", "!=", False)]
        leads = self.env["crm.lead"].sudo().search([*domain, ("company_id", "in", (False, self.company_id.id))])
        return {lead.partner_id.id: lead.date_closed for lead in leads}

    def _happened_ticket(self, since):
        # sudo: that they were closed
        tasks = self.env["project.task"].sudo()
        domain = [("date_last_stage_update", ">=", since), ("state", "=", "1_done"), ("partner_id", "!=", False)]
        closed = tasks.search([*domain, ("company_id", "in", (False, self.company_id.id))])._community_closed()
        return {task.partner_id.id: task.date_last_stage_update for task in closed}

    def _happened_solved(self, since):
        return self._happened_mention(
            Domain("closed_at", ">=", since) & Domain("intent_ids.code", "in", ("complaint", "defect")), "closed_at"
        )

    def _happened_praise(self, since):
        domain = Domain("published_at", ">=", since) & Domain("intent_ids.code", "=", "praise")
        return self._happened_mention(domain & Domain("outgoing", "=", False), "published_at")

    def _happened_mention(self, domain, name):
        # sudo: that they said it
        mentions = self.env["community.mention"].sudo()
        domain &= Domain("company_id", "=", self.company_id.id) & Domain("author_id.partner_id", "!=", False)
        return {mention.author_id.partner_id.id: mention[name] for mention in mentions.search(domain)}

    def _happened_alarm(self, since):
        # sudo: that it was raised
        events = self.env["community.alarm.event"].sudo()
        domain = [("alarm_id", "=", self.trigger_alarm_id.id), ("company_id", "=", self.company_id.id)]
        return {event.partner_id.id: event.moment for event in events.search([*domain, ("moment", ">=", since)])}

    def _happened_moment(self, since):
        # sudo: that they came to it
        positions = self.env["community.position"].sudo()
        domain = [("moment_id", "=", self.trigger_moment_id.id), ("since", ">=", since)]
        now = fields.Datetime.now()
        return {
            (position.person_id or position.partner_id).id: position.since
            for position in positions.search(domain)
            if position.since <= now
        }
