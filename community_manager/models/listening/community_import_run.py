import base64
import csv
import io
import itertools
import json
import logging
import time

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...connectors.errors import ConnectorError
from ...connectors.items import Page, Reject
from ..platform.cursors import own_cursor
from .community_quarantine import clean, storable_name

_logger = logging.getLogger(__name__)

#: rows that are stored in one transaction together with the position; a file with fewer is imported at once
BATCH = 500
#: first characters that a spreadsheet takes for a formula
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


class CommunityImport(models.Model):
    """Rows to mentions, batch by batch: in the background for large files, going on after a crash where it stopped."""

    _inherit = "community.import"

    # -- buttons ---------------------------------------------------------------------------------------------------

    def action_read(self):
        """Show what is in the file: the client has saved the record, and saving has read it."""
        return True

    def action_start(self):
        """Import the file, or go on with one that was stopped."""
        for record in self:
            if record.state not in ("draft", "failed"):
                continue
            mapping = record._mapping()
            if "text" not in mapping and "title" not in mapping:
                raise UserError(self.env._("Say which column holds the text of the mentions."))
            record._ensure_channel()
            record.write({"state": "running", "error": False, "error_file": False})
            if record.counted and record.total - record.done < BATCH:
                record._import_now()
            else:
                self.env.ref("community_manager.cron_listen").sudo()._trigger()

    def action_stop(self):
        """Stop after the batch that is being stored; what is stored stays."""
        for record in self.filtered(lambda record: record.state == "running"):
            record._end("failed", self.env._("Stopped by %s.", self.env.user.name))

    def action_open_mentions(self):
        """Open what was imported into the same source."""
        return self.channel_id.action_open_mentions()

    def _ensure_channel(self):
        """Make the source if none is chosen; managers may, for it holds no access to anything."""
        self.ensure_one()
        if not self.channel_id:
            name = (self.channel_name or "").strip() or self.env._("Imported files")
            mine = [("network", "=", "import"), ("company_id", "=", self.company_id.id), ("name", "=", name)]
            channels = self.env["community.channel"].sudo()
            self.channel_id = channels.search(mine, limit=1) or channels.create(
                {"name": name, "network": "import", "company_id": self.company_id.id}
            )
        if self.channel_id.state in ("draft", "paused"):
            self.channel_id.sudo().state = "listening"

    # -- work ------------------------------------------------------------------------------------------------------

    @api.model
    def _cron_process(self, budget=30.0):
        """Go on with imports that are running, each batch in a transaction of its own.

        :param float budget: seconds
        :returns: number of imports that the end of the time has interrupted
        """
        ends = time.monotonic() + budget
        listener = self.env["community.listener"]
        running = self.sudo().search([("state", "=", "running")], order="id")
        if not running:
            return 0
        left = 0
        with own_cursor(self.env) as claim, own_cursor(self.env) as cr:
            free = set(listener._claim(claim, running.channel_id.ids))
            for import_id, channel_id in [(record.id, record.channel_id.id) for record in running]:
                if channel_id not in free:
                    continue
                try:
                    left += not self._import_file(cr, import_id, channel_id, ends)
                except Exception as error:  # noqa: BLE001 - one import must not stop the others
                    if self.env["community.ingest"]._is_infrastructure(error):
                        # no fault of the file: the next run goes on where this one stopped
                        _logger.warning("import %s: interrupted: %s", import_id, error)
                        continue
                    self._note_import_failure(cr, import_id, channel_id, error)
        self.env.invalidate_all()
        return left

    @api.model
    def _import_file(self, cr, import_id, channel_id, ends):
        """Import one file until its end or the end of the time.

        :returns: False when the time ended first
        """
        listener = self.env["community.listener"]

        def begin(channel):
            record = channel.env["community.import"].browse(import_id).exists()
            if record.state != "running":
                return None
            if not record.counted:
                total = sum(1 for _row in record._open_table().rows)
                record.write({"total": total, "counted": True})
            read_row = record._reader()
            return record._open_table().rows, read_row, record.done

        begun = listener._transact(cr, channel_id, begin)
        if not begun:
            return True
        rows, read_row, done = begun
        for batch in _batches(rows, done):
            if time.monotonic() > ends:
                return False
            read = [read_row(number, cells) for number, cells in batch]
            prepared = self._prepare_batch(cr, channel_id, [item for item in read if not isinstance(item, Reject)])

            def store(channel, batch=batch, read=read, prepared=prepared):
                record = channel.env["community.import"].browse(import_id).exists()
                if record.state != "running":
                    return False
                record._store_batch(channel, batch, read, prepared)
                return True

            if not listener._transact(cr, channel_id, store):
                return True
        listener._transact(
            cr, channel_id, lambda channel: channel.env["community.import"].browse(import_id).exists()._end("done")
        )
        return True

    @api.model
    def _prepare_batch(self, cr, channel_id, items):
        """Store the authors first, in their own transaction, as the listener does."""
        try:
            return self.env["community.listener"]._transact(
                cr, channel_id, lambda channel: channel.env["community.ingest"]._prepare(channel, items)
            )
        except Exception as error:
            if self.env["community.ingest"]._is_infrastructure(error):
                raise
            return None  # the batch is halved until the author that cannot be stored stands alone

    @api.model
    def _note_import_failure(self, cr, import_id, channel_id, error):
        def note(channel):
            record = channel.env["community.import"].browse(import_id).exists()
            record = record.with_context(lang=record.create_uid.lang)
            if isinstance(error, (ConnectorError, UserError)):
                sentence = record._sentence(error)
            else:
                _logger.error("import %s: unexpected failure", import_id, exc_info=error)
                sentence = record.env._("Something unexpected happened while importing. What is stored stays.")
            record._end("failed", sentence)

        try:
            self.env["community.listener"]._transact(cr, channel_id, note)
        except Exception:
            _logger.exception("import %s: its failure could not be noted", import_id)

    def _import_now(self):
        """Import a small file in the transaction of whoever pressed the button."""
        self.ensure_one()
        record = self.sudo()
        channel = record.channel_id.with_company(record.company_id)
        read_row = record._reader()
        try:
            for batch in _batches(record._open_table().rows, record.done):
                read = [read_row(number, cells) for number, cells in batch]
                record._store_batch(channel, batch, read)
        except ConnectorError as error:
            record._end("failed", record._sentence(error))
        else:
            record._end("done")

    def _store_batch(self, channel, batch, read, prepared=None):
        """Store the items of a batch together with the position.

        :param channel: the ``community.channel`` in the environment that stores
        :param batch: list of ``(row number, cells)``
        :param read: what was made of each: a ``MentionItem`` or a ``Reject``
        :param prepared: see :meth:`community.ingest._prepare`
        """
        items = [item for item in read if not isinstance(item, Reject)]
        counts = self.env["community.ingest"]._ingest_page(channel, Page(items=items, requests=0), prepared)
        record = self.with_context(lang=self.create_uid.lang)
        rejects = [
            (number, cells, record._sentence(item.error))
            for (number, cells), item in zip(batch, read, strict=True)
            if isinstance(item, Reject)
        ]
        if counts["quarantined"]:
            rejects += record._quarantined(channel, batch, read)
        self.env["community.import.reject"].create(
            [
                {
                    "import_id": self.id,
                    "number": number,
                    "cells": json.dumps(["" if cell is None else str(cell) for cell in cells], ensure_ascii=True),
                    "reason": clean(reason),
                }
                for number, cells, reason in rejects
            ]
        )
        kept_out = counts["dropped"] + counts["quarantined"]
        self.write(
            {
                "done": self.done + len(batch),
                "stored": self.stored + counts["stored"],
                "known": self.known + len(items) - counts["stored"] - kept_out,
                "dropped": self.dropped + counts["dropped"],
                "rejected": self.rejected + len(batch) - len(items) + counts["quarantined"],
            }
        )

    def _quarantined(self, channel, batch, read):
        """Return the rows of a batch that were put into quarantine, with the reason."""
        rows = {
            storable_name(item.external_id): row
            for row, item in zip(batch, read, strict=True)
            if not isinstance(item, Reject)
        }
        kept = self.env["community.quarantine"].search(
            [("channel_id", "=", channel.id), ("state", "=", "waiting"), ("external_id", "in", list(rows))]
        )
        return [
            (*rows[entry.external_id], self.env._("In quarantine, where it can be tried again: %s", entry.error))
            for entry in kept
        ]

    def _end(self, state, error=False):
        """Note the end of a run and write the file of rejected rows."""
        for record in self:
            values = {"state": state, "error": error}
            if state == "done":
                values["total"] = record.done
                record.channel_id.sudo()._note_delivery()
            if record.reject_ids:
                values["error_file"] = base64.b64encode(record._error_file())
            record.write(values)

    def _error_file(self):
        """Return the rejected rows as CSV, as they stood in the file, each with its number and the reason."""
        stream = io.StringIO(newline="")
        writer = csv.writer(stream)
        head = [self.env._("Row"), self.env._("Reason"), *self.column_ids.sorted("place").mapped("name")]
        writer.writerow([harmless(cell) for cell in head])
        for reject in self.reject_ids.sorted("number"):
            cells = [clean(cell) for cell in json.loads(reject.cells)]
            writer.writerow([reject.number, *(harmless(cell) for cell in [reject.reason, *cells])])
        return stream.getvalue().encode("utf-8-sig")

    @api.autovacuum
    def _gc_imports(self):
        """Forget file and rejected rows thirty days after the end: what was imported lives on as mentions."""
        limit = fields.Datetime.subtract(fields.Datetime.now(), days=30)
        old = self.search(
            [("state", "in", ("done", "failed")), ("write_date", "<", limit), ("file", "!=", False)], limit=100
        )
        old.reject_ids.unlink()
        old.write({"file": False, "error_file": False})


def _batches(rows, done):
    """Yield lists of rows after the first ``done``, :data:`BATCH` each; what comes before a broken row is not lost."""
    batch, problem = [], None
    try:
        for row in itertools.islice(rows, done, None):
            batch.append(row)
            if len(batch) == BATCH:
                yield batch
                batch = []
    except ConnectorError as error:
        problem = error
    if batch:
        yield batch
    if problem:
        raise problem


def harmless(text):
    """Return a text that no spreadsheet takes for a formula.

    >>> harmless("=1+1"), harmless("plain")
    ("'=1+1", 'plain')
    """
    return f"'{text}" if text.startswith(FORMULA) else text
