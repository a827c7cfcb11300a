from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from .community_author_identity import AGAIN

STATES = [("proposed", "To decide"), ("confirmed", "Confirmed"), ("refused", "Refused"), ("undone", "Undone")]
ORIGINS = [
    ("manual", "By hand"),
    ("email", "Same e-mail"),
    ("url", "Verified address"),
    ("handle", "Handle on the contact"),
    ("name", "Alike"),
]


class CommunityMatch(models.Model):
    """That a profile may be a contact's, or is, or is not: a pair, what speaks for it, and what was decided.

    There is one record for each pair, for ever: a pair that was refused or undone is never proposed again.
    """

    _name = "community.match"
    _description = "Author and Contact"
    _order = "confidence desc, id desc"

    author_id = fields.Many2one("community.author", required=True, readonly=True, ondelete="cascade")
    partner_id = fields.Many2one(
        "res.partner", string="Contact", required=True, readonly=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    state = fields.Selection(STATES, required=True, default="proposed", readonly=True)
    origin = fields.Selection(ORIGINS, string="Strongest evidence", readonly=True)
    confidence = fields.Float(readonly=True, aggregator=None, string="How sure")
    evidence = fields.Json(readonly=True)
    decided_at = fields.Datetime(readonly=True)
    decided_by = fields.Many2one("res.users", readonly=True, help="Empty: linked automatically.")
    reasons = fields.Text(compute="_compute_reasons", string="Why")
    network = fields.Selection(related="author_id.network")
    author_handle = fields.Char(related="author_id.handle", string="Handle")
    author_email = fields.Char(related="author_id.email", string="E-mail of the author")
    author_url = fields.Char(related="author_id.url", string="Profile")
    mention_count = fields.Integer(related="author_id.mention_count", string="Mentions")
    linked_id = fields.Many2one(related="author_id.partner_id", string="Linked to")
    partner_email = fields.Char(related="partner_id.email", string="E-mail of the contact")
    partner_city = fields.Char(related="partner_id.city", string="City")
    partner_company_id = fields.Many2one(related="partner_id.parent_id", string="Company of the contact")
    link_ids = fields.One2many("community.match.link", "match_id", readonly=True, string="History")

    _unique_pair = models.UniqueIndex("(author_id, partner_id)")
    _waiting = models.Index("(company_id, confidence) WHERE state = 'proposed'")

    @api.depends("author_id", "partner_id")
    def _compute_display_name(self):
        for pair in self:
            pair.display_name = f"{pair.author_id.display_name} – {pair.partner_id.sudo().display_name}"

    @api.depends("evidence")
    @api.depends_context("lang")
    def _compute_reasons(self):
        said = self._sentences()
        for pair in self:
            lines = [said[code] for code in pair.evidence or () if code in said]
            if pair.origin == "manual" and not lines:
                lines = [self.env._("Linked by hand.")]
            pair.reasons = "\n".join(lines)

    @api.model
    def _sentences(self):
        """Return ``{code of a reason: sentence}``, as analysis names them."""
        return {
            "same_identity": self.env._("The profile that this handle of the contact belongs to."),
            "same_handle": self.env._("The handle that stands on the contact."),
            "handle_moved": self.env._("The handle stands on the contact, but belongs to somebody else now."),
            "handle_without_server": self.env._("The handle stands on the contact without its server."),
            "handle_unvouched": self.env._("The handle stands on the contact, but nobody vouches for it here."),
            "handle_of_several_profiles": self.env._("Several profiles have this handle."),
            "handle_of_several_contacts": self.env._("Several contacts have this handle."),
            "handle_other_name": self.env._("The handle stands on the contact, but the name is another."),
            "same_email": self.env._("The same e-mail."),
            "email_of_several_contacts": self.env._("The same e-mail, which several contacts have."),
            "email_of_several_profiles": self.env._("The same e-mail, which other profiles use too."),
            "shared_mailbox": self.env._("The same e-mail, but a mailbox that several people may read."),
            "email_other_name": self.env._("The same e-mail, but another name."),
            "same_site": self.env._("The website of the contact, which the network verified."),
            "site_claimed": self.env._("The website of the contact, which nobody verified."),
            "site_of_several_contacts": self.env._("A verified website that several contacts have."),
            "site_of_several_profiles": self.env._("A verified website that several profiles have."),
            "site_other_name": self.env._("The website of the contact, but another name."),
            "same_name": self.env._("The same name."),
            "alike_name": self.env._("Nearly the same name."),
            "near_name": self.env._("A name that differs by a letter."),
            "handle_spells_name": self.env._("The handle spells the name of the contact."),
            "same_company": self.env._("The same company."),
            "same_city": self.env._("The city of the contact."),
            "namesakes": self.env._("Several contacts have this name."),
            "has_profile_there": self.env._(
                "The contact has another profile on this network: beware of somebody who pretends."
            ),
            "several_certain": self.env._("As much speaks for another contact."),
        }

    # -- decisions ---------------------------------------------------------------------------------------------------

    def _check_may_decide(self):
        """
        :raises AccessError: the current user is no agent, or may not see one of these
        """
        if not self.env.user.has_group("community_manager.group_agent"):
            raise AccessError(self.env._("Only community agents decide whose a profile is."))
        self.check_access("read")
        self.author_id.check_access("write")

    def action_confirm(self):
        """Link the profiles to these contacts.

        :raises UserError: two contacts were chosen for one profile, or a profile is linked to another contact
        """
        self._check_may_decide()
        if len(self.author_id) < len(self):
            raise UserError(self.env._("Choose one contact for each author."))
        pairs = self.filtered(lambda pair: pair.state != "confirmed")
        pairs.sudo()._lock()
        taken = pairs.filtered(lambda pair: pair.linked_id and pair.linked_id != pair.partner_id)
        if taken:
            names = ", ".join(taken.author_id.mapped("display_name"))
            raise UserError(self.env._("These authors are linked to another contact already: %s", names))
        for pair in pairs:
            pair.author_id.write({"partner_id": pair.sudo().partner_id.id})
        return pairs._offer_undo(self.env._("%s linked", len(pairs)))

    def action_refuse(self):
        """Say that these profiles are not of these contacts; they are never proposed again."""
        self._check_may_decide()
        pairs = self.filtered(lambda pair: pair.state == "proposed")
        pairs.sudo().write({"state": "refused", "decided_at": fields.Datetime.now(), "decided_by": self.env.uid})
        return pairs._offer_undo(self.env._("%s refused", len(pairs)))

    def action_undo(self):
        """Take decisions back: what was linked is not any more, and all wait to be decided again."""
        self._check_may_decide()
        for pair in self.filtered(lambda pair: pair.state == "confirmed"):
            if pair.sudo().linked_id == pair.sudo().partner_id:
                pair.author_id.with_context(**{AGAIN: True}).write({"partner_id": False})
        rest = self.filtered(lambda pair: pair.state != "proposed").sudo()
        rest.write({"state": "proposed", "decided_at": False, "decided_by": False})
        self.sudo().author_id.match_due = True

    def _lock(self):
        """Let two people who decide on the same pairs come one after the other."""
        self.lock_for_update()

    def _offer_undo(self, message):
        """Return the action that tells what was done and takes it back with a click."""
        return {
            "type": "ir.actions.client",
            "tag": "community_match_done",
            "params": {"message": message, "ids": self.ids},
        }

    def action_open_author(self):
        """Open the author."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "community.author",
            "res_id": self.author_id.id,
            "views": [(False, "form")],
        }
