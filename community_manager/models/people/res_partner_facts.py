from odoo import models
from odoo.tools import format_amount, format_date
from odoo.tools.misc import formatLang


class ResPartner(models.Model):
    """What stands on top of the person's page by plain rules, until a room knows better.

    A fact with ``plain`` gives way to those of other rooms that have the same code.
    """

    _inherit = "res.partner"

    def _community_facts(self):
        facts = super()._community_facts()
        profiles = self._community_seen_profiles()
        plain = [
            *self._fact("lifecycle", self.env._("Stage"), profiles[:1]._lifecycle_lines() if profiles else []),
            *self._fact("value", self.env._("Value"), self._community_value_lines()),
            *self._fact("influence", self.env._("Heard by"), self._community_heard_lines(profiles)),
            *self._fact("consent", self.env._("Mailings"), profiles[:1]._consent_lines() if profiles else []),
        ]
        own = [
            *self._fact("open", self.env._("Still open"), self._community_open_lines()),
            *self._fact("holds", self.env._("On hold"), profiles[:1]._hold_lines() if profiles else []),
        ]
        return [*facts, *({**fact, "plain": True} for fact in plain), *own]

    def _fact(self, code, label, lines):
        """Return lines of the person pane as facts of one code."""
        return [{**line, "code": code, "label": label} for line in lines]

    def _community_value_lines(self):
        """Return what the person, or the company they belong to, has ordered; only what this user may see."""
        orders = self.env["sale.order"]
        if not self.env.user.has_group("sales_team.group_sale_salesman") or not orders.has_access("read"):
            return []
        company = self.env.company
        domain = [
            ("state", "=", "sale"),
            ("company_id", "=", company.id),
            ("partner_id.commercial_partner_id", "=", self.commercial_partner_id.id),
        ]
        rows = orders._read_group(domain, ["currency_id"], ["amount_total:sum", "__count", "date_order:max"])
        if not rows:
            return []
        today = company._community_day()
        total = sum(currency._convert(amount, company.currency_id, company, today) for currency, amount, *_ in rows)
        count, last = sum(row[2] for row in rows), format_date(self.env, max(row[3] for row in rows))
        note = (
            self.env._("1 order, %s", last)
            if count == 1
            else self.env._("%(count)s orders, last %(day)s", count=count, day=last)
        )
        authors = self.env["community.author"]
        action = authors._list_action(self.env._("Sales"), "sale.order", domain)
        return [authors._person_line(format_amount(self.env, total, company.currency_id), note=note, action=action)]

    def _community_heard_lines(self, profiles):
        most = max(profiles.mapped("followers"), default=0)
        if not most:
            return []
        figure = self.env._("%s followers", formatLang(self.env, most, digits=0))
        return [profiles._person_line(figure, record=profiles.sorted("followers")[-1:])]

    def _community_open_lines(self):
        """Return the open leads and tickets of the person that this user may read."""
        lines = []
        followups = [(self.env["community.lead"], self.env._("Lead"))]
        followups.append((self.env["community.ticket"]._backend(), self.env._("Ticket")))
        for followup, kind in followups:
            records = self.env[followup._target]
            if not records.has_access("read"):
                continue
            domain = [("partner_id", "=", self.id), *followup._open_domain()]
            lines += [
                self.env["community.author"]._person_line(one.display_name, note=kind, record=one)
                for one in records.search(domain, limit=3)
            ]
        return lines
