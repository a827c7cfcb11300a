from odoo import models


class ResPartner(models.Model):
    """What the graph keeps of a person, and says of them."""

    _inherit = "res.partner"

    def _community_profiles(self):
        """Return the profiles of these persons in all companies, as superuser."""
        return self.env["community.author"].sudo().search([("partner_id", "in", self.ids)])

    def _community_facts(self):
        facts = super()._community_facts()
        authors = self.env["community.author"]
        if not authors.has_access("read") or not self.env["community.influence"].has_access("read"):
            return facts
        profiles = authors._profiles_of(self, self.env.company).get(self.id, authors)
        for influence in profiles.influence_ids.sorted("score", reverse=True)[:1]:
            if influence.because:
                line = authors._person_line(influence.because, note=influence._score_words(), record=influence)
                facts.append({"code": "influence", "label": self.env._("Influence"), **line})
        return facts

    def _community_personal_data(self):
        profiles = self._community_profiles()
        ties = self.env["community.tie"].sudo()
        ties = ties.search(["|", ("source_id", "in", profiles.ids), ("target_id", "in", profiles.ids)])
        return [
            *super()._community_personal_data(),
            {
                "code": "influence",
                "label": self.env._("Influence"),
                "records": profiles.influence_ids,
                "fields": ["score", "place", "heard_by", "followers", "relevance", "attitude", "activity", "topic_id"],
            },
            {
                "code": "ties",
                "label": self.env._("Who answers and shares whom"),
                "records": ties,
                "fields": ["source_id", "kind", "target_id", "count", "last_at"],
            },
        ]

    def _community_erase(self):
        found = super()._community_erase()
        profiles = self._community_profiles()
        ties = self.env["community.tie"].sudo()
        ties = ties.search(["|", ("source_id", "in", profiles.ids), ("target_id", "in", profiles.ids)])
        influence = profiles.influence_ids
        found["community.tie"] = found.get("community.tie", 0) + len(ties)
        found["community.influence"] = found.get("community.influence", 0) + len(influence)
        ties.unlink()
        influence.unlink()
        # explanations of others name them by number alone; what cannot be read is not said
        return found
