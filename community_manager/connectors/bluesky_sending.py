"""Saying something on Bluesky, finding it again, and moderating.

A record has a key that its writer chooses: ours is made from the key of the message, and is written only where there is
nothing yet.  So a message can be sent again without standing there twice, and looking for it is one request.
"""

from datetime import UTC, datetime

from . import errors
from .base import EMPTY, Sentence, _
from .bluesky_items import POSTS, reference, split_uri
from .bluesky_text import DID, HANDLE, facets, length, record_key
from .saying import as_ours, not_before
from .values import identifier, moment

#: Longest text of a post in bytes (app.bsky.feed.post), and of a private message (chat.bsky.convo.defs#messageInput).
BYTES = 3000
MESSAGE_BYTES = 10_000
#: Private messages looked through for one of ours, in pages of the largest size (chat.bsky.convo.getMessages).
MESSAGES = 100
PAGES = 3
#: Longest list of hidden answers (app.bsky.feed.threadgate), and longest reason of a report.
MOST_HIDDEN = 300
REASON = 2000

GATES = "app.bsky.feed.threadgate"
BLOCKS = "app.bsky.graph.block"

TOO_MANY_BYTES = _("The text takes %(length)s bytes; this network takes %(limit)s.")
REFUSED = _("Bluesky does not take this: %(why)s.")
ALREADY = _("Bluesky has this already.")
CLOSED = _("The author of the post does not take answers from us.")
NO_WRITING = _("The author does not take private messages from us.")
NOT_OURS = _("Only what we wrote ourselves can be deleted there.")
NOT_OUR_THREAD = _("Only answers beneath our own posts can be hidden there.")
FULL = _("No more answers can be hidden beneath this post.")
CHANGED = _("Somebody else changed this at the same moment. We try again.")
NOT_THERE_ANY_MORE = _("This person or this conversation is not there any more.")
NO_POST = _("This is not possible with a private message.")


def now_text():
    """Return the present time as records have it."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def why(sentence, response):
    """Return the network's own words for a refusal, fit to be put into a sentence."""
    return sentence.rstrip(" .") or f"HTTP {response.status}"


