from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools.misc import formatLang

#: people that are proposed for each reason, at most
EACH = 20
#: days of the past in which activity, praise and defence count
LOOK_BACK = 180
#: the least that is worth a proposal
LEAST = {"active": 5, "praise": 2, "defender": 1}


class CommunityCandidate(models.Model):
    """Somebody who is proposed for the pipeline, and why; whoever was refused is left alone for some months."""

    _name = "community.candidate"
    _description = "Candidate"
    _order = "state, points desc, id"
    _rec_name = "name"
    _check_company_auto = True

    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    key = fields.Char(required=True, readonly=True)
    author_id = fields.Many2one(
        "community.author", string="Profile", readonly=True, index="btree_not_null", ondelete="cascade"
    )
    partner_id = fields.Many2one(
        "res.partner", string="Contact", readonly=True, index="btree_not_null", ondelete="cascade"
    )
    name = fields.Char(compute="_compute_name")
    network = fields.Selection(related="author_id.network")
    state = fields.Selection(
        [("proposed", "Proposed"), ("refused", "Refused"), ("added", "Added")],
        default="proposed",
        required=True,
        readonly=True,
        index=True,
    )
    reasons = fields.Json(readonly=True, help="Figures by kind of reason.")
    reason = fields.Char("Why", compute="_compute_reason")
    points = fields.Float(readonly=True, help="How much speaks for them; several reasons add up.")
    role = fields.Selection(
        lambda self: self.env["community.influencer"]._fields["role"]._description_selection(self.env),
        string="Could be",
        readonly=True,
    )
    refused_at = fields.Datetime(readonly=True)
    refused_until = fields.Date("Not proposed before", readonly=True)
    refused_by_id = fields.Many2one("res.users", string="Refused by", readonly=True)
    influencer_id = fields.Many2one(
        "community.influencer", string="Cared for as", readonly=True, ondelete="set null", index="btree_not_null"
    )

    _once = models.UniqueIndex("(company_id, key)")

    @api.depends("author_id", "partner_id")
    def _compute_name(self):
        for one in self:
            # sudo: a name alone, of whom this user may propose to care for
            one.name = one.partner_id.sudo().name or one.author_id.sudo().display_name

    @api.depends("reasons")
    @api.depends_context("lang")
    def _compute_reason(self):
        for one in self:
            figures = one.reasons or {}
            words = [one._sentence(kind, figures[kind]) for kind in ORDER if kind in figures]
            one.reason = " ".join(words)

    def _sentence(self, kind, figure):
        """Return one reason in words."""
        number = formatLang(self.env, figure, digits=0)
        return {
            "heard": self.env._("Among the %s most heard of those who speak of us.", number),
            "active": self.env._("Spoke of us %s times in half a year.", number),
            "defender": self.env._("Answered or stood up for us: %s times.", number),
            "praise": self.env._("Praised us %s times in half a year.", number),
            "value": self.env._("Among the %s customers who are worth most to us.", number),
        }[kind]

    # -- finding ------------------------------------------------------------------------------------------------------

    @api.model
    def _cron_propose(self):
        """Look for candidates in every company; one after the other, each with a transaction of its own."""
        companies = self.env["community.channel"].sudo().search([]).company_id
        self.env["ir.cron"]._commit_progress(remaining=len(companies))
        for company in companies:
            self.with_company(company)._propose(company)
            if not self.env["ir.cron"]._commit_progress(1):
                return

    @api.model
    def _propose_for(self, company_ids):
        """Bring the candidates of some companies up to date."""
        for company in self.env["res.company"].browse(company_ids):
            self.with_company(company)._propose(company)

    @api.model
    def _propose(self, company):
        """Bring the candidates of a company up to date.

        :returns: those proposed now
        """
        candidates = self.sudo().search([("company_id", "=", company.id)])
        known = {}
        for one in candidates:
            known.setdefault(one.partner_id or one.author_id, one)
        today, found = fields.Date.today(), self._found(company)
        staff = self._not_ours(company)
        cared = self._cared_for(company)
        proposed, values_list = self.sudo(), []
        for (person, author), figures in found.items():
            if person in staff or person in cared or author in cared:
                continue
            values = {"reasons": figures, "points": sum(POINTS[kind] for kind in figures), "role": _role(figures)}
            candidate = known.get(person) or known.get(author)
            if not candidate:
                key = f"{'p' if person._name == 'res.partner' else 'a'}{person.id}"
                contact = person.id if person._name == "res.partner" else False
                owner = {"company_id": company.id, "key": key, "partner_id": contact, "author_id": author.id}
                values_list.append({**owner, **values})
                continue
            if candidate.state == "refused" and candidate.refused_until and candidate.refused_until > today:
                continue
            if candidate.state == "added" and candidate.influencer_id:
                continue
            candidate.write({**values, "state": "proposed", "author_id": candidate.author_id.id or author.id})
            proposed |= candidate
        proposed |= self.sudo().create(values_list)
        # nothing speaks for them any more, or somebody cares for them already
        (candidates - proposed).filtered(lambda one: one.state == "proposed").unlink()
        return proposed

    @api.model
    def _found(self, company):
        """Return ``{(person, profile): {kind of reason: figure}}``; a person is a contact, or a profile without one."""
        found = {}

        def add(author, partner, kind, figure):
            person = partner or author
            key = next((key for key in found if key[0] == person), None) or (person, author)
            figures = found.setdefault(key, {})
            # what several profiles of one person did adds up; to be among the best does not
            figures[kind] = figure + (figures.get(kind, 0) if kind in LEAST else 0)

        for kind, rows in self._evidence(company).items():
            authors = self.env["community.author"].sudo().browse([author_id for author_id, _figure in rows])
            authors.fetch(["partner_id"])
            for (_author_id, figure), author in zip(rows, authors, strict=True):
                add(author, author.partner_id, kind, figure)
        for partner, figure in self._most_valued(company):
            profiles = self.env["community.author"].sudo()._profiles_of(partner, company).get(partner.id)
            add(profiles[:1] if profiles else self.env["community.author"].sudo(), partner, "value", figure)
        return found

    @api.model
    def _evidence(self, company):
        """Return ``{kind: [(author id, figure)]}``, the best first."""
        since = fields.Datetime.now() - timedelta(days=LOOK_BACK)
        mentions = self.env["community.mention"].sudo()
        authors = [("author_id", "!=", False), ("author_id.bot", "=", False), ("is_namesake", "=", False)]
        said = [("company_id", "=", company.id), ("outgoing", "=", False), ("published_at", ">=", since), *authors]
        praise = [*said, ("intent_ids.code", "=", "praise"), ("sentiment", "=", "positive")]
        rows = {
            "active": self._top(mentions, [*said, ("sentiment", "!=", "negative")], LEAST["active"]),
            "praise": self._top(mentions, praise, LEAST["praise"]),
        }
        defended = [("company_id", "=", company.id), ("state", "!=", "dismissed"), ("published_at", ">=", since)]
        defended.append(("author_id.bot", "=", False))
        rows["defender"] = self._top(self.env["community.defence"].sudo(), defended, LEAST["defender"])
        rows["heard"] = self._most_heard(company)
        return rows

    @api.model
    def _top(self, model, domain, least):
        groups = model._read_group(
            domain, ["author_id"], ["__count"], having=[("__count", ">=", least)], order="__count desc", limit=EACH
        )
        return [(author.id, count) for author, count in groups]

    @api.model
    def _most_heard(self, company):
        """Return the most heard profiles, with how many are among them."""
        if "community.influence" not in self.env:
            return []
        heard = [("company_id", "=", company.id), ("score", ">", 0), ("author_id.bot", "=", False)]
        best = self.env["community.influence"].sudo().search(heard, order="score desc, id", limit=EACH)
        return [(one.author_id.id, EACH) for one in best]

    @api.model
    def _most_valued(self, company):
        """Return (contact, how many are among them) of the customers who are worth most: persons, not firms."""
        if "community.score" not in self.env:
            return []
        scores = self.env["community.score"].sudo()
        worth = [("company_id", "=", company.id), ("monetary", ">", 0), ("partner_id.is_company", "=", False)]
        best = scores.search(worth, order="monetary desc, id", limit=EACH)
        return [(one.partner_id, EACH) for one in best]

    @api.model
    def _not_ours(self, company):
        """Return colleagues, our own companies and the accounts through which we speak: contacts and profiles."""
        users = self.env["res.users"].sudo().with_context(active_test=False).search([("share", "=", False)])
        partners = users.partner_id | self.env["res.company"].sudo().search([]).partner_id
        rows = (
            self.env["community.mention"]
            .sudo()
            ._read_group([("company_id", "=", company.id), ("outgoing", "=", True)], ["author_id"])
        )
        return {*partners, *(author for (author,) in rows)}

    @api.model
    def _cared_for(self, company):
        """Return whom we care for, or did: contacts and profiles."""
        everybody = self.env["community.influencer"].sudo().with_context(active_test=False)
        cared = everybody.search([("company_id", "=", company.id)])
        return {*cared.partner_id, *cared.author_ids}

    # -- buttons ------------------------------------------------------------------------------------------------------

    def _ensure_agent(self):
        if not self.env.user.has_group("community_manager.group_agent"):
            raise AccessError(self.env._("Only community agents can do this."))
        self.check_access("read")

    @api.model
    def action_propose(self):
        """Look again for candidates now, and show them."""
        self._ensure_agent()
        self.sudo()._propose_for(self.env.companies.ids)
        return self.env["ir.actions.act_window"]._for_xml_id("community_manager.action_candidates")

    def action_add(self):
        """Care for these people from now on."""
        self._ensure_agent()
        for one in self.filtered(lambda candidate: candidate.state != "added"):
            influencer = self.env["community.influencer"].create(
                {
                    "partner_id": one.partner_id.id,
                    "author_ids": [fields.Command.set(one.author_id.ids)],
                    "company_id": one.company_id.id,
                    "role": one.role or "influencer",
                    "origin_note": one.reason,
                }
            )
            # sudo: nobody writes candidates but these buttons
            one.sudo().write({"state": "added", "influencer_id": influencer.id})
        return True

    def action_refuse(self):
        """Leave these people alone for as long as the settings of the company say."""
        self._ensure_agent()
        today = fields.Date.context_today(self)
        for one in self.sudo():
            months = one.company_id.community_refused_months
            until = fields.Date.add(today, months=months)
            one.write(
                {
                    "state": "refused",
                    "refused_at": fields.Datetime.now(),
                    "refused_until": until,
                    "refused_by_id": self.env.uid,
                }
            )
        return True

    def action_reconsider(self):
        """Propose these people again."""
        self._ensure_agent()
        # sudo: nobody writes candidates but these buttons
        self.sudo().filtered(lambda one: one.state == "refused").write({"state": "proposed", "refused_until": False})
        return True

    def action_open_person(self):
        """Open what we know of this person."""
        self.ensure_one()
        record = self.influencer_id or self.author_id or self.partner_id
        return {
            "type": "ir.actions.act_window",
            "res_model": record._name,
            "res_id": record.id,
            "views": [(False, "form")],
        }


#: in which order reasons are told, and how much each counts
ORDER = ("heard", "defender", "praise", "active", "value")
POINTS = {"heard": 3.0, "defender": 3.0, "praise": 2.0, "active": 1.0, "value": 2.0}


def _role(figures):
    """Return as what somebody could be won, by what speaks for them most."""
    if "defender" in figures:
        return "moderator" if figures["defender"] >= 5 else "advocate"
    if "heard" in figures:
        return "influencer"
    return "advocate"
