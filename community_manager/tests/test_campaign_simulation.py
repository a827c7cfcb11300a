from datetime import timedelta

from odoo import fields
from odoo.fields import Command
from odoo.tests import tagged

from .campaign_common import CampaignCase


@tagged("post_install", "-at_install")
class TestCampaignSimulation(CampaignCase):
    """What would happen, told before anything does."""

    def lines(self, campaign, days=30):
        return {(one["partner_id"], one["step_id"]): one for one in campaign._simulate(days)}

    def test_who_when_and_why_not(self):
        """The simulation names who gets what when, and who does not and why; nothing is written."""
        campaign = self.make_campaign(self.mail(), {"kind": "wait", "wait_count": 4}, self.mail(cost=2))
        first, _wait, last = campaign.step_ids
        before = self.env["community.touch"].search_count([])
        lines = self.lines(campaign)
        self.assertEqual(lines[self.ann.id, first.id]["outcome"], "contact")
        gap = lines[self.ann.id, last.id]["moment"] - lines[self.ann.id, first.id]["moment"]
        self.assertEqual(gap.days, 4)
        self.assertEqual(lines[self.ann.id, last.id]["cost"], 2)
        held = lines[self.nameless.id, first.id]
        self.assertEqual((held["outcome"], held["reason"]), ("held", "No first name"))
        self.assertNotIn((self.nameless.id, last.id), lines)
        self.assertEqual(self.env["community.touch"].search_count([]), before)
        self.assertFalse(campaign.person_ids)
        self.assertFalse(self.lines(campaign, 2).get((self.ann.id, last.id)))

    def test_simulated_as_it_comes(self):
        """What the simulation said is what people get when it runs."""
        campaign = self.make_campaign(self.mail(), control_share=30)
        campaign.excluded_ids = self.ben
        said = {one["partner_id"] for one in campaign._simulate() if one["outcome"] == "contact"}
        campaign.action_start()
        self.work()
        self.assertEqual(set(self.mails(campaign).recipient_ids.ids), said)

    def test_limits_count_what_is_simulated(self):
        """A contact that is foreseen counts for the limit of the one that follows it."""
        limit = [Command.create({"media": "all", "window": "week", "most": 1})]
        self.env["community.contact.policy"].create({"name": "One", "in_force": True, "limit_ids": limit})
        campaign = self.make_campaign(self.mail(), self.mail(), patience=10)
        first, last = campaign.step_ids
        lines = self.lines(campaign)
        gap = lines[self.ann.id, last.id]["moment"] - lines[self.ann.id, first.id]["moment"]
        self.assertEqual(gap.days, 7)
        self.assertEqual(lines[self.ann.id, last.id]["code"], "limit")
        campaign.patience = 3
        self.assertEqual(self.lines(campaign)[self.ann.id, last.id]["outcome"], "held")

    def test_budget_is_kept_in_thought(self):
        """Nobody is told to get what the budget does not pay."""
        campaign = self.make_campaign(self.mail("<p>Hi</p>", "Hi", cost=3), trigger="audience", budget=7)
        outcomes = [one["outcome"] for one in campaign._simulate()]
        self.assertEqual(sorted(outcomes), ["contact", "contact", "held"])

    def test_screen_says_it_in_words(self):
        """The screen has a sentence, the reasons, and lines to filter; only managers simulate."""
        campaign = self.make_campaign(budget=50)
        action = campaign.with_user(self.manager).action_simulate()
        forecast = self.env["community.campaign.forecast"].browse(action["res_id"])
        self.assertEqual((forecast.people_count, forecast.held_count), (2, 1))
        self.assertIn("2 people would be contacted 2 times", forecast.summary)
        self.assertIn("No first name", forecast.reasons)
        self.assertEqual(len(forecast.line_ids), 3)
        forecast.days = 10
        forecast.with_user(self.manager).action_again()
        self.assertEqual(len(forecast.line_ids), 3)

    def test_dates_ahead(self):
        """Birthdays of the next days are foreseen on their day, at the hour of the campaign."""
        day = fields.Date.today()
        soon = day + timedelta(days=10)
        for partner in (self.ann, self.ben):
            self.env["community.date"].create(
                {"partner_id": partner.id, "kind": "birthday", "day": soon.day, "month": str(soon.month)}
            )
        campaign = self.make_campaign(trigger="dates", trigger_days_before=2, trigger_hour=9.0)
        lines = [one for one in campaign._simulate() if one["outcome"] == "contact"]
        self.assertEqual({one["partner_id"] for one in lines}, {self.ann.id, self.ben.id})
        self.assertEqual({one["moment"].date() for one in lines}, {day + timedelta(days=8)})
        self.assertFalse(campaign._simulate(5))

    def test_picture(self):
        """The picture has a card for the start, each step and the end, and counts people where they are."""
        campaign = self.make_campaign(
            self.mail(), {"kind": "wait"}, {"kind": "branch"}, self.mail(then="end"), self.mail()
        )
        branch = campaign.step_ids[2]
        branch.no_step_id = campaign.step_ids[4]
        campaign.action_start()
        self.work()
        flow = campaign.with_user(self.agent).get_flow()
        self.assertEqual(
            [node["kind"] for node in flow["nodes"]], ["trigger", "mail", "wait", "branch", "mail", "mail", "end"]
        )
        counts = {node["id"]: node["counts"] for node in flow["nodes"]}
        mail, wait = campaign.step_ids[:2]
        self.assertEqual((counts[mail.id]["sent"], counts[mail.id]["held"]), (2, 1))
        self.assertEqual(counts[wait.id]["waiting"], 2)
        edges = {(edge["from"], edge["label"]): edge["to"] for edge in flow["edges"]}
        self.assertEqual(edges[branch.id, "No"], campaign.step_ids[4].id)
        self.assertEqual(edges[branch.id, "Yes"], campaign.step_ids[3].id)
        self.assertEqual(edges[campaign.step_ids[3].id, ""], "end")
