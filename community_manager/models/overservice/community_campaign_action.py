from odoo import fields, models

from .community_campaign_step import KINDS


class CommunityCampaignAction(models.Model):
    """Something that was done for a person by a step of a campaign; once for each step and person.

    Written in the transaction that does it: whoever finds it after a crash knows that it is done.
    """

    _name = "community.campaign.action"
    _description = "Action of a Campaign"
    _order = "moment desc, id desc"

    person_id = fields.Many2one(
        "community.campaign.person", required=True, readonly=True, ondelete="cascade", index=True
    )
    campaign_id = fields.Many2one(related="person_id.campaign_id", store=True, index=True)
    company_id = fields.Many2one(related="person_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    partner_id = fields.Many2one(related="person_id.partner_id", store=True, index=True)
    variant_id = fields.Many2one(related="person_id.variant_id", store=True)
    step_id = fields.Many2one("community.campaign.step", readonly=True, ondelete="restrict", index=True)
    kind = fields.Selection(KINDS, readonly=True, string="What was done")
    medium = fields.Char(readonly=True)
    moment = fields.Datetime(readonly=True, required=True, default=fields.Datetime.now)
    state = fields.Selection(
        [("done", "Done"), ("cancelled", "Taken back")], default="done", required=True, readonly=True, index=True
    )
    cost = fields.Monetary(readonly=True)
    touch_id = fields.Integer(readonly=True)
    mail_id = fields.Integer(readonly=True)
    sms_id = fields.Integer(readonly=True)
    trace_id = fields.Many2one("mailing.trace", readonly=True, ondelete="set null", index="btree_not_null")
    reply_id = fields.Many2one("community.reply", readonly=True, ondelete="set null", index="btree_not_null")
    activity_id = fields.Many2one("mail.activity", readonly=True, ondelete="set null", index="btree_not_null")
    handoff_id = fields.Many2one("community.handoff", readonly=True, ondelete="set null", index="btree_not_null")

    _once = models.UniqueIndex("(person_id, step_id) WHERE state = 'done'")
