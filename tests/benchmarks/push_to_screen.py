"""From a delivery that the webhook accepted to the desk that shows it in an open browser.

A real server with its scheduler, a real Chromium with the inbox open as an agent has it, and deliveries one after the
other, with pauses as people make them.  Time runs from the answer to the delivery until the text of the mention stands
in the queue on the screen; both are read from the clock of this machine.

``ratio push_to_screen`` is the share of deliveries shown within two seconds; the target is at least 0.95 on a machine
that has nothing else to do.  ``COMMUNITY_PUSH_DELIVERIES`` is their number.
"""

import hashlib
import hmac
import itertools
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

import requests
import websocket

from odoo import fields

from tests.odoo_desk import close_registry, environment
from tests.servers.process import free_port, wait_for

from ._bench import database

DELIVERIES = int(os.environ.get("COMMUNITY_PUSH_DELIVERIES") or 100)
#: seconds that count as at once, between deliveries at least and at most, and after which one is given up
AT_ONCE, PAUSE, LOST = 2.0, (1.0, 2.5), 30.0
KEY = "a signing key of the benchmark, long enough"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
#: notes when the text of each delivery appears in the queue
WATCH = """
window.shownAt = {};
const look = () => document.querySelectorAll(".o_community_entry").forEach((entry) => {
    for (const [, number] of entry.textContent.matchAll(/delivery-(\\d+)-/g)) {
        window.shownAt[number] ??= Date.now();
    }
});
new MutationObserver(look).observe(document.body, { childList: true, subtree: true, characterData: true });
look();
"""


