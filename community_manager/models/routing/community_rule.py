from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import ormcache

from ...analysis.matching import fold
from ..listening.community_ingest import QUIET
from .ruleset import Action, Condition, Facts, Rule, Ruleset, keyword_lines, linked

#: kinds of mention a rule can be for; each has its tick box
KINDS = ("post", "comment", "review", "article", "message")
#: what is read of a mention to decide about it
LINKS = ("topic_ids", "intent_ids")
READ = (
    *LINKS, "title", "text", "network", "channel_id", "kind", "visibility", "author_id", "outgoing", "sentiment",
    "language", "published_at", "company_id",
)  # fmt: skip


class CommunityRule(models.Model):
    """What happens by itself with mentions that meet some conditions."""

    _name = "community.rule"
    _description = "Rule"
    _inherit = ["community.compiled"]
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company, index=True)
    description = fields.Text(help="Why there is this rule, for colleagues.")

    # -- conditions: what is empty does not matter ------------------------------------------------------------------
    # A topic, network or channel that a rule names cannot be deleted, and still counts once archived: otherwise the
    # rule would suddenly apply to everything.
    topic_ids = fields.Many2many(
        "community.topic",
        "community_rule_topic_rel",
        "rule_id",
        "topic_id",
        string="About one of these topics",
        ondelete="restrict",
        check_company=True,
        domain="[('active', '=', True)]",  # as text: only for choosing
        context={"active_test": False},
    )
    network_ids = fields.Many2many(
        "community.network",
        "community_rule_network_rel",
        "rule_id",
        "network_id",
        string="On one of these networks",
        ondelete="restrict",
        domain="[('active', '=', True)]",  # as text: only for choosing
        context={"active_test": False},
    )
    channel_ids = fields.Many2many(
        "community.channel",
        "community_rule_channel_rel",
        "rule_id",
        "channel_id",
        string="Through one of these channels",
        ondelete="restrict",
        check_company=True,
        domain="[('active', '=', True)]",  # as text: only for choosing
        context={"active_test": False},
    )
    keywords = fields.Text(
        string="With one of these words",
        help="One word or phrase a line. Upper case and accents do not matter, * at the end stands for any ending, "
        "and a minus in front means that the word must not occur.",
    )
    kind_post = fields.Boolean(string="Posts")
    kind_comment = fields.Boolean(string="Comments")
    kind_review = fields.Boolean(string="Reviews")
    kind_article = fields.Boolean(string="Articles")
    kind_message = fields.Boolean(string="Messages")
    visibility = fields.Selection(
        [("any", "Public or private"), ("public", "Public only"), ("private", "Private only")],
        default="any",
        required=True,
        help="Private is what only followers or we ourselves can read.",
    )
    audience_min = fields.Integer(string="Followers, at least", help="Followers of the author; 0 is no limit.")
    audience_max = fields.Integer(string="Followers, at most", help="Followers of the author; 0 is no limit.")
    author_known = fields.Selection(
        [("any", "Anybody"), ("known", "A contact of ours"), ("unknown", "Somebody we do not know yet")],
        string="Written by",
        default="any",
        required=True,
        help="An author is known once linked to a contact.",
    )

    # -- actions ----------------------------------------------------------------------------------------------------
    do_ignore = fields.Boolean(string="Ignore", help="The mention is kept, out of sight, and nobody has to answer it.")
    department_id = fields.Many2one("community.department", check_company=True, index=True)
    user_id = fields.Many2one(
        "res.users", string="Assign to", domain="[('share', '=', False)]", check_company=True, index="btree_not_null"
    )
    priority = fields.Selection(
        [("0", "Normal"), ("1", "Important"), ("2", "High"), ("3", "Urgent")], help="Empty: as it is."
    )
    lead_action = fields.Selection(
        [("none", "No lead"), ("create", "Add to the person's open lead, or make one")],
        string="Lead",
        default="none",
        required=True,
    )
    ticket_action = fields.Selection(
        [("none", "No ticket"), ("create", "Add to the person's open ticket, or make one")],
        string="Ticket",
        default="none",
        required=True,
    )
    stop = fields.Boolean(
        default=True, string="Stop here", help="Off: the rules below may add what this one left open."
    )

    _audience = models.Constraint(
        "CHECK (audience_min >= 0 AND audience_max >= 0 AND (audience_max = 0 OR audience_min <= audience_max))",
        "The number of followers cannot be negative, nor the least be more than the most.",
    )

    # -- checks -----------------------------------------------------------------------------------------------------

    @api.constrains("keywords")
    def _check_keywords(self):
        for rule in self:
            for words in keyword_lines(rule.keywords):
                self._check_words(words)

    @api.model
    def _check_words(self, words):
        """
        :raises ValidationError: a word has nothing to look for
        """
        for word in words:
            if not fold(word)[0].strip(" *#@"):
                raise ValidationError(self.env._("“%s” has no letter or digit to look for.", word))

    def _does(self):
        """Return what a rule does, as a set of kinds of action."""
        self.ensure_one()
        simple = {
            "ignore": self.do_ignore,
            "lead": self.lead_action == "create",
            "ticket": self.ticket_action == "create",
        }
        return {kind for kind, done in simple.items() if done}

    @api.constrains("do_ignore", "lead_action", "ticket_action")
    def _check_actions(self):
        for rule in self:
            if {"ignore"} < rule._does():
                raise ValidationError(
                    self.env._("“%s” cannot ignore a mention and make something of it at once.", rule.name)
                )

    @api.constrains(
        "topic_ids",
        "network_ids",
        "channel_ids",
        "keywords",
        "visibility",
        "audience_min",
        "audience_max",
        "author_known",
        *(f"kind_{kind}" for kind in KINDS),
        "do_ignore",
        "lead_action",
        "ticket_action",
    )
    def _check_condition(self):
        """A rule for everything may put mentions before somebody, no more."""
        for rule in self:
            if rule._does() and rule._to_plain().condition.is_empty:
                raise ValidationError(
                    self.env._(
                        "“%s” has no condition, so it would ignore everything, or make a lead or a ticket of "
                        "everything. Say which mentions it is for.",
                        rule.name,
                    )
                )

    # -- the compiled rules -------------------------------------------------------------------------------------------

    def _to_plain(self):
        """Return the :class:`~.ruleset.Rule` of a record, saved or not."""
        self.ensure_one()
        wanted, excluded = keyword_lines(self.keywords)
        return Rule(
            id=self.id if isinstance(self.id, int) else self._origin.id,
            condition=Condition(
                topics=frozenset(self.topic_ids._origin.ids),
                networks=frozenset(self.network_ids.mapped("code")),
                channels=frozenset(self.channel_ids._origin.ids),
                kinds=frozenset(kind for kind in KINDS if self[f"kind_{kind}"]),
                visibility=self.visibility or "any",
                audience_min=self.audience_min,
                audience_max=self.audience_max,
                known=self.author_known or "any",
                wanted=tuple(wanted),
                excluded=tuple(excluded),
            ),
            action=Action(
                ignore=self.do_ignore,
                department_id=self.department_id.id or 0,
                user_id=self.user_id.id or 0,
                priority=self.priority or "",
                lead=self.lead_action == "create",
                ticket=self.ticket_action == "create",
                stop=self.stop,
            ),
        )

    @api.model
    def _working(self):
        """Return the domain of rules that are asked."""
        return [("active", "=", True)]

    @api.model
    @ormcache("company_id")
    def _ruleset(self, company_id):
        """Return the :class:`~.ruleset.Ruleset` of a company's active rules.

        Built once in each worker and dropped in all of them when a rule changes.
        """
        rules = self.sudo().search([("company_id", "=", company_id), *self._working()])
        return Ruleset([rule._to_plain() for rule in rules], *self._risks(company_id))

    @api.model
    def _risks(self, company_id):
        """Return (ids of topics, words) that are a risk for a company."""
        return (), ()

    # -- applying -----------------------------------------------------------------------------------------------------

    @api.model
    def _apply(self, mentions):
        """Apply the active rules of the mentions' company to mentions that are stored, in order.

        What we wrote ourselves is left alone.  All mentions are decided first, in plain Python; then they are written
        in as many groups as there are different outcomes, and leads and tickets are created in one batch each.

        :param mentions: ``community.mention`` records, of one company or several
        """
        quiet = mentions.sudo().with_context(**QUIET)
        for company, batch in quiet.grouped("company_id").items():
            ruleset = self._ruleset(company.id)
            if ruleset:
                facts = dict(self._facts(batch, ruleset))
                decisions = self._decisions(company, ruleset, [facts.get(number) for number in batch.ids])
                self._note_before(batch, decisions)
                groups = {}
                for mention, decision in zip(batch, decisions, strict=True):
                    if decision:
                        groups.setdefault(decision.outcome, []).append((mention.id, decision))
                for group in groups.values():
                    values = self._outcome(group[0][1])
                    if group[0][1].topics:
                        values["topic_ids"] = [fields.Command.link(topic) for topic in group[0][1].topics]
                    batch.browse([mention_id for mention_id, _decision in group]).write(values)
                self._follow_up(batch, decisions)

    @api.model
    def _decide(self, company, vals_list, people=None):
        """Decide about mentions that are not stored yet, and put what is decided into their values.

        Deciding first saves writing each of them a second time.  :meth:`_follow_up` has to be called once they exist.

        :param company: ``res.company`` of all of them
        :param vals_list: values for ``create``; changed in place
        :param dict people: ``{author id: {"followers", "partner_id"}}`` of their authors, where that is known
        :returns: list of a :class:`~.ruleset.Decision` or None for each
        """
        ruleset = self._ruleset(company.id)
        if not ruleset:
            return [None] * len(vals_list)
        # the values of "create" as "read" would give them
        rows = [{**values, **{name: linked(values.get(name)) for name in LINKS}} for values in vals_list]
        decisions = self._decisions(company, ruleset, self._facts_of(rows, ruleset, people))
        for values, decision in zip(vals_list, decisions, strict=True):
            if decision:
                values.update(self._outcome(decision))
                if decision.topics:
                    links = [*dict.fromkeys([*linked(values.get("topic_ids")), *decision.topics])]
                    values["topic_ids"] = [fields.Command.set(links)]
        return decisions

    @api.model
    def _decisions(self, company, ruleset, facts_list):
        """Return a :class:`~.ruleset.Decision` or None for each :class:`~.ruleset.Facts` or None.

        Extended by what depends on all of them together: how much a rule may do in an hour, and who is given what.

        :param company: one ``res.company``
        """
        return [ruleset.decide(facts, places=False) if facts else None for facts in facts_list]

    @api.model
    def _note_before(self, mentions, decisions):
        """Note what stored mentions are like before the rules change them; extended by what undoes it."""

    @api.model
    def _facts(self, mentions, ruleset=None):
        """Return ``(mention id, Facts)`` of mentions, without those that we wrote ourselves.

        :param ruleset: what has to be known is looked up for these rules; for any, when None
        """
        rows = mentions.read(READ, load=None)
        found = zip(rows, self._facts_of(rows, ruleset), strict=True)
        return [(row["id"], facts) for row, facts in found if facts]

    @api.model
    def _facts_of(self, rows, ruleset=None, people=None):
        """Return the :class:`~.ruleset.Facts` of each dict of field values, or None for what we wrote ourselves."""
        if people is None and (ruleset is None or ruleset.reads_authors):
            authors = self.env["community.author"].browse(sorted({row["author_id"] for row in rows} - {False}))
            people = {row["id"]: row for row in authors.read(["followers", "partner_id"], load=None)}
        people = people or {}
        nobody = {"followers": 0, "partner_id": False}
        found = []
        more = (ruleset and self._more_facts(rows, ruleset, people)) or [{}] * len(rows)
        for row, extra in zip(rows, more, strict=True):
            author = people.get(row["author_id"], nobody)
            text = row["text"] or ""
            facts = Facts(
                text=f"{row['title']}\n{text}" if row["title"] else text,
                topics=frozenset(row["topic_ids"]),
                network=row["network"],
                channel=row["channel_id"],
                kind=row["kind"],
                visibility=row["visibility"],
                followers=author["followers"],
                known=bool(author["partner_id"]),
                sentiment=row.get("sentiment") or "",
                intents=frozenset(row["intent_ids"]),
                language=row["language"] or "",
                **extra,
            )
            found.append(None if row["outgoing"] else facts)
        return found

    @api.model
    def _more_facts(self, rows, ruleset, people):
        """Return for each row a dict of further values of :class:`~.ruleset.Facts`, or None when no rule asks.

        :param rows: dicts of field values, of one company
        :param dict people: what is known of the authors
        """

    @api.model
    def _outcome(self, decision):
        """Return the values of a mention for which this was decided."""
        values = {"rule_id": decision.rules[0], "rule_ids": [fields.Command.set(decision.rules)]}
        values |= {"state": "ignored"} if decision.ignore else {}
        values |= {"department_id": decision.department_id} if decision.department_id else {}
        values |= {"user_id": decision.user_id} if decision.user_id else {}
        values |= {"priority": decision.priority} if decision.priority else {}
        return values

    @api.model
    def _follow_up(self, mentions, decisions):
        """Make the leads and tickets that were decided, once the mentions are stored as decided.

        :param mentions: ``community.mention`` records of one company
        :param decisions: a :class:`~.ruleset.Decision` or None for each
        :returns: list of the leads and of the tickets that were made
        """
        company = mentions.company_id
        mentions = mentions.sudo().with_company(company).with_context(allowed_company_ids=company.ids, **QUIET)
        decided = [(mention_id, made) for mention_id, made in zip(mentions.ids, decisions, strict=True) if made]
        ignored = [mention_id for mention_id, decision in decided if decision.ignore]
        if ignored:
            mentions.browse(ignored).conversation_id._follow_mentions()
        leads = [mention_id for mention_id, decision in decided if decision.lead and not decision.ignore]
        tickets = [mention_id for mention_id, decision in decided if decision.ticket and not decision.ignore]
        users = {mention_id: decision.user_id for mention_id, decision in decided if decision.user_id}
        made = []
        if leads:
            made.append(mentions.env["community.lead"]._take_on(mentions.browse(leads), users, strict=False)[0])
        if tickets:
            backend = mentions.env["community.ticket"]._backend()
            made.append(backend._take_on(mentions.browse(tickets), users, strict=False)[0])
        return made
