import hashlib
import json

from odoo import fields, models
from odoo.exceptions import UserError

from .community_campaign import campaign_steps

#: fields of a step that a version keeps
KEPT = (
    "kind", "name", "cost", "wait_kind", "wait_count", "wait_unit", "wait_day", "wait_hour", "condition", "language",
    "then", "yes_end", "no_end", "activity_medium", "activity_days", "note", "gift", "gift_points", "survey",
)  # fmt: skip
#: links of a step that a version keeps
LINKS = (
    "condition_step_id", "segment_id", "then_step_id", "yes_step_id", "no_step_id", "user_id", "activity_type_id",
    "department_id",
)  # fmt: skip
#: what of the campaign itself belongs to a version
OF_CAMPAIGN = ("product_choice", "fallback_language")


class CommunityCampaign(models.Model):
    """What of a campaign is kept as a version."""

    _inherit = "community.campaign"

    def _definition(self):
        """Return the steps and texts of this campaign as they are now, as JSON."""
        self.ensure_one()
        # names as written first: a version does not depend on who looks
        source = self.with_context(lang=None)
        return {
            "steps": [_of_step(step) for step in campaign_steps(source)],
            **{name: source[name] or False for name in OF_CAMPAIGN},
            "fallback_product_id": source.fallback_product_id.id,
        }

    def _definition_digest(self):
        words = json.dumps(self._definition(), sort_keys=True, default=str)
        return hashlib.sha256(words.encode()).hexdigest()

    def _new_version(self):
        """Keep the steps as they are now; return the version, or the last one where nothing has changed."""
        self.ensure_one()
        digest = self._definition_digest()
        versions = self.env["community.campaign.version"].sudo()
        last = versions.search([("campaign_id", "=", self.id)], order="number desc", limit=1)
        if last.digest == digest:
            return last
        values = {"campaign_id": self.id, "number": last.number + 1, "definition": self._definition()}
        return versions.create({**values, "digest": digest})

    def _use_changes(self, move):
        """Let people follow the steps as they are now.

        :param bool move: whether those who are on their way do so too, at the step they are at; those whose step is
            gone go on at the one that follows it in their order
        """
        for campaign in self:
            problems = campaign._problems()
            if problems:
                raise UserError("\n".join(f"• {problem}" for problem in problems))
            old = campaign.version_id
            version = campaign._new_version()
            campaign.sudo().version_id = version
            if move and old and old != version:
                campaign.sudo()._move_people(version)
        self._wake()
        return True

    def _move_people(self, version):
        people = self.env["community.campaign.person"].search(
            [
                ("campaign_id", "=", self.id),
                ("state", "in", ("waiting", "held")),
                ("version_id", "!=", version.id),
            ]
        )
        kept = [step["id"] for step in version._steps()]
        for (old, step), group in people.grouped(lambda person: (person.version_id, person.step_id)).items():
            values = {"version_id": version.id}
            if step.id not in kept:
                order = [entry["id"] for entry in old._steps()]
                place = order.index(step.id) if step.id in order else len(order)
                following = next((one for one in order[place + 1 :] if one in kept), False)
                values |= {"step_id": following, "wait_until": False, "next_at": fields.Datetime.now()}
                values |= {"step_since": fields.Datetime.now(), "state": "waiting", "reason": False, "code": False}
            elif group.filtered("wait_until") and step.kind == "wait":
                # how long one waits may have changed: it is counted anew from when they came to the step
                values |= {"wait_until": False, "next_at": fields.Datetime.now()}
            group.write(values)


def _of_step(step):
    return {
        "id": step.id,
        **{name: step[name] or False for name in KEPT},
        **{name: step[name].id for name in LINKS},
        "texts": [
            {
                "language": text.language or False,
                "variant_id": text.variant_id.id,
                "subject": text.subject or "",
                "body": str(text.body or ""),
                "text": text.text or "",
            }
            for text in step.text_ids.sorted(lambda text: (text.sequence, text.id or 0))
        ],
    }
