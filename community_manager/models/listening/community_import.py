import base64
import itertools
import time

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_datetime

from odoo.addons.base.models.res_partner import _tz_get

from ...connectors.errors import ConnectorError
from ...connectors.file import guess_columns, guess_date_order, read_table, row_to_item
from ...connectors.items import Reject
from ..platform.sentences import said

#: rows that the preview shows
PREVIEW_ROWS = 10
#: rows of which the preview tells how many can be read
JUDGED_ROWS = 1000
#: rows from which the order of day and month is guessed
SAMPLED_ROWS = 200
#: seconds for counting the rows of a file while somebody waits; the run itself counts without a limit
COUNT_SECONDS = 3.0
#: characters of a text that the preview shows
EXCERPT = 160


def _(text):
    return text


#: what a column can mean, in the order that people look for it
FIELD_LABELS = {
    "text": _("Text"),
    "title": _("Title"),
    "url": _("Link"),
    "published_at": _("Date and time"),
    "author": _("Author: name"),
    "handle": _("Author: handle"),
    "email": _("Author: e-mail"),
    "author_url": _("Author: profile"),
    "followers": _("Author: followers"),
    "id": _("Identifier"),
    "parent": _("Answers (identifier)"),
    "network": _("Network"),
    "language": _("Language"),
    "rating": _("Stars"),
    "likes": _("Likes"),
    "shares": _("Shares"),
    "replies": _("Replies"),
}


