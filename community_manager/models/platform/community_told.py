from odoo import models
from odoo.exceptions import AccessError


class CommunityTold(models.AbstractModel):
    """Records that hold what a network told beside what people decide about it.

    An agent who could change an identifier would make a manager's moderation, or a colleague's answer, go to something
    else than what is shown.
    """

    _name = "community.told"
    _description = "What a Network Told"

    #: fields that nobody changes by hand
    _told = frozenset()

    def write(self, vals):
        if not self.env.su and not self._told.isdisjoint(vals):
            raise AccessError(self.env._("What a network told is not changed by hand."))
        return super().write(vals)
