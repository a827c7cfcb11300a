from odoo import fields, models
from odoo.tools import SQL

from ..listening.community_mention import GONE_BECAUSE
from .community_erasing import add

#: what a mention keeps besides its text that leads to the person, or was written of them
LEADING = (
    "title text url identifiers attachments matched satisfaction_comment close_note routing_note parent_external_id"
).split()


class CommunityMention(models.Model):
    """Mentions of a person who is erased, with the copies that were made of them."""

    _inherit = "community.mention"

    def _erase_with_copies(self, identity):
        """Erase what was said in these mentions, all copies of it, and what leads to it on the network.

        Mentions stay as figures: when, on which network, with which feeling.

        :param identity: words that name the person, see :class:`.erasing.Identity`
        :returns: ``{model: count}``
        """
        erasing = self.env["community.erasing"]
        fresh = self.filtered(lambda mention: not (mention.external_id or "").startswith("erased-"))
        counts = {self._name: len(fresh), "community.mention.version": len(self.version_ids)}
        identity = identity.also_said(text for mention in self for text in (mention.text, mention.title) if text)
        feelings = {mention.id: mention.sentiment for mention in self}
        replies = self.env["community.reply"].search([("mention_id", "in", self.ids)])
        entries = self.feedback_id
        answered = identity.also_said(text for reply in replies for text in (reply.text, reply.summary) if text)
        erasing._erase_dialogs(self)
        add(counts, replies._erase_said())
        add(counts, self._erase_answers_heard(replies))
        add(counts, self._erase_handoffs(identity))
        add(counts, self._erase_alerts(identity, answered))
        records = self.env["community.moderation.record"].search([("mention_id", "in", self.ids)])
        add(counts, records._erase_said())
        names = ["name", "description", "valid_note", "feasible_note", "useful_note"]
        counts["community.feedback"] = erasing._scrub(entries, names, identity)
        ratings = self.env["rating.rating"].search([("res_model", "=", self._name), ("res_id", "in", self.ids)])
        counts["rating.rating"] = erasing._empty(ratings, {"feedback": False, "partner_id": False})
        self.env["community.label"].search([("mention_id", "in", self.ids)]).unlink()
        self.with_context(**{GONE_BECAUSE: "erased"})._erase_content()
        values = {name: False for name in LEADING if name in self._fields}
        erasing._empty(self, {**values, "gone_because": "erased", "deleted_at": fields.Datetime.now()})
        for feeling, mentions in self.grouped(lambda mention: feelings[mention.id]).items():
            if feeling:  # figures stay
                erasing._empty(mentions, {"sentiment": feeling})
        entries._learn_words()
        add(counts, erasing._erase_trail(self))
        fresh._erase_identifiers()
        return counts

    def _erase_identifiers(self):
        """Give mentions identifiers that lead to nothing, and to those that answered them too."""
        if not self:
            return
        self.env.flush_all()
        # raw SQL: thousands of rows, each with a value of its own
        queries = (
            "UPDATE community_mention child SET parent_external_id = 'erased-' || gone.id FROM community_mention gone"
            " WHERE gone.id IN %s AND child.company_id = gone.company_id AND child.network = gone.network"
            " AND child.realm = gone.realm AND child.parent_external_id = gone.external_id",
            "UPDATE community_conversation talk SET external_id = 'erased-' || gone.id, next_look_at = NULL"
            " FROM community_mention gone WHERE gone.id IN %s AND talk.company_id = gone.company_id"
            " AND talk.network = gone.network AND talk.realm = gone.realm AND talk.external_id = gone.external_id",
            "UPDATE community_mention SET external_id = 'erased-' || id, realm = '' WHERE id IN %s",
        )
        for query in queries:
            self.env.cr.execute(SQL(query, tuple(self.ids)))
        self.env.invalidate_all(flush=False)

    def _erase_answers_heard(self, replies):
        """Erase our own answers as they came back from the network: they speak to the person."""
        sent = [reply.external_id for reply in replies if reply.external_id]
        ours = self.env["community.mention"].search(
            [
                ("outgoing", "=", True),
                ("company_id", "in", self.company_id.ids),
                ("network", "in", list(set(self.mapped("network")))),
                "|",
                ("parent_external_id", "in", self.mapped("external_id")),
                ("external_id", "in", sent),
            ]
        )
        ours = ours.filtered(lambda mention: not mention.deleted_at)
        ours.with_context(**{GONE_BECAUSE: "erased"})._erase_content()
        return {self._name: len(ours)}

    def _erase_handoffs(self, identity):
        """Empty hand-offs about these people alone; take the person out of the others."""
        erasing = self.env["community.erasing"]
        handoffs = self.env["community.handoff"].search([("mention_ids", "in", self.ids)])
        authors = self.author_id
        own = handoffs.filtered(lambda handoff: not handoff.mention_ids.author_id - authors)
        values = {"asked": self.env._("Erased"), "name": self.env._("Erased")}
        values |= dict.fromkeys(("reason", "outcome_text", "answer"), False)
        count = erasing._empty(own, values)
        names = ["asked", "name", "reason", "outcome_text", "answer"]
        count += erasing._scrub(handoffs - own, names, identity)
        return add({"community.handoff": count}, erasing._erase_trail(own))

    def _erase_alerts(self, identity, answered):
        """Take the person out of the evidence of alerts and out of the timelines of crises.

        :param identity: with what the person said
        :param answered: with what we answered to them besides
        """
        erasing = self.env["community.erasing"]
        alerts = self.env["community.alert"].search([("mention_ids", "in", self.ids)])
        for alert in alerts:
            values = {"evidence": self._without(alert.evidence, identity)}
            values["more"] = {kind: self._without(more, identity) for kind, more in (alert.more or {}).items()}
            erasing._empty(alert, values)
        counts = {"community.alert": len(alerts)}
        erasing._scrub(alerts, ["note"], identity)
        crises = self.crisis_id | alerts.crisis_id
        counts["community.crisis"] = erasing._scrub(
            crises, ["name", "what_happened", "what_worked", "what_to_change"], answered
        )
        counts["community.crisis.event"] = erasing._scrub(crises.event_ids, ["text"], answered)
        erasing._scrub(crises.task_ids, ["name", "note"], answered)
        return counts

    def _without(self, evidence, identity):
        """Return the evidence of an alert without these mentions, their words and their authors; figures stay."""
        if not evidence:
            return evidence
        ids = set(self.ids)
        words = [row for row in evidence.get("words", []) if row[0].casefold() not in identity.vocabulary]
        mentions = [
            {**one, "text": "", "author": ""} if one.get("id") in ids else one for one in evidence.get("mentions", [])
        ]
        authors = [["", *row[1:]] if identity.names(row[0]) else row for row in evidence.get("authors", [])]
        others = {key: entry for key, entry in evidence.items() if key not in ("mentions", "authors", "words")}
        kept = {"mentions": mentions, "authors": authors, "words": words}
        return {**identity.scrub_all(others), **{key: kept[key] for key in kept if key in evidence}}
