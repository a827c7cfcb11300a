"""`make demo`, `make stop`, `make shell`: an Odoo with demo data that runs in the background."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from . import packages, postgres, system, tree
from .odoo import BUILDING, MARK, Odoo, addon_inputs, dependencies
from .settings import ADDON, DEFAULT_PORT, Settings
from .steps import Failure, Progress, only_one, say, write_atomic

DATABASE = "community_demo"
#: Seconds to wait for the first page; the first start compiles styles and scripts.
START_LIMIT = 180

WELCOME = """
Community Manager runs.

  Address   {url}
  Login     admin
  Password  admin

En español: ana (agente) o luis (administración); la contraseña es el mismo nombre.

What to try first
  1. Open the menu Community: the inbox shows what people wrote in the demo data.
  2. Community > Configuration > Channels > New: choose a network, for example Feed, and paste the address of a feed.
  3. Press "Listen now": the posts arrive in the inbox.
  4. Community > Configuration > Rules: try a rule on the last days, it shows what it would do and changes nothing.

Log {log}
Stop it with `make stop`; your data stays. Start again with `make demo`.
"""


class Demo:
    """The demo database and its server."""

    def __init__(self, settings: Settings):
        self.settings = settings
        self.state_file = settings.runtime / "demo.json"
        self.log = settings.logs / "demo.log"

    @property
    def state(self) -> dict:
        """Process id and port of the last start."""
        try:
            return json.loads(self.state_file.read_text())
        except (OSError, ValueError):
            return {}

    def odoo(self, connection: postgres.Connection, port: int) -> Odoo:
        """Configuration of the demo."""
        options = (
            ("http_interface", self.settings.host),
            ("http_port", str(port)),
            ("db_name", DATABASE),
            ("dbfilter", f"^{DATABASE}$"),
            ("max_cron_threads", "1"),
            ("without_demo", "False"),
        )
        return Odoo(self.settings, connection, "demo", options=options)

    def pid(self) -> int:
        """Process id of the running server, 0 when none runs."""
        conf = str(self.settings.runtime / "demo.conf")
        pid = self.state.get("pid", 0)
        if pid and is_odoo(pid, conf):
            return pid
        # Started by a run that was killed before it could write down the number.
        return next((pid for pid in processes() if is_odoo(pid, conf)), 0)

    def prepare(self, progress: Progress) -> postgres.Connection:
        """Everything the server needs: programs, packages, Odoo, PostgreSQL."""
        install(self.settings, progress, tests=False)
        with progress.step("PostgreSQL") as notes:
            connection = postgres.demo_server(self.settings)
            notes.append(connection.check())
        return connection

    def database(self, progress: Progress, connection: postgres.Connection, port: int) -> None:
        """Create the database with demo data, or upgrade the addon in it."""
        odoo = self.odoo(connection, port)
        names = self.settings.addons[:1]
        inputs = f"{MARK}{addon_inputs(self.settings, names)}"
        base = f"{MARK}dependencies only"
        with progress.step("Database with demo data") as notes:
            mark = odoo.mark(DATABASE)
            if mark == inputs:
                odoo.write_conf()
                notes.append("ready")
                return
            self.stop_server()
            if mark and mark.startswith(MARK) and mark not in (BUILDING, base):
                odoo.run(DATABASE, "-u", ADDON, what="Upgrading the addon")
                notes.append("addon upgraded, data kept")
            else:
                if mark != base:
                    odoo.create(DATABASE)
                    needs = ",".join(dependencies(self.settings, ADDON))
                    odoo.run(DATABASE, "-i", needs, "--with-demo", what="Installing Odoo's own addons")
                    odoo.set_mark(DATABASE, base)
                odoo.run(DATABASE, "-i", ADDON, "--with-demo", what="Installing the addon with demo data")
                notes.append("created")
            odoo.require_installed(DATABASE, list(names))
            odoo.set_mark(DATABASE, inputs)

    def start(self) -> None:
        """The whole of `make demo`."""
        with only_one(self.settings.runtime / ".lock", "installing"):
            progress = Progress(6)
            connection = self.prepare(progress)
            running = self.pid()
            port = self.state.get("port") if running and self.state.get("pid") == running else None
            if running and (not port or self.settings.port not in (None, port)):
                self.stop_server()
                port = None
            port = port or free_port(self.settings)
            self.database(progress, connection, port)
            with progress.step("Odoo") as notes:
                notes.append("runs already" if self.pid() else self._launch(self.odoo(connection, port), port))
        host = self.settings.host if self.settings.host != "0.0.0.0" else "127.0.0.1"
        say(WELCOME.format(url=f"http://{host}:{port}", log=self.log))
        if not self.settings.host.startswith(("127.", "localhost")):
            say(f"HOST={self.settings.host}: others in your network can log in too. Change the password of admin.")

    def _launch(self, odoo: Odoo, port: int) -> str:
        odoo.write_conf()
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            start = log.tell()
            process = subprocess.Popen(
                odoo.command("server"),
                stdout=log,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                env=odoo.environ,
                cwd=self.settings.runtime,
                start_new_session=True,
            )
        write_atomic(self.state_file, json.dumps({"pid": process.pid, "port": port}))
        host = "127.0.0.1" if self.settings.host == "0.0.0.0" else self.settings.host
        limit = time.monotonic() + START_LIMIT
        while time.monotonic() < limit:
            if process.poll() is not None:
                with self.log.open("rb") as log:
                    log.seek(start)
                    tail = log.read().decode(errors="replace").strip().splitlines()[-20:]
                shown = "\n".join(f"    {line}" for line in tail)
                raise Failure(f"Odoo ended at once (exit code {process.returncode}):\n{shown}", f"Its log: {self.log}")
            if answers(f"http://{host}:{port}/web/login"):
                return f"port {port}"
            time.sleep(0.3)
        raise Failure(f"Odoo did not answer within {START_LIMIT} s.", f"Look at {self.log}; `make stop` ends it.")

    def stop_server(self) -> bool:
        """End Odoo, gently first; returns whether it ran."""
        pid = self.pid()
        if not pid:
            return False
        for wanted, seconds in ((signal.SIGTERM, 20), (signal.SIGKILL, 5)):
            try:
                os.killpg(pid, wanted)
            except ProcessLookupError:
                break
            limit = time.monotonic() + seconds
            while self.pid() and time.monotonic() < limit:
                reap(pid)
                time.sleep(0.1)
            if not self.pid():
                break
        self.state_file.unlink(missing_ok=True)
        return True

    def stop(self) -> None:
        """`make stop`: end Odoo and the demo's own PostgreSQL."""
        say("Odoo stopped." if self.stop_server() else "Odoo was not running.")
        if postgres.Server(self.settings, "pg").stop():
            say("PostgreSQL stopped.")

    def shell(self) -> int:
        """`make shell`: Odoo's shell on the demo database; reads standard input when it is not a terminal."""
        with only_one(self.settings.runtime / ".lock", "installing"):
            tree.locate(self.settings)
            ran = bool(self.settings.pg_host) or postgres.Server(self.settings, "pg").running()
            connection = postgres.demo_server(self.settings)
            odoo = self.odoo(connection, self.state.get("port", DEFAULT_PORT))
            mark = odoo.mark(DATABASE)
            if not (mark and mark.startswith(MARK) and mark != BUILDING):
                raise Failure("There is no demo database yet.", "Run: make demo")
            if not odoo.conf.exists():
                odoo.write_conf()
        words = ("-d", DATABASE, "--no-http", "--log-level=warn", *self.settings.arguments)
        try:
            return subprocess.run(odoo.command("shell", *words), env=odoo.environ, check=False).returncode
        finally:
            if not ran and not self.pid():
                postgres.Server(self.settings, "pg").stop()


