import logging
import traceback

from odoo import models
from odoo.exceptions import UserError

from ...connectors.errors import ConnectorError
from ...connectors.transport import Secrets
from ..platform import vault
from ..platform.cursors import CONCURRENCY_ERRORS, INFRASTRUCTURE_ERRORS
from ..platform.sentences import said
from .renewal import Renewal

_logger = logging.getLogger(__name__)


class CommunityChannel(models.Model):
    """Asking a network with a channel's access, and saying in words what went wrong, without its secrets."""

    _inherit = "community.channel"

    def _renewal(self, connector):
        """Return what keeps the access of a connector valid while it is used, in any thread.

        :rtype: Renewal
        """
        self.ensure_one()
        return Renewal(self.sudo(), connector)

    def _renewing(self, connector, run):
        """Return ``run()``, renewing access where it ends soon or is refused.

        :param connector: of this channel
        :param run: a function without arguments that uses it
        """
        return self._renewal(connector).run(run)

    # -- while a person waits --------------------------------------------------------------------------------------

    def _ask(self, question):
        """Return ``question(connector)``.

        :raises UserError: a sentence that says what to mend
        """
        try:
            connector = self._connector()
            return question(connector)
        except (ConnectorError, vault.Unreadable) as error:
            sentence = self._without_secrets(self._sentence(error))
            _logger.info("channel %s: check failed: %s", self.id, sentence)
            raise UserError(sentence) from None
        except (UserError, *CONCURRENCY_ERRORS, *INFRASTRUCTURE_ERRORS):
            raise
        except Exception:  # noqa: BLE001 - a defect of a connector: its traceback may quote a secret
            _logger.error("channel %s: check failed\n%s", self.id, self._without_secrets(traceback.format_exc()))
            raise UserError(self.env._("Something unexpected happened while asking the network.")) from None

    def _use(self, question):
        """Return ``question(connector)``, asked while a person waits, and count what that takes.

        :raises UserError: a sentence that says what to mend
        """
        channel = self.sudo()

        def ask(connector):
            answer = channel._renewing(connector, lambda: question(connector))
            channel.env["community.channel.usage"]._count(
                channel, requests=connector.http.requests, cost=connector.spent
            )
            return answer

        return channel._ask(ask)

    def _try_access(self, moved=False):
        """Ask the network who we are and keep the answer.

        :param bool moved: whether access now leads to another server than before
        :returns: a :class:`~...connectors.items.Check`
        :raises UserError: a sentence that says what to mend, or that this is another account
        """
        self.ensure_one()
        self.check_access("write")
        self._ensure_complete()
        check, renews = self._ask(lambda connector: (self._renewing(connector, connector.check), connector.renewable()))
        self._ensure_same_account(check, moved)
        self._note_check(check, renews)
        return check

    def action_check(self):
        """Test the access and tell what was found."""
        check = self._try_access()
        found = self.env._("Connected as %s.", check.account) if check.account else self.env._("The source answers.")
        lines = [
            found,
            *(said(self.env, sentence) for sentence in check.can),
            *(said(self.env, sentence) for sentence in check.missing),
        ]
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning" if check.missing or not check.ok else "success",
                "title": self.name,
                "message": " ".join(lines),
                "sticky": bool(check.missing),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    # -- in words --------------------------------------------------------------------------------------------------

    def _without_secrets(self, text):
        """Return ``text`` with this channel's secrets hidden: what goes wrong unexpectedly may quote them."""
        hidden = Secrets()
        try:
            for secret in self.env["community.secret"]._reveal(self).values():
                hidden.add(secret)
        except vault.Unreadable:
            pass  # then nobody could have quoted them
        # networks put anything into their answers, the database does not take everything
        return hidden.hide(text).replace("\0", "").encode("utf-8", "replace").decode()

    def _sentence(self, error):
        """Return the sentence of an error in the reader's language."""
        if isinstance(error, vault.Unreadable):
            return self.env._("The stored access cannot be read any more (%s). Enter access again.", error)
        if not isinstance(error, ConnectorError):
            return str(error)
        return said(self.env, error)
