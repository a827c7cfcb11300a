from odoo import models


class CommunityAuthor(models.Model):
    """Where the people behind profiles stand with us."""

    _inherit = "community.author"

    def _lifecycles(self):
        """Return ``{author id: code}`` of how far each person has come with us.

        Plain and set-wise, from what is known today: with whom a partnership was won is a "partner"; whoever has a
        confirmed order a "customer"; with a quotation or an open lead a "prospect"; a contact of ours "market";
        everybody else "community".
        """
        found = dict.fromkeys(self.ids, "community")
        # most are strangers, of whom there is nothing more to read
        known = [("id", "in", self.ids), "|", ("partner_id", "!=", False), ("lead_id", "!=", False)]
        authors = self.sudo().search_fetch(known, ["company_id", "partner_id", "lead_id"])
        contacts = {author.id: author.partner_id.commercial_partner_id.id for author in authors if author.partner_id}
        found |= dict.fromkeys(contacts, "market")
        authors.lead_id.fetch(["active", "won_status"])  # not all else that a lead has
        asked = {author.id for author in authors if author.lead_id.active and author.lead_id.won_status == "pending"}
        found |= dict.fromkeys(asked, "prospect")
        if contacts:
            orders = self.env["sale.order"].sudo()
            wanted = [
                ("partner_id.commercial_partner_id", "in", list(set(contacts.values()))),
                ("state", "!=", "cancel"),
            ]
            wanted.append(("company_id", "in", authors.company_id.ids))
            states = {}
            for partner, state in orders._read_group(wanted, ["partner_id", "state"]):
                states.setdefault(partner.commercial_partner_id.id, set()).add(state)
            leads = self.env["crm.lead"].sudo()
            open_leads = [("partner_id.commercial_partner_id", "in", list(set(contacts.values())))]
            open_leads += [("active", "=", True), ("won_status", "=", "pending")]
            asking = {partner.commercial_partner_id.id for (partner,) in leads._read_group(open_leads, ["partner_id"])}
            allies = self._allies(list(set(contacts.values())))
            for author_id, partner_id in contacts.items():
                if partner_id in allies:
                    found[author_id] = "partner"
                elif "sale" in states.get(partner_id, ()):
                    found[author_id] = "customer"
                elif partner_id in asking or states.get(partner_id):
                    found[author_id] = "prospect"
        return found

    def _allies(self, partner_ids):
        """Return those of some commercial contacts with whom a partnership was won, as a set of ids."""
        tag = self.env.ref("community_manager.tag_partnership", raise_if_not_found=False)
        if not tag:
            return set()
        won = [("tag_ids", "in", tag.ids), ("won_status", "=", "won")]
        won.append(("partner_id.commercial_partner_id", "in", partner_ids))
        found = self.env["crm.lead"].sudo()._read_group(won, ["partner_id"])
        return {partner.commercial_partner_id.id for (partner,) in found}
