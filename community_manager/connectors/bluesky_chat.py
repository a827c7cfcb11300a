"""Private messages of a Bluesky account: a log of what happened, read forward.

They are a service apart, reached through the account's own server; the log goes on after a revision, which is a TID.
"""

import time

from .bluesky_items import message_id
from .bluesky_text import DID, tid
from .items import Reject
from .values import identifier

#: Conversations that are read at first, and messages of each.
FIRST = 10
FIRST_MESSAGES = 20
#: Entries of the log that are handed over at once.
AT_ONCE = 100
#: Revisions are times: where there is no conversation yet, the log is read from this many seconds ago.
BACK = 3600
CREATED = "chat.bsky.convo.defs#logCreateMessage"
DELETED = "chat.bsky.convo.defs#logDeleteMessage"


class ChatLog:
    """What happens in the private conversations of a channel, page by page, oldest first.

    It looks like a :class:`~.walk.Walk`: entries are ``(conversation, message, profiles)``; ``state`` is what is kept.
    """

    def __init__(self, connector, state=None):
        self._connector = connector
        revision = state.get("rev") if isinstance(state, dict) else None
        self.started = isinstance(revision, str) and bool(revision)
        self._revision = revision if self.started else ""

    @property
    def state(self):
        """What to keep; JSON-able."""
        return {"rev": self._revision}

    def pages(self):
        """Yield ``(entries, more)``; :attr:`state` then resumes after them."""
        if not self.started:
            entries = []
            for conversation, _last, profiles in self.last_messages():
                asked = {"convoId": conversation, "limit": FIRST_MESSAGES}
                answer = self._connector._get("chat.bsky.convo.getMessages", asked, chat=True)
                messages = self._connector._entries(answer, "messages")
                entries += [(conversation, message, profiles) for message in messages[::-1]]
            yield entries, False
            return
        while True:
            answer = self._connector._get("chat.bsky.convo.getLog", {"cursor": self._revision}, chat=True)
            logs = [one for one in self._connector._entries(answer, "logs") if isinstance(one, dict)]
            found = [one for one in logs if identifier(one.get("rev")) > self._revision]
            if not found:
                return
            found.sort(key=lambda one: identifier(one.get("rev")))
            for start in range(0, len(found), AT_ONCE):
                portion = found[start : start + AT_ONCE]
                self._revision = identifier(portion[-1].get("rev"))
                entries = [self._entry(one) for one in portion if one.get("$type") in (CREATED, DELETED)]
                yield entries, True

    def _entry(self, log):
        return log.get("convoId"), log.get("message"), profiles_of(log.get("relatedProfiles"))

    def last_messages(self):
        """Return the last message of the latest conversations, oldest first, and begin after them."""
        answer = self._connector._get("chat.bsky.convo.listConvos", {"limit": FIRST}, chat=True)
        conversations = [one for one in self._connector._entries(answer, "convos") if isinstance(one, dict)]
        revisions = [identifier(one.get("rev")) for one in conversations]
        self._revision = max(revisions, default="") or tid(int((time.time() - BACK) * 1_000_000))
        self.started = True
        entries = [
            (identifier(one.get("id")), one.get("lastMessage"), profiles_of(one.get("members")))
            for one in conversations
            if isinstance(one.get("lastMessage"), dict)
        ]
        return entries[::-1]


def profiles_of(members):
    """Return ``{DID: profile}``."""
    members = members if isinstance(members, list) else []
    return {one["did"]: one for one in members if isinstance(one, dict) and isinstance(one.get("did"), str)}


class Chat:
    """What :class:`~.bluesky.Bluesky` reads of private messages."""

    def read_messages(self, entries):
        """Return ``(items, rejects)`` of entries of a :class:`ChatLog`, with the profiles of who wrote."""
        known = {did: profile for _convo, _message, profiles in entries for did, profile in profiles.items()}
        wanted = {message["sender"].get("did") for _convo, message, _profiles in entries if _is_message(message)}
        unknown = sorted(did for did in wanted - set(known) if isinstance(did, str) and DID.fullmatch(did))
        known |= self._profiles(unknown)
        reader = self._reader()
        items, rejects = {}, []
        for conversation, message, _profiles in entries:
            if isinstance(message, dict) and message.get("$type") == "chat.bsky.convo.defs#systemMessageView":
                continue
            try:
                item = reader.message(message, conversation, known)
            except (ValueError, TypeError, AttributeError, KeyError, RecursionError) as problem:
                name = message_id(conversation, message.get("id")) if isinstance(message, dict) else ""
                rejects.append(Reject(message, f"{type(problem).__name__}: {problem}"[:300], name[:300]))
                continue
            items[item.external_id] = item
        return list(items.values()), rejects

    def _profiles(self, dids):
        """Return ``{DID: profile}`` of those accounts that can be seen."""
        found = {}
        for start in range(0, len(dids), 25):
            answer = self._get("app.bsky.actor.getProfiles", {"actors": dids[start : start + 25]})
            found |= profiles_of(self._entries(answer, "profiles"))
        return found


def _is_message(message):
    return isinstance(message, dict) and isinstance(message.get("sender"), dict)
