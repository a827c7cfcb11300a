import json
import logging
import os
import stat
import tempfile
from contextlib import contextmanager
from unittest.mock import patch

from cryptography.fernet import Fernet

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.service.model import call_kw
from odoo.tests import HttpCase, tagged
from odoo.tools import config, mute_logger

from odoo.addons.community_manager.connectors.errors import AccessExpired, Retriable
from odoo.addons.community_manager.models.platform import vault

from .common import CommunityCase, CommunityMixin, page

TOKEN = "tok-5b7f0c2e9d-very-secret"
LISTENER = "odoo.addons.community_manager.models.listening.community_listener"
ASK = "odoo.addons.community_manager.models.listening.community_channel_ask"


class Everything(logging.Handler):
    """Notes every line that is logged."""

    def __init__(self):
        super().__init__(logging.DEBUG)
        self.lines = []
        self.setFormatter(logging.Formatter("%(message)s"))

    def emit(self, record):
        """See :class:`logging.Handler`."""
        self.lines.append(self.format(record))


class SecretCase(CommunityCase):
    """A channel with one secret, known to the test only."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.channel = cls.make_channel(
            "One", access={"source": "One", "token": TOKEN}, user_ids=[(6, 0, cls.admin.ids)]
        )

    def assertSilent(self, answer, secret=TOKEN):
        """No part of an answer tells the secret, as it is or encrypted."""
        told = repr(answer)
        self.assertNotIn(secret, told)
        for ciphertext in self.ciphertexts():
            self.assertNotIn(ciphertext, told)

    def ciphertexts(self):
        """Return what is stored."""
        self.env.flush_all()
        self.env.cr.execute("SELECT ciphertext FROM community_secret")
        return [row[0] for row in self.env.cr.fetchall()]


@tagged("post_install", "-at_install")
class TestNoRoute(SecretCase):
    """No route leads to a secret, for nobody."""

    def everybody(self):
        """Return the users that must not read it: the administrator of the community and of the system too."""
        system = self._new_user("system", "base.group_system,base.group_erp_manager,community_manager.group_admin")
        users = self.agent | self.manager | self.admin | system
        users.write({"group_ids": [(4, self.env.ref("base.group_allow_export").id)]})
        return users

    def rpc(self, user, model, method, *arguments, **keywords):
        """Call a method as the web client or any RPC client does."""
        return call_kw(self.env(user=user)[model], method, list(arguments), keywords)

    def test_the_model_itself(self):
        """Every method of the secrets' own model is refused, whatever it reads, searches, groups or exports."""
        secret = self.env["community.secret"].sudo().search([], limit=1)
        calls = [
            ("read", [secret.ids, ["ciphertext"]], {}),
            ("read", [secret.ids], {}),
            ("search", [[]], {}),
            ("search_read", [[]], {}),
            ("search_count", [[("ciphertext", "like", "g")]], {}),
            ("name_search", [TOKEN], {}),
            ("web_read", [secret.ids, {"ciphertext": {}}], {}),
            ("web_search_read", [[], {"ciphertext": {}}], {}),
            ("formatted_read_group", [[]], {"groupby": ["ciphertext"], "aggregates": ["__count"]}),
            ("web_read_group", [[]], {"groupby": ["name"], "aggregates": ["__count"]}),
            ("export_data", [secret.ids, ["ciphertext"]], {}),
            ("copy", [secret.ids], {}),
            ("write", [secret.ids, {"ciphertext": "x"}], {}),
            ("create", [[{"channel_id": self.channel.id, "name": "token", "ciphertext": "x"}]], {}),
            ("unlink", [secret.ids], {}),
            ("_reveal", [self.channel.id], {}),
        ]
        for user in self.everybody():
            for method, arguments, keywords in calls:
                with self.subTest(user=user.login, method=method):
                    with self.assertRaises(AccessError) as caught:
                        self.rpc(user, "community.secret", method, *arguments, **keywords)
                    self.assertSilent(caught.exception)

    def test_the_field_is_closed_even_with_access(self):
        """If somebody gives rights on the model by mistake, the ciphertext still does not go out."""
        self.env["ir.model.access"].create(
            {
                "name": "mistake",
                "model_id": self.env["ir.model"]._get_id("community.secret"),
                "group_id": self.env.ref("base.group_user").id,
                "perm_read": True,
            }
        )
        self.admin.write({"group_ids": [(4, self.env.ref("base.group_allow_export").id)]})
        secret = self.env["community.secret"].sudo().search([], limit=1)
        self.assertSilent(self.rpc(self.admin, "community.secret", "read", secret.ids))
        for method, arguments in (
            ("read", [secret.ids, ["ciphertext"]]),
            ("search", [[("ciphertext", "=", "x")]]),
            ("export_data", [secret.ids, ["ciphertext"]]),
        ):
            with self.assertRaises(AccessError), mute_logger("odoo.models"):
                self.rpc(self.admin, "community.secret", method, *arguments)

    def test_through_the_channel(self):
        """The channel tells that a secret is set, never which."""
        for user in self.everybody():
            with self.subTest(user=user.login):
                self.assertSilent(self.rpc(user, "community.channel", "read", self.channel.ids))
                self.assertSilent(self.rpc(user, "community.channel", "search_read", [], []))
                fields = self.rpc(user, "community.channel", "fields_get")
                self.assertSilent(self.rpc(user, "community.channel", "export_data", self.channel.ids, list(fields)))
                spec = {name: {} for name in fields}
                self.assertSilent(self.rpc(user, "community.channel", "web_read", self.channel.ids, spec))
                self.assertSilent(self.rpc(user, "community.channel", "web_search_read", [], spec))
        form = self.rpc(self.admin, "community.channel", "read", self.channel.ids, ["access_form"])[0]["access_form"]
        token = next(field for field in form["fields"] if field["name"] == "token")
        self.assertEqual((token["value"], token["is_set"]), ("", True))
        for user in (self.agent, self.manager):
            with self.assertRaises(AccessError):
                self.rpc(user, "community.channel", "read", self.channel.ids, ["access_form"])

    def test_search_and_group_by_value(self):
        """A secret cannot be guessed letter by letter by searching, grouping or sorting."""
        for domain in ([("access_form", "ilike", TOKEN[:5])], [("settings", "ilike", TOKEN[:5])]):
            try:
                found = self.rpc(self.admin, "community.channel", "search", domain)
            except (ValueError, UserError, NotImplementedError):
                found = []
            self.assertFalse(found)
        for field in ("access_form", "settings"):
            try:
                with self.env.cr.savepoint():
                    groups = self.rpc(
                        self.admin,
                        "community.channel",
                        "formatted_read_group",
                        [],
                        groupby=[field],
                        aggregates=["__count"],
                    )
            except Exception as refusal:  # noqa: BLE001 - whatever refuses it, it must not tell
                groups = refusal
            self.assertSilent(groups)

    def test_the_answer_to_saving(self):
        """What the client gets back when it has saved a secret does not hold it, nor does anything read afterwards."""
        new = "tok-another-very-secret-word"
        spec = {"name": {}, "access_form": {}, "settings": {}}
        values = {"access_form": {"values": {"token": new}}, "name": "Renamed"}
        self.assertSilent(self.rpc(self.admin, "community.channel", "web_save", self.channel.ids, values, spec), new)
        made = self.rpc(
            self.admin,
            "community.channel",
            "web_save",
            [],
            {"name": "Two", "network": "toy", "access_form": {"values": {"source": "Two", "token": new}}},
            spec,
        )
        self.assertSilent(made, new)
        self.assertSilent(self.channel.with_user(self.admin).access_form, new)
        onchange = self.rpc(
            self.admin, "community.channel", "onchange", self.channel.ids, values, ["access_form"], spec
        )
        self.assertSilent(onchange["value"].get("settings"), new)
        self.assertEqual(self.env["community.secret"]._reveal(self.channel)["token"], new)

    def test_copy(self):
        """A copied channel has the settings and none of the secrets."""
        copy = self.channel.with_user(self.admin).copy()
        self.assertEqual(copy.settings, {"source": "One"})
        secrets = self.env["community.secret"]._reveal(copy)
        self.assertNotIn("token", secrets)
        self.assertNotEqual(secrets["key"], self.env["community.secret"]._reveal(self.channel)["key"])
        self.assertNotEqual(copy.push_token, self.channel.push_token)
        self.assertSilent(self.channel.copy_data())

    def test_chatter_and_tracking(self):
        """Nothing is noted of what was entered."""
        self.env.flush_all()
        self.env.cr.precommit.run()
        self.channel.with_user(self.admin).write({"access_form": {"values": {"token": TOKEN + "2"}}, "name": "Renamed"})
        self.env.flush_all()
        self.env.cr.precommit.run()
        messages = self.channel.message_ids
        self.assertTrue(messages.tracking_value_ids, "the new name is tracked")
        self.assertSilent([messages.mapped("body"), messages.tracking_value_ids.read()])

    def test_dump(self):
        """A dump of the database holds no readable secret, in no table."""
        with self.assertRaises(UserError), mute_logger(ASK):
            self.fail_check(Retriable(f"It did not like {TOKEN}.", detail=TOKEN))
        self.script("One", [AccessExpired(f"No more {TOKEN}.", detail=TOKEN)])
        self.listen(self.channel)
        self.env.flush_all()
        self.env.cr.precommit.run()
        self.env.cr.execute("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")
        for (table,) in self.env.cr.fetchall():
            self.env.cr.execute(f'SELECT count(*) FROM "{table}" AS line WHERE line::text LIKE %s', [f"%{TOKEN}%"])
            self.assertEqual(self.env.cr.fetchone()[0], 0, table)
        self.assertEqual(len(self.ciphertexts()), len(set(self.ciphertexts())))

    def test_same_secret_twice_looks_different(self):
        """Nobody sees from the dump that two channels share a password."""
        self.make_channel("Two", access={"source": "Two", "token": TOKEN})
        self.assertEqual(len(set(self.ciphertexts())), len(self.ciphertexts()))

    def fail_check(self, error):
        """Press Test while the network fails."""
        with patch.object(self.toy, "check", side_effect=error):
            self.channel.with_user(self.admin).action_check()

    def test_error_texts(self):
        """An error that quotes the secret is shown and kept without it, expected or not, in the log too."""
        everything = Everything()
        logging.getLogger().addHandler(everything)
        self.addCleanup(logging.getLogger().removeHandler, everything)
        for error in (Retriable(f"It said {TOKEN}.", detail=f"token={TOKEN}"), KeyError(f"header {TOKEN}")):
            self.script("One", [error])
            self.listen(self.channel)
            self.assertSilent(
                [
                    self.channel.last_error,
                    self.channel.last_error_detail,
                    self.channel.health_text,
                    self.channel.listen_result,
                ]
            )
            with self.assertRaises(UserError) as caught:
                self.fail_check(error)
            self.assertSilent(caught.exception)
            self.assertIsNone(caught.exception.__cause__)
        self.assertIn("***", self.channel.last_error_detail)
        self.assertFalse([line for line in everything.lines if TOKEN in line])
        self.assertFalse([line for line in self.channel.activity_ids.mapped("note") if TOKEN in str(line)])

    def test_log_of_a_good_run(self):
        """Nor does the log of saving, testing and listening hold it, at any level."""
        everything = Everything()
        root = logging.getLogger()
        levels = {
            name: logging.getLogger(name).level for name in ("", "odoo", "odoo.addons.community_manager", "urllib3")
        }
        root.addHandler(everything)
        for name in levels:
            logging.getLogger(name).setLevel(logging.DEBUG)
        try:
            self.channel.with_user(self.admin).write({"access_form": {"values": {"token": TOKEN}}})
            self.channel.with_user(self.admin).action_check()
            self.script("One", [page()])
            self.listen(self.channel)
        finally:
            root.removeHandler(everything)
            for name, level in levels.items():
                logging.getLogger(name).setLevel(level)
        self.assertTrue(everything.lines)
        self.assertFalse([line for line in everything.lines if TOKEN in line])

    def test_sent_to_no_other_server(self):
        """Whoever changes the server must enter the secret again, or could have it sent to a server of their own."""
        channel = self.channel.with_user(self.admin)
        channel.access_form = {"values": {"server": "https://toy.example", "token": TOKEN}}
        channel.access_form = {"values": {"server": "https://toy.example/path"}}
        self.assertIn("token", self.env["community.secret"]._reveal(self.channel))
        channel.access_form = {"values": {"server": "https://evil.example"}}
        secrets = self.env["community.secret"]._reveal(self.channel)
        self.assertNotIn("token", secrets)
        self.assertIn("key", secrets, "what was made here belongs to no server")
        for address in ("http://evil.example", "evil.example:8443", "https://toy.example@evil.example"):
            channel.access_form = {"values": {"server": "https://toy.example", "token": TOKEN}}
            channel.access_form = {"values": {"server": address}}
            self.assertNotIn("token", self.env["community.secret"]._reveal(self.channel), address)

    def test_values_of_the_wrong_kind(self):
        """Only texts are accepted as secrets, and the refusal does not repeat them."""
        for value in ([TOKEN], {"a": TOKEN}, 5):
            with self.assertRaises(ValidationError) as caught:
                self.channel.with_user(self.admin).access_form = {"values": {"token": value}}
            self.assertSilent(caught.exception)

    def test_who_may_enter(self):
        """Agents and managers cannot enter access."""
        for user in (self.agent, self.manager):
            with self.assertRaises(AccessError):
                self.channel.with_user(user).write({"access_form": {"values": {"token": "x"}}})

    def test_a_new_key_is_shown_once(self):
        """Making a key answers with it; nothing gives it again."""
        made = self.channel.with_user(self.admin).action_new_key()["params"]["key"]
        self.assertSilent(self.channel.with_user(self.admin).read(), made)
        for user in (self.agent, self.manager):
            with self.assertRaises(AccessError):
                self.channel.with_user(user).action_new_key()


