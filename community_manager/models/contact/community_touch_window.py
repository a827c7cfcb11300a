from odoo import fields, models

from .fields_person import LooseMany2one


class CommunityTouchWindow(models.Model):
    """The reservations of one person in one company: the row on which workers meet.

    ``entries`` is a list of ``{"i": touch, "t": seconds, "m": medium, "p": purpose, "d": department, "x": seconds}``,
    where ``x`` is when a reservation that is not used ends.  Only :meth:`community.touch._reserve` and its companions
    write it, in one statement each.
    """

    _name = "community.touch.window"
    _description = "Reservations of a Person"

    partner_id = LooseMany2one("res.partner", required=True, index=False)
    company_id = LooseMany2one("res.company", required=True)
    entries = fields.Json()
    outside = fields.Json(help="Touches counted elsewhere when the last reservation was asked for.")

    _one_each = models.UniqueIndex("(partner_id, company_id)")