class CommunityImport(models.Model):
    """A file whose rows become mentions: what its columns mean, and how far it has come."""

    _name = "community.import"
    _description = "Import of Mentions"
    _inherit = ["mail.thread"]
    _order = "id desc"
    _check_company_auto = True

    name = fields.Char(compute="_compute_name", store=True)
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company, index=True)
    channel_id = fields.Many2one(
        "community.channel",
        string="Source",
        domain="[('network', '=', 'import'), ('company_id', '=', company_id)]",
        ondelete="cascade",
        index=True,
        check_company=True,
        help="Rows that are already stored under this source are not stored again.",
    )
    channel_name = fields.Char(
        string="New source", default=lambda self: self.env._("Imported files"), help="Made when the import starts."
    )
    file = fields.Binary(required=True, copy=False, help="CSV or XLSX; its first row names the columns.")
    filename = fields.Char(copy=False)
    column_ids = fields.One2many("community.import.column", "import_id", string="Columns")
    date_order = fields.Selection(
        [("dmy", "Day, month, year"), ("mdy", "Month, day, year"), ("ymd", "Year, month, day")],
        string="Order of dates",
        default="dmy",
        required=True,
    )
    timezone = fields.Selection(
        _tz_get,
        string="Time zone",
        default=lambda self: self.env.user.tz or "UTC",
        required=True,
        help="Of times that do not say theirs.",
    )
    keep = fields.Selection(
        [("own", "Every row"), ("search", "Rows about one of our topics")],
        default="own",
        required=True,
        string="What to keep",
    )
    preview = fields.Html(compute="_compute_preview", sanitize=False)
    state = fields.Selection(
        [("draft", "To start"), ("running", "Running"), ("done", "Done"), ("failed", "Stopped")],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        tracking=True,
        index=True,
    )
    total = fields.Integer(readonly=True, copy=False, string="Rows")
    counted = fields.Boolean(readonly=True, copy=False, help="Off: the file has more rows than were counted so far.")
    done = fields.Integer(readonly=True, copy=False, string="Rows read")
    progress = fields.Float(compute="_compute_progress", string="Progress (%)")
    stored = fields.Integer(readonly=True, copy=False)
    known = fields.Integer(readonly=True, copy=False, string="Known already")
    dropped = fields.Integer(readonly=True, copy=False, string="About none of our topics")
    rejected = fields.Integer(readonly=True, copy=False)
    error = fields.Text(readonly=True, copy=False)
    error_file = fields.Binary(readonly=True, copy=False, string="Rejected rows")
    error_filename = fields.Char(compute="_compute_error_filename")
    reject_ids = fields.One2many("community.import.reject", "import_id", readonly=True)

    @api.depends("filename")
    def _compute_name(self):
        for record in self:
            record.name = record.filename or self.env._("New import")

    @api.depends("done", "total", "counted", "state")
    def _compute_progress(self):
        for record in self:
            if record.state == "done":
                record.progress = 100
            else:
                record.progress = 100 * record.done / record.total if record.total and record.counted else 0

    @api.depends("filename")
    def _compute_error_filename(self):
        for record in self:
            stem = (record.filename or "import").rpartition(".")[0] or "import"
            record.error_filename = f"{stem} - {self.env._('rejected rows')}.csv"

    @api.constrains("channel_id")
    def _check_channel(self):
        for record in self:
            if record.channel_id and record.channel_id.network != "import":
                raise ValidationError(self.env._("Files are imported into a source of the network “File import”."))

    # -- the file --------------------------------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        for record in records:
            record._read_head()
        return records

    def write(self, vals):
        if vals.get("file") and any(record.state != "draft" for record in self):
            raise UserError(self.env._("The file of an import that was started cannot be changed."))
        result = super().write(vals)
        if vals.get("file"):
            for record in self:
                record._read_head()
        return result

    def _content(self):
        """Return the bytes of the file."""
        return base64.b64decode(self.with_context(bin_size=False).file or b"")

    def _open_table(self):
        """Return the table in the file.

        :raises UserError: it cannot be read, in words
        """
        try:
            return read_table(self.filename or "", self._content())
        except ConnectorError as error:
            raise UserError(self._sentence(error)) from error

    def _sentence(self, error):
        """Return the sentence of an error, or of the reason of a rejected row, in the reader's language."""
        return said(self.env, error) if hasattr(error, "template") else str(error)

    def _read_head(self):
        """Guess what the columns mean and count the rows."""
        table = self._open_table()
        until = time.monotonic() + COUNT_SECONDS
        sample, total, counted = [], 0, True
        try:
            for _number, cells in table.rows:
                total += 1
                if total <= SAMPLED_ROWS:
                    sample.append(cells)
                if time.monotonic() > until:
                    counted = False
                    break
        except ConnectorError as error:
            raise UserError(self._sentence(error)) from error
        guessed = guess_columns(table.header)
        meaning = {place: field for field, place in guessed.items()}
        dates = guessed.get("published_at")
        self.write(
            {
                "total": total,
                "counted": counted,
                "date_order": guess_date_order(row[dates] for row in sample if dates is not None and dates < len(row)),
                "column_ids": [
                    fields.Command.clear(),
                    *(
                        fields.Command.create(
                            {
                                "place": place,
                                "name": name or self.env._("Column %s", place + 1),
                                "sample": next((_text(row[place]) for row in sample if _filled(row, place)), "")[
                                    :EXCERPT
                                ],
                                "meaning": meaning.get(place),
                            }
                        )
                        for place, name in enumerate(table.header)
                    ),
                ],
            }
        )

    def _mapping(self):
        """Return ``{field: place}``.

        :raises UserError: a field is chosen for two columns
        """
        mapping = {}
        for column in self.column_ids.filtered("meaning"):
            if column.meaning in mapping:
                label = self.env._(FIELD_LABELS[column.meaning])
                raise UserError(self.env._("“%s” is chosen for two columns. Choose it for one of them.", label))
            mapping[column.meaning] = column.place
        return mapping

    def _reader(self):
        """Return a function that makes an item or a ``Reject`` of a row number and its cells, without the database."""
        mapping, order, zone, keep = self._mapping(), self.date_order, self.timezone, self.keep
        return lambda number, cells: row_to_item(cells, mapping, order, zone, number=number, origin=keep)

    # -- preview ---------------------------------------------------------------------------------------------------

    @api.depends("file", "column_ids.meaning", "date_order", "timezone", "keep", "state")
    def _compute_preview(self):
        for record in self:
            draft = record.state == "draft" and record._origin.with_context(bin_size=True).file
            record.preview = record._preview() if draft else False

    def _preview(self):
        """Return the first rows as they would arrive, and how many can be read."""
        try:
            read_row = self._reader()
            rows = itertools.islice(self._origin._open_table().rows, JUDGED_ROWS)
            read = [(number, read_row(number, cells)) for number, cells in rows]
        except (UserError, ConnectorError) as error:
            return Markup("<p class='text-danger'>%s</p>") % self._sentence(error)
        bad = [(number, item) for number, item in read if isinstance(item, Reject)]
        lines = [self._count_sentence()]
        if bad:
            lines.append(
                self.env._("%(bad)s of the first %(count)s rows cannot be imported:", bad=len(bad), count=len(read))
                + " "
                + self._sentence(bad[0][1].error)
            )
        elif read:
            lines.append(self.env._("The first %s rows can all be imported.", len(read)))
        head = [
            self.env._("Row"),
            self.env._("Date"),
            self.env._("Author"),
            self.env._("What it says"),
            self.env._("Link"),
        ]
        return Markup("<p>%s</p><table class='table table-sm'><thead><tr>%s</tr></thead><tbody>%s</tbody></table>") % (
            Markup("<br/>").join(lines),
            Markup("").join(Markup("<th>%s</th>") % cell for cell in head),
            Markup("").join(self._preview_row(number, item) for number, item in read[:PREVIEW_ROWS]),
        )

    def _count_sentence(self):
        if self.counted:
            return self.env._("The file has %s rows.", self.total)
        return self.env._("The file has more than %s rows.", self.total)

    def _preview_row(self, number, item):
        if isinstance(item, Reject):
            cells = Markup("<td>%s</td><td colspan='4' class='text-danger'>%s</td>") % (
                number,
                self._sentence(item.error),
            )
        else:
            words = " — ".join(part for part in (item.title, item.text) if part)
            moment = item.published_at
            cells = Markup("").join(
                Markup("<td>%s</td>") % cell
                for cell in (
                    number,
                    format_datetime(self.env, moment.replace(tzinfo=None))
                    if moment
                    else self.env._("time of the import"),
                    item.author.name if item.author else "",
                    words[:EXCERPT] + ("…" if len(words) > EXCERPT else ""),
                    item.url,
                )
            )
        return Markup("<tr>%s</tr>") % cells


def _filled(row, place):
    return place < len(row) and row[place] not in (None, "")


def _text(cell):
    return "" if cell is None else str(cell).replace("\x00", "")
