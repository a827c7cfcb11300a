"""Numbered steps with elapsed seconds, commands with logs, and folders that appear whole or not at all."""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

#: Lines of a failed command's log that are shown.
TAIL = 25
#: Seconds between two signs of life where the output is not a terminal.
HEARTBEAT = 30
PR_SET_PDEATHSIG = 1


class Failure(Exception):
    """A step failed: what went wrong, and what the person can do about it."""

    def __init__(self, message: str, advice: str = ""):
        super().__init__(message)
        self.message = message
        self.advice = advice


def say(text: str = "") -> None:
    """Print a line at once, also into a pipe."""
    print(text, flush=True)


class Progress:
    """Prints ``[2/7] title … 12 s`` for each step, with a sign of life during long ones."""

    def __init__(self, total: int):
        self.total = total
        self.number = 0
        self.started = time.monotonic()

    @contextlib.contextmanager
    def step(self, title: str):
        """Run the block as the next step; the yielded list takes words for the closing line."""
        self.number += 1
        head = f"[{self.number}/{self.total}] {title}"
        notes: list[str] = []
        started = time.monotonic()
        done = threading.Event()
        ticker = threading.Thread(target=self._tick, args=(head, started, done), daemon=True)
        ticker.start()
        try:
            yield notes
        except BaseException:
            self._end(done, ticker, f"{head} … failed after {time.monotonic() - started:.0f} s")
            raise
        seconds = time.monotonic() - started
        note = f" ({', '.join(notes)})" if notes else ""
        self._end(done, ticker, f"{head} … {seconds:.0f} s{note}")

    def _tick(self, head: str, started: float, done: threading.Event) -> None:
        terminal = sys.stdout.isatty()
        while not done.wait(1 if terminal else HEARTBEAT):
            seconds = time.monotonic() - started
            if terminal:
                print(f"\r{head} … {seconds:.0f} s", end="", flush=True)
            else:
                say(f"{head} … still working, {seconds:.0f} s")

    @staticmethod
    def _end(done: threading.Event, ticker: threading.Thread, line: str) -> None:
        done.set()
        ticker.join()
        say(f"\r{line}" if sys.stdout.isatty() else line)


def end_with_parent() -> None:
    """For ``preexec_fn``: the child ends when this program is killed, so a second run meets no left-over (Linux)."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def run(command, *, what: str, log: Path, advice: str = "", env=None, cwd=None, text_input=None, **options) -> None:
    """Run a command with its output in a log; on failure show the log's end and what to do."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as out:
        out.write(f"\n$ {' '.join(map(str, command))}\n".encode())
        out.flush()
        start = out.tell()
        try:
            code = subprocess.run(
                [str(part) for part in command],
                stdout=out,
                stderr=subprocess.STDOUT,
                stdin=None if text_input is not None else subprocess.DEVNULL,
                input=text_input,
                env=env,
                cwd=cwd,
                check=False,
                preexec_fn=end_with_parent,
                **options,
            ).returncode
        except OSError as error:
            raise Failure(f"{what}: {error}.", advice) from error
    if code:
        with log.open("rb") as lines:
            lines.seek(start)
            tail = lines.read().decode(errors="replace").strip().splitlines()[-TAIL:]
        shown = "\n".join(f"    {line}" for line in tail)
        raise Failure(f"{what} failed (exit code {code}). The end of {log}:\n{shown}", advice)


def output(command, *, env=None) -> str:
    """Standard output of a quick command, or an empty text when it cannot run."""
    try:
        found = subprocess.run(
            [str(part) for part in command], capture_output=True, text=True, env=env, check=False, timeout=60
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return found.stdout if not found.returncode else ""


def fingerprint(*parts) -> str:
    """Short hash of texts, values and files (a Path counts with its content)."""
    digest = hashlib.sha256()
    for part in parts:
        data = part.read_bytes() if isinstance(part, Path) else json.dumps(part, sort_keys=True, default=str).encode()
        digest.update(len(data).to_bytes(8, "big") + data)
    return digest.hexdigest()[:16]


def folder_fingerprint(folder: Path, skip=()) -> str:
    """Hash of every file below a folder: names and contents; ``skip`` names subfolders of the top that do not count."""
    digest = hashlib.sha256()
    for place, folders, files in os.walk(folder):
        top = Path(place) == folder
        folders[:] = sorted(f for f in folders if f != "__pycache__" and not (top and f in skip))
        for name in sorted(files):
            file = Path(place, name)
            if name.endswith((".pyc", "~", ".swp")) or not file.is_file():
                continue
            try:
                data = file.read_bytes()
            except FileNotFoundError:  # an editor replaced it just now
                continue
            key = f"{file.relative_to(folder)}\0{len(data)}\0".encode()
            digest.update(key + data)
    return digest.hexdigest()[:16]


def write_atomic(path: Path, text: str, mode: int = 0o644) -> None:
    """Write a file so that readers see the old or the new content, never a part."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.new")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    temporary.replace(path)


class Stamp:
    """A file that says from which inputs something was made; without it the thing counts as unfinished."""

    def __init__(self, path: Path):
        self.path = path

    def read(self) -> dict:
        """Content of the stamp, empty when there is none."""
        try:
            return json.loads(self.path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}

    def current(self, inputs: str) -> bool:
        """Whether the thing was finished from exactly these inputs."""
        return self.read().get("inputs") == inputs

    def write(self, inputs: str, **facts) -> None:
        """Declare it finished."""
        write_atomic(self.path, json.dumps({"inputs": inputs, **facts}, indent=1) + "\n")

    def clear(self) -> None:
        """Declare it unfinished."""
        self.path.unlink(missing_ok=True)


@contextlib.contextmanager
def new_folder(target: Path):
    """Yield an empty folder that takes the place of ``target`` when the block succeeds."""
    target.parent.mkdir(parents=True, exist_ok=True)
    for stale in target.parent.glob(f".{target.name}.*.new"):
        shutil.rmtree(stale, ignore_errors=True)
    temporary = target.with_name(f".{target.name}.{os.getpid()}.new")
    temporary.mkdir()
    try:
        yield temporary
        if target.exists():
            old = target.with_name(f".{target.name}.old.new")
            target.rename(old)
            temporary.rename(target)
            shutil.rmtree(old, ignore_errors=True)
        else:
            temporary.rename(target)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


@contextlib.contextmanager
def only_one(path: Path, what: str):
    """Hold a file lock; a second ``make`` in the same checkout waits and says so."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"Waiting: another make is {what} in this folder.")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
