"""What Instagram pushes to an account."""

from .items import MentionItem
from .meta_push import MetaPush
from .values import identifier


class InstagramPush(MetaPush):
    """Comments, mentions and messages as they are delivered."""

    push_object = "instagram"
    push_fields = ("comments", "mentions", "messages")

    def page_id(self):
        """See :meth:`MetaPush.page_id`: with the page's own access, "me" is the page."""
        return "me"

    def page_fields(self):
        """See :meth:`MetaPush.page_fields`: any field of the page makes its Instagram account deliver."""
        return ("feed",)

    def read_change(self, change, now):
        """See :meth:`MetaPush.read_change`."""
        field, value = change.get("field"), change["value"]
        if field == "comments":
            # the time of a delivery is that of the comment, within seconds
            return self._pushed_reader().delivered_comment(value, int(now.timestamp()))
        if field == "mentions":
            # where we are named is all that is told; the desk looks it up
            comment_id, media_id = identifier(value.get("comment_id")), identifier(value.get("media_id"))
            found, kind = comment_id or media_id, "comment" if comment_id else "post"
            kept = {"type": "mention", "id": found, "media_id": media_id if comment_id else ""}
            return MentionItem(found, kind, origin="own", partial=True, identifiers=kept) if found else None
        return None

    def read_messaging(self, event, now):
        """See :meth:`MetaPush.read_messaging`."""
        if not self.values.get("messages"):
            return None
        return self._pushed_reader().delivered_message(event)

    def _pushed_reader(self):
        """Return a reader that knows our account by its id: deliveries have it."""
        return self.reader_named(self._name)
