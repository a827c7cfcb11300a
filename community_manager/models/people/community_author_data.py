from odoo import models


class CommunityAuthor(models.Model):
    """What is kept of people of whom only a profile is known."""

    _inherit = "community.author"

    def _community_personal_data(self):
        """Return what is kept, as :meth:`res.partner._community_personal_data` does, for profiles without contact."""
        env = self.sudo().with_context(active_test=False).env
        authors = self.with_env(env)
        mentions = env["community.mention"].search([("author_id", "in", self.ids), ("outgoing", "=", False)])
        theirs = [("author_id", "in", self.ids)]
        whose = "published_at network kind title text url visibility language sentiment state deleted_at"
        parts = [
            ("profiles", env._("Profiles on networks"), authors, "network name handle url email followers external_id"),
            ("mentions", env._("Mentions"), mentions, whose),
            ("versions", env._("Earlier texts"), mentions.version_ids, "replaced_at title text"),
            ("answers", env._("Our answers"), env["community.reply"].search(theirs), "sent_at network way text state"),
            ("handoffs", env._("Hand-offs"), mentions.handoff_ids, "create_date department_id asked state answer"),
            ("leads", env._("Leads"), mentions.lead_id | authors.lead_id, "create_date name description contact_name"),
            (
                "moderation",
                env._("Moderation"),
                env["community.moderation.record"].search(theirs),
                "done_at action said reason appeal_text decision_note state",
            ),
        ]
        for model in env["community.ticket"]._backends().values():
            link = env[model]._link_field()
            tickets = mentions[link] | authors[link]
            parts.append(("tickets", env._("Tickets"), tickets, "create_date name description"))
        return [
            {"code": code, "label": label, "records": records, "fields": names.split()}
            for code, label, records, names in parts
        ]

    def _community_export(self):
        """Return everything that is kept as plain data, as :meth:`res.partner._community_export` does."""
        self.ensure_one()
        return self.env["res.partner"]._community_told(self._community_personal_data())

    def _community_check_export(self):
        """Raise when this user may not take a person's data along."""
        self.check_access("read")
        self.env["res.partner"]._community_check_export()

    def action_community_export(self):
        """Open the dialog that gives everything that is kept of a person, to read or to take along."""
        self.ensure_one()
        self._community_check_export()
        if self.partner_id:
            return self.partner_id.action_community_export()
        return self.env["community.person.export"]._open({"author_id": self.id})

    def action_community_erase(self):
        """Open the dialog that says what goes and what stays when a person is erased."""
        self.ensure_one()
        self.check_access("read")
        if self.partner_id:
            return self.partner_id.action_community_erase()
        return self.env["community.person.erase"]._open({"author_id": self.id})
