"""What we say and do on a NodeBB forum."""

from urllib.parse import quote

from . import errors
from .base import Sentence, _
from .nodebb_api import HELD, NOT_TAKEN
from .nodebb_items import place_of
from .saying import as_markdown, as_ours, folded, not_before
from .text import clean_line
from .values import identifier, number

NEEDS_TITLE = _("A topic needs a title.")
NEEDS_CATEGORY = _("Choose in the settings of the channel in which category topics are opened.")
NO_REASON = _("Reported from the desk.")
ONLY_POSTS = _("This can be done to posts only.")


class Writing:
    """The part of the connector that writes; beside it stands ``forum``."""

    @classmethod
    def objection(cls, outgoing, now=None):
        """See :meth:`Connector.objection`: a topic has a title."""
        if outgoing.way == "publish" and not outgoing.title.strip():
            return Sentence(NEEDS_TITLE)
        return super().objection(outgoing, now)

    # --- saying ---

    def reply(self, outgoing):
        """See :meth:`Connector.reply`: in the same topic or chat, as an answer to that."""
        self._know()
        target = outgoing.target
        # The forum would take an answer to what was deleted.
        answered = self._entry(target.external_id)
        place = place_of(target.external_id)
        if place:
            return self._say(place[0], outgoing.text)
        body = {"content": as_markdown(outgoing.text), "toPid": number(answered.get("pid"))}
        post = self.forum.call("POST", f"/topics/{number(answered.get('tid'))}", body)
        return self._sent(post, answered.get("topic"))

    def message(self, outgoing):
        """See :meth:`Connector.message`: in the chat with the author, which is opened if there is none."""
        self._know()
        self._entry(outgoing.target.external_id)
        room = self._room_with(outgoing.target.author_id)
        if not room:
            user = int(outgoing.target.author_id) if outgoing.target.author_id.isdecimal() else 0
            made = self.forum.call("POST", "/chats", {"uids": [user]})
            room = number(made.get("roomId"))
            if not room:
                raise self.forum.malformed("chats")
        return self._say(room, outgoing.text)

    def _room_with(self, user):
        """Return the number of the chat with a user, 0 when there is none."""
        try:
            return number(self.forum.call("GET", f"/users/{quote(user, safe='')}/chat").get("roomId"))
        except errors.Gone:
            # the forum itself says so
            return 0

    def _say(self, room, text):
        message = self.forum.call("POST", f"/chats/{room}", {"message": as_markdown(text)})
        return as_ours(self._item({"fromUser": self._user(), **message, "roomId": room}))

    def publish(self, outgoing):
        """See :meth:`Connector.publish`: a topic.

        :raises errors.Refused: there is no category to put it into
        """
        self._know()
        category = identifier(self.values.get("category"))
        if not category.isdecimal():
            raise errors.Refused(NEEDS_CATEGORY)
        body = {"cid": int(category), "title": clean_line(outgoing.title, 255), "content": as_markdown(outgoing.text)}
        topic = self.forum.call("POST", "/topics", body)
        self._not_held(topic)
        about = {"title": topic.get("title") or outgoing.title, "mainPid": topic.get("mainPid")}
        post = topic.get("mainPost")
        if not isinstance(post, dict):
            post = {"tid": topic.get("tid"), "timestamp": topic.get("timestamp"), "content": as_markdown(outgoing.text)}
        return self._sent({**post, "pid": number(post.get("pid")) or topic.get("mainPid")}, about)

    @staticmethod
    def _not_held(made):
        if made.get("queued") is True:
            raise errors.Refused(HELD)

    def _user(self):
        """Return our own user, for answers that do not say who wrote."""
        return {"uid": self._me["id"], "username": self._me["name"], "userslug": self._me["slug"]}

    def _sent(self, post, topic):
        """Return the item of a post that was just made, from what the forum said of it."""
        self._not_held(post)
        user = post.get("user")
        post = {**post, "user": user if isinstance(user, dict) and user.get("username") else self._user()}
        return as_ours(self._item({**post, "uid": self._me["id"], "topic": topic}))

    def find_sent(self, outgoing):
        """See :meth:`Connector.find_sent`: among our newest posts, or in the chat."""
        me, target = self._know(), outgoing.target
        since = not_before(outgoing)
        place = place_of(target.external_id) if target and outgoing.way == "reply" else None
        if place or outgoing.way == "message":
            room = place[0] if place else self._room_with(target.author_id)
            if not room:
                return None
            listed = self.forum.call("GET", f"/chats/{room}/messages").get("messages")
            listed = (
                [{**one, "roomId": room} for one in listed if isinstance(one, dict)]
                if isinstance(listed, list)
                else None
            )
        else:
            listed = self.forum.read(f"/user/{quote(me['slug'], safe='')}/posts").get("posts")
        if not isinstance(listed, list):
            raise self.forum.malformed("posts")
        for item in self._reader().read(listed)[0]:
            if not item.outgoing or not item.published_at or (since and item.published_at < since):
                continue
            if outgoing.way == "publish":
                same = item.kind == "post" and folded(item.title) == folded(clean_line(outgoing.title, 255))
            else:
                same = item.visibility == "direct" or item.parent_id == target.external_id
            if same and folded(item.text) == folded(outgoing.text):
                return as_ours(item)
        return None

    # --- looking after the forum ---

    def moderate(self, action, target, reason=""):
        """See :meth:`Connector.moderate`."""
        if action == "ban":
            body = {"until": 0, "reason": clean_line(reason, 200)}
            self.forum.call("PUT", f"/users/{quote(target.author_id, safe='')}/ban", body)
            return
        if place_of(target.external_id):
            raise errors.Refused(ONLY_POSTS)
        path = f"/posts/{quote(target.external_id, safe='')}"
        if action == "report":
            body = {"type": "post", "id": int(target.external_id), "reason": clean_line(reason, 200) or NO_REASON}
            try:
                self.forum.call("POST", "/flags", body)
            except errors.Refused as problem:
                # what is flagged already stays flagged
                if problem.template != NOT_TAKEN or "already flagged" not in problem.params["why"]:
                    raise
        elif action == "delete":
            self.forum.call("DELETE", path, actions={404: None})
        else:
            hidden = self.forum.call("GET", path + "/summary").get("deleted") in (True, 1)
            # doing it again is an error to the forum
            if hidden != (action == "hide"):
                self.forum.call("DELETE" if action == "hide" else "PUT", path + "/state")
