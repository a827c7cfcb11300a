"""What we say and do on a Discourse forum."""

import re
from datetime import UTC, datetime
from urllib.parse import quote

from . import errors
from .base import Sentence, _
from .discourse_api import HELD, TARGET_GONE
from .media import MEGABYTE, PICTURES, Media, form
from .saying import as_markdown, as_ours, folded, not_before
from .text import clean_line
from .values import identifier, moment, number

#: Newest posts of a topic among which ours is looked for.
LOOKED_THROUGH = 40
#: What a post can be flagged as (PostActionType in the forum's source): inappropriate, spam.
FLAGS = {"report": 4, "spam": 8}
#: A ban without an end, as the forum itself writes it.
FOR_EVER = "3000-01-01"
TITLE = 60

_ADDRESS = re.compile(r"upload://[\w.-]{1,200}", re.ASCII)
_UPLOADED = re.compile(r"!?\[[^\[\]]{0,2000}\]\(upload://[\w.-]{1,200}\)", re.ASCII)
_MARKS = re.compile(r"[\[\]|\\<>&]+")

NEEDS_TITLE = _("A topic needs a title.")
NO_REASON = _("Banned from the desk.")


class Writing:
    """The part of the connector that writes; beside it stands ``forum``."""

    #: What forums take by default (authorized_extensions, max_image_size_kb and max_attachment_size_kb: 4096).
    media = Media(most=10, mimetypes=PICTURES, largest=4 * MEGABYTE, alt=True)

    @classmethod
    def objection(cls, outgoing, now=None):
        """See :meth:`Connector.objection`: a topic has a title."""
        if outgoing.way == "publish" and not outgoing.title.strip():
            return Sentence(NEEDS_TITLE)
        return super().objection(outgoing, now)

    def reply(self, outgoing):
        """See :meth:`Connector.reply`: in the same topic, as an answer to that post."""
        target = outgoing.target
        topic, place = number(target.identifiers.get("topic")), number(target.identifiers.get("number"))
        # The forum would take an answer to a post that was deleted.
        answered = self._post(target.external_id)
        topic, place = number(answered.get("topic_id")) or topic, number(answered.get("post_number")) or place
        body = {"raw": self._raw(outgoing), "topic_id": topic}
        if place > 1:
            body["reply_to_post_number"] = place
        return self._sent(self.forum.ask("POST", "/posts.json", json=body), target.visibility == "direct")

    def message(self, outgoing):
        """See :meth:`Connector.message`: a topic that only the author and we can see."""
        self._post(outgoing.target.external_id)
        body = {
            "title": clean_line(outgoing.title or outgoing.text, TITLE), "raw": self._raw(outgoing),
            "target_recipients": outgoing.target.author_handle.lstrip("@"), "archetype": "private_message",
            "external_id": outgoing.key,
        }  # fmt: skip
        return self._sent(self.forum.ask("POST", "/posts.json", json=body), True, body["title"])

    def publish(self, outgoing):
        """See :meth:`Connector.publish`: a topic."""
        body = {
            "title": clean_line(outgoing.title, 255),
            "raw": self._raw(outgoing),
            "external_id": outgoing.key,
        }
        category = identifier(self.values.get("category"))
        if category.isdecimal():
            body["category"] = int(category)
        return self._sent(self.forum.ask("POST", "/posts.json", json=body), False, body["title"])

    def _raw(self, outgoing):
        """Return the text of a post with its pictures and files, which are uploaded.

        What no post uses the forum removes by itself, so that uploading it again does no harm.
        """
        pieces = [as_markdown(outgoing.text)]
        try:
            pieces += [self._upload(file) for file in outgoing.attachments]
        except errors.ConnectorError as error:
            error.unsure = False  # nothing was said yet
            raise
        return "\n\n".join(pieces)

    def _upload(self, file):
        """Upload a file (POST /uploads.json) and return the Markdown that shows it."""
        body, headers = form({"type": "composer", "synchronous": "true"}, file)
        address = self.forum.ask("POST", "/uploads.json", data=body, headers=headers).get("short_url")
        if not isinstance(address, str) or not _ADDRESS.fullmatch(address):
            raise self.forum.malformed("upload without an address")
        # what would end the description, or divide it
        words = _MARKS.sub(" ", clean_line(file.alt or file.name, 1000)).strip()
        return f"![{words}]({address})" if file.mimetype in PICTURES else f"[{words}|attachment]({address})"

    def _sent(self, post, direct, title=""):
        """Return the item of a post that was just made, from what the forum said of it."""
        if post.get("action") == "enqueued":
            raise errors.Refused(HELD)
        if post.get("action") == "create_post" and isinstance(post.get("post"), dict):
            post = post["post"]
        # nothing more is asked for once it is sent
        self._topics.setdefault(number(post.get("topic_id")), {"title": title, "stream": []})
        return as_ours(self._item(post, direct))

    def find_sent(self, outgoing):
        """See :meth:`Connector.find_sent`: topics by our own key, answers among the newest posts of their topic."""
        since, target = not_before(outgoing), outgoing.target
        if outgoing.way == "reply":
            topic, place = number(target.identifiers.get("topic")), number(target.identifiers.get("number"))
            numbers = self._stream(f"/t/{topic}.json")[1][-LOOKED_THROUGH:]
        else:
            place = 0
            try:
                topic, numbers = self._stream(f"/t/external_id/{quote(outgoing.key, safe='')}.json")
            except errors.Gone:
                # the forum itself says that there is no such topic
                return None
            numbers = numbers[:1]
        for post in self._posts(topic, numbers) if numbers else ():
            if isinstance(post, dict) and self._is_ours(post, outgoing, since, place):
                direct = outgoing.way == "message" or bool(target and target.visibility == "direct")
                return as_ours(self._item(post, direct))
        return None

    def _stream(self, path):
        """Return the number of a topic and those of its posts."""
        answer = self.forum.ask("GET", path)
        topic, stream = number(answer.get("id")), answer.get("post_stream")
        numbers = stream.get("stream") if isinstance(stream, dict) else None
        if not topic or not isinstance(numbers, list):
            raise self.forum.malformed("topic")
        self._keep_topic(topic, answer)
        return topic, [one for one in numbers if number(one)]

    def _is_ours(self, post, outgoing, since, place):
        """Return whether a post is what we tried to send."""
        name, written = post.get("username"), moment(post.get("created_at"))
        if not isinstance(name, str) or name.casefold() != self.forum.user.casefold():
            return False
        if not written or (since and written < since):
            return False
        answered = post.get("reply_to_post_number")
        if place > 1 and str(answered) != str(place):
            return False
        if outgoing.way == "reply" and place <= 1 and answered not in (None, 1):
            return False
        raw = post.get("raw")
        if not isinstance(raw, str):
            raw = self._post(str(post.get("id"))).get("raw")
        return isinstance(raw, str) and folded(_UPLOADED.sub("", raw)) == folded(as_markdown(outgoing.text))

    # --- looking after the forum ---

    def moderate(self, action, target, reason=""):
        """See :meth:`Connector.moderate`."""
        if action == "ban":
            self._ban(target, reason)
            return
        try:
            post = self._post(target.external_id)
        except errors.Gone:
            if action == "delete":
                return
            raise
        if action == "delete":
            self.forum.ask("DELETE", f"/posts/{number(post.get('id'))}.json")
            return
        flag, done = FLAGS[action], post.get("actions_summary")
        for one in done if isinstance(done, list) else ():
            if isinstance(one, dict) and one.get("id") == flag and one.get("acted") is True:
                return
        body = {"id": number(post.get("id")), "post_action_type_id": flag}
        self.forum.ask("POST", "/post_actions.json", json=body)

    def _ban(self, target, reason):
        """Suspend the author of a post; that takes an administrator's key."""
        path = f"/admin/users/{quote(target.author_id, safe='')}"
        user = self.forum.ask("GET", path + ".json")
        until = moment(user.get("suspended_till"), datetime(9000, 1, 1, tzinfo=UTC))
        if until and until > datetime.now(UTC):
            return
        body = {"suspend_until": FOR_EVER, "reason": clean_line(reason, 200) or NO_REASON}
        try:
            self.forum.ask("PUT", path + "/suspend.json", json=body)
        except errors.Gone:
            raise errors.Refused(TARGET_GONE) from None
