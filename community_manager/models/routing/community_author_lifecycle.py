from odoo import models


class CommunityAuthor(models.Model):
    """Where the people behind profiles stand with us."""

    _inherit = "community.author"

    def _lifecycles(self):
        """Return ``{author id: code}`` of how far each person has come with us, as the records say now.

        Of contacts this is their lifecycle (see ``community.lifecycle``).  Of whom no contact is known, who has an open
        lead is a "prospect", everybody else "community".
        """
        found = dict.fromkeys(self.ids, "community")
        # most are strangers, of whom there is nothing more to read
        known = [("id", "in", self.ids), "|", ("partner_id", "!=", False), ("lead_id", "!=", False)]
        authors = self.sudo().search_fetch(known, ["company_id", "partner_id", "lead_id"])
        linked = authors.filtered("partner_id")
        stages = self.env["community.lifecycle"]._current(linked.partner_id.ids)
        for author in linked:
            found[author.id] = stages.get((author.partner_id.id, author.company_id.id), "market")
        strangers = authors - linked
        strangers.lead_id.fetch(["active", "won_status"])  # not all else that a lead has
        asked = [one.id for one in strangers if one.lead_id.active and one.lead_id.won_status == "pending"]
        return found | dict.fromkeys(asked, "prospect")
