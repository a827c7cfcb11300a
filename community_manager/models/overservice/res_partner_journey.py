from odoo import fields, models
from odoo.tools import format_date

#: how a zone sounds in the timeline
TONES = {"late": "bad", "excess": "bad", "anticipated": "good"}


class ResPartner(models.Model):
    """Where a person stands on our journeys, and where they stood; what their firm lives through is theirs too."""

    _inherit = "res.partner"

    def _community_positions(self):
        """Return the domain of the positions of this person, in the companies of the reader."""
        self.ensure_one()
        return [
            ("partner_id", "=", self.commercial_partner_id.id),
            ("company_id", "in", self.env.companies.ids),
            ("since", "<=", fields.Datetime.now()),
        ]

    def _community_timeline_kinds(self):
        kinds = super()._community_timeline_kinds()
        positions = self.env["community.position"]
        if not positions.has_access("read"):
            return kinds
        reached = (positions, self._community_positions(), "since", self._timeline_position)
        kind = self.env["community.timeline"]._timeline_kind("journey", self.env._("Journey"), "fa-road", reached)
        return [*kinds, kind]

    def _timeline_position(self, position):
        moment = position.moment_id
        title = self.env._("%(moment)s: %(zone)s", moment=moment.name, zone=self._community_zone(position))
        return self._community_timeline_entry(
            "journey",
            position.since,
            title,
            text=self._community_served(position),
            record=moment.journey_id,
            tone=TONES.get(position.zone, ""),
        )

    def _community_zone(self, position):
        """Return the zone of a position in words; what is still to be done in time is said so."""
        if position.waits and position.zone == "on_time":
            return self.env._("waits to be served")
        return dict(position._fields["zone"]._description_selection(self.env))[position.zone].lower()

    def _community_served(self, position):
        """Return in words when a position was served, or until when it has to be."""
        if position.served_at:
            text = self.env._("Served on %s", format_date(self.env, position.served_at))
        else:
            text = self.env._("To be served until %s", format_date(self.env, position.due_at))
        if position.touches > 1:
            text += " · " + self.env._("%s contacts", position.touches)
        return text

    def _community_facts(self):
        facts = super()._community_facts()
        positions = self.env["community.position"]
        if not positions.has_access("read"):
            return facts
        here = [*self._community_positions(), ("is_current", "=", True), ("company_id", "=", self.env.company.id)]
        for position in positions.search(here):
            facts.append(
                {
                    "code": "journey",
                    "label": self.env._("On the journey"),
                    "text": self.env._(
                        "%(moment)s: %(zone)s", moment=position.moment_id.name, zone=self._community_zone(position)
                    ),
                    "note": self._community_served(position),
                    "open": {"model": "community.journey", "id": position.journey_id.id},
                }
            )
        return facts

    def _community_personal_data(self):
        positions = self.env["community.position"].sudo()
        found = positions.search(["|", ("partner_id", "in", self.ids), ("person_id", "in", self.ids)])
        label = self.env._("Places on our journeys")
        names = ["journey_id", "moment_id", "since", "due_at", "served_at", "zone", "touches"]
        return [
            *super()._community_personal_data(),
            {"code": "positions", "label": label, "records": found, "fields": names},
        ]

    def _community_erase(self):
        counts = super()._community_erase()
        positions = self.env["community.position"].sudo()
        mine = positions.search([("partner_id", "in", self.ids)])
        named = positions.search([("person_id", "in", self.ids)]) - mine
        named.write({"person_id": False})  # a firm keeps its place
        counts["community.position"] = len(mine) + len(named)
        mine.unlink()
        self.filtered("community_not_now_at").write({"community_not_now_at": False})
        return counts
