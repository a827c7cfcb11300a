"""Workers beside each other renew access once, in real transactions and over real connections.

The server for tokens takes every refresh token once, as careful ones do: whoever comes second with the same one has
lost the access for good.
"""

import json
import multiprocessing
import threading
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl

import pytest

from ..odoo_desk import open_registry

PATIENCE = 60


class TokenServer:
    """Grants access on loopback; ``gate`` is called while a request is being answered."""

    def __init__(self):
        self.number = 1
        self.asked = []
        self.reused = 0
        self.gate = lambda: None
        self._lock = threading.Lock()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status, answer = outer.answer(dict(parse_qsl(body.decode())))
                content = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_args):
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def answer(self, asked):
        """Return (status, answer) for a refresh token."""
        with self._lock:
            self.asked.append(asked)
            good = asked.get("refresh_token") == f"refresh-{self.number}"
            if not good:
                self.reused += 1
                return 400, {"error": "invalid_grant"}
            self.number += 1
            number = self.number
        self.gate()
        return 200, {"access_token": f"access-{number}", "refresh_token": f"refresh-{number}", "expires_in": 3600}

    def close(self):
        """End it."""
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def tokens():
    server = TokenServer()
    yield server
    server.close()


@contextmanager
def rotating(server):
    """Register a network whose access the server renews, for a while; it hands out three pages, one at a time."""
    from odoo.addons.community_manager.connectors import register, unregister
    from odoo.addons.community_manager.connectors.base import Connector, Setting
    from odoo.addons.community_manager.connectors.errors import AccessExpired
    from odoo.addons.community_manager.connectors.items import MentionItem, Page
    from odoo.addons.community_manager.connectors.oauth import Authorization

    class Rotating(Connector):
        code = "rotating"
        label = "Rotating"
        description = "A network whose access is renewed."
        capabilities = frozenset({"listen"})
        settings = (
            Setting("client_id", "Client ID"),
            Setting("access_token", "Access token", secret=True, granted=True),
            Setting("refresh_token", "Refresh token", secret=True, granted=True),
        )
        authorization = Authorization(f"{server.url}/authorize", f"{server.url}/token", client_auth="none")
        #: access that is refused after the first page
        refused = set()

        def listen(self, cursor):
            for number in range(cursor.get("last", 0) + 1, 4):
                if number > 1 and self.secrets["access_token"] in self.refused:
                    raise AccessExpired("No more.")
                yield Page([MentionItem(str(number), text="hello", origin="own")], {"last": number}, more=number < 3)

    register(Rotating)
    try:
        yield Rotating
    finally:
        unregister("rotating")


@pytest.fixture
def channel(desk, tokens):
    """A connected channel whose access is about to end."""
    with rotating(tokens) as network:
        with desk.env() as env:
            channel = env["community.channel"].create({"name": "Rotating", "network": "rotating"})
            channel._set_access({"client_id": "app"})
            channel.action_start()
            channel_id = channel.id
        give(desk, channel_id, 1, seconds=30)
        yield channel_id, network
        desk.call("community.channel", [channel_id], "action_pause")
        desk.call("community.channel", [channel_id], "unlink")


def give(desk, channel_id, number, seconds):
    """Let a channel have access that ends in some seconds."""
    from odoo import fields

    with desk.env() as env:
        env["community.secret"]._store(
            env["community.channel"].browse(channel_id),
            {"access_token": f"access-{number}", "refresh_token": f"refresh-{number}"},
            expires_at=fields.Datetime.now() + timedelta(seconds=seconds),
        )


def stored(desk, channel_id):
    """Return (access token, refresh token) as they are stored."""
    with desk.env() as env:
        secrets = env["community.secret"]._reveal(env["community.channel"].browse(channel_id))
        return secrets["access_token"], secrets["refresh_token"]


def work(name, channel_id, pipe):
    """Be a worker process: use the access when told to, and send what was used."""
    from odoo import SUPERUSER_ID, api, sql_db

    # The connections that were inherited are the parent's: they are neither used nor closed here.
    sql_db._Pool = sql_db._Pool_readonly = None
    registry = open_registry(name)
    registry._db, registry._db_readonly = sql_db.db_connect(name), None
    with registry.cursor() as cr:
        channel = api.Environment(cr, SUPERUSER_ID, {})["community.channel"].browse(channel_id)
        connector = channel._connector()
        renewal = channel._renewal(connector)
        pipe.send("ready")
        pipe.recv()
        try:
            pipe.send(renewal.run(lambda: connector.secrets["access_token"]))
        except Exception as error:  # noqa: BLE001 - told to the test
            pipe.send(repr(error))


