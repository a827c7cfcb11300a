from odoo import api, models

#: the help desk calls "medium" what is normal
PRIORITIES = {"0": "1", "1": "2", "2": "2", "3": "3"}


class CommunityTicket(models.AbstractModel):
    _inherit = "community.ticket"

    @api.model
    def _backends(self):
        return {**super()._backends(), "helpdesk_mgmt": "community.ticket.helpdesk"}

    @api.model
    def _selection_backend(self):
        return [*super()._selection_backend(), ("helpdesk_mgmt", self.env._("Helpdesk"))]


class CommunityTicketHelpdesk(models.AbstractModel):
    """Tickets in OCA's help desk."""

    _name = "community.ticket.helpdesk"
    _inherit = ["community.followup"]
    _description = "Tickets in Helpdesk"
    _target = "helpdesk.ticket"

    @api.model
    def _link_field(self):
        return "ticket_id"

    @api.model
    def _may_have(self, user):
        return user.has_group("helpdesk_mgmt.group_helpdesk_user_own")

    @api.model
    def _open_domain(self):
        return [("active", "=", True), "|", ("stage_id", "=", False), ("stage_id.closed", "=", False)]

    @api.model
    def _values_list(self, company, persons, users):
        channel = self.env.ref("community_manager_helpdesk_mgmt.helpdesk_channel", raise_if_not_found=False)
        stages = {}
        values_list = []
        for person in persons:
            mention = person.mentions[0]
            author = mention.author_id
            team = mention.department_id.helpdesk_team_id
            if team not in stages:
                stages[team] = team._get_applicable_stages()[:1]
            user_id = users.get(mention.id, False)
            if team and user_id not in team.user_ids.ids:
                user_id = False  # the help desk lets only members of its team have a ticket
            values = {
                "name": self._title(mention),
                "description": self._quote(mention) or self._title(mention),
                "company_id": company.id,
                "team_id": team.id,
                "stage_id": stages[team].id,
                "user_id": user_id,
                "priority": PRIORITIES[mention.priority or "0"],
                "channel_id": channel.id if channel else False,
            }
            partner = self.env["res.partner"].browse(person.partner_id or [])
            if partner:
                values |= {"partner_id": partner.id, "partner_name": partner.name, "partner_email": partner.email}
            elif author:
                values |= {"partner_name": author.display_name, "partner_email": author.email}
            values_list.append(values)
        return values_list
