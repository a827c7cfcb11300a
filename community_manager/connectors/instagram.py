"""Professional Instagram accounts, through the Graph API with Facebook Login.

Proved on published descriptions only, never on the live service: field lists of PyPI facebook-business 26.0.3 (facts
only) and the reference of developers.facebook.com ("Instagram Platform", August 2026).  Nothing can be published from
here: a post on Instagram is a picture or a video, a text alone is not taken.
"""

import re
from dataclasses import replace
from urllib.parse import quote

from . import errors
from .base import SEARCH_TOPICS, SEARCHES, TOO_LONG, Connector, Sentence, Setting, _
from .instagram_items import Reader, clean_hashtag
from .instagram_push import InstagramPush
from .instagram_sending import InstagramSending
from .items import AuthorItem, Check, Counts, Figures
from .meta import INSIDE, PAGE, place_of
from .meta_access import ACCESS, LOGIN, PageAccess
from .meta_items import number_of, username_of
from .meta_push import VERIFY_TOKEN
from .meta_talks import WINDOW
from .registry import register
from .text import clean_line
from .values import identifier, web_url
from .walk import SAMPLE, Walks, oldest_first

MEDIA = "id,caption,media_type,media_url,thumbnail_url,permalink,timestamp,username,like_count,comments_count"
#: What is told of media that are found by a hashtag; never who posted them.
FOUND = "id,caption,media_type,media_url,permalink,timestamp,like_count,comments_count"
COMMENT = "id,text,timestamp,username,from,like_count,parent_id"
WITH_REPLIES = f"{COMMENT},replies.limit({INSIDE}){{{COMMENT}}}"
MESSAGE = "id,message,from,to,created_time,attachments"
#: Different hashtags that an account may ask for in seven days ("Hashtag search").
HASHTAGS = 30
#: Longest comment in characters ("IG Media comments"), longest message in bytes of UTF-8 ("Send API").
COMMENT_LIMIT = 300
MESSAGE_LIMIT = 1000

CAN_COMMENTS = _("Read and answer comments on our posts")
CAN_TAGS = _("Read posts in which we are tagged")
CAN_MESSAGES = _("Read and answer private messages")
CAN_HASHTAG = _("Follow #%(name)s")
TOO_MANY = _("Instagram lets an account follow %(limit)s hashtags in a week; the others are not asked for.")
NOT_ANSWERED = _("Instagram lets us answer beneath our own posts and where we are named, not beneath other posts.")
NOT_AGAIN = _("Instagram shows posts of others in lists only, not one by one.")


