from datetime import UTC, datetime, timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.community_manager.connectors.errors import AccessDenied, Retriable
from odoo.addons.community_manager.connectors.items import Figures

from .common import item, page
from .test_renewal import ClubCase
from .toy_club import counts, granted, profile


@tagged("post_install", "-at_install")
class TestFigures(ClubCase):
    """Figures of the account and of its posts, once a day."""

    def setUp(self):
        super().setUp()
        now = datetime.now(UTC)
        self.says(
            [
                page(
                    item("1", published_at=now - timedelta(days=1)),
                    item("2", published_at=now - timedelta(days=2), outgoing=True, origin="own"),
                    item("3", published_at=now - timedelta(days=40)),
                )
            ]
        )
        self.listen(self.channel)
        self.club.done.clear()

    def measure(self):
        """Run the scheduled action; return the figures of the channel."""
        self.env["community.channel"]._measure_channels()
        self.env.invalidate_all()
        return self.env["community.channel.figure"].search([("channel_id", "=", self.channel.id)])

    def test_of_the_account_and_its_posts(self):
        """What the network says is kept for the day, and posts of the last month show how they did."""
        self.club.figures = Figures(
            followers=120, posts=7, rating=4.5, items={"2": counts(views=900, likes=12, clicks=3), "9": counts(likes=1)}
        )
        figure = self.measure()
        self.assertEqual(self.club.done, [["2", "1"]], "our own first, nothing older")
        self.assertEqual((figure.date, figure.followers, figure.posts), (fields.Date.today(), 120, 7))
        self.assertEqual(figure.rating, 4.5)
        self.env.cr.execute("SELECT views FROM community_channel_figure WHERE id = %s", [figure.id])
        self.assertEqual(self.env.cr.fetchone(), (None,), "what is not said is not nothing")
        post = self.mentions(self.channel, external_id="2")
        self.assertEqual((post.views, post.likes, post.clicks, post.shares), (900, 12, 3, 0))
        self.assertEqual(self.channel.figures_on, fields.Date.today())
        self.assertAlmostEqual(self.channel.spent_month, 0.5)

    def test_once_a_day(self):
        """The same day is asked for once; the next one makes a line of its own."""
        self.club.figures = Figures(followers=120)
        self.measure()
        self.measure()
        self.assertEqual(len(self.club.done), 1)
        with freeze_time(datetime.now() + timedelta(days=1)):
            self.give(self.channel)
            self.club.figures = Figures(followers=125)
            self.assertEqual(self.measure().mapped("followers"), [125, 120])
        self.env["community.channel.figure"]._keep(self.channel, fields.Date.today(), Figures(posts=3))
        self.env["community.channel.figure"]._keep(self.channel, fields.Date.today(), Figures())
        today = self.env["community.channel.figure"].search(
            [("channel_id", "=", self.channel.id), ("date", "=", fields.Date.today())]
        )
        self.assertEqual((today.followers, today.posts), (120, 3))

    def test_absurd_numbers(self):
        """No number breaks a column."""
        self.club.figures = Figures(followers=10**30, posts=-5, items={"1": counts(views=10**30, likes=-1)})
        figure = self.measure()
        self.assertEqual((figure.followers, figure.posts), (2**31 - 1, 0))
        self.assertEqual(self.mentions(self.channel, external_id="1").views, 2**31 - 1)

    def test_not_given(self):
        """A network that gives no figures to us is no fault of the channel, and is asked again the next day."""
        self.club.figures = AccessDenied("The club gives figures to its friends only.")
        self.assertFalse(self.measure())
        self.assertEqual((self.channel.state, self.channel.error_count, self.channel.health), ("listening", 0, "ok"))
        self.assertIn("friends only", self.channel.figures_problem)
        self.measure()
        self.assertEqual(len(self.club.done), 1)
        with freeze_time(datetime.now() + timedelta(days=1)):
            self.give(self.channel)
            self.club.figures = Figures(followers=1)
            self.measure()
            self.assertFalse(self.channel.figures_problem)

    def test_trouble(self):
        """A network that is down is asked again the same day; access is renewed here too."""
        self.club.figures = Retriable("It does not answer.")
        self.assertFalse(self.measure())
        self.assertFalse(self.channel.figures_on)
        self.club.valid, self.club.answers, self.club.figures = set(), [granted(2)], Figures(followers=5)
        self.assertEqual(self.measure().followers, 5)
        self.assertEqual(self.secrets()["access_token"], "access-2")

    def test_who_is_not_asked(self):
        """Channels that are paused, cannot be measured or have no money left are left alone."""
        self.make_channel("Toy")
        self.channel.with_user(self.admin).monthly_budget = 1.0
        self.env["community.channel.usage"]._count(self.channel, cost=2.0)
        self.measure()
        self.channel.monthly_budget = 0
        self.channel.action_pause()
        self.measure()
        self.assertFalse(self.club.done)

    def test_who_sees_them(self):
        """Every agent of the company reads them, nobody changes them; others do not see them."""
        self.club.figures = Figures(followers=5)
        figure = self.measure()
        self.assertEqual(figure.with_user(self.agent).followers, 5)
        with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models.ir_model"):
            figure.with_user(self.admin).write({"followers": 6})
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        stranger = self._new_user(
            "stranger", "community_manager.group_admin", company_id=elsewhere.id, company_ids=[(6, 0, elsewhere.ids)]
        )
        self.assertFalse(self.env["community.channel.figure"].with_user(stranger).search([]))
        action = self.channel.with_user(self.agent).action_open_figures()
        self.assertEqual(action["domain"], [("channel_id", "in", self.channel.ids)])


