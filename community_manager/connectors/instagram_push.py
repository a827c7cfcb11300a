"""What Instagram pushes to an account."""

from urllib.parse import quote

from . import errors
from .meta_push import MetaPush
from .values import identifier


class InstagramPush(MetaPush):
    """Comments, mentions and messages as they are delivered."""

    push_object = "instagram"
    push_fields = ("comments", "mentions", "messages")

    def __init__(self, http, settings, secrets=None):
        super().__init__(http, settings, secrets)
        self._people = {}

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
            # where we are named is all that is told
            comment_id, media_id = identifier(value.get("comment_id")), identifier(value.get("media_id"))
            return self.mentioned(comment_id or media_id, media_id if comment_id else "")
        return None

    def read_messaging(self, event, now):
        """See :meth:`MetaPush.read_messaging`."""
        if not self.values.get("messages"):
            return None
        return self._pushed_reader().delivered_message(event, self._person_told)

    def _pushed_reader(self):
        """Return a reader that knows our account by its id: deliveries have it."""
        return self.reader_named(self._name)

    def _person_told(self, person_id):
        """Return what Instagram tells of a person who wrote to us: deliveries have an id only."""
        if person_id not in self._people:
            try:
                self._people[person_id] = self.get(quote(person_id, safe=""), {"fields": "username,name"})
            except (errors.AccessDenied, errors.Gone, errors.Misconfigured, errors.Refused):
                # they did not agree that we see it; they can be answered all the same
                self._people[person_id] = {}
        return self._people[person_id]
