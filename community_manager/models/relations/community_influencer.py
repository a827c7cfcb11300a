from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

#: roles of those who speak for us; the others are courted, or help inside the community
ADVOCATES = ("advocate", "evangelist", "ambassador")
#: what a stage means, from the first to the last
KINDS = ("identified", "contacted", "collaborating", "advocate")


class CommunityInfluencer(models.Model):
    """Somebody whose relationship with us is cared for: who they are, how far it has come, and what comes next."""

    _name = "community.influencer"
    _description = "Influencer"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "priority desc, id desc"
    _check_company_auto = True

    name = fields.Char(compute="_compute_name", store=True, readonly=False, required=True, precompute=True)
    active = fields.Boolean(default=True, tracking=True)
    company_id = fields.Many2one("res.company", required=True, index=True, default=lambda self: self.env.company)
    author_ids = fields.Many2many(
        "community.author",
        "community_influencer_author_rel",
        "influencer_id",
        "author_id",
        string="Profiles",
        check_company=True,
        help="Those of the contact are added by themselves.",
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Contact",
        compute="_compute_partner_id",
        store=True,
        readonly=False,
        precompute=True,
        index="btree_not_null",
        ondelete="set null",
        tracking=True,
        help="Taken from the profiles as soon as one of them is linked to a contact.",
    )
    role = fields.Selection(
        [
            ("influencer", "Influencer"),
            ("advocate", "Advocate"),
            ("evangelist", "Evangelist"),
            ("moderator", "Moderator"),
            ("expert", "Invited expert"),
            ("ambassador", "Ambassador"),
        ],
        default="influencer",
        required=True,
        tracking=True,
    )
    stage_id = fields.Many2one(
        "community.influencer.stage",
        required=True,
        index=True,
        tracking=True,
        copy=False,
        ondelete="restrict",
        default=lambda self: self.env["community.influencer.stage"].search([], limit=1),
        group_expand="_read_group_stage_ids",
    )
    stage_since = fields.Datetime("At this stage since", readonly=True, default=fields.Datetime.now, copy=False)
    is_advocate = fields.Boolean(
        compute="_compute_is_advocate",
        store=True,
        help="By the role, or by the stage that was reached.",
    )
    user_id = fields.Many2one(
        "res.users",
        string="Responsible",
        default=lambda self: self.env.user,
        tracking=True,
        index=True,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
    )
    priority = fields.Selection([("0", "Normal"), ("1", "Interesting"), ("2", "Very interesting")], default="0")
    tag_ids = fields.Many2many(
        "res.partner.category", "community_influencer_tag_rel", "influencer_id", "tag_id", string="Tags"
    )
    topic_ids = fields.Many2many(
        "community.topic",
        "community_influencer_topic_rel",
        "influencer_id",
        "topic_id",
        string="Topics",
        check_company=True,
        help="What they are listened to about.",
    )
    agreements = fields.Text(help="What was agreed for the whole relationship; each collaboration has its own.")
    origin_note = fields.Char("Why them", readonly=True, copy=False)
    lost_reason = fields.Selection(
        [
            ("no_answer", "Does not answer"),
            ("declined", "Does not want to"),
            ("price", "Too expensive"),
            ("fit", "Does not fit us"),
            ("conduct", "How they behave"),
            ("over", "Has come to its end"),
            ("merged", "Entered twice"),
        ],
        readonly=True,
        copy=False,
        tracking=True,
    )
    lost_note = fields.Char("About the end", readonly=True, copy=False)

    @api.depends("author_ids.partner_id")
    def _compute_partner_id(self):
        for influencer in self:
            known = influencer.author_ids.sudo().partner_id
            if not influencer.partner_id and len(known) == 1:
                influencer.partner_id = known

    @api.depends("partner_id", "author_ids")
    def _compute_name(self):
        for influencer in self:
            if not influencer.name:
                # sudo: a name alone, of somebody whom this user cares for
                known = influencer.partner_id.sudo() or influencer.author_ids[:1].sudo()
                influencer.name = known.name or known.display_name or self.env._("Somebody")

    @api.depends("role", "stage_id.kind")
    def _compute_is_advocate(self):
        for influencer in self:
            influencer.is_advocate = influencer.role in ADVOCATES or influencer.stage_id.kind == "advocate"

    @api.model
    def _read_group_stage_ids(self, stages, domain):
        return stages.search([])

    @api.constrains("partner_id", "author_ids", "company_id", "active")
    def _check_once(self):
        for influencer in self.filtered("active"):
            twin = influencer._twins()[:1]
            if twin:
                raise ValidationError(
                    self.env._("%(name)s is cared for already: see “%(twin)s”.", name=influencer.name, twin=twin.name)
                )

    def _twins(self):
        """Return the other active records of the same person in the same company."""
        self.ensure_one()
        same = ["|", ("author_ids", "in", self.author_ids.ids), ("partner_id", "in", self.partner_id.ids)]
        others = [("id", "!=", self.id), ("company_id", "=", self.company_id.id)]
        return self.sudo().search([*others, *same])

    @api.model_create_multi
    def create(self, vals_list):
        # an empty name is taken from the contact or the profile
        vals_list = [{key: value for key, value in vals.items() if key != "name" or value} for vals in vals_list]
        influencers = super().create(vals_list)
        influencers._add_profiles()
        return influencers

    def write(self, vals):
        if "stage_id" in vals:
            moved = self.filtered(lambda one: one.stage_id.id != vals["stage_id"])
            super(CommunityInfluencer, moved).write({"stage_since": fields.Datetime.now()})
        if vals.get("active") and "lost_reason" not in vals:
            vals = {**vals, "lost_reason": False, "lost_note": False}
        result = super().write(vals)
        if "partner_id" in vals:
            self._add_profiles()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_without_money(self):
        # sudo: agents may not see what was paid, and may not delete it either
        books = self.sudo()
        if books.collaboration_ids or books.compensation_ids or books.with_context(active_test=False).referral_ids:
            raise UserError(self.env._("There are collaborations, payments or links: end the relationship instead."))

    def _add_profiles(self):
        """Add the profiles of the contacts."""
        for company in self.company_id:
            theirs = self.filtered(lambda one, company=company: one.company_id == company and one.partner_id)
            profiles = self.env["community.author"].sudo()._profiles_of(theirs.partner_id, company)
            for influencer in theirs:
                new = profiles.get(influencer.partner_id.id, self.env["community.author"]) - influencer.author_ids
                if new:
                    influencer.sudo().author_ids |= new.sudo(False)

    def _profiles(self):
        """Return the profiles of these people, those of their contacts among them."""
        authors = self.env["community.author"].sudo()
        own = self.sudo().author_ids
        if self.partner_id:
            theirs = [("partner_id", "in", self.partner_id.ids), ("company_id", "in", self.company_id.ids)]
            own |= authors.search(theirs)
        return own

    @api.model
    def _of(self, partners, company, archived=False):
        """Return the records of some contacts, by contact or by a profile of theirs.

        :param partners: ``res.partner`` records
        :param company: ``res.company``; empty for all
        :param bool archived: those that came to an end too
        """
        authors = self.env["community.author"].sudo().search([("partner_id", "in", partners.ids)])
        same = ["|", ("partner_id", "in", partners.ids), ("author_ids", "in", authors.ids)]
        inside = [("company_id", "in", company.ids)] if company else []
        return self.with_context(active_test=not archived).search([*same, *inside])

    # -- stages -------------------------------------------------------------------------------------------------------

    def _reach(self, kind):
        """Move these people to the first stage that means ``kind``, unless they are there or further."""
        stage = self.env["community.influencer.stage"].sudo().search([("kind", "=", kind)], limit=1)
        if not stage:
            return
        for influencer in self.sudo():
            here = influencer.stage_id
            further = here.kind and KINDS.index(here.kind) >= KINDS.index(kind)
            if not further and (here.sequence, here.id) < (stage.sequence, stage.id):
                influencer.stage_id = stage

    def _lose(self, reason, note):
        """End these relationships.

        :param str reason: one of ``lost_reason``
        :param str note: what there is to say about it
        """
        self.write({"active": False, "lost_reason": reason, "lost_note": note or False})
        self._forget_activities()

    def _forget_activities(self):
        """Drop what was still planned for these people."""
        # sudo: activities of colleagues too, once this user may change the record
        self.sudo().activity_ids.unlink()

    def action_lose(self):
        """Ask for the reason of the end."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("End the relationship"),
            "res_model": "community.influencer.lose",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_influencer_ids": [fields.Command.set(self.ids)]},
        }

    def action_restore(self):
        """Begin again."""
        self.write({"active": True})
