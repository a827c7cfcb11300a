"""A Matrix homeserver delivers to the desk by itself, over HTTP, and sends again what was not taken."""

import os
import signal

import pytest
import requests

from ..odoo_desk import start_odoo_process
from ..servers.process import LOOPBACK, free_port, wait_for

#: Serves the web side of Odoo for one database, as a worker does.
SERVE = """
from odoo import http
from odoo.tools import config
from werkzeug.serving import make_server

config["db_name"] = [env.cr.dbname]
config["dbfilter"] = f"^{env.cr.dbname}$"
env.cr.commit()
make_server("127.0.0.1", int(arguments[0]), http.root, threaded=True).serve_forever()
"""
SERVICE_KEY = "shown-by-the-service-only"
#: Synapse waits longer after each failure, beginning with seconds.
PATIENCE = 90


class Web:
    """The web side of the desk, which can be away for a while."""

    def __init__(self, database):
        self.database = database
        self.port = free_port()
        self.url = f"http://{LOOPBACK}:{self.port}/community_manager/push"
        self.process = None

    def answers(self):
        """Whether it takes requests."""
        assert self.process.poll() is None, "the web side of Odoo ended"
        try:
            return requests.get(f"{self.url}/0", timeout=5).status_code == 404
        except requests.RequestException:
            return False

    def start(self):
        """Start it and wait until it takes requests."""
        self.process = start_odoo_process(SERVE, self.database, self.port)
        wait_for(self.answers, "Odoo takes no requests", 60)

    def stop(self):
        """End it at once."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


@pytest.fixture(scope="module")
def web(desk):
    """Where the desk is reached."""
    web = Web(desk.registry.db_name)
    web.start()
    yield web
    web.stop()


@pytest.fixture(scope="module")
def channel(desk, matrix, web):
    """A channel whose account the homeserver delivers for; it is never asked."""
    us = matrix.account("pushed")
    channel = desk.channel("Delivered", "matrix", {"server": matrix.url, "user": us.id, "password": us.password})
    with desk.env() as env:
        record = env["community.channel"].browse(channel)
        key, token = env["community.secret"]._reveal(record)["hs_token"], record.push_token
    matrix.add_app_service(
        {
            "id": "community-manager",
            "url": f"{web.url}/{token}",
            "as_token": SERVICE_KEY,
            "hs_token": key,
            "sender_localpart": "community-manager",
            "rate_limited": False,
            "namespaces": {"users": [{"regex": us.id, "exclusive": False}], "rooms": [], "aliases": []},
        }
    )
    yield channel, us
    desk.call("community.channel", channel, "action_pause")


@pytest.fixture(scope="module")
def room(channel, matrix):
    """A room that our account is in, and somebody who talks there."""
    _channel, us = channel
    tom = matrix.account("tompush")
    room = tom.create_room("pushroom")
    us.join(room)
    return room, tom


def work(desk):
    """Do the listener's part with what was delivered, without asking anybody."""
    with desk.env() as env:
        env["community.push"]._cron_process()


def mentions(desk, channel, event):
    """Return the texts of the mentions that a message has become."""
    work(desk)
    found = desk.read("community.mention", [("channel_id", "=", channel), ("external_id", "=", event)], ["text"])
    return [mention["text"] for mention in found]


def test_the_homeserver_reaches_the_desk(matrix, channel):
    answer = requests.post(
        f"{matrix.url}/_matrix/client/v1/appservice/community-manager/ping",
        json={},
        headers={"Authorization": f"Bearer {SERVICE_KEY}"},
        timeout=30,
    )
    assert answer.ok and "duration_ms" in answer.json(), answer.text


def test_what_is_said_is_delivered(desk, channel, room):
    (channel, us), (room, tom) = channel, room
    event = tom.say(room, "pushed: do you deliver to Ávila?", mentions=[us])
    wait_for(lambda: mentions(desk, channel, event), "nothing was delivered", PATIENCE)
    assert mentions(desk, channel, event) == ["pushed: do you deliver to Ávila?"]


def test_a_paused_channel_loses_nothing(desk, matrix, channel, room):
    (channel, us), (room, tom) = channel, room
    desk.call("community.channel", channel, "action_pause")
    event = tom.say(room, "pushed: are you there?", mentions=[us])
    wait_for(lambda: "received code=503" in matrix.process.log.read_text(), "nobody was refused", PATIENCE)
    assert not mentions(desk, channel, event)
    desk.write("community.channel", channel, state="listening")
    wait_for(lambda: mentions(desk, channel, event), "nothing was sent again", PATIENCE)


def test_what_was_not_taken_comes_again_and_once(desk, web, channel, room):
    (channel, us), (room, tom) = channel, room
    web.stop()
    events = [tom.say(room, f"pushed: number {number}", mentions=[us]) for number in range(3)]
    assert not any(mentions(desk, channel, event) for event in events), "nobody was there to take it"
    web.start()
    wait_for(lambda: mentions(desk, channel, events[-1]), "nothing was sent again", PATIENCE)
    for number, event in enumerate(events):
        assert mentions(desk, channel, event) == [f"pushed: number {number}"]


def test_what_was_delivered_is_not_read_again(desk, channel, room):
    channel, _us = channel
    before = desk.count("community.mention", [("channel_id", "=", channel)])
    assert before == 5
    desk.listen(channel)
    assert desk.count("community.mention", [("channel_id", "=", channel)]) == before
