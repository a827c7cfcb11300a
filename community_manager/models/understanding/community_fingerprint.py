from collections import defaultdict

from odoo import api, fields, models
from odoo.tools import SQL
from odoo.tools.constants import GC_UNLINK_LIMIT

from ...analysis.alike import ALIKE, gist, likeness
from .words import words_of

#: days back from today within which copies are looked for
DAYS = 30
#: fingerprints that are compared in one transaction
BATCH = 200
#: fingerprints that are kept of one group of copies: more would find nothing else, and thousands say the same
KEPT = 20
#: names of the columns that texts which may be copies share one of
BANDS = tuple(f"band_{number}" for number in range(16))


class CommunityFingerprint(models.Model):
    """What a recent text is recognised by in its copies, without reading it."""

    _name = "community.fingerprint"
    _description = "Fingerprint of a Text"
    _log_access = False

    mention_id = fields.Many2one("community.mention", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one("res.company", required=True, ondelete="cascade")
    published_at = fields.Datetime(required=True, index=True)
    compared = fields.Boolean(help="Its copies have been looked for.")
    band_0 = fields.Integer(index=True)
    band_1 = fields.Integer(index=True)
    band_2 = fields.Integer(index=True)
    band_3 = fields.Integer(index=True)
    band_4 = fields.Integer(index=True)
    band_5 = fields.Integer(index=True)
    band_6 = fields.Integer(index=True)
    band_7 = fields.Integer(index=True)
    band_8 = fields.Integer(index=True)
    band_9 = fields.Integer(index=True)
    band_10 = fields.Integer(index=True)
    band_11 = fields.Integer(index=True)
    band_12 = fields.Integer(index=True)
    band_13 = fields.Integer(index=True)
    band_14 = fields.Integer(index=True)
    band_15 = fields.Integer(index=True)

    _waiting = models.Index("(company_id, id) WHERE compared IS NOT TRUE")

    @api.model
    def _take(self, mentions, readings):
        """Keep the fingerprints of mentions instead of earlier ones; :meth:`_compare` looks for their copies later.

        What we wrote ourselves, what is older than some days and what is too short to compare has none.

        :param mentions: ``community.mention`` records
        :param readings: a :class:`~...analysis.engine.Reading` of each
        """
        since = fields.Datetime.subtract(fields.Datetime.now(), days=DAYS)
        earlier = {old.mention_id.id: old for old in self.search([("mention_id", "in", mentions.ids)])}
        gone, values = self.browse(), []
        for mention, reading in zip(mentions, readings, strict=True):
            bands = reading.bands if mention.published_at >= since and not mention.outgoing else None
            old = earlier.get(mention.id)
            if old and bands and tuple(old[name] for name in BANDS) == tuple(bands):
                continue
            gone |= old or gone
            if bands:
                facts = {"company_id": mention.company_id.id, "published_at": mention.published_at}
                values.append({"mention_id": mention.id, **facts, **dict(zip(BANDS, bands, strict=True))})
        gone.unlink()
        self.create(values)

    @api.model
    def _compare(self, company):
        """Group mentions with those of their fingerprints that wait and their copies.

        The first that was published is what the others are copies of, whichever arrived first.  Only one worker may do
        this for a company at a time: two would not see each other's groups.

        :param company: ``res.company``
        :returns: how many fingerprints were compared
        :rtype: int
        """
        waiting = self.search([("company_id", "=", company.id), ("compared", "=", False)], order="id", limit=BATCH)
        if not waiting:
            return 0
        waiting.compared = True
        # identical ones are asked for once: a wave of the same message costs no more than the message
        same = defaultdict(self.browse)
        for fingerprint in waiting:
            same[tuple(fingerprint[name] for name in BANDS)] |= fingerprint
        heads = self.union(*(prints[0] for prints in same.values()))
        links = {head.mention_id.id: set() for head in heads}
        for one, other in self._candidates(heads):
            links[one].add(other)
        for prints in same.values():
            links[prints[0].mention_id.id].update(prints[1:].mention_id.ids)
        groups = self._grouped(links)
        crowds = [self.search([("mention_id", "in", list(group))], order="published_at, id") for group in groups]
        surplus = self.union(*(crowd[KEPT:] for crowd in crowds))
        # identical ones find nothing that the first of them does not find
        surplus |= self.union(*(prints[1:].filtered("mention_id.copy_of_id") for prints in same.values()))
        surplus.unlink()
        return len(waiting)

    @api.model
    def _candidates(self, heads):
        """Return pairs (id of a mention, id of another that shares a band with it)."""
        self.env.flush_all()
        pieces = [
            SQL(
                "SELECT mine.mention_id, theirs.mention_id FROM community_fingerprint AS mine"
                " JOIN community_fingerprint AS theirs ON theirs.%(band)s = mine.%(band)s"
                " AND theirs.company_id = mine.company_id AND theirs.id != mine.id"
                " WHERE mine.id = ANY(%(ids)s)",
                band=SQL.identifier(name),
                ids=heads.ids,
            )
            for name in BANDS
        ]
        return self.env.execute_query(SQL(" UNION ").join(pieces))

    @api.model
    def _grouped(self, links):
        """Group mentions whose texts are alike, and those that are copies of them already.

        :param dict links: ``{id of a mention: ids of those that may say the same}``
        :returns: list of sets of ids, each a group in which something changed
        """
        mentions = self.env["community.mention"].sudo().with_context(active_test=False)
        everybody = mentions.browse(sorted({*links, *(other for others in links.values() for other in others)}))
        everybody = everybody.filtered(lambda mention: not mention.deleted_at)
        gists = {mention.id: gist(words_of(mention)) for mention in everybody}
        leaders = {}

        def leader(number):
            while leaders.get(number, number) != number:
                number = leaders[number]
            return number

        for mention in everybody.filtered("copy_of_id"):
            leaders[leader(mention.id)] = leader(mention.copy_of_id.id)
        touched = set()
        for one, others in links.items():
            for other in others:
                if one not in gists or other not in gists or leader(one) == leader(other):
                    continue
                if likeness(gists[one], gists[other]) >= ALIKE:
                    leaders[leader(one)] = leader(other)
                    touched |= {one, other}
        groups = defaultdict(set)
        for number in {*everybody.ids, *everybody.copy_of_id.ids}:
            groups[leader(number)].add(number)
        changed = [group for group in groups.values() if len(group) > 1 and not touched.isdisjoint(group)]
        for group in changed:
            self._follow(mentions.browse(group))
        return changed

    @api.model
    def _follow(self, mentions):
        """Make the earliest of mentions the first of all of them and of their copies."""
        first = mentions.sorted(lambda mention: (mention.published_at, mention.id))[:1]
        earlier = mentions.search([("copy_of_id", "in", mentions.ids)])
        followers = (mentions | earlier).filtered(lambda mention: mention.copy_of_id != first) - first
        followers.write({"copy_of_id": first.id})
        first.filtered("copy_of_id").copy_of_id = False

    @api.autovacuum
    def _gc_fingerprints(self):
        """Forget what is too old to be copied any more."""
        since = fields.Datetime.subtract(fields.Datetime.now(), days=DAYS)
        old = self.search([("published_at", "<", since)], limit=GC_UNLINK_LIMIT)
        old.unlink()
        return len(old), len(old) == GC_UNLINK_LIMIT
