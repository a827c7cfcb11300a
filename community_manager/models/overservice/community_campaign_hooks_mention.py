from odoo import api, models


class CommunityMention(models.Model):
    """Praise, and complaints that are solved, bring people into campaigns."""

    _inherit = "community.mention"

    def write(self, vals):
        campaigns = self.env["community.campaign"]
        solved = vals.get("state") == "done" and campaigns._awaits("solved")
        open_before = self.filtered(lambda mention: mention.state in ("new", "open")) if solved else self.browse()
        praise = "intent_ids" in vals and campaigns._awaits("praise")
        intents_before = {mention.id: mention._is_praise() for mention in self} if praise else {}
        result = super().write(vals)
        if solved:
            complained = open_before.filtered(lambda one: {"complaint", "defect"} & set(one.intent_ids.mapped("code")))
            complained._note_for_campaigns("solved", self.env._("A complaint of theirs was solved"))
        if intents_before:
            self.filtered(
                lambda mention: not intents_before.get(mention.id) and mention._is_praise()
            )._note_for_campaigns("praise", self.env._("They praised us"))
        return result

    @api.model_create_multi
    def create(self, vals_list):
        mentions = super().create(vals_list)
        if self.env["community.campaign"]._awaits("praise"):
            praising = mentions.filtered(lambda mention: mention._is_praise())
            praising._note_for_campaigns("praise", self.env._("They praised us"))
        return mentions

    def _is_praise(self):
        """Return whether this praises us, written by somebody else."""
        self.ensure_one()
        return not self.outgoing and "praise" in self.intent_ids.mapped("code")

    def _note_for_campaigns(self, trigger, origin):
        """Note for campaigns what happened to the contacts who wrote these."""
        for company, mentions in self.grouped("company_id").items():
            partners = mentions.sudo().author_id.partner_id
            self.env["community.campaign.signal"]._note(trigger, company, partners, origin)
