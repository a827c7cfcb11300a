from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import email_normalize

#: days after the first contact in which what somebody asks or buys counts for who sent them, where no kit says it
DAYS = 365
#: what decides who has sent somebody
DECIDES = frozenset(
    ("source_id", "campaign_id", "partner_id", "community_referral_code", "email_from", "opportunity_id")
)


class CommunityReferred(models.AbstractModel):
    """For what people ask or buy whom somebody may have sent: leads and orders.

    The first touch wins: whoever sent a customer first is who has sent them, for as many days as the share kit says.
    What advocates ask or buy themselves does not count.
    """

    _name = "community.referred"
    _description = "Sent by Somebody"

    community_referral_id = fields.Many2one(
        "community.referral",
        string="Sent by",
        readonly=True,
        copy=False,
        ondelete="set null",
        index="btree_not_null",
        groups="community_manager.group_agent,sales_team.group_sale_salesman",
        help="The link or code of whoever sent them first.",
    )
    community_referral_code = fields.Char("Referral code", copy=False, help="As the customer typed or told it.")

    @api.constrains("community_referral_code")
    def _check_community_referral_code(self):
        for record in self.filtered("community_referral_code"):
            if not record._community_by_code():
                raise ValidationError(self.env._("Nobody has the referral code “%s”.", record.community_referral_code))

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        records._community_attribute()
        return records

    def write(self, vals):
        result = super().write(vals)
        if DECIDES & set(vals):
            self._community_attribute()
        return result

    def _community_by_code(self):
        """Return the referral whose code was typed, revoked ones too, in the company of this record."""
        self.ensure_one()
        code = "".join((self.community_referral_code or "").split()).upper()
        referrals = self.env["community.referral"].sudo().with_context(active_test=False)
        found = referrals.search([("code", "=", code)], limit=1) if code else referrals
        return found.filtered(lambda one: self.sudo().company_id.id in (False, one.company_id.id))

    def _community_attribute(self):
        """Note who has sent these, where somebody did."""
        # sudo: visitors and salespeople create what is counted, and see nothing of the community
        records = self.sudo()
        referrals = self.env["community.referral"].sudo()
        if not records or not referrals.with_context(active_test=False).search_count([], limit=1):
            return
        sources = records.source_id.ids
        by_source = referrals.search([("influencer_id.source_id", "in", sources)], order="id") if sources else referrals
        touches = records._community_touches()
        for record in records:
            if record.community_referral_id and not record._community_own(record.community_referral_id):
                continue
            told = record._community_by_code().filtered("active") or record._community_by_link(by_source)
            first = touches.get((record.partner_id.commercial_partner_id.id, record._community_company()))
            found = first[1] if first and first[0] + _window(first[1]) >= record._community_moment() else told
            if found and record._community_own(found):
                found = told if told != found and told and not record._community_own(told) else referrals
            if record.community_referral_id != found:
                record.community_referral_id = found

    def _community_by_link(self, by_source):
        """Return the link through which this came: of its source and campaign, else of its source."""
        same = by_source.filtered(
            lambda one: (
                one.influencer_id.source_id == self.source_id and self.company_id.id in (False, one.company_id.id)
            )
        )
        return same.filtered(lambda one: one.link_id.campaign_id == self.campaign_id)[:1] or same[:1]

    def _community_company(self):
        return (self.company_id or self.env.company).id

    def _community_moment(self):
        return self.create_date or fields.Datetime.now()

    def _community_own(self, referral):
        """Return whether this is of the advocate, or of the firm that they are part of."""
        advocate = referral.influencer_id.partner_id
        if advocate and self.partner_id.commercial_partner_id == advocate.commercial_partner_id:
            return True
        address = email_normalize(self.email_from) if "email_from" in self._fields and not self.partner_id else False
        return bool(address and address in referral.influencer_id._addresses())

    def _community_touches(self):
        """Return ``{(customer id, company id): (moment, referral)}`` of the first time somebody sent each customer."""
        customers = self.partner_id.commercial_partner_id
        found = {}
        if not customers:
            return found
        sent = [("partner_id.commercial_partner_id", "in", customers.ids), ("community_referral_id", "!=", False)]
        for model in ("crm.lead", "sale.order"):
            earlier = self.env[model].sudo().with_context(active_test=False).search(sent)
            for record in earlier:
                if model == self._name and record in self:
                    continue
                key = (record.partner_id.commercial_partner_id.id, record._community_company())
                touch = (record._community_moment(), record.community_referral_id)
                if key not in found or touch[0] < found[key][0]:
                    found[key] = touch
        return found


def _window(referral):
    return timedelta(days=referral.kit_id.days or DAYS)
