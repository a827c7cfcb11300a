from odoo import api, models
from odoo.tools import format_date

from ...connectors import network as network_class
from .placeholders import first_name

#: how many of each kind the composer is offered, and how many while somebody looks for one
TEMPLATES, ANSWERS = 5, 4
MORE = 12
#: intents that are thanked for
THANKED = frozenset(("praise", "suggestion"))
#: part of the words of a mention that an answer must have to be offered unasked, and when a product or topic fits too
ENOUGH, ENOUGH_WITH_MATCH = 0.3, 0.15
#: what matches count beside the words: a product named says more than a topic, and both less than the very question
PRODUCT_SCORE, TOPIC_SCORE, LANGUAGE_SCORE, EXPIRED_SCORE = 0.35, 0.15, 0.1, -0.2


class CommunityMention(models.Model):
    """What helps to answer a mention: templates, the answer bank, and what is better not said."""

    _inherit = "community.mention"

    # -- placeholders ----------------------------------------------------------------------------------------------

    def _placeholder_values(self, way="reply", channel=None):
        """Return what the placeholders of templates stand for when this mention is answered.

        What concerns nobody else, an order or a ticket, has a value in private answers only.

        :param str way: "reply" or "message"
        :param channel: the ``community.channel`` that answers
        """
        self.ensure_one()
        user, company = self.env.user, self.company_id
        author, channel = self.author_id, channel or self._reply_channel()
        # whoever answers is told no more of the contact than its name and a number that they may put into the answer
        partner = author.sudo().partner_id
        person = "" if partner.is_company else first_name(partner.name or "") or first_name(author.name or "")
        connector = network_class(self.network)
        values = {
            "author": author.name or author.handle or "",
            "first_name": person,
            "handle": author.handle or "",
            "agent": user.name or "",
            "agent_first_name": (user.name or "").split(" ")[0],
            "company": company.name or "",
            "website": company.sudo().website or "",
            "account": channel.account_name or channel.name or "",
            "network": self.env._(connector.label) if connector else "",
            "product": self.sudo().product_ids[:1].name or "",
            "topic": self.topic_ids[:1].name or "",
        }
        if way == "message" or self.visibility == "direct":
            values["order"] = self._latest_order(partner).name or ""
            ticket = self.sudo()._ticket()
            number = "number" in ticket._fields and ticket.number
            values["ticket"] = (number or f"#{ticket.id}") if ticket else ""
        return values

    def _latest_order(self, partner):
        orders = self.env["sale.order"].sudo()
        if not partner:
            return orders
        whose = [("partner_id", "child_of", partner.commercial_partner_id.id), ("company_id", "=", self.company_id.id)]
        return orders.search([*whose, ("state", "=", "sale")], order="date_order desc, id desc", limit=1)

    # -- warnings --------------------------------------------------------------------------------------------------

    def _reply_warnings(self, text, way, channel):
        """Say what is sensitive about an answer, and what we say about it."""
        warnings = super()._reply_warnings(text, way, channel)
        issues = self.env["community.sensitive"]._touched(
            self.company_id, (text, self.title, self.text), self.topic_ids
        )
        for issue in issues:
            warnings.append(
                {
                    "code": "sensitive",
                    "text": "\n".join(issue._sentences()),
                    "way": "",
                    "title": issue.name,
                    "position": issue.position or "",
                    "avoid": issue.avoid or "",
                    "owner": issue.user_id.name or "",
                }
            )
        return warnings

    # -- suggestions -----------------------------------------------------------------------------------------------

    def _suggestions(self, query, way, channel):
        """Offer templates, and what the answer bank knows; ``/`` and a shortcut finds templates only."""
        found = super()._suggestions(query, way, channel)
        templates = self._suggested_templates(query, way, channel)
        answers = [] if query.startswith("/") else self._suggested_answers(query, way, channel)
        return found + templates + answers

    def _language_code(self):
        return (self.language or "").lower().replace("_", "-").partition("-")[0]

    def _other_language(self, language):
        """Return a sentence when a text is in another language than this mention, else ``""``."""
        if not language or not self._language_code() or language == self._language_code():
            return ""
        return self.env._("It is in another language than the mention: %s.", self._language_name(language))

    def _is_private(self, way):
        return way == "message" or self.visibility == "direct"

    def _suggested_templates(self, query, way, channel):
        private = self._is_private(way)
        templates = self.env["community.template"].search(
            [
                ("company_id", "=", self.company_id.id),
                ("way", "in", ("any", "private" if private else "public")),
            ]
        )
        ranked = [(self._template_score(template, query), template) for template in templates]
        ranked = sorted(((score, one) for score, one in ranked if score > 0), key=lambda pair: -pair[0])
        if not ranked:
            return []
        values, connector = self._placeholder_values(way, channel), network_class(self.network)
        found = []
        for _score, template in ranked[: MORE if query else TEMPLATES]:
            text, language = template._say(self, values, way, connector)
            found.append(
                {
                    "kind": "template",
                    "id": template.id,
                    "title": template.name,
                    "text": text,
                    "note": f"/{template.shortcut}" if template.shortcut else "",
                    "warning": self._other_language(language),
                }
            )
        return found

    def _template_score(self, template, query):
        """Return how well a template fits; 0: not at all."""
        score = 1.0 + min(template.use_count, 50) / 100
        if query:
            words = query.lstrip("/").strip().lower()
            shortcut, name = template.shortcut or "", (template.name or "").lower()
            if query.startswith("/"):
                if not shortcut.startswith(words):
                    return 0
                score += 200 if shortcut == words else 100
            elif shortcut.startswith(words) or words in name:
                score += 100
            elif words in "\n".join(wording.text or "" for wording in template._wordings()).lower():
                score += 50
            else:
                return 0
        intents, topics = template.intent_ids & self.intent_ids, template.topic_ids & self.topic_ids
        codes = set(self.intent_ids.mapped("code"))
        praised = THANKED & codes or (self.sentiment == "positive" and not codes & {"complaint", "defect", "risk"})
        # one for praise thanks for no suggestion; where nothing was recognised, a good feeling is enough
        thanked = template.is_thanks and praised and (intents or not template.intent_ids or not THANKED & codes)
        if not query:
            # what is for something else is not offered; who looks for it finds it
            if (template.topic_ids and not topics) or (template.intent_ids and not intents and not thanked):
                return 0
            if template.is_thanks and not thanked and not intents:
                return 0
        score += 20 * len(intents) + 10 * len(topics) + (25 if thanked else 0)
        spoken = {wording.language for wording in template._wordings()}
        if self._language_code() in spoken:
            score += 8
        elif False not in spoken:
            score -= 0.9
        return score

    def _suggested_answers(self, query, way, channel):
        scores = self._answer_scores(query)
        if not scores:
            return []
        limit = MORE if query else ANSWERS
        best = sorted(scores, key=lambda answer: (-scores[answer], answer.id))[:limit]
        values, connector = {}, network_class(self.network)
        return [self._answer_suggestion(answer, values, way, connector) for answer in best]

    def _answer_suggestion(self, answer, values, way, connector):
        text, language = answer._say(self, values, way, connector)
        if answer.link:
            text = f"{text}\n{answer.link}"
        warning = self._other_language(language)
        if answer.is_expired:
            day = format_date(self.env, answer.review_date)
            warning = self.env._("It was due for review on %s: make sure that it is still right.", day)
        helped = answer.helpful_count
        return {
            "kind": "answer",
            "id": answer.id,
            "title": answer._question_for(self.env.lang),
            "text": text,
            "note": self.env._("Helped %s colleagues", helped) if helped > 1 else "",
            "warning": warning,
        }

    def _answer_scores(self, query):
        """Return ``{community.answer: score}`` of the answers in use that fit, by their words and by what it is about.

        :param str query: what the writer looks for; empty: the text of the mention
        """
        answers = self.env["community.answer"]
        # the title of a comment is made by the site: it repeats the article's
        title = "" if self.kind == "comment" else self.title or ""
        asked = query or f"{title}\n{self.text or ''}"
        by_words = (
            self.env["community.answer.words"].sudo()._ranked(self.company_id, asked, typing=bool(query), limit=40)
        )
        found = answers.browse(by_words)
        ours = [("company_id", "=", self.company_id.id), ("state", "=", "published")]
        if not query and (self.product_ids or self.topic_ids):
            about = ["|", ("product_tmpl_ids", "in", self.product_ids.ids), ("topic_ids", "in", self.topic_ids.ids)]
            found |= answers.search([*ours, *about], limit=100)
        scores = {}
        # one search more, as the words know nothing of rights
        for answer in answers.search([("id", "in", found.ids), *ours]):
            words = by_words.get(answer.id, 0.0)
            product = bool(answer.product_tmpl_ids & self.product_ids)
            topic = bool(answer.topic_ids & self.topic_ids)
            if not query and words < (ENOUGH_WITH_MATCH if product or topic else ENOUGH):
                continue
            spoken = {wording.language for wording in answer._wordings()}
            score = words + PRODUCT_SCORE * product + TOPIC_SCORE * topic
            score += LANGUAGE_SCORE * (self._language_code() in spoken) + EXPIRED_SCORE * answer.is_expired
            scores[answer] = score + min(answer.helpful_count, 10) / 100 - min(answer.unhelpful_count, 10) / 100
        return scores

    @api.model
    def note_suggestion(self, kind, suggestion_id):
        """Count that a suggestion was taken into an answer.

        :param str kind: "template" or "answer"; others are not counted
        :param int suggestion_id: its id
        :returns: whether it was counted
        """
        model = {"template": "community.template", "answer": "community.answer"}.get(kind)
        record = self.env[model].search([("id", "=", suggestion_id)]) if model else None
        if not record:  # what is not there any more was of use all the same
            return False
        record._note_used()
        return True
