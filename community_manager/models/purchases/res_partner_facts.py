from odoo import models
from odoo.tools import format_amount, format_date
from odoo.tools.misc import formatLang

#: categories and products that are named
MOST_NAMED = 3
#: intents of mentions that tell what somebody misses
TELLING = ("complaint", "defect", "suggestion")


class ResPartner(models.Model):
    """What a person is worth and likes: on top of their page, in its timeline, and for campaigns."""

    _inherit = "res.partner"

    def _community_facts(self):
        facts = super()._community_facts()
        score = self.env["community.score"]._of(self, self.env.company).get(self.id)
        lines = [
            *self._fact("value", self.env._("Value"), score._lines() if score else []),
            *self._fact("expected", self.env._("To be expected"), score._expected_lines() if score else []),
            *self._fact("likes", self.env._("Likes"), self._community_likes_lines()),
            *self._fact("said", self.env._("Has told us"), self._community_said_lines()),
        ]
        return [*facts, *lines]

    def _community_preferences(self, company, limit=MOST_NAMED):
        """Return what a person buys and speaks of most.

        Computed as superuser: whoever shows it sees to it that amounts stay with those who may see them.

        :param company: ``res.company``
        :param int limit: of each
        :returns: dict with ``categories`` (``product.category``) and ``products`` (``product.product``) bought, those
            bought most often first, ``spoken`` (``product.template``) and ``told`` ({code of the intent: mentions})
        """
        self.ensure_one()
        domain = [
            ("commercial_partner_id", "=", self.commercial_partner_id.id),
            ("company_id", "=", company.id),
            ("kind", "=", "sale"),
        ]
        lines = self.env["community.transaction"].sudo()
        found = {}
        for name, field in (("categories", "categ_id"), ("products", "product_id")):
            rows = lines._read_group(
                [*domain, (field, "!=", False)],
                [field],
                ["__count", "amount:sum"],
                order="__count desc, amount:sum desc",
                limit=limit,
            )
            found[name] = self.env[lines._fields[field].comodel_name].browse([row[0].id for row in rows])
        return found | self._community_spoken(company, limit)

    def _community_spoken(self, company, limit):
        """Return the products that a person names in what they say, and how often they told us of what."""
        mentions = self.env["community.mention"].sudo()
        theirs = [("author_id.partner_id", "=", self.id), ("company_id", "=", company.id), ("outgoing", "=", False)]
        products = mentions._read_group(
            [*theirs, ("product_ids", "!=", False)], ["product_ids"], ["__count"], order="__count desc", limit=limit
        )
        told = mentions._read_group([*theirs, ("intent_ids.code", "in", TELLING)], ["intent_ids"], ["__count"])
        return {
            "spoken": self.env["product.template"].browse([row[0].id for row in products]),
            "told": {intent.code: count for intent, count in told if intent.code in TELLING},
        }

    def _community_likes_lines(self):
        authors = self.env["community.author"]
        liked = self._community_preferences(self.env.company)
        categories = ", ".join(liked["categories"].sudo().mapped("name"))
        spoken = ", ".join(liked["spoken"].sudo().mapped("name"))
        lines = []
        if categories:
            names = ", ".join(liked["products"].sudo().mapped("name"))
            lines.append(authors._person_line(categories, note=self.env._("bought most: %s", names)))
        if spoken:
            lines.append(authors._person_line(spoken, note=self.env._("speaks of it")))
        return lines

    def _community_said_lines(self):
        authors = self.env["community.author"]
        intents = self.env["community.intent"]
        lines = []
        told = self._community_spoken(self.env.company, 1)["told"]
        for intent in intents.search([("code", "in", list(told))]):
            theirs = [("author_id.partner_id", "=", self.id), ("intent_ids", "in", intent.ids)]
            action = authors._list_action(intent.name, "community.mention", theirs)
            lines.append(authors._person_line(f"{intent.name}: {told[intent.code]}", action=action))
        # sudo: that something of theirs is among the feedback; the entries need the rights to them
        wanted = self.env["community.feedback"].sudo()
        theirs = [("mention_ids.author_id.partner_id", "=", self.id), ("company_id", "=", self.env.company.id)]
        for entry in wanted.search(theirs, limit=MOST_NAMED):
            decision = dict(entry._fields["decision"]._description_selection(self.env))[entry.decision]
            lines.append(authors._person_line(entry.name, note=decision, record=entry))
        return lines

    # -- the line of time ---------------------------------------------------------------------------------------------

    def _community_timeline_kinds(self):
        timeline = self.env["community.timeline"]
        theirs = [
            ("partner_id", "=", self.commercial_partner_id.id),
            ("company_id", "in", self.env.companies.ids),
        ]
        moves, events = self.env["community.score.change"], self.env["community.alarm.event"]
        whose = [("partner_id", "child_of", self.id)]
        purchases = self.env["community.purchase"]
        return [
            *super()._community_timeline_kinds(),
            timeline._timeline_kind(
                "segment", self.env._("Segments"), "fa-star-half-o", (moves, theirs, "moment", self._timeline_move)
            ),
            timeline._timeline_kind(
                "alarm", self.env._("Alarms"), "fa-bell", (events, whose, "moment", self._timeline_alarm)
            ),
            timeline._timeline_kind(
                "purchase",
                self.env._("Purchases from elsewhere"),
                "fa-shopping-basket",
                (purchases, whose, "date", self._timeline_purchase),
            ),
        ]

    def _timeline_move(self, change):
        before, after = change.from_segment_id.name or "…", change.to_segment_id.name or "…"
        title = self.env._("From “%(before)s” to “%(after)s”", before=before, after=after)
        tone = {"up": "good", "down": "bad"}.get(change.direction, "")
        return self._community_timeline_entry("segment", change.moment, title, tone=tone)

    def _timeline_alarm(self, event):
        title = event.alarm_id.name
        return self._community_timeline_entry("alarm", event.moment, title, text=event.text, record=event)

    def _timeline_purchase(self, purchase):
        amount = format_amount(self.env, purchase.amount, purchase.currency_id)
        values = {"name": purchase.name, "amount": amount}
        title = (
            self.env._("Return %(name)s, %(amount)s", **values)
            if purchase.amount < 0
            else self.env._("Purchase %(name)s, %(amount)s", **values)
        )
        moment = self.env["community.timeline"]._timeline_moment(purchase.date)
        text = purchase.product_id.display_name or purchase.origin or ""
        return self._community_timeline_entry("purchase", moment, title, text=text, record=purchase)


