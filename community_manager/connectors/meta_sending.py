"""Saying something as a Facebook page or Instagram account, finding it again, and moderating: what is alike."""

from datetime import UTC, datetime
from urllib.parse import quote

from . import errors
from .items import MentionItem
from .meta import place_of
from .meta_talks import PageTalks
from .saying import CLOCKS_DIFFER
from .values import identifier

#: Entries of a list that are looked through for what went out, the newest ones.
LOOKED_THROUGH = 100


def shows_all_since(since, entries, after):
    """Return whether a page that begins with the newest entry shows everything since a time.

    :param str after: mark of the next page, empty when there is none
    """
    return not after or any(0 < place_of(entry) < since.timestamp() for entry in entries)


class PageSending(PageTalks):
    """What a page and the account that is connected to it say.

    :cvar str hide_field: what is sent to hide a comment
    """

    hide_field = "hide"

    def _said(self, item_id, outgoing, kind, **values):
        """Return the item of a post or comment that went out."""
        return MentionItem(
            external_id=item_id,
            kind=kind,
            text=outgoing.text,
            published_at=datetime.now(UTC),
            origin="own",
            outgoing=True,
            **values,
        )

    def found_among(self, outgoing, kind, answers, inside=""):
        """Return the item of what went out, ``None`` when it is in none of some lists.

        :param answers: the newest page of each list
        :raises NotImplementedError: a page does not reach back far enough to tell
        """
        since, words, shown = outgoing.first_tried_at - CLOCKS_DIFFER, outgoing.text.split(), True
        reader = self._reader()
        for answer in answers:
            entries, after = self.page_of(answer)
            for item in reader.read(kind, entries, inside)[0]:
                if item.outgoing and item.published_at and item.published_at >= since and item.text.split() == words:
                    return item
            shown = shown and shows_all_since(since, entries, after)
        if not shown:
            raise NotImplementedError
        return None

    def moderate(self, action, target, reason=""):
        """See :meth:`Connector.moderate`."""
        thing = quote(identifier(target.identifiers.get("id")) or target.external_id, safe="")
        if action in ("hide", "unhide"):
            self.send("POST", thing, {self.hide_field: "true" if action == "hide" else "false"})
        elif action == "delete":
            try:
                self.send("DELETE", thing)
            except errors.Gone:
                return  # it is not there, which is what was asked for
        else:
            raise NotImplementedError(action)
