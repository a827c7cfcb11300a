from odoo import api, models
from odoo.tools.i18n import format_list
from odoo.tools.misc import formatLang

from ...analysis.influence import WEIGHTS


class CommunityInfluence(models.Model):
    """The figures in words: why somebody is heard, in the reader's language."""

    _inherit = "community.influence"

    @api.depends("reasons", "heard_by", "topic_id", "connects", "followers")
    @api.depends_context("lang", "uid")
    def _compute_because(self):
        named = self._named_authors()
        for influence in self:
            influence.because = influence._because(named)

    def _named_authors(self):
        """Return those of the people named in the reasons whom this user may read, as ``{id: name}``."""
        ids = {author_id for influence in self for author_id in (influence.reasons or {}).get("people", ())}
        if not ids:
            return {}
        authors = self.env["community.author"].search([("id", "in", sorted(ids))])
        names = {}
        for author in authors:
            # sudo: what somebody does for a living says why they count; nothing else of the contact is told
            role = author.partner_id.sudo().function
            names[author.id] = f"{author.display_name} ({role})" if role else author.display_name
        return names

    def _because(self, named):
        """Return why this person is heard as one sentence, empty when there is nothing to say.

        :param dict named: ``{author id: name}`` of people who may be named
        """
        self.ensure_one()
        reasons = [reason for reason in (self._people_words(named), self._connects_words()) if reason]
        if self.followers:
            reasons.append(self.env._("they have %s followers", formatLang(self.env, self.followers, digits=0)))
        if not reasons:
            return ""
        return self.env._("Heard because %(reasons)s.", reasons="; ".join(reasons))

    def _people_words(self, named):
        """Return who answers or shares them, and about what."""
        if not self.heard_by:
            return ""
        people = [named[one] for one in (self.reasons or {}).get("people", ()) if one in named]
        # sudo: the name of a topic of the same company, which every role may read
        topic = self.topic_id.sudo().name
        names = format_list(self.env, people) if people else ""
        count = formatLang(self.env, self.heard_by, digits=0)
        if self.heard_by <= len(people):
            who = (
                self.env._("%s answers or shares them", names)
                if self.heard_by == 1
                else self.env._("%s answer or share them", names)
            )
        elif self.heard_by == 1:
            who = self.env._("one person answers or shares them")
        elif people:
            who = self.env._("%(count)s people answer or share them, among them %(names)s", count=count, names=names)
        else:
            who = self.env._("%s people answer or share them", count)
        return self.env._("%(people)s, mostly about %(topic)s", people=who, topic=topic) if topic else who

    def _connects_words(self):
        if not self.connects:
            return ""
        if self.connects == 2:
            return self.env._("they connect two groups")
        return self.env._("they connect %s groups", self.connects)

    def _score_words(self):
        """Return the score and the place in words."""
        self.ensure_one()
        return self.env._(
            "%(score)s of 100, place %(place)s",
            score=formatLang(self.env, self.score, digits=0),
            place=formatLang(self.env, self.place, digits=0),
        )

    @api.depends("parts")
    @api.depends_context("lang")
    def _compute_parts_text(self):
        labels = {
            "standing": self.env._("who answers and shares them"),
            "heard": self.env._("how many people do"),
            "followers": self.env._("followers"),
            "relevance": self.env._("speaking of our topics"),
            "activity": self.env._("how much they say lately"),
        }
        for influence in self:
            parts = influence.parts or {}
            influence.parts_text = " + ".join(
                self.env._(
                    "%(points)s of %(most)s for %(label)s",
                    label=labels[name],
                    points=formatLang(self.env, parts[name], digits=0),
                    most=most,
                )
                for name, most in WEIGHTS.items()
                if name in parts
            )
