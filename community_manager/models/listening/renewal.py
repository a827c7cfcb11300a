"""Access is renewed by one worker at a time, wherever it is found to be used up."""

import logging
from contextlib import contextmanager

import psycopg2

from odoo import SUPERUSER_ID, api, fields
from odoo.tools import SQL

from ...connectors.base import _
from ...connectors.errors import AccessExpired, ConnectorError, Retriable
from ..platform.cursors import inside_plain_test, is_concurrency_error, thread_cursor
from ..platform.moments import naive

_logger = logging.getLogger(__name__)

#: first key of the advisory locks that let one worker renew ("renw" in ASCII); the second is the channel's id
RENEW_CLASS = 0x72656E77
#: longest that another worker's renewal, which is one or two requests, is waited for
LONGEST_WAIT = "90s"
#: longest that a row is waited for that holds nothing but a date
SHORT_WAIT = "2s"
#: times a transaction is replayed after meeting another worker's
REPLAYS = 10

BUSY = _("Access is being renewed by another process that does not come to an end. We try again at growing intervals.")


class Renewal:
    """Keeps the access of one connector valid while it is used, in any thread.

    Many networks accept a refresh token once only: were two workers to renew at the same time, one of them would be
    left with access that is worth nothing.  So a worker first takes the lock of the channel, then looks what is stored
    *now*, and asks the network only if nobody has renewed meanwhile.  What comes back is committed at once, on a cursor
    of its own, whatever becomes of the work around it.
    """

    def __init__(self, channel, connector):
        """
        :param channel: one ``community.channel``
        :param connector: as its ``_connector`` made it
        """
        self.connector = connector
        self._env = channel.env
        self._channel_id = channel.id
        self._expires_at = self._end_of(channel) if connector.renewable() else None
        self._renewed = False
        # what was made or entered a moment ago and not saved yet is seen by this transaction only, and renewed in it
        self._unsaved = channel.env["community.secret"]._is_unsaved(channel) and not inside_plain_test()

    @staticmethod
    def _end_of(channel):
        return channel.env["community.secret"]._ends(channel).get(channel.id)

    # -- how it is used --------------------------------------------------------------------------------------------

    def run(self, call):
        """Return ``call()``, renewing access before it where it ends soon, or once after it was refused.

        :raises ConnectorError: as the call does; ``AccessExpired`` when a person has to give access again
        """
        self.keep()
        try:
            return call()
        except AccessExpired:
            if not self._may_try_again():
                raise
        self.renew()
        return call()

    def pages(self, cursor):
        """Yield the pages of ``connector.listen``; access that ends on the way is renewed and the rest goes on."""
        while True:
            self.keep()
            try:
                for page in self.connector.listen(cursor):
                    cursor = page.cursor or cursor
                    yield page
                return
            except AccessExpired:
                if not self._may_try_again():
                    raise
            self.renew()

    def keep(self):
        """Renew access that ends soon; access that is still valid is used where renewing fails for now."""
        if not self._due():
            return
        try:
            self.renew()
        except AccessExpired:
            raise
        except ConnectorError as error:
            if not self._expires_at or self._expires_at <= fields.Datetime.now():
                raise
            _logger.info("channel %s: access could not be renewed yet: %s", self._channel_id, error)

    def _due(self):
        if not self.connector.renewable():
            return False
        if not self.connector.secrets.get("access_token"):
            return True
        if not self._expires_at:
            return False
        return (self._expires_at - fields.Datetime.now()).total_seconds() <= self.connector.renew_seconds

    def _may_try_again(self):
        """Return whether a refusal may be answered by renewing: once, for more would go in circles."""
        return not self._renewed and self.connector.renewable()

    # -- how it is done --------------------------------------------------------------------------------------------

    def renew(self):
        """Renew access, or take over what another worker has got.

        :raises ConnectorError: ``AccessExpired`` when a person has to give access again
        """
        before = self.connector.secrets.get("access_token")
        self._renewed = True
        if self._unsaved:
            tokens = self.connector.renew()
            _keep(self._env["community.channel"].browse(self._channel_id), tokens)
            self._use(tokens.secrets, naive(tokens.expires_at) or None)
            return
        with locked(self._env, self._channel_id):
            stored, expires_at = self._stored()
            if stored.get("access_token") and stored["access_token"] != before:
                self._use(stored, expires_at)
                return
            self.connector.secrets.update(stored)
            tokens = self.connector.renew()
            keep_tokens(self._env, self._channel_id, tokens)
            self._use(tokens.secrets, naive(tokens.expires_at) or None)

    def _use(self, secrets, expires_at):
        self.connector.http.mask(*secrets.values())
        self.connector.secrets.update(secrets)
        self._expires_at = expires_at

    def _stored(self):
        """Return (secrets, end) as they are now: only a transaction that begins after the lock was got sees them."""
        with thread_cursor(self._env) as cr:
            channel = api.Environment(cr, SUPERUSER_ID, {})["community.channel"].browse(self._channel_id)
            return channel.env["community.secret"]._reveal(channel), self._end_of(channel)


@contextmanager
def locked(env, channel_id):
    """Hold the lock of a channel's access for a block.

    :raises Retriable: somebody else does not give it back
    """
    with thread_cursor(env) as cr:
        try:
            with cr.savepoint(flush=False):
                cr.execute(_patience(LONGEST_WAIT))
                cr.execute(SQL("SELECT pg_advisory_xact_lock(%s, %s)", RENEW_CLASS, channel_id))
                cr.execute(_patience("0"))
        except psycopg2.errors.LockNotAvailable:
            raise Retriable(BUSY) from None
        yield


def keep_tokens(env, channel_id, tokens):
    """Store what the network granted, committed at once: the old access may be worth nothing any more.

    :param tokens: :class:`~...connectors.items.Tokens`
    """
    end = naive(tokens.expires_at)
    _replayed(
        env,
        channel_id,
        lambda channel: channel.env["community.secret"]._store(channel, tokens.secrets, expires_at=end),
    )
    if tokens.lost_at:
        lost = naive(tokens.lost_at)
        try:
            _replayed(env, channel_id, lambda channel: channel.write({"access_lost_at": lost}), SHORT_WAIT)
        except psycopg2.Error as error:
            # the channel is being written to elsewhere: the next renewal says it again
            _logger.info("channel %s: the end of access could not be noted: %s", channel_id, error)


def _keep(channel, tokens):
    """Store what the network granted in the transaction of ``channel``."""
    channel.env["community.secret"]._store(channel, tokens.secrets, expires_at=naive(tokens.expires_at))
    if tokens.lost_at:
        channel.write({"access_lost_at": naive(tokens.lost_at)})


def _replayed(env, channel_id, work, patience=LONGEST_WAIT):
    """Run ``work(channel)`` in a transaction of its own, replayed when it meets another worker's."""
    for replay in range(REPLAYS):
        try:
            with thread_cursor(env) as cr:
                cr.execute(_patience(patience))
                channel = api.Environment(cr, SUPERUSER_ID, {})["community.channel"].browse(channel_id)
                work(channel)
                channel.env.flush_all()
                cr.execute(_patience("0"))
                return
        except Exception as error:
            if not is_concurrency_error(error) or replay == REPLAYS - 1:
                raise


def _patience(longest):
    """Return the statement after which locks are waited for so long, to the end of the transaction; "0" is for ever."""
    return SQL("SELECT set_config('lock_timeout', %s, true)", longest)
