from odoo import api, models

from .community_campaign_mover import step_after


class CommunityCampaign(models.Model):
    """A campaign as a picture: cards, how they lead to each other, and how many people are at each."""

    _inherit = "community.campaign"

    @api.readonly
    def get_flow(self):
        """Return the picture of a campaign as it is written now, with live counts.

        :returns: dict with ``nodes`` (dicts with ``id``, ``kind``, ``label``, ``text`` and ``counts``: ``waiting``,
            ``sent``, ``held``, ``answered``, ``left``) and ``edges`` (dicts with ``from``, ``to`` and ``label``)
        """
        self.ensure_one()
        self.check_access("read")
        definition = self._definition()
        steps = definition["steps"]
        counts = self._flow_counts()
        records = {step.id: step for step in self.step_ids}
        nodes = [self._start_node(counts)]
        edges = []
        if steps:
            edges.append({"from": "start", "to": steps[0]["id"], "label": ""})
        ends = False
        for entry in steps:
            step = records[entry["id"]]
            nodes.append(
                {
                    "id": step.id,
                    "kind": step.kind,
                    "label": step.display_name,
                    "text": step.summary or "",
                    "counts": counts.get(step.id, _nothing()),
                }
            )
            ways = [("then", "")]
            if step.kind == "branch":
                ways = [("yes", self.env._("Yes")), ("no", self.env._("No"))]
            for way, label in ways:
                target = step_after(steps, entry, way)
                ends |= target is None
                edges.append({"from": step.id, "to": target or "end", "label": label})
        if ends or not steps:
            done = {**_nothing(), **counts.get("end", {})}
            nodes.append({"id": "end", "kind": "end", "label": self.env._("End"), "text": "", "counts": done})
            if not steps:
                edges.append({"from": "start", "to": "end", "label": ""})
        return {"nodes": nodes, "edges": edges}

    def _start_node(self, counts):
        labels = dict(self._fields["trigger"]._description_selection(self.env))
        text = ""
        if self.trigger == "alarm":
            text = self.trigger_alarm_id.display_name or ""
        elif self.trigger == "moment":
            text = self.trigger_moment_id.display_name or ""
        elif self.trigger == "dates":
            text = self._date_label()
        elif self._is_chosen():
            text = self.env._("Audience: %s people", self.audience_count)
        entry = {**_nothing(), **counts.get("start", {})}
        return {"id": "start", "kind": "trigger", "label": labels[self.trigger], "text": text, "counts": entry}

    def _flow_counts(self):
        """Return ``{step id, "start" or "end": counts}``."""
        people = self.env["community.campaign.person"]
        domain = [("campaign_id", "=", self.id)]
        found = {}
        for step, state, count in people._read_group(domain, ["step_id", "state"], ["__count"]):
            if state == "done":
                found.setdefault("end", _nothing())["sent"] += count
            elif step:
                name = {"waiting": "waiting", "held": "held"}.get(state, "left")
                found.setdefault(step.id, _nothing())[name] += count
        actions = self.env["community.campaign.action"]
        for step, count in actions._read_group([*domain, ("state", "=", "done")], ["step_id"], ["__count"]):
            found.setdefault(step.id, _nothing())["sent"] += count
        # sudo: how many, not who
        answered = [*domain, ("state", "=", "done"), ("trace_id.reply_datetime", "!=", False)]
        for step, count in actions.sudo()._read_group(answered, ["step_id"], ["__count"]):
            found.setdefault(step.id, _nothing())["answered"] += count
        found.setdefault("start", _nothing())["sent"] = people.search_count(domain)
        return found


def _nothing():
    return {"waiting": 0, "sent": 0, "held": 0, "answered": 0, "left": 0}