class Sending:
    """What :class:`~.bluesky.Bluesky` says and does."""

    @classmethod
    def length(cls, text):
        """See :meth:`Connector.length`."""
        return length(text.strip())

    @classmethod
    def objection(cls, outgoing, now=None):
        """See :meth:`Connector.objection`; bytes are limited too."""
        if not outgoing.text.strip():
            return Sentence(EMPTY)
        size, limit = len(outgoing.text.strip().encode()), MESSAGE_BYTES if outgoing.way == "message" else BYTES
        found = super().objection(outgoing, now)
        return found or (Sentence(TOO_MANY_BYTES, length=size, limit=limit) if size > limit else None)

    # --- posts ---

    def reply(self, outgoing):
        """See :meth:`Connector.reply`."""
        target = self._answerable(outgoing.target)
        parent = {"uri": target["uri"], "cid": target["cid"]}
        record = target.get("record")
        above = record.get("reply") if isinstance(record, dict) else None
        root = reference(above.get("root")) if isinstance(above, dict) else None
        return self._say(outgoing, {"reply": {"root": root or parent, "parent": parent}})

    def publish(self, outgoing):
        """See :meth:`Connector.publish`."""
        return self._say(outgoing, {})

    def _answerable(self, target):
        """Return a post that we may answer, as it is now.

        :raises errors.Gone: it is not there any more
        :raises errors.Refused: its author does not want that
        """
        view = self._one(target.external_id)
        viewer, author = view.get("viewer"), view.get("author")
        between = author.get("viewer") if isinstance(author, dict) else None
        closed = isinstance(viewer, dict) and viewer.get("replyDisabled") is True
        blocked = isinstance(between, dict) and (between.get("blockedBy") is True or between.get("blocking"))
        if closed or blocked or view.get("hidden"):
            raise errors.Refused(CLOSED)
        if not identifier(view.get("cid")):
            raise self._malformed("post without cid")
        return view

    def _say(self, outgoing, more):
        """Write a post of our own."""
        text = outgoing.text.strip()
        record = {"$type": POSTS, "text": text, "createdAt": now_text(), **more}
        # All that could fail is asked before: once it is out, only its answer is left to be read.
        marks = facets(text, self._did_of)
        profile = self._own_profile()
        if marks:
            record["facets"] = marks
        if outgoing.attachments:
            record["embed"] = self._pictures(outgoing)
        if outgoing.language:
            record["langs"] = [outgoing.language.replace("_", "-")]
        answer = self._write(POSTS, record_key(outgoing.key), record)
        view = {"uri": answer.get("uri"), "cid": answer.get("cid"), "author": profile, "record": record}
        return self._item(view)

    def _pictures(self, outgoing):
        """Upload the pictures of a message and return how a post refers to them (app.bsky.embed.images).

        What no record refers to is forgotten by the server, so that uploading it again does no harm.
        """

        def judge(error, sentence, response):
            if response.status in (400, 413) and error in ("InvalidRequest", "BlobTooLarge", "PayloadTooLarge"):
                return errors.Refused(REFUSED, error, params={"why": self.http.hide(why(sentence, response))})
            return None

        images = []
        try:
            for file in outgoing.attachments:
                answer = self._post("com.atproto.repo.uploadBlob", None, judge=judge, data=(file.data, file.mimetype))
                blob = answer.get("blob")
                if not isinstance(blob, dict) or not isinstance(blob.get("ref"), dict):
                    raise self._malformed("uploadBlob")
                images.append({"alt": file.alt, "image": blob})
        except errors.ConnectorError as error:
            error.unsure = False  # nothing was said yet
            raise
        return {"$type": "app.bsky.embed.images", "images": images}

    def _did_of(self, handle):
        """Return the account behind a handle, an empty string when there is none."""

        def judge(_error, _sentence, response):
            return errors.Gone(CLOSED) if response.status == 400 else None

        try:
            did = self._get("com.atproto.identity.resolveHandle", {"handle": handle}, judge=judge).get("did")
        except errors.Gone:
            return ""
        return did if isinstance(did, str) and DID.fullmatch(did) else ""

    def _write(self, collection, key, record, swap=None):
        """Write a record of our own, where there is none yet or the one that ``swap`` names.

        :raises errors.Duplicate: there is another
        """

        def judge(error, sentence, response):
            if error == "InvalidSwap":
                return errors.Duplicate(ALREADY, error)
            if response.status == 400 and error in ("InvalidRequest", "InvalidRecord"):
                return errors.Refused(REFUSED, error, params={"why": self.http.hide(why(sentence, response))})
            return None

        body = {"repo": self.me, "collection": collection, "rkey": key, "record": record, "swapRecord": swap}
        answer = self._post("com.atproto.repo.putRecord", body, judge=judge)
        if answer.get("uri") != f"at://{self.me}/{collection}/{key}" or not identifier(answer.get("cid")):
            raise self._malformed("putRecord")
        return answer

    def _item(self, view):
        items, rejects = self._reader().read([view], "own")
        if rejects:
            raise self._malformed(rejects[0].error)
        return as_ours(items[0])

    def find_sent(self, outgoing):
        """See :meth:`Connector.find_sent`: a post stands under its key, a private message among the last ones."""
        since = not_before(outgoing)
        if outgoing.way == "message":
            return self._find_message(outgoing, since)
        found = self._record(self.me, POSTS, record_key(outgoing.key))
        if found is None:
            return None
        record = found["value"]
        above = record.get("reply")
        parent = reference(above.get("parent")) if isinstance(above, dict) else None
        answered = parent["uri"] if parent else ""
        wanted = outgoing.target.external_id if outgoing.way == "reply" and outgoing.target else ""
        said_at = moment(record.get("createdAt"))
        if record.get("text") != outgoing.text.strip() or answered != wanted or since and said_at and said_at < since:
            return None
        return self._item({**found, "record": record, "author": self._own_profile()})

    # --- private messages ---

    def message(self, outgoing):
        """See :meth:`Connector.message`."""
        text = outgoing.text.strip()
        conversation = self._conversation(outgoing.target)
        marks = facets(text, self._did_of)
        profile = self._own_profile()
        body = {"convoId": conversation, "message": {"text": text} | ({"facets": marks} if marks else {})}
        view = self._post("chat.bsky.convo.sendMessage", body, chat=True, judge=self._judge_message)
        if not isinstance(view.get("text"), str) or not identifier(view.get("id")):
            raise self._malformed("sendMessage")
        return self._message_item({**view, "sender": {"did": self.me}}, conversation, profile)

    def _message_item(self, view, conversation, profile):
        try:
            item = self._reader().message(view, conversation, {self.me: profile})
        except (ValueError, TypeError, AttributeError, KeyError, RecursionError) as problem:
            raise self._malformed(f"message: {problem}"[:200]) from None
        return item

    def _judge_message(self, error, sentence, response):
        if error in ("MessagesDisabled", "NotFollowedBySender", "BlockedActor", "BlockedSubject", "ConvoLocked"):
            return errors.Refused(NO_WRITING, error)
        if error in ("RecipientNotFound", "InvalidConvo", "AccountSuspended"):
            return errors.Gone(NOT_THERE_ANY_MORE, error)
        if response.status == 400 and error == "InvalidRequest":
            return errors.Refused(REFUSED, error, params={"why": self.http.hide(why(sentence, response))})
        return None

    def _conversation(self, target):
        """Return the id of our conversation with the author of something."""
        known = target.identifiers.get("convo")
        if isinstance(known, str) and known:
            return known
        asked = {"members": [target.author_id]}
        answer = self._get("chat.bsky.convo.getConvoForMembers", asked, chat=True, judge=self._judge_message)
        found = answer.get("convo")
        found = identifier(found.get("id")) if isinstance(found, dict) else ""
        if not found:
            raise self._malformed("getConvoForMembers")
        return found

    def _messages(self, conversation):
        """Yield the messages of a conversation, newest first, a few pages back."""
        params = {"convoId": conversation, "limit": MESSAGES}
        for _page in range(PAGES):
            answer = self._get("chat.bsky.convo.getMessages", params, chat=True, judge=self._judge_message)
            messages = self._entries(answer, "messages")
            yield from (one for one in messages if isinstance(one, dict))
            following = identifier(answer.get("cursor"))
            if not following or not messages:
                return
            params["cursor"] = following

    def _find_message(self, outgoing, since):
        conversation = self._conversation(outgoing.target)
        for view in self._messages(conversation):
            sender, said_at = view.get("sender"), moment(view.get("sentAt"))
            if since and said_at and said_at < since:
                return None
            ours = isinstance(sender, dict) and sender.get("did") == self.me
            if ours and view.get("text") == outgoing.text.strip():
                return self._message_item(view, conversation, self._own_profile())
        return None

    # --- moderation ---

    def moderate(self, action, target, reason=""):
        """See :meth:`Connector.moderate`: "mute" and "ban" (which the network calls block) concern the author."""
        if action == "mute":
            self._post("app.bsky.graph.muteActor", {"actor": target.author_id})
        elif action == "ban":
            self._block(target.author_id)
        elif action == "report":
            self._report(target, reason)
        elif target.visibility == "direct":
            raise errors.Refused(NO_POST)
        elif action == "delete":
            repository, key = split_uri(target.external_id)
            if repository != self.me:
                raise errors.Refused(NOT_OURS)
            body = {"repo": self.me, "collection": POSTS, "rkey": key}
            self._post("com.atproto.repo.deleteRecord", body)
        elif action in ("hide", "unhide"):
            self._gate(target, hide=action == "hide")
        else:
            raise ValueError(action)

    def _block(self, did):
        """Block an account; a second block of the same would stand under the same key."""
        record = {"$type": BLOCKS, "subject": did, "createdAt": now_text()}
        try:
            self._write(BLOCKS, record_key("block", did), record)
        except errors.Duplicate:
            return

    def _report(self, target, reason):
        if target.visibility == "direct":
            subject = {"$type": "com.atproto.admin.defs#repoRef", "did": target.author_id}
        else:
            cid = identifier(target.identifiers.get("cid")) or identifier(self._one(target.external_id).get("cid"))
            subject = {"$type": "com.atproto.repo.strongRef", "uri": target.external_id, "cid": cid}
        kind = "com.atproto.moderation.defs#reasonOther"
        body = {"reasonType": kind, "reason": reason[:REASON], "subject": subject}
        self._post("com.atproto.moderation.createReport", body)

    def _gate(self, target, hide):
        """Hide an answer beneath a post of ours from everybody, or show it again."""
        root = reference(target.identifiers.get("root"))
        repository, key = split_uri(root["uri"] if root else target.conversation_id or target.external_id)
        if repository != self.me:
            raise errors.Refused(NOT_OUR_THREAD)
        known = self._record(self.me, GATES, key)
        gate = dict(known["value"]) if known else {}
        hidden = gate.get("hiddenReplies")
        hidden = [one for one in hidden if isinstance(one, str)] if isinstance(hidden, list) else []
        if (target.external_id in hidden) == hide:
            return
        if hide and len(hidden) >= MOST_HIDDEN:
            raise errors.Refused(FULL)
        rest = [one for one in hidden if one != target.external_id]
        gate |= {"hiddenReplies": rest + [target.external_id] * hide}
        gate = {"$type": GATES, "post": f"at://{self.me}/{POSTS}/{key}", "createdAt": now_text(), **gate}
        try:
            self._write(GATES, key, gate, identifier(known.get("cid")) if known else None)
        except errors.Duplicate:
            raise errors.Retriable(CHANGED) from None


def actor(handle):
    """Return the handle or DID that people mean, an empty string when it can be neither.

    >>> actor("@Ana.example"), actor("https://bsky.app/profile/ana.example/post/3k"), actor("ana")
    ('ana.example', 'ana.example', '')
    """
    found = (handle or "").strip()
    if "/profile/" in found:
        found = found.partition("/profile/")[2].partition("/")[0].partition("?")[0]
    found = found.lstrip("@")
    if DID.fullmatch(found):
        return found
    return found.lower() if HANDLE.fullmatch(found.lower()) and len(found) <= 253 else ""


def conversation_of(item_id):
    """Return (conversation, message) of our id of a private message."""
    conversation, _slash, message = item_id.removeprefix("chat:").partition("/")
    return conversation, message
