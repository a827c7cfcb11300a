import logging
import secrets

from odoo.exceptions import AccessError, MissingError, UserError
from odoo.http import Controller, request, route

from ..connectors.text import clean_line
from ..models.listening.community_channel_grant import RETURN_PATH, START_PATH

_logger = logging.getLogger(__name__)

#: under which a session keeps what only it knows; one for all authorisations that are begun in it
SESSION_KEY = "community_authorization"
#: longest parameter of a return that is looked at
LONGEST = 4096


class AuthorizationController(Controller):
    """The way to a network's own pages, where a person grants access, and the way back."""

    @route(f"{START_PATH}/<int:channel_id>", type="http", auth="user", methods=["GET"])
    def start(self, channel_id):
        """Send the administrator to the network."""
        channel = request.env["community.channel"].browse(channel_id)
        try:
            channel.check_access("read")
            session = request.session.get(SESSION_KEY)
            if not session:
                session = request.session[SESSION_KEY] = secrets.token_urlsafe(32)
            address = channel._start_authorisation(session)
        except MissingError:
            return self._say(request.env._("This channel does not exist any more."), status=404)
        except AccessError as error:
            return self._say(str(error), status=403)
        except UserError as error:
            return self._say(str(error), channel)
        return request.redirect(address, code=303, local=False)

    @route(RETURN_PATH, type="http", auth="user", methods=["GET"])
    def bring_back(self, state="", code="", error="", **_parameters):
        """Take what the network sends back: a code that becomes access, or the reason why there is none."""
        session = request.session.get(SESSION_KEY) or ""
        begun = request.env["community.authorization"]._bring_back(state[:LONGEST], session)
        if not begun:
            _logger.warning("an authorisation was brought back that user %s has not begun", request.env.uid)
            return self._say(
                request.env._(
                    "This authorisation is not known here: it was used already, took too long, or was begun by "
                    "somebody else. Begin again from the channel."
                )
            )
        channel, verifier, redirect = begun
        try:
            channel.check_access("read")
            if error or not code:
                return self._say(self._refusal(error), channel)
            problem = channel._finish_authorisation(code[:LONGEST], verifier, redirect)
        except AccessError as refused:
            return self._say(str(refused), status=403)
        except UserError as refused:
            return self._say(str(refused), channel)
        if problem:
            _logger.info("channel %s: authorised, and something is still missing: %s", channel.id, problem)
        return request.redirect(channel._address())

    def _refusal(self, error):
        """Return what a network's refusal means."""
        known = {
            "access_denied": request.env._("Access was not granted on the network. Nothing was changed."),
            "user_cancelled_login": request.env._("Access was not granted on the network. Nothing was changed."),
            "user_cancelled_authorize": request.env._("Access was not granted on the network. Nothing was changed."),
            "invalid_scope": request.env._(
                "The network does not know a permission that we ask for, or has not approved the application for it."
            ),
            "unauthorized_scope_error": request.env._(
                "The network does not know a permission that we ask for, or has not approved the application for it."
            ),
            "unauthorized_client": request.env._(
                "The network does not let this application ask for access. Check its settings there."
            ),
            "server_error": request.env._("The network has a problem of its own. Try again later."),
            "temporarily_unavailable": request.env._("The network has a problem of its own. Try again later."),
        }
        return known.get(error) or request.env._(
            "The network sent us back without access (%s). Nothing was changed.", clean_line(error)[:100] or "?"
        )

    def _say(self, sentence, channel=None, status=400):
        """Return a page with a sentence and the way back."""
        back = channel._address() if channel else "/odoo/action-community_manager.action_channels"
        return request.render(
            "community_manager.authorisation_refused", {"sentence": sentence, "back": back}, status=status
        )
