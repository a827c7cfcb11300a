from odoo import api, models

from .community_timeline import MOST_PAGE, PAGE
from .timeline import page

#: dates that the page shows
MOST_DATES = 20


class ResPartner(models.Model):
    """The person's page, as the browser reads it."""

    _inherit = "res.partner"

    @api.readonly
    def get_community_person(self):
        """Return what stands on top of the person's page, and the filters of the timeline.

        :returns: dict with ``id``, ``name``, ``company``, ``lines`` (address, e-mail, telephone), ``profiles``,
            ``facts``, ``dates``, ``kinds``, ``can`` (what this user may do) and ``note``
        :raises AccessError: this user has no part in the community, or may not see the contact
        """
        self.ensure_one()
        self.env["community.timeline"]._timeline_check()
        self.check_access("read")
        user = self.env.user
        profiles = self._community_seen_profiles()
        return {
            "id": self.id,
            "name": self.display_name if not self.parent_id else self.name or self.display_name,
            "company": self.parent_id.display_name or self.commercial_company_name or "",
            "archived": not self.active,
            "contact": True,
            "lines": [line for line in (self.email, self.phone, self.city, self.country_id.name) if line],
            "profiles": profiles._person_profiles(),
            "facts": self._community_facts_shown(),
            "dates": self._community_dates_shown(),
            "kinds": self.env["community.timeline"]._timeline_counts(self._community_timeline_kinds()),
            "can": {
                "export": user.has_group("community_manager.group_manager"),
                "erase": user.has_group("community_manager.group_admin"),
            },
            "note": profiles._kept_out_note(),
        }

    @api.readonly
    def get_community_timeline(self, kinds=None, cursor=None, limit=PAGE):
        """Return a page of the timeline, newest first.

        :param list kinds: codes of those that are wanted; all when empty
        :param cursor: what the page before returned as ``cursor``
        :param int limit: entries of a page
        :returns: dict with ``entries`` and ``cursor``, False at the end
        :raises AccessError: this user has no part in the community, or may not see the contact
        """
        self.ensure_one()
        timeline = self.env["community.timeline"]
        timeline._timeline_check()
        self.check_access("read")
        offered = self._community_timeline_kinds()
        sources = [(kind["code"], kind["read"]) for kind in offered if not kinds or kind["code"] in kinds]
        limit = min(max(int(limit), 1), MOST_PAGE)
        entries, place = page(sources, timeline._timeline_cursor(cursor), limit)
        return timeline._timeline_out(entries, place, offered)

    def _community_seen_profiles(self):
        """Return the profiles of a person in the companies that are looked at."""
        self.ensure_one()
        return self.env["community.author"].search([("partner_id", "=", self.id)])

    def _community_facts_shown(self):
        """Return the facts by what they are about: the lines of one code together, plain ones only without others."""
        facts = self._community_facts()
        better = {fact["code"] for fact in facts if not fact.get("plain")}
        shown = {}
        for fact in facts:
            if fact.get("plain") and fact["code"] in better:
                continue
            lines = shown.setdefault(fact["code"], {"code": fact["code"], "label": fact["label"], "lines": []})["lines"]
            line = {key: fact.get(key) or False for key in ("text", "note", "open", "action", "moment", "tone")}
            lines.append({**line, "text": fact.get("text") or "", "note": fact.get("note") or ""})
        return list(shown.values())

    def _community_dates_shown(self):
        dates = self.env["community.date"].search([("partner_id", "=", self.id)], limit=MOST_DATES)
        kinds = dict(dates._fields["kind"]._description_selection(self.env))
        return [
            {
                "id": one.id,
                "kind": one.kind,
                "label": one.name or kinds[one.kind],
                "next_on": one.next_on and one.next_on.isoformat(),
                "turns": one.turns,
            }
            for one in dates
        ]

    def action_community_dates(self):
        """Open the dates of these persons."""
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id("community_manager.action_dates")
        context = {"default_partner_id": self.id} if len(self) == 1 else {}
        return {**action, "domain": [("partner_id", "in", self.ids)], "context": context}
