from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools.safe_eval import safe_eval

#: kinds that are looked for at regular times; "vip" comes with the mention
LOOKED_FOR = (
    "quiet",
    "drop",
    "complaint",
    "birthday",
    "anniversary",
    "own_date",
    "first_purchase",
    "nth_purchase",
    "domain",
)
#: kinds that need a number, with the one that is proposed
NUMBERS = {"quiet": 2, "complaint": 2, "nth_purchase": 10, "birthday": 7, "anniversary": 7, "own_date": 7}


class CommunityAlarm(models.Model):
    """What has to be noticed about customers, and what is started when it happens.

    Each occasion gives one ``community.alarm.event``, however often it is looked for and by how many workers.
    """

    _name = "community.alarm"
    _description = "Customer Alarm"
    _inherit = ["mail.thread"]
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True, tracking=True)
    active = fields.Boolean(default=True, tracking=True)
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company, index=True)
    kind = fields.Selection(
        [
            ("quiet", "A good customer goes quiet"),
            ("drop", "A customer drops to a worse segment"),
            ("vip", "An important customer speaks badly of us"),
            ("complaint", "Somebody complains again"),
            ("birthday", "A birthday comes"),
            ("anniversary", "An anniversary comes"),
            ("own_date", "Another date comes"),
            ("first_purchase", "A first purchase"),
            ("nth_purchase", "A certain number of purchases"),
            ("domain", "A contact meets a condition"),
        ],
        string="When",
        required=True,
        tracking=True,
    )
    segment_ids = fields.Many2many(
        "community.segment",
        "community_alarm_segment_rel",
        "alarm_id",
        "segment_id",
        string="Segments",
        domain="[('company_id', 'in', (False, company_id))]",
        help="Only for customers of these segments; of all when empty. Where a customer drops: the segments they come "
        "from.",
    )
    number = fields.Integer(
        default=2,
        help="Quiet: so many times their usual gap without a purchase. Complaint: the how many-th. Dates: so many "
        "days before. Purchases: the how many-th.",
    )
    days = fields.Integer(default=90, help="Complaints are counted over so many days.")
    least_score = fields.Integer(
        string="Monetary from", default=4, help="Only customers who spend that much, from 1 to 5."
    )
    domain = fields.Char(default="[]", string="Condition", help="On the contact; further narrows what is looked for.")
    since = fields.Date(
        required=True,
        default=fields.Date.context_today,
        help="What happened before this day gives no alarm, so that a new one does not go off for everybody at once.",
    )
    action = fields.Selection(
        [
            ("none", "Show it in the list"),
            ("activity", "Give somebody an activity"),
            ("handoff", "Hand it to a department"),
        ],
        string="Then",
        default="none",
        required=True,
        tracking=True,
    )
    user_id = fields.Many2one(
        "res.users",
        string="Responsible",
        check_company=True,
        domain="[('share', '=', False)]",
        help="Who gets the activity. Empty: the salesperson of the customer, else whoever made this alarm.",
    )
    department_id = fields.Many2one("community.department", check_company=True)
    asked = fields.Text(string="What to do", translate=True, help="Stands in the activity or the hand-off.")
    event_ids = fields.One2many("community.alarm.event", "alarm_id")
    event_count = fields.Integer(compute="_compute_event_count", string="Alarms")
    looked_at = fields.Datetime(readonly=True, copy=False, string="Looked for")

    @api.depends("event_ids.state")
    def _compute_event_count(self):
        counts = dict(
            self.env["community.alarm.event"]._read_group(
                [("alarm_id", "in", self.ids), ("state", "=", "new")], ["alarm_id"], ["__count"]
            )
        )
        for alarm in self:
            alarm.event_count = counts.get(alarm, 0)

    @api.onchange("kind")
    def _onchange_kind(self):
        if self.kind in NUMBERS:
            self.number = NUMBERS[self.kind]

    @api.constrains("kind", "number", "days", "least_score")
    def _check_number(self):
        for alarm in self:
            least = 0 if alarm.kind in ("birthday", "anniversary", "own_date") else 1
            if alarm.kind in NUMBERS and not least <= alarm.number <= 1000:
                raise ValidationError(self.env._("“%s” needs a number that makes sense.", alarm.name))
            if alarm.kind == "complaint" and alarm.days < 1:
                raise ValidationError(self.env._("Say over how many days complaints are counted."))
            if not 1 <= alarm.least_score <= 5:
                raise ValidationError(self.env._("Scores go from 1 to 5."))

    @api.constrains("action", "department_id")
    def _check_action(self):
        for alarm in self:
            if alarm.action == "handoff" and not alarm.department_id:
                raise ValidationError(self.env._("Say which department “%s” is handed to.", alarm.name))

    @api.constrains("domain")
    def _check_domain(self):
        for alarm in self:
            try:
                self.env["res.partner"].search(alarm._partner_domain(), limit=1)
            except (ValueError, TypeError, KeyError, SyntaxError, NameError) as error:
                raise ValidationError(
                    self.env._("The condition of “%(name)s” cannot be read: %(error)s", name=alarm.name, error=error)
                ) from error

    def _partner_domain(self):
        """Return the domain of the contacts that the condition means."""
        own = Domain(safe_eval(self.domain or "[]", {"uid": self.env.uid, "company_id": self.company_id.id}))
        return own & Domain("company_id", "in", [False, self.company_id.id])

    def action_open_events(self):
        """Open what this alarm noticed."""
        action = self.env["ir.actions.act_window"]._for_xml_id("community_manager.action_alarm_events")
        return {**action, "domain": [("alarm_id", "in", self.ids)], "context": {}}

    def action_look(self):
        """Look for it now instead of at the next regular time."""
        self.check_access("write")
        before = self.event_count
        self.sudo()._find()
        self.invalidate_recordset(["event_count"])
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "info",
                "message": self.env._("%s new", max(0, sum(self.mapped("event_count")) - before)),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    @api.model
    def _window(self, company, days):
        """Return the first day of a window that ends today."""
        return company._community_day() - timedelta(days=days)
