from odoo import api, fields, models


class CommunityMention(models.Model):
    """What the community answered for us, and whom to thank."""

    _inherit = "community.mention"

    community_answer_id = fields.Many2one(
        "community.mention",
        string="Answered by the community",
        readonly=True,
        copy=False,
        ondelete="set null",
        index="btree_not_null",
        help="Somebody else has answered; open it again if that is not enough.",
    )
    defence_ids = fields.One2many("community.defence", "mention_id", string="What it did for us")
    defence_note = fields.Char(compute="_compute_defence_note")

    @api.depends_context("lang")
    @api.depends("defence_ids.state", "defence_ids.kind")
    def _compute_defence_note(self):
        for mention in self:
            defence = mention.defence_ids[:1]
            who = defence.asked_id.author_id.display_name or self.env._("somebody")
            told = {
                "answered": self.env._("Answered %s for us.", who),
                "defended": self.env._("Stood up for us against %s.", who),
            }
            thanks = {"new": self.env._("A thank-you is due."), "thanked": self.env._("Thanked.")}
            shown = defence and defence.state in thanks
            mention.defence_note = f"{told[defence.kind]} {thanks[defence.state]}" if shown else False

    def action_not_defence(self):
        """What these said was neither an answer nor a defence."""
        self.defence_ids.action_dismiss()
