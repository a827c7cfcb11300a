from odoo import fields, models
from odoo.fields import Command


class ResCompany(models.Model):
    _inherit = "res.company"

    community_ticket_project_id = fields.Many2one(
        "project.project",
        string="Project for tickets from mentions",
        domain="[('company_id', 'in', [False, id]), ('is_template', '=', False)]",
        help="Where tickets go whose department has no project of its own.",
    )

    def _get_community_ticket_project(self):
        """Return the project for tickets, made when it is first needed or was archived."""
        self.ensure_one()
        company = self.sudo().with_context(lang=self.sudo().partner_id.lang or self.env.lang)
        if not company.community_ticket_project_id.active:
            company.community_ticket_project_id = (
                company.env["project.project"]
                .with_context(mail_create_nosubscribe=True)
                .create(
                    {
                        "name": company.env._("Tickets from the community"),
                        "company_id": self.id,
                        "privacy_visibility": "employees",
                        "type_ids": [
                            Command.create({"name": company.env._("New"), "sequence": 1}),
                            Command.create({"name": company.env._("In progress"), "sequence": 2}),
                            Command.create({"name": company.env._("Waiting for an answer"), "sequence": 3}),
                            Command.create({"name": company.env._("Solved"), "sequence": 4, "fold": True}),
                        ],
                    }
                )
            )
        return self.env["project.project"].browse(company.community_ticket_project_id.id)
