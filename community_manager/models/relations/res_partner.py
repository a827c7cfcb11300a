from odoo import models


class ResPartner(models.Model):
    """What we do together with a person, how they were honoured, and whom they sent to us."""

    _inherit = "res.partner"

    def _community_relations(self, archived=False):
        """Return the records of these persons as people we care for, in the companies that are looked at."""
        return self.env["community.influencer"]._of(self, self.env.companies, archived)

    def _community_timeline_kinds(self):
        timeline, env = self.env["community.timeline"], self.env
        cared = self._community_relations(archived=True)
        together = env["community.collaboration"].with_context(active_test=False)
        recognitions = env["community.recognition"]
        profiles = self._community_profiles().ids
        honoured = ["|", "|", ("partner_id", "=", self.id), ("author_id", "in", profiles)]
        honoured += [("influencer_id", "in", cared.ids), *recognitions._counted()]
        sent = [("community_referral_id.influencer_id", "in", cared.ids)]
        leads = env["crm.lead"].with_context(active_test=False)
        orders = env["sale.order"]
        begun = [("influencer_id", "in", cared.ids), ("state", "not in", ("draft", "cancelled"))]
        return [
            *super()._community_timeline_kinds(),
            timeline._timeline_kind(
                "collaboration",
                env._("Collaborations"),
                "fa-handshake-o",
                (together, begun, "date_start", self._timeline_begun),
                (together, [*begun, ("state", "=", "done")], "completed_at", self._timeline_completed),
            ),
            timeline._timeline_kind(
                "recognition",
                env._("Thanks and badges"),
                "fa-trophy",
                (recognitions, honoured, "date", self._timeline_honoured),
            ),
            timeline._timeline_kind(
                "referral",
                env._("Sent to us"),
                "fa-bullhorn",
                (leads, sent, "create_date", self._timeline_sent_lead),
                (orders, [*sent, ("state", "=", "sale")], "date_order", self._timeline_sent_order),
            ),
        ]

    def _timeline_begun(self, one):
        moment = self.env["community.timeline"]._timeline_moment(one.date_start)
        title = self.env._("Began: %s", one.name)
        return self._community_timeline_entry("collaboration", moment, title, one.objective, one)

    def _timeline_completed(self, one):
        title = self.env._("Done: %s", one.name)
        return self._community_timeline_entry(
            "collaboration", one.completed_at, title, one.result_note, one, tone="good"
        )

    def _timeline_honoured(self, one):
        return self._community_timeline_entry("recognition", one.date, one.display_name, one.text, one, tone="good")

    def _timeline_sent_lead(self, lead):
        title = self.env._("Sent us somebody who asks: %s", lead.name)
        return self._community_timeline_entry("referral", lead.create_date, title, "", lead)

    def _timeline_sent_order(self, order):
        title = self.env._("Sent us somebody who bought: %s", order.name)
        return self._community_timeline_entry("referral", order.date_order, title, "", order, tone="good")

    def _community_facts(self):
        facts = super()._community_facts()
        line = self._community_relations()._relation_line()
        return [*facts, *self._fact("relation", self.env._("Relationship"), [line] if line else [])]
