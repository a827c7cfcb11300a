from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from .erasing import Identity

#: mentions that are emptied together
BATCH = 500
#: what a lead, a ticket or an applicant keeps of the person it was made for, whatever application it is of
FOLLOWUP = (
    "description partner_id contact_name partner_name email_from email_cc phone partner_phone partner_email website"
    " street street2 zip city function referred html_field_history linkedin_profile applicant_notes"
    " partner_phone_sanitized email_normalized phone_sanitized"
).split()
#: texts of colleagues that may name anybody, by model
ELSEWHERE = {
    "community.handoff": ["asked", "name", "reason", "outcome_text", "answer"],
    "community.feedback": ["name", "description", "valid_note", "feasible_note", "useful_note"],
    "community.crisis": ["name", "what_happened", "what_worked", "what_to_change"],
    "community.crisis.event": ["text"],
    "community.crisis.task": ["name", "note"],
    "community.alert": ["note"],
    "community.hold": ["name"],
    "community.ask": ["question", "detail", "answer"],
    "community.reply": ["title", "text", "whole_text", "problem", "problem_detail"],
    "community.mention": ["close_note", "satisfaction_comment"],
}
#: records that belong to another one by its model and number
TRAIL = (("mail.message", "model"), ("mail.activity", "res_model"), ("ir.attachment", "res_model"))


