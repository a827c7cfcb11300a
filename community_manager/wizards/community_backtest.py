from odoo import api, fields, models
from odoo.tools import format_datetime
from odoo.tools.misc import formatLang

from ..models.crisis.watching import BUCKET, LEAST, events_of, moment_of

#: points that a picture has at most, and alarms that its sentence names
POINTS, NAMED = 360, 4


class CommunityBacktest(models.TransientModel):
    """What a watch would have told in the stored past, as a picture and a sentence; changes nothing."""

    _name = "community.backtest"
    _description = "Try a Watch on the Past"
    _check_company_auto = True

    watch_id = fields.Many2one("community.watch", required=True, ondelete="cascade", check_company=True)
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company)
    sensitivity = fields.Selection(
        [("low", "Low"), ("normal", "Normal"), ("high", "High")], default="normal", required=True
    )
    days = fields.Selection(
        [("7", "7 days"), ("30", "30 days"), ("60", "60 days"), ("180", "180 days")], default="30", required=True
    )
    chart = fields.Json(compute="_compute_result")
    sentence = fields.Char(compute="_compute_result")
    changed = fields.Boolean(compute="_compute_result", help="The sensitivity here is not that of the watch.")

    @api.depends("watch_id")
    def _compute_display_name(self):
        for test in self:
            test.display_name = self.env._("%s on the past", test.watch_id.name or "")

    @api.depends("watch_id", "sensitivity", "days")
    @api.depends_context("lang", "tz")
    def _compute_result(self):
        for test in self:
            watch = test.watch_id._origin or test.watch_id
            test.changed = test.sensitivity != watch.sensitivity
            if not (watch.id and test.sensitivity and test.days):
                test.chart, test.sentence = {}, ""
                continue
            watch.check_access("read")
            history, known = watch.sudo()._read_history(int(test.days), test.sensitivity)
            alarms = sorted(
                ((kind, seen) for kind in LEAST if watch[kind] for seen in events_of(history[kind])),
                key=lambda alarm: alarm[1].bucket,
            )
            test.chart = test._picture(history, alarms, known)
            test.sentence = test._tell(history, alarms)

    def _tell(self, history, alarms):
        """Return in words what would have been told."""
        seen = history["volume"]
        if not seen:
            return self.env._("Nothing was said in that time that could be counted.")
        total = sum(one.count for one in seen)
        days = max(1, round(len(seen) * BUCKET / 86400))
        if not alarms:
            return self.env._(
                "In %(days)s days with %(total)s mentions it would have told nothing.", days=days, total=total
            )
        labels = {
            "volume": self.env._("mentions in an hour"),
            "negative": self.env._("negative mentions in an hour"),
        }
        named = [
            self.env._(
                "%(when)s (%(seen)s %(what)s, %(expected)s usual)",
                when=format_datetime(self.env, moment_of(alarm.bucket), dt_format="short"),
                seen=alarm.hour,
                what=labels[kind],
                expected=formatLang(self.env, alarm.hour_expected, digits=1),
            )
            for kind, alarm in alarms[-NAMED:]
        ]
        if len(alarms) == 1:
            return self.env._(
                "In %(days)s days with %(total)s mentions it would have told you once: %(when)s.",
                days=days,
                total=total,
                when=named[0],
            )
        return self.env._(
            "In %(days)s days with %(total)s mentions it would have told you %(times)s times, lately: %(when)s.",
            days=days,
            total=total,
            times=len(alarms),
            when="; ".join(named),
        )

    def _picture(self, history, alarms, known):
        """Return counts, what was expected, and alarms, with no more points than a screen shows.

        :param int known: bucket before which too little was learned to expect something
        """
        volume, negative = history["volume"], history["negative"]
        if not volume:
            return {}
        step = max(4, -(-len(volume) // POINTS))
        points = [
            [
                volume[at].bucket,
                sum(one.count for one in volume[at : at + step]),
                sum(one.count for one in negative[at : at + step]),
                round(sum(one.expected for one in volume[at : at + step]), 2) if volume[at].bucket >= known else None,
            ]
            for at in range(0, len(volume), step)
        ]
        return {
            "points": points,
            "unit": step * BUCKET,
            "alarms": [{"at": alarm.bucket, "kind": kind} for kind, alarm in alarms],
        }

    def _open(self):
        """Return the action that shows this trial."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Try on the past"),
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
            "target": "new",
        }

    def action_keep(self):
        """Give the watch the sensitivity that was tried."""
        self.ensure_one()
        self.watch_id.sensitivity = self.sensitivity
        return {"type": "ir.actions.act_window_close"}
