from odoo import api, fields, models
from odoo.exceptions import UserError

from .media import CONSENT_MEDIA

STATES = [("granted", "Agreed"), ("pending", "Asked"), ("withdrawn", "Refused"), ("unknown", "Not known")]
SOURCES = [
    ("hand", "Noted by staff"),
    ("page", "The person, on our page"),
    ("optin", "The person, by confirming"),
    ("list", "Mailing list"),
    ("blacklist", "Exclusion list"),
    ("import", "Import"),
    ("form", "Form"),
]
#: context key: what is written comes from a list or exclusion list and is not carried back there
FROM_ODOO = "community_consent_from_odoo"
#: what makes a change worth a line of the history
SHOWN = ("state", "source", "proof", "date")


class CommunityConsent(models.Model):
    """What a person agreed to or refused, for a purpose and a medium.

    Without a purpose, or by "all media", it is about everything.  Of those that are about a message the newest decides.
    """

    _name = "community.consent"
    _description = "Consent"
    _inherit = ["mail.thread"]
    _order = "date desc, id desc"
    _check_company_auto = True

    partner_id = fields.Many2one("res.partner", string="Person", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company, index=True)
    purpose_id = fields.Many2one(
        "community.purpose", index="btree_not_null", ondelete="cascade", help="Empty: whatever it is for."
    )
    medium = fields.Selection(CONSENT_MEDIA, required=True, default="email")
    state = fields.Selection(STATES, required=True, default="granted", tracking=True, index=True)
    source = fields.Selection(SOURCES, required=True, default="hand", tracking=True)
    proof = fields.Char(tracking=True, help="What shows it: a form, a recording, the address of a page, a paper.")
    date = fields.Datetime("Since", required=True, default=fields.Datetime.now, tracking=True)
    event_ids = fields.One2many("community.consent.event", "consent_id", string="History", readonly=True)
    email = fields.Char(related="partner_id.email")

    _unique_each = models.UniqueIndex(
        "(company_id, partner_id, COALESCE(purpose_id, 0), medium)",
        "There is an entry for this person, purpose and medium already: change that one.",
    )

    @api.depends("partner_id", "purpose_id", "medium", "state")
    def _compute_display_name(self):
        media = dict(self._fields["medium"]._description_selection(self.env))
        states = dict(self._fields["state"]._description_selection(self.env))
        for consent in self:
            purpose = consent.purpose_id.name or self.env._("Everything")
            consent.display_name = f"{purpose} · {media.get(consent.medium, '')}: {states.get(consent.state, '')}"

    @api.model_create_multi
    def create(self, vals_list):
        importing = self.env.context.get("import_file")
        for values in vals_list:
            if importing:
                values.setdefault("source", "import")
        consents = super().create(vals_list)
        consents._log_changes(dict.fromkeys(consents.ids))
        consents._tell_odoo()
        return consents

    def write(self, vals):
        if {"partner_id", "company_id", "purpose_id", "medium"} & set(vals) and not self.env.su:
            raise UserError(self.env._("What a consent is about does not change: make another entry."))
        before = {consent.id: consent.state for consent in self}
        if "state" in vals:
            vals.setdefault("date", fields.Datetime.now())
        result = super().write(vals)
        if set(SHOWN) & set(vals):
            self._log_changes(before)
        if "state" in vals:
            self._tell_odoo()
        return result

    def _log_changes(self, before):
        """Write the history.

        :param dict before: ``{id: state until now}``
        """
        # sudo: nobody writes the history by hand
        self.env["community.consent.event"].sudo().create(
            [
                {
                    "consent_id": consent.id,
                    "partner_id": consent.partner_id.id,
                    "purpose_id": consent.purpose_id.id,
                    "medium": consent.medium,
                    "before": before.get(consent.id) or False,
                    "after": consent.state,
                    "moment": consent.date,
                    "source": consent.source,
                    "proof": consent.proof,
                    "user_id": self.env.uid,
                }
                for consent in self
            ]
        )

    @api.model
    def _set(self, rows, again=False):
        """Note what persons agreed to or refused; what stands there already with that state stays.

        :param bool again: note it anew although it stands there: the newest word counts
        :param rows: list of dicts with ``partner_id``, ``company_id``, ``purpose_id`` (or False), ``medium``,
            ``state``, ``source`` and ``proof``
        :returns: the entries that changed
        """
        if not rows:
            return self.browse()
        keys = {
            (row["company_id"], row["partner_id"], row.get("purpose_id") or False, row["medium"]): row for row in rows
        }
        known = self.search(
            [
                ("partner_id", "in", list({key[1] for key in keys})),
                ("company_id", "in", list({key[0] for key in keys})),
            ]
        )
        changed = self.browse()
        for consent in known:
            key = (consent.company_id.id, consent.partner_id.id, consent.purpose_id.id, consent.medium)
            row = keys.pop(key, None)
            if row and (again or consent.state != row["state"]):
                consent.write({name: row.get(name) or False for name in ("state", "source", "proof")})
                changed += consent
        if keys:
            changed += self.create(list(keys.values()))
        return changed

    def action_withdraw(self):
        """Note that the person does not want this any more."""
        self.write({"state": "withdrawn", "source": "hand"})

    def action_grant(self):
        """Note that the person agreed."""
        self.write({"state": "granted", "source": "hand"})

    def _tell_odoo(self):
        """Carry changes to Odoo's own lists; see the file about lists."""
