"""The servers do what tests rely on, and leave nothing behind."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from . import debian, process

ROOT = Path(__file__).parents[2]


@pytest.fixture
def runtime(tmp_path, monkeypatch):
    """Let this test's processes and installations live in a folder of its own."""
    monkeypatch.setenv("RUNTIME", str(tmp_path))
    return tmp_path / "servers"


def members(group):
    """Return the process numbers of a process group, zombies left out."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _parent, pgrp = stat.read_text().rpartition(")")[2].split()[:3]
        except OSError:
            continue
        if int(pgrp) == group and state != "Z":
            found.append(int(stat.parent.name))
    return found


TWO = ["sh", "-c", "trap '' TERM; sleep 300 & sleep 300 & wait; wait"]


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_whole_group_ends(tmp_path, end):
    started = process.Process("two", TWO, tmp_path / "log", grace=0.2).start()
    process.wait_for(lambda: len(members(started.group)) == 4, "the group")
    group = started.group
    getattr(started, end)()
    assert not started.running
    process.wait_for(lambda: not members(group), "the end of the group", 5)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_group_ends_with_us(tmp_path, number):
    """However the tests are ended, their servers end too."""
    code = f"""
import time
from tests.servers.process import Process
print(Process("two", {TWO!r}, {str(tmp_path / "log")!r}, grace=0.2).start().group, flush=True)
time.sleep(300)
"""
    with subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True) as tests:
        group = int(tests.stdout.readline())
        process.wait_for(lambda: len(members(group)) == 4, "the group")
        tests.send_signal(number)
    process.wait_for(lambda: not members(group), "the end of the group", 5)


def test_failing_start_tells_why(tmp_path):
    broken = process.Process("broken", ["sh", "-c", "echo the port is taken; exit 3"], tmp_path / "log")
    with pytest.raises(debian.ServerError, match="broken ended while starting:\n.*the port is taken"):
        broken.start().ready(lambda: False, 5)
    silent = process.Process("silent", ["sleep", "300"], tmp_path / "log")
    with pytest.raises(debian.ServerError, match="silent does not answer: nothing after 0.2 s"):
        silent.start().ready(lambda: False, 0.2)
    assert not silent.running


def test_interrupted_installation_starts_again(runtime):
    calls = []

    def build(folder):
        calls.append(folder)
        (folder / "half").touch()
        if len(calls) == 1:
            raise debian.ServerError("interrupted")
        assert sorted(path.name for path in folder.iterdir()) == ["half"]

    with pytest.raises(debian.ServerError):
        debian.install("thing", [__file__], build)
    assert not (runtime / "thing").exists()
    folder = debian.install("thing", [__file__], build)
    assert folder == debian.install("thing", [__file__], build) == runtime / "thing"
    assert len(calls) == 2


def test_data_of_finished_runs_is_removed(runtime):
    with subprocess.Popen(["true"]) as ended:
        pass
    old = runtime / "run" / f"thing-{ended.pid}-x"
    old.mkdir(parents=True)
    mine = process.fresh_folder("thing")
    assert not old.exists()
    process.fresh_folder("thing")
    assert mine.exists() and f"-{os.getpid()}-" in mine.name


@pytest.fixture(scope="module")
def people(snac):
    return snac.account("cora"), snac.account("dan")


def test_snac(snac, people):
    ann, ben = people
    tagged = ben.post("A post about #teapots")
    to_ann = ben.post(f"{ann.handle} a question")
    secret = ben.post(f"{ann.handle} between us", visibility="direct")
    for post in (to_ann, secret):
        ann.notified(post.id)
    assert [post.uri for post in ann.client.timeline_hashtag("teapots")] == [tagged.uri]
    assert ann.client.status(secret.id).visibility != "public"
    assert tagged.uri not in [post.uri for post in ann.client.timeline_home()]
    answer = ann.post(f"{ben.handle} an answer", reply_to=to_ann.id)
    assert [post.uri for post in ben.client.status_context(answer.id).ancestors] == [to_ann.uri]
    ben.edit(tagged.id, "A better post about #teapots")
    assert "better" in ann.client.status(tagged.id).content
    wrong = {"Authorization": "Bearer wrong"}
    assert requests.get(f"{snac.url}/api/v1/notifications", headers=wrong).status_code == 401
    snac.restart()
    assert "better" in ann.client.status(tagged.id).content
    ben.delete(tagged)
    assert not snac.knows(tagged, ann.token) and snac.knows(to_ann, ann.token)


def test_snac_following(snac, people):
    ann, ben = people
    ann.follow(ben)
    process.wait_for(lambda: ann.client.account_following(ann.id), "following", 120)
    post = ben.post("For my followers")
    process.wait_for(lambda: post.uri in [p.uri for p in ann.client.timeline_home()], "home", 120)


def test_wordpress(wordpress):
    bob = wordpress.writer("bob")
    post = bob.post("A title", "A text")
    comment = bob.comment(post["id"], "A comment")
    reply = wordpress.admin.comment(post["id"], "A reply", reply_to=comment["id"])
    feed = requests.get(wordpress.feed)
    assert "A title" in feed.text
    known = {"If-None-Match": feed.headers["ETag"], "If-Modified-Since": feed.headers["Last-Modified"]}
    assert requests.get(wordpress.feed, headers=known).status_code == 304
    assert "In reply to" in requests.get(wordpress.comments_feed).text
    bob.edit_post(post["id"], title="Another title")
    assert "Another title" in requests.get(wordpress.feed).text
    wordpress.admin.delete_comment(reply["id"])
    assert "A reply" not in requests.get(wordpress.comments_feed).text
    wordpress.restart()
    assert requests.get(post["link"]).status_code == 200
    bob.delete_post(post["id"])
    assert requests.get(post["link"]).status_code == 404
