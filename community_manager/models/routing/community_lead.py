from odoo import api, models

from ...connectors import network as network_class


class CommunityLead(models.AbstractModel):
    """Leads and opportunities that come from mentions."""

    _name = "community.lead"
    _inherit = ["community.followup"]
    _description = "Leads from Mentions"
    _target = "crm.lead"

    @api.model
    def _link_field(self):
        return "lead_id"

    @api.model
    def _open_domain(self):
        return [("active", "=", True), ("won_status", "=", "pending")]

    @api.model
    def _may_have(self, user):
        return user.has_group("sales_team.group_sale_salesman")

    @api.model
    def _values_list(self, company, persons, users):
        # What Odoo would work out lead by lead is worked out once here: that makes a batch five times faster.
        sources = self._sources({person.mentions[0].network for person in persons})
        medium = self.env["utm.mixin"]._find_or_create_record("utm.medium", "Social")
        use_leads = self.env.user.has_group("crm.group_use_lead")
        teams, stages = {}, {}
        values_list = []
        for person in persons:
            mention = person.mentions[0]
            author = mention.author_id
            user_id = users.get(mention.id, False)
            team = mention.department_id.crm_team_id
            if not team:
                if user_id not in teams:
                    teams[user_id] = self._default_team(company, user_id)
                team = teams[user_id]
            if team not in stages:
                stages[team] = self.env["crm.lead"]._stage_find(team_id=team.id, domain=[("fold", "=", False)])
            values = {
                "name": self._title(mention),
                "type": "lead" if use_leads and team.use_leads else "opportunity",
                "description": self._quote(mention),
                "company_id": company.id,
                "team_id": team.id,
                "stage_id": stages[team].id,
                "user_id": user_id,
                "priority": mention.priority or "0",
                "source_id": sources[mention.network],
                "medium_id": medium.id,
                "campaign_id": self._campaign(person).id,
                "website": author.url,
            }
            if person.partner_id:
                # name and address come from the contact, and nothing a network says may overwrite them
                values["partner_id"] = person.partner_id
            elif author:
                values |= {"contact_name": author.display_name, "email_from": author.email}
            values_list.append(values)
        return values_list

    @api.model
    def _sources(self, networks):
        """Return ``{network code: id of its utm.source}``, made at first need."""
        mixin = self.env["utm.mixin"]
        return {
            code: mixin._find_or_create_record("utm.source", getattr(network_class(code), "label", "") or code).id
            for code in sorted(networks)
        }

    @api.model
    def _campaign(self, person):
        """Return the marketing campaign of the first topic that has one."""
        for mention in person.mentions:
            for topic in mention.topic_ids:
                if topic.campaign_id:
                    return topic.campaign_id
        return self.env["utm.campaign"]

    @api.model
    def _default_team(self, company, user_id):
        """Return the sales team for leads whose department has none: the person's, otherwise the company's first."""
        teams = self.env["crm.team"]
        if user_id:
            return teams._get_default_team_id(user_id=user_id)
        return teams.search([("company_id", "=", company.id)], limit=1) or teams.search(
            [("company_id", "=", False)], limit=1
        )
