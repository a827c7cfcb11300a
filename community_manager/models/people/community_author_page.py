from odoo import api, fields, models
from odoo.tools import format_date

from .community_timeline import MOST_PAGE, PAGE
from .timeline import page


class CommunityAuthor(models.Model):
    """The page of a person of whom only a profile is known, and the way to it."""

    _inherit = "community.author"

    erased_at = fields.Datetime(readonly=True, copy=False, string="Erased")
    kept_out_on = fields.Date(
        readonly=True,
        copy=False,
        string="Asked to be erased",
        help="Their earlier data were erased on this day. What they have addressed to us since is kept.",
    )

    @api.depends("erased_at")
    def _compute_display_name(self):
        gone = self.filtered("erased_at")
        for author in gone:
            author.display_name = self.env._("Erased person")
        return super(CommunityAuthor, self - gone)._compute_display_name()

    @api.readonly
    def get_community_person(self):
        """Return what stands on top of the page of a profile; of its contact, once there is one.

        :returns: as :meth:`res.partner.get_community_person`, with ``contact`` False
        :raises AccessError: this user has no part in the community, or may not see the profile
        """
        self.ensure_one()
        self.env["community.timeline"]._timeline_check()
        self.check_access("read")
        if self.partner_id:
            return self.partner_id.get_community_person()
        facts = [
            {"code": code, "label": label, "lines": lines}
            for code, label, lines in (
                ("lifecycle", self.env._("Stage"), self._lifecycle_lines()),
                ("influence", self.env._("Heard by"), self._influence_lines()),
                ("open", self.env._("Still open"), self._open_lines()),
                ("holds", self.env._("On hold"), self._hold_lines()),
            )
            if lines
        ]
        user = self.env.user
        return {
            "id": self.id,
            "name": self.display_name,
            "company": "",
            "archived": False,
            "contact": False,
            "lines": [self.email] if self.email else [],
            "profiles": self._person_profiles(),
            "facts": facts,
            "dates": [],
            "kinds": self.env["community.timeline"]._timeline_counts(self._timeline_talk()),
            "can": {
                "export": user.has_group("community_manager.group_manager"),
                "erase": user.has_group("community_manager.group_admin") and not self.erased_at,
            },
            "note": self._kept_out_note(),
        }

    @api.readonly
    def get_community_timeline(self, kinds=None, cursor=None, limit=PAGE):
        """Return a page of the timeline of a profile; of its contact, once there is one.

        :returns: as :meth:`res.partner.get_community_timeline`
        :raises AccessError: this user has no part in the community, or may not see the profile
        """
        self.ensure_one()
        timeline = self.env["community.timeline"]
        timeline._timeline_check()
        self.check_access("read")
        if self.partner_id:
            return self.partner_id.get_community_timeline(kinds, cursor, limit)
        offered = self._timeline_talk()
        sources = [(kind["code"], kind["read"]) for kind in offered if not kinds or kind["code"] in kinds]
        limit = min(max(int(limit), 1), MOST_PAGE)
        entries, place = page(sources, timeline._timeline_cursor(cursor), limit)
        return timeline._timeline_out(entries, place, offered)

    def action_community_person(self):
        """Open the page of the person behind this profile."""
        self.ensure_one()
        self.check_access("read")
        if self.partner_id.has_access("read") and self.partner_id:
            return self.partner_id.action_community_person()
        return {
            "type": "ir.actions.client",
            "tag": "community_person",
            "name": self.display_name,
            "params": {"author_id": self.id},
            "context": {"active_model": self._name, "active_id": self.id},
        }

    def _person_profiles(self):
        """Return these profiles as the page shows them, those who speak most first."""
        rows = self.env["community.mention"]._read_group(
            [("author_id", "in", self.ids), ("outgoing", "=", False)], ["author_id"], ["__count", "published_at:max"]
        )
        figures = {author.id: (count, last) for author, count, last in rows}
        networks = dict(self.env["community.channel"]._selection_network())
        origins = dict(self._fields["link_origin"]._description_selection(self.env))
        return [
            {
                "id": author.id,
                "network": author.network,
                "label": networks.get(author.network, author.network),
                "icon": self.env["community.network"]._icon_url(author.network),
                "name": author.display_name,
                "handle": author.handle or "",
                "url": author.url if (author.url or "").startswith(("https://", "http://")) else "",
                "followers": author.followers,
                "mentions": figures.get(author.id, (0, None))[0],
                "origin": origins.get(author.link_origin, ""),
            }
            for author in self.sorted(lambda one: (-figures.get(one.id, (0, None))[0], one.id))
        ]

    def _kept_out_note(self):
        """Return the sentence about an earlier erasure, empty without one."""
        if self and all(author.erased_at for author in self):
            return self.env._("The data of this person were erased.")
        days = [author.kept_out_on for author in self if author.kept_out_on]
        if not days:
            return ""
        return self.env._(
            "This person had their data erased on %s and has written to us again since.",
            format_date(self.env, max(days)),
        )
