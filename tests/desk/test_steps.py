"""Steps leave whole things or nothing, and say what to do."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from desk import steps

DOCKER = Path(__file__).parents[2] / "docker"


def test_new_folder_appears_whole(tmp_path):
    target = tmp_path / "odoo"
    with steps.new_folder(target) as new:
        (new / "one").write_text("1")
        assert not target.exists()
    assert (target / "one").read_text() == "1"
    assert [path.name for path in tmp_path.iterdir()] == ["odoo"]


def test_failed_folder_leaves_the_old_one(tmp_path):
    target = tmp_path / "odoo"
    target.mkdir()
    (target / "old").touch()
    with pytest.raises(RuntimeError), steps.new_folder(target) as new:
        (new / "half").touch()
        raise RuntimeError
    assert [path.name for path in target.iterdir()] == ["old"]
    assert [path.name for path in tmp_path.iterdir()] == ["odoo"]


def test_left_over_of_a_killed_run_is_removed(tmp_path):
    (tmp_path / ".odoo.123.new").mkdir()
    with steps.new_folder(tmp_path / "odoo"):
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["odoo"]


def test_stamp_counts_only_for_its_inputs(tmp_path):
    stamp = steps.Stamp(tmp_path / "ready.json")
    assert not stamp.current("a")
    stamp.write("a", versions={"odoo": "19"})
    assert stamp.current("a") and not stamp.current("b")
    assert stamp.read()["versions"] == {"odoo": "19"}
    stamp.path.write_text("{ half a")
    assert not stamp.current("a")


def test_failed_command_shows_its_end_and_the_advice(tmp_path):
    command = [sys.executable, "-c", "print('first'); print('the reason'); raise SystemExit(3)"]
    with pytest.raises(steps.Failure) as failed:
        steps.run(command, what="Trying", log=tmp_path / "try.log", advice="Do this.")
    assert "exit code 3" in failed.value.message and "the reason" in failed.value.message
    assert failed.value.advice == "Do this."


def test_missing_program_is_a_failure_too(tmp_path):
    with pytest.raises(steps.Failure):
        steps.run(["no-such-program"], what="Trying", log=tmp_path / "try.log")


def test_folder_fingerprint_sees_names_and_contents(tmp_path):
    (tmp_path / "tests").mkdir()
    (tmp_path / "a.py").write_text("1")
    first = steps.folder_fingerprint(tmp_path, ("tests",))
    (tmp_path / "tests" / "test_a.py").write_text("x")
    assert steps.folder_fingerprint(tmp_path, ("tests",)) == first
    (tmp_path / "a.py").write_text("2")
    second = steps.folder_fingerprint(tmp_path, ("tests",))
    (tmp_path / "a.py").rename(tmp_path / "b.py")
    assert len({first, second, steps.folder_fingerprint(tmp_path, ("tests",))}) == 3


def test_written_file_is_private_when_asked(tmp_path):
    steps.write_atomic(tmp_path / "odoo.conf", "db_password = x", mode=0o600)
    assert (tmp_path / "odoo.conf").stat().st_mode & 0o777 == 0o600


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Linux ends children with their parent")
def test_child_ends_when_the_program_is_killed(tmp_path):
    child = "import os, sys, time, pathlib; pathlib.Path(sys.argv[1]).write_text(str(os.getpid())); time.sleep(60)"
    code = (
        "import sys, pathlib; from desk import steps\n"
        "folder = pathlib.Path(sys.argv[1])\n"
        "steps.run([sys.executable, '-c', sys.argv[2], folder / 'pid'], what='x', log=folder / 'log')"
    )
    command = [sys.executable, "-c", code, str(tmp_path), child]
    parent = subprocess.Popen(command, env={**os.environ, "PYTHONPATH": str(DOCKER)})
    limit = time.monotonic() + 20
    while not ((tmp_path / "pid").exists() and (tmp_path / "pid").read_text()) and time.monotonic() < limit:
        time.sleep(0.05)
    child = int((tmp_path / "pid").read_text())
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    while time.monotonic() < limit:
        try:
            state = Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()[0]
        except FileNotFoundError:
            break
        if state == "Z":
            break
        time.sleep(0.05)
    else:
        pytest.fail("the child still runs")


def test_second_run_waits_for_the_first(tmp_path):
    code = (
        "import pathlib, sys, time; from desk import steps\n"
        "with steps.only_one(pathlib.Path(sys.argv[1]), 'installing'):\n"
        "    print('in', time.monotonic(), flush=True); time.sleep(0.5); print('out', time.monotonic(), flush=True)"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "lock")]
    options = {"env": {**os.environ, "PYTHONPATH": str(DOCKER)}, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, **options) as one, subprocess.Popen(command, **options) as two:
        spans = []
        for process in (one, two):
            words = dict(line.split() for line in process.communicate()[0].splitlines() if line[:2] in ("in", "ou"))
            spans.append((float(words["in"]), float(words["out"])))
    (_, first_end), (second_start, _) = sorted(spans)
    assert second_start >= first_end


def test_progress_names_the_failing_step(capsys):
    progress = steps.Progress(2)
    with progress.step("One") as notes:
        notes.append("ready")
    with pytest.raises(ValueError), progress.step("Two"):
        raise ValueError
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("[1/2] One") and lines[0].endswith("(ready)")
    assert lines[1].startswith("[2/2] Two") and "failed" in lines[1]


def test_fingerprint_is_stable():
    assert steps.fingerprint("a", ["b"]) == steps.fingerprint("a", ["b"]) != steps.fingerprint("ab", [])
    assert json.dumps(steps.fingerprint("a"))
