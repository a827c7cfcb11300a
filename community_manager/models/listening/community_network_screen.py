from odoo import api, fields, models

from ...connectors import networks


class CommunityNetwork(models.Model):
    """What can be done with a network from its card."""

    _inherit = "community.network"

    name = fields.Char(search="_search_name")
    kind = fields.Selection(search="_search_kind")
    can_listen = fields.Boolean(search="_search_can_listen")
    can_answer = fields.Boolean(search="_search_can_answer")
    can_publish = fields.Boolean(search="_search_can_publish")

    @api.model
    def _search_name(self, operator, value):
        if operator not in ("ilike", "in"):
            return NotImplemented
        words = [str(value)] if operator == "ilike" else [str(word) for word in value]
        labels = {code: self.env._(cls.label).lower() for code, cls in networks().items()}
        found = [code for code, label in labels.items() if any(word.lower() in label for word in words)]
        return [("code", "in", found)]

    @api.model
    def _search_kind(self, operator, value):
        if operator != "in":
            return NotImplemented
        return [("code", "in", [code for code, cls in networks().items() if cls.kind in value])]

    @api.model
    def _search_can_listen(self, operator, value):
        return self._search_able(operator, value, "can_listen")

    @api.model
    def _search_can_answer(self, operator, value):
        return self._search_able(operator, value, "can_answer")

    @api.model
    def _search_can_publish(self, operator, value):
        return self._search_able(operator, value, "can_publish")

    def _search_able(self, operator, value, name):
        """Return the networks of which a computed yes or no is true."""
        if operator != "in":
            return NotImplemented
        known = self.with_context(active_test=False).search([])
        return [("id", "in", known.filtered(lambda network: network[name] in value).ids)]

    def action_connect(self):
        """Begin a channel on this network and open what it asks for."""
        self.ensure_one()
        if not self.can_listen:  # files make their channel themselves
            return {
                "type": "ir.actions.act_window",
                "name": self.name,
                "res_model": "community.import",
                "views": [(False, "form")],
            }
        channels = self.env["community.channel"]
        channel = self._untouched_draft() or channels.create({"name": self.name, "network": self.code})
        return channel.action_connect()

    def _untouched_draft(self):
        """Return the channel on this network that this user began and left as it was, if any.

        So that looking at what a network asks for, and closing that again, leaves no row for each look.
        """
        drafts = self.env["community.channel"].search(
            [
                ("network", "=", self.code),
                ("state", "=", "draft"),
                ("create_uid", "=", self.env.uid),
                ("company_id", "=", self.env.company.id),
            ]
        )
        return drafts.filtered(lambda channel: channel.write_date == channel.create_date)[:1]

    def action_open_channels(self):
        """Open the channels on this network."""
        action = self.env["ir.actions.act_window"]._for_xml_id("community_manager.action_channels")
        return {**action, "domain": [("network", "in", self.mapped("code"))]}
