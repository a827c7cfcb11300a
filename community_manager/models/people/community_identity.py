import logging

from odoo import api, models
from odoo.tools import SQL

from ...analysis.addresses import PUBLIC_MAIL, email_key, host_of, site_key
from ...analysis.identity import Contact, Handle, Profile, contact_keys, match, profile_keys
from ..platform.cursors import is_concurrency_error
from .community_author_identity import AUTOMATIC

_logger = logging.getLogger(__name__)

#: profiles, and contacts, that are looked at in one transaction
BATCH = 500
CONTACTS = 2000
#: what more contacts than this have in common says nothing of one of them
COMMON = 20
#: unmatched profiles that one change of a contact brings up again, for each thing in common
AGAIN = 200
#: kinds of keys that only one person ought to have: mailbox, site, handle
PERSONAL = ("e", "u", "h")


class CommunityIdentity(models.AbstractModel):
    """Whose the profiles are: what may be the same is found by keys, compared, and linked, proposed or left.

    Work is in proportion to what is new or changed.  Each batch is one transaction; whoever is killed leaves what was
    not finished to the next.
    """

    _name = "community.identity"
    _description = "Matching of Authors and Contacts"

    @api.model
    def _cron_match(self):
        """Look at changed contacts and at new and changed profiles, until none is left or the time is used up."""
        progress = self.env["ir.cron"]._commit_progress
        left = progress(0)
        while left:
            try:
                done = self._fill_contacts() or self._refresh_stale() or self._match_due()
            except Exception as error:
                if not is_concurrency_error(error):
                    raise
                self.env.cr.rollback()  # another worker was quicker with one of them
                left = progress(0)
                continue
            if not done:
                break
            left = progress(done, remaining=1)

    # -- contacts ----------------------------------------------------------------------------------------------------

    @api.model
    def _fill_contacts(self):
        """Make the keys of contacts that were there before keys were made; return how many were looked at."""
        parameters = self.env["ir.config_parameter"].sudo()
        name = "community_manager.identity_filled"
        last = int(parameters.get_param(name, 0))
        if last < 0:
            return 0
        partners = self.env["res.partner"].sudo().with_context(active_test=False)
        ids = partners.search([("id", ">", last)], order="id", limit=CONTACTS).ids
        parameters.set_param(name, ids[-1] if ids else -1)
        self._refresh_contacts(ids)
        return len(ids)

    @api.model
    def _refresh_stale(self):
        ids = self.env["community.person.stale"]._take("identity", CONTACTS)
        self._refresh_contacts(ids)
        return len(ids)

    @api.model
    def _refresh_contacts(self, ids):
        """Make the keys of contacts anew, and have the profiles looked at again that they may be."""
        if not ids:
            return
        contacts = self._contacts(ids)
        rows = [
            (partner_id, key) for partner_id, (contact, _company) in contacts.items() for key in contact_keys(contact)
        ]
        self._replace_keys("partner_id", ids, rows)
        # narrow and set-wise: the ORM would write a date and a name on each of them
        self.env.cr.execute(
            SQL(
                """
                UPDATE community_author SET match_due = TRUE WHERE partner_id IS NULL AND NOT match_due AND id IN (
                    SELECT a.author_id FROM (SELECT DISTINCT unnest(%s::varchar[]) AS key) k CROSS JOIN LATERAL (
                        SELECT author_id FROM community_identity_key
                        WHERE key = k.key AND author_id IS NOT NULL LIMIT %s
                    ) a
                )
                """,
                [key for _id, key in rows],
                AGAIN,
            )
        )
        self.env["community.author"].invalidate_model(["match_due"])

    @api.model
    def _replace_keys(self, column, ids, rows):
        # raw: hundreds of thousands of narrow rows that nobody reads through the ORM
        cr, column = self.env.cr, SQL.identifier(column)
        cr.execute(SQL("DELETE FROM community_identity_key WHERE %s = ANY(%s)", column, list(ids)))
        if rows:
            cr.execute(
                SQL(
                    "INSERT INTO community_identity_key (%s, key) SELECT * FROM unnest(%s::integer[], %s::varchar[])",
                    column,
                    [record_id for record_id, _key in rows],
                    [key for _id, key in rows],
                )
            )

    @api.model
    def _contacts(self, ids):
        """Return ``{contact id: (Contact, company id or False)}``, but of mere addresses."""
        partners = self.env["res.partner"].sudo()
        names = [
            "name",
            "email",
            "website",
            "city",
            "is_company",
            "company_id",
            "commercial_partner_id",
            "company_name",
        ]
        found = partners.search_fetch([("id", "in", list(ids)), ("type", "=", "contact")], names)
        handles = self.env["community.handle"].sudo().search([("partner_id", "in", found.ids)]).grouped("partner_id")
        linked = (
            self.env["community.author"]
            .sudo()
            .search_fetch([("partner_id", "in", found.ids)], ["partner_id", "network", "realm", "external_id"])
        )
        profiles = linked.grouped("partner_id")
        return {
            one.id: (
                Contact(
                    one.id,
                    name=one.name or "",
                    email=one.email or "",
                    website=one.website or "",
                    city=one.city or "",
                    company="" if one.is_company else self._company_of(one),
                    is_company=one.is_company,
                    domains=self._domains_of(one),
                    handles=tuple(
                        Handle(h.network, h.handle, h.realm or "", h.external_id or "") for h in handles.get(one, ())
                    ),
                    profiles=frozenset((a.network, a.realm or "", a.external_id) for a in profiles.get(one, ())),
                ),
                one.company_id.id,
            )
            for one in found
        }  # fmt: skip

    @api.model
    def _company_of(self, partner):
        owner = partner.commercial_partner_id
        return (owner.name if owner != partner else partner.company_name) or ""

    @api.model
    def _domains_of(self, partner):
        owner = partner.commercial_partner_id
        if owner == partner and not partner.is_company:
            return ()
        domains = {host_of(site_key(owner.website)), email_key(owner.email).partition("@")[2]}
        return tuple(sorted(domains - PUBLIC_MAIL - {""}))

    @api.model
    def _forget(self, column, ids):
        """Remove the keys of contacts ("partner_id") or of profiles ("author_id")."""
        self._replace_keys(column, ids, [])

    # -- profiles ----------------------------------------------------------------------------------------------------

    @api.model
    def _match_due(self):
        """Match the next profiles that are new or changed; return how many were looked at."""
        rows = self.env.execute_query(
            SQL("SELECT id FROM community_author WHERE match_due ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED", BATCH)
        )
        authors = self.env["community.author"].sudo().browse([author_id for (author_id,) in rows])
        if not authors:
            return 0
        self.env.cr.execute(SQL("UPDATE community_author SET match_due = FALSE WHERE id = ANY(%s)", authors.ids))
        authors.invalidate_recordset(["match_due"], flush=False)
        try:
            with self.env.cr.savepoint():
                self._match_authors(authors)
                self.env.flush_all()
        except Exception as error:
            if self.env["community.ingest"]._is_infrastructure(error):
                raise
            self.env.invalidate_all(flush=False)
            self._match_one_by_one(authors)
        return len(authors)

    @api.model
    def _match_one_by_one(self, authors):
        """Let the one that cannot be matched stop nobody else."""
        for author in authors:
            try:
                with self.env.cr.savepoint():
                    self._match_authors(author)
                    self.env.flush_all()
            except Exception as error:
                if self.env["community.ingest"]._is_infrastructure(error):
                    raise
                self.env.invalidate_all(flush=False)
                _logger.exception("author %s: could not be matched", author.id)

    @api.model
    def _profiles(self, authors):
        """Return ``{author id: Profile}``."""
        return {
            one.id: Profile(
                one.network,
                one.external_id,
                realm=one.realm or "",
                handle=one.handle or "",
                name=one.name or "",
                email=one.email or "",
                url=one.url or "",
                verified_urls=tuple((one.verified_urls or "").split()),
                bot=one.bot,
            )
            for one in authors
        }

    @api.model
    def _match_authors(self, authors):
        """Link or propose contacts for some profiles."""
        profiles = self._profiles(authors)
        rows = [(author_id, key) for author_id, profile in profiles.items() for key in profile_keys(profile)]
        self._replace_keys("author_id", authors.ids, rows)
        free = authors.filtered(lambda author: not author.partner_id)
        asked = set(free.ids)
        rows = [row for row in rows if row[0] in asked]
        near = self._sharing("partner_id", rows)
        rows = [row for row in rows if row[0] in near and row[1][0] in PERSONAL]
        beside = self._sharing("author_id", rows)
        self._judge(free.filtered(lambda author: author.id in near), profiles, near, beside)
        self._drop_stale_proposals(free.filtered(lambda author: author.id not in near))

    @api.model
    def _sharing(self, column, rows):
        """Return ``{author id: ids of who has a key in common}``; what too many have is passed over."""
        column = SQL.identifier(column)
        found = self.env.execute_query(
            SQL(
                """
                SELECT k.author_id, k.key, o.other FROM unnest(%s::integer[], %s::varchar[]) AS k(author_id, key)
                CROSS JOIN LATERAL (
                    SELECT %s AS other FROM community_identity_key WHERE key = k.key AND %s IS NOT NULL LIMIT %s
                ) o
                """,
                [author_id for author_id, _key in rows], [key for _id, key in rows], column, column, COMMON + 1,
            )
        )  # fmt: skip
        by_key = {}
        for author_id, key, other in found:
            by_key.setdefault((author_id, key), set()).add(other)
        shared = {}
        for (author_id, _key), others in by_key.items():
            if len(others) <= COMMON:
                shared.setdefault(author_id, set()).update(others)
        return shared

    @api.model
    def _judge(self, authors, profiles, near, beside):
        contacts = self._contacts({partner for author in authors for partner in near[author.id]})
        others = (
            self.env["community.author"].sudo().browse({other for ids in beside.values() for other in ids}).exists()
        )
        companies = {other.id: other.company_id.id for other in others}
        profiles = {**self._profiles(others), **profiles}
        pairs = self.env["community.match"].sudo().search([("author_id", "in", authors.ids)])
        known = {(pair.author_id.id, pair.partner_id.id): pair for pair in pairs}
        refused = {key for key, pair in known.items() if pair.state in ("refused", "undone")}
        links, made, likely = {}, [], set()
        for author in authors:
            theirs = [contacts[one] for one in near[author.id] if one in contacts]
            theirs = [contact for contact, company in theirs if company in (False, author.company_id.id)]
            around = [
                profiles[one]
                for one in beside.get(author.id, ())
                if one != author.id and companies.get(one) == author.company_id.id
            ]
            no = {partner for one, partner in refused if one == author.id}
            link, proposals = match(profiles[author.id], theirs, around, no)
            if link:
                links[author.id] = (link.contact, link.origin, link.confidence, link.reasons)
                continue
            for verdict in proposals:
                likely.add((author.id, verdict.contact))
                values = {"origin": verdict.origin, "confidence": verdict.confidence, "evidence": verdict.reasons}
                pair = known.get((author.id, verdict.contact))
                if pair and (pair.confidence, pair.evidence) != (verdict.confidence, verdict.reasons):
                    pair.write(values)
                elif not pair:
                    ids = {"author_id": author.id, "partner_id": verdict.contact, "company_id": author.company_id.id}
                    made.append({**ids, **values})
        self.env["community.match"].sudo().create(made)
        self.env["community.author"].sudo().with_context(**{AUTOMATIC: True})._link(links)
        linked = {(author_id, link[0]) for author_id, link in links.items()}
        gone = [pair.id for key, pair in known.items() if pair.state == "proposed" and key not in likely | linked]
        pairs.browse(gone).unlink()

    @api.model
    def _drop_stale_proposals(self, authors):
        """Take back proposals for which nothing speaks any more, and on which nobody decided."""
        self.env["community.match"].sudo().search(
            [("author_id", "in", authors.ids), ("state", "=", "proposed")]
        ).unlink()

    # -- at arrival --------------------------------------------------------------------------------------------------

    @api.model
    def _arrived(self, authors):
        """Link new profiles by their e-mail at once, for rules ask whose they are; the rest is found soon after.

        :param authors: ``community.author`` records that were just stored, of one company
        """
        addresses = {author.id: email_key(author.email) for author in authors if not author.partner_id}
        wanted = sorted({address for address in addresses.values() if address})
        if not wanted:
            return
        domain = [("email_normalized", "in", wanted), ("company_id", "in", [False, *authors.company_id.ids])]
        partners = self.env["res.partner"].sudo().search(domain)
        there = set(partners.mapped("email_normalized"))
        asked = authors.sudo().filtered(lambda author: addresses.get(author.id) in there)
        if not asked:
            return
        same = [("company_id", "in", asked.company_id.ids), ("email", "in", asked.mapped("email"))]
        others = self.env["community.author"].sudo().search(same)
        addressed = {other.id: email_key(other.email) for other in others}
        profiles = self._profiles(others | asked)
        contacts = [contact for contact, _company in self._contacts(partners.ids).values()]
        refused = {}
        for pair in (
            self.env["community.match"]
            .sudo()
            .search([("author_id", "in", asked.ids), ("state", "in", ("refused", "undone"))])
        ):
            refused.setdefault(pair.author_id.id, set()).add(pair.partner_id.id)
        links = {}
        for author in asked:
            address = addresses[author.id]
            theirs = [contact for contact in contacts if email_key(contact.email) == address]
            beside = [profiles[one] for one, other in addressed.items() if other == address and one != author.id]
            link, _proposals = match(profiles[author.id], theirs, beside, refused.get(author.id, ()))
            if link:
                links[author.id] = (link.contact, link.origin, link.confidence, link.reasons)
        if links:
            self.env["community.author"].sudo().with_context(**{AUTOMATIC: True})._link(links)
