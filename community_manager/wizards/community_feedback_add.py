from odoo import api, fields, models
from odoo.exceptions import UserError


class CommunityFeedbackAdd(models.TransientModel):
    """The dialog that puts mentions into the feedback register: a similar entry, another one, or a new one."""

    _name = "community.feedback.add"
    _description = "Adding Mentions to Feedback"

    mention_ids = fields.Many2many("community.mention", string="Mentions", required=True)
    mention_count = fields.Integer(compute="_compute_said")
    said = fields.Text(compute="_compute_said", string="What was said")
    company_id = fields.Many2one("res.company", compute="_compute_said")
    proposal_ids = fields.Many2many("community.feedback", "community_feedback_add_proposal_rel", string="Proposals")
    choice = fields.Selection(
        [("proposed", "A similar entry"), ("other", "Another entry"), ("new", "A new entry")],
        default="new",
        required=True,
        string="Add to",
    )
    proposed_id = fields.Many2one(
        "community.feedback", string="Similar entries", domain="[('id', 'in', proposal_ids)]", ondelete="cascade"
    )
    other_id = fields.Many2one(
        "community.feedback", string="Entry", domain="[('company_id', '=', company_id)]", ondelete="cascade"
    )
    name = fields.Char(string="Title")
    kind = fields.Selection(selection=lambda self: self.env["community.feedback"]._fields["kind"].selection)
    product_tmpl_id = fields.Many2one("product.template", string="Product", ondelete="cascade")

    @api.depends("mention_ids")
    def _compute_said(self):
        for dialog in self:
            dialog.mention_count = len(dialog.mention_ids)
            dialog.company_id = dialog.mention_ids[:1].company_id
            dialog.said = "\n".join(
                f"{mention.author_id.display_name or ''}: {mention.summary}" for mention in dialog.mention_ids[:5]
            )

    def _propose(self):
        """Look for similar entries, and fill in what a new one would be."""
        self.ensure_one()
        entries = self.env["community.feedback"]
        similar = entries._similar(self.mention_ids)
        values = entries._values_from(self.mention_ids)
        self.write(
            {
                "proposal_ids": [fields.Command.set(similar.ids)],
                "proposed_id": similar[:1].id,
                "choice": "proposed" if similar else "new",
                **{name: values[name] for name in ("name", "kind", "product_tmpl_id")},
            }
        )

    def action_add(self):
        """Add the mentions to what was chosen."""
        self.ensure_one()
        entries = self.env["community.feedback"]
        if self.choice == "new":
            if not (self.name or "").strip():
                raise UserError(self.env._("Give the new entry a title."))
            values = entries._values_from(self.mention_ids)
            chosen = {"name": self.name.strip(), "kind": self.kind, "product_tmpl_id": self.product_tmpl_id.id}
            entry = entries.create({**values, **chosen})
        else:
            entry = self.proposed_id if self.choice == "proposed" else self.other_id
            if not entry:
                raise UserError(self.env._("Choose an entry."))
        entries._add_to_feedback(self.mention_ids, entry)
        self.mention_ids.filtered(lambda mention: mention.state == "new").write({"state": "open"})
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._(
                    "Added to “%(title)s”, for which %(count)s people have asked.",
                    title=entry.name,
                    count=entry.vote_count,
                ),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }
