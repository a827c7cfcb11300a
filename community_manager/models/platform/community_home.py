from odoo import api, models
from odoo.exceptions import AccessError, UserError

from . import vault

PARAMETER = "community_manager.home"


class CommunityHome(models.AbstractModel):
    """Whether this database may talk to networks.

    A copy of a database holds the same channels; were it to listen and answer too, everything would be done twice and
    in the wrong place.  So the database that starts its first channel notes its own name, its uuid and a fingerprint
    of its key.  Where one of them differs later, this is a copy (or its key is lost), and nothing leaves it until an
    administrator says that it is the live one.
    """

    _name = "community.home"
    _description = "Home of the Channels"

    @api.model
    def _identity(self):
        parameters = self.env["ir.config_parameter"].sudo()
        return f"{self.env.cr.dbname}:{parameters.get_param('database.uuid', '')}"

    @api.model
    def _status(self):
        """Return ``"live"``, ``"new"`` (no channel was ever started), ``"neutralized"``, ``"copy"`` or ``"key"``."""
        parameters = self.env["ir.config_parameter"].sudo()
        if parameters.get_param("database.is_neutralized") in ("true", "True", "1"):
            return "neutralized"
        noted = parameters.get_param(PARAMETER)
        if not noted:
            return "new"
        identity, _separator, key = noted.rpartition("|")
        if identity != self._identity():
            return "copy"
        if key and key != vault.fingerprint():
            return "key"
        return "live"

    @api.model
    def _reason(self, status):
        """Return the sentence for a status that holds everything back, or ``""``."""
        return {
            "neutralized": self.env._(
                "This database is neutralized: it talks to no network. Use the live database to listen and answer."
            ),
            "copy": self.env._(
                "This is a copy of another database, so it talks to no network. If it is the live one now, confirm "
                "that under Community > Configuration > Settings."
            ),
            "key": self.env._(
                "The key that protects the access of the channels is missing or another one. Put the key back, or "
                "enter access again on each channel and confirm this database under Community > Configuration > "
                "Settings."
            ),
        }.get(status, "")

    @api.model
    def _ensure_live(self):
        """Raise unless this database may talk to networks; the first caller makes it the live one.

        :raises UserError: with the reason
        """
        status = self._status()
        if status == "new":
            self._settle()
        elif status != "live":
            raise UserError(self._reason(status))

    @api.model
    def _settle(self):
        """Note this database and its key as the live one.

        The key is made if there is none yet: a copy that kept its name is known by it even if no channel has a secret.
        """
        vault.ensure()
        self.env["ir.config_parameter"].sudo().set_param(PARAMETER, f"{self._identity()}|{vault.fingerprint()}")

    @api.model
    def _remember_key(self):
        """Note the key once it exists; somebody who enters access again settles a lost key too."""
        if self._status() in ("live", "key"):
            noted = self.env["ir.config_parameter"].sudo().get_param(PARAMETER)
            if not noted.endswith(f"|{vault.fingerprint()}"):
                self._settle()

    @api.model
    def action_settle(self):
        """Button of the settings: make this database the live one."""
        if not self.env.user.has_group("community_manager.group_admin"):
            raise AccessError(self.env._("Only a community administrator can confirm the live database."))
        if self._status() == "neutralized":
            raise UserError(self._reason("neutralized"))
        self._settle()
        self.env["community.channel"].sudo().search([("state", "=", "access")])._recheck_access()
