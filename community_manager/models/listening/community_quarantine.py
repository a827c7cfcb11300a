import dataclasses
import json
from datetime import datetime

from odoo import api, fields, models

from ...connectors.items import Attachment, AuthorItem, MentionItem

#: characters of a payload that are kept: enough to see what was wrong, bounded whatever a network sends
LONGEST_PAYLOAD = 200_000


class CommunityQuarantine(models.Model):
    """An item that could not be stored.  It waits here, whole, until what stood in its way is mended."""

    _name = "community.quarantine"
    _description = "Item in Quarantine"
    _order = "create_date desc, id desc"
    _rec_name = "external_id"

    channel_id = fields.Many2one("community.channel", required=True, ondelete="cascade", index=True, readonly=True)
    company_id = fields.Many2one(related="channel_id.company_id", store=True, index=True)
    network = fields.Selection(related="channel_id.network")
    external_id = fields.Char(readonly=True, string="Identifier on the network")
    payload = fields.Text(readonly=True, help="The item as it came.")
    error = fields.Text(readonly=True)
    readable = fields.Boolean(readonly=True, help="Off when the item itself could not be understood.")
    attempts = fields.Integer(readonly=True, default=1)
    state = fields.Selection(
        [("waiting", "Waiting"), ("stored", "Stored"), ("dropped", "Dropped")],
        default="waiting",
        required=True,
        readonly=True,
        index=True,
    )

    @api.model
    def _keep(self, channel, item, error):
        """Put an item aside.

        :param item: a ``MentionItem``, or a ``Reject`` with what a connector could not read
        :param error: exception or sentence
        """
        readable = isinstance(item, MentionItem)
        # ASCII with escapes: NUL and lone surrogates, often the very reason, would break text and jsonb columns
        content = dataclasses.asdict(item) if readable else item.payload
        payload = json.dumps(content, ensure_ascii=True, default=_as_json)
        reason = _printable(error)
        name = storable_name(item.external_id)
        waiting = self.search([("channel_id", "=", channel.id), ("external_id", "=", name), ("state", "=", "waiting")])
        if name and waiting:
            waiting[0].write({"error": reason, "payload": payload[:LONGEST_PAYLOAD]})
            return waiting[0]
        return self.create(
            {
                "channel_id": channel.id,
                "external_id": name,
                "payload": payload[:LONGEST_PAYLOAD],
                "readable": readable and len(payload) <= LONGEST_PAYLOAD,
                "error": reason,
            }
        )

    def _item(self):
        """Return the stored item, cleaned of what no text column can hold."""
        data = json.loads(self.payload)
        author = data.pop("author")
        attachments = data.pop("attachments")
        for name in ("published_at", "edited_at"):
            data[name] = datetime.fromisoformat(data[name]) if data[name] else None
        data["hashtags"] = tuple(data["hashtags"])
        if author:
            author["verified_urls"] = tuple(author["verified_urls"])
            author = AuthorItem(**clean(author))
        return MentionItem(
            **clean(data), author=author, attachments=tuple(Attachment(**clean(entry)) for entry in attachments)
        )

    def action_retry(self):
        """Try to store the items again, and say how it went."""
        self.check_access("write")
        ingest = self.env["community.ingest"].sudo()
        waiting = self.sudo().filtered(lambda item: item.state == "waiting")
        for record in waiting:
            record.attempts += 1
            if not record.readable:
                continue
            try:
                with self.env.cr.savepoint():
                    ingest._store(record.channel_id, [record._item()])
            except Exception as error:  # whatever stands in its way is the answer
                if ingest._is_infrastructure(error):
                    raise
                record.error = _printable(error)
            else:
                record.state = "stored"
        left = len(waiting.filtered(lambda item: item.state == "waiting"))
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning" if left else "success",
                "message": self.env._(
                    "%(stored)s stored, %(left)s still waiting.", stored=len(waiting) - left, left=left
                ),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def action_drop(self):
        """Give the items up; they stay listed as dropped."""
        self.check_access("write")
        self.filtered(lambda item: item.state == "waiting").sudo().write({"state": "dropped", "payload": False})

    @api.autovacuum
    def _gc_quarantine(self):
        """Forget after thirty days what was stored or dropped."""
        limit = fields.Datetime.subtract(fields.Datetime.now(), days=30)
        self.search([("state", "!=", "waiting"), ("write_date", "<", limit)], limit=1000).unlink()


def storable_name(external_id):
    """Return an identifier as quarantine notes it: ASCII, bounded."""
    return (external_id or "").encode("ascii", "backslashreplace").decode().replace("\x00", "\\x00")[:200]


def _printable(error):
    """Return what an error says, without what no text column can hold, and bounded."""
    return str(error).encode("utf-8", "backslashreplace").decode().replace("\x00", "\\x00")[:2000]


def _as_json(value):
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.decode("ascii", "backslashreplace")
    return repr(value)


def clean(value):
    """Return ``value`` with NUL and lone surrogates taken out of every text in it."""
    if isinstance(value, str):
        return value.replace("\x00", "").encode("utf-8", "ignore").decode()
    if isinstance(value, dict):
        return {clean(key): clean(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(clean(entry) for entry in value)
    return value
