from odoo import models
from odoo.tools import format_date

#: what is shown and exported of each
KEPT = {
    "community.handle": ["network", "handle"],
    "community.match": ["author_id", "state", "origin", "confidence", "decided_at"],
    "community.match.link": ["author_id", "linked_at", "origin", "ended_at"],
    "community.lifecycle": ["company_id", "stage", "since", "manual_note"],
    "community.lifecycle.step": ["company_id", "stage", "date", "reason", "note"],
}


class ResPartner(models.Model):
    """Profiles, handles and stages of a person: on their page, in exports, erased."""

    _inherit = "res.partner"

    def _community_facts(self):
        facts = super()._community_facts()
        lifecycle = self.env["community.lifecycle"].search(
            [("partner_id", "=", self.id), ("company_id", "=", self.env.company.id)]
        )
        stage = self.community_lifecycle
        if not stage:
            return facts
        labels = dict(self._fields["community_lifecycle"]._description_selection(self.env))
        notes = []
        if lifecycle.since and lifecycle.stage == stage:
            notes.append(self.env._("since %s", format_date(self.env, lifecycle.since)))
        notes += [lifecycle.reckoned_note] if lifecycle.reckoned_note else []
        steps = [step for step in lifecycle.step_ids.sorted("date") if step.stage != stage]
        notes += [f"{labels[step.stage]} {format_date(self.env, step.date)}" for step in steps]
        line = self.env["community.author"]._person_line(
            labels[stage], note=" · ".join(notes), record=lifecycle or self
        )
        return [*facts, {**line, "code": "lifecycle", "label": self.env._("Stage")}]

    def _community_timeline_kinds(self):
        timeline = self.env["community.timeline"]
        steps, links = self.env["community.lifecycle.step"], self.env["community.match.link"]
        mine = [("partner_id", "=", self.id), ("company_id", "=", self.env.company.id)]
        return [
            *super()._community_timeline_kinds(),
            timeline._timeline_kind(
                "lifecycle",
                self.env._("Stages"),
                "fa-level-up",
                (steps, mine, "date", self._timeline_step),
            ),
            timeline._timeline_kind(
                "identity",
                self.env._("Profiles"),
                "fa-id-badge",
                (links, mine, "linked_at", self._timeline_linked),
                (links, [*mine, ("ended_at", "!=", False)], "ended_at", self._timeline_ended),
            ),
        ]

    def _timeline_step(self, step):
        labels = dict(step._fields["stage"]._description_selection(self.env))
        reasons = dict(step._fields["reason"]._description_selection(self.env))
        parts = [reasons.get(step.reason, ""), step.note or ""]
        if step.through_id:
            parts.append(self.env._("Through %s", step.through_id.sudo().display_name))
        title = self.env._("Reached: %s", labels[step.stage])
        text = " · ".join(part for part in parts if part)
        return self._community_timeline_entry("lifecycle", step.date, title, text)

    def _timeline_linked(self, link):
        origins = dict(link._fields["origin"]._description_selection(self.env))
        title = self.env._("Linked to the profile %s", link.author_id.display_name)
        why = origins.get(link.origin, "")
        return self._community_timeline_entry("identity", link.linked_at, title, why, link.author_id)

    def _timeline_ended(self, link):
        title = self.env._("Not linked to the profile %s any more", link.author_id.display_name)
        return self._community_timeline_entry("identity", link.ended_at, title, link.ended_why or "", link.author_id)

    # -- shown, exported, erased -------------------------------------------------------------------------------------

    def _community_personal_data(self):
        labels = {
            "community.handle": self.env._("Handles"),
            "community.match": self.env._("Profiles that may be theirs"),
            "community.match.link": self.env._("Links to profiles"),
            "community.lifecycle": self.env._("Lifecycle"),
            "community.lifecycle.step": self.env._("Lifecycle steps"),
        }
        return [
            *super()._community_personal_data(),
            *(
                {"code": model.removeprefix("community."), "label": labels[model], "records": records, "fields": names}
                for model, names in KEPT.items()
                if (records := self.env[model].sudo().search([("partner_id", "in", self.ids)]))
            ),
        ]

    def _community_erase(self):
        counts = super()._community_erase()
        theirs = [("partner_id", "in", self.ids)]
        # when somebody became what stays as a figure; what was written about them does not
        steps = self.env["community.lifecycle.step"].search([*theirs, ("note", "!=", False)])
        stages = self.env["community.lifecycle"].search([*theirs, ("manual_note", "!=", False)])
        steps.note = False
        stages.manual_note = False
        found = {"community.lifecycle.step": len(steps), "community.lifecycle": len(stages)}
        for model in ("community.match.link", "community.match", "community.handle"):
            records = self.env[model].search(theirs)
            found[model] = len(records)
            records.unlink()
        self.env["community.identity"]._forget("partner_id", self.ids)
        for model, count in found.items():
            counts[model] = counts.get(model, 0) + count
        return counts
