from odoo import fields, models

from .community_campaign_person import ALIVE


class ResPartner(models.Model):
    """In which campaigns a contact is, what they got of it, and why not."""

    _inherit = "res.partner"

    community_campaign_ids = fields.One2many("community.campaign.person", "partner_id", string="Campaigns")

    def _community_timeline_kinds(self):
        kinds = super()._community_timeline_kinds()
        if not self.env["community.campaign.person"].has_access("read"):
            return kinds
        entry = {"code": "campaign", "label": self.env._("Campaigns"), "icon": "fa-bullhorn"}
        return [*kinds, {**entry, "read": self._community_campaign_entries}]

    def _community_campaign_entries(self, before, limit):
        """Return what campaigns did for this person, newest first; see ``_community_timeline_kinds``."""
        actions = self.env["community.campaign.action"]
        domain = [("partner_id", "=", self.id), ("state", "=", "done")]
        if before:
            domain.append(("moment", "<", before))
        kinds = dict(actions._fields["kind"]._description_selection(self.env))
        found = [
            self._community_timeline_entry(
                "campaign",
                action.moment,
                self.env._(
                    "%(campaign)s: %(what)s", campaign=action.campaign_id.name, what=kinds.get(action.kind) or ""
                ),
                action.step_id.display_name,
                action.campaign_id,
            )
            for action in actions.search(domain, order="moment desc, id desc", limit=limit)
        ]
        people = self.env["community.campaign.person"]
        domain = [("partner_id", "=", self.id)]
        if before:
            domain.append(("started_at", "<", before))
        found += [
            self._community_timeline_entry(
                "campaign",
                person.started_at,
                self.env._("Came into the campaign “%s”", person.campaign_id.name),
                person.origin,
                person.campaign_id,
            )
            for person in people.search(domain, order="started_at desc, id desc", limit=limit)
        ]
        return sorted(found, key=lambda entry: entry["moment"], reverse=True)[:limit]

    def _community_facts(self):
        facts = super()._community_facts()
        people = self.env["community.campaign.person"]
        if not people.has_access("read"):
            return facts
        domain = [("partner_id", "=", self.id), ("state", "in", ALIVE), ("company_id", "=", self.env.company.id)]
        found = people.search(domain)
        if found:
            held = found.filtered(lambda person: person.state == "held" and person.reason)
            note = self.env._("Held back: %s", held[0].reason) if held else ""
            text = ", ".join(found.campaign_id.mapped("name"))
            opened = {"model": found[0]._name, "id": found[0].id}
            facts.append(
                {"code": "campaigns", "label": self.env._("Campaigns"), "text": text, "note": note, "open": opened}
            )
        return facts

    def _community_personal_data(self):
        people = self.env["community.campaign.person"].sudo().search([("partner_id", "in", self.ids)])
        actions = self.env["community.campaign.action"].sudo().search([("partner_id", "in", self.ids)])
        return [
            *super()._community_personal_data(),
            {
                "code": "campaigns",
                "label": self.env._("Campaigns"),
                "records": people,
                "fields": ["campaign_id", "state", "started_at", "ended_at", "origin", "reason", "coupon"],
            },
            {
                "code": "campaign_actions",
                "label": self.env._("What campaigns did"),
                "records": actions,
                "fields": ["campaign_id", "step_id", "kind", "medium", "moment", "state"],
            },
        ]

    def _community_erase(self):
        counts = super()._community_erase()
        people = self.env["community.campaign.person"].sudo().search([("partner_id", "in", self.ids)])
        people._take_back_actions()
        for campaign, group in people.grouped("campaign_id").items():
            done = group.action_ids.filtered(lambda action: action.state == "done")
            campaign.erased_count += len(group)
            campaign.erased_cost += sum(done.mapped("cost"))
        counts["community.campaign.action"] = len(people.action_ids)
        counts["community.campaign.person"] = len(people)
        people.unlink()
        signals = self.env["community.campaign.signal"].sudo().search([("partner_id", "in", self.ids)])
        signals.unlink()
        excluded = self.env["community.campaign"].sudo().search([("excluded_ids", "in", self.ids)])
        for campaign in excluded:
            campaign.excluded_ids -= self
        return counts
