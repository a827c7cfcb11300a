from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Command


class CommunityShareKit(models.Model):
    """What advocates can pass on: texts for each network and language, pictures, and where it all leads to."""

    _name = "community.share.kit"
    _description = "Share Kit"
    _inherit = ["mail.thread"]
    _order = "date_end desc, id desc"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", required=True, index=True, default=lambda self: self.env.company)
    intro = fields.Text("What to say to them", translate=True, help="Stands on top of the page that advocates see.")
    url = fields.Char("Leads to", required=True, help="The page of ours that visitors are sent to.")
    hashtags = fields.Char(help="Added to each text, such as “#norte #lamps”.")
    disclosure = fields.Char(
        "Words of disclosure",
        translate=True,
        help="Added to each text, such as “#ad”, where advocates get something for it.",
    )
    date_start = fields.Date("From", default=fields.Date.context_today)
    date_end = fields.Date("Until", help="Afterwards the page says that it is over. Empty: until it is archived.")
    days = fields.Integer(
        "Counts for",
        default=365,
        required=True,
        help="Days after somebody first came in which what they ask or buy counts for who sent them.",
    )
    campaign_id = fields.Many2one("utm.campaign", readonly=True, copy=False, ondelete="restrict")
    line_ids = fields.One2many("community.share.text", "kit_id", string="Texts", copy=True)
    image_ids = fields.Many2many(
        "ir.attachment",
        "community_share_kit_image_rel",
        "kit_id",
        "attachment_id",
        string="Pictures",
        help="Anybody with the page of an advocate can see them.",
    )
    referral_ids = fields.One2many("community.referral", "kit_id", string="Links")
    referral_count = fields.Integer(compute="_compute_referral_count", string="Advocates")
    click_count = fields.Integer(compute="_compute_referral_count", string="Clicks")
    lead_count = fields.Integer(compute="_compute_referral_count", string="Leads")
    order_count = fields.Integer(compute="_compute_referral_count", string="Orders")

    _some_days = models.Constraint("CHECK(days > 0)", "At least one day has to count.")

    @api.constrains("url")
    def _check_url(self):
        for kit in self:
            if not kit.url.strip().startswith(("https://", "http://", "/")):
                raise ValidationError(self.env._("“%s” is no address of a page: begin with https://", kit.url))

    @api.constrains("image_ids")
    def _check_images(self):
        for kit in self:
            strange = kit.image_ids.filtered(lambda file: file.mimetype not in PICTURES)
            if strange:
                raise ValidationError(self.env._("“%s” is no picture that can be shown.", strange[0].name))

    @api.depends("referral_ids")
    def _compute_referral_count(self):
        figures = self.sudo().with_context(active_test=False).referral_ids._figures()
        for kit in self:
            every = kit.sudo().with_context(active_test=False).referral_ids
            theirs = [figures[one.id] for one in every if one.id in figures]
            kit.referral_count = len(every.filtered("active"))
            kit.click_count = sum(figure["clicks"] for figure in theirs)
            kit.lead_count = sum(figure["leads"] for figure in theirs)
            kit.order_count = sum(figure["orders"] for figure in theirs)

    @api.model_create_multi
    def create(self, vals_list):
        kits = super().create(vals_list)
        for kit in kits.sudo().filtered(lambda one: not one.campaign_id):
            # sudo: who writes texts to share need not set up marketing
            kit.campaign_id = kit.env["utm.campaign"].create({"title": kit.name, "company_id": kit.company_id.id})
        kits._own_images()
        return kits

    def write(self, vals):
        result = super().write(vals)
        if "image_ids" in vals:
            self._own_images()
        return result

    def _own_images(self):
        """Let the pictures belong to their kit, so that whoever sees it sees them."""
        for kit in self:
            loose = kit.sudo().image_ids.filtered(lambda file: not file.res_id)
            loose.write({"res_model": self._name, "res_id": kit.id})

    def _is_over(self):
        self.ensure_one()
        today = fields.Date.context_today(self)
        return not self.active or bool(self.date_end and self.date_end < today)

    def _texts(self, referral, lang):
        """Return what the page shows: dicts with ``network`` and ``text``, in one language where there is one.

        :param referral: whose link stands in the texts
        :param str lang: code of a language, such as "es_ES"
        """
        self.ensure_one()
        kit = self.with_context(lang=lang)
        lines = kit.line_ids.filtered(lambda line: line.lang == lang)
        lines = lines or kit.line_ids.filtered(lambda line: (line.lang or "")[:2] == (lang or "")[:2])
        lines |= kit.line_ids.filtered(lambda line: not line.lang)
        lines = lines or kit.line_ids
        return [{"network": line.network_id.name or "", "text": line._text_for(referral)} for line in lines]

    def action_invite(self):
        """Choose who gets a link of this kit."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Give links"),
            "res_model": "community.share.invite",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_kit_id": self.id},
        }

    def action_open_referrals(self):
        """Open the links of this kit."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Referral links"),
            "res_model": "community.referral",
            "views": [(False, "list"), (False, "form")],
            "domain": [("kit_id", "in", self.ids)],
            "context": {"default_kit_id": self[:1].id, "active_test": False},
        }

    def _give(self, influencers):
        """Make a link for each of these who has none of this kit; return the links of all.

        :param influencers: ``community.influencer`` records
        """
        self.ensure_one()
        referrals = self.env["community.referral"]
        known = referrals.search([("kit_id", "=", self.id), ("influencer_id", "in", influencers.ids)])
        missing = influencers - known.influencer_id
        return known | referrals.create([{"kit_id": self.id, "influencer_id": one.id} for one in missing])

    def copy_data(self, default=None):
        return [
            {**values, "name": self.env._("%s (copy)", kit.name), "image_ids": [Command.clear()]}
            for kit, values in zip(self, super().copy_data(default), strict=True)
        ]


#: what browsers show as a picture and nothing else
PICTURES = frozenset(("image/png", "image/jpeg", "image/gif", "image/webp"))
