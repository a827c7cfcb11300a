import json
from datetime import date, datetime

from odoo import fields, models
from odoo.exceptions import AccessError

#: fields that stand in the export of each model, for whoever reads it to see what is kept
CONTACT = "name email phone street street2 zip city country_id function website lang tz comment create_date"


class ResPartner(models.Model):
    """What is kept of a person, to be shown and taken along."""

    _inherit = "res.partner"

    def _community_personal_data(self):
        env = self.sudo().with_context(active_test=False).env
        authors = env["community.author"].search([("partner_id", "in", self.ids)])
        mentions = env["community.mention"].search([("author_id", "in", authors.ids), ("outgoing", "=", False)])
        whose = [("partner_id", "in", self.ids)]
        of_authors = [("author_id", "in", authors.ids)]

        def section(code, label, records, names):
            names = [name for name in names.split() if name in records._fields]
            return {"code": code, "label": label, "records": records, "fields": names}

        invoices = [*whose, ("move_type", "in", ("out_invoice", "out_refund"))]
        addresses = [address for address in self.mapped("email_normalized") if address]
        messages = [("model", "=", "res.partner"), ("res_id", "in", self.ids), ("message_type", "!=", "notification")]
        sections = [
            section("contact", env._("Contact"), env[self._name].browse(self.ids), CONTACT),
            section(
                "profiles",
                env._("Profiles on networks"),
                authors,
                "network name handle url email followers external_id link_origin create_date",
            ),
            section(
                "mentions",
                env._("Mentions"),
                mentions,
                "published_at network kind title text url visibility language sentiment state deleted_at",
            ),
            section("versions", env._("Earlier texts"), mentions.version_ids, "replaced_at title text"),
            section(
                "answers",
                env._("Our answers"),
                env["community.reply"].search(of_authors),
                "sent_at network way text state user_id",
            ),
            section(
                "handoffs",
                env._("Hand-offs"),
                env["community.handoff"].search([("mention_ids.author_id", "in", authors.ids)]),
                "create_date department_id asked reason state outcome_text answer",
            ),
            section(
                "moderation",
                env._("Moderation"),
                env["community.moderation.record"].search(of_authors),
                "done_at action said reason appeal_text decision_note state",
            ),
            section(
                "dates", env._("Dates"), env["community.date"].search(whose), "kind name day month year source note"
            ),
            section(
                "leads",
                env._("Leads"),
                env["crm.lead"].search(whose) | mentions.lead_id | authors.lead_id,
                "create_date name description contact_name email_from phone stage_id",
            ),
        ]
        for model in env["community.ticket"]._backends().values():
            followup = env[model]
            link = followup._link_field()
            tickets = env[followup._target].search(whose) | mentions[link] | authors[link]
            sections.append(section("tickets", env._("Tickets"), tickets, "create_date name description stage_id"))
        return [
            *super()._community_personal_data(),
            *sections,
            section("orders", env._("Orders"), env["sale.order"].search(whose), "date_order name amount_total state"),
            section(
                "invoices",
                env._("Invoices"),
                env["account.move"].search(invoices),
                "invoice_date name move_type amount_total payment_state",
            ),
            section(
                "mailings",
                env._("Mailings"),
                env["mailing.trace"].search([("email", "in", addresses)]),
                "sent_datetime mass_mailing_id trace_type trace_status",
            ),
            section(
                "lists",
                env._("Mailing lists"),
                env["mailing.contact"].search([("email_normalized", "in", addresses)]),
                "name email list_ids",
            ),
            section("ratings", env._("Ratings"), env["rating.rating"].search(whose), "rated_on rating_text feedback"),
            section("messages", env._("E-mails and notes"), env["mail.message"].search(messages), "date subject body"),
        ]

    def _community_export(self):
        """Return everything that is kept of a person as plain data, those sections of which there is something.

        Only what belongs to the companies this user works for is in it.

        :returns: list of dicts with ``code``, ``label``, ``model``, ``columns`` (labels by field) and ``rows``
        """
        self.ensure_one()
        return self._community_told(self._community_personal_data())

    def _community_told(self, sections):
        """Return sections of what is kept as plain data, as far as they belong to the companies of this user."""
        companies = self.env.companies
        told = []
        for section in sections:
            records = section["records"]
            if "company_id" in records._fields and records._name != self._name:
                records = records.filtered(lambda one: not one.company_id or one.company_id in companies)
            if not records:
                continue
            names = section["fields"]
            # labels in the language of the reader, values as superuser: who is told has a right to all of it
            labels = records.with_env(self.env(su=True)).fields_get(names, ["string"])
            told.append(
                {
                    "code": section["code"],
                    "label": section["label"],
                    "model": records._name,
                    "columns": {name: labels[name]["string"] for name in names},
                    "rows": [{name: _plain(record[name]) for name in names} for record in records],
                }
            )
        return told

    def _community_check_export(self):
        """Raise when this user may not take a person's data along.

        :raises AccessError: no manager of the community, or somebody from outside
        """
        self.env["community.timeline"]._timeline_check()
        if not self.env.user.has_group("community_manager.group_manager"):
            raise AccessError(self.env._("Only managers of the community take a person's data along."))
        self.check_access("read")

    def action_community_export(self):
        """Open the dialog that gives everything that is kept of a person, to read or to take along."""
        self.ensure_one()
        self._community_check_export()
        return self.env["community.person.export"]._open({"partner_id": self.id})

    def action_community_erase(self):
        """Open the dialog that says what goes and what stays when a person is erased."""
        self.ensure_one()
        return self.env["community.person.erase"]._open({"partner_id": self.id})


def _plain(value):
    """Return the value of a field as plain data."""
    if isinstance(value, models.BaseModel):
        return ", ".join(name for name in value.mapped("display_name") if name)
    if isinstance(value, datetime):
        return fields.Datetime.to_string(value)
    if isinstance(value, date):
        return value.isoformat()
    if value is False or value is None:
        return ""
    return value if isinstance(value, int | float) else str(value)


def as_json(data):
    """Return plain data as text that machines read and people can."""
    return json.dumps(data, ensure_ascii=False, indent=2)
