from datetime import timedelta
from urllib.parse import parse_qs, urlencode, urlsplit

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from odoo.addons.community_manager.connectors.errors import AccessDenied, Retriable
from odoo.addons.community_manager.connectors.items import Check
from odoo.addons.community_manager.models.platform.moments import naive

from .common import CommunityMixin
from .test_renewal import ClubCase
from .toy import toy_network
from .toy_club import Club, DynamicClub, granted, tokens

CONTROLLER = "odoo.addons.community_manager.controllers.oauth"
ASK = "odoo.addons.community_manager.models.listening.community_channel_ask"
RETURN = "/community_manager/oauth/return"


@tagged("post_install", "-at_install")
class TestAuthorisation(CommunityMixin, HttpCase):
    """To the network's own pages and back, as an administrator with a browser goes."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._set_up_community()
        for name, kind in (("club", Club), ("dynclub", DynamicClub)):
            network = toy_network(kind)
            setattr(cls, name, network.__enter__())
            cls.addClassCleanup(network.__exit__, None, None, None)
        cls.env["ir.config_parameter"].set_param("web.base.url", "https://desk.example")
        cls.channel = cls.make_club()

    def setUp(self):
        super().setUp()
        self.club.reset()
        self.dynclub.reset()
        self.dynclub.registered = []
        self.authenticate("community_admin", "community_admin")

    @classmethod
    def make_club(cls, network="club", access=None, **values):
        """Create a channel that has an application and no access."""
        access = access or {"client_id": "app", "client_secret": "app secret"}
        return cls.make_channel("Club", network=network, access=access, start=False, **values)

    def go(self, channel=None):
        """Begin to authorise; return the answer."""
        path = f"/community_manager/oauth/start/{(channel or self.channel).id}"
        return self.url_open(path, allow_redirects=False)

    def asked(self, channel=None):
        """Begin to authorise; return what the network is asked."""
        answer = self.go(channel)
        self.assertEqual(answer.status_code, 303, answer.text)
        return {name: value for name, [value] in parse_qs(urlsplit(answer.headers["Location"]).query).items()}

    def come_back(self, **parameters):
        """Come back from the network; return the answer."""
        with mute_logger(CONTROLLER, ASK):
            answer = self.url_open(f"{RETURN}?{urlencode(parameters)}", allow_redirects=False)
        self.env.invalidate_all()
        return answer

    def secrets(self, channel=None):
        """Return what is stored."""
        return self.env["community.secret"]._reveal(channel or self.channel)

    def assertRefused(self, answer, words):
        """The answer is a page that says why, and nothing was stored."""
        self.assertIn(answer.status_code, (400, 403, 404))
        self.assertIn(words, " ".join(answer.text.split()))
        self.assertNotIn("access_token", self.secrets())

    def test_there(self):
        """The network is asked for what the connector names, with a state, a challenge and the desk's own address."""
        answer = self.go()
        parts = urlsplit(answer.headers["Location"])
        self.assertEqual((answer.status_code, parts.netloc, parts.path), (303, "club.example", "/authorize"))
        asked = self.asked()
        self.assertEqual(asked["redirect_uri"], f"https://desk.example{RETURN}")
        self.assertEqual((asked["client_id"], asked["scope"]), ("app", "read write"))
        self.assertEqual((asked["response_type"], asked["code_challenge_method"]), ("code", "S256"))
        self.assertGreaterEqual(len(asked["state"]), 40)
        self.assertNotEqual(asked["state"], self.asked()["state"])

    def test_nothing_readable_is_stored(self):
        """The database holds neither the state nor the verifier nor what the session knows."""
        asked = self.asked()
        self.club.answers = [granted()]
        self.env.cr.execute("SELECT state, verifier, session FROM community_authorization")
        row = str(self.env.cr.fetchall())
        self.assertNotIn(asked["state"], row)
        self.come_back(state=asked["state"], code="c0de")
        self.assertNotIn(self.club.requests[-1]["code_verifier"], row)
        for user in (self.agent, self.manager, self.admin):
            with self.assertRaises(AccessError):
                self.env["community.authorization"].with_user(user).search([])

    def test_and_back(self):
        """The code becomes access, which is tried and kept; the channel is shown again."""
        asked = self.asked()
        self.club.answers = [granted(1, scope="read write")]
        self.club.rooms = [("r1", "Room one"), ("r2", "Room\ntwo"), (3, "odd"), ("", "empty")]
        answer = self.come_back(state=asked["state"], code="c0de", iss="https://club.example")
        self.assertEqual(answer.status_code, 303)
        self.assertTrue(answer.headers["Location"].endswith(f"action_channels/{self.channel.id}"))
        [request] = self.club.requests
        self.assertEqual(request["code"], "c0de")
        self.assertEqual(request["redirect_uri"], asked["redirect_uri"])
        self.assertGreaterEqual(len(request["code_verifier"]), 43)
        self.assertEqual(self.secrets()["access_token"], "access-1")
        self.assertEqual(self.secrets()["refresh_token"], "refresh-1")
        self.assertEqual((self.channel.account_name, self.channel.account_id), ("@acme", "7"))
        left = self.channel.access_expires_at - fields.Datetime.now()
        self.assertAlmostEqual(left, timedelta(hours=1), delta=timedelta(minutes=1))
        self.assertFalse(self.channel.access_lost_at, "it renews itself")
        form = self.channel.with_user(self.admin).access_form
        self.assertTrue(form["authorization"]["granted"])
        self.assertEqual(form["authorization"]["account"], "@acme")
        room = next(field for field in form["fields"] if field["name"] == "room")
        self.assertEqual(room["options"], [["r1", "Room one"], ["r2", "Room two"]])
        self.assertNotIn("access-1", str(form))

    def test_what_cannot_be_renewed_ends(self):
        """Access without a refresh token has an end that somebody has to know."""
        self.club.answers = [granted(1, seconds=3 * 86400, refresh_token=None)]
        self.come_back(state=self.asked()["state"], code="c0de")
        left = self.channel.access_lost_at - fields.Datetime.now()
        self.assertAlmostEqual(left, timedelta(days=3), delta=timedelta(minutes=1))
        self.channel.action_start()
        self.assertIn("authorise again", self.channel.health_text)

    def test_a_connected_channel_goes_on(self):
        """A channel that waited for access listens again, and keeps its position."""
        self.channel.write({"state": "access", "position": {"last": "9"}, "last_error": "No more.", "error_count": 3})
        self.club.answers = [granted()]
        answer = self.come_back(state=self.asked()["state"], code="c0de")
        self.assertTrue(answer.headers["Location"].endswith(f"action_channels/{self.channel.id}"))
        self.assertEqual((self.channel.state, self.channel.error_count), ("listening", 0))
        self.assertEqual(self.channel.position, {"last": "9"})
        self.assertFalse(self.channel.last_error)

    def test_not_allowed_there(self):
        """What the person or the network said is told in words, and the state is used up by it."""
        for error, words in (
            ("access_denied", "Access was not granted on the network"),
            ("invalid_scope", "has not approved the application"),
            ("server_error", "a problem of its own"),
            ("<script>alert(1)</script>", "sent us back without access (&lt;script&gt;"),
            ("", "sent us back without access (?)"),
        ):
            state = self.asked()["state"]
            answer = self.come_back(state=state, error=error)
            self.assertRefused(answer, words)
            self.assertNotIn("<script>alert", answer.text)
            self.assertRefused(self.come_back(state=state, code="c0de"), "not known here")
        self.assertFalse(self.club.requests)

    def test_replayed(self):
        """A state serves once."""
        state = self.asked()["state"]
        self.club.answers = [{"error": "invalid_grant"}, granted()]
        self.assertRefused(self.come_back(state=state, code="c0de"), "Authorise again")
        self.assertRefused(self.come_back(state=state, code="c0de"), "not known here")
        self.assertEqual(len(self.club.requests), 1)

    def test_unknown(self):
        """A state that we have not made is refused, whatever it looks like."""
        self.asked()
        for state in ("", "x", "a" * 43, "%", "\x00", "'; --", "é" * 5000):
            self.assertRefused(self.come_back(state=state, code="c0de"), "not known here")
        self.assertFalse(self.club.requests)

    def test_too_late(self):
        """A state expires."""
        state = self.asked()["state"]
        self.env["community.authorization"].sudo().search([]).expires_at = "2020-01-01 00:00:00"
        self.env.flush_all()
        self.assertRefused(self.come_back(state=state, code="c0de"), "not known here")
        self.asked()
        rows = self.env["community.authorization"].sudo()
        rows.search([]).expires_at = "2020-01-01 00:00:00"
        rows._gc_expired()
        self.assertFalse(rows.search([]))

    def test_somebody_else(self):
        """Another user cannot bring it back, nor the same one in another browser."""
        self._new_user("second", "community_manager.group_admin")
        state = self.asked()["state"]
        self.authenticate("community_second", "community_second")
        self.asked()
        self.assertRefused(self.come_back(state=state, code="c0de"), "not known here")
        self.authenticate("community_admin", "community_admin")
        state = self.asked()["state"]
        self.authenticate("community_admin", "community_admin")
        self.assertRefused(self.come_back(state=state, code="c0de"), "not known here")
        self.assertFalse(self.club.requests)

    def test_who_may(self):
        """Agents, managers and administrators of other companies are sent nowhere."""
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        self._new_user(
            "stranger", "community_manager.group_admin", company_id=elsewhere.id, company_ids=[(6, 0, elsewhere.ids)]
        )
        for login in ("agent", "manager", "stranger"):
            self.authenticate(f"community_{login}", f"community_{login}")
            with mute_logger("odoo.models", "odoo.addons.base.models.ir_model", "odoo.addons.base.models.ir_rule"):
                self.assertEqual(self.go().status_code, 403)
        self.authenticate("community_admin", "community_admin")
        self.channel.copy().unlink()
        path = "/community_manager/oauth/start/999999999"
        self.assertEqual(self.url_open(path, allow_redirects=False).status_code, 404)
        self.authenticate(None, None)
        self.assertIn("/web/login", self.go().headers["Location"])
        self.assertFalse(self.env["community.authorization"].sudo().search([]))

    def test_rights_lost_on_the_way(self):
        """Who is no administrator any more when coming back gets nothing."""
        state = self.asked()["state"]
        self.admin.group_ids = self.env.ref("community_manager.group_agent")
        with mute_logger("odoo.models", "odoo.addons.base.models.ir_model"):
            self.assertRefused(self.come_back(state=state, code="c0de"), "")
        self.assertFalse(self.club.requests)

    def test_without_an_application(self):
        """What must be entered first is said."""
        channel = self.make_club(access={"client_secret": "s"})
        self.assertRefused(self.go(channel), "client ID")
        toy = self.make_channel("Toy", start=False)
        self.assertRefused(self.go(toy), "Nothing is authorised on this network")

    def test_trouble_on_the_way_back(self):
        """Whatever goes wrong is said in words, and access of before stays."""
        self.env["community.secret"]._store(self.channel, {"access_token": "old"})
        for answers, words in (
            ([Retriable("It does not answer.")], "It does not answer."),
            ([{"error": "invalid_client"}], "does not accept our application"),
            ([{"token": 1}], "cannot be read"),
            ([granted(9)], "does not know"),
        ):
            self.club.answers = answers
            if answers == [granted(9)]:
                self.club.who = {}
                self.patch(self.club, "check", self.refuse)
            answer = self.come_back(state=self.asked()["state"], code="c0de")
            self.assertEqual(answer.status_code, 400)
            self.assertIn(words, answer.text)
            self.assertEqual(self.secrets()["access_token"], "old")

    @staticmethod
    def refuse(connector):
        """Be a network that gives access to nothing."""
        raise AccessDenied("The club does not know this person.")

    def test_another_account(self):
        """Authorising as somebody else is refused with both names, and nothing of it is stored."""
        self.club.answers = [granted()]
        self.come_back(state=self.asked()["state"], code="c0de")
        self.channel.action_start()
        self.channel.position = {"last": "9"}
        before = self.secrets()
        self.club.answers = [{"access_token": "other", "refresh_token": "of-the-other"}]
        answer = self.come_back(state=self.asked()["state"], code="c0de")
        self.assertEqual(answer.status_code, 400)
        self.assertIn("@acme", answer.text)
        self.assertIn("@other", answer.text)
        self.assertEqual(self.secrets(), before)
        self.assertEqual((self.channel.account_id, self.channel.account_name), ("7", "@acme"))
        self.club.answers = [granted(2)]
        self.assertEqual(self.come_back(state=self.asked()["state"], code="c0de").status_code, 303)
        self.assertEqual(self.secrets()["access_token"], "access-2")
        self.assertEqual(self.channel.position, {"last": "9"})

    def test_a_room_to_choose(self):
        """Where something must be chosen first, access is kept and the choices are there."""
        self.club.wants_room = True
        self.club.rooms = [("r1", "Room one")]
        self.club.answers = [granted()]
        self.assertEqual(self.come_back(state=self.asked()["state"], code="c0de").status_code, 303)
        self.assertEqual(self.secrets()["access_token"], "access-1")
        self.assertFalse(self.channel.account_id)
        channel = self.channel.with_user(self.admin)
        with self.assertRaises(ValidationError):
            channel.access_form = {"values": {"room": "elsewhere"}}
        channel.access_form = {"values": {"room": "r1"}}
        channel.action_check()
        self.assertEqual(self.channel.account_id, "7")
        self.club.rooms = [("r2", "Room two")]
        channel.action_load_choices()
        self.assertEqual(self.channel.choices, {"room": [["r2", "Room two"]]})
        self.club.rooms = []
        with self.assertRaisesRegex(UserError, "nothing to choose"):
            channel.action_load_choices()

    def test_registers_itself(self):
        """On a server where every desk registers itself, that is done once, and again on another server."""
        channel = self.make_club("dynclub", access={"server": "https://one.example"})
        self.assertEqual(self.asked(channel)["client_id"], "app 1")
        self.assertEqual(self.dynclub.registered, [f"https://desk.example{RETURN}"])
        self.assertEqual(self.secrets(channel), {"client_id": "app 1", "client_secret": "secret of the app"})
        self.assertEqual(self.asked(channel)["client_id"], "app 1")
        self.dynclub.answers = [granted()]
        self.come_back(state=self.asked(channel)["state"], code="c0de")
        self.assertEqual(self.secrets(channel)["access_token"], "access-1")
        channel.with_user(self.admin).access_form = {"values": {"server": "https://two.example"}}
        self.assertFalse(self.secrets(channel))
        self.assertEqual(self.asked(channel)["client_id"], "app 2")

    def test_the_form(self):
        """The form tells whether access was granted and which address the application needs, and asks for no token."""
        form = self.channel.with_user(self.admin).access_form
        self.assertEqual(
            form["authorization"],
            {"granted": False, "account": "", "redirect": f"https://desk.example{RETURN}", "ends": ""},
        )
        told = {field["name"]: field["granted"] for field in form["fields"]}
        self.assertEqual(told["access_token"] and told["refresh_token"], True)
        self.assertFalse(told["client_secret"])
        wizard = self.env["community.channel.wizard"].with_user(self.admin).create({"channel_id": self.channel.id})
        self.assertEqual(wizard.guide, self.club.guide.splitlines())
        self.assertEqual(wizard.redirect_address, f"https://desk.example{RETURN}")
        action = wizard.action_authorise()
        self.assertEqual(action["url"], f"/community_manager/oauth/start/{self.channel.id}")
        self.assertFalse(self.make_channel("Toy", start=False).access_form["authorization"])


