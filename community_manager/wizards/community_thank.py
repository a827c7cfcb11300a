from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..connectors import network as network_class


class CommunityThank(models.TransientModel):
    """The dialog that thanks somebody in public, gives them a badge, or notes how else they were honoured."""

    _name = "community.thank"
    _description = "Thanking Somebody"

    influencer_id = fields.Many2one("community.influencer", required=True, readonly=True, ondelete="cascade")
    name = fields.Char(related="influencer_id.name", string="Whom")
    kind = fields.Selection(
        [("thanks", "Thank them in public"), ("badge", "Give a badge"), ("other", "Note how else they were honoured")],
        default="thanks",
        required=True,
        string="What",
    )
    author_ids = fields.Many2many("community.author", compute="_compute_author_ids")
    mention_id = fields.Many2one(
        "community.mention",
        string="Under",
        compute="_compute_mention_id",
        store=True,
        readonly=False,
        precompute=True,
        domain="[('author_id', 'in', author_ids), ('outgoing', '=', False), ('deleted_at', '=', False)]",
    )
    said = fields.Text(related="mention_id.text", string="They said")
    template_id = fields.Many2one(
        "community.template",
        compute="_compute_template_id",
        store=True,
        readonly=False,
        precompute=True,
        domain="[('is_thanks', '=', True), ('way', '!=', 'private')]",
    )
    badge_id = fields.Many2one("community.badge")
    text = fields.Text(compute="_compute_text", store=True, readonly=False, precompute=True)
    approval = fields.Text(compute="_compute_approval", string="Has to be approved")

    @api.depends("influencer_id")
    def _compute_author_ids(self):
        for dialog in self:
            dialog.author_ids = dialog.influencer_id._profiles().sudo(False)

    @api.depends("influencer_id")
    def _compute_mention_id(self):
        mentions = self.env["community.mention"]
        for dialog in self:
            theirs = [("author_id", "in", dialog.influencer_id._profiles().ids), *mentions._answerable()]
            public = [("visibility", "not in", ("private", "direct"))]
            # what is still to be thanked for first, then the newest
            due = mentions.search([*theirs, *public, ("defence_ids.state", "=", "new")], limit=1)
            dialog.mention_id = due or mentions.search([*theirs, *public], limit=1)

    @api.depends("mention_id", "kind")
    def _compute_template_id(self):
        for dialog in self:
            found = self.env["community.template"]
            if dialog.kind == "thanks" and dialog.mention_id:
                thanks = [("is_thanks", "=", True), ("way", "!=", "private")]
                every = found.search([*thanks, ("company_id", "=", dialog.mention_id.company_id.id)])
                scores = {one: dialog.mention_id._template_score(one, "") for one in every}
                found = max(every, key=lambda one: scores[one]) if every else found
            dialog.template_id = found

    @api.depends("template_id", "kind")
    def _compute_text(self):
        for dialog in self:
            mention = dialog.mention_id
            if dialog.kind != "thanks" or not dialog.template_id or not mention:
                dialog.text = dialog.text if dialog.kind != "thanks" else False
                continue
            values = mention._placeholder_values("reply")
            dialog.text = dialog.template_id._say(mention, values, "reply", network_class(mention.network))[0]

    @api.depends("text", "kind", "mention_id")
    def _compute_approval(self):
        for dialog in self:
            reasons = []
            if dialog.kind == "thanks" and dialog.text and dialog.mention_id:
                channel = dialog.mention_id._reply_channel()
                reasons = dialog.mention_id._approval_before(dialog.text, "reply", channel)
            dialog.approval = "\n".join(reasons) or False

    def action_give(self):
        """Send the thanks, or give the badge, and register it.

        :raises UserError: something is missing, or it cannot be said there
        """
        self.ensure_one()
        if not self.env.user.has_group("community_manager.group_agent"):
            raise AccessError(self.env._("Only community agents can do this."))
        self.influencer_id.check_access("write")
        person, values = self.influencer_id, {}
        if self.kind == "thanks":
            if not self.mention_id or self.mention_id.author_id not in self.influencer_id._profiles():
                raise UserError(self.env._("Choose under which of their posts they are thanked."))
            self.mention_id.check_access("write")
            reply = self.mention_id._reply(self.text)
            if self.template_id:
                self.template_id._note_used()
            values = {
                "mention_id": self.mention_id.id,
                "author_id": self.mention_id.author_id.id,
                "reply_id": reply.id,
                "defence_id": self.mention_id.sudo().defence_ids[:1].id,
            }
        elif self.kind == "badge":
            if not self.badge_id:
                raise UserError(self.env._("Choose which badge is given."))
            given = person.partner_id and self.badge_id._give_to_user(person.partner_id, self.text)
            values = {"badge_id": self.badge_id.id, "game_badge_id": given or 0}
        elif not (self.text or "").strip():
            raise UserError(self.env._("Say how they were honoured."))
        # sudo: what a reply is linked to is not for everybody to write
        self.env["community.recognition"].sudo().create(
            {
                "influencer_id": person.id,
                "company_id": person.company_id.id,
                "kind": self.kind,
                "text": self.text,
                "user_id": self.env.uid,
                **values,
            }
        )
        return {"type": "ir.actions.act_window_close"}
