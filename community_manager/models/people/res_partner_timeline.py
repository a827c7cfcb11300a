from odoo import models


class ResPartner(models.Model):
    """Everything that happened between a person and us, in one line of time."""

    _inherit = "res.partner"

    def _community_timeline_kinds(self):
        """Return what the timeline can show; rooms extend this with what they keep.

        :returns: list of dicts with ``code``, ``label`` (translated), ``icon`` (Font Awesome, such as "fa-comment")
            and ``read``: a method that takes ``(before, limit)`` (naive UTC or None; a number) and returns entries,
            newest first, see :meth:`_community_timeline_entry`; only what this user may read
        """
        self.ensure_one()
        return []

    def _community_timeline_entry(self, kind, moment, title, text="", record=None, tone=""):
        """Return one entry of the timeline.

        :param str kind: code of the kind
        :param datetime moment: naive UTC
        :param str title: one short line, in the language of the reader
        :param str text: what was said, plain text, whoever wrote it
        :param record: what a click opens
        :param str tone: "bad" or "good" where that is known; empty otherwise
        """
        return {
            "kind": kind,
            "moment": moment,
            "title": title,
            "text": text or "",
            "tone": tone,
            "open": {"model": record._name, "id": record.id} if record else False,
        }

    def _community_facts(self):
        """Return the lines on top of the person's page; rooms extend this.

        :returns: list of dicts with ``code``, ``label``, ``text``, ``note`` and ``open`` or ``action``, as
            ``community.author._person_line`` makes them
        """
        self.ensure_one()
        return []
