from datetime import timedelta
from zlib import crc32

from odoo import api, fields, models

from ..platform.moments import naive
from .community_quarantine import clean

#: samples of a company that are kept at most, the newest ones
MOST = 20_000
#: characters of a text that are kept
LONGEST = 5_000


class CommunitySample(models.Model):
    """Something public that was found and no topic matched: kept for some days to try topics on, without author."""

    _name = "community.sample"
    _description = "Sample of What No Topic Matched"
    _inherit = ["community.bulk"]
    _order = "published_at desc, id desc"

    company_id = fields.Many2one("res.company", required=True, index=True, ondelete="cascade")
    channel_id = fields.Many2one("community.channel", required=True, ondelete="cascade")
    network = fields.Char(required=True)
    external_id = fields.Char(required=True, string="Identifier on the network")
    text = fields.Text()
    language = fields.Char()
    published_at = fields.Datetime(required=True)

    _unique_identity = models.UniqueIndex("(channel_id, external_id)")

    @api.model
    def _take(self, channel, items):
        """Keep a part of the items that no topic matched, if the company wants that.

        Which ones is decided by their identifier, so that the same are chosen when a page comes again.

        :param channel: one ``community.channel``
        :param items: list of :class:`~...connectors.items.MentionItem` that are not stored
        """
        share = channel.company_id.community_sample_share
        chosen = {
            clean(item.external_id): item
            for item in items
            if share
            and item.visibility == "public"
            and not (item.deleted or item.partial or item.outgoing)
            and (item.title or item.text)
            and crc32(item.external_id.encode("utf-8", "replace")) % 100 < share
        }
        if not chosen:
            return
        mine = [("channel_id", "=", channel.id), ("external_id", "in", list(chosen))]
        stored = set(self.search_fetch(mine, ["external_id"]).mapped("external_id"))
        now = fields.Datetime.now()
        self._create_bulk(
            [
                {
                    "company_id": channel.company_id.id,
                    "channel_id": channel.id,
                    "network": channel.network,
                    "external_id": external_id,
                    "text": clean("\n".join(filter(None, (item.title, item.text)))[:LONGEST]),
                    "language": item.language or False,
                    "published_at": naive(item.published_at) or now,
                }
                for external_id, item in chosen.items()
                if external_id not in stored
            ]
        )

    @api.autovacuum
    def _gc(self):
        """Drop what is older than each company keeps, and what is too much."""
        for company in self.env["res.company"].sudo().search([]):
            limit = fields.Datetime.now() - timedelta(days=company.community_sample_days)
            mine = [("company_id", "=", company.id)]
            self.search([*mine, ("create_date", "<", limit)]).unlink()
            self.search(mine, order="id desc", offset=MOST).unlink()
