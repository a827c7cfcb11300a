"""From what the Telegram Bot API calls a message to an item (https://core.telegram.org/bots/api#message)."""

from datetime import UTC, datetime

from .items import AuthorItem, MentionItem, Reject
from .text import clean_line, clean_text
from .values import identifier, moment_at

#: Kinds of updates that bring something said; others are not asked for.
UPDATES = ("message", "edited_message", "channel_post", "edited_channel_post")
#: What a message without words consists of, and the sign that stands for it: files have no address that can be shown.
MEDIA = {
    "animation": "🎬", "audio": "🎵", "document": "📎", "photo": "🖼", "video": "🎬", "video_note": "🎬", "voice": "🎤",
    "story": "🖼", "location": "📍", "contact": "👤", "dice": "🎲", "game": "🎮", "paid_media": "🖼", "live_photo": "🖼",
}  # fmt: skip
#: More entities or poll options than these are not looked at.
MANY = 100


def number(value):
    """Return an id as Telegram has them, or ``None`` for anything else.

    >>> number(-1001234567890), number("17"), number(True), number(2**70)
    (-1001234567890, None, None, None)
    """
    return value if type(value) is int and -(2**62) < value < 2**62 else None


def part(text, entity):
    """Return what an entity marks in a text; places are counted in UTF-16.

    >>> part("😀 #boots", {"offset": 3, "length": 6})
    '#boots'
    """
    start, length = number(entity.get("offset")), number(entity.get("length"))
    if start is None or length is None or start < 0 or length < 0:
        return ""
    if text.isascii():
        return text[start : start + length]
    units = text.encode("utf-16-le", "surrogatepass")
    return units[2 * start : 2 * (start + length)].decode("utf-16-le", "ignore")


def is_box(chat):
    """Return whether the messages of a chat are numbered for each of its members, not for all."""
    return chat.get("type") in ("private", "group")