class CommunityErasing(models.AbstractModel):
    """Erasing what is kept of a person: the one way, for the person's page and for Odoo's privacy look-up.

    Everything happens in the transaction of the caller: either all is gone or nothing.  What is gone already is not
    touched again, so that it may be repeated.
    """

    _name = "community.erasing"
    _description = "Erasing What Is Kept of a Person"

    @api.model
    def _erase(self, partners, authors=None, empty=False, keep_out=True):
        """Erase persons; whether this user may, the caller has checked.

        :param partners: ``res.partner`` records
        :param authors: ``community.author`` records without contact, which are persons of their own
        :param bool empty: take what identifies the persons out of their contacts too
        :param bool keep_out: do not keep what comes in of their profiles from now on
        :returns: ``{model: count}`` of what was erased or emptied
        :raises UserError: something to them is being sent at this moment
        """
        quiet = self.env(su=True, context={**self.env.context, "tracking_disable": True, "active_test": False})
        alone = (authors or self.env["community.author"]).with_env(quiet).filtered(lambda one: not one.erased_at)
        partners = partners.with_env(quiet) | alone.partner_id
        alone = alone.filtered(lambda one: not one.partner_id)
        stand_in = quiet["res.partner"]
        if alone:
            # rooms know persons by their contact: a profile without one gets one for the moment
            stand_in = stand_in.create({"name": "-", "active": False})
            models.Model.write(alone, {"partner_id": stand_in.id})
        persons = partners | stand_in
        profiles = quiet["community.author"].search([("partner_id", "in", persons.ids)])
        companies = profiles.company_id or self.env.company
        reference = (alone[:1] if not partners else partners[:1])._privacy_reference()
        if keep_out:
            quiet["community.kept.out"]._keep_out(profiles.filtered(lambda one: not one.erased_at), reference)
        counts = persons._community_erase()
        profiles.exists()._erase_profile()
        stand_in.unlink()
        if empty:
            add(counts, {"res.partner": partners._community_empty_contact()})
        self.env.flush_all()
        self.env.invalidate_all(flush=False)
        for company in companies if any(counts.values()) else ():
            self.env["community.privacy.log"]._note(company, "erased", reference, counts)
        return counts

    @api.model
    def _check_companies(self, partners, authors):
        """Raise when companies that this user does not work for know these persons too.

        :raises UserError: somebody who works for all of them has to do it
        """
        # sudo: only which companies there are
        known = self.env["community.author"].sudo().with_context(active_test=False)
        profiles = known.search([("partner_id", "in", partners.ids)]) | authors.sudo()
        others = profiles.company_id - self.env.user.company_ids
        if others:
            raise UserError(
                self.env._(
                    "Other companies know this person too: %s. Somebody who works for all of them has to erase.",
                    ", ".join(others.mapped("name")),
                )
            )

    @api.model
    def _identity(self, partners, authors):
        """Return the words that name some persons."""
        words = set()
        for partner in partners.filtered("name"):
            words |= {partner.name, partner.email, partner.email_normalized, partner.phone}
        for author in authors.filtered(lambda one: not one.erased_at):
            words |= {author.name, author.handle, author.email, author.url, author.avatar_url, author.external_id}
            words.add((author.handle or "").lstrip("@").partition("@")[0])
        return Identity(word for word in words if word and word != "-")

    @api.model
    def _ensure_nothing_leaves(self, replies):
        """Raise when something to a person is on its way: what a network may have taken cannot be taken back.

        :raises UserError: it has to be waited for
        """
        if replies.filtered(lambda reply: reply.state in ("sending", "uncertain")):
            raise UserError(self.env._("An answer to this person is being sent at this moment. Try again in a minute."))

    @api.model
    def _empty(self, records, values):
        """Write values into records past their own rules: no tracking, no notes, no look at states.

        :returns: number of records
        """
        records = records.exists()
        if records:
            models.Model.write(records, values)
        return len(records)

    @api.model
    def _empty_followups(self, records):
        """Take the person out of leads, tickets and applicants that were made for them; they stay as figures.

        :returns: number of records
        """
        records = records.exists()
        for record in records:
            fields = {name: record._fields[name] for name in FOLLOWUP if name in record._fields}
            values = {}
            for name, field in fields.items():
                if not field.store or (field.compute and field.readonly and not field.related):
                    continue
                if not field.required:
                    values[name] = False
                elif field.type in ("char", "text", "html"):
                    values[name] = self.env._("Erased")
            # first the contact, so that nothing is written back to it
            record.write({"partner_id": False, record._rec_name or "name": self.env._("Erased")})
            models.Model.write(record, {name: value for name, value in values.items() if name != "partner_id"})
        return len(records)

    @api.model
    def _erase_trail(self, records):
        """Remove the notes, messages, activities and files that belong to records.

        :returns: ``{model: count}``
        """
        counts = {}
        for model, link in TRAIL if records else ():
            found = (
                self.env[model]
                .sudo()
                .with_context(active_test=False)
                .search([(link, "=", records._name), ("res_id", "in", records.ids)])
            )
            counts[model] = len(found)
            found.unlink()
        return counts

    @api.model
    def _erase_dialogs(self, mentions):
        """Throw away open dialogs about mentions: their rows would outlive what is erased by a day."""
        for name in self.env:
            model = self.env[name]
            if not model._transient or not name.startswith("community."):
                continue
            for field in model._fields.values():
                if field.store and field.comodel_name == mentions._name and field.type in ("many2one", "many2many"):
                    model.sudo().search([(field.name, "in", mentions.ids)]).unlink()

    @api.model
    def _scrub_elsewhere(self, identity, companies):
        """Take a person out of what colleagues wrote of them where nothing links to the person.

        Looked for by words that hardly lead to anybody else, in the texts that only this product has.

        :returns: ``{model: count}``
        """
        counts = {}
        words = identity.telling()
        for model, names in ELSEWHERE.items() if words else ():
            records = self.env[model].sudo()
            wanted = Domain.OR(Domain(name, "ilike", word) for name in names for word in words)
            if "company_id" in records._fields:
                wanted &= Domain("company_id", "in", companies.ids)
            counts[model] = self._scrub(records.search(wanted), names, identity)
        counts["mail.message"] = self._scrub_messages(words, identity)
        return counts

    @api.model
    def _scrub_messages(self, words, identity):
        """Take a person out of notes, mails and activities about records of this product, leads and tickets.

        :returns: number of messages
        """
        if not words:
            return 0
        ours = [name for name in self.env if name.startswith("community.")]
        ours += ["crm.lead", *(self.env[name]._target for name in self.env["community.ticket"]._backends().values())]
        texts = Domain.OR(Domain(name, "ilike", word) for name in ("body", "subject") for word in words)
        messages = self.env["mail.message"].sudo().search(Domain("model", "in", ours) & texts)
        self._scrub(messages, ["body", "subject", "email_from"], identity)
        in_mails = Domain.OR(Domain("body_html", "ilike", word) for word in words)
        mails = self.env["mail.mail"].sudo().search(Domain("model", "in", ours) & in_mails)
        self._scrub(mails, ["body_html"], identity)
        named = Domain.OR(Domain(name, "ilike", word) for name in ("summary", "note", "res_name") for word in words)
        activities = self.env["mail.activity"].sudo().with_context(active_test=False)
        activities = activities.search(Domain("res_model", "in", ours) & named)
        self._scrub(activities, ["summary", "note", "res_name"], identity)
        return len(messages)

    @api.model
    def _scrub(self, records, names, identity):
        """Take a person out of some fields of records and out of their messages, which stay otherwise.

        :param list names: of text and Json fields
        :param identity: see :class:`.erasing.Identity`
        :returns: number of records in which something was changed
        """
        changed = set()
        for record in records.exists():
            values = {}
            for name in names:
                before = record[name]
                after = identity.scrub_all(str(before) if isinstance(before, str) else before)
                if before and after != before:
                    values[name] = after
            if values:
                models.Model.write(record, values)
                changed.add(record.id)
        messages = self.env["mail.message"].sudo()
        if records and hasattr(records, "message_ids"):
            messages = messages.search([("model", "=", records._name), ("res_id", "in", records.ids)])
        for message in messages:
            values = {
                name: identity.scrub(str(message[name]))
                for name in ("body", "subject", "record_name", "email_from")
                if name in message._fields and message._fields[name].store and message[name]
                if identity.scrub(str(message[name])) != str(message[name])
            }
            if values:
                models.Model.write(message, values)
                changed.add(message.res_id)
            for value in message.tracking_value_ids:
                texts = {
                    name: identity.scrub(value[name])
                    for name in ("old_value_char", "new_value_char", "old_value_text", "new_value_text")
                    if value[name] and identity.scrub(value[name]) != value[name]
                }
                if texts:
                    value.write(texts)
        return len(changed)


def add(counts, more):
    """Add counts of records to others, which are changed."""
    for model, count in more.items():
        if count:
            counts[model] = counts.get(model, 0) + count
    return counts