@register
class Instagram(InstagramSending, InstagramPush, PageAccess, Walks, Connector):
    """Comments, tags, private messages and hashtags of one professional account.

    Comments are looked for beneath the newest posts; those beneath older ones, and mentions in captions and comments of
    others, arrive by push.
    """

    code = "instagram"
    label = "Instagram"
    description = _("A professional Instagram account: comments, tags, mentions, private messages and hashtags.")
    kind = "social"
    scope = "horizontal"
    service = "Instagram"
    capabilities = frozenset(
        ("listen", "search", "thread", "lookup", "reply", "message", "metrics", "moderate", "profile", "push")
    )
    choice = "account_id"
    account_fields = "id,name,access_token,instagram_business_account{id,username}"
    text_limit = COMMENT_LIMIT
    message_limit = MESSAGE_LIMIT
    message_window = WINDOW
    ways_of_direct = ("message",)
    settle_seconds = 60
    moderations = frozenset({"hide", "unhide", "delete"})
    poll_seconds = (180, 3600)
    comment_fields = COMMENT
    not_answered = NOT_ANSWERED
    message_fields = MESSAGE
    authorization = replace(
        LOGIN,
        scopes=(
            "instagram_basic", "instagram_manage_comments", "instagram_manage_messages", "instagram_manage_insights",
            "pages_show_list", "pages_read_engagement", "pages_manage_metadata",
        ),
    )  # fmt: skip
    guide = _(
        "The account has to be a professional one and connected to a Facebook page.\n"
        "Open developers.facebook.com, create an app of the type “Business” and add “Facebook Login for Business” to "
        "it; enter the redirect address that is shown here.\n"
        "Copy the app ID and the app secret from “Settings → Basic” to this channel.\n"
        "Authorise with a person who manages the page, leave all permissions on, and choose the account.\n"
        "For private messages, the account has to allow access to messages (Settings → Messages → Connected tools)."
    )
    settings = (
        *ACCESS,
        Setting("account_id", _("Account"), _("The account to look after."), kind="choice"),
        VERIFY_TOKEN,
        replace(
            SEARCHES,
            label=_("Hashtags"),
            help=_(
                "Hashtags to follow, one a line, at most 30 different ones in a week. Instagram does not say who wrote."
            ),
            placeholder="#acme",
        ),
        replace(
            SEARCH_TOPICS, default=False, help=_("Also follow the keywords of the topics of this channel as hashtags.")
        ),
        Setting(
            "messages",
            _("Read private messages"),
            _("Messages to the account are read and can be answered."),
            kind="bool",
            default=True,
        ),
    )

    def __init__(self, http, settings, secrets=None):
        super().__init__(http, settings, secrets)
        self._name = ""

    @classmethod
    def objection(cls, outgoing, now=None):
        """See :meth:`Connector.objection`; private messages are counted in bytes."""
        size = len(outgoing.text.encode("utf-8", "surrogatepass"))
        if outgoing.way == "message" and size > MESSAGE_LIMIT:
            return Sentence(TOO_LONG, length=size, limit=MESSAGE_LIMIT)
        return super().objection(outgoing, now)

    @classmethod
    def ways(cls, target):
        """See :meth:`Connector.ways`: not everything that is shown can be answered."""
        kind = target.identifiers.get("type")
        possible = {"comment": ("reply", "message"), "message": ("message",), "tag": (), "hashtag": ()}
        return tuple(way for way in super().ways(target) if way in possible.get(kind, ("reply",)))

    def choice_of(self, account):
        """See :meth:`PageAccess.choice_of`: the account that is connected to a page."""
        found = account.get("instagram_business_account")
        if not isinstance(found, dict):
            return None
        name = username_of(found.get("username"))
        return identifier(found.get("id")), f"@{name}" if name else ""

    def my_name(self):
        """Return the user name of our account."""
        if not self._name:
            account = self.get(self.chosen(), {"fields": "id,username"})
            self._name = username_of(account.get("username"))
            if not self._name or identifier(account.get("id")) != self.chosen():
                raise self.unreadable("account without a name")
        return self._name

    def _reader(self):
        return self.reader_named(self.my_name())

    def reader_named(self, name):
        """Return a reader for our account under a name."""
        return Reader(self.chosen(), name)

    # --- listening ---

    def page_of(self, answer):
        """See :meth:`Graph.page_of`; the replies to comments, which come inside of them, are put beside them."""
        entries, after = super().page_of(answer)
        replies = []
        for entry in entries:
            inside = entry.get("replies")
            listed = inside.get("data") if isinstance(inside, dict) else None
            for reply in listed[:INSIDE] if isinstance(listed, list) else ():
                if isinstance(reply, dict) and identifier(reply.get("id")):
                    replies.append({"parent_id": entry["id"], **reply})
        return (sorted(entries + replies, key=place_of, reverse=True) if replies else entries), after

    def _hashtags(self, kept):
        """Yield (hashtag, its id), the ids kept from run to run: they do not change."""
        ids = _dict(kept.get("hashtags"))
        kept["hashtags"] = {}
        wanted = list(dict.fromkeys(filter(None, map(clean_hashtag, self.searches()))))
        if len(wanted) > HASHTAGS:
            self._postponed = self._postponed or errors.Misconfigured(TOO_MANY, params={"limit": HASHTAGS})
        for name in wanted[:HASHTAGS]:
            known = identifier(ids.get(name))
            if not known:
                try:
                    answer = self.get("ig_hashtag_search", {"user_id": self.chosen(), "q": name})
                    known = next((identifier(one["id"]) for one in self.page_of(answer)[0]), "")
                except (errors.AccessDenied, errors.Misconfigured, errors.Gone) as problem:
                    # a hashtag that nobody used is an error, too
                    if isinstance(problem, errors.AccessDenied):
                        self._postponed = self._postponed or problem
                    continue
            if known:
                kept["hashtags"][name] = known
                yield name, known

    def walks(self, states, kept):
        """See :meth:`Walks.walks`."""
        account = quote(self.chosen(), safe="")
        self._name = self._name or username_of(kept.get("name"))
        kept["name"] = self.my_name()
        if self.values.get("messages"):
            yield from self.talk_walks(states, kept)
        params = {"fields": f"{MEDIA},comments.limit({INSIDE}){{{WITH_REPLIES}}}", "limit": INSIDE}
        first = self.get_page(f"{account}/media", params)
        media, _after = self.page_of(first)
        yield "media", self.list_walk(f"{account}/media", params, states.get("media"), first)
        inside = [(identifier(one["id"]), _dict(one.get("comments"))) for one in media]
        params = {"fields": WITH_REPLIES, "limit": PAGE}
        yield from self.inside("c:", inside, states, kept, "{}/comments", params)
        yield "tags", self.list_walk(f"{account}/tags", {"fields": MEDIA, "limit": PAGE}, states.get("tags"))
        for name, tag in self._hashtags(kept):
            params = {"user_id": self.chosen(), "fields": FOUND, "limit": PAGE}
            path = f"{quote(tag, safe='')}/recent_media"
            yield f"#{name}", self.list_walk(path, params, states.get(f"#{name}"))

    def finished(self, states, kept):
        """See :meth:`Walks.finished`."""
        self.note_tops(("m:", "c:"), states, kept)

    def read(self, name, entries):
        """See :meth:`Walks.read`."""
        prefix, _colon, inside = name.partition(":")
        kind = {"m": "message", "c": "comment", "tags": "tag"}.get(prefix, "media")
        return self._reader().read("hashtag" if name.startswith("#") else kind, entries, inside)

    def check(self):
        """See :meth:`Connector.check`."""
        self._name = ""
        found = Check(account=f"@{self.my_name()}", account_id=self.chosen())
        account, reader = quote(self.chosen(), safe=""), self._reader()
        lists = [
            (CAN_COMMENTS, lambda: reader.read("media", self._first(f"{account}/media"))),
            (CAN_TAGS, lambda: reader.read("tag", self._first(f"{account}/tags"))),
        ]
        if self.values.get("messages"):
            lists.append((CAN_MESSAGES, lambda: self.sample_messages(reader)))
        self.try_lists(found, lists)
        found.can += [Sentence(CAN_HASHTAG, name=clean_hashtag(words)) for words in self.searches()[:HASHTAGS]]
        found.ok = CAN_COMMENTS in found.can
        found.sample = found.sample[:SAMPLE]
        return found

    def _first(self, path):
        return self.page_of(self.get(path, {"fields": MEDIA, "limit": SAMPLE}))[0]

    # --- single things ---

    def _one(self, item_id, identifiers):
        """Return the item of one thing as it is now."""
        kind = identifiers.get("type") or "media"
        if kind in ("tag", "hashtag"):
            raise errors.Refused(NOT_AGAIN)
        thing_id = identifier(identifiers.get("id")) or item_id
        if kind == "mention":
            try:
                return self.mentioned(thing_id, identifiers.get("media_id") or "")
            except errors.Gone as problem:
                self.prove_gone(problem, f"{self.chosen()}/tags")
        fields = {"message": MESSAGE, "comment": f"{COMMENT},media{{id}}"}.get(kind, MEDIA)
        try:
            thing = self.get(quote(thing_id, safe=""), {"fields": fields})
        except (errors.Gone, errors.Misconfigured) as problem:
            lists = [f"{self.chosen()}/media"]
            if kind == "comment" and identifiers.get("media_id"):
                lists.insert(0, f"{quote(identifiers['media_id'], safe='')}/comments")
            self.prove_gone(problem, *(["me/conversations?platform=instagram"] if kind == "message" else lists))
        if identifier(thing.get("id")) != thing_id:
            raise self.unreadable("another thing")
        inside = identifiers.get("conversation") or identifiers.get("media_id") or ""
        if kind == "comment" and not inside:
            inside = identifier(_dict(thing.get("media")).get("id"))
        items, rejects = self._reader().read(kind, [thing], inside)
        if rejects:
            raise self.unreadable(rejects[0].error)
        return items[0]

    def mentioned(self, thing_id, media_id):
        """Return the item of a caption or comment of others in which we are named.

        :param str media_id: of the media that a comment is beneath, empty for a caption
        """
        if not re.fullmatch(r"\w{1,100}", thing_id):
            raise self.unreadable("an id that is none")
        field = "mentioned_comment" if media_id else "mentioned_media"
        name, inner = ("comment_id", "id,text,timestamp,username,like_count") if media_id else ("media_id", MEDIA)
        answer = self.get(self.chosen(), {"fields": f"{field}.{name}({thing_id}){{{inner}}}"})
        thing = answer.get(field)
        if not isinstance(thing, dict):
            raise self.unreadable(field)
        reader = self._reader()
        made = {"id": thing_id, **thing}
        return reader.comment(made, media_id, "mention") if media_id else reader.media(made, "own", "mention")

    def lookup(self, item_id, identifiers):
        """See :meth:`Connector.lookup`."""
        return self._one(item_id, identifiers)

    def thread(self, item_id, identifiers):
        """See :meth:`Connector.thread`: the newest comments or messages."""
        item = self._one(item_id, identifiers)
        found = {item.external_id: item}
        kind = identifiers.get("type")
        reader = self._reader()
        if kind == "message" and identifiers.get("conversation"):
            path = f"{quote(identifiers['conversation'], safe='')}/messages"
            entries = self.page_of(self.get(path, {"fields": MESSAGE, "limit": PAGE}))[0]
            others = reader.read("message", entries, identifiers["conversation"])[0]
        elif kind in ("media", "comment") and item.conversation_id:
            path = quote(item.conversation_id, safe="")
            media = self.get(path, {"fields": f"{MEDIA},comments.limit({PAGE}){{{WITH_REPLIES}}}"})
            comments = media.get("comments")
            entries = self.page_of(comments)[0] if isinstance(comments, dict) else []
            others = reader.read("media", [media])[0] + reader.read("comment", entries, item.conversation_id)[0]
        else:
            others = []
        for one in others:
            found.setdefault(one.external_id, one)
        return oldest_first(found.values())

    def metrics(self, things):
        """See :meth:`Connector.metrics`."""
        account = self.get(self.chosen(), {"fields": "followers_count,media_count"})
        found = Figures(number_of(account.get("followers_count")), number_of(account.get("media_count")))
        for kind, fields in (("media", "id,like_count,comments_count"), ("comment", "id,like_count")):
            for external_id, thing in self.of_kind(things, kind, fields):
                likes, replies = thing.get("like_count"), thing.get("comments_count")
                found.items[external_id] = Counts(likes=number_of(likes), replies=number_of(replies))
        return found

    def profile(self, handle):
        """See :meth:`Connector.profile`: professional accounts only."""
        name = username_of(handle.strip().rstrip("/").rpartition("/")[2])
        if not name:
            return None
        inner = "username,name,followers_count,profile_picture_url,website"
        try:
            answer = self.get(self.chosen(), {"fields": f"business_discovery.username({name}){{{inner}}}"})
        except errors.Gone:
            return None
        found = answer.get("business_discovery")
        if not isinstance(found, dict) or not username_of(found.get("username")):
            raise self.unreadable("business_discovery")
        name = username_of(found["username"])
        return AuthorItem(
            name,
            name=clean_line(str(found.get("name") or ""), 200) or name,
            handle=f"@{name}",
            url=f"https://www.instagram.com/{name}/",
            avatar_url=web_url(found.get("profile_picture_url")),
            followers=number_of(found.get("followers_count")),
        )


def _dict(value):
    return value if isinstance(value, dict) else {}
