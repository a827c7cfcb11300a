from odoo import fields, models


class CommunityTieState(models.Model):
    """How far the graph of a company is made; read and written by scheduled work alone."""

    _name = "community.tie.state"
    _description = "State of the Graph"
    _log_access = False

    company_id = fields.Many2one("res.company", required=True, ondelete="cascade")
    upto = fields.Integer(help="Mentions up to this number are in the ties.")
    half_life = fields.Integer(help="Days with which the ties were made.")
    reckoned_at = fields.Datetime(help="When scores were made.")
    people = fields.Integer(help="Profiles in the graph.")
    ties = fields.Integer(help="Pairs with a tie.")
    guarded = fields.Boolean(help="Somebody is known, so accounts that only answer each other are told from people.")

    _unique_company = models.UniqueIndex("(company_id)")
