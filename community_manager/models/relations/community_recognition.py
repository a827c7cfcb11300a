from odoo import api, fields, models


class CommunityRecognition(models.Model):
    """Whom we thanked or honoured, for what, and where: the register."""

    _name = "community.recognition"
    _description = "Recognition"
    _order = "date desc, id desc"
    _rec_name = "text"
    _check_company_auto = True

    company_id = fields.Many2one("res.company", required=True, index=True, default=lambda self: self.env.company)
    influencer_id = fields.Many2one(
        "community.influencer",
        string="Person cared for",
        index="btree_not_null",
        ondelete="set null",
        check_company=True,
    )
    author_id = fields.Many2one(
        "community.author", string="Profile", index="btree_not_null", ondelete="set null", check_company=True
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Contact",
        index="btree_not_null",
        ondelete="set null",
        compute="_compute_partner_id",
        store=True,
        readonly=False,
        precompute=True,
    )
    who = fields.Char(compute="_compute_who")
    kind = fields.Selection(
        [("thanks", "Thanked"), ("badge", "Badge"), ("other", "Otherwise")], default="thanks", required=True
    )
    badge_id = fields.Many2one("community.badge", ondelete="restrict", index="btree_not_null")
    text = fields.Text("What for")
    date = fields.Datetime(default=fields.Datetime.now, required=True)
    user_id = fields.Many2one("res.users", string="By", default=lambda self: self.env.user, readonly=True)
    mention_id = fields.Many2one(
        "community.mention", string="Under", readonly=True, index="btree_not_null", ondelete="set null"
    )
    defence_id = fields.Many2one("community.defence", readonly=True, index="btree_not_null", ondelete="set null")
    reply_id = fields.Many2one(
        "community.reply", string="Public thanks", readonly=True, index="btree_not_null", ondelete="set null"
    )
    reply_state = fields.Selection(related="reply_id.state", string="How far")
    game_badge_id = fields.Integer(readonly=True, help="Of the same badge on the account of the person.")

    _badge_named = models.Constraint("CHECK(kind != 'badge' OR badge_id IS NOT NULL)", "Choose which badge is given.")

    @api.depends("author_id", "influencer_id")
    def _compute_partner_id(self):
        for one in self:
            known = one.influencer_id.sudo().partner_id or one.author_id.sudo().partner_id
            one.partner_id = one.partner_id or known

    @api.depends("partner_id", "author_id", "influencer_id")
    def _compute_who(self):
        for one in self:
            # sudo: a name alone
            one.who = one.influencer_id.sudo().name or one.partner_id.sudo().name or one.author_id.sudo().display_name

    @api.depends("kind", "badge_id", "text")
    @api.depends_context("lang")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for one in self:
            what = f"{one.badge_id.icon or ''} {one.badge_id.name}".strip() if one.badge_id else kinds.get(one.kind)
            one.display_name = what

    @api.model
    def _counted(self):
        """Return the domain of what has really been said or given: a public thank-you counts once it has gone out."""
        return ["|", ("reply_id", "=", False), ("reply_id.state", "=", "sent")]

    @api.model
    def _note_defences(self, defences):
        """Register that people were thanked for what they did for us; once for each."""
        defences = defences.sudo()
        recognitions = self.sudo()
        known = recognitions.search(
            ["|", ("defence_id", "in", defences.ids), ("mention_id", "in", defences.mention_id.ids)]
        )
        done, mentions = known.defence_id, known.filtered(lambda one: one.kind == "thanks").mention_id
        new = defences.filtered(lambda one: one not in done and one.mention_id not in mentions)
        recognitions.create(
            [
                {
                    "company_id": defence.company_id.id,
                    "author_id": defence.author_id.id,
                    "influencer_id": self.env["community.influencer"]._of_author(defence.author_id).id,
                    "mention_id": defence.mention_id.id,
                    "defence_id": defence.id,
                    "kind": "thanks",
                    "user_id": self.env.uid,
                }
                for defence in new
            ]
        )

    def action_open_what(self):
        """Open what was said to them, or what it was said under."""
        self.ensure_one()
        record = self.reply_id or self.mention_id or self.influencer_id or self.author_id
        return {
            "type": "ir.actions.act_window",
            "res_model": record._name,
            "res_id": record.id,
            "views": [(False, "form")],
        }
