from datetime import timedelta

from odoo import fields, models

from .community_campaign_act import medium_of
from .community_campaign_mover import step_after
from .community_campaign_step import SAYING
from .community_campaign_words import lacking_in

#: how often somebody who is held back is asked for again
TRIES = 12


class CommunityCampaign(models.Model):
    """What a campaign would do, without doing anything."""

    _inherit = "community.campaign"

    def _simulate(self, days=30):
        """Say who would be contacted in the next days, when and by what, and who would be held back and why.

        Nothing is written.  Nobody is taken to answer or to buy meanwhile, so that branches that ask for it go the
        other way; each contact counts for the limits of those that follow.

        :param int days: how far to look
        :returns: list of dicts with ``partner_id``, ``step_id`` (or False), ``moment`` (naive UTC), ``medium``,
            ``outcome`` ("contact", "work" for what does not reach the person, "held" or "control"), ``code``,
            ``reason`` and ``cost``
        """
        self.ensure_one()
        run = _Run(self, fields.Datetime.now(), days)
        for partner_id, moment in self._coming(days).items():
            variant, control = self._lot(partner_id)
            if control:
                run.note(partner_id, False, moment, "control", "control")
            else:
                run.newcomers.append(_Walker(partner_id, moment, variant.id))
        definition = self._definition()
        if definition["steps"]:
            self._walk(run, definition, {definition["steps"][0]["id"]: run.newcomers})
        for version, people in self._on_their_way().grouped("version_id").items():
            waiting = {}
            for person in people:
                due = max(person.next_at or run.now, run.now)
                walker = _Walker(person.partner_id.id, due, person.variant_id.id, bool(person.wait_until))
                walker.given = {"coupon": person.coupon, "survey": person.survey_link}
                waiting.setdefault(person.step_id.id, []).append(walker)
            self._walk(run, version.definition or {"steps": []}, waiting)
        return run.lines

    def _walk(self, run, definition, places):
        """Let walkers go through the steps of a definition; steps only lead on, so each is looked at once."""
        steps = definition["steps"]
        for entry in steps:
            walkers = [one for one in places.pop(entry["id"], []) if one.moment <= run.end]
            if not walkers:
                continue
            if entry["kind"] == "wait":
                self._walk_wait(entry, walkers)
                ways = {"then": walkers}
            elif entry["kind"] == "branch":
                met = self._walk_branch(entry, walkers)
                ways = {
                    "yes": [one for one in walkers if one.partner_id in met],
                    "no": [one for one in walkers if one.partner_id not in met],
                }
            else:
                ways = {"then": self._walk_action(run, definition, entry, walkers)}
            for way, group in ways.items():
                target = step_after(steps, entry, way)
                if target is not None:
                    places.setdefault(target, []).extend(group)

    def _walk_wait(self, entry, walkers):
        mover = self.env["community.campaign.mover"]
        partners = {one.id: one for one in self.env["res.partner"].browse([walker.partner_id for walker in walkers])}
        for walker in walkers:
            if walker.waited:  # until when is known already
                walker.waited = False
            else:
                walker.moment = mover._wait_end(self, entry, partners[walker.partner_id], walker.moment)

    def _walk_branch(self, entry, walkers):
        """Return the contacts who meet a condition that can be known ahead."""
        if entry["condition"] not in ("segment", "language"):
            return set()
        partners = self.env["res.partner"].browse([walker.partner_id for walker in walkers])
        if entry["condition"] == "language":
            wanted = entry.get("language") or ""
            return {partner.id for partner in partners if (partner.lang or "").split("_")[0] == wanted}
        segment = self.env["community.segment"].sudo().browse(entry.get("segment_id") or ())
        inside = set(segment._partners(self.company_id))
        return {partner.id for partner in partners if {partner.id, partner.commercial_partner_id.id} & inside}

    def _walk_action(self, run, definition, entry, walkers):
        """Do a step in thought; return those who go on."""
        going = self._walk_words(definition, entry, walkers, run)
        going = self._walk_budget(run, entry, going)
        medium = medium_of(entry)
        if medium:
            going = self._walk_policy(run, entry, going)
        for walker in going:
            if entry["kind"] in ("gift", "survey"):
                walker.given = {**walker.given, {"gift": "coupon", "survey": "survey"}[entry["kind"]]: "…"}
            outcome = "contact" if medium else "work"
            run.note(walker.partner_id, entry, walker.moment, outcome, walker.code, walker.reason)
            walker.code = walker.reason = ""
        return going

    def _walk_words(self, definition, entry, walkers, run):
        if entry["kind"] not in SAYING:
            return walkers
        source, act = self.env["community.campaign.words"].sudo(), self.env["community.campaign.act"].sudo()
        partners = self.env["res.partner"].sudo().browse([walker.partner_id for walker in walkers])
        values = source._values(self, definition, partners, source._named(entry))
        by_id = {partner.id: partner for partner in partners}
        way = {"message": "message", "social": "reply"}.get(entry["kind"])
        answerable = act._answerable_of(self, partners, way) if way else {}
        going = []
        for walker in walkers:
            partner = by_id[walker.partner_id]
            text = source._text_for(entry, partner.lang, walker.variant_id, definition.get("fallback_language"))
            if text is None:
                code, reason = "language", self.env._("Nothing is written in their language.")
            elif lacking := lacking_in(text, values[partner.id] | walker.given):
                code, reason = "words", act._lacking_in_words(lacking)
            elif reason := act._unreachable(entry, partner):
                code = "reach"
            elif way and partner.id not in answerable:
                code, reason = "reach", self.env._("No network lets us write to them in that way.")
            else:
                going.append(walker)
                continue
            run.note(walker.partner_id, entry, walker.moment, "held", code, reason)
        return going

    def _walk_budget(self, run, entry, walkers):
        cost = entry["cost"] or 0.0
        if not self.budget or not cost:
            return walkers
        going = []
        for walker in sorted(walkers, key=lambda one: one.moment):
            if run.spent + cost > self.budget + self.currency_id.rounding / 2:
                run.note(
                    walker.partner_id, entry, walker.moment, "held", "budget", self.env._("The budget is used up.")
                )
            else:
                run.spent += cost
                going.append(walker)
        return going

    def _walk_policy(self, run, entry, walkers):
        """Ask the contact policy for each; who is held back is asked for again until patience is over."""
        touches = self.env["community.touch"].sudo().with_context(lang=self.env.lang)
        request = {"company_id": self.company_id.id, "medium": medium_of(entry), "purpose": self.purpose_id.code}
        begun = {id(walker): walker.moment for walker in walkers}
        going, asking = [], walkers
        for turn in range(TRIES):
            if not asking:
                break
            requests = [{**request, "partner_id": one.partner_id, "moment": one.moment} for one in asking]
            again = []
            for walker, decision in zip(asking, touches._decide_ahead(requests, run.known), strict=True):
                if decision["allowed"]:
                    going.append(walker)
                    continue
                until = decision["until"] or False
                over = not until or until - begun[id(walker)] > timedelta(days=self.patience) or turn == TRIES - 1
                if over or until > run.end:
                    run.spent -= entry["cost"] or 0.0
                    moment = begun[id(walker)]
                    run.note(walker.partner_id, entry, moment, "held", decision["code"], decision["reason"])
                    continue
                walker.code = walker.code or decision["code"]
                walker.reason = walker.reason or decision["reason"]
                walker.moment = max(until, walker.moment + timedelta(minutes=1))
                again.append(walker)
            asking = again
        return going


class _Walker:
    """Somebody on their way through the steps, in thought."""

    __slots__ = ("code", "given", "moment", "partner_id", "reason", "variant_id", "waited")

    def __init__(self, partner_id, moment, variant_id, waited=False):
        self.partner_id = partner_id
        self.moment = moment
        self.variant_id = variant_id
        self.waited = waited
        self.given = {}
        self.code = self.reason = ""


class _Run:
    """What one simulation found so far."""

    def __init__(self, campaign, now, days):
        self.now = now
        self.end = now + timedelta(days=days)
        self.spent = campaign._spent()
        self.known = {}
        self.newcomers = []
        self.lines = []

    def note(self, partner_id, entry, moment, outcome, code="", reason=""):
        paid = outcome in ("contact", "work")
        self.lines.append(
            {
                "partner_id": partner_id,
                "step_id": entry and entry["id"],
                "moment": moment,
                "medium": medium_of(entry) if entry else "",
                "outcome": outcome,
                "code": code or "",
                "reason": reason or "",
                "cost": (entry["cost"] or 0.0) if entry and paid else 0.0,
            }
        )
