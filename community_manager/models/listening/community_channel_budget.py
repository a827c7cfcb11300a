from datetime import datetime, time
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.tools import format_date
from odoo.tools.misc import formatLang

from ...connectors import network as network_class
from ..platform.moments import naive

#: part of the budget at which the people in charge are told
NOTICE_AT = 0.8


class CommunityChannel(models.Model):
    """What a channel costs, and how much of that a month may cost.

    A budget that is used up stops reading, never answering: a person who is waiting for an answer gets it.
    """

    _inherit = "community.channel"

    currency = fields.Char(compute="_compute_currency", help="What the network charges in; empty where it is free.")
    monthly_budget = fields.Float(
        tracking=True, help="When it is used up, nothing is read until the next month. Answering goes on. 0: no limit."
    )
    spent_month = fields.Float(compute="_compute_spent_month", string="Spent this month")
    budget_noticed_on = fields.Date(readonly=True, copy=False, help="First day of the month that was warned of.")

    @api.depends("network")
    def _compute_currency(self):
        for channel in self:
            cls = network_class(channel.network)
            channel.currency = cls.currency if cls else False

    def _compute_spent_month(self):
        for channels in self.grouped("company_id").values():
            start = channels[:1]._month()[0]
            rows = self.env["community.channel.usage"]._read_group(
                [("channel_id", "in", channels.ids), ("hour", ">=", start.replace(minute=0))],
                ["channel_id"],
                ["cost:sum"],
            )
            spent = dict(rows)
            for channel in channels:
                channel.spent_month = spent.get(channel, 0.0)

    def _month(self):
        """Return this month of the company: the naive UTC times of its begin and end, its first day and the next's."""
        company = self.company_id.sudo()
        try:
            zone = ZoneInfo(company.partner_id.tz or company.resource_calendar_id.tz or "UTC")
        except (ZoneInfoNotFoundError, ValueError):
            zone = ZoneInfo("UTC")
        now = fields.Datetime.now().replace(tzinfo=ZoneInfo("UTC")).astimezone(zone)
        first = now.date().replace(day=1)
        days = (first, first + relativedelta(months=1))
        return *(naive(datetime.combine(day, time(), tzinfo=zone)) for day in days), *days

    def _budget_left(self):
        """Return what may still be spent on reading this month, ``None`` where there is no limit."""
        self.ensure_one()
        if self.monthly_budget <= 0 or not self.currency:
            return None
        self.invalidate_recordset(["spent_month"], flush=False)
        return self.monthly_budget - self.spent_month

    def _budget_used_up(self):
        """Return whether reading has to wait for the next month."""
        left = self._budget_left()
        return left is not None and left <= 0

    def _is_rate_limited(self):
        """Return whether the network asked for a pause of this account that is not over yet."""
        return bool(self.rate_limited_until) and self.rate_limited_until > fields.Datetime.now()

    def _keeps_pause(self):
        """Return whether nothing may be read now, after saying when to come back: a pause, or a budget used up."""
        if self._is_rate_limited():
            until = self.rate_limited_until
        elif self._budget_used_up():
            until = self._month()[1]
        else:
            return False
        self.write({"next_poll_at": until, "listen_state": "idle"})
        return True

    def _budget_sentence(self):
        """Return what a used-up budget means, for whoever reads the health of the channel."""
        return self.env._(
            "The budget of this month (%(budget)s) is used up. Reading starts again on %(day)s; answering goes on all "
            "the time.",
            budget=self._money(self.monthly_budget),
            day=format_date(self.env, self._month()[3]),
        )

    def _money(self, amount):
        return f"{formatLang(self.env, amount, digits=2)} {self.currency}"

    def _watch_budget(self):
        """Tell the people in charge, once a month, that most of the budget is used up."""
        self.ensure_one()
        left = self._budget_left()
        if left is None or left > self.monthly_budget * (1 - NOTICE_AT) + 1e-9:
            return
        month = self._month()[2]
        if self.budget_noticed_on == month:
            return
        channel = self._for_reader()
        channel.budget_noticed_on = month
        channel._warn(
            channel.env._("“%s” has used up most of its budget", channel.name),
            channel.env._(
                "%(spent)s of %(budget)s are spent this month. When the budget is used up, reading stops until the "
                "next month; answering goes on.",
                spent=channel._money(channel.spent_month),
                budget=channel._money(channel.monthly_budget),
            ),
            kind="community_manager.activity_budget",
        )

    def write(self, vals):
        result = super().write(vals)
        if "monthly_budget" in vals:
            for channel in self.filtered(lambda one: one.state in ("listening", "error", "access")):
                # a higher budget is felt at once, and may be warned of again
                channel.sudo().write({"next_poll_at": fields.Datetime.now(), "budget_noticed_on": False})
        return result


def until_spent(pages, connector, left):
    """Yield pages until what they cost uses up what is left; the page that does so is the last one.

    :param pages: iterator of :class:`~...connectors.items.Page`
    :param connector: what it spends beside its pages is added to the page that comes next
    :param float left: what may be spent, ``None`` for any amount
    """
    counted = connector.spent
    for page in pages:
        page.cost += connector.spent - counted
        counted = connector.spent
        yield page
        if left is not None:
            left -= page.cost
            if left <= 0:
                return
