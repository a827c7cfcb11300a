"""snac: a small fediverse server that speaks Mastodon's API.

It has no ``/api/v2/instance``, no ``Link`` or rate-limit headers; mentions and replies arrive through a queue, within
seconds.  An edit changes the first ten digits of a post's id.
"""

import json
import re
from urllib.parse import parse_qs, urlsplit

import requests
from mastodon import Mastodon

from .debian import ServerError, install, program, run, unpack
from .process import LOOPBACK, Process, Server, free_port, fresh_folder, wait_for

OUT_OF_BAND = "urn:ietf:wg:oauth:2.0:oob"
TIMEOUT = 60
#: seconds after which a message that has not arrived never will
PATIENCE = 120


def installed():
    """Return the folder of the unpacked server, fetching it first if need be."""
    return install("snac", [__file__], lambda folder: unpack(folder, ["snac2"]))


class OneRequestEach(requests.Session):
    """A connection for each request: the server closes every one after its answer, without saying so."""

    def request(self, method, url, **options):
        """Send a request on a connection of its own."""
        return requests.request(method, url, **options)


class Account:
    """A person on the server with a client of their own.

    ``client`` is a :class:`mastodon.Mastodon`; ``token`` opens the account to others.
    """

    def __init__(self, server, name, password):
        self.server = server
        self.name = name
        self.password = password
        #: as others mention it: this server finds accounts at an address with a port by their short name only
        self.handle = f"@{name}"
        self.token = self.new_token()
        self.client = Mastodon(
            session=OneRequestEach(),
            access_token=self.token,
            api_base_url=server.url,
            request_timeout=TIMEOUT,
            version_check_mode="none",
            ratelimit_method="throw",
        )
        self.id = str(self.client.account_verify_credentials().id)

    def new_token(self):
        """Go through the server's OAuth pages as a person would and return a token."""
        url = self.server.url
        application = requests.post(
            f"{url}/api/v1/apps",
            data={"client_name": "tests", "redirect_uris": OUT_OF_BAND, "scopes": "read write follow"},
            timeout=TIMEOUT,
        ).json()
        asked = {
            "client_id": application["client_id"],
            "redirect_uri": OUT_OF_BAND,
            "response_type": "code",
            "scope": "read write follow",
            "state": "here",
        }
        page = requests.get(f"{url}/oauth/authorize", params=asked, timeout=TIMEOUT).text
        form = dict(re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', page))
        action = re.search(r'<form[^>]* action="([^"]*)"', page)
        if not action:
            raise ServerError(f"snac shows no login form:\n{page[:500]}")
        answer = requests.post(
            action.group(1),
            data={**form, "login": self.name, "passwd": self.password},
            allow_redirects=False,
            timeout=TIMEOUT,
        )
        query = parse_qs(urlsplit(answer.headers.get("location", "")).query)
        code = query["code"][0] if "code" in query else answer.text.strip()
        given = requests.post(
            f"{url}/oauth/token",
            data={
                "grant_type": "authorization_code",
                "code": code,
                "client_id": application["client_id"],
                "client_secret": application["client_secret"],
                "redirect_uri": OUT_OF_BAND,
            },
            timeout=TIMEOUT,
        )
        if not given.ok or "access_token" not in given.json():
            raise ServerError(f"snac gives {self.name} no token: {given.status_code} {given.text[:300]}")
        return given.json()["access_token"]

    def post(self, text, reply_to=None, visibility="public"):
        """Publish a post and return it as the server gave it back."""
        return self.client.status_post(text, in_reply_to_id=reply_to, visibility=visibility)

    def edit(self, post_id, text):
        """Change the text of an own post."""
        return self.client.status_update(post_id, status=text)

    def _press(self, action, **values):
        """Press a button of the server's web pages, for what its interface cannot do."""
        answer = requests.post(
            f"{self.server.url}/{self.name}/admin/action",
            data={"action": action, **values},
            auth=(self.name, self.password),
            allow_redirects=False,
            timeout=TIMEOUT,
        )
        if answer.status_code >= 400:
            raise ServerError(f"snac refuses {action} {values}: {answer.status_code}")

    def delete(self, post):
        """Delete an own post and wait until it is gone."""
        self._press("Delete", id=post.uri, actor=f"{self.server.url}/{self.name}")
        wait_for(
            lambda: not self.server.knows(post, self.token),
            f"snac still shows {post.uri}",
            PATIENCE,
            pause=0.2,
        )

    def follow(self, other):
        """Follow another account of this server."""
        self._press("Follow", actor=f"{self.server.url}/{other.name}")

    def notified(self, post_id, seconds=PATIENCE):
        """Wait until the server has told this account of a post."""
        return wait_for(
            lambda: any(n.status and str(n.status.id) == str(post_id) for n in self.client.notifications(limit=40)),
            f"snac does not tell {self.name} of post {post_id}",
            seconds,
            pause=0.2,
        )


class Snac(Server):
    """A server with data of its own.  ``host`` is its name in account addresses."""

    def __init__(self):
        self.tree = installed()
        self.folder = fresh_folder("snac")
        self.data = self.folder / "data"
        self.port = free_port()
        self.host = f"{LOOPBACK}:{self.port}"
        self.url = f"http://{self.host}"
        self._snac("init", input=f"{LOOPBACK}\n{self.port}\n{self.host}\n\n\n")
        settings = json.loads((self.data / "server.json").read_text())
        # Plain HTTP on loopback.  Its workers both send and receive: with few of them, or little patience on a busy
        # machine, it waits for itself and puts a message off by minutes.
        settings |= {"protocol": "http", "num_threads": 96, "queue_retry_minutes": 1}
        settings |= dict.fromkeys(("queue_timeout", "queue_timeout_2"), 30)
        (self.data / "server.json").write_text(json.dumps(settings))
        self.process = Process(
            "snac", [*program(self.tree, "usr/bin/snac"), "httpd", self.data], self.folder / "snac.log"
        )
        self.start()

    def _snac(self, command, *arguments, **options):
        return run([*program(self.tree, "usr/bin/snac"), command, self.data, *arguments], f"snac {command}", **options)

    def answers(self):
        """Whether it answers requests."""
        try:
            return requests.get(f"{self.url}/api/v1/instance", timeout=2).ok
        except requests.RequestException:
            return False

    def knows(self, post, token):
        """Whether a post can be read with a token."""
        answer = requests.get(
            f"{self.url}/api/v1/statuses/{post.id}", headers={"Authorization": f"Bearer {token}"}, timeout=TIMEOUT
        )
        return answer.ok

    def account(self, name):
        """Create an account and return its :class:`Account`."""
        output = self._snac("adduser", name)
        found = re.search(r"password is (\S+)", output)
        if not found:
            raise ServerError(f"snac makes no account {name}:\n{output}")
        return Account(self, name, found.group(1))
