from odoo import api, models


class CommunityKeyword(models.Model):
    """Words of a topic are looked at as they are entered."""

    _inherit = "community.keyword"

    @api.constrains("name", "exclude", "topic_id")
    def _check_volume(self):
        self.topic_id._check_catch_all()
