"""What `make test WORDS` chooses, how results are counted, and which rules the code keeps."""

import os
import subprocess
from pathlib import Path

import pytest

from desk import conventions, demo, postgres, tree
from desk.settings import Settings
from desk.steps import Failure
from desk.testing import Count, Selection, read_report

ROOT = Path(__file__).parents[2]


@pytest.fixture
def settings(tmp_path):
    """Settings of this checkout with a runtime folder of the test's own."""
    return Settings.read({"RUNTIME": str(tmp_path / "runtime")})


def chosen(settings, *words):
    selection = Selection.read(settings, words)
    return [stage.name for stage in selection.stages], selection.paths, selection.options


def test_no_words_mean_everything(settings):
    names, paths, options = chosen(settings)
    assert names == ["lint", "fast", "orm", "optional", "bridge", "real"] and not paths and not options


def test_path_means_its_stage(settings):
    assert chosen(settings, "tests/connectors") == (["fast"], {"fast": ["tests/connectors"]}, [])
    node = "tests/desk/test_runner.py::test_path_means_its_stage"
    assert chosen(settings, node) == (["fast"], {"fast": [node]}, [])


def test_folder_above_means_all_below(settings):
    assert chosen(settings, "tests")[0] == ["fast", "real"]


def test_word_is_an_expression(settings):
    names, _, options = chosen(settings, "cursor")
    assert names == ["fast", "orm", "optional", "bridge", "real"] and options == ["-k", "cursor"]


def test_options_keep_their_value(settings):
    assert chosen(settings, "fast", "-k", "feed or atom", "-x") == (["fast"], {}, ["-k", "feed or atom", "-x"])


def test_path_that_does_not_exist_is_refused(settings):
    with pytest.raises(Failure):
        chosen(settings, "tests/nothing/here")
    with pytest.raises(Failure):
        chosen(settings, "docker/desk")


def test_arguments_are_split_like_a_shell():
    settings = Settings.read({"ARGS": "-k 'feed or atom'"}, ["fast"])
    assert settings.arguments == ("fast", "-k", "feed or atom")


@pytest.mark.parametrize("port", ["abc", "0", "70000"])
def test_wrong_port_is_refused(port):
    with pytest.raises(Failure):
        Settings.read({"PORT": port})


def test_reports_are_counted(tmp_path):
    report = tmp_path / "report.xml"
    report.write_text(
        "<testsuites><testsuite>"
        '<testcase classname="a" name="good"/><testcase classname="a" name="bad"><failure/></testcase>'
        '<testcase classname="a" name="broken"><error/></testcase>'
        '<testcase classname="a" name="left"><skipped/></testcase></testsuite>'
        '<testsuite><testcase classname="b" name="parts"/><testcase classname="b" name="parts"/></testsuite>'
        "</testsuites>"
    )
    assert read_report(report) == Count(2, 2, 1)
    assert str(read_report(report)) == "2 passed, 2 failed, 1 skipped"
    assert read_report(tmp_path / "none.xml") == Count()


def test_busy_port_is_passed_over(settings, monkeypatch):
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        monkeypatch.setattr(demo, "DEFAULT_PORT", taken.getsockname()[1])
        assert demo.free_port(settings) != taken.getsockname()[1]
        with pytest.raises(Failure):
            demo.free_port(Settings.read({"PORT": str(taken.getsockname()[1])}))


def test_long_paths_get_a_short_socket(tmp_path):
    deep = Settings.read({"RUNTIME": str(tmp_path / ("d" * 60) / ("e" * 60))})
    assert len(str(postgres.Server(deep, "pg").socket_folder)) < postgres.SOCKET_LIMIT
    assert postgres.Server(Settings.read({"RUNTIME": "/r"}), "pg").socket_folder == Path("/r/pg")


def test_other_odoo_is_refused(tmp_path):
    (tmp_path / "odoo").mkdir()
    (tmp_path / "odoo" / "release.py").write_text("version_info = (18, 0, 0, FINAL, 0, '')\n")
    with pytest.raises(Failure, match="not Odoo 19"):
        tree.locate(Settings.read({"ODOO_TREE": str(tmp_path)}))


def test_source_checkout_is_understood(tmp_path):
    for name in ("odoo/addons/base", "addons/web/views"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "odoo" / "release.py").write_text("version_info = (19, 0, 0, FINAL, 0, '')\n")
    (tmp_path / "addons" / "web" / "__manifest__.py").touch()
    found = tree.locate(Settings.read({"ODOO_TREE": str(tmp_path)}))
    assert found.addons_paths == [tmp_path / "odoo" / "addons", tmp_path / "addons"]


@pytest.mark.parametrize(
    ("place", "source", "wrong"),
    [
        ("connectors", "from odoo import api", True),
        ("connectors", "import requests", False),
        ("analysis", "import requests", True),
        ("analysis", "from .text import fold", False),
        ("models", "import urllib.request", True),
        ("models", "from urllib import parse", False),
        ("models", "from http import client", True),
    ],
)
def test_floors(tmp_path, monkeypatch, place, source, wrong):
    name = f"community_manager/{place}/x.py"
    (tmp_path / name).parent.mkdir(parents=True)
    (tmp_path / name).write_text(source)
    settings = Settings(root=tmp_path, runtime=tmp_path)
    assert bool(conventions.floors(settings, [name])) == wrong


def test_words_after_make_are_arguments():
    done = subprocess.run(
        ["make", "-n", "test", "tests/connectors", "orm"],
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if not name.startswith("MAKE")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip().splitlines()[0].endswith("-m desk test tests/connectors orm")