class Reader:
    """Turns messages into items.

    :ivar str bot: id of the bot, by which messages of private chats are told from those another bot sees there
    :ivar str name: user name of the bot without @, lower case; empty when it is not known
    :ivar str home: the chat we publish in, its id or ``@name``
    """

    def __init__(self, bot, name="", home=""):
        self.bot = bot
        self.name = name.lower()
        self.home = home.strip().lower()
        self.now = datetime.now(UTC)
        self._authors = {}

    def external_id(self, chat, message_id):
        """Return the id of a message, or an empty string without one."""
        chat_id, message_id = number(chat.get("id")), number(message_id)
        if chat_id is None or not message_id:
            return ""
        return f"{chat_id}:{message_id}:{self.bot}" if is_box(chat) else f"{chat_id}:{message_id}"

    def is_home(self, chat):
        """Return whether a chat is the one we publish in."""
        name = chat.get("username")
        names = {str(chat.get("id")), f"@{name}".lower() if isinstance(name, str) else ""}
        return bool(self.home) and self.home in names

    def author(self, message):
        """Return who wrote a message; those who write much are made once.

        :raises ValueError: nobody wrote it
        """
        chat, user = message.get("sender_chat"), message.get("from")
        shown = chat if isinstance(chat, dict) else user if isinstance(user, dict) else message.get("chat")
        found = number(shown.get("id"))
        known = self._authors.get(found)
        if known is None or known[0] != shown:
            known = self._authors[found] = shown, author(shown)
        return known[1]

    def item(self, message):
        """Return the item of a message; ``None`` when nothing is said in it.

        :raises ValueError: it cannot be read
        """
        chat = message.get("chat")
        if not isinstance(chat, dict):
            raise ValueError("no chat")
        external_id = self.external_id(chat, message.get("message_id"))
        if not external_id:
            raise ValueError("no id")
        text, entities = self._words(message)
        if text is None or message.get("is_automatic_forward") is True:
            return None  # somebody joined, a picture was changed; or a post of the channel, which comes by itself
        direct, name = chat.get("type") == "private", chat.get("username")
        public = isinstance(name, str) and bool(name) and not direct
        sender = message.get("from")
        ours = isinstance(sender, dict) and str(sender.get("id")) == self.bot
        outgoing = ours or (chat.get("type") == "channel" and self.is_home(chat))
        parent_id, comments, answers_us = self._parent(message, chat)
        thread = number(message.get("message_thread_id"))
        topic = thread and message.get("is_topic_message") is True and not parent_id
        own = outgoing or direct or comments or answers_us or self._names_us(text, entities)
        conversation_id = f"{chat['id']}:0:{self.bot}" if direct else self.external_id(chat, thread) if topic else ""
        return MentionItem(
            external_id=external_id,
            kind="message" if direct else "comment" if parent_id else "post",
            text=clean_text(text),
            url=self._url(chat, name if public else "", message["message_id"]),
            author=self.author(message),
            published_at=moment_at(message.get("date"), self.now),
            edited_at=moment_at(message.get("edit_date"), self.now) if "edit_date" in message else None,
            parent_id=parent_id,
            conversation_id=conversation_id,
            visibility="direct" if direct else "public" if public else "private",
            origin="own" if own else "search",
            outgoing=outgoing,
            hashtags=self._hashtags(text, entities),
            identifiers={"chat": chat["id"], "message": message["message_id"]} | ({"thread": thread} if thread else {}),
        )

    def _parent(self, message, chat):
        """Return (id of what is answered, whether that is a post of the linked channel, whether it is ours)."""
        answered = message.get("reply_to_message")
        if not isinstance(answered, dict):
            return "", False, False
        origin = answered.get("forward_origin")
        if answered.get("is_automatic_forward") is True and isinstance(origin, dict):
            channel = origin.get("chat")
            found = self.external_id(channel, origin.get("message_id")) if isinstance(channel, dict) else ""
            return found, True, False
        if answered.get("forum_topic_created"):
            return "", False, False
        writer = answered.get("from")
        return (
            self.external_id(chat, answered.get("message_id")),
            False,
            isinstance(writer, dict) and str(writer.get("id")) == self.bot,
        )

    def _names_us(self, text, entities):
        for entity in entities:
            kind, user = entity.get("type"), entity.get("user")
            if kind == "text_mention" and isinstance(user, dict) and str(user.get("id")) == self.bot:
                return True
            named = kind in ("mention", "bot_command") and self.name
            if named and part(text, entity).lower().endswith(f"@{self.name}"):
                return True
        return False

    @staticmethod
    def _hashtags(text, entities):
        if not entities:
            return ()
        names = (part(text, entity) for entity in entities if entity.get("type") == "hashtag")
        return tuple(clean_line(name.partition("@")[0], 200).lstrip("#").lower() for name in names if name.strip("# "))

    @staticmethod
    def _url(chat, name, message_id):
        if name:
            return f"https://t.me/{clean_line(name, 64)}/{message_id}" if name.isalnum() or "_" in name else ""
        inside = str(chat["id"])
        return f"https://t.me/c/{inside[4:]}/{message_id}" if inside.startswith("-100") else ""

    @staticmethod
    def _words(message):
        """Return (what is said, its entities); ``(None, ())`` when nothing is said."""
        for words, marks in (("text", "entities"), ("caption", "caption_entities")):
            text = message.get(words)
            if text is not None:
                if not isinstance(text, str):
                    raise ValueError("the text is none")
                entities = message.get(marks)
                entities = entities[:MANY] if isinstance(entities, list) else ()
                return text, [entity for entity in entities if isinstance(entity, dict)]
        sticker, poll = message.get("sticker"), message.get("poll")
        if isinstance(sticker, dict):
            return clean_line(str(sticker.get("emoji") or "🖼")), ()
        if isinstance(poll, dict):
            options = poll.get("options")
            options = [one for one in options[:MANY] if isinstance(one, dict)] if isinstance(options, list) else []
            lines = [str(poll.get("question") or ""), *(f"○ {one.get('text') or ''}" for one in options)]
            return "\n".join(lines), ()
        for kind, sign in MEDIA.items():
            if message.get(kind):
                name = message[kind].get("file_name") if isinstance(message[kind], dict) else ""
                return f"{sign} {clean_line(name)}".strip() if isinstance(name, str) else sign, ()
        return None, ()

    def read(self, updates):
        """Return (items, rejects, highest id of an update) of updates as they came."""
        items, rejects, last = {}, [], None
        for update in updates:
            try:
                update_id = number(update.get("update_id"))
                if update_id is None:
                    raise ValueError("no id of the update")
                last = update_id if last is None else max(last, update_id)
                message = next((update[kind] for kind in UPDATES if update.get(kind) is not None), None)
                item = self.item(message) if message is not None else None
            except (ValueError, TypeError, AttributeError, KeyError, RecursionError) as problem:
                known = identifier(update.get("update_id")) if isinstance(update, dict) else ""
                rejects.append(Reject(update, f"{type(problem).__name__}: {problem}"[:300], known))
                continue
            if item:
                items[item.external_id] = item
        return list(items.values()), rejects, last


def author(shown):
    """Return the author that a user or a chat is.

    :raises ValueError: it is neither
    """
    found = number(shown.get("id")) if isinstance(shown, dict) else None
    if found is None:
        raise ValueError("no author")
    names = (shown.get("title"), shown.get("first_name"), shown.get("last_name"))
    name = clean_line(" ".join(one for one in names if isinstance(one, str)), 200)
    known = shown.get("username")
    known = clean_line(known, 64) if isinstance(known, str) and known.replace("_", "").isalnum() else ""
    return AuthorItem(
        external_id=str(found),
        name=name or known or str(found),
        handle=f"@{known}" if known else "",
        url=f"https://t.me/{known}" if known and known.isascii() else "",
        bot=shown.get("is_bot") is True,
    )
