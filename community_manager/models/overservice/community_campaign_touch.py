from odoo import api, models
from odoo.tools import SQL

from ..contact.community_touch_decide import PORTION, Judge, seconds_of
from ..contact.fields_person import LooseMany2one

#: where touches of campaigns come from
SOURCE = "community.campaign.person"


class CommunityTouch(models.Model):
    """Touches that belong to a campaign."""

    _inherit = "community.touch"

    campaign_id = LooseMany2one("community.campaign", readonly=True, index="btree_not_null")

    @api.model
    def _reserve_for_campaign(self, campaign_id, requests):
        """Reserve like :meth:`_reserve`, and note the campaign on what was reserved or held back."""
        decisions = self._reserve(requests)
        self._shortly(
            SQL(
                """UPDATE community_touch SET campaign_id = %s
                    WHERE source_model = %s AND source_id = ANY(%s) AND campaign_id IS NULL RETURNING id""",
                campaign_id,
                SOURCE,
                [request["source"][1] for request in requests],
            )
        )
        self.invalidate_model(["campaign_id"])
        return decisions

    @api.model
    def _decide_ahead(self, requests, known=None):
        """Decide about what is to come, in the order of time: what is allowed counts for what comes after it.

        Nothing is noted.

        :param requests: as for :meth:`_decide`, of one company, each with ``moment``
        :param dict known: keeps what is known of the persons, for a later call about later moments
        :returns: decisions, in the order of the requests
        """
        decisions = [None] * len(requests)
        if not requests:
            return decisions
        known = {} if known is None else known
        company = self.env["res.company"].sudo().browse(requests[0]["company_id"])
        rules = self.env["community.contact.policy"]._rules_of(company.id)
        judge = Judge(self.env, company, rules)
        unknown = list(dict.fromkeys(one["partner_id"] for one in requests if one["partner_id"] not in known))
        for start in range(0, len(unknown), PORTION):
            known.update(self._persons(company, rules, unknown[start : start + PORTION]))
        for number in sorted(range(len(requests)), key=lambda one: requests[one]["moment"]):
            person = known.get(requests[number]["partner_id"])
            decisions[number] = decision = judge.decide(requests[number], person)
            if decision["allowed"] and person:
                self._count_ahead(judge, person, requests[number])
        return decisions

    @api.model
    def _count_ahead(self, judge, person, request):
        purpose = judge.purposes.get(request.get("purpose") or "news") or {"id": 0}
        entry = {"t": seconds_of(request["moment"]), "m": request["medium"], "p": purpose["id"] or None}
        person["entries"] = [*(person.get("entries") or ()), entry]
