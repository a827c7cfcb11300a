"""Pytest fixtures: servers that start when the first test asks for them and serve the whole session."""

import pytest

from .bluesky import Bluesky
from .debian import NotHere
from .matrix import Matrix
from .mediawiki import MediaWiki
from .snac import Snac
from .wordpress import WordPress

_running = {}


def _serve(kind):
    """Return the session's server of a kind; the first call starts it."""
    if kind not in _running:
        try:
            _running[kind] = kind()
        except NotHere as error:
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


@pytest.fixture(scope="session")
def bluesky():
    """A running Bluesky network, see :class:`~.bluesky.Bluesky`."""
    yield _serve(Bluesky)
    _end(Bluesky)


@pytest.fixture(scope="session")
def mediawiki():
    """A running wiki, see :class:`~.mediawiki.MediaWiki`."""
    yield _serve(MediaWiki)
    _end(MediaWiki)


@pytest.fixture(scope="session")
def matrix():
    """A running Matrix homeserver, see :class:`~.matrix.Matrix`."""
    yield _serve(Matrix)
    _end(Matrix)
