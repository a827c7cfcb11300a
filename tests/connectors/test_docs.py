"""The examples in the documentation of the connectors are true."""

import doctest
import importlib
import pkgutil
from pathlib import Path

import pytest

import connectors
from connectors import networks

README = Path(__file__).parents[2] / "README.md"
#: What the README's table calls a capability in its column "also".
ALSO = {"publish": "publish", "moderate": "moderate", "metrics": "figures", "profile": "profiles", "push": "push"}
#: What it calls the kinds of networks.
KINDS = {"messaging": "messages", "qa": "questions", "website": "any", "import": "any"}
SEARCHES, IN_PRIVATE = ("search", "hashtags"), ("messages", "private", "chats", "inbox")
MODULES = [module.name for module in pkgutil.iter_modules(connectors.__path__)]


@pytest.mark.parametrize("name", MODULES)
def test_examples_in_docstrings_are_true(name):
    result = doctest.testmod(importlib.import_module(f"connectors.{name}"))
    assert not result.failed


def test_this_floor_imports_nothing_from_above():
    for name in MODULES:
        source = importlib.import_module(f"connectors.{name}").__file__
        with open(source, encoding="utf-8") as stream:
            text = stream.read()
        assert "import odoo" not in text and "from odoo" not in text, name
        assert "from .." not in text, name


def test_the_readme_says_of_every_network_what_it_can_do_and_what_proves_it():
    lines = README.read_text(encoding="utf-8").partition("| network | kind |")[2].partition("\n\n")[0].splitlines()
    rows = {}
    for line in lines[2:]:
        name, kind, reads, answers, also, proof = [cell.strip() for cell in line.strip("|").split("|")]
        also, _semicolon, cost = also.partition(";")
        rows[name] = (kind, reads, answers, {word.strip() for word in also.split(",") if word.strip()}, cost, proof)
    assert set(rows) == {cls.label for cls in networks().values()}
    for cls in networks().values():
        kind, reads, answers, also, cost, proof = rows[cls.label]
        assert kind == KINDS.get(cls.kind, cls.kind) or (cls.code, kind) == ("email", "any"), cls.label
        assert reads, cls.label
        assert any(word in reads for word in SEARCHES) == cls.can("search"), cls.label
        assert any(word in reads for word in IN_PRIVATE) or not cls.can("message"), cls.label
        assert ("charges" in cost) == bool(cls.currency), cls.label
        assert (answers != "–") == (cls.can("reply") or cls.can("message")), cls.label
        assert ("private" in answers) == cls.can("message"), cls.label
        assert also == {word for capability, word in ALSO.items() if cls.can(capability)}, cls.label
        assert proof, cls.label
