"""Cursors of our own, so that work which commits leaves the caller's transaction alone."""

import contextlib
import threading

import psycopg2
from psycopg2 import errorcodes

from odoo.modules import module
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import SQL

#: raised when two workers meet: the whole transaction is rolled back and replayed
CONCURRENCY_ERRORS = (*PG_CONCURRENCY_EXCEPTIONS_TO_RETRY, psycopg2.errors.UniqueViolation)
#: raised when the database or the process is in trouble: never the fault of one item
INFRASTRUCTURE_ERRORS = (psycopg2.OperationalError, psycopg2.InterfaceError, MemoryError)

#: keeps threads from mixing their savepoints on the one cursor of a plain test
_turn = threading.RLock()


def inside_plain_test():
    """Return whether a test runs whose uncommitted rows a real second cursor could not see."""
    test = module.current_test
    return bool(test) and not getattr(type(test), "_registry_patched", False)


@contextlib.contextmanager
def own_cursor(env):
    """Yield a cursor that is committed at the end, rolled back on an exception.

    Inside a test outside registry test mode the caller's cursor is yielded within a savepoint, since a second
    connection could not see what the test has written.

    :param odoo.api.Environment env: whose database is meant
    """
    if inside_plain_test():
        with env.cr.savepoint():
            yield env.cr
        return
    with env.registry.cursor() as cr:
        yield cr


@contextlib.contextmanager
def thread_cursor(env):
    """Yield a cursor for one short transaction, also in a thread beside the one that ``env`` belongs to.

    Inside a plain test, where all share one cursor, nobody else's :func:`transaction` runs meanwhile.
    """
    if inside_plain_test():
        with _turn, env.cr.savepoint():
            yield env.cr
        return
    with env.registry.cursor() as cr:
        yield cr


@contextlib.contextmanager
def transaction(cr):
    """Run a block as one transaction of ``cr``: committed at its end, rolled back on an exception.

    Inside a plain test, which must be undone as a whole, a savepoint stands in for the transaction.
    """
    if inside_plain_test():
        with _turn, cr.savepoint():
            yield
        return
    try:
        yield
        cr.commit()
    except BaseException:
        cr.rollback()
        raise


def is_concurrency_error(error):
    """Return whether replaying the transaction can heal ``error``.

    :param Exception error: as raised by the ORM or psycopg2
    """
    if isinstance(error, CONCURRENCY_ERRORS):
        return True
    return getattr(error, "pgcode", None) in (errorcodes.SERIALIZATION_FAILURE, errorcodes.DEADLOCK_DETECTED)


def claimed(cr, kind, ids):
    """Return those of ``ids`` that no other worker works at, in their order; they stay ours until ``cr`` ends.

    :param cr: of which the transaction holds the claim
    :param int kind: what the work is, so that different work on one record does not get in its own way
    :param ids: of records
    """
    cr.execute(
        SQL(
            "SELECT id FROM unnest(%s::integer[]) AS wanted(id) WHERE pg_try_advisory_xact_lock(%s, id)",
            list(ids),
            kind,
        )
    )
    free = {row[0] for row in cr.fetchall()}
    return [record_id for record_id in ids if record_id in free]
