from odoo import api, models
from odoo.fields import Command

PARAMETER = "community_manager.ticket_backend"


class CommunityTicket(models.AbstractModel):
    """Where problems become tickets.

    A backend is a model that inherits ``community.followup`` and says what a ticket is.  The addon brings one for
    Project; a bridge to a help desk adds its own in :meth:`_backends`, and its Many2one to mentions and authors.
    """

    _name = "community.ticket"
    _description = "Ticket Interface"

    @api.model
    def _backends(self):
        """Return ``{code: name of the model}`` of what can keep tickets; "automatic" takes the last."""
        return {"project": "community.ticket.project"}

    @api.model
    def _selection_backend(self):
        return list({"auto": self.env._("Automatic"), "project": self.env._("Project")}.items())

    @api.model
    def _backend(self):
        """Return the model that keeps tickets here (see ``community.followup`` for what it does)."""
        backends = self._backends()
        chosen = self.env["ir.config_parameter"].sudo().get_param(PARAMETER)
        return self.env[backends.get(chosen) or list(backends.values())[-1]]

    @api.model
    def _link_fields(self):
        """Return the names of the Many2one that mentions and authors have to tickets, of whatever backend."""
        return [self.env[model]._link_field() for model in self._backends().values()]


class CommunityTicketProject(models.AbstractModel):
    """Tickets as tasks of a project."""

    _name = "community.ticket.project"
    _inherit = ["community.followup"]
    _description = "Tickets in Project"
    _target = "project.task"

    @api.model
    def _link_field(self):
        return "task_id"

    @api.model
    def _open_domain(self):
        # a task dragged to a folded column is as good as done, though its state does not say so
        return [
            ("active", "=", True),
            ("state", "not in", ("1_done", "1_canceled")),
            "|",
            ("stage_id", "=", False),
            ("stage_id.fold", "=", False),
        ]

    @api.model
    def _may_have(self, user):
        return user.has_group("project.group_project_user")

    @api.model
    def _values_list(self, company, persons, users):
        projects = {}
        values_list = []
        for person in persons:
            mention = person.mentions[0]
            department = mention.department_id
            if department not in projects:
                own = department.project_id
                projects[department] = own if own.active else company._get_community_ticket_project()
            user_id = users.get(mention.id)
            values_list.append(
                {
                    "name": self._title(mention),
                    "description": self._quote(mention),
                    "project_id": projects[department].id,
                    "company_id": company.id,
                    "user_ids": [Command.set([user_id] if user_id else [])],
                    "priority": mention.priority or "0",
                    "partner_id": person.partner_id or False,
                    "email_from": False if person.partner_id else mention.author_id.email,
                }
            )
        return values_list
