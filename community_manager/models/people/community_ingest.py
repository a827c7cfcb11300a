from odoo import api, models
from odoo.tools import format_date

from ..platform.moments import naive


class CommunityIngest(models.AbstractModel):
    """Whoever was erased is not collected again.

    What listening finds of them is dropped before anything of it is stored.  Only what they address to us after that
    day is kept, for they want an answer; their profile then says so.
    """

    _inherit = "community.ingest"

    @api.model
    def _prepare(self, channel, items):
        refused, _returned = self._sort_out(channel, items)
        return super()._prepare(channel, [item for item in items if id(item) not in refused])

    @api.model
    def _store(self, channel, items, prepared=None):
        refused, returned = self._sort_out(channel, items)
        result = super()._store(channel, [item for item in items if id(item) not in refused], prepared)
        if refused:
            result["dropped"] += len(refused)
        if returned:
            self._tell_returned(channel, returned)
        return result

    @api.model
    def _sort_out(self, channel, items):
        """Return who of the authors of items was erased.

        :param channel: one ``community.channel``
        :param items: list of :class:`~...connectors.items.MentionItem`
        :returns: (set of ``id`` of the items to drop, ``{(realm, external id of the author): when they were erased}``
            of those to keep)
        """
        kept_out = self.env["community.kept.out"]
        if not kept_out._has_any(channel.company_id.id):
            return set(), {}
        digests = {}
        for item in items:
            if item.author and item.author.external_id:
                key = (channel._realm(item.author.realm), item.author.external_id)
                digests[kept_out._digest(channel.network, *key)] = key
        since = kept_out._since(channel.company_id, digests)
        erased = {digests[digest]: moment for digest, moment in since.items()}
        refused, returned = set(), {}
        for item in items if erased else ():
            author = item.author
            moment = author and erased.get((channel._realm(author.realm), author.external_id))
            if not moment:
                continue
            published = naive(item.published_at)
            if item.origin == "own" and published and published > moment:
                returned[channel._realm(author.realm), author.external_id] = moment
            else:
                refused.add(id(item))
        return refused, returned

    @api.model
    def _tell_returned(self, channel, returned):
        """Say on the profiles of people who were erased, and have written to us since, that this is so."""
        authors = self.env["community.author"].search(
            [
                ("company_id", "=", channel.company_id.id),
                ("network", "=", channel.network),
                ("realm", "in", [realm for realm, _external_id in returned]),
                ("external_id", "in", [external_id for _realm, external_id in returned]),
                ("kept_out_on", "=", False),
            ]
        )
        for author in authors:
            moment = returned.get((author.realm, author.external_id))
            if moment:
                author.sudo().kept_out_on = moment.date()
                sentence = self.env._(
                    "This person had their data erased on %s. They have written to us again since, so this is kept.",
                    format_date(self.env, moment),
                )
                author.mention_ids.sudo()._message_log_batch(dict.fromkeys(author.mention_ids.ids, sentence))
