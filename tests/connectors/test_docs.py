"""The examples in the documentation of the connectors are true."""

import doctest
import importlib
import pkgutil

import pytest

import connectors

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
