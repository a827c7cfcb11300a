from odoo import api, models

from ...connectors import network as network_class
from ...connectors import networks


class CommunityMention(models.Model):
    """The dialog in which a mention is answered from elsewhere."""

    _inherit = "community.mention"

    @api.model
    def _answerable(self):
        """Return a domain of what others said on networks that we can answer on."""
        able = [code for code, cls in networks().items() if cls.can("reply") or cls.can("message")]
        return [("outgoing", "=", False), ("deleted_at", "=", False), ("network", "in", able)]

    def action_answer(self):
        """Open the conversation and the reply box in a dialog."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Answer on %s", self._network_name()),
            "res_model": "community.mention",
            "res_id": self.id,
            "views": [(self.env.ref("community_manager.mention_view_answer").id, "form")],
            "target": "new",
        }

    def action_open_here(self):
        """Open the mention itself, from the dialog."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "community.mention",
            "res_id": self.id,
            "views": [(False, "form")],
            "target": "current",
        }

    def _network_name(self):
        cls = network_class(self.network)
        return self.env._(cls.label) if cls else self.network
