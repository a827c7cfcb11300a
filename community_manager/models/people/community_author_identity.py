from odoo import api, fields, models
from odoo.exceptions import UserError

from ...analysis.addresses import handle_key
from ...analysis.identity import profile_handle

#: context key: the link is being noted already
LINKING = "community_linking"
#: context key: nobody decided it, the evidence did
AUTOMATIC = "community_linked_automatically"
#: context key: a decision is taken back, so the pair waits for another one
AGAIN = "community_link_to_decide"
#: what a change of makes it worth looking again whose profile it is
TELLING = frozenset(("name", "handle", "url", "email", "verified_urls", "realm", "external_id"))


class CommunityAuthor(models.Model):
    """Profiles and the contacts whose they are: each link and its end are noted, with who, when and why."""

    _inherit = "community.author"
    _told = frozenset(
        ("company_id", "network", "realm", "external_id", "name", "handle", "url", "email", "verified_urls")
    )

    verified_urls = fields.Char(
        readonly=True, string="Verified addresses", help="Sites that the network checked to belong to this profile."
    )
    match_due = fields.Boolean(default=True, readonly=True, copy=False)
    match_ids = fields.One2many("community.match", "author_id", string="Whose it may be")
    match_link_ids = fields.One2many("community.match.link", "author_id", string="Links")
    match_count = fields.Integer(compute="_compute_match_count", string="Contacts to decide on")

    _match_due = models.Index("(id) WHERE match_due")

    @api.depends("match_ids.state", "partner_id")
    def _compute_match_count(self):
        counts = dict(
            self.env["community.match"]._read_group(
                [("author_id", "in", self.ids), ("state", "=", "proposed")], ["author_id"], ["__count"]
            )
        )
        for author in self:
            author.match_count = 0 if author.partner_id else counts.get(author, 0)

    @api.model
    def _profile_values(self, item):
        values = super()._profile_values(item)
        if item.verified_urls:
            values["verified_urls"] = " ".join(item.verified_urls)
        return values

    @api.model
    def _profile_names(self):
        return [*super()._profile_names(), "verified_urls"]

    def _met(self):
        result = super()._met()
        self.env["community.identity"]._arrived(self)
        return result

    @api.model_create_multi
    def create(self, vals_list):
        authors = super().create(vals_list)
        linked = authors.browse(
            [author.id for author, values in zip(authors, vals_list, strict=True) if values.get("partner_id")]
        )
        if linked:
            for author in linked.filtered(lambda author: not author.link_origin):
                author.with_context(**{LINKING: True}).write({"link_origin": "manual", "link_confidence": 1.0})
            linked._note_links(dict.fromkeys(linked.ids))
        return authors

    def write(self, vals):
        if not TELLING.isdisjoint(vals):
            vals = {**vals, "match_due": True}
        if "partner_id" not in vals or self.env.context.get(LINKING):
            return super().write(vals)
        # sudo: of whom it was is noted whoever says that it is another's
        before = {author.id: author.partner_id.id for author in self.sudo()}
        result = super().write(vals)
        self._note_links(before)
        return result

    def _link(self, links):
        """Link profiles to contacts.

        :param dict links: ``{author id: (contact id, origin, confidence, list of reason codes)}``
        """
        authors = self.browse(links)
        before = {author.id: author.partner_id.id for author in authors.sudo()}
        for author in authors.with_context(**{LINKING: True}):
            partner_id, origin, confidence, _reasons = links[author.id]
            author.write({"partner_id": partner_id, "link_origin": origin, "link_confidence": confidence})
        authors._note_links(before, {author_id: reasons for author_id, (*_link, reasons) in links.items()})

    def _unlink_contact(self, why=""):
        """Say that these profiles are not of the contact that they are linked to.

        :param str why: kept with the link
        """
        self.with_context(community_link_why=why).write({"partner_id": False})

    def _note_links(self, before, reasons=None):
        """Note which links of these profiles ended, and which began.

        :param dict before: ``{author id: contact id or False}`` as it was
        :param dict reasons: ``{author id: codes of what speaks for the new one}``
        """
        reasons = reasons or {}
        # sudo: history is written by what people do, never by hand
        changed = [author for author in self.sudo() if before[author.id] != author.partner_id.id]
        if not changed:
            return
        matches = self.env["community.match"].sudo()
        now, who = fields.Datetime.now(), self.env.uid
        by = False if self.env.context.get(AUTOMATIC) else who
        known = {
            (one.author_id.id, one.partner_id.id): one
            for one in matches.search([("author_id", "in", [author.id for author in changed])])
        }
        ended = [(author, before[author.id]) for author in changed if before[author.id]]
        self._note_ended(ended, known, now, by)
        made = []
        for author in (author for author in changed if author.partner_id):
            values = {"state": "confirmed", "origin": author.link_origin or "manual", "decided_at": now}
            values |= {"decided_by": by, "confidence": author.link_confidence or 1.0}
            if author.id in reasons:
                values["evidence"] = reasons[author.id]
            pair = known.get((author.id, author.partner_id.id))
            if pair:
                pair.write(values)
            else:
                ids = {"author_id": author.id, "partner_id": author.partner_id.id, "company_id": author.company_id.id}
                made.append({**values, **ids})
        pairs = matches.create(made) | matches.browse(
            [known[key].id for key in ((author.id, author.partner_id.id) for author in changed) if key in known]
        )
        self.env["community.match.link"].sudo().create(
            [
                {
                    "match_id": pair.id,
                    "company_id": pair.company_id.id,
                    "linked_at": now,
                    "linked_by": by,
                    "origin": pair.origin,
                    "confidence": pair.confidence,
                }
                for pair in pairs
            ]
        )
        self._pin_handles([author for author in changed if author.partner_id])
        stale = [author.partner_id.id for author in changed] + [before[author.id] for author in changed]
        self.env["community.person.stale"]._note("lifecycle", stale)
        self.env["community.person.stale"]._note("identity", stale)

    def _note_ended(self, ended, known, now, by):
        """Note that links ended: list of (author, id of the contact that it was)."""
        matches = self.env["community.match"].sudo()
        missing = [pair for pair in ended if (pair[0].id, pair[1]) not in known]
        gone = set(self.env["res.partner"].sudo().browse([partner for _author, partner in missing]).exists().ids)
        for author, partner_id in missing:
            if partner_id in gone:  # linked before links were noted
                values = {"author_id": author.id, "partner_id": partner_id, "company_id": author.company_id.id}
                known[author.id, partner_id] = matches.create({**values, "origin": "manual", "confidence": 1.0})
        pairs = matches.browse(
            [known[author.id, partner].id for author, partner in ended if (author.id, partner) in known]
        )
        state = "proposed" if self.env.context.get(AGAIN) else "undone"
        pairs.write({"state": state, "decided_at": now, "decided_by": by})
        links = self.env["community.match.link"].sudo()
        links.search([("match_id", "in", pairs.ids), ("ended_at", "=", False)]).write(
            {"ended_at": now, "ended_by": by, "ended_why": self.env.context.get("community_link_why") or False}
        )

    def _pin_handles(self, authors):
        """Remember of the handles of contacts through which these profiles are linked whose they are."""
        if not authors:
            return
        spelt = {
            (author.partner_id.id, author.network, profile_handle(author._identity_profile())): author
            for author in authors
        }
        partners = sorted({partner_id for partner_id, _network, _handle in spelt})
        free = [("partner_id", "in", partners), ("external_id", "=", False)]
        for handle in self.env["community.handle"].sudo().search(free):
            author = spelt.get((handle.partner_id.id, handle.network, handle_key(handle.network, handle.handle)))
            if author:
                handle._pin(author)

    def _identity_profile(self):
        """Return this author as analysis reads it."""
        return self.env["community.identity"]._profiles(self)[self.id]

    # -- by hand -----------------------------------------------------------------------------------------------------

    def action_create_partner(self):
        """Make a contact of this author, with what the network tells, and open it.

        :raises UserError: the author has a contact already
        """
        self.ensure_one()
        self.check_access("write")
        if self.partner_id:
            raise UserError(self.env._("%s has a contact already.", self.display_name))
        values = {"name": self.name or self.handle or self.external_id, "email": self.email or False}
        if self.handle:
            values["community_handle_ids"] = [
                fields.Command.create({"network": self.network, "handle": self.handle}),
            ]
        if self.verified_urls:
            values["website"] = self.verified_urls.split()[0]
        self.partner_id = self.env["res.partner"].create(values)
        return {
            "type": "ir.actions.act_window",
            "res_model": "res.partner",
            "res_id": self.partner_id.id,
            "views": [(False, "form")],
        }

    def action_unlink_partner(self):
        """Say that this profile is not of its contact; the pair is never proposed again."""
        self.check_access("write")
        self._unlink_contact()

    def action_open_matches(self):
        """Show the contacts that these authors may be."""
        action = self.env["ir.actions.act_window"]._for_xml_id("community_manager.action_matches")
        return {**action, "domain": [("author_id", "in", self.ids)], "context": {}}
