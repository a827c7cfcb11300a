from datetime import datetime, time, timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tools import html2plaintext

#: entries of one page of the timeline
PAGE = 30
#: the most that one call returns
MOST_PAGE = 100
#: entries that are counted exactly; above it stands "1000+"
MOST_COUNTED = 1000
#: characters of a text that the timeline shows
LONGEST = 600
#: when something of a day without a time stands in the line, UTC
NOON = time(12)


class CommunityTimeline(models.AbstractModel):
    """What the timelines of contacts and of profiles have in common."""

    _name = "community.timeline"
    _description = "Timeline of a Person"

    @api.model
    def _timeline_check(self):
        """Raise when this user has no part in what is known of people.

        :raises AccessError: no agent, or somebody from outside
        """
        user = self.env.user
        if not user.has_group("community_manager.group_agent") or user.has_group("community_manager.group_agency"):
            raise AccessError(self.env._("Only colleagues of the community team see what is known of people."))

    @api.model
    def _timeline_kind(self, code, label, icon, *sources):
        """Return a kind of the timeline that is read from records.

        :param str code: of the kind
        :param str label: translated
        :param str icon: Font Awesome
        :param sources: ``(records of a model, domain, name of the moment, function that makes an entry of a record)``;
            a source this user may not read is left out
        :returns: a dict as :meth:`res.partner._community_timeline_kinds` describes it, with ``count`` besides
        """
        sources = [source for source in sources if source[0].has_access("read")]

        def read(before, limit):
            found = []
            for records, domain, moment, entry in sources:
                wanted = Domain(domain) & Domain(moment, "!=", False)
                if before:
                    wanted &= self._timeline_before(records, moment, before)
                found += [entry(one) for one in records.search(wanted, order=f"{moment} desc, id desc", limit=limit)]
            if len(sources) > 1:
                found.sort(key=lambda one: one["moment"].replace(microsecond=0), reverse=True)
            return found[:limit]

        def count():
            return sum(
                records.search_count(Domain(domain) & Domain(moment, "!=", False), limit=MOST_COUNTED)
                for records, domain, moment, _entry in sources
            )

        return {"code": code, "label": label, "icon": icon, "read": read, "count": count}

    @api.model
    def _timeline_before(self, records, moment, before):
        """Return the domain of what happened before a moment; what has a day only happened at noon."""
        if records._fields[moment].type == "date":
            day = before.date() if before.time() > NOON else before.date() - timedelta(days=1)
            return Domain(moment, "<=", day)
        return Domain(moment, "<", before)

    @api.model
    def _timeline_moment(self, value):
        """Return the moment of a date or a datetime."""
        return value if isinstance(value, datetime) else datetime.combine(value, NOON)

    @api.model
    def _timeline_text(self, text):
        """Return a text as the timeline shows it: one paragraph, bounded."""
        words = " ".join(str(text or "").split())
        return words[:LONGEST] + ("…" if len(words) > LONGEST else "")

    @api.model
    def _timeline_html(self, body):
        """Return HTML as the timeline shows it."""
        return self._timeline_text(html2plaintext(str(body or ""), include_references=False))

    @api.model
    def _timeline_counts(self, kinds):
        """Return what the filters show: the kinds of which there is something, with how many."""
        found = []
        for kind in kinds:
            count = kind["count"]() if kind.get("count") else len(kind["read"](None, MOST_PAGE))
            most = MOST_COUNTED if kind.get("count") else MOST_PAGE
            if count:
                told = f"{most}+" if count >= most else str(count)
                found.append({"code": kind["code"], "label": kind["label"], "icon": kind["icon"], "count": told})
        return found

    @api.model
    def _timeline_cursor(self, cursor):
        """Return a place in the timeline as the browser sent it back.

        :param cursor: None, or ``[moment as text, {code: number}]``
        """
        if not cursor:
            return None
        moment, shown = cursor
        return fields.Datetime.to_datetime(moment), {str(code): max(int(number), 0) for code, number in shown.items()}

    @api.model
    def _timeline_out(self, entries, cursor, kinds):
        """Return entries and a place as the browser gets them."""
        icons = {kind["code"]: (kind["icon"], kind["label"]) for kind in kinds}
        told = []
        for entry in entries:
            icon, label = icons[entry["kind"]]
            moment = fields.Datetime.to_string(entry["moment"].replace(microsecond=0))
            told.append({**entry, "moment": moment, "icon": icon, "label": label})
        place = cursor and [fields.Datetime.to_string(cursor[0]), cursor[1]]
        return {"entries": told, "cursor": place or False}