@tagged("post_install", "-at_install")
class TestAccount(ClubCase):
    """A channel stays the channel of one account."""

    def check(self, token):
        """Let a channel have another token, and test it."""
        self.env["community.secret"]._store(self.channel, {"access_token": token})
        self.channel.with_user(self.admin).action_check()

    def test_the_first_one_counts(self):
        """A channel whose account is not known takes the first; the same one may come back."""
        self.club.valid |= {"access-2", "other"}
        self.channel.with_user(self.admin).action_check()
        self.assertEqual(self.channel.account_id, "7")
        self.check("access-2")
        with self.assertRaisesRegex(UserError, "@acme.*@other"):
            self.check("other")

    def test_entered_by_hand(self):
        """Access of another account is refused when it is entered, and what was there stays, position and all."""
        channel = self.make_channel("Club", network="toy")
        channel.with_user(self.admin).action_check()
        channel.position = {"last": "9"}
        self.patch(self.toy, "check", lambda connector: self.answers[connector.secrets["token"]])
        self.answers = {
            "new": Check(account="Club", account_id="1"),
            "other": Check(account="Somebody", account_id="2"),
        }
        form = channel.with_user(self.admin)
        form.access_form = {"values": {"token": "new"}}
        with self.assertRaisesRegex(UserError, "Club.*Somebody"):
            form.access_form = {"values": {"token": "other"}}
        self.assertEqual(self.env["community.secret"]._reveal(channel)["token"], "new")
        self.assertEqual((channel.account_id, channel.position), ("1", {"last": "9"}))
        channel.state = "draft"
        form.access_form = {"values": {"token": "other"}}
        form.action_check()
        self.assertEqual(channel.account_id, "2", "what was never connected has no history to mix up")

    def test_another_server(self):
        """The same identifier on another server is somebody else, unless the name says the same."""
        channel = self.make_channel("Club", access={"source": "Club", "server": "https://one.example", "token": "t"})
        channel.with_user(self.admin).action_check()
        form = channel.with_user(self.admin)
        with self.assertRaises(UserError):
            self.patch(self.toy, "check", lambda connector: Check(account="Zoe", account_id="1"))
            form.access_form = {"values": {"server": "https://two.example", "token": "t"}}
        self.assertEqual(channel.settings["server"], "https://one.example")
        self.assertEqual(self.env["community.secret"]._reveal(channel)["token"], "t")

    def test_an_application_may_change(self):
        """Where people authorise, the application's own secret can be replaced while access is gone."""
        self.channel.with_user(self.admin).action_check()
        self.club.valid = set()
        self.channel.with_user(self.admin).access_form = {"values": {"client_secret": "another"}}
        self.assertEqual(self.secrets()["client_secret"], "another")

    def test_access_that_cannot_be_tried(self):
        """On a connected channel only what was tried is kept."""
        channel = self.make_channel("Club", network="toy")
        channel.with_user(self.admin).action_check()
        with self.assertRaisesRegex(UserError, "down"), mute_logger(ASK):
            self.patch(self.toy, "check", self.fail_check)
            channel.with_user(self.admin).access_form = {"values": {"token": "new"}}
        self.assertEqual(self.env["community.secret"]._reveal(channel)["token"], "token of Club")

    @staticmethod
    def fail_check(connector):
        """Be a network that is down."""
        raise Retriable("It is down.")

    def test_tokens_end(self):
        """The end of tokens stands with them, and goes with them."""
        given = tokens(1, 60)
        self.env["community.secret"]._store(self.channel, given.secrets, expires_at=naive(given.expires_at))
        self.assertEqual(self.channel.access_expires_at, naive(given.expires_at))
        self.env["community.secret"]._store(self.channel, {"access_token": "typed"})
        self.env.invalidate_all()
        self.assertFalse(self.channel.access_expires_at)
