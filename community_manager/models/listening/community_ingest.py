import logging

from odoo import api, fields, models
from odoo.exceptions import MissingError
from odoo.tools import mute_logger

from ..platform.cursors import INFRASTRUCTURE_ERRORS, is_concurrency_error
from ..platform.moments import naive
from .community_quarantine import clean

_logger = logging.getLogger(__name__)

#: no mail work for what comes in by the thousand; what is made of it (leads, tickets) logs its own origin
QUIET = {"tracking_disable": True, "mail_create_nolog": True, "mail_create_nosubscribe": True, "mail_notrack": True}


class CommunityIngest(models.AbstractModel):
    """From items to mentions: the one way in, for polling, push and import alike."""

    _name = "community.ingest"
    _description = "Ingest of Mentions"

    @api.model
    def _prepare(self, channel, items):
        """Find the topics of items and store the authors of those worth keeping.

        The listener does this in a transaction of its own, before the one that stores the mentions: workers on other
        channels then wait for nobody, and a foreign key is checked against the snapshot the transaction began with, so
        an author stored during it would not be found.

        :param channel: one ``community.channel``
        :param items: list of :class:`~...connectors.items.MentionItem`
        :returns: :class:`Prepared`
        """
        topics = self._topics_of_all(channel, items)
        authors = [item.author for item in items if item.author and (topics[id(item)] or item.origin == "own")]
        quiet = self.env["community.author"].with_context(**QUIET)
        people = {}
        return Prepared(topics, quiet._upsert(channel, authors, people), people)

    @api.model
    def _ingest_page(self, channel, page, prepared=None, hopeful=False):
        """Store a page together with its position, in the transaction of this environment.

        What cannot be stored goes to quarantine and the rest goes on.  Concurrency errors are raised: the caller rolls
        back and replays the page in a new transaction.

        :param channel: one ``community.channel``
        :param page: a :class:`~...connectors.items.Page`
        :param prepared: what :meth:`_prepare` made of its items, or None to do that here
        :param bool hopeful: raise whatever one item provokes, for the caller rolls back and comes again without hope
        :returns: dict with the numbers of items ``read``, ``stored``, ``updated``, ``dropped`` and ``quarantined``
        """
        counts = {"read": len(page.items), "stored": 0, "updated": 0, "dropped": 0, "quarantined": 0}
        for reject in page.rejects:
            self.env["community.quarantine"]._keep(channel, reject, reject.error)
            counts["quarantined"] += 1
        with mute_logger("odoo.sql_db"):  # what the database refuses is told by the quarantine, not by the log
            if hopeful and page.items:
                for name, number in self._store(channel, page.items, prepared).items():
                    counts[name] += number
                self.env.flush_all()
            else:
                self._store_or_split(channel, page.items, counts, prepared)
        position = clean(page.cursor)  # the network's own words, which may hold what no column can
        if not self.env["community.channel.usage"]._count_page(channel, page, counts["stored"], position):
            raise MissingError(self.env._("The channel was deleted while it was listened to."))
        return counts

    @api.model
    def _store_or_split(self, channel, items, counts, prepared=None):
        """Store items; on an error of the data halve them until the bad one stands alone, and put that aside."""
        if not items:
            return
        try:
            with self.env.cr.savepoint():
                result = self._store(channel, items, prepared)
                self.env.flush_all()
        except Exception as error:
            if self._is_infrastructure(error):
                raise
            # whatever one item provokes must not stop the others
            self.env.invalidate_all(flush=False)
            if len(items) > 1:
                middle = len(items) // 2
                self._store_or_split(channel, items[:middle], counts, prepared)
                self._store_or_split(channel, items[middle:], counts, prepared)
                return
            _logger.warning("channel %s: item put into quarantine: %s", channel.id, error, exc_info=True)
            self.env["community.quarantine"]._keep(channel, items[0], error)
            counts["quarantined"] += 1
        else:
            for name, number in result.items():
                counts[name] += number

    @api.model
    def _is_infrastructure(self, error):
        """Return whether an error speaks of the database or the process, not of an item."""
        return is_concurrency_error(error) or isinstance(error, INFRASTRUCTURE_ERRORS)

    @api.model
    def _store(self, channel, items, prepared=None):
        """Store items as mentions and apply the rules to the new ones.

        :param channel: one ``community.channel``
        :param items: list of :class:`~...connectors.items.MentionItem`
        :param prepared: what :meth:`_prepare` made of them, or None to do that here
        :returns: dict with ``stored``, ``updated`` and ``dropped``
        :raises ValueError: an item has no identifier
        """
        quiet = self.with_company(channel.company_id).with_context(**QUIET)
        channel = channel.with_env(quiet.env)
        prepared = prepared or quiet._prepare(channel, items)
        wanted = {}
        for item in items:
            if not item.external_id:
                raise ValueError(self.env._("The item has no identifier."))
            key = (channel._realm(item.realm), item.external_id)
            if key in wanted and wanted[key].origin == "own":
                item.origin = "own"  # it came twice, once as addressed to us: that is what counts
            wanted[key] = item  # the last one of a page is the newest
        known = quiet._known(channel, wanted)
        updated = quiet._update_known(channel, wanted, known, prepared)
        new = [(key, item) for key, item in wanted.items() if key not in known]
        kept = [(key, item) for key, item in new if prepared.keeps(item)]
        if len(kept) < len(new):
            quiet.env["community.sample"]._take(channel, [item for _key, item in new if not prepared.keeps(item)])
        mentions = quiet._create_mentions(channel, kept, prepared)
        return {"stored": len(mentions), "updated": updated, "dropped": len(new) - len(kept)}

    @api.model
    def _known(self, channel, wanted):
        """Return ``{(realm, external id): mention}`` of those stored already."""
        stored = (
            self.env["community.mention"]
            .with_context(active_test=False)
            .search_fetch(
                [
                    ("company_id", "=", channel.company_id.id),
                    ("network", "=", channel.network),
                    ("realm", "in", sorted({realm for realm, _external_id in wanted})),
                    ("external_id", "in", sorted({external_id for _realm, external_id in wanted})),
                ],
                [
                    "realm",
                    "external_id",
                    "title",
                    "text",
                    "deleted_at",
                    "origin",
                    "channel_id",
                    "likes",
                    "shares",
                    "replies",
                    "edited_at",
                    "rating",
                    "kind",
                    "language",
                    "outgoing",
                    "corrected",
                ],
            )
        )
        found = {(mention.realm, mention.external_id): mention for mention in stored}
        return {key: mention for key, mention in found.items() if key in wanted}

    @api.model
    def _update_known(self, channel, wanted, known, prepared):
        """Follow edits, deletions and counters of stored mentions; return how many changed."""
        updated = 0
        versions, changes = [], []
        now = fields.Datetime.now()
        for key, mention in known.items():
            item = wanted[key]
            # An identifier of the whole network may be claimed by anybody's feed: only the channel that brought the
            # mention may change what it says.  Within the realm of one server it is the server that speaks.
            trusted = mention.channel_id == channel or bool(mention.realm)
            if item.deleted and not trusted:
                continue
            if item.deleted:
                if not mention.deleted_at:
                    mention._erase_content(now)
                    updated += 1
                continue
            if mention.deleted_at:
                continue
            values = {}
            changed = (item.text or "") != (mention.text or "") or (item.title or "") != (mention.title or "")
            if changed and trusted and not item.partial:
                stale = mention.edited_at and item.edited_at and naive(item.edited_at) < mention.edited_at
                if not stale:
                    versions.append(
                        {
                            "mention_id": mention.id,
                            "title": mention.title,
                            "text": mention.text,
                            "replaced_at": naive(item.edited_at) or now,
                        }
                    )
                    found = prepared.topics[id(item)]
                    before, chosen = set(self._topics_of(channel, mention)), set(mention.topic_ids.ids)
                    # what colleagues added or took away by hand stays so
                    topics = (set(found) - (before - chosen)) | (chosen - before)
                    values = {
                        "title": item.title or False,
                        "text": item.text or False,
                        "edited_at": naive(item.edited_at) or now,
                        "topic_ids": [fields.Command.set(sorted(topics))],
                        "matched": _matched_words(found),
                    }
            for name in ("likes", "shares", "replies"):
                if getattr(item, name) != mention[name]:
                    values[name] = getattr(item, name)
            if trusted and item.rating is not None and item.rating != mention.rating:
                values["rating"] = item.rating
            if item.origin == "own" and (mention.origin == "search" or not mention.channel_id):
                # found by a search first, or left by a channel that was deleted, now addressed to this account: it is
                # this account's to answer
                values |= {"origin": "own", "channel_id": channel.id, "channel_name": False}
            if values:
                changes.append((mention, values, item.language))
        self.env["community.analyst"]._fill_edits(channel.company_id, changes)
        for mention, values, _language in changes:
            mention.write(values)
        self.env["community.mention.version"].create(versions)
        return updated + len(changes)

    @api.model
    def _topics_of_all(self, channel, items):
        """Return ``{id of item: {topic id: what matched}}``, with the topics that the channel listens for."""
        match = self.env["community.topic"]._matcher(channel.company_id.id).match
        chosen = channel._facts(channel.id).topic_ids
        topics = {}
        for item in items:
            found = match(f"{item.title}\n{item.text}" if item.title else item.text or "", places=False)
            topics[id(item)] = {topic: spans for topic, spans in found.items() if topic in chosen} if chosen else found
        limits = self.env["community.topic"]._languages_by_topic(channel.company_id.id)
        if limits:
            self._keep_to_languages(channel.company_id, items, topics, limits)
        return topics

    @api.model
    def _keep_to_languages(self, company, items, topics, limits):
        """Take away the topics that are not for the language of an item; what is undetermined may be in any.

        :param dict topics: ``{id of item: {topic id: what matched}}``, changed in place
        :param dict limits: ``{topic id: languages}``
        """
        limited = [item for item in items if limits.keys() & topics[id(item)].keys()]
        languages = self.env["community.analyst"]._languages(
            company, [f"{item.title}\n{item.text}" if item.title else item.text or "" for item in limited],
            [item.language or "" for item in limited],
        )  # fmt: skip
        for item, language in zip(limited, languages, strict=True):
            topics[id(item)] = {
                topic: spans
                for topic, spans in topics[id(item)].items()
                if not language or language in limits.get(topic, (language,))
            }

    @api.model
    def _topics_of(self, channel, item):
        """Return ``{topic id: what matched}`` of the topics that an item, or a mention, is about.

        Only topics that the channel listens for count.
        """
        return self._topics_of_all(channel, [item])[id(item)]

    @api.model
    def _create_mentions(self, channel, entries, prepared):
        """Create the mentions of new items as the rules decide, and what the rules make of them.

        :param entries: list of ``((realm, external id), item)``
        """
        mentions = self.env["community.mention"]
        if not entries:
            return mentions
        conversations = self.env["community.conversation"]._resolve(channel, [(key[0], item) for key, item in entries])
        now = fields.Datetime.now()
        vals_list = [self._mention_values(channel, key, item, prepared, conversations, now) for key, item in entries]
        self.env["community.analyst"]._fill(channel.company_id, vals_list)
        decisions = self.env["community.rule"]._decide(channel.company_id, vals_list, prepared.people)
        self._complete(channel, vals_list)
        mentions = mentions._create_bulk(vals_list)
        self.env["community.rule"]._follow_up(mentions, decisions)
        self._arrived(channel, mentions)
        return mentions

    @api.model
    def _complete(self, channel, vals_list):
        """Add to the values of mentions what follows from them, before they are created; rooms extend this.

        Called once for each page, when the rules have decided: plain Python over the values, and no query for each.

        :param channel: one ``community.channel``
        :param vals_list: values for ``create``, what we wrote ourselves included; changed in place
        """

    @api.model
    def _arrived(self, channel, mentions):
        """Do what follows from mentions that were just stored and routed; rooms extend this.

        Called once for each page, in the transaction that stores it: set-wise work only.

        :param channel: one ``community.channel``
        :param mentions: ``community.mention`` records of it, what we wrote ourselves included
        """

    @api.model
    def _mention_values(self, channel, key, item, prepared, conversations, now):
        realm, external_id = key
        author = item.author
        found = prepared.topics[id(item)]
        published = naive(item.published_at)
        return {
            "company_id": channel.company_id.id,
            "channel_id": channel.id,
            "network": channel.network,
            "kind": item.kind,
            "realm": realm,
            "external_id": external_id,
            "parent_external_id": item.parent_id or False,
            "conversation_id": conversations[key],
            "author_id": prepared.authors[channel._realm(author.realm), author.external_id] if author else False,
            "title": item.title or False,
            "text": item.text or False,
            "url": item.url or False,
            "published_at": published or now,
            "edited_at": naive(item.edited_at),
            "language": item.language or False,
            "visibility": item.visibility,
            "origin": item.origin,
            "outgoing": item.outgoing,
            "topic_ids": [fields.Command.set(list(found))] if found else False,
            "matched": _matched_words(found),
            "state": "done" if item.outgoing else "new",
            "identifiers": item.identifiers or False,
            "attachments": [{"kind": a.kind, "url": a.url, "alt": a.alt} for a in item.attachments] or False,
            "likes": item.likes,
            "shares": item.shares,
            "replies": item.replies,
            "rating": item.rating or 0.0,
        }


class Prepared:
    """What is known of items before their mentions are created."""

    __slots__ = ("authors", "people", "topics")

    def __init__(self, topics, authors, people):
        """
        :param dict topics: ``{id of item: {topic id: spans}}``
        :param dict authors: ``{(realm, external id): author id}``
        :param dict people: ``{author id: what rules want to know of an author}``
        """
        self.topics = topics
        self.authors = authors
        self.people = people

    def keeps(self, item):
        """Return whether a new item is to be stored: it is addressed to us, or a topic matches."""
        return not (item.deleted or item.partial) and bool(item.origin == "own" or self.topics[id(item)])


def _matched_words(found):
    """Return the distinct keywords that matched, comma-separated, or False."""
    words = {keyword: None for spans in found.values() for _start, _end, keyword in spans}
    return ", ".join(words)[:500] or False
