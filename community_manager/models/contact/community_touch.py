from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL

from .fields_person import LooseMany2one
from .media import MEDIA, REASONS
from .touch_text import clean


class CommunityTouch(models.Model):
    """One contact with a person, by whatever medium: what was said, what is about to be, and what was held back.

    Rows are read from the models in which they happen, or made by a reservation
    (:meth:`_reserve`) right before something is sent.
    """

    _name = "community.touch"
    _description = "Touch"
    _order = "moment desc, id desc"
    _rec_name = "text"

    partner_id = LooseMany2one("res.partner", string="Person", required=True, index=False)
    company_id = fields.Many2one("res.company", required=True, index=True, ondelete="cascade")
    medium = fields.Selection(MEDIA, required=True)
    purpose_id = LooseMany2one("community.purpose", index="btree_not_null")
    state = fields.Selection(
        [
            ("reserved", "About to be sent"),
            ("used", "Done"),
            ("released", "Not sent"),
            ("expired", "Never sent"),
            ("held", "Held back"),
        ],
        required=True,
        default="used",
        index=True,
    )
    code = fields.Selection(REASONS, string="Held because", index="btree_not_null")
    reason = fields.Char("Why", help="In the language of whoever started the sending.")
    text = fields.Char("What", help="Subject, or the beginning of what was said.")
    moment = fields.Datetime("When", required=True, default=fields.Datetime.now)
    until = fields.Datetime("Held until")
    expires_at = fields.Datetime("Reserved until")
    own_question = fields.Boolean(help="Answers what the person asked: never held back, and counted.")
    reserved = fields.Boolean("By reservation", help="Counted in the person's reservations.")
    department_id = LooseMany2one("community.department")
    source_model = fields.Char()
    source_id = fields.Many2oneReference("Record", model_field="source_model")
    user_id = LooseMany2one("res.users", string="By")

    _of_person = models.Index("(partner_id, company_id, moment)")
    _once = models.UniqueIndex("(source_model, source_id, partner_id) WHERE NOT reserved AND state = 'used'")
    _open_ones = models.Index("(expires_at) WHERE state = 'reserved'")

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            raise AccessError(self.env._("Touches are noted as they happen, not by hand."))
        return super().create(vals_list)

    def action_open_source(self):
        """Open what was sent or done, where the reader may see it."""
        self.ensure_one()
        self.check_access("read")
        if not self.source_id or self.source_model not in self.env:
            return self.partner_id.get_formview_action()
        record = self.env[self.source_model].browse(self.source_id).exists()
        return record.get_formview_action() if record else self.partner_id.get_formview_action()

    @api.model
    def _note(self, rows):
        """Note touches that happened without a reservation, in one statement; what is noted already is left alone.

        :param rows: list of dicts with ``partner_id``, ``company_id``, ``medium``, ``source`` (model, id), and
            optionally ``purpose`` (code), ``moment`` (naive UTC), ``text``, ``own_question`` and ``user_id``
        :returns: number of touches that are new
        """
        rows = [row for row in rows if row.get("partner_id") and row.get("company_id")]
        if not rows:
            return 0
        now = fields.Datetime.now()
        purposes = self.env["community.purpose"]._by_code()
        columns = (
            "partner_id company_id medium purpose_id state text moment own_question reserved source_model source_id"
            " user_id create_uid create_date write_uid write_date"
        ).split()
        values = [
            SQL(
                "(%s)",
                SQL(", ").join(
                    SQL("%s", value)
                    for value in (
                        row["partner_id"],
                        row["company_id"],
                        row["medium"],
                        purposes.get(row.get("purpose") or "service", {}).get("id"),
                        "used",
                        clean(row.get("text")),
                        row.get("moment") or now,
                        bool(row.get("own_question")),
                        False,
                        row["source"][0],
                        row["source"][1],
                        row.get("user_id") or None,
                        self.env.uid,
                        now,
                        self.env.uid,
                        now,
                    )
                ),
            )
            for row in rows
        ]
        # ON CONFLICT: what two workers see at once is noted once
        found = self.env.execute_query(
            SQL(
                "INSERT INTO community_touch (%s) VALUES %s ON CONFLICT DO NOTHING RETURNING id",
                SQL(", ").join(SQL.identifier(name) for name in columns),
                SQL(", ").join(values),
            )
        )
        self.invalidate_model()
        return len(found)
