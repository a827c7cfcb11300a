"""Matrix: the homeserver Synapse in a Python environment of its own, with SQLite."""

import json
import sys
import uuid
from pathlib import Path
from urllib.parse import quote

import requests

from .debian import ServerError, install, run
from .process import LOOPBACK, Process, Server, free_port, fresh_folder, wait_for

REQUIREMENTS = Path(__file__).with_name("matrix.txt")
#: what stands behind the colon of names and rooms
DOMAIN = "matrix.test"
MANY = {"per_second": 1000, "burst_count": 1000}
TIMEOUT = 30


def installed():
    """Return the folder of the installed server, fetching it first if need be."""
    return install("matrix", [__file__, REQUIREMENTS], _build)


def _build(folder):
    run([sys.executable, "-m", "venv", "--without-pip", folder / "venv"], "Making a Python environment for Synapse")
    pip = [sys.executable, "-m", "pip", "--python", folder / "venv/bin/python", "--disable-pip-version-check"]
    run([*pip, "install", "--quiet", "-r", REQUIREMENTS], "Installing Synapse")


class Person:
    """A user of the server with a client of their own.  ``token`` opens the account to others."""

    def __init__(self, server, name):
        self.server = server
        self.name = name
        self.id = f"@{name}:{DOMAIN}"
        self.password = f"password of {name}"
        made = {"username": name, "password": self.password, "auth": {"type": "m.login.dummy"}}
        answer = requests.post(f"{server.url}/_matrix/client/v3/register", json=made, timeout=TIMEOUT)
        if not answer.ok:
            raise ServerError(f"Synapse makes no account {name}: {answer.status_code} {answer.text[:300]}")
        self.token = answer.json()["access_token"]

    def call(self, method, path, body=None, **params):
        """Call the client interface and return its answer.

        :raises ServerError: it refused
        """
        answer = requests.request(
            method,
            f"{self.server.url}/_matrix/client/v3/{path}",
            json=body,
            params=params,
            headers={"Authorization": f"Bearer {self.token}"},
            timeout=TIMEOUT,
        )
        if not answer.ok:
            raise ServerError(f"Synapse refuses {method} {path}: {answer.status_code} {answer.text[:300]}")
        return answer.json()

    def new_token(self):
        """Log in once more and return the token of that session."""
        user = {"type": "m.id.user", "user": self.name}
        return self.call("POST", "login", {"type": "m.login.password", "identifier": user, "password": self.password})[
            "access_token"
        ]

    def revoke(self, token):
        """End the session of a token."""
        headers = {"Authorization": f"Bearer {token}"}
        requests.post(f"{self.server.url}/_matrix/client/v3/logout", headers=headers, timeout=TIMEOUT)

    def create_room(self, name="", invite=(), direct=False):
        """Create a room and return its id: a public one with an address, or a private one with whom is invited."""
        body = {"invite": [person.id for person in invite], "is_direct": direct}
        body |= {"preset": "trusted_private_chat"} if direct else {"preset": "public_chat", "room_alias_name": name}
        return self.call("POST", "createRoom", body | ({"name": name} if name else {}))["room_id"]

    def join(self, room):
        """Enter a room."""
        self.call("POST", f"join/{quote(room, safe='')}", {})

    def rooms(self):
        """Return the ids of the rooms that we are in."""
        return self.call("GET", "joined_rooms")["joined_rooms"]

    def say(self, room, text, mentions=(), **content):
        """Send a message to a room and return its id."""
        body = {"msgtype": "m.text", "body": text, "m.mentions": {"user_ids": [one.id for one in mentions]}, **content}
        path = f"rooms/{quote(room, safe='')}/send/m.room.message/{uuid.uuid4().hex}"
        return self.call("PUT", path, body)["event_id"]

    def edit(self, room, event, text):
        """Replace the text of an own message."""
        new = {"msgtype": "m.text", "body": text}
        relation = {"rel_type": "m.replace", "event_id": event}
        return self.say(room, f"* {text}", **{"m.new_content": new, "m.relates_to": relation})

    def redact(self, room, event):
        """Remove an own message."""
        path = f"rooms/{quote(room, safe='')}/redact/{quote(event, safe='')}/{uuid.uuid4().hex}"
        self.call("PUT", path, {})

    def messages(self, room):
        """Return the messages of a room that have a text, oldest first."""
        events = self.call("GET", f"rooms/{quote(room, safe='')}/messages", dir="b", limit=200)["chunk"]
        return [one for one in reversed(events) if one["type"] == "m.room.message" and "body" in one["content"]]

    def told(self, room, text, seconds=30):
        """Wait until a room has a message with this text, and return it."""
        return wait_for(
            lambda: next((one for one in self.messages(room) if one["content"]["body"] == text), None),
            f"no message “{text}”",
            seconds,
        )


class Matrix(Server):
    """A running homeserver with data of its own."""

    def __init__(self):
        self.home = installed()
        self.folder = fresh_folder("matrix")
        self.port = free_port()
        self.url = f"http://{LOOPBACK}:{self.port}"
        self.services = []
        self._configure()
        words = [self.home / "venv/bin/python", "-m", "synapse.app.homeserver", "-c", self.folder / "homeserver.yaml"]
        run([*words, "--generate-keys"], "Making Synapse's keys", cwd=self.folder)
        self.process = Process("Synapse", words, self.folder / "synapse.log", cwd=self.folder)
        try:
            self.start()
        except ServerError:
            self.remove()
            raise

    def _configure(self):
        """Write the settings; YAML is a superset of JSON."""
        listener = {"port": self.port, "tls": False, "type": "http", "bind_addresses": [LOOPBACK]}
        listener["resources"] = [{"names": ["client"], "compress": False}]
        settings = {
            "server_name": DOMAIN,
            "public_baseurl": f"{self.url}/",
            "report_stats": False,
            "listeners": [listener],
            "database": {"name": "sqlite3", "args": {"database": str(self.folder / "homeserver.db")}},
            "media_store_path": str(self.folder / "media"),
            "signing_key_path": str(self.folder / "signing.key"),
            "macaroon_secret_key": "macaroons of the tests",
            "form_secret": "forms of the tests",
            "trusted_key_servers": [],
            "enable_registration": True,
            "enable_registration_without_verification": True,
            "app_service_config_files": [str(path) for path in self.services],
            "rc_message": MANY,
            "rc_registration": MANY,
            "rc_login": {"address": MANY, "account": MANY, "failed_attempts": MANY},
            "rc_joins": {"local": MANY, "remote": MANY},
            "rc_invites": {"per_room": MANY, "per_user": MANY, "per_issuer": MANY},
        }
        (self.folder / "homeserver.yaml").write_text(json.dumps(settings, indent=1))

    def add_app_service(self, registration):
        """Let the server deliver to an application service, described as its registration file would."""
        path = self.folder / f"service{len(self.services)}.yaml"
        path.write_text(json.dumps(registration))
        self.services.append(path)
        self._configure()
        self.restart()

    def answers(self):
        """Whether it answers requests."""
        try:
            return requests.get(f"{self.url}/_matrix/client/versions", timeout=5).ok
        except requests.RequestException:
            return False

    def account(self, name):
        """Create an account and return its :class:`Person`."""
        return Person(self, name)
