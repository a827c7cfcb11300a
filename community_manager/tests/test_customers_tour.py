from datetime import timedelta

from odoo.tests import tagged

from .http_common import CommunityHttpCase


@tagged("post_install", "-at_install")
class TestCustomersTour(CommunityHttpCase):
    """Customers, segments and alarms in the browser."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager.lang = "en_US"
        cls.env["community.alarm"].search([]).active = False
        today = cls.company._community_day()
        bought = {"Tour Best": (1, 20, 40, 60, 80), "Tour Quiet": (200, 230, 260), "Tour New": (2,), "Tour Old": (300,)}
        bought["Tour Middle"] = (100, 120)
        cls.people = {name: cls.env["res.partner"].create({"name": name}) for name in bought}
        cls.env["community.purchase"].create(
            [
                {"name": f"{name} {ago}", "partner_id": cls.people[name].id, "date": today - timedelta(days=ago)}
                | {"amount": 1e7 if name == "Tour Best" else 10}
                for name, days in bought.items()
                for ago in days
            ]
        )
        # whatever else the database knows of, these are the customers
        cls.env["sale.order"].search([("state", "=", "sale")]).state = "cancel"
        cls.env["community.purchase"].search(
            [("partner_id", "not in", [one.id for one in cls.people.values()])]
        ).unlink()
        cls.env["community.score"]._refresh(cls.company)
        cls.alarm = cls.env["community.alarm"].create(
            {"name": "Quiet", "kind": "quiet", "least_score": 1, "since": today - timedelta(days=400)}
        )
        cls.alarm._find()

    def test_manager_knows_customers(self):
        """From the list of customers to what one bought, to the segments, and an alarm that is seen to."""
        self.start_tour("/odoo/community-customers", "community_manager_knows_customers", login=self.manager.login)
        self.env.invalidate_all()
        quiet = self.alarm.event_ids.filtered(lambda event: event.partner_id == self.people["Tour Quiet"])
        self.assertEqual((quiet.state, quiet.user_id), ("handled", self.manager))
