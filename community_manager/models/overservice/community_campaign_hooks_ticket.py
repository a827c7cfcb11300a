from odoo import models


class ProjectTask(models.Model):
    """Tickets that are closed bring people into campaigns."""

    _inherit = "project.task"

    def write(self, vals):
        watched = {"state", "stage_id"} & set(vals) and self.env["community.campaign"]._awaits("ticket")
        before = self._community_closed() if watched else self
        result = super().write(vals)
        if watched:
            for task in self._community_closed() - before:
                partners = task.partner_id or task._community_people()
                origin = self.env._("Ticket “%s” was closed", task.name)
                company = task.company_id or task.project_id.company_id or self.env.company
                self.env["community.campaign.signal"]._note("ticket", company, partners, origin)
        return result

    def _community_closed(self):
        """Return those that are tickets, and done."""
        tickets = self.filtered(
            lambda task: task.state == "1_done" or task.stage_id.fold and task.state != "1_canceled"
        )
        if not tickets:
            return tickets
        # sudo: whether mentions led to them
        mentions = self.env["community.mention"].sudo().search([("task_id", "in", tickets.ids)])
        companies = self.env["res.company"].sudo().search([("community_ticket_project_id", "!=", False)])
        ours = companies.community_ticket_project_id
        return tickets.filtered(lambda task: task in mentions.task_id or task.sudo().project_id in ours)

    def _community_people(self):
        """Return the contacts whose mentions led to this ticket."""
        # sudo: who they are is told to the campaign only
        mentions = self.env["community.mention"].sudo().search([("task_id", "in", self.ids)])
        return mentions.author_id.partner_id
