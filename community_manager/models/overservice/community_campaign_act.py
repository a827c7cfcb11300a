from odoo import api, fields, models
from odoo.exceptions import UserError

from .community_campaign_mover import LATER
from .community_campaign_step import MEDIA, SAYING


class CommunityCampaignAct(models.AbstractModel):
    """Does what a step says, for many people at once, after asking whether each may be contacted now.

    How each kind is done stands in ``_do_<kind>``: it takes a list of dicts with ``person`` and ``words`` (filled in),
    and returns ``{person id: values of the action}``; a person who is missing there could not be reached, for a reason
    in ``problems``.
    """

    _name = "community.campaign.act"
    _description = "Actions of Campaigns"

    @api.model
    def _do(self, campaign, version, entry, people):
        """Do a step for people who are at it.

        :param dict entry: the step, of the version
        :returns: people for whom it is done
        """
        people, done_before = self._not_yet(entry, people)
        ready, held = self._prepare(campaign, version, entry, people)
        ready = self._within_budget(campaign, entry, ready, held)
        touches = self._reserve(campaign, entry, ready, held)
        problems = {}
        results = getattr(self, f"_do_{entry['kind']}")(campaign, entry, ready, problems) if ready else {}
        unused = [touch for person_id, touch in touches.items() if person_id not in results]
        if unused:
            self.env["community.touch"].sudo()._release(unused)
        self.env["community.campaign.action"].create(
            [
                {
                    "person_id": job["person"].id,
                    "step_id": entry["id"],
                    "kind": entry["kind"],
                    "medium": medium_of(entry),
                    "cost": entry["cost"] or 0.0,
                    "touch_id": touches.get(job["person"].id) or 0,
                    **results[job["person"].id],
                }
                for job in ready
                if job["person"].id in results
            ]
        )
        for job in ready:
            if job["person"].id not in results:
                held[job["person"].id] = ("reach", problems.get(job["person"].id) or "", False)
        self._note_held(people, held)
        done = people.filtered(lambda person: person.id in results)
        return done | done_before

    @api.model
    def _not_yet(self, entry, people):
        """Return (people for whom this step is still to be done, people for whom it was done already)."""
        rows = self.env["community.campaign.action"]._read_group(
            [("person_id", "in", people.ids), ("step_id", "=", entry["id"]), ("state", "=", "done")], ["person_id"]
        )
        before = people.browse(person.id for (person,) in rows)
        return people - before, before

    @api.model
    def _note_held(self, people, held):
        """Write down who is held back and why; who cannot come to be contacted leaves."""
        groups = {}
        for person in people:
            if person.id in held:
                groups.setdefault(held[person.id], people.browse())
                groups[held[person.id]] |= person
        now = fields.Datetime.now()
        for (code, reason, until), group in groups.items():
            if code in ("consent", "dead"):
                group._end("left", code, reason)
            else:
                group._hold_or_leave(code, reason, max(until or now + LATER, now))

    # -- what may be done ------------------------------------------------------------------------------------------

    @api.model
    def _prepare(self, campaign, version, entry, people):
        """Return (jobs: dicts with person and words, ``{person id: (code, reason, until)}`` of who is held back)."""
        held = {}
        if entry["kind"] not in SAYING:
            return [{"person": person, "words": {}} for person in people], held
        source = self.env["community.campaign.words"]
        definition = version.definition
        values = source._values(campaign, definition, people.partner_id, source._named(entry))
        jobs = []
        fallback = definition.get("fallback_language")
        for person in people:
            text = source._text_for(entry, person.partner_id.lang, person.variant_id.id, fallback)
            if text is None:
                held[person.id] = ("language", self.env._("Nothing is written in their language."), False)
                continue
            given = {"coupon": person.coupon or "", "survey": person.survey_link or ""}
            words, lacking = source._fill(text, values[person.partner_id.id] | given)
            if lacking:
                held[person.id] = ("words", self._lacking_in_words(lacking), False)
                continue
            unreachable = self._unreachable(entry, person.partner_id)
            if unreachable:
                held[person.id] = ("reach", unreachable, False)
                continue
            jobs.append({"person": person, "words": words})
        return jobs, held

    @api.model
    def _lacking_in_words(self, names):
        """Return why nothing can be said to somebody of whom something is not known."""
        labels = {
            "first_name": self.env._("No first name"),
            "name": self.env._("No name"),
            "product": self.env._("Nothing bought, and no product to name instead"),
            "product_link": self.env._("The product has no page"),
            "order": self.env._("No order"),
            "order_date": self.env._("No order"),
            "coupon": self.env._("No coupon was given"),
            "survey": self.env._("No survey was prepared"),
            "website": self.env._("The company has no website"),
        }
        return "; ".join(dict.fromkeys(labels.get(name) or self.env._("Not known: %s", name) for name in names))

    @api.model
    def _unreachable(self, entry, partner):
        """Return why somebody cannot be reached by the medium of a step, "" when they can."""
        if entry["kind"] == "mail" and not partner.email_normalized:
            return self.env._("No valid e-mail address")
        if entry["kind"] == "sms" and not partner._phone_format(fname="phone"):
            return self.env._("No valid phone number")
        return ""

    @api.model
    def _within_budget(self, campaign, entry, jobs, held):
        """Return the jobs that the budget still pays; the others are held back."""
        cost = entry["cost"] or 0.0
        if not campaign.budget or not cost or not jobs:
            return jobs
        left = campaign.budget - campaign._spent()
        count = max(int((left + campaign.currency_id.rounding / 2) // cost), 0)
        for job in jobs[count:]:
            held[job["person"].id] = ("budget", self.env._("The budget is used up."), False)
        return jobs[:count]

    @api.model
    def _requests(self, campaign, entry, people, moment=None):
        """Return what the contact policy is asked for some people."""
        medium = medium_of(entry)
        request = {"company_id": campaign.company_id.id, "medium": medium, "purpose": campaign.purpose_id.code}
        request |= {"moment": moment or fields.Datetime.now(), "own_question": False, "campaign_id": campaign.id}
        return [
            {**request, "partner_id": person.partner_id.id, "source": ("community.campaign.person", person.id)}
            for person in people
        ]

    @api.model
    def _reserve(self, campaign, entry, jobs, held):
        """Ask for each person whether they may be contacted; take those out of the jobs who may not.

        :returns: ``{person id: touch id}``
        """
        if not medium_of(entry) or not jobs:
            return {}
        people = [job["person"] for job in jobs]
        speaking = self.with_context(lang=campaign.user_id.lang or self.env.lang).env
        decisions = (
            speaking["community.touch"]
            .sudo()
            ._reserve_for_campaign(campaign.id, self._requests(campaign, entry, people))
        )
        touches = {}
        for job, decision in zip(list(jobs), decisions, strict=True):
            person = job["person"]
            if decision["allowed"]:
                touches[person.id] = job["touch_id"] = decision["touch_id"]
            else:
                held[person.id] = (decision["code"], decision["reason"], decision["until"])
                jobs.remove(job)
        return {person_id: touch for person_id, touch in touches.items() if touch}

    # -- what is done: for colleagues ------------------------------------------------------------------------------

    @api.model
    def _do_activity(self, campaign, entry, jobs, problems):
        user = self.env["res.users"].browse(entry["user_id"] or campaign.user_id.id)
        kind = self.env["mail.activity.type"].browse(entry["activity_type_id"] or ()).exists()
        kind = kind or self.env.ref("mail.mail_activity_data_todo")
        speaking = self.with_context(lang=user.lang).env
        found = {}
        for job in jobs:
            partner = job["person"].partner_id.with_context(mail_activity_quick_update=True)
            day = campaign.company_id._community_day()
            activity = partner.activity_schedule(
                activity_type_id=kind.id,
                date_deadline=fields.Date.add(day, days=entry["activity_days"] or 0),
                summary=speaking._("Campaign: %s", campaign.with_env(speaking).name),
                note=entry["note"] or "",
                user_id=user.id,
            )
            found[job["person"].id] = {"activity_id": activity.id}
        return found

    @api.model
    def _do_note(self, campaign, entry, jobs, problems):
        partners = self.env["res.partner"].union(*(job["person"].partner_id for job in jobs))
        body = entry["note"] or campaign.name
        partners._message_log_batch({partner.id: body for partner in partners})
        return {job["person"].id: {} for job in jobs}

    @api.model
    def _do_handoff(self, campaign, entry, jobs, problems):
        department = self.env["community.department"].browse(entry["department_id"] or ()).exists()
        if not department:
            problems.update({job["person"].id: self.env._("The area of the hand-off is gone.") for job in jobs})
            return {}
        values = [
            {
                "company_id": campaign.company_id.id,
                "department_id": department.id,
                "user_id": campaign.user_id.id,
                "member_id": entry["user_id"],
                "asked": f"{entry['note'] or campaign.name}\n{job['person'].partner_id.display_name}",
                "reason": self.env._("Campaign: %s", campaign.name),
            }
            for job in jobs
        ]
        handoffs = self.env["community.handoff"].create(values)
        return {job["person"].id: {"handoff_id": handoff.id} for job, handoff in zip(jobs, handoffs, strict=True)}

    @api.model
    def _do_gift(self, campaign, entry, jobs, problems):
        program = self.env["community.campaign.step"].new({"gift": entry["gift"]})._chosen("gift")
        if not program:
            problems.update({job["person"].id: self.env._("The programme of the gift is gone.") for job in jobs})
            return {}
        cards = program.env["loyalty.card"].create(
            [
                {
                    "program_id": program.id,
                    "partner_id": job["person"].partner_id.id,
                    "points": entry["gift_points"] or 1.0,
                }
                for job in jobs
            ]
        )
        for job, card in zip(jobs, cards, strict=True):
            job["person"].coupon = card.code
        return {job["person"].id: {} for job in jobs}

    @api.model
    def _do_survey(self, campaign, entry, jobs, problems):
        survey = self.env["community.campaign.step"].new({"survey": entry["survey"]})._chosen("survey")
        found = {}
        for job in jobs:
            person = job["person"]
            if not survey:
                problems[person.id] = self.env._("The survey is gone.")
                continue
            try:
                answer = survey._create_answer(partner=person.partner_id, check_attempts=False)
            except UserError as error:
                problems[person.id] = str(error)
                continue
            person.survey_link = f"{survey.get_base_url()}{answer.get_start_url()}"
            found[person.id] = {}
        return found


def medium_of(entry):
    """Return the medium by which a step of a version reaches people, "" when it does not."""
    if entry["kind"] == "activity":
        return entry["activity_medium"] or ""
    return MEDIA.get(entry["kind"], "")
