from odoo import fields, models


class CommunityBadge(models.Model):
    """Something that people are given for what they did for the community."""

    _name = "community.badge"
    _description = "Community Badge"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    icon = fields.Char(default="🏅", help="One sign that is shown beside the name.")
    description = fields.Text("What it is given for", translate=True)
    recognition_count = fields.Integer("Given", compute="_compute_recognition_count")

    def _compute_recognition_count(self):
        counts = dict(
            self.env["community.recognition"]._read_group([("badge_id", "in", self.ids)], ["badge_id"], ["__count"])
        )
        for badge in self:
            badge.recognition_count = counts.get(badge, 0)

    def _give_to_user(self, partner, note):
        """Give this badge to the user account of a contact too, where the application for badges is installed.

        :param partner: ``res.partner``
        :param str note: why
        :returns: id of the ``gamification.badge.user``, False where there is none
        """
        self.ensure_one()
        user = partner.sudo().user_ids[:1]
        if "gamification.badge" not in self.env or not user:
            return False
        # sudo: who may give badges to the community need not set up the game of the staff
        badges = self.env["gamification.badge"].sudo()
        same = badges.search([("name", "=", self.name)], limit=1)
        same = same or badges.create({"name": self.name, "description": self.description, "rule_auth": "everyone"})
        given = (
            self.env["gamification.badge.user"]
            .sudo()
            .create({"user_id": user.id, "badge_id": same.id, "comment": note or False, "sender_id": self.env.uid})
        )
        return given.id