@tagged("post_install", "-at_install")
class TestProfile(ClubCase):
    """Who an author is now."""

    def setUp(self):
        super().setUp()
        self.says([page(item("1"))])
        self.listen(self.channel)
        self.author = self.mentions(self.channel).author_id

    def test_refreshed(self):
        """Name, picture and followers are as the network says now; what it does not say stays."""
        self.club.profiles = {
            "@ann": profile("ann", name="Ann Smith", followers=50, avatar_url="https://club.example/a.png")
        }
        self.author.with_user(self.agent).action_look_up()
        self.assertEqual((self.author.name, self.author.followers), ("Ann Smith", 50))
        self.assertEqual((self.author.handle, self.author.avatar_url), ("@ann", "https://club.example/a.png"))

    def test_nobody_or_somebody_else(self):
        """A name that is gone, or went to another person, changes nothing."""
        for found, words in (({}, "Nobody"), ({"@ann": profile("eve", name="Eve")}, "somebody else")):
            self.club.profiles = found
            with self.assertRaisesRegex(UserError, words):
                self.author.with_user(self.agent).action_look_up()
            self.assertEqual(self.author.name, "Ann")

    def test_nobody_to_ask(self):
        """Without a connected channel that can do it, it says so."""
        self.channel.action_pause()
        with self.assertRaisesRegex(UserError, "No channel"):
            self.author.with_user(self.agent).action_look_up()


@tagged("post_install", "-at_install")
class TestModeration(ClubCase):
    """What managers do about a mention on its network."""

    def setUp(self):
        super().setUp()
        self.says([page(item("1", text="Acme is rubbish"))])
        self.listen(self.channel)
        self.mention = self.mentions(self.channel)
        self.club.done.clear()

    def moderate(self, action, reason="", user=None):
        """Do something about the mention."""
        wizards = self.env["community.moderation"].with_user(user or self.manager)
        return wizards.create({"mention_id": self.mention.id, "action": action, "reason": reason}).action_moderate()

    def test_hidden(self):
        """It is done on the network and noted beside the mention, with the reason and who did it."""
        self.moderate("hide", "Insults a customer")
        self.assertEqual(self.club.done, [("hide", "1", "Insults a customer")])
        note = self.mention.message_ids[:1]
        self.assertIn("Hide it", note.body)
        self.assertIn("Insults a customer", note.body)
        self.assertEqual(note.author_id, self.manager.partner_id)
        self.assertFalse(self.mention.deleted_at)

    def test_deleted(self):
        """What is deleted there is deleted here."""
        self.moderate("delete")
        self.assertTrue(self.mention.deleted_at)
        self.assertFalse(self.mention.text)
        self.assertFalse(self.mention.can_moderate)

    def test_only_what_the_network_can(self):
        """The form offers what the network can do, and nothing else is done."""
        action = self.mention.with_user(self.manager).action_moderate()
        wizard = self.env["community.moderation"].with_user(self.manager).with_context(**action["context"]).create({})
        self.assertEqual(wizard.offered, ",delete,hide,report,")
        wizard.with_context(community_moderation="report").action_moderate()
        self.assertEqual(self.club.done, [("report", "1", "")])
        self.club.done.clear()
        with self.assertRaisesRegex(UserError, "cannot do that"):
            self.moderate("ban")
        self.assertFalse(self.club.done)

    def test_what_only_its_author_can(self):
        """What a network allows only on our own words is offered on those; oneself is not reported."""
        self.patch(self.club, "own_moderations", frozenset({"delete"}))
        self.assertEqual(self.mention._moderations(), {"hide", "report"})
        self.mention.outgoing = True
        self.assertEqual(self.mention._moderations(), {"delete"})
        self.assertTrue(self.mention.can_moderate)

    def test_who_may(self):
        """Agents do not moderate."""
        with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models.ir_model"):
            self.moderate("hide", user=self.agent)
        with self.assertRaises(AccessError):
            self.mention.with_user(self.agent).action_moderate()
        self.assertFalse(self.club.done)

    def test_refused(self):
        """What the network says is told, and nothing is noted."""
        before = len(self.mention.message_ids)
        self.patch(self.club, "moderate", self.refuse)
        with (
            self.assertRaisesRegex(UserError, "not a moderator"),
            mute_logger("odoo.addons.community_manager.models.listening.community_channel_ask"),
        ):
            self.moderate("hide")
        self.assertEqual(len(self.mention.message_ids), before)

    @staticmethod
    def refuse(connector, action, target, reason=""):
        """Be a network that does not let us."""
        raise AccessDenied("The account is not a moderator.")

    def test_without_a_channel(self):
        """A mention whose channel was deleted cannot be moderated."""
        self.channel.with_user(self.admin).action_delete()
        self.env.invalidate_all()
        self.assertFalse(self.mention.can_moderate)
        with self.assertRaises(UserError):
            self.moderate("hide")
