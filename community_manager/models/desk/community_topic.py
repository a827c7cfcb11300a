from odoo import api, models
from odoo.tools import ormcache


class CommunityTopic(models.Model):
    """Topics that move what they are about to the top of the queue."""

    _inherit = "community.topic"

    @api.model
    @ormcache()
    def _risks(self):
        """Return the ids of all topics that are a risk, of whatever company."""
        topics = self.sudo().with_context(active_test=False).search([("kind", "=", "risk")])
        return frozenset(topics.ids)

    def write(self, vals):
        changed = self.filtered(lambda topic: "kind" in vals and (topic.kind == "risk") != (vals["kind"] == "risk"))
        result = super().write(vals)
        if changed:
            self.env["community.mention"].sudo()._queue_again([("topic_ids", "in", changed.ids)])
        return result
