import pytest

from ..odoo_desk import clone_database, drop_database, open_registry
from ..servers.fixtures import bluesky, matrix, mediawiki, snac, wordpress  # noqa: F401
from ..servers.process import LOOPBACK


@pytest.fixture(scope="session")
def desk():
    """The desk on a database of its own, allowed to read servers on this machine."""
    name = clone_database("real")
    from .desk import Desk

    desk = Desk(open_registry(name))
    desk.allow(f"{LOOPBACK}/32")
    yield desk
    drop_database(name)
