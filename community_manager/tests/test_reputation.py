from datetime import UTC, date, datetime, timedelta

from freezegun import freeze_time

from odoo.tests import tagged

from .routing_common import RoutingCase

NOW = datetime(2026, 3, 20, 12)
DAY = date(2026, 3, 16)


@tagged("post_install", "-at_install")
class TestReputation(RoutingCase):
    """The reputation figure and what it is made of."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        time = freeze_time(NOW)
        time.start()
        cls.addClassCleanup(time.stop)
        cls.company.partner_id.tz = "Europe/Madrid"
        cls.complaint = cls.env["community.intent"].search([("code", "=", "complaint")])
        cls.spam = cls.env["community.intent"].search([("code", "=", "spam")])
        cls.other_channel = cls.make_quiet_channel("Shop", network="rss")

    def tell(self, count=1, day=DAY, channel=None, state="new", intents=(), **values):
        """Let mentions come in at noon of a day."""
        mentions = self.env["community.mention"]
        for _number in range(count):
            mentions += self.say(
                "Acme", channel=channel, published_at=datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
            )
        mentions.write(
            {"sentiment": False, "intent_ids": [(6, 0, [intent.id for intent in intents])], "state": state, **values}
        )
        return mentions

    def count(self):
        """Do what the scheduled action does."""
        while self.env["community.daily"]._count_next():
            pass
        self.env.invalidate_all()

    def figure(self, *domain, by=()):
        """Return the figures of a domain: reputation, feeling, stars, solved; by group when asked."""
        self.count()
        rows = (
            self.env["community.reputation"]
            .with_user(self.agent)
            ._read_group(
                [("company_id", "=", self.company.id), *domain],
                by,
                ["reputation:avg", "feeling:avg", "star_points:avg", "solved:avg"],
            )
        )
        rows = [
            tuple(
                value if isinstance(value, (str, date)) else None if value is False else round(value, 1)
                for value in row
            )
            for row in rows
        ]
        return rows if by else rows[0]

    def test_three_parts(self):
        """Feeling, stars and complaints solved make the figure, each with its weight."""
        self.tell(30, sentiment="positive")
        self.tell(10, sentiment="negative")
        self.tell(5, rating=5)
        self.tell(5, rating=3)
        self.tell(6, intents=[self.complaint], state="done")
        self.tell(2, intents=[self.complaint])
        self.assertEqual(self.figure(), (75.0, 75.0, 75.0, 75.0))
        self.tell(40, sentiment="neutral")
        # feeling 50 + 50 · 20/80 = 62.5, half of the figure
        self.assertEqual(self.figure(), (68.8, 62.5, 75.0, 75.0))

    def test_what_is_missing_is_left_out(self):
        """Without ratings or complaints the other parts count for more; with too few of all there is no figure."""
        self.tell(19, sentiment="positive")
        self.tell(4, rating=1)
        self.tell(4, intents=[self.complaint])
        self.assertEqual(self.figure(), (None, None, None, None))
        self.tell(1, sentiment="positive")
        self.assertEqual(self.figure(), (100.0, 100.0, None, None))
        self.tell(1, rating=1)
        # (50 · 100 + 30 · 0) / 80
        self.assertEqual(self.figure(), (62.5, 100.0, 0.0, None))
        self.tell(1, intents=[self.complaint])
        self.assertEqual(self.figure(), (50.0, 100.0, 0.0, 0.0))

    def test_groups_are_not_averaged(self):
        """A figure of several days or networks is made of their sums: a small day weighs little."""
        self.tell(90, sentiment="positive")
        self.tell(10, day=DAY + timedelta(days=1), sentiment="negative")
        self.assertEqual(self.figure()[1], 90.0)
        self.assertEqual(
            self.figure(by=["day:day"]),
            [(DAY, 100.0, 100.0, None, None), (DAY + timedelta(days=1), None, None, None, None)],
        )
        self.tell(20, channel=self.other_channel, sentiment="negative")
        self.assertEqual(self.figure(by=["network"]), [("rss", 0.0, 0.0, None, None), ("toy", 90.0, 90.0, None, None)])
        self.assertEqual(self.figure(("network", "=", "toy"))[1], 90.0)
        self.assertEqual(self.figure(("day", ">", DAY))[0], None)

    def test_as_the_screen_asks(self):
        """List, pivot and graph get the same figures; nothing where there are too few."""
        self.tell(20, sentiment="positive")
        self.tell(3, day=DAY - timedelta(days=40), sentiment="negative")
        self.count()
        report = self.env["community.reputation"].with_user(self.agent)
        groups = report.formatted_read_group(
            [("company_id", "=", self.company.id)],
            ["day:month"],
            ["reputation:avg", "mentions:sum"],
            order="reputation:avg desc nulls last",
        )
        self.assertEqual([group["reputation:avg"] for group in groups], [100.0, False])
        groups = report.web_read_group([], ["network"], ["reputation:avg"])["groups"]
        self.assertIn("reputation:avg", groups[0])
        rows = report.search([("company_id", "=", self.company.id)])
        self.assertEqual(
            [(row.day, row.reputation, row.points_known) for row in rows],
            [(DAY, 100.0, "feeling,reputation"), (DAY - timedelta(days=40), 0.0, "")],
        )

    def test_what_does_not_count(self):
        """Copies, namesakes, spam, our own words, deleted ones and what is only about competitors do not count."""
        first = self.tell(20, sentiment="positive")
        self.tell(1, sentiment="negative", copy_of_id=first[0].id)
        self.tell(1, sentiment="negative", is_namesake=True)
        self.tell(1, sentiment="negative", intents=[self.spam])
        self.tell(1, sentiment="negative", outgoing=True)
        self.tell(1, sentiment="negative", deleted_at=NOW)
        rival = self.make_topic("Rival", "rival", kind="competitor")
        theirs = self.tell(2, sentiment="negative", origin="search")
        theirs.topic_ids = rival
        self.assertEqual(self.figure()[1], 100.0)
        theirs[0].topic_ids = rival | self.topic
        self.assertAlmostEqual(self.figure()[1], 95.2)

    def test_corrections_are_followed(self):
        """What people correct, solve or remove changes the figure of its day, and only counts once."""
        mentions = self.tell(20, sentiment="positive")
        complaints = self.tell(5, intents=[self.complaint])
        self.assertEqual(self.figure(), (71.4, 100.0, None, 0.0))
        complaints.action_done()
        self.assertEqual(self.figure()[3], 100.0)
        mentions[0].sentiment = "negative"
        self.assertEqual(self.figure()[1], 95.0)
        mentions.unlink()
        self.assertEqual(self.figure(), (100.0, None, None, 100.0))
        complaints.unlink()
        self.count()
        self.assertFalse(
            self.env["community.daily"].search([("company_id", "=", self.company.id), ("network", "=", "toy")])
        )

    def test_time_to_solve(self):
        """A complaint counts only after two days, and then by itself."""
        self.tell(5, day=NOW.date(), intents=[self.complaint])
        self.assertEqual(self.figure()[3], None)
        with freeze_time(NOW + timedelta(hours=2)):
            self.assertEqual(self.figure()[3], None)
        with freeze_time(NOW + timedelta(hours=50)):
            self.assertEqual(self.figure()[3], 0.0)

    def test_company_day(self):
        """The day begins at the company's midnight, in summer too."""
        self.tell(1).published_at = datetime(2026, 3, 18, 23, 30)
        self.tell(1).published_at = datetime(2026, 3, 30, 21, 30)
        self.tell(1).published_at = datetime(2026, 3, 30, 22, 30)
        self.count()
        rows = self.env["community.daily"].search([("company_id", "=", self.company.id), ("network", "=", "toy")])
        self.assertEqual(rows.mapped("day"), [date(2026, 3, 31), date(2026, 3, 30), date(2026, 3, 19)])
        self.company.partner_id.tz = "America/Bogota"
        self.assertEqual(self.company._community_day(datetime(2026, 3, 19, 4)), date(2026, 3, 18))

    def test_said_in_plain_words(self):
        """The screen says the figure, what it is made of and how; and when there is too little to say."""
        report = self.env["community.reputation"].with_user(self.agent)
        domain = [("company_id", "=", self.company.id), ("network", "=", "toy")]
        self.assertIn("no mentions", report.get_heading(domain)["sentence"])
        self.tell(19, sentiment="positive")
        self.count()
        heading = report.get_heading(domain)
        self.assertIn("Too few", heading["sentence"])
        self.assertIs(heading["figure"], None)
        self.tell(11, sentiment="negative")
        self.tell(6, rating=4)
        self.count()
        heading = report.get_heading(domain)
        self.assertEqual(
            heading["sentence"],
            "Reputation 68 of 100 in what is chosen here: net feeling 63 (30 mentions), stars 75 (6 ratings).",
        )
        self.assertIn("50 % net feeling + 30 % stars + 20 % complaints solved", heading["more"][0])
        self.assertTrue(any("48 hours" in line for line in heading["more"]))

    def test_opens_the_mentions(self):
        """A line opens the mentions that it counts."""
        said = self.tell(3, sentiment="positive")
        self.tell(1, day=DAY + timedelta(days=1))
        self.tell(1, intents=[self.spam])
        self.tell(1, channel=self.other_channel)
        self.count()
        row = self.env["community.reputation"].search([("day", "=", DAY), ("network", "=", "toy")])
        action = row.with_user(self.agent).action_open_mentions()
        self.assertEqual(self.env["community.mention"].search(action["domain"]), said.sorted("id", reverse=True))

    def test_second_pass_has_the_day_counted(self):
        """A mention counts soon after it has come in."""
        self.say("Acme")
        self.env["community.analyst"]._deepen_waiting()
        self.count()
        daily = self.env["community.daily"].search([("company_id", "=", self.company.id), ("network", "=", "toy")])
        self.assertEqual(sum(daily.mapped("mentions")), 1)
