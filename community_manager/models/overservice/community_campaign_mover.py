from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from odoo import api, fields, models

from .community_campaign_engine import LOOK_EVERY
from .community_campaign_step import HOURS

#: whoever is held back without a date is looked at again after this
LATER = timedelta(days=1)


class CommunityCampaignMover(models.AbstractModel):
    """Moves people from step to step, those at the same step together."""

    _name = "community.campaign.mover"
    _description = "Movement in Campaigns"

    @api.model
    def _let_leave(self, campaign, people):
        """Let those leave for whom the campaign is over; return the others."""
        gone = people.filtered(lambda person: not person.partner_id.active)
        if gone:
            gone._end("left", "gone", self.env._("The contact is archived."))
        people -= gone
        since = {person.id: person.started_at for person in people}
        facts = self.env["community.campaign.facts"]
        for wanted, condition, reason in (
            (campaign.exit_complained, "complained", self.env._("They have complained.")),
            (campaign.exit_bought, "bought", self.env._("They have bought.")),
        ):
            if wanted and people:
                met = facts._met(condition, people, since)
                leaving = people.filtered(lambda person, met=met: person.id in met)
                if leaving:
                    leaving._end("left", condition, reason)
                people -= leaving
        return people

    @api.model
    def _take(self, campaign, version, step, people):
        """Take people through the step they are at.

        :param version: ``community.campaign.version`` they follow
        :param step: ``community.campaign.step``, or none at the end
        :returns: people who go on at once
        """
        steps = version._steps()
        entry = next((one for one in steps if one["id"] == step.id), None)
        if entry is None:
            people._end("done")
            return people.browse()
        if entry["kind"] == "wait":
            over = self._waited(campaign, entry, people)
            return self._go_on(version, over, step_after(steps, entry))
        if entry["kind"] == "branch":
            return self._part(version, steps, entry, people)
        done = self.env["community.campaign.act"]._do(campaign, version, entry, people)
        return self._go_on(version, done, step_after(steps, entry))

    @api.model
    def _go_on(self, version, people, target):
        """Put people before their next step (its id, or None at the end); return those who have one."""
        if not people:
            return people
        if target is None:
            people._end("done")
            return people.browse()
        now = fields.Datetime.now()
        values = {"step_id": target, "step_since": now, "state": "waiting", "wait_until": False, "next_at": now}
        people.write({**values, "held_since": False, "code": False, "reason": False})
        return people

    @api.model
    def _part(self, version, steps, entry, people):
        """Send people two ways."""
        met = self.env["community.campaign.facts"]._met(entry["condition"], people, self._since(entry, people), entry)
        yes = people.filtered(lambda person: person.id in met)
        went = self._go_on(version, yes, step_after(steps, entry, "yes"))
        return went | self._go_on(version, people - yes, step_after(steps, entry, "no"))

    @api.model
    def _since(self, entry, people):
        """Return from when on it counts for each person: since a step was done for them, or since they came."""
        since = {person.id: person.started_at for person in people}
        if entry.get("condition_step_id"):
            actions = self.env["community.campaign.action"].search(
                [("person_id", "in", people.ids), ("step_id", "=", entry["condition_step_id"]), ("state", "=", "done")]
            )
            since |= {action.person_id.id: action.moment for action in actions}
        return since

    # -- waits -----------------------------------------------------------------------------------------------------

    @api.model
    def _waited(self, campaign, entry, people):
        """Return those whose wait is over; let the others wait."""
        now = fields.Datetime.now()
        over = people.browse()
        new = people.filtered(lambda person: not person.wait_until)
        for person in new:
            person.wait_until = self._wait_end(campaign, entry, person.partner_id, person.step_since or now)
        over = people.filtered(lambda person: person.wait_until <= now)
        rest = people - over
        if rest and entry["wait_kind"] == "event":
            met = self.env["community.campaign.facts"]._met(entry["condition"], rest, self._since(entry, rest), entry)
            over |= rest.filtered(lambda person: person.id in met)
            rest -= over
        for person in rest:
            due = person.wait_until
            if entry["wait_kind"] == "event":
                due = min(due, now + LOOK_EVERY)
            person.write({"state": "waiting", "next_at": due, "code": False, "reason": False})
        return over

    @api.model
    def _wait_end(self, campaign, entry, partner, begun):
        """Return when a wait that begins at a moment is over, naive UTC."""
        if entry["wait_kind"] != "weekday":
            return begun + timedelta(hours=(entry["wait_count"] or 0) * HOURS[entry["wait_unit"] or "days"])
        zone = zone_of(partner, campaign.company_id)
        here = begun.replace(tzinfo=ZoneInfo("UTC")).astimezone(zone)
        day = here.date() + timedelta(days=(int(entry["wait_day"] or 0) - here.weekday()) % 7)
        found = at_hour(day, entry["wait_hour"], zone)
        return found if found >= begun else at_hour(day + timedelta(days=7), entry["wait_hour"], zone)


def zone_of(partner, company):
    """Return the time zone where a person lives, else that of the company."""
    try:
        return ZoneInfo(partner.tz) if partner.tz else company._community_zone()
    except (ZoneInfoNotFoundError, ValueError):
        return company._community_zone()


def at_hour(day, hour, zone):
    """Return a time of day in a time zone as naive UTC.

    :param date day: there
    :param float hour: 9.5 is half past nine
    """
    minutes = min(max(round((hour or 0) * 60), 0), 24 * 60 - 1)
    local = datetime.combine(day, time(*divmod(minutes, 60)), zone)
    return local.astimezone(ZoneInfo("UTC")).replace(tzinfo=None)


def step_after(steps, entry, way="then"):
    """Return the id of the step that follows another one, None at the end.

    :param list steps: of the version
    :param dict entry: the step
    :param str way: "then", or "yes" or "no" of a branch
    """
    ids = [one["id"] for one in steps]
    place = ids.index(entry["id"])
    following = ids[place + 1] if place + 1 < len(ids) else None
    if way == "then":
        if entry["then"] == "end":
            return None
        target = entry["then_step_id"] if entry["then"] == "step" else None
    elif entry[f"{way}_end"]:
        return None
    else:
        target = entry[f"{way}_step_id"]
    # a target that is gone, or that was moved before this step, is no way back
    return target if target in ids[place + 1 :] else following
