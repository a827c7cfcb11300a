from collections import Counter, defaultdict
from datetime import UTC
from statistics import median

from odoo import api, fields, models
from odoo.tools import format_datetime

#: counts of mentions that the timeline notes when they are reached
MILESTONES = (10, 50, 100, 500, 1_000, 5_000, 10_000, 50_000)
#: an hour is a new peak when it has so many times the mentions of the last one
PEAK = 1.25


class CommunityCrisis(models.Model):
    """Figures of a crisis: counted every minute while it is open, as they were when it was closed afterwards."""

    _inherit = "community.crisis"

    figures = fields.Json(readonly=True, copy=False)
    chart = fields.Json(compute="_compute_figures", string="Mentions by the hour")
    mention_count = fields.Integer("Number of mentions", compute="_compute_figures")
    hour_count = fields.Integer("In the last hour", compute="_compute_figures")
    peak_count = fields.Integer("Peak (mentions an hour)", compute="_compute_figures")
    peak_at = fields.Datetime("Peak at", compute="_compute_figures")
    negative_share = fields.Float("Negative", compute="_compute_figures", help="Share of all its mentions.")
    reach = fields.Integer(compute="_compute_figures", help="Followers of all who wrote, each counted once.")
    answered_share = fields.Float("Answered", compute="_compute_figures", help="Share of all its mentions.")
    first_response = fields.Float(
        "First response (hours)", compute="_compute_figures", help="Half of what we answered was answered sooner."
    )
    statement_uses = fields.Integer("Statements used", compute="_compute_figures")
    duration = fields.Float("Duration (hours)", compute="_compute_duration")

    @api.depends("figures")
    def _compute_figures(self):
        for crisis in self:
            figures = crisis.figures or {}
            crisis.chart = {"points": figures.get("hours") or [], "unit": 3600}
            crisis.mention_count = figures.get("mentions", 0)
            crisis.hour_count = figures.get("hour", 0)
            crisis.peak_count = figures.get("peak", 0)
            crisis.peak_at = figures.get("peak_at") or False
            crisis.negative_share = figures.get("negative", 0.0)
            crisis.reach = figures.get("reach", 0)
            crisis.answered_share = figures.get("answered", 0.0)
            crisis.first_response = figures.get("response", 0.0)
            crisis.statement_uses = figures.get("statements", 0)

    @api.depends("opened_at", "closed_at")
    def _compute_duration(self):
        for crisis in self:
            ends = crisis.closed_at or fields.Datetime.now()
            crisis.duration = (ends - crisis.opened_at).total_seconds() / 3600 if crisis.opened_at else 0.0

    def _refresh_figures(self):
        """Count anew what open crises have, and note in the timeline what was reached."""
        for crisis in self.sudo().filtered("is_open"):
            before = crisis.figures or {}
            figures = crisis._count()
            reached = [number for number in MILESTONES if before.get("mentions", 0) < number <= figures["mentions"]]
            if reached:
                crisis._log("count", self.env._("%s mentions reached", max(reached)))
            noted = before.get("noted", 0)
            figures["noted"] = noted
            if figures["peak"] >= 5 and figures["peak"] > noted * PEAK:
                figures["noted"] = figures["peak"]
                when = format_datetime(self.env, fields.Datetime.to_datetime(figures["peak_at"]))
                text = self.env._("Peak: %(count)s mentions in an hour (%(when)s)", count=figures["peak"], when=when)
                crisis._log("count", text)
            if figures != before:
                crisis.figures = figures

    def _count(self):
        """Return the figures of a crisis as they are now.

        :rtype: dict
        """
        self.ensure_one()
        mentions = self.env["community.mention"].sudo().with_context(active_test=False, tz="UTC")
        domain = [("crisis_id", "=", self.id), ("outgoing", "=", False)]
        hours, negative = Counter(), Counter()
        for hour, sentiment, count in mentions._read_group(domain, ["published_at:hour", "sentiment"], ["__count"]):
            hours[hour] += count
            if sentiment == "negative":
                negative[hour] += count
        total = sum(hours.values())
        authors = [author for (author,) in mentions._read_group(domain, ["author_id"]) if author]
        peak = max(hours, key=lambda hour: (hours[hour], hour), default=None)
        now = fields.Datetime.now()
        answered = self._response_hours()
        return {
            "mentions": total,
            "hour": mentions.search_count([*domain, ("published_at", ">", fields.Datetime.subtract(now, hours=1))]),
            "negative": round(sum(negative.values()) / total, 4) if total else 0.0,
            "reach": sum(author.followers for author in authors),
            "answered": round(len(answered) / total, 4) if total else 0.0,
            "response": round(median(answered), 3) if answered else 0.0,
            "statements": sum(self.statement_ids.mapped("used_count")),
            "peak": hours[peak] if peak else 0,
            "peak_at": fields.Datetime.to_string(peak) if peak else False,
            "hours": _points(hours, negative),
        }

    def _response_hours(self):
        """Return the hours to our first answer of each mention that has one."""
        replies = self.env["community.reply"].sudo()
        domain = [("mention_id.crisis_id", "=", self.id), ("state", "=", "sent"), ("sent_at", "!=", False)]
        firsts = replies._read_group(domain, ["mention_id"], ["sent_at:min"])
        return [max(0.0, (sent - mention.published_at).total_seconds() / 3600) for mention, sent in firsts]

    def _freeze(self):
        """Keep the figures of the end, with how long it lasted."""
        for crisis in self.sudo():
            crisis.figures = {**crisis._count(), "closed_at": fields.Datetime.to_string(crisis.closed_at)}

    def _chart_sentence(self):
        """Return what the chart shows, in a sentence."""
        self.ensure_one()
        if not self.mention_count:
            return self.env._("No mention has been gathered yet.")
        return self.env._(
            "%(count)s mentions, %(negative)s %% of them negative; most of them at %(when)s: %(peak)s in an hour.",
            count=self.mention_count,
            negative=round(100 * self.negative_share),
            when=format_datetime(self.env, self.peak_at),
            peak=self.peak_count,
        )


def _points(hours, negative):
    """Return ``[[seconds since 1970, mentions, negative], …]`` of all hours from the first to the last.

    :param hours: ``{naive UTC hour: mentions}``
    """
    if not hours:
        return []
    counts = defaultdict(lambda: (0, 0))
    for hour, count in hours.items():
        counts[int(hour.replace(tzinfo=UTC).timestamp())] = (count, negative[hour])
    first, last = min(counts), max(counts)
    step = max(3600, (last - first) // 480 // 3600 * 3600)
    if step == 3600:
        return [[at, *counts[at]] for at in range(first, last + 1, 3600)]
    summed = defaultdict(lambda: [0, 0])
    for at, (count, bad) in list(counts.items()):
        place = first + (at - first) // step * step
        summed[place][0] += count
        summed[place][1] += bad
    return [[at, *summed[at]] for at in range(first, last + 1, step)]
