import re

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...connectors import network as network_class

#: what may stand in a template; an order and a ticket are told in private only
PLACEHOLDERS = (
    "author", "first_name", "handle", "agent", "agent_first_name", "company", "website", "account", "network",
    "product", "topic", "order", "ticket",
)  # fmt: skip
_SHORTCUT = re.compile(r"[\w-]+")
#: what the preview shows where no mention is chosen
SAMPLE = {
    "author": "Ana Ruiz",
    "first_name": "Ana",
    "handle": "@ana",
    "network": "Mastodon",
    "order": "S00042",
    "ticket": "#88",
}


class CommunityTemplate(models.Model):
    """A prepared answer, offered in the composer where it fits."""

    _name = "community.template"
    _description = "Answer Template"
    _inherit = ["community.wordings"]
    _order = "sequence, name, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company, index=True)
    user_id = fields.Many2one(
        "res.users", string="Owner", default=lambda self: self.env.user, domain="[('share', '=', False)]"
    )
    shortcut = fields.Char(
        help="What is typed after a slash to find it: “thanks” for /thanks. Letters, digits, - and _.",
        index="btree_not_null",
        copy=False,
    )
    way = fields.Selection(
        [("any", "Public and private"), ("public", "Public answers"), ("private", "Private answers")],
        default="any",
        required=True,
        string="For",
    )
    network_ids = fields.Many2many("community.network", "community_template_network_rel", "template_id", "network_id")
    line_ids = fields.One2many("community.template.line", "template_id", string="Variants", copy=True)
    intent_ids = fields.Many2many(
        "community.intent",
        "community_template_intent_rel",
        "template_id",
        "intent_id",
        string="Intents",
        help="Offered when somebody wants one of these. Empty: whatever they want.",
    )
    topic_ids = fields.Many2many(
        "community.topic",
        "community_template_topic_rel",
        "template_id",
        "topic_id",
        string="Topics",
        check_company=True,
        help="Offered when one of these is spoken of. Empty: whatever it is about.",
    )
    is_thanks = fields.Boolean(
        "Says thank you", help="Offered first for praise and suggestions, and for what is said with a good feeling."
    )
    use_count = fields.Integer("Used", readonly=True, copy=False)
    used_at = fields.Datetime("Last used", readonly=True, copy=False)
    preview_mention_id = fields.Many2one(
        "community.mention", string="Preview with", store=False, help="Empty: a person who is made up."
    )
    preview = fields.Text(compute="_compute_preview", string="With everything known")
    preview_bare = fields.Text(compute="_compute_preview", string="With nothing known")
    placeholder_help = fields.Html(compute="_compute_placeholder_help", sanitize=False)

    _unique_shortcut = models.UniqueIndex(
        "(company_id, shortcut) WHERE shortcut IS NOT NULL AND active IS TRUE",
        "Another template of the company has this shortcut.",
    )

    def _placeholders(self):
        return frozenset(PLACEHOLDERS)

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([_with_shortcut(values) for values in vals_list])

    def write(self, vals):
        return super().write(_with_shortcut(vals))

    @api.constrains("shortcut")
    def _check_shortcut(self):
        for template in self:
            if template.shortcut and not _SHORTCUT.fullmatch(template.shortcut):
                raise ValidationError(
                    self.env._("“%s” cannot be a shortcut: use letters, digits, - and _.", template.shortcut)
                )

    def copy_data(self, default=None):
        return [
            {**values, "name": self.env._("%s (copy)", template.name)}
            for template, values in zip(self, super().copy_data(default), strict=True)
        ]

    # -- preview ---------------------------------------------------------------------------------------------------

    @api.depends("text", "language", "line_ids.text", "line_ids.language", "line_ids.network_ids", "network_ids")
    @api.depends("preview_mention_id")
    @api.depends_context("uid", "company")
    def _compute_preview(self):
        for template in self:
            mention = template.preview_mention_id
            connector = network_class(mention.network) if mention else None
            ours = mention._placeholder_values("message") if mention else self._sample_values()
            template.preview = template._say(mention, ours, "message", connector)[0]
            template.preview_bare = template._say(mention, {}, "message", connector)[0]

    @api.model
    def _sample_values(self):
        """Return values of all placeholders, of a person who is made up."""
        user, company = self.env.user, self.env.company
        words = {"agent": user.name, "agent_first_name": (user.name or "").split(" ")[0], "company": company.name}
        more = {"website": company.website or "", "account": company.name}
        return {**SAMPLE, **words, **more, "product": self.env._("Desk lamp"), "topic": self.env._("Lamps")}

    @api.depends_context("lang")
    def _compute_placeholder_help(self):
        labels = self._placeholder_labels()
        for template in self:
            template.placeholder_help = self.env["ir.qweb"]._render(
                "community_manager.placeholder_help", {"labels": labels}
            )

    @api.model
    def _placeholder_labels(self):
        """Return ``{name: what it stands for}`` in the language of the user."""
        return {
            "author": self.env._("name of the person, as shown on the network"),
            "first_name": self.env._("first name, where there is one"),
            "handle": self.env._("name of the account on the network"),
            "agent": self.env._("who answers"),
            "agent_first_name": self.env._("first name of who answers"),
            "company": self.env._("our company"),
            "website": self.env._("our website"),
            "account": self.env._("our account on the network"),
            "network": self.env._("the network"),
            "product": self.env._("product that is spoken of"),
            "topic": self.env._("topic that is spoken of"),
            "order": self.env._("latest order of the contact, in private answers only"),
            "ticket": self.env._("number of the ticket, in private answers only"),
        }

    # -- use -------------------------------------------------------------------------------------------------------

    def _note_used(self):
        """Count that these were taken into an answer."""
        for template in self.sudo():
            template.write({"use_count": template.use_count + 1, "used_at": fields.Datetime.now()})


def _with_shortcut(values):
    """Return values whose shortcut has no slash before it, and no capital letters."""
    if "shortcut" not in values:
        return values
    return {**values, "shortcut": (values["shortcut"] or "").strip().lstrip("/").lower() or False}
