import hashlib
from ast import literal_eval
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import SQL
from odoo.tools.safe_eval import safe_eval

from .community_campaign_mover import at_hour, zone_of
from .community_campaign_person import ALIVE

#: fields that choose somebody, and the stages of the lifecycle they stand for
STAGES = ("community", "market", "prospect", "customer", "partner")
#: people brought in by one statement
PORTION = 1000


class CommunityCampaign(models.Model):
    """Who a campaign is for, and how people come into it."""

    _inherit = "community.campaign"

    segment_ids = fields.Many2many(
        "community.segment",
        "community_campaign_segment_rel",
        "campaign_id",
        "segment_id",
        string="Segments",
        check_company=True,
        help="Whoever is in one of these. Empty: whatever their segment.",
    )
    stage_community = fields.Boolean("Community")
    stage_market = fields.Boolean("Known contacts")
    stage_prospect = fields.Boolean("Prospects")
    stage_customer = fields.Boolean("Customers")
    stage_partner = fields.Boolean("Partners")
    domain = fields.Char("Filter", default="[]", help="On contacts, beside the above.")
    audience_alarm_id = fields.Many2one(
        "community.alarm",
        string="With an alarm",
        check_company=True,
        ondelete="restrict",
        help="Whoever this alarm was raised for and who was not dealt with yet.",
    )
    excluded_ids = fields.Many2many(
        "res.partner", "community_campaign_excluded_rel", "campaign_id", "partner_id", string="Except"
    )
    audience_count = fields.Integer(compute="_compute_audience_count", string="In the audience now")

    @api.depends("segment_ids", "domain", "audience_alarm_id", "excluded_ids", "company_id", "trigger")
    @api.depends(*(f"stage_{stage}" for stage in STAGES))
    def _compute_audience_count(self):
        for campaign in self:
            # what happens to somebody chooses them, if nothing else does
            asked = campaign.trigger in ("now", "date", "audience") and not campaign._is_chosen()
            campaign.audience_count = 0 if asked else campaign._audience_size()

    @api.constrains("domain")
    def _check_domain(self):
        for campaign in self:
            try:
                # sudo: only whether it can be read is asked
                self.env["res.partner"].sudo().search(Domain(campaign._own_domain()), limit=1)
            except (ValueError, TypeError, KeyError, NameError, SyntaxError) as error:
                raise ValidationError(self.env._("The filter cannot be read: %s", error)) from error

    def _is_chosen(self):
        """Return whether anything says who the campaign is for."""
        self.ensure_one()
        return bool(self.segment_ids or self._stages() or self._own_domain() or self.audience_alarm_id)

    def _stages(self):
        return [stage for stage in STAGES if self[f"stage_{stage}"]]

    def _own_domain(self):
        """Return the filter on contacts as a list; empty where there is none."""
        try:
            return literal_eval(self.domain or "[]")
        except (ValueError, SyntaxError):  # it names the user or a date
            return safe_eval(self.domain, {"uid": self.env.uid, "company_id": self.company_id.id})

    def _audience_domain(self):
        """Return the domain of the contacts that this campaign is for."""
        self.ensure_one()
        company = self.company_id
        domain = Domain("company_id", "in", [False, company.id]) & Domain(self._own_domain())
        # nobody who works here, and no company of ours
        domain &= Domain("partner_share", "=", True) & Domain("id", "not in", self.excluded_ids.ids)
        if self.segment_ids:
            inside = self.segment_ids.sudo()._partners(company)
            domain &= Domain("id", "in", inside) | Domain("commercial_partner_id", "in", inside)
        if stages := self._stages():
            lifecycles = self.env["community.lifecycle"].sudo()
            inside = lifecycles._search([("company_id", "=", company.id), ("stage", "in", stages)]).subselect(
                "partner_id"
            )
            domain &= Domain("id", "in", inside)
        if self.audience_alarm_id:
            events = self.env["community.alarm.event"].sudo()
            open_ones = [("alarm_id", "=", self.audience_alarm_id.id), ("company_id", "=", company.id)]
            ids = {event.partner_id.id for event in events.search([*open_ones, ("state", "=", "new")])}
            domain &= Domain("id", "in", ids) | Domain("commercial_partner_id", "in", ids)
        return domain

    def _audience_size(self):
        # sudo: how many, not who
        return self.env["res.partner"].sudo().search_count(self._audience_domain())

    def _audience(self, partners=None):
        """Return the contacts that this campaign is for, of some or of all.

        :param partners: ``res.partner`` records, or None
        """
        domain = self._audience_domain()
        if partners is not None:
            domain &= Domain("id", "in", partners.ids)
        # sudo: the campaign is for whom it says, whoever looks
        return self.env["res.partner"].sudo().search(domain, order="id")

    # -- coming in -------------------------------------------------------------------------------------------------

    def _start_person(self, partners, origin="", moment=None, anyway=False):
        """Bring people into campaigns that run; whoever is in one already, or is not meant, is left out.

        :param partners: ``res.partner`` records
        :param str origin: a sentence: what brought them in
        :param moment: naive UTC at which their first step is due, now when empty; or ``{partner id: naive UTC}``
        :param bool anyway: also people who are not in the audience (added by hand)
        :returns: the new ``community.campaign.person`` records
        """
        people = self.env["community.campaign.person"].sudo()
        created = people.browse()
        for campaign in self.sudo().filtered(lambda one: one.state in ("running", "paused")):
            wanted = partners.sudo() - campaign.excluded_ids
            if not anyway:
                wanted = campaign._audience(wanted)
            rounds = campaign._rounds(wanted)
            values = [
                campaign._person_values(partner, rounds[partner.id], origin, moment)
                for partner in wanted
                if partner.id in rounds
            ]
            for start in range(0, len(values), PORTION):
                created |= people.create(values[start : start + PORTION])
        return created

    def _rounds(self, partners):
        """Return ``{partner id: how often they will have been in this campaign}`` of those who may come in now."""
        self.ensure_one()
        domain = [("campaign_id", "=", self.id), ("partner_id", "in", partners.ids)]
        rows = self.env["community.campaign.person"]._read_group(
            domain, ["partner_id"], ["round:max", "started_at:max", "state:array_agg"]
        )
        before = {partner.id: (times, last, states) for partner, times, last, states in rows}
        limit = fields.Datetime.subtract(fields.Datetime.now(), days=self.again_after)
        found = {}
        for partner in partners:
            if partner.id not in before:
                found[partner.id] = 1
                continue
            times, last, states = before[partner.id]
            if self.again_after and last <= limit and not set(states) & set(ALIVE):
                found[partner.id] = times + 1
        return found

    def _person_values(self, partner, number, origin, moment):
        due = moment.get(partner.id) if isinstance(moment, dict) else moment
        now = fields.Datetime.now()
        variant, control = self._lot(partner.id)
        steps = self.version_id._steps()
        values = {
            "campaign_id": self.id,
            "partner_id": partner.id,
            "round": number,
            "version_id": self.version_id.id,
            "variant_id": variant.id,
            "control": control,
            "origin": origin,
            "started_at": now,
            "step_since": max(due or now, now),
        }
        if control:
            reason = self.env._("Gets nothing, and is followed all the same.")
            return {**values, "state": "control", "code": "control", "reason": reason}
        return {**values, "step_id": steps[0]["id"] if steps else False, "next_at": max(due or now, now)}

    def _lot(self, partner_id):
        """Return (variant, whether they are in the control group) of somebody: always the same for a person."""
        self.ensure_one()
        control = lot(self.id, partner_id, "control") * 100 < self.control_share
        total = sum(self.variant_ids.mapped("weight"))
        place = lot(self.id, partner_id, "variant") * total
        for variant in self.variant_ids.sorted(lambda one: (one.sequence, one.id)):
            place -= variant.weight
            if place < 0:
                return variant, control
        return self.variant_ids.browse(), control

    def _start_audience(self):
        """Bring in everybody whom a campaign is for now."""
        for campaign in self:
            campaign._start_person(campaign._new_in_audience(), self.env._("In the audience at the start"))

    def _new_in_audience(self):
        """Return who is in the audience and was never in this campaign, or long enough ago."""
        self.ensure_one()
        domain = self._audience_domain()
        people = self.env["community.campaign.person"].sudo()
        inside = Domain("campaign_id", "=", self.id)
        if self.again_after:
            limit = fields.Datetime.subtract(fields.Datetime.now(), days=self.again_after)
            inside &= Domain("started_at", ">", limit) | Domain("state", "in", ALIVE)
        # in the database: an audience may be a hundred thousand people
        query = people._search(inside).subselect("partner_id")
        return self.env["res.partner"].sudo().search(domain & Domain("id", "not in", query), order="id")

    def _bring_in(self):
        """Bring in those whom the day or the audience brings."""
        self.ensure_one()
        now = fields.Datetime.now()
        if self.trigger == "audience":
            self._start_person(self._new_in_audience(), self.env._("Came into the audience"))
        elif self.trigger == "date" and self.trigger_at and self.trigger_at <= now:
            self._start_person(self._new_in_audience(), self.env._("In the audience at the start date"))
        elif self.trigger == "dates":
            due = self._due_dates(now, now + timedelta(days=1))
            partners = self._audience(self.env["res.partner"].browse(due))
            self._start_person(partners, self._date_label(), due)

    def _date_label(self):
        return dict(self._fields["trigger_dates"]._description_selection(self.env))[self.trigger_dates]

    def _due_dates(self, begin, end):
        """Return ``{partner id: moment}`` of those whose date makes them due in a span of time (naive UTC)."""
        days = timedelta(days=self.trigger_days_before or 0)
        # a day more on both sides: the date line
        span = [(begin + days).date() - timedelta(days=1), (end + days).date() + timedelta(days=1)]
        dates = self.env["community.date"].sudo()
        domain = [("kind", "=", self.trigger_dates), ("company_id", "=", self.company_id.id)]
        domain += [("next_on", ">=", span[0]), ("next_on", "<=", span[1])]
        found = {}
        for date in dates.search(domain, order="next_on desc"):
            partner = date.partner_id
            moment = at_hour(date.next_on - days, self.trigger_hour, zone_of(partner, self.company_id))
            if begin <= moment < end or (moment < begin and (begin - moment) < timedelta(hours=2)):
                found[partner.id] = moment
        return found

    def _end_when_done(self):
        """End what was for one occasion and has nobody left on their way."""
        for campaign in self.filtered(lambda one: one.trigger in ("now", "date")):
            if campaign.trigger == "date" and (campaign.trigger_at or fields.Datetime.now()) >= fields.Datetime.now():
                continue
            alive = [("campaign_id", "=", campaign.id), ("state", "in", ALIVE)]
            if not self.env["community.campaign.person"].search_count(alive, limit=1):
                campaign.write({"state": "done", "ended_at": fields.Datetime.now()})

    @api.model
    def _merge_people(self, kept, gone):
        """Let what belonged to contacts that are merged belong to the one that is kept.

        Whoever was in a campaign under both is in it once: the earlier one goes on, the other stops.
        """
        # written beside the ORM, as the merge itself does: partner_id is what rows are known by
        self.env.flush_all()
        people = self.env["community.campaign.person"].sudo()
        theirs = people.search([("partner_id", "in", (kept | gone).ids)], order="started_at, id")
        for _campaign, group in theirs.grouped("campaign_id").items():
            alive = group.filtered(lambda person: person.state in ALIVE)
            if len(alive) > 1:
                alive[1:]._end("stopped", "merged", self.env._("The same person was in it under another contact."))
            self.env.flush_all()
            for number, person in enumerate(group, start=1):
                self.env.cr.execute(
                    SQL(
                        "UPDATE community_campaign_person SET partner_id = %s, round = %s WHERE id = %s",
                        kept.id,
                        number + 1000,
                        person.id,
                    )
                )
            self.env.cr.execute(
                SQL("UPDATE community_campaign_person SET round = round - 1000 WHERE id = ANY(%s)", group.ids)
            )
        actions = SQL(
            "UPDATE community_campaign_action SET partner_id = %s WHERE partner_id = ANY(%s)", kept.id, gone.ids
        )
        self.env.cr.execute(actions)
        self.env.invalidate_all()


def lot(campaign_id, partner_id, what):
    """Return a number from 0 to below 1 that is always the same for a person in a campaign.

    :param str what: what is drawn, so that two draws do not depend on each other
    """
    digest = hashlib.sha256(f"{campaign_id}:{partner_id}:{what}".encode()).digest()
    return int.from_bytes(digest[:6], "big") / 2**48
