from odoo import api, fields, models

#: people that are looked at to say beforehand whom a mailing does not reach
MOST_LOOKED_AT = 10_000
#: reasons that a sentence names, in this order
MOST_NAMED = 4


class MailingMailing(models.Model):
    """What a mailing is for, and whom it does not reach."""

    _inherit = "mailing.mailing"

    community_purpose_id = fields.Many2one(
        "community.purpose",
        string="Contact purpose",
        ondelete="set null",
        default=lambda self: self.env["community.purpose"]._get("news"),
        help="By it limits and consent are looked up. A purpose that is never held passes the contact policy.",
    )
    community_forecast = fields.Char("Before it starts", compute="_compute_community_forecast")

    def _community_purpose(self):
        """Return what the mailing is for: news when nobody said."""
        self.ensure_one()
        return self.community_purpose_id or self.env["community.purpose"]._get("news")

    @api.depends("state", "mailing_domain", "contact_list_ids", "mailing_model_id", "community_purpose_id")
    def _compute_community_forecast(self):
        reasons = dict(self.env["community.touch"]._fields["code"]._description_selection(self.env))
        for mailing in self:
            mailing.community_forecast = False
            if mailing.state in ("sending", "done") or not mailing.mailing_model_id or not isinstance(mailing.id, int):
                continue
            looked_at, held = mailing._community_look_ahead()
            if not held:
                continue
            counts = {}
            for _partner_id, decision in held:
                counts[decision["code"]] = counts.get(decision["code"], 0) + 1
            named = sorted(counts.items(), key=lambda pair: -pair[1])[:MOST_NAMED]
            mailing.community_forecast = self.env._(
                "%(held)s of %(all)s will not be written to: %(why)s.",
                held=len(held),
                all=looked_at,
                why=", ".join(f"{count} {reasons[code].lower()}" for code, count in named),
            )

    def _community_look_ahead(self):
        """Return how many people were looked at, and whom the mailing would not reach now.

        :returns: (number, list of (contact id, decision)); whom only the hour holds is written to later and is no one
            of them
        """
        self.ensure_one()
        records = self.env[self.mailing_model_real].sudo()
        ids = records.search(self._get_recipients_domain(), limit=MOST_LOOKED_AT).ids
        records = records.browse(ids)
        if records._name == "res.partner":
            persons = ids
        else:
            # sudo: counted here, named only to who may see contacts
            mapping = self.env["res.partner"]
            if "email_normalized" in records._fields and self.mailing_type == "mail":
                found = mapping._community_by_email({one for one in records.mapped("email_normalized") if one})
                persons = [found[one.email_normalized] for one in records if one.email_normalized in found]
            else:
                partners = records._mail_get_partners()
                persons = [partners[record_id][:1].id for record_id in ids if partners[record_id]]
        requests = [
            {
                "partner_id": partner_id,
                "company_id": self.env.company.id,
                "medium": "sms" if self.mailing_type == "sms" else "email",
                "purpose": self._community_purpose().code or "news",
                "moment": self.schedule_date or None,
            }
            for partner_id in persons
        ]
        decisions = self.env["community.touch"].sudo()._decide(requests)
        held = [
            (partner_id, decision)
            for partner_id, decision in zip(persons, decisions, strict=True)
            if not decision["allowed"] and decision["code"] != "quiet"
        ]
        return len(ids), held

    def action_community_forecast(self):
        """List whom the mailing does not reach, and why."""
        self.ensure_one()
        self.check_access("read")
        _count, held = self._community_look_ahead()
        seen = set(self.env["res.partner"].search([("id", "in", [one[0] for one in held])]).ids)
        lines = self.env["community.touch.forecast"]
        lines.search([("mailing_id", "=", self.id), ("create_uid", "=", self.env.uid)]).unlink()
        lines.create(
            [
                {
                    "mailing_id": self.id,
                    "partner_id": partner_id,
                    "code": decision["code"],
                    "reason": decision["reason"],
                    "until": decision["until"],
                }
                for partner_id, decision in held
                if partner_id in seen
            ]
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Who will not be written to"),
            "res_model": lines._name,
            "views": [(False, "list")],
            "domain": [("mailing_id", "=", self.id), ("create_uid", "=", self.env.uid)],
            "context": {"search_default_by_reason": 1},
        }
