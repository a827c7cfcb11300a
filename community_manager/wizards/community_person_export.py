from odoo import api, fields, models

from ..models.people.res_partner_data import as_json


class CommunityPersonExport(models.TransientModel):
    """Everything that is kept of a person, to read or to take along."""

    _name = "community.person.export"
    _description = "Export of a Person's Data"

    partner_id = fields.Many2one("res.partner", readonly=True)
    author_id = fields.Many2one("community.author", readonly=True)

    @api.model
    def _open(self, values):
        """Return the action that opens the dialog for somebody."""
        dialog = self.create(values)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Export a person's data"),
            "res_model": self._name,
            "res_id": dialog.id,
            "views": [(False, "form")],
            "target": "new",
        }

    def action_data(self):
        """Take the data along as a file that machines read."""
        return self._download("json")

    def action_report(self):
        """Read the data as a report, which may be printed."""
        return self._download("html")

    def _download(self, form):
        self.ensure_one()
        self._check()
        return {
            "type": "ir.actions.act_url",
            "url": f"/community/person/{self.id}/{form}",
            "target": "new" if form == "html" else "download",
        }

    def _check(self):
        """Raise when this user may not have these data."""
        self.check_access("read")
        (self.partner_id or self.author_id)._community_check_export()

    def _content(self, form):
        """Return the data in a form, and note in the privacy log that they were given.

        :param str form: "json" or "html"
        :returns: (content as text, name of the file)
        :raises AccessError: this user may not have them
        """
        self.ensure_one()
        self._check()
        person = self.partner_id or self.author_id
        sections = person._community_export()
        data = {
            "person": person.display_name,
            "exported_at": fields.Datetime.to_string(fields.Datetime.now()),
            "company": self.env.company.name,
            "sections": sections,
        }
        counts = {}
        for section in sections:
            counts[section["model"]] = counts.get(section["model"], 0) + len(section["rows"])
        log = self.env["community.privacy.log"]
        log._note(self.env.company, "exported" if form == "json" else "shown", person._privacy_reference(), counts)
        name = f"person-{person._privacy_reference()}.{form}"
        if form == "json":
            return as_json(data), name
        return self.env["ir.qweb"]._render("community_manager.person_report", {"data": data}), name
