from odoo import api, fields, models
from odoo.fields import Domain


class CommunityCampaignFacts(models.AbstractModel):
    """What people in campaigns did since a moment, read for many at once."""

    _name = "community.campaign.facts"
    _description = "What People in Campaigns Did"

    @api.model
    def _met(self, condition, people, since, step=None):
        """Return the ids of those people who meet a condition.

        :param str condition: of a step
        :param people: ``community.campaign.person`` records of one company
        :param dict since: ``{person id: naive UTC}`` from when on it counts
        :param dict step: of a version, for what the condition needs besides
        """
        step = step or {}
        if condition == "segment":
            segment = self.env["community.segment"].browse(step.get("segment_id") or ())
            inside = set(segment._partners(people.company_id[:1]))
            return {
                person.id
                for person in people
                if person.partner_id.id in inside or person.partner_id.commercial_partner_id.id in inside
            }
        if condition == "language":
            wanted = step.get("language") or ""
            return {person.id for person in people if (person.partner_id.lang or "").split("_")[0] == wanted}
        moments = getattr(self, f"_when_{condition}")(people, min(since.values(), default=fields.Datetime.now()))
        return {person.id for person in people if any(at >= since[person.id] for at in moments.get(person.id, ()))}

    @api.model
    def _when_opened(self, people, since):
        return self._traces(people, "open_datetime", since)

    @api.model
    def _when_clicked(self, people, since):
        return self._traces(people, "links_click_datetime", since)

    @api.model
    def _when_answered(self, people, since):
        """Answers to a mail, mentions of theirs, and surveys they filled in."""
        found = self._traces(people, "reply_datetime", since)
        for person_id, at in self._mentions(people, since):
            found.setdefault(person_id, []).append(at)
        if "survey.user_input" in self.env:
            # sudo: that they answered, not what
            inputs = self.env["survey.user_input"].sudo()
            domain = [
                ("partner_id", "in", people.partner_id.ids),
                ("state", "=", "done"),
                ("end_datetime", ">=", since),
            ]
            by_partner = people.grouped("partner_id")
            for one in inputs.search(domain):
                for person in by_partner.get(one.partner_id, ()):
                    found.setdefault(person.id, []).append(one.end_datetime)
        return found

    @api.model
    def _when_complained(self, people, since):
        """Complaints and defects that they wrote of."""
        found = {}
        for person_id, at in self._mentions(people, since, ("complaint", "defect")):
            found.setdefault(person_id, []).append(at)
        return found

    @api.model
    def _when_bought(self, people, since):
        """Purchases of their commercial entity, from wherever they are known."""
        found = {}
        company = people.company_id[:1]
        owners = people.grouped(lambda person: person.partner_id.commercial_partner_id)
        ids = [owner.id for owner in owners]
        # sudo: that they bought, not what
        orders = self.env["sale.order"].sudo()
        domain = Domain("partner_id.commercial_partner_id", "in", ids) & Domain("company_id", "=", company.id)
        domain &= Domain("state", "=", "sale") & Domain("date_order", ">=", since)
        for order in orders.search(domain):
            for person in owners[order.partner_id.commercial_partner_id]:
                found.setdefault(person.id, []).append(order.date_order)
        if "pos.order" in self.env:
            tickets = self.env["pos.order"].sudo()
            domain = Domain("partner_id.commercial_partner_id", "in", ids) & Domain("company_id", "=", company.id)
            domain &= Domain("state", "in", ("paid", "done", "invoiced")) & Domain("date_order", ">=", since)
            for order in tickets.search(domain & Domain("amount_total", ">", 0)):
                for person in owners[order.partner_id.commercial_partner_id]:
                    found.setdefault(person.id, []).append(order.date_order)
        return found

    @api.model
    def _traces(self, people, name, since):
        """Return ``{person id: [moments]}`` of what the traces of their mails say."""
        found = {}
        # sudo: that it happened; traces are of the application for mailings
        rows = self.env["community.campaign.action"].sudo()
        domain = [("person_id", "in", people.ids), ("state", "=", "done"), (f"trace_id.{name}", ">=", since)]
        for action in rows.search(domain):
            found.setdefault(action.person_id.id, []).append(action.trace_id[name])
        return found

    @api.model
    def _mentions(self, people, since, intents=()):
        """Return (person id, moment) of what they wrote to us or about us."""
        company = people.company_id[:1]
        profiles = self.env["community.author"].sudo()._profiles_of(people.partner_id, company)
        owners = {}
        for person in people:
            for author in profiles.get(person.partner_id.id, ()):
                owners.setdefault(author.id, []).append(person.id)
        if not owners:
            return []
        domain = Domain("author_id", "in", list(owners)) & Domain("published_at", ">=", since)
        if intents:
            domain &= Domain("intent_ids.code", "in", intents)
        mentions = self.env["community.mention"].sudo().search_fetch(domain, ["author_id", "published_at"])
        return [(person_id, one.published_at) for one in mentions for person_id in owners[one.author_id.id]]
