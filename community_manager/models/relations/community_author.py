from odoo import models


class CommunityAuthor(models.Model):
    """The relationship with the person behind a profile, in the person pane of the desk."""

    _inherit = "community.author"

    def _person_sections(self, mention):
        sections = super()._person_sections(mention)
        influencers = self.env["community.influencer"]
        # one question for each person who is looked at; most are nobody we care for
        line = influencers._of_author(self)._relation_line() if influencers.has_access("read") else None
        place = next((i for i, one in enumerate(sections) if one["code"] == "influence"), len(sections) - 1)
        section = {"code": "relation", "label": self.env._("Relationship"), "lines": [line] if line else []}
        return [*sections[: place + 1], section, *sections[place + 1 :]]
