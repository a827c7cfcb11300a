import json

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL, format_date, formatLang


class CommunityCampaignForecast(models.TransientModel):
    """What a campaign would do in the next days, kept for as long as somebody looks at it."""

    _name = "community.campaign.forecast"
    _description = "Simulation of a Campaign"
    _rec_name = "campaign_id"

    campaign_id = fields.Many2one("community.campaign", required=True, ondelete="cascade")
    company_id = fields.Many2one(related="campaign_id.company_id")
    currency_id = fields.Many2one(related="company_id.currency_id")
    days = fields.Integer(default=30, string="Days ahead", required=True)
    summary = fields.Text(readonly=True)
    reasons = fields.Text(readonly=True)
    assumption = fields.Text(readonly=True)
    problem_text = fields.Text(related="campaign_id.problem_text")
    state = fields.Selection(related="campaign_id.state", string="State of the campaign")
    contact_count = fields.Integer("Contacts", readonly=True)
    people_count = fields.Integer("People contacted", readonly=True)
    held_count = fields.Integer("People held back", readonly=True)
    control_count = fields.Integer("Control group", readonly=True)
    cost = fields.Monetary(readonly=True)
    line_ids = fields.One2many("community.campaign.forecast.line", "forecast_id")

    @api.model
    def _open_for(self, campaign, days=30):
        """Simulate a campaign and return the action that shows it."""
        forecast = self.create({"campaign_id": campaign.id, "days": days})
        forecast._look_ahead()
        return forecast._open()

    def _open(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Simulation: %s", self.campaign_id.name),
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
            "target": "current",
        }

    def action_again(self):
        """Simulate again, perhaps over other days."""
        self.ensure_one()
        self._look_ahead()
        return self._open()

    def action_start(self):
        """Start the campaign, and open it."""
        self.ensure_one()
        self.campaign_id.action_start()
        return self.campaign_id.get_formview_action()

    def action_graph(self):
        """Open what happens on each day."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("community_manager.action_campaign_forecast_lines")
        return {**action, "domain": [("forecast_id", "=", self.id)]}

    def _look_ahead(self):
        """Simulate, and keep what was found.

        :raises AccessError: for people who may not plan campaigns
        """
        self.ensure_one()
        if not self.campaign_id.has_access("write"):
            raise AccessError(self.env._("Campaigns are simulated by those who plan them."))
        days = self.days = min(max(self.days, 1), 366)
        lines = self.campaign_id._simulate(days)
        zone = self.campaign_id.company_id._community_zone()
        self.line_ids.unlink()
        self._keep(lines, zone)
        contacts = [line for line in lines if line["outcome"] == "contact"]
        held = [line for line in lines if line["outcome"] == "held"]
        self.contact_count = len(contacts)
        self.people_count = len({line["partner_id"] for line in contacts})
        self.held_count = len({line["partner_id"] for line in held})
        self.control_count = len({line["partner_id"] for line in lines if line["outcome"] == "control"})
        self.cost = sum(line["cost"] for line in lines)
        self.summary = self._in_words(contacts, zone)
        self.reasons = self._reasons_in_words(held)
        self.assumption = self._assumption()

    def _keep(self, lines, zone):
        """Keep what was found: tens of thousands of lines, in one statement instead of as many created records."""
        self.flush_recordset()
        rows = [
            {
                **line,
                "step_id": line["step_id"] or None,
                "moment": fields.Datetime.to_string(line["moment"]),
            }
            for line in lines
        ]
        self.env.execute_query(
            SQL(
                """INSERT INTO community_campaign_forecast_line
                          (forecast_id, partner_id, step_id, moment, day, medium, outcome, code, reason, cost,
                           create_uid, create_date, write_uid, write_date)
                   SELECT %(forecast)s, partner_id, step_id, moment,
                          (moment AT TIME ZONE 'UTC' AT TIME ZONE %(zone)s)::date, medium, outcome,
                          NULLIF(code, ''), NULLIF(reason, ''), cost, %(uid)s, %(now)s, %(uid)s, %(now)s
                     FROM jsonb_to_recordset(%(rows)s::jsonb) AS r(
                          partner_id int, step_id int, moment timestamp, medium text, outcome text, code text,
                          reason text, cost numeric)
                RETURNING 1""",
                forecast=self.id,
                zone=str(zone),
                uid=self.env.uid,
                now=fields.Datetime.now(),
                rows=json.dumps(rows),
            )
        )
        self.invalidate_recordset()
        self.env["community.campaign.forecast.line"].invalidate_model()

    # -- words -----------------------------------------------------------------------------------------------------

    def _number(self, value):
        return formatLang(self.env, value, digits=0)

    def _in_words(self, contacts, zone):
        """Return what was found as sentences."""
        campaign = self.campaign_id
        if not contacts:
            sentence = self.env._("In the next %s days nobody would be contacted.", self.days)
        else:
            lines = self.env["community.campaign.forecast.line"]
            labels = dict(lines._fields["medium"]._description_selection(self.env))
            media = {}
            for line in contacts:
                media[line["medium"]] = media.get(line["medium"], 0) + 1
            first, last = (
                format_date(self.env, campaign.company_id._community_day(choose(line["moment"] for line in contacts)))
                for choose in (min, max)
            )
            by = ", ".join(f"{labels.get(code, code)} {self._number(count)}" for code, count in sorted(media.items()))
            sentence = self.env._(
                "In the next %(days)s days %(people)s people would be contacted %(count)s times, from %(first)s to"
                " %(last)s (%(by)s).",
                days=self.days,
                people=self._number(self.people_count),
                count=self._number(self.contact_count),
                first=first,
                last=last,
                by=by,
            )
        cost = campaign.currency_id.format(self.cost)
        if campaign.budget:
            left = campaign.currency_id.format(campaign.budget - campaign._spent())
            money = self.env._("It would cost %(cost)s; the budget leaves %(left)s.", cost=cost, left=left)
        else:
            money = self.env._("It would cost %s.", cost)
        parts = [sentence, money]
        if self.control_count:
            parts.append(self.env._("%s people are in the control group.", self._number(self.control_count)))
        return " ".join(parts)

    def _reasons_in_words(self, held):
        if not held:
            return self.env._("Nobody would be held back.")
        counts = {}
        for line in held:
            counts.setdefault(line["reason"] or line["code"], set()).add(line["partner_id"])
        shown = sorted(counts.items(), key=lambda item: -len(item[1]))
        lines = [f"{self._number(len(people))} · {reason}" for reason, people in shown[:6]]
        if len(shown) > 6:
            lines.append(self.env._("… and %s other reasons", len(shown) - 6))
        return "\n".join(lines)

    def _assumption(self):
        said = [self.env._("Taken that nobody answers, buys or complains meanwhile.")]
        if self.campaign_id._is_estimate():
            said.append(
                self.env._(
                    "Who will come in is not known yet: whoever it happened to in the last %s days stands for them.",
                    self.days,
                )
            )
        if self.campaign_id.trigger == "hand":
            said.append(self.env._("People are added by hand: only those who are in it already are counted."))
        return " ".join(said)
