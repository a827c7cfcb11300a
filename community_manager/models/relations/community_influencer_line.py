from odoo import models


class CommunityInfluencer(models.Model):
    """A relationship in one line, for the person pane and the person's page."""

    _inherit = "community.influencer"

    def _relation_line(self):
        """Return the line of the first of these, as ``community.author._person_line`` makes it; None without any."""
        one = self[:1]
        if not one:
            return None
        role = dict(one._fields["role"]._description_selection(self.env))[one.role]
        text = self.env._("%(role)s: %(stage)s", role=role, stage=one.stage_id.name)
        figures = [
            (one.answered_count + one.defended_count, self.env._("stood by us: %s")),
            (one.thanked_count, self.env._("thanked: %s")),
            (one.order_count, self.env._("orders sent: %s")),
        ]
        note = " · ".join(words % count for count, words in figures if count)
        return self.env["community.author"]._person_line(text, note=note, record=one)