class CommunityScore(models.Model):
    """The figures of a customer in a few words."""

    _inherit = "community.score"

    def _lines(self):
        """Return how a customer ranks, with the amount for those who may see it, as lines of the person pane."""
        self.ensure_one()
        last = format_date(self.env, self.last_on)
        note = (
            self.env._("1 purchase, %s", last)
            if self.frequency == 1
            else self.env._("%(count)s purchases, last %(day)s", count=self.frequency, day=last)
        )
        rank = " · ".join(filter(None, [f"RFM {self.rfm}", self.segment_id.name]))
        if self._has_field_access(self._fields["monetary"], "read"):
            rank = f"{format_amount(self.env, self.monetary, self.currency_id)} · {rank}"
        return [self.env["community.author"]._person_line(rank, note=note, record=self)]

    def _expected_lines(self):
        """Return what may be expected of a customer, with what that rests on."""
        self.ensure_one()
        if self.method == "none":
            return []
        basis = dict(self._fields["method"]._description_selection(self.env))[self.method]
        lost = formatLang(self.env, 100 * self.lost, digits=0)
        text = self.env._("%s %% lost", lost)
        if self.next_purchase_on:
            text = self.env._(
                "Next purchase about %(day)s, %(lost)s %% lost",
                day=format_date(self.env, self.next_purchase_on),
                lost=lost,
            )
        return [self.env["community.author"]._person_line(text, note=basis, record=self)]
