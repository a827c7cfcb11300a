from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

#: the four zones of a moment, in the order in which they are shown
ZONES = ("late", "on_time", "anticipated", "excess")


class CommunityJourney(models.Model):
    """The cycle in which customers are served, as moments of truth in their order."""

    _name = "community.journey"
    _description = "Journey"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "sequence, name, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True, tracking=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    description = fields.Text(translate=True, help="Whose journey this is, and what it is for.")
    company_id = fields.Many2one("res.company", required=True, index=True, default=lambda self: self.env.company)
    currency_id = fields.Many2one(related="company_id.currency_id")
    starts_on = fields.Date(
        "Looks back to",
        required=True,
        default=lambda self: fields.Date.today() - timedelta(days=90),
        help="What happened before this day puts nobody on the journey.",
    )
    moment_ids = fields.One2many("community.moment", "journey_id", string="Moments of truth", copy=True)
    moment_count = fields.Integer(compute="_compute_moment_count", string="Number of moments")
    customer_count = fields.Integer(
        compute="_compute_counts", string="Customers", help="Customers who are at one of its moments now."
    )
    late_count = fields.Integer(compute="_compute_counts", string="Late")
    excess_count = fields.Integer(compute="_compute_counts", string="Too much")

    @api.depends("moment_ids")
    def _compute_moment_count(self):
        counts = dict(
            self.env["community.moment"]._read_group([("journey_id", "in", self.ids)], ["journey_id"], ["__count"])
        )
        for journey in self:
            journey.moment_count = counts.get(journey, 0)

    def _compute_counts(self):
        domain = [("journey_id", "in", self.ids), ("is_current", "=", True)]
        rows = self.env["community.position"]._read_group(domain, ["journey_id", "zone"], ["__count"])
        counts = {(journey.id, zone): count for journey, zone, count in rows}
        for journey in self:
            journey.late_count = counts.get((journey.id, "late"), 0)
            journey.excess_count = counts.get((journey.id, "excess"), 0)
            journey.customer_count = sum(counts.get((journey.id, zone), 0) for zone in ZONES)

    # -- what changes positions ----------------------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        journeys = super().create(vals_list)
        journeys._mark_all()
        return journeys

    def write(self, vals):
        result = super().write(vals)
        if vals.get("active") is False:
            self.env["community.position"].sudo().search([("journey_id", "in", self.ids)])._retire()
        if not {"starts_on", "active", "company_id"}.isdisjoint(vals):
            self._mark_all()
        return result

    def _mark_all(self):
        """Have all customers of these journeys looked at again, as after a change of what a moment means.

        SQL: of a company with a million customers only their numbers are read, and no record.
        """
        if not self:
            return
        self.flush_recordset()
        stale = self.env["community.position.stale"]
        for journey in self.sudo().filtered("active"):
            begins = fields.Datetime.to_datetime(journey.starts_on)
            known = SQL("SELECT partner_id FROM community_position WHERE journey_id = %s", journey.id)
            sources = stale._customers_sql(journey.company_id, begins)
            self.env.cr.execute(
                SQL(
                    "INSERT INTO community_position_stale (company_id, partner_id)"
                    " SELECT %s, who FROM (%s UNION %s) AS found(who) WHERE who IS NOT NULL",
                    journey.company_id.id,
                    known,
                    sources,
                )
            )
        cron = self.env.ref("community_manager.cron_positions", raise_if_not_found=False)
        if cron:
            cron.sudo()._trigger()

    # -- screen --------------------------------------------------------------------------------------------------------

    def action_positions(self):
        """Open the customers who are on these journeys now."""
        action = self.env["ir.actions.act_window"]._for_xml_id("community_manager.action_positions")
        return {**action, "domain": [("journey_id", "in", self.ids)], "context": {"search_default_now": 1}}

    def action_look_again(self):
        """Have where customers stand computed anew, soon."""
        self.check_access("write")
        self._mark_all()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "info",
                "message": self.env._("Where customers stand is computed in the background; this takes a moment."),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    @api.readonly
    def get_line(self):
        """Return the journey as it is drawn: its moments in their order, with who is at them now.

        :returns: dict with ``moments`` and ``sentence``; a moment has ``id``, ``name``, ``opens``, ``serves``,
            ``zones`` (list of code, label, help, count), ``customers``, ``waiting``, ``factors`` and ``share``
        """
        self.ensure_one()
        self.check_access("read")
        positions = self.env["community.position"]
        domain = [("journey_id", "=", self.id), ("is_current", "=", True)]
        counts = {
            (moment.id, zone): (count, open_count)
            for moment, zone, count, open_count in positions._read_group(
                domain, ["moment_id", "zone"], ["__count", "waits:sum"]
            )
        }
        labels = dict(positions._fields["zone"]._description_selection(self.env))
        moments = self.moment_ids
        shares = moments._shares()
        return {
            "moments": [
                {
                    "id": moment.id,
                    "name": moment.name,
                    "opens": moment.opens_text,
                    "serves": moment.serves_text,
                    "zones": [
                        {
                            "code": zone,
                            "label": labels[zone],
                            "help": moment._zone_text(zone),
                            "count": counts.get((moment.id, zone), (0, 0))[0],
                        }
                        for zone in ZONES
                    ],
                    "customers": sum(counts.get((moment.id, zone), (0, 0))[0] for zone in ZONES),
                    "waiting": sum(counts.get((moment.id, zone), (0, 0))[1] for zone in ZONES),
                    "factors": [
                        {"id": factor.id, "name": factor.name, "kind": factor.kind} for factor in moment.factor_ids
                    ],
                    "share": shares.get(moment.id, False),
                }
                for moment in moments
            ],
            "sentence": self._sentence(counts),
            "may_edit": self.has_access("write"),
        }

    def _sentence(self, counts):
        """Return in one sentence how customers of this journey fare now."""
        total = sum(count for count, _open in counts.values())
        if not self.moment_ids:
            return ""
        if not total:
            return self.env._("Nobody is at a moment of this journey now.")
        of_zone = {zone: sum(found[0] for key, found in counts.items() if key[1] == zone) for zone in ZONES}
        worst = max(self.moment_ids, key=lambda moment: counts.get((moment.id, "late"), (0, 0))[0])
        if counts.get((worst.id, "late"), (0, 0))[0]:
            return self.env._(
                "%(total)s customers are on this journey; %(late)s are served late, most of them at “%(moment)s”, "
                "and %(excess)s are contacted too much.",
                total=total,
                late=of_zone["late"],
                moment=worst.name,
                excess=of_zone["excess"],
            )
        return self.env._(
            "%(total)s customers are on this journey; nobody is served late, and %(excess)s are contacted too much.",
            total=total,
            excess=of_zone["excess"],
        )
