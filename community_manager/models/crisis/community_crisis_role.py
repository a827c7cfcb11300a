from odoo import fields, models


class CommunityCrisisRole(models.Model):
    """What somebody does in a crisis: spokesperson, legal, communication…"""

    _name = "community.crisis.role"
    _description = "Crisis Role"
    _order = "sequence, name, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    may_approve = fields.Boolean("Approves statements", help="May approve what is said in a crisis.")
    may_release = fields.Boolean("Releases messages", help="May let single messages go out while a crisis holds them.")

    _unique_name = models.UniqueIndex("(name)", "This role exists already.")