@tagged("post_install", "-at_install")
class TestKey(SecretCase):
    """The key is not in the database, and its loss is told."""

    @contextmanager
    def key(self, value):
        """Let the environment hold another key, or none."""
        environment = {**os.environ, vault.KEY_VARIABLE: value or ""}
        with patch.dict(os.environ, environment), tempfile.TemporaryDirectory() as folder:
            with patch.dict(config.options, {"data_dir": folder}):
                yield folder

    def work(self):
        """Do what the scheduled action does."""
        listener = self.env["community.listener"]
        listener._listen_channels(listener._due_channels())
        self.env.invalidate_all()

    def test_lost_and_found(self):
        """Without the key each channel with access says to enter it again; with the key back it goes on by itself."""
        feed = self.make_channel("Open", access={"source": "Open"})
        for lost in (None, Fernet.generate_key().decode()):
            with self.subTest(lost=bool(lost)):
                with self.key(lost):
                    self.work()
                    self.assertEqual(self.channel.state, "access")
                    self.assertIn("Enter access again", self.channel.last_error)
                    self.assertIn("Enter access again", self.channel.health_text)
                    self.assertSilent(self.channel.last_error)
                    self.assertTrue(self.channel.activity_ids)
                self.assertEqual(feed.health, "ok" if feed.state == "listening" else "error")
                self.channel.next_poll_at = "2020-01-01 00:00:00"
                feed.next_poll_at = "2020-01-01 00:00:00"
                self.work()
                self.assertEqual(self.channel.state, "listening")
                self.assertFalse(self.channel.activity_ids or self.channel.last_error)

    def test_entered_again(self):
        """Who lost the key enters access again, under the new key, and the channel goes on."""
        with self.key(None) as folder:
            self.work()
            self.assertEqual(self.channel.state, "access")
            self.channel.with_user(self.admin).access_form = {"values": {"token": "new"}}
            self.channel.with_user(self.admin).action_new_key()
            self.assertTrue(os.path.exists(os.path.join(folder, vault.KEY_FILE)))
            self.assertEqual(self.env["community.home"]._status(), "live")
            self.channel.next_poll_at = "2020-01-01 00:00:00"
            self.work()
            self.assertEqual(self.channel.state, "listening")

    def test_check_says_it(self):
        """The button says the same sentence."""
        with (
            self.key(Fernet.generate_key().decode()),
            patch.object(type(self.env["community.home"]), "_ensure_live", lambda home: None),
            self.assertRaisesRegex(UserError, "Enter access again"),
        ):
            self.channel.with_user(self.admin).action_check()

    def test_key_file(self):
        """Without the variable the key is made in the data directory, for its owner only, and made once."""
        with self.key(None) as folder:
            self.assertEqual(vault.fingerprint(), "")
            ciphertext = vault.encrypt("plain")
            path = os.path.join(folder, vault.KEY_FILE)
            self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)
            self.assertEqual(os.listdir(folder), [vault.KEY_FILE])
            first = vault.fingerprint()
            vault.encrypt("more")
            self.assertEqual(vault.fingerprint(), first)
            self.assertEqual(vault.decrypt(ciphertext), "plain")
            self.assertNotIn("plain", ciphertext)

    def test_environment_goes_first(self):
        """The variable counts before the file; several servers share a key by it."""
        mine = Fernet.generate_key().decode()
        with self.key(None):
            vault.encrypt("makes a file")
            with patch.dict(os.environ, {vault.KEY_VARIABLE: mine}):
                self.assertEqual(Fernet(mine).decrypt(vault.encrypt("shared").encode()).decode(), "shared")

    def test_bad_key(self):
        """A key that is none is told in words, not by a traceback."""
        with self.key("not a key"):
            with self.assertRaisesRegex(UserError, "32 bytes"):
                self.channel.with_user(self.admin).access_form = {"values": {"token": "x"}}
            with self.assertRaises(vault.Unreadable):
                self.env["community.secret"]._reveal(self.channel)

    def test_changed_ciphertext(self):
        """A ciphertext that somebody changed is not taken for a secret."""
        changed = vault.encrypt("plain")[:-4] + "AAA="
        with self.assertRaises(vault.Unreadable):
            vault.decrypt(changed)

    def test_key_is_not_in_the_database(self):
        """Neither the key nor anything it could be computed from is stored beside the ciphertext."""
        key = os.environ[vault.KEY_VARIABLE]
        self.env.flush_all()
        for table in ("ir_config_parameter", "ir_attachment", "community_secret", "community_channel"):
            self.env.cr.execute(f"SELECT count(*) FROM {table} AS line WHERE line::text LIKE %s", [f"%{key}%"])
            self.assertEqual(self.env.cr.fetchone()[0], 0, table)


