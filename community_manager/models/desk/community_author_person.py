from odoo import api, fields, models
from odoo.tools import format_amount, format_date
from odoo.tools.misc import formatLang

#: earlier conversations that the pane names; the others are one click away
MOST_EARLIER = 4


class CommunityAuthor(models.Model):
    """The person pane of the desk: everything on it is one click from its record."""

    _inherit = "community.author"

    @api.readonly
    def get_person(self, mention_id=False):
        """Return what the desk shows of the person behind this profile.

        :param int mention_id: of the mention that is being looked at, which is no earlier conversation
        :returns: dict with ``id``, ``name``, ``handle``, ``url`` and ``sections``, see :meth:`_person_sections`
        """
        self.ensure_one()
        self.check_access("read")
        mention = self.env["community.mention"].browse(mention_id or ()).exists()
        mention.check_access("read")
        return {
            "id": self.id,
            "name": self.display_name,
            "handle": self.handle or "",
            "bot": self.bot,
            "url": self.url if (self.url or "").startswith(("https://", "http://")) else "",
            "sections": [section for section in self._person_sections(mention) if section["lines"]],
        }

    def _person_sections(self, mention):
        """Return the sections of the pane; rooms extend this.

        :param mention: the ``community.mention`` that is being looked at, or none
        :returns: list of dicts with ``code``, ``label`` and ``lines``, see :meth:`_person_line`; one without lines is
            not shown
        """
        self.ensure_one()
        return [
            {"code": "contact", "label": self.env._("Contact"), "lines": self._contact_lines()},
            {"code": "lifecycle", "label": self.env._("Stage"), "lines": self._lifecycle_lines()},
            {"code": "value", "label": self.env._("Value"), "lines": self._value_lines()},
            {"code": "influence", "label": self.env._("Influence"), "lines": self._influence_lines()},
            {"code": "consent", "label": self.env._("Mailings"), "lines": self._consent_lines()},
            {"code": "touches", "label": self.env._("Last touch"), "lines": self._touch_lines()},
            {"code": "holds", "label": self.env._("On hold"), "lines": self._hold_lines()},
            {"code": "open", "label": self.env._("Still open"), "lines": self._open_lines()},
            {"code": "earlier", "label": self.env._("Earlier"), "lines": self._earlier_lines(mention)},
        ]

    @api.model
    def _person_line(self, text, note="", record=None, action=None, moment=None):
        """Return one line of the pane.

        :param str text: plain text, whoever wrote it
        :param str note: where it comes from or what it rests on
        :param record: what a click opens, if this user may read it
        :param dict action: what a click does instead
        :param datetime moment: naive UTC, shown after the text as people say it
        """
        line = {"text": text or "", "note": note or "", "open": False, "action": action or False, "moment": False}
        if moment:
            line["moment"] = fields.Datetime.to_string(moment)
        if record and record.sudo(False).has_access("read"):
            line["open"] = {"model": record._name, "id": record.id}
        return line

    @api.model
    def _list_action(self, name, model, domain):
        """Return an action that shows records; a stored one would cost ten queries each time a person is looked at."""
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": model,
            "views": [[False, "list"], [False, "form"]],
            "domain": domain,
            "context": {"create": False},
        }

    # -- sections ----------------------------------------------------------------------------------------------------

    def _contact_lines(self):
        partner = self.partner_id
        if not partner:
            return [self._person_line(self.env._("Who is this?"), record=self)]
        # sudo: whoever may read the profile may know whom it belongs to
        contact = partner.sudo()
        place = ", ".join(filter(None, [contact.city, contact.country_id.name]))
        origin = dict(self._fields["link_origin"]._description_selection(self.env)).get(self.link_origin, "")
        lines = [self._person_line(contact.display_name, note=origin, record=partner)]
        return lines + ([self._person_line(place)] if place else [])

    def _lifecycle_lines(self):
        label = dict(self._fields["lifecycle"]._description_selection(self.env))[self.lifecycle]
        note = ""
        if self.lifecycle == "customer":
            # sudo: since when somebody is a customer, and no figure of what they bought
            first = self.env["sale.order"].sudo().search(self._sales_domain(), order="date_order", limit=1)
            note = self.env._("since %s", format_date(self.env, first.date_order, date_format="MMMM y"))
        return [self._person_line(label, note=note, record=self.partner_id or self)]

    def _value_lines(self):
        sales = self._sales() if self.env.user.has_group("sales_team.group_sale_salesman") else {}
        if not sales.get("count"):
            return []
        action = self._list_action(self.env._("Sales"), "sale.order", list(self._sales_domain()))
        last = format_date(self.env, sales["last"])
        note = (
            self.env._("1 order, %s", last)
            if sales["count"] == 1
            else self.env._("%(count)s orders, last %(day)s", count=sales["count"], day=last)
        )
        return [
            self._person_line(
                format_amount(self.env, sales["total"], self.company_id.currency_id), note=note, action=action
            )
        ]

    def _influence_lines(self):
        if not self.followers:
            return []
        figure = formatLang(self.env, self.followers, digits=0)
        return [self._person_line(self.env._("%s followers", figure), record=self)]

    def _consent_lines(self):
        """Return why not to write to the person, or that they agreed; nothing where nothing is known."""
        lines = self.partner_id._community_contact_lines(self.company_id) if self.partner_id else []
        return lines if self.consent == "yes" else [line for line in lines if line["tone"] == "bad"]

    def _touch_lines(self):
        if self.partner_id:
            return self.partner_id._community_touch_lines(self.company_id)
        if not self.last_touch_at:
            return []
        name = self.env._("What we said")
        action = self._list_action(name, "community.reply", [("author_id", "=", self.id)])
        note = self.env._("%s in 30 days", self.touches) if self.touches > 1 else ""
        return [self._person_line("", note=note, action=action, moment=self.last_touch_at)]

    def _hold_lines(self):
        return [self._person_line(hold.name, record=hold) for hold in self._holds()]

    def _open_records(self):
        """Return the open leads and tickets of the person: list of (record as superuser, what it is)."""
        followups = [(self.env["community.lead"], self.env._("Lead"))]
        followups.append((self.env["community.ticket"]._backend(), self.env._("Ticket")))
        found = []
        for followup, kind in followups:
            # sudo: that something is open keeps the agent from opening it again; its content needs the rights to it
            record = self.sudo()[followup._link_field()]
            if record and record.filtered_domain(followup._open_domain()):
                found.append((record, kind))
        return found

    def _open_lines(self):
        return [
            self._person_line(record.display_name, note=kind, record=record) for record, kind in self._open_records()
        ]

    def _earlier_lines(self, mention):
        """Return what else the person said, the newest first, one line for each conversation."""
        mentions = self.env["community.mention"]
        domain = [("author_id", "in", self._profiles().ids), ("outgoing", "=", False), ("id", "!=", mention.id)]
        found = mentions.search(domain, limit=MOST_EARLIER * 5)
        seen = {mention.conversation_id.id} - {False}
        earlier = mentions
        for one in found:
            if one.conversation_id.id in seen:
                continue
            seen |= {one.conversation_id.id} - {False}
            earlier += one
        states = dict(mentions._fields["state"]._description_selection(self.env))
        lines = [
            self._person_line(one.summary, note=states[one.state], record=one, moment=one.published_at)
            for one in earlier[:MOST_EARLIER]
        ]
        if len(earlier) > MOST_EARLIER:
            action = self._list_action(self.env._("Mentions"), mentions._name, domain[:1])
            lines.append(self._person_line(self.env._("All of them"), action=action))
        return lines
