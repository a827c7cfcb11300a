from odoo import models
from odoo.tools import format_amount, format_date


class ResPartner(models.Model):
    """What a person asked for and bought, in the timeline: only what the reader may see in Odoo's own applications."""

    _inherit = "res.partner"

    def _community_timeline_kinds(self):
        timeline = self.env["community.timeline"]
        leads = self.env["crm.lead"].with_context(active_test=False)
        orders, moves = self.env["sale.order"], self.env["account.move"]
        whose = [("partner_id", "child_of", self.id)]
        invoices = [*whose, ("move_type", "in", ("out_invoice", "out_refund")), ("state", "=", "posted")]
        tickets = []
        for name in self.env["community.ticket"]._backends().values():
            records = self.env[self.env[name]._target].with_context(active_test=False)
            tickets.append((records, whose, "create_date", self._timeline_ticket))
        return [
            *super()._community_timeline_kinds(),
            timeline._timeline_kind(
                "lead", self.env._("Leads"), "fa-bullseye", (leads, whose, "create_date", self._timeline_lead)
            ),
            timeline._timeline_kind("ticket", self.env._("Tickets"), "fa-ticket", *tickets),
            timeline._timeline_kind(
                "order",
                self.env._("Orders"),
                "fa-shopping-cart",
                (orders, [*whose, ("state", "!=", "cancel")], "date_order", self._timeline_order),
            ),
            timeline._timeline_kind(
                "invoice",
                self.env._("Invoices"),
                "fa-file-text-o",
                (moves, invoices, "invoice_date", self._timeline_invoice),
            ),
        ]

    def _timeline_lead(self, lead):
        won = {"won": "good", "lost": "bad"}.get(lead.won_status, "")
        statuses = dict(lead._fields["won_status"]._description_selection(self.env))
        stage = statuses[lead.won_status] if won else lead.stage_id.display_name
        title = self.env._("Lead: %s", lead.name)
        return self._community_timeline_entry("lead", lead.create_date, title, text=stage, record=lead, tone=won)

    def _timeline_ticket(self, ticket):
        stage = ticket.stage_id.display_name if "stage_id" in ticket._fields else ""
        title = self.env._("Ticket: %s", ticket.display_name)
        return self._community_timeline_entry("ticket", ticket.create_date, title, text=stage, record=ticket)

    def _timeline_order(self, order):
        amount = format_amount(self.env, order.amount_total, order.currency_id)
        if order.state == "sale":
            title = self.env._("Order %(name)s, %(amount)s", name=order.name, amount=amount)
        else:
            title = self.env._("Quotation %(name)s, %(amount)s", name=order.name, amount=amount)
        names = ", ".join(order.order_line.filtered(lambda line: not line.display_type).product_id.mapped("name"))
        text = self.env["community.timeline"]._timeline_text(names)
        return self._community_timeline_entry("order", order.date_order, title, text=text, record=order)

    def _timeline_invoice(self, move):
        amount = format_amount(self.env, move.amount_total, move.currency_id)
        values = {"name": move.name, "amount": amount}
        refund = move.move_type == "out_refund"
        title = (
            self.env._("Refund %(name)s, %(amount)s", **values)
            if refund
            else self.env._("Invoice %(name)s, %(amount)s", **values)
        )
        states = dict(move._fields["payment_state"]._description_selection(self.env))
        text = states.get(move.payment_state, "")
        if move.invoice_date_due and move.payment_state == "not_paid" and not refund:
            text = self.env._("%(state)s, due on %(day)s", state=text, day=format_date(self.env, move.invoice_date_due))
        moment = self.env["community.timeline"]._timeline_moment(move.invoice_date)
        return self._community_timeline_entry("invoice", moment, title, text=text, record=move)
