"""Servers as processes: each in a group of its own that ends with us, however we end."""

import atexit
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import weakref
from pathlib import Path

from .debian import ServerError, runtime

LOOPBACK = "127.0.0.1"
_started = weakref.WeakSet()


def free_port():
    """Return a loopback port that nothing listens on."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((LOOPBACK, 0))
        return probe.getsockname()[1]


def wait_for(check, what, seconds=30.0, pause=0.05):
    """Call ``check`` until it returns something true, and return that.

    :raises ServerError: it did not within ``seconds``
    """
    end = time.monotonic() + seconds
    while True:
        found = check()
        if found:
            return found
        if time.monotonic() > end:
            raise ServerError(f"{what}: nothing after {seconds:g} s")
        time.sleep(pause)


def fresh_folder(name):
    """Return a new folder for one run's data, and remove those whose run is over."""
    home = runtime() / "run"
    home.mkdir(parents=True, exist_ok=True)
    for old in home.iterdir():
        pid = old.name.split("-")[1]
        if not os.path.exists(f"/proc/{pid}"):
            shutil.rmtree(old, ignore_errors=True)
    return Path(tempfile.mkdtemp(prefix=f"{name}-{os.getpid()}-", dir=home))


class Process:
    """One program of a server.

    :param str name: for messages
    :param list command: program and arguments
    :param Path log: where its output goes
    :param dict env: added to the environment
    :param float grace: seconds between asking it to end and making it
    """

    def __init__(self, name, command, log, env=None, cwd=None, grace=10.0):
        self.name = name
        self.command = [str(part) for part in command]
        self.log = Path(log)
        self.env = env or {}
        self.cwd = cwd
        self.grace = grace
        self._supervisor = None

    def start(self):
        """Start it; :meth:`ready` waits until it answers."""
        supervisor = Path(__file__).with_name("supervise.py")
        with open(self.log, "ab") as log:
            self._supervisor = subprocess.Popen(
                [sys.executable, "-S", "-E", str(supervisor), str(self.grace), *self.command],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={**os.environ, **self.env},
                cwd=self.cwd,
                start_new_session=True,
            )
        _started.add(self)
        return self

    @property
    def running(self):
        """Whether it was started and has not ended."""
        return self._supervisor is not None and self._supervisor.poll() is None

    @property
    def group(self):
        """Number of the process group."""
        return self._supervisor.pid

    def tail(self, lines=15):
        """Return the last lines of its output."""
        try:
            return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])
        except OSError:
            return ""

    def ready(self, check, seconds=60.0):
        """Wait until ``check`` returns something true.

        :raises ServerError: it ended before, or took too long; with the last lines of its log
        """

        def probe():
            if not self.running:
                raise ServerError(f"{self.name} ended while starting:\n{self.tail()}")
            return check()

        try:
            return wait_for(probe, f"{self.name} does not answer", seconds)
        except ServerError as error:
            self.stop()
            raise ServerError(f"{error}\nLast lines of {self.log}:\n{self.tail()}") from error

    def stop(self):
        """End the whole group and wait until it is gone."""
        if self._supervisor is None:
            return
        self._supervisor.stdin.close()
        try:
            self._supervisor.wait(self.grace + 5)
        except subprocess.TimeoutExpired:
            pass
        self.kill()

    def kill(self):
        """End the whole group at once, as a crash would."""
        if self._supervisor is None:
            return
        try:
            os.killpg(self._supervisor.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self._supervisor.wait()
        self._supervisor.stdin.close()
        self._supervisor = None


class Server:
    """A running server of one process, with data of its own.

    :ivar Process process: what runs
    :ivar Path folder: its data
    """

    def answers(self):
        """Whether it answers requests."""
        raise NotImplementedError

    def start(self):
        """Start it with the data it has."""
        self.process.start().ready(self.answers)

    def stop(self):
        """Stop it and keep its data."""
        self.process.stop()

    def restart(self):
        """Stop and start it, keeping address and data."""
        self.stop()
        self.start()

    def remove(self):
        """End it and remove its data."""
        self.process.kill()
        shutil.rmtree(self.folder, ignore_errors=True)


@atexit.register
def stop_all():
    """End whatever is still running."""
    for process in list(_started):
        process.stop()
