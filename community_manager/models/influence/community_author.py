from odoo import api, fields, models


class CommunityAuthor(models.Model):
    """How much a profile is heard, and why."""

    _inherit = "community.author"

    influence_ids = fields.One2many("community.influence", "author_id", string="Influence figures", readonly=True)
    heard = fields.Float(
        related="influence_ids.score", string="Influence", help="How much they are heard, 0 to 100; 0: not known yet."
    )
    heard_place = fields.Integer(related="influence_ids.place", string="Place among all")
    heard_because = fields.Char(compute="_compute_heard_because", string="Heard because")

    _handle_key = models.Index(
        "(company_id, network, lower(split_part(ltrim(handle, '@'), '@', 1))) WHERE handle IS NOT NULL"
    )

    @api.depends("influence_ids.because")
    @api.depends_context("lang", "uid")
    def _compute_heard_because(self):
        for author in self:
            author.heard_because = author.influence_ids[:1].because or False

    @api.readonly
    def get_heard_because(self):
        """Return why this person is heard, in the reader's words; empty when nothing is known.

        :rtype: str
        """
        self.ensure_one()
        self.check_access("read")
        return self.heard_because or ""

    def action_open_ties(self):
        """Open who answers, mentions, quotes or shares this person, and whom they do."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id("community_manager.action_ties")
        domain = ["|", ("source_id", "=", self.id), ("target_id", "=", self.id)]
        return {**action, "domain": domain, "context": {}}

    def action_open_influence(self):
        """Open the figures of this person."""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "res_model": "community.influence",
            "views": [[False, "form"]],
            "res_id": self.influence_ids[:1].id,
        }

    def _action_open_person(self):
        """Return the action that shows the person: their page where the contact is known, else the profile."""
        self.ensure_one()
        if self.partner_id and self.partner_id.has_access("read"):
            return self.partner_id.action_community_person()
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "views": [[False, "form"]],
            "res_id": self.id,
        }

    def _influence_lines(self):
        influence = self.influence_ids[:1]
        because = self.get_heard_because()
        if not because:
            return super()._influence_lines()
        return [self._person_line(because, note=influence._score_words(), record=influence)]
