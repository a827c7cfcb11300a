from odoo import api, fields, models


class CommunityGuidelineVersion(models.Model):
    """A guideline as it was published once: nobody changes what others have confirmed."""

    _name = "community.guideline.version"
    _description = "Guideline Version"
    _order = "number desc, id desc"
    _rec_name = "number"

    guideline_id = fields.Many2one("community.guideline", required=True, readonly=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="guideline_id.company_id", store=True, index=True)
    number = fields.Integer("Version", required=True, readonly=True)
    body = fields.Html("Text", readonly=True, translate=True)
    changes = fields.Char("What is new", readonly=True)
    published_at = fields.Datetime("Published", required=True, readonly=True, default=fields.Datetime.now)
    user_id = fields.Many2one("res.users", string="Published by", readonly=True, default=lambda self: self.env.user)
    read_ids = fields.One2many("community.guideline.read", "version_id", string="Read by", readonly=True)
    read_count = fields.Integer("Have read it", compute="_compute_read_count", groups="community_manager.group_manager")
    is_current = fields.Boolean(compute="_compute_is_current", search="_search_is_current")
    reminded_at = fields.Datetime(readonly=True)

    _unique_number = models.UniqueIndex("(guideline_id, number)")

    def _compute_read_count(self):
        counts = dict(
            self.env["community.guideline.read"]._read_group(
                [("version_id", "in", self.ids)], ["version_id"], ["__count"]
            )
        )
        for version in self:
            version.read_count = counts.get(version, 0)

    @api.depends("guideline_id.version_id")
    def _compute_is_current(self):
        for version in self:
            version.is_current = version.guideline_id.version_id == version

    @api.model
    def _search_is_current(self, operator, value):
        if operator not in ("=", "!=") or not isinstance(value, bool):
            return NotImplemented
        current = self.env["community.guideline"].sudo().search([("version_id", "!=", False)]).version_id
        return [("id", "in" if (operator == "=") == value else "not in", current.ids)]

    @api.model
    def _publish(self, guideline):
        """Keep the text of a guideline, in all its languages, as a new version.

        :returns: the version
        """
        texts = guideline._fields["draft"]._get_stored_translations(guideline.sudo()) or {}
        source = texts.get("en_US") or guideline.draft
        version = self.with_context(lang="en_US").create(
            {
                "guideline_id": guideline.id,
                "number": (guideline.version_ids[:1].number or 0) + 1,
                "changes": guideline.changes,
                "user_id": self.env.uid,
                "body": source,
            }
        )
        installed = {code for code, _name in self.env["res.lang"].get_installed()} - {"en_US"}
        others = {code: text for code, text in texts.items() if code in installed and text}
        # a page is translated sentence by sentence: written as a whole, one language would take the other's place
        found = version._fields["body"].get_translation_dictionary(source, others)
        version.update_field_translations(
            "body",
            {code: {term: words[code] for term, words in found.items() if words.get(code)} for code in others},
        )
        return version.with_env(self.env)

    def _read_by(self, user):
        """Return those of these versions that a user has confirmed."""
        reads = self.env["community.guideline.read"].sudo()
        return reads.search([("version_id", "in", self.ids), ("user_id", "=", user.id)]).version_id

    def _confirm(self, user):
        """Note that a user has read these versions, each once."""
        reads = self.env["community.guideline.read"].sudo()
        missing = self - self._read_by(user)
        # whoever reads may confirm, and only for themselves
        reads.create([{"version_id": version.id, "user_id": user.id} for version in missing])
