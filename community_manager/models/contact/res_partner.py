from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

#: days over which touches are counted
TOUCHES_OVER = 30


class ResPartner(models.Model):
    """What a contact wants to hear of us, and what they heard."""

    _inherit = "res.partner"

    community_not_now = fields.Date(
        "Leave alone until", tracking=True, help="They asked for it: until then only service messages are sent."
    )
    community_touch_ids = fields.One2many(
        "community.touch", "partner_id", string="Touches", groups="community_manager.group_agent"
    )
    community_consent_ids = fields.One2many(
        "community.consent", "partner_id", string="Consent", groups="community_manager.group_agent"
    )
    community_touch_count = fields.Integer(
        "Touches (number)", compute="_compute_community_touch_count", groups="community_manager.group_agent"
    )
    community_contact_now = fields.Char(
        "Now", compute="_compute_community_contact_now", groups="community_manager.group_agent"
    )

    def _compute_community_touch_count(self):
        since = fields.Datetime.now() - timedelta(days=TOUCHES_OVER)
        rows = self.env["community.touch"]._read_group(
            [
                ("partner_id", "in", self.ids),
                ("state", "=", "used"),
                ("moment", ">=", since),
                ("company_id", "=", self.env.company.id),
            ],
            ["partner_id"],
            ["__count"],
        )
        counts = {partner.id: count for partner, count in rows}
        for partner in self:
            partner.community_touch_count = counts.get(partner.id, 0)

    @api.depends("community_not_now")
    @api.depends_context("uid", "company", "lang")
    def _compute_community_contact_now(self):
        known = self.filtered(lambda partner: isinstance(partner.id, int))
        requests = [
            {"partner_id": partner.id, "company_id": self.env.company.id, "medium": "email", "purpose": "news"}
            for partner in known
        ]
        # sudo: whoever may see the contact may know whether to write
        decisions = self.env["community.touch"].sudo()._decide(requests)
        for partner in self:
            partner.community_contact_now = False
        for partner, decision in zip(known, decisions, strict=True):
            partner.community_contact_now = decision["reason"] or self.env._("May be written to")

    @api.model
    def _community_by_email(self, addresses):
        """Return ``{normalised address: contact id}``; of several contacts with one address the oldest stands for it.

        :param addresses: normalised addresses
        """
        # sudo: whose address it is, whoever sends
        wanted = [("email_normalized", "in", list(addresses))]
        found = self.sudo().search_fetch(wanted, ["email_normalized"], order="id desc")
        return {partner.email_normalized: partner.id for partner in found}

    def action_community_touches(self):
        """Open all touches of these contacts."""
        action = self.env["ir.actions.act_window"]._for_xml_id("community_manager.action_touches")
        return {**action, "domain": [("partner_id", "in", self.ids)], "context": {}}

    def action_community_choices(self):
        """Open the page on which this contact chooses what we write."""
        self.ensure_one()
        self.check_access("write")
        url = self._community_choose_url(self.env.company)
        return {"type": "ir.actions.act_url", "url": url, "target": "new"}

    def action_community_not_now(self, months=3):
        """Note that this contact asked to be left alone.

        :param int months: for how long; 0 ends it
        """
        self.check_access("write")
        until = fields.Date.add(fields.Date.context_today(self), months=int(months)) if months else False
        self.community_not_now = until
        return True

    def unlink(self):
        ids = self.ids
        result = super().unlink()
        self._community_forget_touches(ids)
        return result

    @api.model
    def _community_forget_touches(self, partner_ids):
        """Remove what has no foreign key to contacts that are gone; return how many touches that were."""
        gone = self.env.execute_query(
            SQL("DELETE FROM community_touch WHERE partner_id = ANY(%s) RETURNING id", list(partner_ids))
        )
        self.env.execute_query(
            SQL("DELETE FROM community_touch_window WHERE partner_id = ANY(%s) RETURNING id", list(partner_ids))
        )
        self.env["community.touch"].invalidate_model()
        return len(gone)

    # -- the person's page -----------------------------------------------------------------------------------------

    def _community_facts(self):
        return [*super()._community_facts(), *self._contact_facts()]

    def _contact_facts(self):
        """Return what may be sent now and why not, and how often the person heard from us."""
        facts = []
        for line in self._community_contact_lines(self.env.company):
            facts.append({**line, "code": "consent", "label": self.env._("Mailings")})
        for line in self._community_touch_lines(self.env.company):
            facts.append({**line, "code": "touches", "label": self.env._("Last touch")})
        return facts

    def _community_contact_lines(self, company):
        """Return the lines that say whether this person may be written to now, and by what not."""
        self.ensure_one()
        authors = self.env["community.author"]
        media = dict(self.env["community.touch"]._fields["medium"]._description_selection(self.env))
        wanted = [("email", "email_normalized"), ("sms", "phone_sanitized")]
        # sudo: only whether there is an address
        wanted = [medium for medium, field in wanted if self.sudo()[field]]
        if not wanted:
            return []
        requests = [
            {"partner_id": self.id, "company_id": company.id, "medium": medium, "purpose": "news"} for medium in wanted
        ]
        # sudo: whoever sees the person may know whether to write
        decisions = self.env["community.touch"].sudo()._decide(requests)
        by_reason = {}
        for medium, decision in zip(wanted, decisions, strict=True):
            by_reason.setdefault(decision["reason"], []).append(media[medium])
        lines = []
        for reason, names in by_reason.items():
            text = reason or self.env._("May be written to")
            note = ", ".join(names) if len(by_reason) > 1 or reason else ""
            line = authors._person_line(text, note=note, record=self)
            lines.append({**line, "tone": "bad" if reason else ""})
        if self.community_not_now and self.community_not_now > fields.Date.context_today(self):
            return lines[:1]
        return lines

    def _community_touch_lines(self, company):
        """Return the line that says when the person last heard from us, and how often of late."""
        self.ensure_one()
        touches = self.env["community.touch"]
        if not touches.has_access("read"):
            return []
        domain = [("partner_id", "=", self.id), ("company_id", "=", company.id), ("state", "=", "used")]
        last = touches.search(domain, limit=1)
        if not last:
            return []
        since = fields.Datetime.now() - timedelta(days=TOUCHES_OVER)
        count = touches.search_count([*domain, ("moment", ">=", since)])
        medium = dict(touches._fields["medium"]._description_selection(self.env))[last.medium]
        note = f"{medium} · {self.env._('%s in 30 days', count)}" if count > 1 else medium
        authors = self.env["community.author"]
        action = authors._list_action(self.env._("Touches"), touches._name, [("partner_id", "=", self.id)])
        return [authors._person_line("", note=note, action=action, moment=last.moment)]

    def _community_timeline_kinds(self):
        kinds = super()._community_timeline_kinds()
        if not self.env["community.touch"].has_access("read"):
            return kinds
        return [
            *kinds,
            {
                "code": "touch",
                "label": self.env._("Touches"),
                "icon": "fa-paper-plane-o",
                "read": self._community_touch_entries,
            },
            {
                "code": "consent",
                "label": self.env._("Consent"),
                "icon": "fa-check-square-o",
                "read": self._community_consent_entries,
            },
        ]

    def _community_touch_entries(self, before, limit):
        """Return what was sent by other ways than the outbox, which shows its own, and what was held back."""
        touches = self.env["community.touch"]
        domain = [("partner_id", "=", self.id), ("state", "in", ("used", "held"))]
        domain.append(("source_model", "!=", "community.reply"))
        if before:
            domain.append(("moment", "<", before))
        media = dict(touches._fields["medium"]._description_selection(self.env))
        entries = []
        for touch in touches.search(domain, limit=limit):
            title = media[touch.medium]
            if touch.state == "held":
                title = self.env._("Held back: %s", title)
            text = " · ".join(filter(None, [touch.text, touch.state == "held" and touch.reason]))
            tone = "bad" if touch.state == "held" else ""
            entries.append(self._community_timeline_entry("touch", touch.moment, title, text, touch, tone))
        return entries

    def _community_consent_entries(self, before, limit):
        events = self.env["community.consent.event"]
        domain = [("partner_id", "=", self.id)] + ([("moment", "<", before)] if before else [])
        states = dict(events._fields["after"]._description_selection(self.env))
        media = dict(events._fields["medium"]._description_selection(self.env))
        tones = {"granted": "good", "withdrawn": "bad"}
        entries = []
        for event in events.search(domain, limit=limit):
            purpose = event.purpose_id.name or self.env._("Everything")
            title = f"{states[event.after]}: {purpose} · {media[event.medium]}"
            tone = tones.get(event.after, "")
            entries.append(
                self._community_timeline_entry("consent", event.moment, title, event.proof, event.consent_id, tone)
            )
        return entries

    # -- privacy -------------------------------------------------------------------------------------------------------

    def _community_personal_data(self):
        touches = self.env["community.touch"].sudo().search([("partner_id", "in", self.ids)])
        consents = self.env["community.consent"].sudo().search([("partner_id", "in", self.ids)])
        return [
            *super()._community_personal_data(),
            {
                "code": "touches",
                "label": self.env._("Touches"),
                "records": touches,
                "fields": ["moment", "medium", "purpose_id", "state", "text", "reason"],
            },
            {
                "code": "consent",
                "label": self.env._("Consent"),
                "records": consents,
                "fields": ["purpose_id", "medium", "state", "date", "source", "proof"],
            },
            {
                "code": "consent_history",
                "label": self.env._("History of consent"),
                "records": consents.event_ids,
                "fields": ["moment", "purpose_id", "medium", "before", "after", "source", "proof"],
            },
        ]

    def _community_erase(self):
        erased = super()._community_erase()
        consents = self.env["community.consent"].sudo().search([("partner_id", "in", self.ids)])
        count, events = len(consents), len(consents.event_ids)
        consents.unlink()
        touches = self._community_forget_touches(self.ids)
        # that they want to be left alone names nobody, and keeps them from being written to
        return {
            **erased,
            "community.touch": touches,
            "community.consent": count,
            "community.consent.event": events,
        }
