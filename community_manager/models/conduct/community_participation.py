import re

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import html_translate

#: where the rules stand for everybody
PUBLIC_PATH = "/community/participation"
#: no address has more versions: what is above is no number of a column either
MOST_VERSIONS = 100_000
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
#: what may change of rules that were published
FREE = frozenset(("state", "published_at", "published_by_id", "active"))


class CommunityParticipation(models.Model):
    """One version of the rules for taking part in our spaces, which everybody can read on a page of our own.

    ``draft → published → replaced``: what was published stays as it was, so that what somebody was told can be looked
    up years later; a change is a new version.
    """

    _name = "community.participation"
    _description = "Participation Rules"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "slug, version desc, id desc"

    name = fields.Char(string="Title", required=True, translate=True, tracking=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company, index=True)
    slug = fields.Char(
        string="Address",
        required=True,
        default="rules",
        help="The end of the public address: small letters, digits, “-”.",
    )
    version = fields.Integer(required=True, readonly=True, default=1, copy=False)
    state = fields.Selection(
        [("draft", "Draft"), ("published", "Published"), ("replaced", "Replaced")],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        tracking=True,
        group_expand=True,
    )
    intro = fields.Html(
        string="Introduction", translate=html_translate, sanitize=True, sanitize_attributes=True, sanitize_form=True
    )
    rule_ids = fields.One2many("community.participation.rule", "participation_id", string="Rules", copy=True)
    changes = fields.Text(string="What changed", translate=True, copy=False, help="Shown in the history of the page.")
    published_at = fields.Datetime("Published on", readonly=True, copy=False)
    published_by_id = fields.Many2one("res.users", string="Published by", readonly=True, copy=False)
    page_url = fields.Char(compute="_compute_page_url", string="Page")
    version_ids = fields.Many2many("community.participation", compute="_compute_version_ids", string="Other versions")

    _one_version = models.UniqueIndex("(slug, version)", "There is this version at this address already.")
    _one_published = models.UniqueIndex(
        "(slug) WHERE state = 'published'", "Other rules are published at this address already."
    )

    @api.depends("name", "version")
    def _compute_display_name(self):
        for rules in self:
            rules.display_name = self.env._("%(name)s, version %(number)d", name=rules.name, number=rules.version)

    @api.depends("slug", "state", "version")
    def _compute_page_url(self):
        for rules in self:
            base = f"{rules.get_base_url()}{PUBLIC_PATH}/{rules.slug}"
            rules.page_url = {"published": base, "replaced": f"{base}/{rules.version}"}.get(rules.state)

    @api.depends("slug", "company_id")
    def _compute_version_ids(self):
        for rules in self:
            rules.version_ids = rules._family() - rules._origin

    def _family(self):
        """Return all versions of these rules, the newest first."""
        self.ensure_one()
        return self.with_context(active_test=False).search(
            [("slug", "=", self.slug), ("company_id", "=", self.company_id.id)], order="version desc"
        )

    @api.constrains("slug")
    def _check_slug(self):
        for rules in self:
            if not _SLUG.fullmatch(rules.slug or "") or len(rules.slug) > 60:
                raise ValidationError(
                    self.env._("An address has small letters and digits only, with “-” between words: %s", rules.slug)
                )
            others = self.sudo().with_context(active_test=False).search([("slug", "=", rules.slug)]).company_id
            if others - rules.company_id:
                raise ValidationError(self.env._("Another company publishes its rules at this address."))

    def write(self, vals):
        said = {name for name in vals if name not in FREE and not name.startswith(("message_", "activity_"))}
        if (said or vals.get("state") == "draft") and any(rules.state != "draft" for rules in self):
            raise UserError(self.env._("What was published stays as it was. Make a new version."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_drafts(self):
        if any(rules.state != "draft" for rules in self):
            raise UserError(self.env._("What was published is kept, for people may have to look it up. Archive it."))

    # -- buttons ------------------------------------------------------------------------------------------------------

    def action_publish(self):
        """Let everybody read this version from now on; the one before goes into the history."""
        self.ensure_one()
        self.check_access("write")
        if self.state != "draft":
            raise UserError(self.env._("Only a draft can be published."))
        if not self.rule_ids:
            raise UserError(self.env._("There is no rule yet."))
        self._family().filtered(lambda one: one.state == "published").state = "replaced"
        self.flush_model(["state"])
        self.write({"state": "published", "published_at": fields.Datetime.now(), "published_by_id": self.env.uid})

    def action_new_version(self):
        """Make a draft of the next version from this one."""
        self.ensure_one()
        self.check_access("write")
        draft = self._family().filtered(lambda one: one.state == "draft")[:1]
        if not draft:
            draft = self.copy({"version": self._family()[:1].version + 1, "slug": self.slug})
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": draft.id,
            "views": [(False, "form")],
            "target": "current",
        }

    def action_open_page(self):
        """Show the page that everybody sees."""
        self.ensure_one()
        if not self.page_url:
            raise UserError(self.env._("Publish it first."))
        return {"type": "ir.actions.act_url", "url": self.page_url, "target": "new"}

    # -- the page -----------------------------------------------------------------------------------------------------

    @api.model
    def _published(self, slug, version=0):
        """Return the rules at a public address, as superuser; empty when there are none.

        :param int version: an earlier one; 0 is the one in force
        """
        if not _SLUG.fullmatch(slug) or version > MOST_VERSIONS:
            return self.sudo().browse()
        wanted = [("slug", "=", slug), ("state", "in", ("published", "replaced") if version else ("published",))]
        if version:
            wanted.append(("version", "=", version))
        return self.sudo().with_context(active_test=False).search(wanted, limit=1)

    @api.model
    def _in_force(self, company):
        """Return the published rules of a company."""
        return self.search([("company_id", "=", company.id), ("state", "=", "published")])
