import logging
from dataclasses import dataclass, field

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, clean_context
from odoo.tools.mail import plaintext2html

from ..listening.community_ingest import QUIET

_logger = logging.getLogger(__name__)

#: characters of a post that are quoted; whoever wants more follows the link
QUOTE_LENGTH = 5000


@dataclass(slots=True)
class Person:
    """Who wrote some mentions: a contact with all their profiles, a profile, or nobody we can name."""

    company_id: int
    partner_id: int = 0
    author_ids: list = field(default_factory=list)
    mentions: list = field(default_factory=list)


class CommunityFollowup(models.AbstractModel):
    """What mentions lead to: a record of another application, one open at a time for each person.

    A model that inherits this says what such a record is: :attr:`_target`, :meth:`_link_field`, :meth:`_open_domain`
    and :meth:`_values_list`.  Mentions and authors hold a Many2one of the same name to it: on the mention it is what
    became of it, on the author it is the newest one made here.

    Two workers that make one for the same person at once must end with one.  So the author rows are locked before
    anything is created, and written afterwards: the worker that comes second fails with a serialization error, replays
    its whole page, and then finds the record of the first.
    """

    _name = "community.followup"
    _description = "Follow-up of Mentions"

    #: name of the model of the records
    _target = ""

    @api.model
    def _link_field(self):
        """Return the name of the Many2one on mentions and authors."""
        raise NotImplementedError

    @api.model
    def _open_domain(self):
        """Return the domain of records that are not finished, whatever company they are of."""
        raise NotImplementedError

    @api.model
    def _values_list(self, company, persons, users):
        """Return the values of one new record for each person.

        :param company: one ``res.company``
        :param persons: list of :class:`Person`; the first of ``mentions`` gives the occasion
        :param dict users: ``{mention id: user id}`` of those who shall have it
        """
        raise NotImplementedError

    @api.model
    def _may_have(self, user):
        """Return whether what a user makes by hand can be theirs to work on."""
        return False

    # -- the work ----------------------------------------------------------------------------------------------------

    @api.model
    def _take_on(self, mentions, users=None, new=False, strict=True):
        """Add each mention to the open record of the person who wrote it, or make one.

        Whether the user may do so is the caller's question; here everything is done as superuser.

        :param mentions: ``community.mention`` records
        :param dict users: ``{mention id: user id}`` of those who shall have what is made
        :param bool new: make new records even for those who have an open one
        :param bool strict: raise what goes wrong; otherwise it is noted on the mention, which stays without a record
        :returns: (records created, records that something was added to)
        """
        made = self.env[self._target].sudo().browse()
        added = made
        quiet = mentions.sudo().with_context(**{**clean_context(self.env.context), **QUIET})
        for company, batch in quiet.grouped("company_id").items():
            language = self.env.lang or company.partner_id.lang
            inside = batch.with_company(company).with_context(allowed_company_ids=company.ids, lang=language)
            work = self.with_env(inside.env)
            persons = work._persons(company, batch.with_env(work.env))
            found = {} if new else work._find_open(company, persons)
            missing = [person for index, person in enumerate(persons) if index not in found]
            work._append([(persons[index], record_id) for index, record_id in found.items()])
            create = work._create_for if strict else work._create_or_tell
            made += create(company, missing, users or {}).with_env(made.env)
            added += added.browse(found.values())
        loud = {name: False for name in QUIET if self.env.context.get(name)}
        return (
            made.with_env(self.env).with_context(**loud),
            added.browse(sorted(set(added.ids))).with_env(self.env).with_context(**loud),
        )

    @api.model
    def _persons(self, company, mentions):
        """Return the :class:`Person` objects behind mentions of one company, with their mentions oldest first."""
        authors = mentions.author_id
        authors.fetch(["partner_id"])
        partners = authors.partner_id
        siblings = self.env["community.author"]
        if partners:
            siblings = siblings.search([("company_id", "=", company.id), ("partner_id", "in", partners.ids)])
        profiles = {partner.id: found.ids for partner, found in siblings.grouped("partner_id").items()}
        persons = {}
        for mention in mentions.sorted(lambda mention: (mention.published_at, mention.id)):
            author = mention.author_id
            ours = author.partner_id.company_id.id in (False, company.id)
            partner_id = ours and author.partner_id.id or 0
            key = ("partner", partner_id) if partner_id else ("author", author.id)
            if not author:
                key = ("mention", mention.id)
            if key not in persons:
                known = profiles.get(partner_id, author.ids) if author else []
                persons[key] = Person(company.id, partner_id, sorted({*known, *author.ids}))
            persons[key].mentions.append(mention)
        return list(persons.values())

    @api.model
    def _find_open(self, company, persons):
        """Return ``{index of the person: id of their open record}`` of those who have one.

        The newest that was made here for one of their profiles comes first, then the newest of the contact.
        """
        link = self._link_field()
        author_ids = [author_id for person in persons for author_id in person.author_ids]
        pointers = {
            row["id"]: row[link]
            for row in self.env["community.author"].browse(author_ids).read([link], load=None)
            if row[link]
        }
        partner_ids = [person.partner_id for person in persons if person.partner_id]
        if not pointers and not partner_ids:
            return {}
        records = self.env[self._target].search_fetch(
            fields.Domain("company_id", "in", [False, company.id])
            & fields.Domain(self._open_domain())
            & (fields.Domain("id", "in", list(pointers.values())) | fields.Domain("partner_id", "in", partner_ids)),
            ["partner_id"],
        )
        alive = set(records.ids)
        by_partner = {}
        for record in records:
            partner_id = record.partner_id.id
            by_partner[partner_id] = max(by_partner.get(partner_id, 0), record.id)
        found = {}
        for index, person in enumerate(persons):
            made_here = [pointers[author] for author in person.author_ids if pointers.get(author) in alive]
            record_id = max(made_here, default=0) or (by_partner.get(person.partner_id, 0) if person.partner_id else 0)
            if record_id:
                found[index] = record_id
        return found

    @api.model
    def _create_for(self, company, persons, users):
        """Create one record for each person, in one batch, and note where it comes from.

        :param company: one ``res.company``
        :param persons: list of :class:`Person`
        :param dict users: ``{mention id: user id}``
        """
        records = self.env[self._target]
        if not persons:
            return records
        self._lock([author_id for person in persons for author_id in person.author_ids])
        records = records.create(self._values_list(company, persons, users))
        bodies = {}
        for record, person in zip(records, persons, strict=True):
            first, *others = person.mentions
            origin = self.env._("Made from a mention: %s", first._get_html_link(self._label(first)))
            bodies[record.id] = Markup("").join([Markup("<p>%s</p>") % origin, *map(self._note, others)])
        records._message_log_batch(bodies)
        self._link(zip(persons, records.ids, strict=True))
        return records

    @api.model
    def _create_or_tell(self, company, persons, users):
        """Create like :meth:`_create_for`; what cannot be created keeps no mention from being stored."""
        if not persons:
            return self.env[self._target]
        try:
            with self.env.cr.savepoint():
                return self._create_for(company, persons, users)
        except Exception as error:
            if self.env["community.ingest"]._is_infrastructure(error):
                raise
            if len(persons) > 1:
                middle = len(persons) // 2
                return self._create_or_tell(company, persons[:middle], users) + self._create_or_tell(
                    company, persons[middle:], users
                )
            _logger.warning("no %s could be made of a mention: %s", self._target, error, exc_info=True)
            reason = str(error) if isinstance(error, UserError) else self.env._("the log of the server says why")
            kind = self.env["ir.model"]._get(self._target).name
            note = self.env._("No record of “%(kind)s” could be made: %(reason)s", kind=kind, reason=reason)
            mentions = persons[0].mentions[0].browse([mention.id for mention in persons[0].mentions])
            mentions._message_log_batch(dict.fromkeys(mentions.ids, note))
            return self.env[self._target]

    @api.model
    def _append(self, pairs):
        """Add what persons said to the records they have open.

        :param pairs: list of (:class:`Person`, record id)
        """
        bodies, link = {}, self._link_field()
        for person, record_id in pairs:
            news = [self._note(mention) for mention in person.mentions if mention[link].id != record_id]
            if news:
                bodies[record_id] = bodies.get(record_id, Markup("")) + Markup("").join(news)
        if bodies:
            self.env[self._target].browse(bodies)._message_log_batch(bodies)
        self._link(pairs)

    @api.model
    def _lock(self, author_ids):
        """Lock authors, always in the same order; raises a serialization error when another worker was first."""
        if author_ids:
            self.env["community.author"].flush_model([self._link_field()])
            self.env.cr.execute(
                SQL(
                    "SELECT id FROM community_author WHERE id IN %s ORDER BY id FOR NO KEY UPDATE",
                    tuple(sorted(set(author_ids))),
                )
            )

    @api.model
    def _link(self, pairs):
        """Point mentions and authors at their records."""
        link = self._link_field()
        mentions, authors = self.env["community.mention"], self.env["community.author"]
        for person, record_id in pairs:
            news = [mention.id for mention in person.mentions if mention[link].id != record_id]
            mentions.browse(news).write({link: record_id})
            authors.browse(person.author_ids).filtered(lambda a, r=record_id: a[link].id != r).write({link: record_id})

    # -- words -------------------------------------------------------------------------------------------------------

    @api.model
    def _label(self, mention):
        """Return "Ana on Mastodon", the name of a mention in a sentence."""
        network = dict(self.env["community.channel"]._selection_network()).get(mention.network, mention.network)
        author = mention.author_id.display_name or self.env._("Somebody")
        return self.env._("%(author)s on %(network)s", author=author, network=network)

    @api.model
    def _title(self, mention):
        """Return the name of a record made from a mention."""
        if mention.author_id:
            return self.env._("%(author)s: %(text)s", author=mention.author_id.display_name, text=mention.summary)
        return mention.summary

    @api.model
    def _quote(self, mention):
        """Return what a mention says, safe and with its link, as HTML."""
        text = "\n".join(filter(None, [mention.title, mention.text]))
        if len(text) > QUOTE_LENGTH:
            text = text[:QUOTE_LENGTH] + "…"
        # the class names the mention, so that the quote can be found again when its author deletes the post
        quote = Markup('<blockquote class="%s">%s</blockquote>') % (self._mark(mention), plaintext2html(text))
        quote = quote if text else Markup("")
        url = mention.url or ""
        if url.lower().startswith(("https://", "http://")):
            quote += Markup('<p><a href="%s" target="_blank" rel="noreferrer noopener">%s</a></p>') % (url, url)
        return quote

    @api.model
    def _mark(self, mention):
        """Return the HTML class of quotes of a mention."""
        return f"o_community_quote_{mention.id}"

    @api.model
    def _note(self, mention):
        """Return the note that adds a mention to a record, as HTML."""
        news = self.env._("New mention: %s", mention._get_html_link(self._label(mention)))
        return Markup("<p>%s</p>%s") % (news, self._quote(mention))
