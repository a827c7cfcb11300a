from odoo import fields, models
from odoo.tools import html2plaintext

from ..answers.placeholders import names_in
from .community_campaign import campaign_steps
from .community_campaign_step import SAYING

#: starts for which the audience has to say who is meant
NEEDS_AUDIENCE = ("now", "date", "audience")


class CommunityCampaign(models.Model):
    """What speaks against starting a campaign."""

    _inherit = "community.campaign"

    problem_text = fields.Text(compute="_compute_problem_text", string="To put right before it starts")

    def _compute_problem_text(self):
        for campaign in self:
            wanted = campaign.state != "done" and (campaign.state == "draft" or campaign.is_changed)
            problems = campaign._problems() if wanted and campaign.ids else []
            campaign.problem_text = "\n".join(f"• {problem}" for problem in problems) or False

    def _problems(self):
        """Return what has to be put right before this may run, as sentences; empty when it may."""
        self.ensure_one()
        problems = [*self._audience_problems(), *self._trigger_problems()]
        steps = campaign_steps(self)
        if not steps:
            problems.append(self.env._("There are no steps yet."))
        if not self.user_id:
            problems.append(self.env._("Nobody is responsible."))
        elif any(step.kind == "mail" for step in steps) and not self.user_id.email:
            problems.append(self.env._("%s has no e-mail address to write from.", self.user_id.name))
        for step in steps:
            problems += step._problems()
        problems += self._placeholder_problems(steps)
        return problems

    def _audience_problems(self):
        problems = []
        if not self.purpose_id:
            problems.append(self.env._("Choose a purpose: consent and limits are asked by it."))
        if self.trigger in NEEDS_AUDIENCE and not self._is_chosen():
            problems.append(self.env._("Choose who it is for: segments, stages or a filter."))
        if self.budget < 0:
            problems.append(self.env._("The budget cannot be negative."))
        if self.variant_ids and not sum(self.variant_ids.mapped("weight")):
            problems.append(self.env._("All variants have the weight 0."))
        if self.trigger == "now" and self.budget and self._is_chosen():
            each = sum(step.cost for step in self.step_ids if step.kind not in ("wait", "branch"))
            if each and self._dearest_path() * self.audience_count * (100 - self.control_share) / 100 > self.budget:
                problems.append(
                    self.env._(
                        "The budget does not pay for everybody: %(people)s people at up to %(each)s each.",
                        people=self.audience_count,
                        each=self.currency_id.format(self._dearest_path()),
                    )
                )
        return problems

    def _dearest_path(self):
        """Return what the dearest way through the steps costs for one person."""
        steps = list(campaign_steps(self))
        best = {}
        for place in range(len(steps) - 1, -1, -1):
            step = steps[place]
            following = steps[place + 1] if place + 1 < len(steps) else None
            if step.kind == "branch":
                ways = [] if step.yes_end else [step.yes_step_id or following]
                ways += [] if step.no_end else [step.no_step_id or following]
            elif step.then == "end":
                ways = []
            else:
                ways = [step.then_step_id if step.then == "step" and step.then_step_id else following]
            own = 0.0 if step.kind in ("wait", "branch") else step.cost
            best[step] = own + max((best.get(way, 0.0) for way in ways if way), default=0.0)
        return best.get(steps[0], 0.0) if steps else 0.0

    def _trigger_problems(self):
        lacking = {
            "date": (not self.trigger_at, self.env._("Say at which date it starts.")),
            "alarm": (not self.trigger_alarm_id, self.env._("Choose the alarm that starts it.")),
            "moment": (not self.trigger_moment_id, self.env._("Choose the moment of truth that starts it.")),
        }
        wrong, sentence = lacking.get(self.trigger, (False, ""))
        return [sentence] if wrong else []

    def _placeholder_problems(self, steps):
        """Return what texts name that nothing before them provides."""
        problems, given = [], set()
        for step in steps:
            if step.kind == "gift":
                given.add("coupon")
            elif step.kind == "survey":
                given.add("survey")
            elif step.kind in SAYING:
                named = set()
                for text in step.text_ids:
                    for part in (text.subject, text.text, html2plaintext(text.body or "")):
                        named |= set(names_in(part))
                for name in sorted({"coupon", "survey"} & named - given):
                    problems.append(
                        self.env._(
                            "“%(step)s” names {{ %(name)s }}, and no step before gives one.",
                            step=step.display_name,
                            name=name,
                        )
                    )
        return problems
