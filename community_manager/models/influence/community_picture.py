from odoo import api, fields, models
from odoo.tools import SQL
from odoo.tools.i18n import format_list
from odoo.tools.misc import formatLang

from .community_influence_refresh import DRAWN

#: ties that are drawn: the strongest
MOST_TIES = 8000
#: groups that have a colour and a line in the legend
LEGEND = 8


class CommunityPicture(models.AbstractModel):
    """The community as a picture: who is heard, who is tied to whom, which groups there are and who connects them."""

    _name = "community.picture"
    _description = "Community Picture"

    @api.model
    @api.readonly
    def get_picture(self):
        """Return what is drawn, with places that were laid out when the figures were reckoned.

        :returns: dict with ``nodes`` and ``ties`` (lists of lists, see :meth:`_nodes` and :meth:`_ties`), ``groups``
            (list of dicts with ``number``, ``name``, ``people``), ``sentence``, ``note`` and ``reckoned`` (whether
            figures exist)
        :raises AccessError: for whoever may not see who is heard
        """
        influence = self.env["community.influence"]
        influence.check_access("read")
        self.env["community.tie"].check_access("read")
        company = self.env.company
        people = influence.search(
            [("company_id", "=", company.id), ("drawn", "=", True)], order="score desc, id", limit=DRAWN
        )
        # sudo: how many there are in all is no secret to who sees the picture
        state = self.env["community.tie.state"].sudo().search([("company_id", "=", company.id)])
        return {
            "nodes": self._nodes(people),
            "ties": self._ties(people),
            "groups": self._groups(people),
            "sentence": self._sentence(people),
            "note": self._note(people, state),
            "reckoned": bool(state.reckoned_at),
            "may_refresh": self.env.user.has_group("community_manager.group_manager"),
        }

    @api.model
    def _nodes(self, people):
        """Return ``[author id, name, x, y, score, group, attitude, days since the last mention, network, groups they
        connect]`` of each person."""
        now = fields.Datetime.now()
        authors = people.author_id
        authors.fetch(["name", "handle", "external_id", "network"])
        return [
            [
                one.author_id.id,
                one.author_id.display_name,
                one.x,
                one.y,
                one.score,
                one.circle,
                one.attitude or "",
                (now - one.last_at).days if one.last_at else None,
                one.network,
                one.connects,
            ]
            for one in people
        ]

    @api.model
    def _ties(self, people):
        """Return ``[place of one, place of the other, weight, days since the last]`` of ties, both ways together."""
        if not people:
            return []
        self.env["community.tie"].flush_model()
        now, company = fields.Datetime.now(), self.env.company
        # SQL: the pairs of two thousand people are added up; both ends are people this user may see
        rows = self.env.execute_query(
            SQL(
                """
                SELECT LEAST(source_id, target_id), GREATEST(source_id, target_id),
                       sum(weight * power(2, -extract(epoch FROM %(now)s - last_at) / 86400 / %(days)s)) AS worth,
                       floor(extract(epoch FROM %(now)s - max(last_at)) / 86400)::integer
                  FROM community_tie
                 WHERE company_id = %(company)s AND source_id = ANY(%(ids)s) AND target_id = ANY(%(ids)s)
              GROUP BY 1, 2 ORDER BY worth DESC, 1, 2 LIMIT %(most)s
                """,
                now=now,
                days=float(company.community_tie_half_life),
                company=company.id,
                ids=people.author_id.ids,
                most=MOST_TIES,
            )
        )
        number = {one.author_id.id: place for place, one in enumerate(people)}
        return [[number[one], number[other], round(float(worth), 3), days] for one, other, worth, days in rows]

    @api.model
    def _groups(self, people):
        """Return the groups of the picture, the largest first, named after who is heard most in each."""
        groups = {}
        for one in people.filtered("circle"):
            groups.setdefault(one.circle, []).append(one)
        largest = sorted(groups.items(), key=lambda item: (-len(item[1]), item[0]))
        return [
            {"number": number, "name": members[0].author_id.display_name, "people": len(members)}
            for number, members in largest[:LEGEND]
        ]

    @api.model
    def _sentence(self, people):
        """Return what the picture shows, in a sentence or two."""
        if not people:
            return ""
        groups = self._groups(people)
        count = len({one.circle for one in people} - {0})
        top = people[0].author_id.display_name
        if not count:
            shown = self.env._("No groups yet; %(name)s is heard most.", name=top)
        elif count == 1:
            shown = self.env._("One group, around %(name)s.", name=groups[0]["name"])
        else:
            named = format_list(self.env, [group["name"] for group in groups[:3]])
            words = {2: self.env._("Two groups"), 3: self.env._("Three groups"), 4: self.env._("Four groups")}
            how_many = words.get(count) or self.env._("%s groups", count)
            shown = (
                self.env._("%(groups)s, around %(names)s.", groups=how_many, names=named)
                if count <= 3
                else self.env._("%(groups)s, the largest around %(names)s.", groups=how_many, names=named)
            )
        bridges = people.filtered(lambda one: one.connects >= 2)[:3]
        names = [one.author_id.display_name for one in bridges]
        if len(bridges) == 1 and bridges.connects < count:
            shown += " " + self.env._("%(name)s connects %(number)s of them.", name=names[0], number=bridges.connects)
        elif len(bridges) == 1:
            shown += " " + self.env._("%(name)s connects them.", name=names[0])
        elif bridges:
            shown += " " + self.env._("%(names)s connect them.", names=format_list(self.env, names))
        return shown

    @api.model
    def _note(self, people, state):
        """Return that only the core is shown, where that is so."""
        if state.people <= len(people):
            return ""
        return self.env._(
            "Shown are the %(shown)s people who are heard most and have ties, of %(all)s.",
            shown=formatLang(self.env, len(people), digits=0),
            all=formatLang(self.env, state.people, digits=0),
        )

    @api.model
    @api.readonly
    def open_person(self, author_id):
        """Return the action that shows who was clicked on.

        :param int author_id: of a node
        :raises AccessError: the user may not see this profile
        """
        author = self.env["community.author"].browse(int(author_id))
        author.check_access("read")
        return author._action_open_person()
