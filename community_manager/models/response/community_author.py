from odoo import api, models


class CommunityAuthor(models.Model):
    """People whose messages may be held back."""

    _inherit = "community.author"

    @api.ondelete(at_uninstall=False)
    def _unlink_ends_holds(self):
        self.env["community.hold"]._forget("author_ids", self)
