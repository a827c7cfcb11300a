from datetime import datetime, time, timedelta

import pytz

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

#: mentions that are put in the queue of the analysis in one transaction
BATCH = 5_000
#: pause before it is looked again whether all have been analysed
PAUSE = timedelta(seconds=30)


class CommunityReanalyse(models.Model):
    """Analyse the mentions of a period once more, with the version that is in use now.

    The mentions are put in the queue of the analysis, batch by batch and the newest first; after a crash that goes on
    where the last batch was committed.  What people corrected stays.
    """

    _name = "community.reanalyse"
    _description = "Analysis Once More"
    _order = "id desc"

    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, default=lambda self: self.env.company, ondelete="cascade"
    )
    user_id = fields.Many2one("res.users", readonly=True, default=lambda self: self.env.user, ondelete="cascade")
    date_from = fields.Date(
        string="From", required=True, default=lambda self: fields.Date.context_today(self) - timedelta(days=30)
    )
    date_to = fields.Date(string="Until", required=True, default=lambda self: fields.Date.context_today(self))
    channel_ids = fields.Many2many("community.channel", string="Channels", help="None: all of them.")
    topic_ids = fields.Many2many("community.topic", string="Topics", help="None: all mentions.")
    count = fields.Integer(compute="_compute_count", string="Mentions")
    corrected_count = fields.Integer(compute="_compute_count", string="Corrected by people")
    state = fields.Selection(
        [("draft", "To start"), ("running", "Running"), ("done", "Done"), ("stopped", "Stopped")],
        default="draft",
        required=True,
        readonly=True,
    )
    total = fields.Integer(readonly=True)
    queued = fields.Integer(readonly=True, help="Mentions that were put in the queue of the analysis.")
    position = fields.Integer(readonly=True, help="The mentions from this identifier on are in the queue.")
    done = fields.Integer(compute="_compute_done", string="Analysed")
    progress = fields.Float(compute="_compute_done")
    sentence = fields.Char(compute="_compute_sentence", string="How it stands")

    _period = models.Constraint("CHECK (date_from <= date_to)", "The period ends before it begins.")

    @api.depends("date_from", "date_to", "channel_ids", "topic_ids")
    def _compute_count(self):
        mentions = self.env["community.mention"]
        for run in self:
            domain = run._domain() if run.date_from and run.date_to else [(0, "=", 1)]
            run.count = mentions.search_count(domain)
            run.corrected_count = mentions.search_count([*domain, ("corrected", "!=", False)])

    @api.depends("queued", "total", "state")
    def _compute_done(self):
        for run in self:
            waiting = run._waiting() if run.state != "done" and run.queued else 0
            run.done = max(0, run.queued - waiting)
            run.progress = 100.0 if run.state == "done" else 100.0 * run.done / run.total if run.total else 0.0

    @api.depends("state", "count", "corrected_count", "done", "total")
    def _compute_sentence(self):
        for run in self:
            numbers = {"done": run.done, "total": run.total}
            run.sentence = {
                "draft": self.env._(
                    "%(count)s mentions, %(corrected)s of them corrected by people.",
                    count=run.count,
                    corrected=run.corrected_count,
                ),
                "running": self.env._("%(done)s of %(total)s mentions analysed.", **numbers),
                "stopped": self.env._("Stopped after %(done)s of %(total)s mentions.", **numbers),
                "done": self.env._("Done: %(total)s mentions analysed.", **numbers),
            }[run.state]

    def _waiting(self):
        """Return how many of the mentions wait for the analysis."""
        return self.env["community.mention"].search_count([*self._domain(), ("analysis_due", "=", True)])

    @api.depends("date_from", "date_to")
    def _compute_display_name(self):
        for run in self:
            run.display_name = f"{run.date_from or ''} – {run.date_to or ''}"

    def _domain(self):
        """Return the domain of the mentions; days are those of whoever asked."""
        zone = pytz.timezone(self.user_id.tz or "UTC")

        def midnight(day):
            return zone.localize(datetime.combine(day, time.min)).astimezone(pytz.utc).replace(tzinfo=None)

        domain = [
            ("company_id", "=", self.company_id.id),
            ("deleted_at", "=", False),
            ("published_at", ">=", midnight(self.date_from)),
            ("published_at", "<", midnight(self.date_to + timedelta(days=1))),
        ]
        if self.channel_ids:
            domain.append(("channel_id", "in", self.channel_ids.ids))
        if self.topic_ids:
            domain.append(("topic_ids", "in", self.topic_ids.ids))
        return domain

    # -- buttons ---------------------------------------------------------------------------------------------------

    def action_start(self):
        """Begin, or go on where it was stopped."""
        self.ensure_one()
        self._ensure_manager()
        if self.state not in ("draft", "stopped"):
            return self._reopen()
        if not self.count:
            raise UserError(self.env._("There is no mention in this period."))
        self.write({"state": "running", "total": self.count})
        self.env.ref("community_manager.cron_reanalyse").sudo()._trigger()
        return self._reopen()

    def action_stop(self):
        """Stop putting mentions in the queue; what is in it is analysed."""
        self._ensure_manager()
        self.filtered(lambda run: run.state == "running").state = "stopped"
        return True

    def _ensure_manager(self):
        if not self.env.user.has_group("community_manager.group_manager"):
            raise AccessError(self.env._("Only a community manager can have mentions analysed once more."))
        self.check_access("write")

    def _reopen(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Analyse once more"),
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
            "target": "new",
        }

    # -- work ------------------------------------------------------------------------------------------------------

    @api.model
    def _cron_reanalyse(self):
        """Go on with what runs, batch by batch, each committed together with its position."""
        running = self.sudo().search([("state", "=", "running")], order="id")
        cron = self.env["ir.cron"]
        for run in running:
            while run.state == "running" and run._queue_batch():
                if not cron._commit_progress(1):
                    return
                run.invalidate_recordset()
            if run.state == "running" and not run._waiting():
                run.state = "done"
            cron._commit_progress()
        if running.filtered(lambda run: run.state == "running"):
            self.env.ref("community_manager.cron_reanalyse")._trigger(fields.Datetime.now() + PAUSE)

    def _queue_batch(self):
        """Put the next mentions in the queue of the analysis; return how many."""
        domain = self._domain()
        if self.position:
            domain.append(("id", "<", self.position))
        mentions = self.env["community.mention"].search(domain, order="id desc", limit=BATCH)
        if mentions:
            self.env["community.analyst"].with_company(self.company_id)._reanalyse(mentions)
            self.write({"queued": self.queued + len(mentions), "position": mentions[-1].id})
        return len(mentions)