@tagged("post_install", "-at_install")
class TestOverHttp(CommunityMixin, HttpCase):
    """The same over the wire, as an administrator with a browser would try."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._set_up_community()
        cls.channel = cls.make_channel("One", access={"source": "One", "token": TOKEN})

    def post(self, path, params):
        """Call a JSON route; return the whole answer as text."""
        body = json.dumps({"jsonrpc": "2.0", "method": "call", "params": params})
        return self.url_open(path, data=body, headers={"Content-Type": "application/json"}).text

    def test_routes_of_the_web_client(self):
        """Reading, exporting and the error dialog's details say nothing."""
        secret = self.env["community.secret"].sudo().search([("channel_id", "=", self.channel.id)], limit=1)
        self.authenticate("community_admin", "community_admin")
        calls = [
            ("community.secret", "read", [secret.ids, ["ciphertext"]]),
            ("community.secret", "search_read", [[]]),
            ("community.channel", "read", [self.channel.ids]),
            ("community.channel", "_without_secrets", [self.channel.ids, "x"]),
        ]
        with mute_logger("odoo.http"):
            for model, method, arguments in calls:
                answer = self.post(
                    f"/web/dataset/call_kw/{model}/{method}",
                    {"model": model, "method": method, "args": arguments, "kwargs": {}},
                )
                self.assertNotIn(TOKEN, answer)
                self.assertNotIn(secret.ciphertext, answer)
            with patch.object(self.toy, "check", side_effect=KeyError(f"header {TOKEN}")), mute_logger(ASK):
                answer = self.post(
                    "/web/dataset/call_kw/community.channel/action_check",
                    {"model": "community.channel", "method": "action_check", "args": [self.channel.ids], "kwargs": {}},
                )
            self.assertIn("Something unexpected", answer)
            self.assertNotIn(TOKEN, answer)
