import base64
import csv
import io
import itertools
from datetime import datetime
from unittest.mock import patch

import openpyxl
import psycopg2

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from odoo.addons.community_manager.connectors.errors import Malformed
from odoo.addons.community_manager.connectors.table import BAD_ROW
from odoo.addons.community_manager.models.listening import community_import, community_import_run

from .common import CommunityCase

HEADER = ["Fecha", "Autor", "Texto", "Enlace", "Notas"]
RUN = "odoo.addons.community_manager.models.listening.community_import_run"


def as_csv(rows, header=HEADER, delimiter=";", encoding="utf-8"):
    """Return rows as the bytes of a CSV file."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, delimiter=delimiter)
    writer.writerows([header, *rows])
    return stream.getvalue().encode(encoding)


def as_xlsx(rows, header=HEADER):
    """Return rows as the bytes of an XLSX file."""
    book = openpyxl.Workbook()
    for row in [header, *rows]:
        book.active.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def numbered(count, start=1):
    """Return rows that differ."""
    return [
        ["13/01/2026 10:00", f"ann{number % 7}", f"Acme post {number}", f"https://shop.example/{number}", ""]
        for number in range(start, start + count)
    ]


@tagged("post_install", "-at_install")
class TestImport(CommunityCase):
    """Files to mentions."""

    def make(self, content, filename="export.csv", user=None, **values):
        """Create an import as a manager does."""
        record = self.env["community.import"].with_user(user or self.manager)
        return record.create(
            {"file": base64.b64encode(content), "filename": filename, "timezone": "Europe/Madrid", **values}
        )

    def imported(self, record):
        """Return the mentions of an import's source."""
        return self.mentions(record.sudo().channel_id)

    def run_listener(self, budget=30.0):
        """Do what the scheduled action does about imports."""
        left = self.env["community.import"]._cron_process(budget)
        self.env.invalidate_all()
        return left

    def figures(self, record):
        """Return the counts of an import."""
        return (record.state, record.done, record.stored, record.known, record.rejected)

    def error_rows(self, record):
        """Return the rows of the file of rejected rows."""
        text = base64.b64decode(record.with_context(bin_size=False).error_file).decode("utf-8-sig")
        return list(csv.reader(io.StringIO(text)))

    def test_columns_are_guessed(self):
        """Columns, order of dates and number of rows are read from the file; what nothing says is left out."""
        record = self.make(as_csv(numbered(3)))
        self.assertEqual(
            [(column.name, column.meaning) for column in record.column_ids],
            [("Fecha", "published_at"), ("Autor", "author"), ("Texto", "text"), ("Enlace", "url"), ("Notas", False)],
        )
        self.assertEqual(record.column_ids[2].sample, "Acme post 1")
        self.assertEqual((record.date_order, record.total, record.counted), ("dmy", 3, True))
        self.assertEqual(self.make(as_csv([["01/13/2026", "a", "t", "", ""]])).date_order, "mdy")

    def test_preview(self):
        """The preview shows the first rows as they would arrive, safely, with the reason of those that cannot."""
        rows = [*numbered(11), ["99/99/2026", "eve", "<script>alert(1)</script>", "", ""]]
        rows.insert(1, ["13/01/2026", "<b>bob</b>", "<b>bold</b> & plain", "", ""])
        record = self.make(as_csv(rows))
        preview = record.preview
        self.assertEqual(preview.count("<tr>"), 11, "the head and ten rows")
        self.assertIn("The file has 13 rows.", preview)
        self.assertIn("1 of the first 13 rows cannot be imported:", preview)
        self.assertIn("99/99/2026", preview)
        self.assertNotIn("<b>", preview)
        self.assertNotIn("<script", preview)
        self.assertFalse(self.env["community.mention"].search_count([("title", "=", "Acme post 1")]))

    def test_preview_follows_the_choices(self):
        """Changing what a column means, or the order of dates, changes the preview before it is saved."""
        record = self.make(as_csv([["03/04/2026 10:00", "ann", "Acme", "", "Other words"]]))
        with Form(record) as form:
            self.assertIn("Acme", form.preview)
            with form.column_ids.edit(2) as column:
                column.meaning = False
            with form.column_ids.edit(4) as column:
                column.meaning = "text"
            self.assertIn("Other words", form.preview)
            self.assertNotIn("Acme", form.preview)
        record.action_start()
        self.assertEqual(self.imported(record).text, "Other words")

    def test_small_file_at_once(self):
        """A small file is imported when the button is pressed."""
        record = self.make(as_csv(numbered(5)))
        record.action_start()
        self.assertEqual(self.figures(record), ("done", 5, 5, 0, 0))
        self.assertEqual(record.progress, 100)
        mention = self.imported(record)[0]
        self.assertEqual((mention.text, mention.url), ("Acme post 1", "https://shop.example/1"))
        self.assertEqual(mention.published_at, datetime(2026, 1, 13, 9, 0), "10:00 in Madrid")
        self.assertEqual((mention.author_id.name, mention.network), ("ann1", "import"))
        self.assertEqual(mention.topic_ids, self.topic)
        self.assertFalse(record.error_file)
        channel = record.sudo().channel_id
        self.assertEqual((channel.name, channel.state), ("Imported files", "listening"))
        self.assertTrue(channel.last_success_at)

    def test_same_file_again(self):
        """The same file, or one that overlaps it, stores nothing twice."""
        first = self.make(as_csv(numbered(5)))
        first.action_start()
        second = self.make(as_csv(numbered(5, start=3)), channel_id=first.sudo().channel_id.id)
        second.action_start()
        self.assertEqual(self.figures(second), ("done", 5, 2, 3, 0))
        self.assertEqual(len(self.imported(first)), 7)
        # rows without identifier or link are known by what they say
        for _time in range(2):
            bare = self.make(as_csv([["13/01/2026", "ann", "Acme bare", "", ""]]))
            bare.action_start()
        self.assertEqual(self.figures(bare), ("done", 1, 0, 1, 0))

    def test_spreadsheet(self):
        """XLSX brings its own types."""
        rows = [[datetime(2026, 1, 13, 10, 0), "ann", "Acme in a sheet", None, 5]]
        record = self.make(as_xlsx(rows, [*HEADER[:4], "Rating"]), "export.xlsx")
        record.action_start()
        mention = self.imported(record)
        self.assertEqual((mention.kind, mention.rating), ("review", 5.0))
        self.assertEqual(mention.published_at, datetime(2026, 1, 13, 9, 0))

    def test_rejected_rows(self):
        """Rejected rows come back as they were, with number and reason, and nothing in them is taken for a formula."""
        rows = [
            ["13/01/2026", "ann", "Acme", "https://shop.example/1", ""],
            ["13/01/2026", "bob", "", "", '=HYPERLINK("http://evil.example";"x")'],
            ["31/31/2026", "+eve", "@SUM(1)", "", "-1"],
        ]
        record = self.make(as_csv(rows))
        record.action_start()
        self.assertEqual(self.figures(record), ("done", 3, 1, 0, 2))
        head, *rejected = self.error_rows(record)
        self.assertEqual(head, ["Row", "Reason", *HEADER])
        self.assertEqual(rejected[0][0], "3")
        self.assertEqual(rejected[0][1], "Row 3 has no text.")
        self.assertEqual(rejected[0][-1], '\'=HYPERLINK("http://evil.example";"x")')
        self.assertEqual(rejected[1][2:], ["31/31/2026", "'+eve", "'@SUM(1)", "", "'-1"])
        for cell in itertools.chain.from_iterable(rejected):
            self.assertFalse(cell.startswith(community_import_run.FORMULA), cell)
        self.assertEqual(record.error_filename, "export - rejected rows.csv")

    def test_rows_put_into_quarantine(self):
        """A row that can be read and not stored is in the error file too."""
        ingest = self.registry["community.ingest"]
        original = ingest._mention_values

        def values(this, channel, key, *rest):
            if key[1] == "https://shop.example/2":
                raise KeyError("a defect")
            return original(this, channel, key, *rest)

        record = self.make(as_csv(numbered(3)))
        with (
            patch.object(ingest, "_mention_values", values),
            mute_logger("odoo.addons.community_manager.models.listening.community_ingest"),
        ):
            record.action_start()
        self.assertEqual(self.figures(record), ("done", 3, 2, 0, 1))
        _head, rejected = self.error_rows(record)
        self.assertEqual(rejected[0], "3")
        self.assertIn("quarantine", rejected[1])
        self.assertEqual(record.sudo().channel_id.quarantine_count, 1)

    def test_only_about_our_topics(self):
        """Rows that no topic matches can be left out."""
        rows = [*numbered(2), ["13/01/2026", "ann", "Nothing of interest", "", ""]]
        record = self.make(as_csv(rows), keep="search")
        record.action_start()
        self.assertEqual((record.stored, record.dropped, record.known), (2, 1, 0))

    def test_large_file_in_the_background(self):
        """A large file is imported by the listener in batches, each with its position."""
        with patch.object(community_import_run, "BATCH", 10):
            record = self.make(as_csv(numbered(35)))
            before = self.env["ir.cron.trigger"].search_count([])
            record.action_start()
            self.assertEqual(self.figures(record), ("running", 0, 0, 0, 0))
            self.assertGreater(self.env["ir.cron.trigger"].search_count([]), before)
            self.assertEqual(self.run_listener(), 0)
        self.assertEqual(self.figures(record), ("done", 35, 35, 0, 0))
        self.assertEqual(len(self.imported(record)), 35)

    def test_scheduled_action(self):
        """The scheduled action takes imports, with cursors of its own."""
        with patch.object(community_import_run, "BATCH", 10):
            record = self.make(as_csv(numbered(25)))
            record.action_start()
            with self.enter_registry_test_mode():
                self.env.ref("community_manager.cron_listen").method_direct_trigger()
        self.assertEqual(self.figures(record), ("done", 25, 25, 0, 0))

    def test_goes_on_after_a_crash(self):
        """Whatever ends a run, the next goes on after the last batch that was stored: nothing lost, nothing doubled."""
        ingest = self.registry["community.ingest"]
        original, pages = ingest._ingest_page, []

        def ingest_page(this, channel, page, *prepared):
            pages.append([item.text for item in page.items])
            if len(pages) == 3:
                raise psycopg2.errors.AdminShutdown("terminating connection")
            return original(this, channel, page, *prepared)

        with patch.object(community_import_run, "BATCH", 10), patch.object(ingest, "_ingest_page", ingest_page):
            record = self.make(as_csv(numbered(35)))
            record.action_start()
            with mute_logger(RUN):
                self.run_listener()
            self.assertEqual(self.figures(record), ("running", 20, 20, 0, 0))
            self.assertTrue(0 < record.progress < 100)
            self.run_listener()
        self.assertEqual(self.figures(record), ("done", 35, 35, 0, 0))
        self.assertEqual(pages[2], pages[3], "the batch that failed is stored by the next run")
        self.assertEqual(len(pages), 5)

    def test_time_used_up(self):
        """When the time of a run ends the rest waits for the next one, which is asked for at once."""
        with patch.object(community_import_run, "BATCH", 10):
            record = self.make(as_csv(numbered(35)))
            record.action_start()
            self.assertEqual(self.run_listener(budget=0.000001), 1)
            self.assertEqual(record.state, "running")
            self.assertLess(record.done, 35)
            self.assertEqual(self.run_listener(), 0)
        self.assertEqual(self.figures(record), ("done", 35, 35, 0, 0))

    def test_stopped_and_resumed(self):
        """Somebody stops an import and goes on later."""
        with patch.object(community_import_run, "BATCH", 10):
            record = self.make(as_csv(numbered(35)))
            record.action_start()
            record.action_stop()
            self.assertEqual(record.state, "failed")
            self.assertIn(self.manager.name, record.error)
            self.run_listener()
            self.assertEqual(record.done, 0)
            record.action_start()
            self.assertFalse(record.error)
            self.run_listener()
        self.assertEqual(self.figures(record), ("done", 35, 35, 0, 0))

    def test_file_broken_in_the_middle(self):
        """What can be read before the broken place is stored, and the sentence names the place."""
        with patch.object(community_import_run, "BATCH", 10):
            record = self.make(as_csv(numbered(35)))
            record.action_start()
            original = community_import.read_table

            def broken(filename, content):
                table = original(filename, content)

                def rows(good=table.rows):
                    yield from itertools.islice(good, 25)
                    raise Malformed(BAD_ROW, params={"row": 27})

                table.rows = rows()
                return table

            self.patch(community_import, "read_table", broken)
            self.run_listener()
        self.assertEqual((record.state, record.stored), ("failed", 25))
        self.assertIn("Row 27", record.error)

    def test_no_table(self):
        """What is no table is refused when it is chosen, in words."""
        for content, words in (
            (b"", "empty"),
            (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 100, "XLS format"),
            (b"PK\x03\x04 broken", "cannot be read"),
        ):
            with self.assertRaisesRegex(UserError, words):
                self.make(content or b" ")

    def test_choices_that_make_no_sense(self):
        """Without a text column, or with one meaning twice, nothing starts."""
        record = self.make(as_csv(numbered(2)))
        record.column_ids[4].meaning = "text"
        with self.assertRaisesRegex(UserError, "two columns"):
            record.action_start()
        self.assertIn("two columns", record.preview)
        record.column_ids.meaning = False
        with self.assertRaisesRegex(UserError, "holds the text"):
            record.action_start()

    def test_only_sources_for_files(self):
        """A file is not imported into a channel of another network or company."""
        other = self.make_channel("Toy channel")
        with self.assertRaises(ValidationError):
            self.make(as_csv(numbered(1)), channel_id=other.id)
        company = self.env["res.company"].create({"name": "Elsewhere"})
        elsewhere = self.env["community.channel"].create(
            {"name": "Elsewhere", "network": "import", "company_id": company.id}
        )
        with self.assertRaises(UserError):
            self.make(as_csv(numbered(1)), channel_id=elsewhere.id)

    def test_started_files_stay(self):
        """The file cannot be exchanged under an import that was started, and starting twice does nothing."""
        record = self.make(as_csv(numbered(2)))
        record.action_start()
        with self.assertRaises(UserError):
            record.file = base64.b64encode(as_csv(numbered(3)))
        record.action_start()
        self.assertEqual(record.stored, 2)

    def test_who_may(self):
        """Managers and administrators import; agents do not."""
        with self.assertRaises(AccessError):
            self.make(as_csv(numbered(1)), user=self.agent)
        record = self.make(as_csv(numbered(1)), user=self.admin)
        with self.assertRaises(AccessError):
            record.with_user(self.agent).action_start()
        with self.assertRaises(AccessError):
            record.with_user(self.agent).read(["file"])

    def test_button_on_the_source(self):
        """The source opens a new import of its own."""
        channel = self.env["community.channel"].create({"name": "Archive", "network": "import"})
        action = channel.with_user(self.manager).action_import()
        record = self.make(as_csv(numbered(1)), channel_id=action["context"]["default_channel_id"])
        record.action_start()
        self.assertEqual(self.imported(record).channel_id, channel)

    def test_connecting_leads_to_the_file(self):
        """Who connects a source for files is asked for the first one."""
        channel = self.env["community.channel"].create({"name": "Archive", "network": "import"})
        wizard = self.env["community.channel.wizard"].with_user(self.admin).create({"channel_id": channel.id})
        action = wizard.action_start()
        self.assertEqual(action["res_model"], "community.import")
        self.assertEqual(channel.state, "listening")

    def test_forgotten_after_a_month(self):
        """File and rejected rows are removed a month after the end; the mentions stay."""
        record = self.make(as_csv([*numbered(1), ["", "", "", "", "no text"]]))
        record.action_start()
        self.assertTrue(record.sudo().reject_ids)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE community_import SET write_date = %s WHERE id = %s",
            [fields.Datetime.subtract(fields.Datetime.now(), days=31), record.id],
        )
        self.env.invalidate_all()
        self.env["community.import"]._gc_imports()
        self.env.invalidate_all()
        self.assertFalse(record.file or record.error_file or record.sudo().reject_ids)
        self.assertEqual(len(self.imported(record)), 1)