class Browser:
    """A Chromium without a window, driven over its own protocol."""

    def __init__(self, folder):
        program = next(filter(None, map(shutil.which, (os.environ.get("CHROMIUM") or BROWSERS[0], *BROWSERS))), None)
        if not program:
            raise SystemExit("no Chromium: name one in CHROMIUM")
        quiet = ("--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-gpu")
        options = ("--headless=new", "--no-sandbox", "--no-first-run", "--remote-debugging-port=0", "--disable-quic")
        self.process = subprocess.Popen(
            [program, *options, *quiet, f"--user-data-dir={folder}", "--window-size=1280,900", "about:blank"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        told = Path(folder) / "DevToolsActivePort"
        port = wait_for(lambda: told.exists() and told.read_text().split("\n")[0], "browser", 60)
        pages = wait_for(lambda: requests.get(f"http://127.0.0.1:{port}/json", timeout=10).json(), "page", 30)
        address = next(page for page in pages if page["type"] == "page")["webSocketDebuggerUrl"]
        self.socket = websocket.create_connection(address, timeout=60, suppress_origin=True)
        self.numbers = itertools.count(1)

    def ask(self, method, **parameters):
        """Send a command and return what it brings."""
        number = next(self.numbers)
        self.socket.send(json.dumps({"id": number, "method": method, "params": parameters}))
        while True:
            message = json.loads(self.socket.recv())
            if message.get("id") == number:
                return message.get("result", {})

    def run(self, script):
        """Run a script in the page and return its value."""
        return self.ask("Runtime.evaluate", expression=script, returnByValue=True).get("result", {}).get("value")

    def stop(self):
        """End it."""
        self.socket.close()
        self.process.terminate()
        self.process.wait(30)


@contextmanager
def server(name, port):
    """Run Odoo with its scheduler on a database."""
    command = [sys.executable, "-m", "odoo", "server", "--config", os.environ["ODOO_RC"], "--database", name]
    command += [
        f"--http-port={port}",
        "--max-cron-threads=2",
        "--workers=0",
        "--log-level=warn",
        "--http-interface=127.0.0.1",
    ]
    process = subprocess.Popen(command)
    try:
        wait_for(lambda: _answers(port), "server", 180, 0.5)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(60)


def _answers(port):
    try:
        return requests.get(f"http://127.0.0.1:{port}/web/login", timeout=60).ok
    except requests.ConnectionError:
        return False


def prepare(name):
    """Connect a webhook and make an agent; return the path of deliveries."""
    with environment(name) as env:
        env["community.topic"].create({"name": "Parcels", "keyword_ids": [(0, 0, {"name": "parcel"})]})
        channel = env["community.channel"].create({"name": "Shop", "network": "webhook"})
        channel._set_access({"signing_key": KEY})
        channel.action_start()
        group = env.ref("community_manager.group_agent")
        env["res.users"].create({"name": "Bench", "login": "bench", "password": "bench", "group_ids": [(4, group.id)]})
        path = f"/community_manager/push/{channel.push_token}"
        # a machine that has nothing else to do: a copied database would begin with everything that is overdue
        listen = env.ref("community_manager.cron_listen")
        others = env["ir.cron"].search([("id", "!=", listen.id)])
        others.write({"nextcall": fields.Datetime.add(fields.Datetime.now(), days=1)})
    close_registry(name)  # the server has it from now on
    return path


def deliver(address, number):
    """Send a mention; return when it was accepted."""
    text = f"Where is the parcel of delivery-{number}-?"
    entry = {"id": f"d{number}", "text": text, "author": {"id": f"a{number}", "name": f"Author {number}"}}
    body = json.dumps({"mentions": [entry]}).encode()
    moment = str(int(time.time()))
    signed = hmac.new(KEY.encode(), moment.encode() + b"." + body, hashlib.sha256).hexdigest()
    headers = {"X-Community-Timestamp": moment, "X-Community-Signature": f"sha256={signed}"}
    answer = requests.post(address, data=body, headers={"Content-Type": "application/json", **headers}, timeout=30)
    if answer.status_code != 202:
        raise SystemExit(f"the delivery was not accepted: {answer.status_code} {answer.text}")
    return time.time()


def open_inbox(browser, base, name):
    """Open the inbox as the agent."""
    session = requests.Session()
    login = {"db": name, "login": "bench", "password": "bench"}
    answer = session.post(f"{base}/web/session/authenticate", json={"jsonrpc": "2.0", "params": login}, timeout=60)
    if not answer.json().get("result", {}).get("uid"):
        raise SystemExit(f"nobody may log in: {answer.text[:300]}")
    browser.ask("Network.enable")
    browser.ask("Network.setCookie", name="session_id", value=session.cookies["session_id"], url=base)
    browser.ask("Page.navigate", url=f"{base}/odoo/community-inbox")
    wait_for(lambda: browser.run("!!document.querySelector('.o_community_desk')"), "the desk", 180, 0.5)
    time.sleep(5)  # the websocket is connected once the page is idle
    browser.run(WATCH)


def shown(browser):
    """Return ``{number of a delivery: when it appeared}``."""
    return {int(number): at / 1000 for number, at in json.loads(browser.run("JSON.stringify(window.shownAt)")).items()}


def stored_after(name, accepted):
    """Return after how many seconds the work on each delivery had begun, to tell the scheduler's share."""
    with environment(name) as env:
        env.cr.execute("SELECT external_id, extract(epoch FROM create_date) FROM community_mention")
        moments = {identifier: float(moment) for identifier, moment in env.cr.fetchall()}
    return [moments[f"d{number}"] - moment for number, moment in accepted.items() if f"d{number}" in moments]


def main():
    """Print the figures."""
    rng = random.Random(1)
    with database("push") as name, tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        path = prepare(name)
        with server(name, free_port()) as base:
            browser = Browser(folder)
            try:
                open_inbox(browser, base, name)
                deliver(base + path, 0)  # it warms the server
                wait_for(lambda: shown(browser), "the first delivery on the screen", 180, 0.5)
                accepted = {}
                for number in range(1, DELIVERIES + 1):
                    accepted[number] = deliver(base + path, number)
                    time.sleep(rng.uniform(*PAUSE))
                end = time.monotonic() + LOST
                while len(shown(browser)) <= DELIVERIES and time.monotonic() < end:
                    time.sleep(0.5)
                moments = shown(browser)
            finally:
                browser.stop()
        stored = stored_after(name, accepted)
    waits = sorted(moments.get(number, float("inf")) - moment for number, moment in accepted.items())
    seen = [wait for wait in waits if wait < float("inf")]
    if not seen:
        raise SystemExit("nothing was shown")
    print(f"taken up after {statistics.median(stored):.2f} s (median)")
    print(f"{len(seen)} of {DELIVERIES} shown; median {statistics.median(seen):.2f} s, longest {max(seen):.2f} s")
    print(f"figure push_to_screen_95th {waits[int(0.95 * (DELIVERIES - 1))]:.2f}")
    print(f"ratio push_to_screen {sum(wait <= AT_ONCE for wait in waits) / DELIVERIES:.2f}")


if __name__ == "__main__":
    main()
