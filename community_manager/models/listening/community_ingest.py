import logging
from datetime import UTC

from odoo import api, fields, models

from ..platform.cursors import INFRASTRUCTURE_ERRORS, is_concurrency_error, own_cursor

_logger = logging.getLogger(__name__)

#: no mail work for what comes in by the thousand; what is made of it (leads, tickets) logs its own origin
QUIET = {"tracking_disable": True, "mail_create_nolog": True, "mail_create_nosubscribe": True, "mail_notrack": True}
#: times a page is replayed after meeting another worker
REPLAYS = 6


class CommunityIngest(models.AbstractModel):
    """From items to mentions: the one way in, for polling, push and import alike."""

    _name = "community.ingest"
    _description = "Ingest of Mentions"

    @api.model
    def _ingest_page(self, channel, page):
        """Store a page together with its position, in the transaction of this environment.

        What cannot be stored goes to quarantine and the rest goes on.  Concurrency errors are raised: the caller rolls
        back and replays the page in a new transaction.

        :param channel: one ``community.channel``
        :param page: a :class:`~...connectors.items.Page`
        :returns: dict with the numbers of items ``read``, ``stored``, ``updated``, ``dropped`` and ``quarantined``
        """
        counts = {"read": len(page.items), "stored": 0, "updated": 0, "dropped": 0, "quarantined": 0}
        for reject in page.rejects:
            self.env["community.quarantine"]._keep(channel, _Rejected(reject), reject.error)
            counts["quarantined"] += 1
        self._store_or_split(channel, page.items, counts)
        values = {"listen_read": channel.listen_read + len(page.items)}
        values["listen_stored"] = channel.listen_stored + counts["stored"]
        if page.cursor and page.cursor != channel.position:
            values["position"] = page.cursor
        channel.write(values)
        self.env["community.channel.usage"]._count(
            channel, requests=page.requests, items=len(page.items), stored=counts["stored"]
        )
        return counts

    @api.model
    def _store_or_split(self, channel, items, counts):
        """Store items; on an error of the data halve them until the bad one stands alone, and put that aside."""
        if not items:
            return
        try:
            with self.env.cr.savepoint():
                result = self._store(channel, items)
                self.env.flush_all()
        except Exception as error:  # noqa: BLE001 - whatever an item provokes must not stop the others
            if self._is_infrastructure(error):
                raise
            self.env.invalidate_all(flush=False)
            if len(items) > 1:
                middle = len(items) // 2
                self._store_or_split(channel, items[:middle], counts)
                self._store_or_split(channel, items[middle:], counts)
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
    def _store(self, channel, items):
        """Store items as mentions and apply the rules to the new ones.

        :param channel: one ``community.channel``
        :param items: list of :class:`~...connectors.items.MentionItem`
        :returns: dict with ``stored``, ``updated`` and ``dropped``
        """
        quiet = self.with_company(channel.company_id).with_context(**QUIET)
        channel = channel.with_env(quiet.env)
        wanted = {}
        for item in items:
            wanted[channel._realm(item.realm), item.external_id] = item  # the last one of a page is the newest
        known = quiet._known(channel, wanted)
        updated = quiet._update_known(channel, wanted, known)
        new, dropped = quiet._relevant(channel, [(key, item) for key, item in wanted.items() if key not in known])
        mentions = quiet._create_mentions(channel, new)
        quiet.env["community.rule"]._apply(mentions)
        return {"stored": len(mentions), "updated": updated, "dropped": dropped}

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
                ["realm", "external_id", "title", "text", "deleted_at", "origin", "channel_id", "likes", "shares",
                 "replies", "edited_at"],
            )
        )
        found = {(mention.realm, mention.external_id): mention for mention in stored}
        return {key: mention for key, mention in found.items() if key in wanted}

    @api.model
    def _update_known(self, channel, wanted, known):
        """Follow edits, deletions and counters of stored mentions; return how many changed."""
        updated = 0
        versions = []
        now = fields.Datetime.now()
        for key, mention in known.items():
            item = wanted[key]
            if item.deleted:
                if not mention.deleted_at:
                    mention._erase_content(now)
                    updated += 1
                continue
            if mention.deleted_at:
                continue
            values = {}
            if (item.text or "") != (mention.text or "") or (item.title or "") != (mention.title or ""):
                stale = mention.edited_at and item.edited_at and _naive(item.edited_at) < mention.edited_at
                if not stale:
                    versions.append(
                        {
                            "mention_id": mention.id,
                            "title": mention.title,
                            "text": mention.text,
                            "replaced_at": _naive(item.edited_at) or now,
                        }
                    )
                    found = self._topics_of(channel, item)
                    values = {
                        "title": item.title or False,
                        "text": item.text or False,
                        "edited_at": _naive(item.edited_at) or now,
                        "topic_ids": [fields.Command.set(list(found))],
                        "matched": _matched_words(found),
                    }
            for name in ("likes", "shares", "replies"):
                if getattr(item, name) != mention[name]:
                    values[name] = getattr(item, name)
            if item.origin == "own" and mention.origin == "search":
                # found by a search first, now addressed to this account: it is this account's to answer
                values |= {"origin": "own", "channel_id": channel.id}
            if values:
                mention.write(values)
                updated += 1
        self.env["community.mention.version"].create(versions)
        return updated

    @api.model
    def _topics_of(self, channel, item):
        """Return ``{topic id: spans}`` of the topics that an item is about, as far as the channel listens for them."""
        text = f"{item.title}\n{item.text}" if item.title else item.text
        if not text:
            return {}
        found = self.env["community.topic"]._matcher(channel.company_id.id).match(text)
        chosen = channel.topic_ids.ids
        return {topic: spans for topic, spans in found.items() if topic in chosen} if chosen else found

    @api.model
    def _relevant(self, channel, entries):
        """Split new items into those to keep, with their topics, and the number of others.

        :param entries: list of ``((realm, external id), item)``
        :returns: (list of ``(key, item, topics)``, number dropped)
        """
        kept = []
        for key, item in entries:
            if not item.external_id:
                raise ValueError(self.env._("The item has no identifier."))
            found = self._topics_of(channel, item)
            if not item.deleted and (found or item.origin == "own"):
                kept.append((key, item, found))
        return kept, len(entries) - len(kept)

    @api.model
    def _create_mentions(self, channel, entries):
        """Create the mentions of some items, with their authors and conversations."""
        mentions = self.env["community.mention"]
        if not entries:
            return mentions
        authors = self._upsert_authors(channel, [item.author for _key, item, _topics in entries if item.author])
        conversations = self.env["community.conversation"]._resolve(
            channel, [(key[0], item) for key, item, _topics in entries]
        )
        now = fields.Datetime.now()
        return mentions.create(
            [self._mention_values(channel, key, item, found, authors, conversations, now) for key, item, found in entries]
        )

    @api.model
    def _upsert_authors(self, channel, items):
        """Store authors in a short transaction of their own, so that workers on other channels wait for nobody."""
        for replay in range(REPLAYS):
            try:
                with own_cursor(self.env) as cr:
                    env = self.env(cr=cr)
                    return env["community.author"]._upsert(channel.with_env(env), items)
            except Exception as error:
                if not is_concurrency_error(error) or replay == REPLAYS - 1:
                    raise
        return {}

    @api.model
    def _mention_values(self, channel, key, item, found, authors, conversations, now):
        realm, external_id = key
        author = item.author
        published = _naive(item.published_at)
        return {
            "company_id": channel.company_id.id,
            "channel_id": channel.id,
            "network": channel.network,
            "kind": item.kind,
            "realm": realm,
            "external_id": external_id,
            "parent_external_id": item.parent_id or False,
            "conversation_id": conversations[key],
            "author_id": authors[channel._realm(author.realm), author.external_id] if author else False,
            "title": item.title or False,
            "text": item.text or False,
            "url": item.url or False,
            "published_at": published or now,
            "edited_at": _naive(item.edited_at),
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


class _Rejected(dict):
    """What a connector could not read, in the form quarantine keeps."""

    def __init__(self, reject):
        super().__init__(payload=reject.payload)
        self.external_id = reject.external_id


def _naive(moment):
    """Return an aware time as naive UTC, as Odoo stores it; False for none."""
    return moment.astimezone(UTC).replace(tzinfo=None, microsecond=0) if moment else False


def _matched_words(found):
    """Return the distinct keywords that matched, comma-separated, or False."""
    words = {keyword: None for spans in found.values() for _start, _end, keyword in spans}
    return ", ".join(words)[:500] or False
