from odoo import models

#: how the feeling of a mention colours its entry
TONES = {"negative": "bad", "positive": "good"}


class CommunityAuthor(models.Model):
    """What was said under some profiles, in the timeline of their person."""

    _inherit = "community.author"

    def _timeline_talk(self, partner=None):
        """Return the kinds of the timeline that rest on profiles alone.

        :param partner: the contact behind them, or None while nobody is known
        """
        timeline = self.env["community.timeline"]
        env, ids = self.env, self.ids
        mentions = env["community.mention"].with_context(active_test=False)
        theirs = [("author_id", "in", ids), ("outgoing", "=", False)]
        replies = env["community.reply"]
        handoffs = env["community.handoff"]
        registered = (mentions, [*theirs, ("feedback_id", "!=", False)], "published_at", self._timeline_feedback)
        told = env["community.feedback.answer"]
        told_of = [("author_id", "in", ids), ("reply_id.state", "=", "sent")]
        ratings = env["rating.rating"]
        return [
            timeline._timeline_kind(
                "mention",
                env._("Mentions"),
                "fa-comment",
                (mentions, theirs, "published_at", self._timeline_mention),
            ),
            timeline._timeline_kind(
                "answer",
                env._("Our answers"),
                "fa-reply",
                (replies, [("author_id", "in", ids), ("state", "=", "sent")], "sent_at", self._timeline_answer),
            ),
            timeline._timeline_kind(
                "handoff",
                env._("Hand-offs"),
                "fa-share-square-o",
                (handoffs, [("mention_ids.author_id", "in", ids)], "create_date", self._timeline_handoff),
            ),
            timeline._timeline_kind(
                "feedback",
                env._("Feedback"),
                "fa-lightbulb-o",
                registered,
                (told, told_of, "create_date", self._timeline_told),
            ),
            timeline._timeline_kind(
                "rating",
                env._("Ratings"),
                "fa-star-o",
                (ratings, self._timeline_ratings(ids, partner), "rated_on", self._timeline_rating),
            ),
        ]

    def _timeline_ratings(self, ids, partner):
        """Return the domain of what people behind profiles have rated."""
        rated = self.env["community.mention"]._search([("author_id", "in", ids)])
        domain = ["&", ("res_model", "=", "community.mention"), ("res_id", "in", rated)]
        if partner:
            domain = ["|", ("partner_id", "=", partner.id), *domain]
        return [("consumed", "=", True), *domain]

    def _timeline_entry(self, *args, **values):
        return self.env["res.partner"]._community_timeline_entry(*args, **values)

    def _timeline_network(self, code):
        """Return the name of a network."""
        return dict(self.env["community.channel"]._selection_network()).get(code, code)

    def _timeline_mention(self, mention):
        kinds = dict(mention._fields["kind"]._description_selection(self.env))
        network = self._timeline_network(mention.network)
        title = self.env._("%(kind)s on %(network)s", kind=kinds[mention.kind], network=network)
        text = mention.summary if mention.deleted_at else mention.text or mention.title
        return self._timeline_entry(
            "mention",
            mention.published_at,
            title,
            text=self.env["community.timeline"]._timeline_text(text),
            record=mention,
            tone=TONES.get(mention.sentiment, ""),
        )

    def _timeline_answer(self, reply):
        network = self._timeline_network(reply.network)
        # sudo: the name of the colleague who answered
        name = reply.user_id.sudo().name
        if reply.way == "message":
            title = self.env._("%(name)s wrote privately on %(network)s", name=name, network=network)
        else:
            title = self.env._("%(name)s answered on %(network)s", name=name, network=network)
        text = self.env["community.timeline"]._timeline_text(reply.text)
        return self._timeline_entry("answer", reply.sent_at, title, text=text, record=reply)

    def _timeline_handoff(self, handoff):
        states = dict(handoff._fields["state"]._description_selection(self.env))
        title = self.env._(
            "To %(department)s: %(state)s", department=handoff.department_id.name, state=states[handoff.state]
        )
        text = self.env["community.timeline"]._timeline_text(handoff.asked)
        return self._timeline_entry("handoff", handoff.create_date, title, text=text, record=handoff)

    def _timeline_feedback(self, mention):
        entry = mention.feedback_id
        title = self.env._("Speaks for: %s", entry.display_name)
        return self._timeline_entry("feedback", mention.published_at, title, record=entry)

    def _timeline_told(self, answer):
        decisions = dict(answer._fields["decision"]._description_selection(self.env))
        title = self.env._(
            "Told of “%(entry)s”: %(decision)s",
            entry=answer.feedback_id.display_name,
            decision=decisions[answer.decision],
        )
        return self._timeline_entry("feedback", answer.create_date, title, record=answer.feedback_id)

    def _timeline_rating(self, rating):
        grades = dict(rating._fields["rating_text"]._description_selection(self.env))
        tone = {"top": "good", "ko": "bad"}.get(rating.rating_text, "")
        text = self.env["community.timeline"]._timeline_text(rating.feedback)
        record = None
        if rating.res_model == "community.mention":
            record = self.env["community.mention"].browse(rating.res_id).exists() or None
        title = grades.get(rating.rating_text) or str(rating.rating)
        return self._timeline_entry("rating", rating.rated_on, title, text=text, record=record, tone=tone)
