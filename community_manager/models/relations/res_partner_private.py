from odoo import fields, models


class ResPartner(models.Model):
    """What is kept of a person whom we care for; payments and figures stay when it is erased, without a name."""

    _inherit = "res.partner"

    def _community_kept_relations(self):
        """Return everything that is kept of these persons as superuser: ``{name of the model: records}``."""
        env = self.env(su=True, context={**self.env.context, "active_test": False})
        cared = env["community.influencer"]._of(self.with_env(env), env["res.company"], archived=True)
        profiles = cared._profiles() | env["community.author"].search([("partner_id", "in", self.ids)])
        same = ["|", ("partner_id", "in", self.ids), ("influencer_id", "in", cared.ids)]
        candidate = ["|", ("partner_id", "in", self.ids), ("author_id", "in", profiles.ids)]
        return {
            "community.influencer": cared,
            "community.collaboration": env["community.collaboration"].search(same),
            "community.compensation": env["community.compensation"].search(same),
            "community.recognition": env["community.recognition"].search(
                ["|", ("author_id", "in", profiles.ids), *same]
            ),
            "community.candidate": env["community.candidate"].search(candidate),
            "community.referral": env["community.referral"].search(same),
        }

    def _community_personal_data(self):
        kept = self._community_kept_relations()
        labels = {
            "community.influencer": self.env._("Relationship"),
            "community.collaboration": self.env._("Collaborations"),
            "community.compensation": self.env._("Compensation"),
            "community.recognition": self.env._("Thanks and badges"),
            "community.candidate": self.env._("Candidate"),
            "community.referral": self.env._("Referral links"),
        }
        return [
            *super()._community_personal_data(),
            *(
                {
                    "code": model.removeprefix("community."),
                    "label": labels[model],
                    "records": records,
                    "fields": KEPT[model],
                }
                for model, records in kept.items()
                if records
            ),
        ]

    def _community_erase(self):
        counts = super()._community_erase()
        kept = self._community_kept_relations()
        nobody = self.env._("Erased person")
        people = kept["community.influencer"]
        people.activity_ids.unlink()
        kept["community.collaboration"].activity_ids.unlink()
        for records in (people, kept["community.collaboration"], kept["community.compensation"]):
            records.message_ids.unlink()
            records.message_follower_ids.unlink()
        links = kept["community.referral"]
        links.action_revoke()
        quiet = {"tracking_disable": True, "mail_notrack": True}
        people.with_context(**quiet).write(
            {
                "name": nobody,
                "partner_id": False,
                "author_ids": [fields.Command.clear()],
                "agreements": False,
                "origin_note": False,
                "lost_note": False,
                "active": False,
            }
        )
        kept["community.collaboration"].with_context(**quiet).write(
            {"name": nobody, "objective": False, "agreement": False, "result_note": False}
        )
        projects = kept["community.collaboration"].project_id
        projects.with_context(**quiet).write({"name": nobody})
        if "gamification.badge.user" in self.env:
            given = [one for one in kept["community.recognition"].mapped("game_badge_id") if one]
            self.env["gamification.badge.user"].sudo().browse(given).exists().write({"comment": False})
        kept["community.compensation"].with_context(**quiet).write({"name": nobody, "reference": False})
        kept["community.recognition"].write(
            {"partner_id": False, "author_id": False, "influencer_id": False, "text": False, "mention_id": False}
        )
        for model, records in kept.items():
            if records:
                counts[model] = counts.get(model, 0) + len(records)
        kept["community.candidate"].unlink()
        return counts


#: what is shown and exported
KEPT = {
    "community.influencer": ["name", "role", "stage_id", "stage_since", "agreements", "origin_note", "lost_reason"],
    "community.collaboration": ["name", "state", "objective", "agreement", "date_start", "date_end", "result_note"],
    "community.compensation": ["name", "kind", "amount", "currency_id", "state", "paid_at", "reference"],
    "community.recognition": ["kind", "badge_id", "text", "date"],
    "community.candidate": ["reason", "state"],
    "community.referral": ["code", "target", "active"],
}
