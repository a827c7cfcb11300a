from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import html2plaintext, is_html_empty

from ..answers.placeholders import unknown

#: what may stand in a text, see ``community.campaign.words``
PLACEHOLDERS = (
    "first_name", "name", "company", "website", "agent", "agent_first_name",
    "product", "product_link", "order", "order_date", "coupon", "survey",
)  # fmt: skip


class CommunityCampaignText(models.Model):
    """What a step says, in one language and for one variant."""

    _name = "community.campaign.text"
    _description = "Text of a Campaign"
    _order = "sequence, id"

    step_id = fields.Many2one("community.campaign.step", required=True, ondelete="cascade", index=True)
    campaign_id = fields.Many2one(related="step_id.campaign_id", store=True, index=True)
    company_id = fields.Many2one(related="step_id.company_id", store=True, index=True)
    sequence = fields.Integer(default=10)
    kind = fields.Selection(related="step_id.kind")
    language = fields.Selection(selection="_selection_language", help="Empty: for every language.")
    variant_id = fields.Many2one(
        "community.campaign.variant",
        domain="[('campaign_id', '=', campaign_id)]",
        ondelete="cascade",
        help="Empty: for all variants.",
    )
    subject = fields.Char()
    body = fields.Html("E-mail", sanitize="email_outgoing")
    text = fields.Text()
    design_id = fields.Many2one(
        "mailing.mailing",
        string="Take over from",
        store=False,
        domain="[('mailing_type', '=', 'mail')]",
        help="Takes subject and text of a mailing.",
    )

    @api.model
    def _selection_language(self):
        return self.env["community.mention"]._language_choices()

    @api.onchange("design_id")
    def _onchange_design_id(self):
        if self.design_id:
            self.subject = self.design_id.subject
            self.body = self.design_id.body_html

    @api.constrains("subject", "body", "text")
    def _check_placeholders(self):
        for record in self:
            for words in (record.subject, record.text, html2plaintext(record.body or "")):
                strange = unknown(words, PLACEHOLDERS)
                if strange:
                    raise ValidationError(
                        self.env._(
                            "“{{ %(name)s }}” stands for nothing. These do: %(known)s.",
                            name=strange[0],
                            known=", ".join(sorted(PLACEHOLDERS)),
                        )
                    )

    def _is_empty(self):
        """Return whether this says nothing."""
        self.ensure_one()
        if self.step_id.kind == "mail":
            return not (self.subject or "").strip() or is_html_empty(self.body)
        return not (self.text or "").strip()