def test_two_processes_renew_once(desk, tokens, channel):
    channel_id, _network = channel
    name = desk.registry.db_name
    context = multiprocessing.get_context("fork")
    pipes, workers = [], []
    for _worker in range(2):
        pipe, other = context.Pipe()
        process = context.Process(target=work, args=(name, channel_id, other), daemon=True)
        process.start()
        assert pipe.recv() == "ready"
        pipes.append(pipe)
        workers.append(process)
    # the answer waits until the second worker waits for the lock, so that both have found access that ends soon
    tokens.gate = lambda: wait_for_waiting(desk)
    for pipe in pipes:
        pipe.send("go")
    assert [pipe.recv() for pipe in pipes if pipe.poll(PATIENCE)] == ["access-2", "access-2"]
    for process in workers:
        process.join(PATIENCE)
    assert (len(tokens.asked), tokens.reused) == (1, 0)
    assert stored(desk, channel_id) == ("access-2", "refresh-2")


def wait_for_waiting(desk):
    """Wait until a process waits for an advisory lock of this database."""
    deadline = threading.Event()
    for _look in range(PATIENCE * 20):
        with desk.registry.cursor() as cr:
            cr.execute(
                "SELECT 1 FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database"
                " WHERE locktype = 'advisory' AND NOT granted AND datname = current_database()"
            )
            if cr.fetchone():
                return
        deadline.wait(0.05)
    raise AssertionError("nobody waits")


def test_in_a_thread_that_listens(desk, tokens, channel):
    """Access that is refused between two pages is renewed by the thread itself, while pages are being stored."""
    channel_id, network = channel
    give(desk, channel_id, 1, seconds=3600)
    network.refused = {"access-1"}
    state = desk.listen(channel_id)
    assert (state["state"], state["error_count"]) == ("listening", 0)
    assert [m["external_id"] for m in desk.mentions(channel_id, "external_id")] == ["1", "2", "3"]
    assert (len(tokens.asked), tokens.reused) == (1, 0)
    assert stored(desk, channel_id) == ("access-2", "refresh-2")


def test_kept_whatever_becomes_of_the_work(desk, tokens, channel):
    """What was renewed is committed at once: work that is rolled back does not take it along."""
    channel_id, _network = channel
    with pytest.raises(ZeroDivisionError), desk.env() as env:
        record = env["community.channel"].browse(channel_id)
        record.description = "written and rolled back"
        connector = record._connector()
        record._renewing(connector, lambda: 1 // 0)
    assert stored(desk, channel_id) == ("access-2", "refresh-2")
    assert not desk.one("community.channel", [("id", "=", channel_id)], ["description"])["description"]


def test_stored_beside_a_busy_channel(desk, tokens, channel):
    """A transaction that holds the channel's row does not hold up what was renewed."""
    channel_id, _network = channel
    with desk.env() as other:
        other["community.channel"].browse(channel_id).write({"description": "busy"})
        other.flush_all()
        with desk.env() as env:
            record = env["community.channel"].browse(channel_id)
            connector = record._connector()
            assert record._renewing(connector, lambda: connector.secrets["access_token"]) == "access-2"
        assert stored(desk, channel_id) == ("access-2", "refresh-2")


def test_entered_and_used_at_once(desk, tokens):
    """Access that was entered and not saved yet is renewed in the same transaction: no other could see it."""
    with rotating(tokens), desk.env() as env:
        channel = env["community.channel"].create({"name": "New", "network": "rotating"})
        channel._set_access({"client_id": "app", "refresh_token": "refresh-1"})
        connector = channel._connector()
        assert channel._renewing(connector, lambda: connector.secrets["access_token"]) == "access-2"
        assert env["community.secret"]._reveal(channel)["refresh_token"] == "refresh-2"
        assert (len(tokens.asked), tokens.reused) == (1, 0)
        channel.unlink()
