from odoo import models


class CommunityAuthor(models.Model):
    """Whose a profile was goes with the person."""

    _inherit = "community.author"

    def _erase_profile(self):
        result = super()._erase_profile()
        self.env["community.match"].search([("author_id", "in", self.ids)]).unlink()
        models.Model.write(self, {"verified_urls": False, "match_due": False})
        self.env["community.identity"]._forget("author_id", self.ids)
        return result
