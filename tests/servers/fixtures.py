"""Pytest fixtures: servers that start when the first test asks for them and serve the whole session."""

import pytest

from .debian import NoArchive
from .snac import Snac
from .wordpress import WordPress

_running = {}


def _serve(kind):
    """Return the session's server of a kind; the first call starts it."""
    if kind not in _running:
        try:
            _running[kind] = kind()
        except NoArchive as error:
            pytest.skip(str(error))
    return _running[kind]


def _end(kind):
    if kind in _running:
        _running.pop(kind).remove()


@pytest.fixture(scope="session")
def snac():
    """A running fediverse server, see :class:`~.snac.Snac`."""
    yield _serve(Snac)
    _end(Snac)


@pytest.fixture(scope="session")
def wordpress():
    """A running blog, see :class:`~.wordpress.WordPress`."""
    yield _serve(WordPress)
    _end(WordPress)