def install(settings: Settings, progress: Progress, *, tests: bool) -> None:
    """The steps that demo and tests share: system packages, Python packages, Odoo's files."""
    with progress.step("Programs of the machine") as notes:
        notes.append(
            ", ".join(system.require(system.base_packages(settings), settings, "needed to install")) or "ready"
        )
    with progress.step("Python packages") as notes:
        notes.append(packages.ensure_python(settings, tests=tests))
    with progress.step("Odoo 19") as notes:
        notes.append(tree.ensure(settings))


def processes() -> list[int]:
    """Ids of all processes, where the system lists them as files."""
    return [int(path.name) for path in Path("/proc").glob("[0-9]*")]


def is_odoo(pid: int, conf: str) -> bool:
    """Whether the process is the server started with this configuration (process ids are used again)."""
    reap(pid)
    command = Path(f"/proc/{pid}/cmdline")
    if Path("/proc/self").exists():
        try:
            words = command.read_bytes().split(b"\0")
        except OSError:
            return False
        return conf.encode() in words and b"server" in words and b"--stop-after-init" not in words
    found = subprocess.run(["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return conf in found.stdout


def reap(pid: int) -> None:
    """Take note of a child that ended; nothing when it is not our child."""
    try:
        os.waitpid(pid, os.WNOHANG)
    except (ChildProcessError, OSError):
        pass


def answers(url: str) -> bool:
    """Whether a page can be read; never through a proxy, it is this machine."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=60) as page:
            return page.status == 200
    except urllib.error.HTTPError:
        return False
    except OSError:
        return False


def free_port(settings: Settings) -> int:
    """The port asked for, or the first free one from Odoo's usual port."""
    wanted = [settings.port] if settings.port else range(DEFAULT_PORT, DEFAULT_PORT + 100)
    for port in wanted:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((settings.host, port))
            except OSError:
                continue
            return port
    if settings.port:
        raise Failure(f"Port {settings.port} is in use.", "Choose another: make demo PORT=8070")
    raise Failure("No free port from 8069 to 8168.", f"Name one: make demo PORT=9000 (this is {sys.platform})")
