from datetime import timedelta

from odoo import api, fields, models

from .community_crisis import LEVELS, SCOPES


class CommunityCrisisOpen(models.TransientModel):
    """The dialog that opens a crisis: what it is about, what is done first, what is held back."""

    _name = "community.crisis.open"
    _description = "Open a Crisis"
    _check_company_auto = True

    name = fields.Char("What happens", required=True)
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company)
    alert_ids = fields.Many2many("community.alert", readonly=True)
    playbook_id = fields.Many2one(
        "community.playbook",
        check_company=True,
        help="Its tasks, roles and draft statements are taken over.",
    )
    level = fields.Selection(
        LEVELS, compute="_compute_of_playbook", store=True, readonly=False, precompute=True, required=True
    )
    hold_scope = fields.Selection(
        SCOPES,
        string="Hold back",
        compute="_compute_of_playbook",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
    )
    approve_answers = fields.Boolean(
        "Answers need approval", compute="_compute_of_playbook", store=True, readonly=False, precompute=True
    )
    user_id = fields.Many2one(
        "res.users", string="Owner", default=lambda self: self.env.user, required=True, domain="[('share', '=', False)]"
    )
    topic_ids = fields.Many2many("community.topic", string="Topics", check_company=True)
    words = fields.Char(help="Words and phrases with commas between them.")
    hours = fields.Integer("Hours back", default=24, help="Mentions of so many hours before belong to it too.")

    @api.depends("playbook_id")
    def _compute_of_playbook(self):
        for dialog in self:
            playbook = dialog.playbook_id
            dialog.level = playbook.level or dialog.level or "2"
            dialog.hold_scope = playbook.hold_scope or dialog.hold_scope or "none"
            dialog.approve_answers = playbook.approve_answers if playbook else dialog.approve_answers

    @api.model
    def _dialog(self, alerts):
        """Return the action of the dialog for some alerts."""
        topics = alerts.topic_id
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Open a crisis"),
            "res_model": self._name,
            "views": [(False, "form")],
            "target": "new",
            "context": {
                "default_alert_ids": alerts.ids,
                "default_name": alerts[:1].name or "",
                "default_topic_ids": topics.ids,
                "default_company_id": (alerts.company_id[:1] or self.env.company).id,
            },
        }

    def action_open(self):
        """Open the crisis; return its form."""
        self.ensure_one()
        now = fields.Datetime.now()
        began = [alert.moment for alert in self.alert_ids]
        crisis = self.env["community.crisis"].create(
            {
                **self.playbook_id._values(),
                "name": self.name,
                "company_id": self.company_id.id,
                "level": self.level,
                "hold_scope": self.hold_scope,
                "approve_answers": self.approve_answers,
                "user_id": self.user_id.id,
                "topic_ids": [fields.Command.set(self.topic_ids.ids)],
                "words": self.words,
                "opened_at": now,
                "since": min([now - timedelta(hours=max(0, self.hours)), *began]),
            }
        )
        tasks = [{**values, "crisis_id": crisis.id} for values in self.playbook_id._task_values()]
        self.env["community.crisis.task"].create(tasks)
        if self.alert_ids:
            self.alert_ids._becomes(crisis)
            theirs = self.alert_ids.sudo().mention_ids.filtered(
                lambda mention: not mention.crisis_id and not mention.outgoing
            )
            crisis._take_in(theirs)
        return crisis._form()
