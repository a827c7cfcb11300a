from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError


class CommunityPersonErase(models.TransientModel):
    """Erase a person: says what goes and what stays, and asks for their name."""

    _name = "community.person.erase"
    _description = "Erase a Person"

    partner_id = fields.Many2one("res.partner", readonly=True)
    author_id = fields.Many2one("community.author", readonly=True)
    person_name = fields.Char(compute="_compute_person", string="Person")
    goes = fields.Html(compute="_compute_person", string="What goes", sanitize=False)
    stays = fields.Html(compute="_compute_person", string="What stays", sanitize=False)
    has_contact = fields.Boolean(compute="_compute_person")
    must_stay = fields.Boolean(compute="_compute_person", string="Has orders or invoices")
    empty = fields.Boolean(
        string="Empty the contact too",
        help="Takes name, addresses and notes out of the contact and archives it. Orders and invoices then show an "
        "erased person: not where the law wants them kept with the name.",
    )
    typed = fields.Char(string="Type the name to confirm")

    @api.model
    def _open(self, values):
        """Return the action that opens the dialog for somebody."""
        self._check()
        dialog = self.create(values)
        dialog.empty = dialog.has_contact and not dialog.must_stay
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Erase a person"),
            "res_model": self._name,
            "res_id": dialog.id,
            "views": [(False, "form")],
            "target": "new",
        }

    def _check(self):
        """Raise when this user may not erase people."""
        self.env["community.timeline"]._timeline_check()
        if not self.env.user.has_group("community_manager.group_admin"):
            raise AccessError(self.env._("Only administrators of the community erase people."))

    @api.depends("partner_id", "author_id")
    def _compute_person(self):
        for dialog in self:
            person = dialog.partner_id or dialog.author_id
            dialog.person_name = person.display_name if not dialog.partner_id else dialog.partner_id.name
            dialog.has_contact = bool(dialog.partner_id) and dialog._may_empty()
            dialog.must_stay = bool(dialog._kept_records())
            data = person._community_personal_data()
            stay = ("contact", "orders", "invoices")
            goes = [(entry["label"], len(entry["records"])) for entry in data if entry["code"] not in stay]
            dialog.goes = dialog._as_list(
                [f"{label}: {count}" for label, count in goes if count] or [self.env._("Nothing is kept.")]
            )
            dialog.stays = dialog._as_list(dialog._stays(data))

    def _may_empty(self):
        """Return whether the contact is of a natural person without a login."""
        contact = self.partner_id.sudo()
        return bool(contact) and not contact.is_company and not contact.user_ids

    def _kept_records(self):
        """Return orders and invoices because of which the contact has to stay, as superuser."""
        if not self.partner_id:
            return []
        mine = [("partner_id", "=", self.partner_id.id)]
        orders = self.env["sale.order"].sudo().search([*mine, ("state", "=", "sale")], limit=1)
        return orders or self.env["account.move"].sudo().search([*mine, ("state", "=", "posted")], limit=1)

    def _stays(self, data):
        """Return the sentences about what is not erased."""
        counts = {entry["code"]: len(entry["records"]) for entry in data}
        sentences = [self.env._("Figures that name nobody: how many mentions, when, where, with which feeling.")]
        if counts.get("orders") or counts.get("invoices"):
            sentences.append(
                self.env._(
                    "%(orders)s orders and %(invoices)s invoices: accounting has to keep them.",
                    orders=counts.get("orders", 0),
                    invoices=counts.get("invoices", 0),
                )
            )
        if self.partner_id and not self._may_empty():
            sentences.append(self.env._("The contact: it is a company, or has a login. Change it in Contacts."))
        sentences.append(
            self.env._("What other applications keep of them, and what others say of them: see the privacy look-up.")
        )
        sentences.append(
            self.env._(
                "A keyed hash of each profile, so that they are not collected again. What they address to us from now "
                "on is kept."
            )
        )
        return sentences

    def _as_list(self, sentences):
        return Markup("<ul class='mb-0'>%s</ul>") % Markup("").join(Markup("<li>%s</li>") % one for one in sentences)

    def action_erase(self):
        """Erase the person.

        :raises UserError: the name was not typed, or other companies know this person too
        """
        self.ensure_one()
        self._check()
        person = self.partner_id or self.author_id
        person.check_access("read")
        if " ".join((self.typed or "").casefold().split()) != " ".join((self.person_name or "").casefold().split()):
            raise UserError(self.env._("Type the name as it stands above, so that nobody is erased by mistake."))
        authors = self.author_id
        self.env["community.erasing"]._check_companies(self.partner_id, authors)
        empty = self.empty and self._may_empty()
        # sudo is taken there: an administrator of the community erases what people of all rooms have written
        self.env["community.erasing"]._erase(self.partner_id, authors, empty=empty)
        self.typed = False
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._("Everything that named this person is erased. The privacy log says how much."),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }
