from odoo import api, fields, models


class CommunityInfluencer(models.Model):
    """How much somebody is heard, what they did for us and what we did for them, in figures."""

    _inherit = "community.influencer"

    followers = fields.Integer(
        "Reach", compute="_compute_reach", help="Followers of all their profiles; people may be counted twice."
    )
    heard = fields.Float(
        compute="_compute_reach", help="From 0 to 100: how much they are heard among those who speak of us."
    )
    mention_count = fields.Integer(compute="_compute_reach", string="Mentions")
    answered_count = fields.Integer(compute="_compute_defences", string="Answered for us")
    defended_count = fields.Integer(compute="_compute_defences", string="Stood up for us")
    thanked_count = fields.Integer(compute="_compute_recognitions", string="Thanked")
    badge_count = fields.Integer(compute="_compute_recognitions", string="Badges")
    badges = fields.Char("Badges, as signs", compute="_compute_recognitions")
    recognition_ids = fields.One2many("community.recognition", "influencer_id")
    collaboration_ids = fields.One2many("community.collaboration", "influencer_id", string="Collaborations")
    collaboration_count = fields.Integer(compute="_compute_collaboration_count")
    compensation_ids = fields.One2many("community.compensation", "influencer_id")
    referral_ids = fields.One2many("community.referral", "influencer_id", string="Referral links")
    click_count = fields.Integer(compute="_compute_brought", string="Clicks")
    lead_count = fields.Integer(compute="_compute_brought", string="Leads")
    order_count = fields.Integer(compute="_compute_brought", string="Orders")
    revenue = fields.Monetary(
        compute="_compute_brought",
        groups="community_manager.group_manager",
        help="Confirmed orders of people they sent to us, without taxes, in the currency of the company.",
    )
    currency_id = fields.Many2one(related="company_id.currency_id")

    @api.model
    def _of_author(self, author):
        """Return the active record of whoever has a profile, empty if there is none."""
        same = [("author_ids", "in", author.ids), ("company_id", "=", author.company_id.id)]
        found = self.sudo().search(same, limit=1)
        if not found and author.sudo().partner_id:
            theirs = [("partner_id", "=", author.sudo().partner_id.id), ("company_id", "=", author.company_id.id)]
            found = self.sudo().search(theirs, limit=1)
        return found.sudo(False)

    def _authors_of(self):
        """Return ``{influencer: profiles}``, read together."""
        every = self._profiles()
        by_contact = every.grouped("partner_id")
        return {
            one: one.sudo().author_ids
            | by_contact.get(one.sudo().partner_id or None, every.browse()).filtered(
                lambda author, one=one: author.company_id == one.company_id
            )
            for one in self
        }

    @api.depends("author_ids", "partner_id")
    def _compute_reach(self):
        authors = self._authors_of()
        every = self.env["community.author"].sudo().browse({a.id for found in authors.values() for a in found})
        said = [("author_id", "in", every.ids), ("outgoing", "=", False)]
        counts = dict(self.env["community.mention"].sudo()._read_group(said, ["author_id"], ["__count"]))
        for one, profiles in authors.items():
            one.followers = sum(profiles.mapped("followers"))
            one.heard = max(profiles.mapped("heard"), default=0) if "heard" in profiles._fields else 0
            one.mention_count = sum(counts.get(author, 0) for author in profiles)

    @api.depends("author_ids", "partner_id")
    def _compute_defences(self):
        authors = self._authors_of()
        every = [author.id for profiles in authors.values() for author in profiles]
        rows = (
            self.env["community.defence"]
            .sudo()
            ._read_group([("author_id", "in", every), ("state", "!=", "dismissed")], ["author_id", "kind"], ["__count"])
        )
        counts = {(author.id, kind): count for author, kind, count in rows}
        for one, profiles in authors.items():
            one.answered_count = sum(counts.get((author.id, "answered"), 0) for author in profiles)
            one.defended_count = sum(counts.get((author.id, "defended"), 0) for author in profiles)

    @api.depends("author_ids", "partner_id", "recognition_ids.kind")
    @api.depends_context("lang")
    def _compute_recognitions(self):
        for one in self:
            found = one._recognitions()
            one.thanked_count = len(found.filtered(lambda entry: entry.kind == "thanks"))
            given = found.filtered("badge_id")
            one.badge_count = len(given)
            one.badges = " ".join(dict.fromkeys(given.badge_id.mapped(lambda badge: badge.icon or badge.name))) or False

    def _recognitions(self):
        """Return what is registered of this person, under whatever profile, and has really gone out."""
        self.ensure_one()
        recognitions = self.env["community.recognition"].sudo()
        # what waits for approval, or failed, has honoured nobody
        return recognitions.search([*self._recognition_domain(), *recognitions._counted()])

    def _recognition_domain(self):
        authors, partner = self._profiles().ids, self.sudo().partner_id.ids
        same = [
            "|",
            "|",
            ("influencer_id", "in", self.ids),
            ("author_id", "in", authors),
            ("partner_id", "in", partner),
        ]
        return [("company_id", "in", self.company_id.ids), *same]

    def _compute_collaboration_count(self):
        counts = dict(
            self.env["community.collaboration"]._read_group(
                [("influencer_id", "in", self.ids)], ["influencer_id"], ["__count"]
            )
        )
        for one in self:
            one.collaboration_count = counts.get(one._origin, 0)

    @api.depends("referral_ids")
    def _compute_brought(self):
        # sudo: how many came is no secret; which orders they are is for those who sell
        figures = self.sudo().with_context(active_test=False).referral_ids._figures()
        for one in self:
            referrals = one.sudo().with_context(active_test=False).referral_ids
            theirs = [figures[referral.id] for referral in referrals if referral.id in figures]
            one.click_count = sum(figure["clicks"] for figure in theirs)
            one.lead_count = sum(figure["leads"] for figure in theirs)
            one.order_count = sum(figure["orders"] for figure in theirs)
            one.revenue = sum(figure["revenue"] for figure in theirs)

    # -- buttons ------------------------------------------------------------------------------------------------------

    def _open(self, name, model, domain, views=("list", "form"), **context):
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": model,
            "views": [(False, view) for view in views],
            "domain": domain,
            "context": context,
        }

    def action_open_mentions(self):
        """Open what they said."""
        action = self.env["ir.actions.act_window"]._for_xml_id("community_manager.action_mentions")
        return {**action, "domain": [("author_id", "in", self._profiles().ids)], "context": {}}

    def action_open_collaborations(self):
        """Open what is done together with them."""
        domain = [("influencer_id", "in", self.ids)]
        views = ("list", "kanban", "form")
        return self._open(
            self.env._("Collaborations"), "community.collaboration", domain, views, default_influencer_id=self[:1].id
        )

    def action_open_defences(self):
        """Open what they did for us."""
        action = self.env["ir.actions.act_window"]._for_xml_id("community_manager.action_defences")
        return {**action, "domain": [("author_id", "in", self._profiles().ids)], "context": {}}

    def action_open_recognitions(self):
        """Open what they were thanked for."""
        self.ensure_one()
        domain = self._recognition_domain()
        return self._open(
            self.env._("Recognition"), "community.recognition", domain, default_influencer_id=self.id, create=False
        )

    def action_open_referrals(self):
        """Open their links."""
        domain = [("influencer_id", "in", self.ids)]
        return self._open(self.env._("Referral links"), "community.referral", domain, default_influencer_id=self[:1].id)

    def action_open_compensation(self):
        """Open what they were promised and paid."""
        domain = [("influencer_id", "in", self.ids)]
        return self._open(
            self.env._("Compensation"), "community.compensation", domain, default_influencer_id=self[:1].id
        )

    def action_thank(self):
        """Thank or honour them."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Thank %s", self.name),
            "res_model": "community.thank",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_influencer_id": self.id},
        }
