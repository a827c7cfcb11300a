from datetime import UTC, datetime, timedelta
from unittest.mock import patch

from odoo import fields, sql_db
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import SQL, mute_logger

from odoo.addons.community_manager.connectors.errors import AccessExpired, Retriable
from odoo.addons.community_manager.connectors.items import Tokens
from odoo.addons.community_manager.models.listening import renewal
from odoo.addons.community_manager.models.platform.moments import naive

from .common import CommunityCase, item, page
from .toy import toy_network
from .toy_club import Club, Door, granted, tokens


class ClubCase(CommunityCase):
    """A channel whose access renews itself."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        club = toy_network(Club)
        cls.club = club.__enter__()
        cls.addClassCleanup(club.__exit__, None, None, None)
        cls.channel = cls.make_channel(
            "Club", network="club", access={"client_id": "app", "client_secret": "app secret"}, start=False
        )
        cls.give(cls.channel)
        cls.channel.action_start()
        cls.channel.user_ids = cls.admin

    def setUp(self):
        super().setUp()
        self.club.reset()

    @classmethod
    def give(cls, channel, number=1, seconds=3600):
        """Let a channel have access that ends in some seconds."""
        given = tokens(number, seconds)
        cls.env["community.secret"]._store(channel, given.secrets, expires_at=naive(given.expires_at))

    def secrets(self):
        """Return what is stored now."""
        return self.env["community.secret"]._reveal(self.channel)

    def says(self, *runs):
        """Say what the club answers to its channel, run by run."""
        self.club.script["Club"] = list(runs)

    def warnings(self):
        """Return the open activities of the channel that ask somebody to mend it."""
        return self.channel.activity_search(["community_manager.activity_channel"])


@tagged("post_install", "-at_install")
class TestRenewal(ClubCase):
    """Access is renewed before its end, or once after it was refused, and what comes back is kept."""

    def test_not_before_it_is_due(self):
        """Access that lasts is left alone."""
        self.says([page(item("1"))])
        self.listen(self.channel)
        self.assertFalse(self.club.requests)
        self.assertEqual(len(self.mentions(self.channel)), 1)

    def test_before_its_end(self):
        """Access that ends within minutes is renewed before anything is asked, and its new end is known."""
        self.give(self.channel, seconds=200)
        self.club.answers = [granted(2)]
        self.says([page(item("1"))])
        self.listen(self.channel)
        self.assertEqual(
            self.club.requests,
            [
                {
                    "grant_type": "refresh_token",
                    "refresh_token": "refresh-1",
                    "client_id": "app",
                    "client_secret": "app secret",
                }
            ],
        )
        self.assertEqual(self.secrets()["access_token"], "access-2")
        self.assertEqual(self.secrets()["refresh_token"], "refresh-2")
        self.assertEqual(self.secrets()["client_secret"], "app secret")
        left = self.channel.access_expires_at - fields.Datetime.now()
        self.assertAlmostEqual(left, timedelta(hours=1), delta=timedelta(minutes=1))
        self.assertEqual((self.channel.state, len(self.mentions(self.channel))), ("listening", 1))
        self.listen(self.channel)
        self.assertEqual(len(self.club.requests), 1)

    def test_no_access_yet(self):
        """With nothing but a refresh token, access is got first."""
        self.env["community.secret"]._store(self.channel, {"access_token": ""})
        self.club.answers = [granted(2, seconds=None, refresh_token=None)]
        self.says([page(item("1"))])
        self.listen(self.channel)
        self.assertEqual(self.secrets()["access_token"], "access-2")
        self.assertEqual(self.secrets()["refresh_token"], "refresh-1")
        self.assertFalse(self.channel.access_expires_at)
        self.assertEqual(len(self.mentions(self.channel)), 1)

    def test_refused_in_the_middle(self):
        """Access that is refused between two pages is renewed, and the rest goes on after the last page."""
        self.says([page(item("1")), AccessExpired("No more.")], [page(item("2"))])
        self.club.answers = [granted(2)]
        self.listen(self.channel)
        self.assertEqual(self.mentions(self.channel).mapped("external_id"), ["1", "2"])
        self.assertEqual(self.club.seen["Club"], [{}, {"last": "1"}])
        self.assertEqual((self.channel.state, self.channel.error_count), ("listening", 0))
        self.assertEqual(self.secrets()["access_token"], "access-2")

    def test_refused_again(self):
        """Access that is refused right after it was renewed is not renewed again: a person has to look."""
        self.says([AccessExpired("No more.")])
        self.club.answers = [granted(2), granted(3)]
        self.listen(self.channel)
        self.assertEqual(len(self.club.requests), 1)
        self.assertEqual(self.channel.state, "access")
        self.assertEqual(self.warnings().user_id, self.admin)

    def test_not_renewed_any_more(self):
        """When the network renews no more, the channel asks for a person, and nothing stored is lost."""
        self.give(self.channel, seconds=10)
        self.says([page(item("1"))])
        self.listen(self.channel)
        self.assertEqual((self.channel.state, self.channel.health), ("access", "error"))
        self.assertIn("Authorise again", self.channel.health_text)
        self.assertEqual(self.warnings().user_id, self.admin)
        self.assertEqual(self.secrets()["refresh_token"], "refresh-1")
        self.assertFalse(self.mentions(self.channel))

    def test_the_server_for_tokens_is_down(self):
        """Access that is still valid is used; access that has ended waits, as for any other trouble."""
        self.give(self.channel, seconds=200)
        self.club.answers = [Retriable("It does not answer.")]
        self.says([page(item("1"))])
        self.listen(self.channel)
        self.assertEqual((self.channel.state, len(self.mentions(self.channel))), ("listening", 1))
        self.give(self.channel, seconds=-10)
        self.club.answers = [Retriable("It does not answer.")]
        self.listen(self.channel)
        self.assertEqual((self.channel.state, self.channel.error_count), ("listening", 1))

    def test_taken_over_from_another_worker(self):
        """What another worker has got meanwhile is used without asking again."""
        connector = self.channel._connector()
        renewal = self.channel._renewal(connector)
        self.give(self.channel, number=2)
        self.club.valid = {"access-2"}
        self.assertEqual(renewal.run(connector.check).account, "@acme")
        self.assertEqual(connector.secrets["refresh_token"], "refresh-2")
        self.assertFalse(self.club.requests)

    def test_while_another_worker_renews(self):
        """Nothing is asked while another worker holds the lock, and one that never gives it back is said in words."""
        with sql_db.db_connect(self.env.cr.dbname).cursor() as other:
            other.execute(SQL("SELECT pg_advisory_xact_lock(%s, %s)", renewal.RENEW_CLASS, self.channel.id))
            access = self.channel._renewal(self.channel._connector())
            with (
                patch.object(renewal, "LONGEST_WAIT", "1ms"),
                self.assertRaisesRegex(Retriable, "another process"),
                mute_logger("odoo.sql_db"),
            ):
                access.renew()
            self.assertFalse(self.club.requests)
        self.club.answers = [granted(2)]
        access.renew()
        self.assertEqual(self.secrets()["access_token"], "access-2")

    def test_in_words_for_any_use(self):
        """The same for whatever else uses a connector."""
        connector = self.channel._connector()
        self.club.valid = set()
        self.club.answers = [granted(2)]
        self.assertEqual(self.channel._renewing(connector, connector.check).account_id, "7")
        self.assertEqual(self.secrets()["access_token"], "access-2")
        self.club.valid = set()
        with self.assertRaises(AccessExpired):
            self.channel._renewing(connector, connector.check)

    def test_by_the_button(self):
        """Testing the access renews it too."""
        self.club.valid = set()
        self.club.answers = [granted(2)]
        self.channel.with_user(self.admin).action_check()
        self.assertEqual(self.secrets()["access_token"], "access-2")
        self.club.valid = set()
        with self.assertRaisesRegex(UserError, "Authorise again"):
            self.channel.with_user(self.admin).action_check()

    def test_second_look(self):
        """A second look at conversations renews too."""
        self.says([page(item("1"))])
        self.listen(self.channel)
        self.env["community.conversation"].search([("channel_id", "=", self.channel.id)]).write(
            {"next_look_at": "2020-01-01 00:00:00"}
        )
        self.club.valid = set()
        self.club.answers = [granted(2)]
        self.club.things["1"] = item("1", text="Acme is great, said twice")
        self.assertEqual(self.env["community.listener"]._look_again(), (1, 0))
        self.env.invalidate_all()
        self.assertEqual(self.mentions(self.channel).text, "Acme is great, said twice")
        self.assertEqual(self.secrets()["access_token"], "access-2")

    def test_no_warning_of_access_that_renews_itself(self):
        """The end of an hour's token is nobody's business; the end of renewing is, days ahead."""
        cron = self.env["community.channel"]
        self.give(self.channel, seconds=1200)
        self.channel.with_user(self.admin).action_check()
        cron._cron_warn()
        self.assertFalse(self.warnings())
        self.assertEqual(self.channel.health, "ok")
        self.give(self.channel, seconds=100)
        self.club.answers = [granted(2, refresh_token_expires_in=5 * 86400)]
        self.says([page()])
        self.listen(self.channel)
        self.assertAlmostEqual(
            self.channel.access_lost_at.replace(tzinfo=UTC),
            datetime.now(UTC) + timedelta(days=5),
            delta=timedelta(minutes=1),
        )
        self.assertEqual(self.channel.health, "warning")
        self.assertIn("authorise again", self.channel.health_text)
        cron._cron_warn()
        self.assertEqual(self.warnings().user_id, self.admin)
        self.channel.access_lost_at = fields.Datetime.now() + timedelta(days=60)
        self.listen(self.channel)
        self.assertFalse(self.warnings())

    def test_new_access_is_not_told(self):
        """What was renewed appears in no error."""
        self.give(self.channel, seconds=10)
        self.club.answers = [granted(2)]
        self.says([Retriable("It said access-2 and refresh-2.", detail="access-2")])
        self.listen(self.channel)
        for text in (self.channel.last_error, self.channel.last_error_detail):
            self.assertNotIn("access-2", text)
            self.assertNotIn("refresh-2", text)

    def test_typed_access_replaces_granted(self):
        """Access that is entered by hand is not renewed into that of before."""
        self.channel.state = "draft"
        self.channel._set_access({"access_token": "other"})
        self.assertNotIn("refresh_token", self.secrets())
        self.assertFalse(self.channel.access_expires_at)


@tagged("post_install", "-at_install")
class TestLogin(CommunityCase):
    """Where a password opens access, another password closes it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        network = toy_network(Door)
        cls.door = network.__enter__()
        cls.addClassCleanup(network.__exit__, None, None, None)

    def setUp(self):
        super().setUp()
        self.door.reset()

    def test_access_of_another_password(self):
        """Access goes with the name and the password that it was got with, and the account is looked at again."""
        channel = self.make_channel("Door", network="door", access={"user": "ann", "password": "one"}, start=False)
        channel.with_user(self.admin).action_check()
        self.assertEqual(self.secrets(channel)["access_token"], "access of ann one")
        channel.action_start()
        form = channel.with_user(self.admin)
        form.access_form = {"values": {"password": "two"}}
        self.assertEqual(self.secrets(channel), {"password": "two", "access_token": "access of ann two"})
        with self.assertRaisesRegex(UserError, "ann.*ben"):
            form.access_form = {"values": {"user": "ben", "password": "three"}}
        self.assertEqual(self.secrets(channel), {"password": "two", "access_token": "access of ann two"})
        self.assertEqual(channel.settings["user"], "ann")

    def test_made_and_used_at_once(self):
        """What is renewed for a channel that no other transaction sees yet is stored in the one that makes it."""
        channel = self.env["community.channel"].create({"name": "Door", "network": "door"})
        channel.settings = {"user": "ann"}
        place = "odoo.addons.community_manager.models.listening.renewal"
        with (
            patch.object(self.door, "renewable", lambda connector: True),
            patch.object(self.door, "renew", lambda connector: Tokens({"access_token": "access of ann"})),
            patch(f"{place}.inside_plain_test", lambda: False),
            patch(f"{place}.thread_cursor", side_effect=AssertionError("no other transaction")),
        ):
            channel.with_user(self.admin).action_check()
        self.assertEqual(self.secrets(channel), {"access_token": "access of ann"})

    def secrets(self, channel):
        """Return what is stored."""
        return self.env["community.secret"]._reveal(channel)
