"""Facebook pages, through the Graph API.

Proved on published descriptions only, never on the live service: field lists of PyPI facebook-business 26.0.3 (facts
only) and the reference of developers.facebook.com ("Pages API", "Messenger Platform", "Webhooks"; August 2026).
"""

from dataclasses import replace
from urllib.parse import quote

from . import errors
from .base import Connector, Setting, _
from .facebook_items import Reader, total
from .facebook_sending import FacebookSending
from .items import AuthorItem, Check, Counts, Figures, MentionItem
from .meta import INSIDE, PAGE
from .meta_access import ACCESS, LOGIN, PageAccess
from .meta_items import number_of, text_of
from .meta_push import VERIFY_TOKEN, MetaPush
from .meta_talks import WINDOW
from .registry import register
from .text import clean_line
from .values import count, identifier, web_url
from .walk import SAMPLE, Walks, oldest_first

POST = (
    "id,message,story,from{id,name},created_time,permalink_url,shares,attachments{type,url,media},"
    "reactions.limit(0).summary(total_count)"
)
COMMENT = "id,message,from{id,name},created_time,parent{id},permalink_url,like_count,comment_count,attachment"
COMMENTS = f"comments.limit({INSIDE}).order(reverse_chronological).filter(stream).summary(total_count){{{COMMENT}}}"
RATING = "created_time,rating,recommendation_type,review_text,reviewer{id,name},open_graph_story{id}"
MESSAGE = "id,message,from{id,name},to,created_time,attachments{mime_type,name,image_data,video_data,file_url}"
#: Longest private message (Send API, "text") and longest comment, in characters.
MESSAGE_LIMIT = 2000
COMMENT_LIMIT = 8000
PUBLISH_LIMIT = 63_206

CAN_POSTS = _("Read what is posted on the page, and the comments")
CAN_TAGGED = _("Read posts that name the page")
CAN_RATINGS = _("Read recommendations")
CAN_MESSAGES = _("Read and answer private messages")
NOT_AGAIN = _("Facebook shows recommendations in a list only, and this one is not among the newest.")


@register
class Facebook(FacebookSending, MetaPush, PageAccess, Walks, Connector):
    """Posts, comments, recommendations and private messages of one page.

    Comments are looked for beneath the newest posts of the page; those beneath older ones arrive by push.
    """

    code = "facebook"
    label = _("Facebook page")
    description = _("A Facebook page: posts, comments, recommendations and private messages.")
    kind = "social"
    scope = "horizontal"
    service = "Facebook"
    capabilities = frozenset(
        ("listen", "thread", "lookup", "reply", "message", "publish", "metrics", "moderate", "profile", "push")
    )
    text_limit = COMMENT_LIMIT
    message_limit = MESSAGE_LIMIT
    publish_limit = PUBLISH_LIMIT
    message_window = WINDOW
    ways_of_direct = ("message",)
    settle_seconds = 60
    moderations = frozenset({"hide", "unhide", "delete", "ban"})
    poll_seconds = (180, 3600)
    post_fields = POST
    comment_fields = COMMENT
    message_fields = MESSAGE
    push_object = "page"
    push_fields = ("feed", "mention", "ratings", "messages", "message_echoes")
    authorization = replace(
        LOGIN,
        scopes=(
            "pages_show_list", "pages_read_engagement", "pages_read_user_content", "pages_manage_engagement",
            "pages_manage_posts", "pages_manage_metadata", "pages_messaging", "read_insights",
        ),
    )  # fmt: skip
    guide = _(
        "Open developers.facebook.com and create an app of the type “Business”.\n"
        "Add “Facebook Login for Business” to it and enter the redirect address that is shown here.\n"
        "Copy the app ID and the app secret from “Settings → Basic” to this channel.\n"
        "Authorise with a person who manages the page, leave all permissions on, and choose the page.\n"
        "Pages of people who have no role in the app need “Advanced access” to the permissions, which Meta reviews."
    )
    settings = (
        *ACCESS,
        Setting("page_id", _("Page"), _("The page to look after."), kind="choice"),
        VERIFY_TOKEN,
        Setting(
            "messages",
            _("Read private messages"),
            _("Messages to the page are read and can be answered."),
            kind="bool",
            default=True,
        ),
    )

    @classmethod
    def ways(cls, target):
        """See :meth:`Connector.ways`: who recommends the page cannot be written to."""
        found = super().ways(target)
        return tuple(way for way in found if way != "message") if target.kind == "review" else found

    # --- listening ---

    def _reader(self):
        return Reader(self.chosen())

    def _feed(self, after=""):
        """Return a page of the feed, with the newest comments of each post."""
        params = {"fields": f"{POST},{COMMENTS}", "limit": INSIDE, **({"after": after} if after else {})}
        return self.get_page(f"{self.chosen()}/feed", params)

    def walks(self, states, kept):
        """See :meth:`Walks.walks`."""
        page = quote(self.chosen(), safe="")
        if self.values.get("messages"):
            yield from self.talk_walks(states, kept)
        feed = self._feed()
        posts, _after = self.page_of(feed)
        yield (
            "feed",
            self.list_walk(f"{page}/feed", {"fields": f"{POST},{COMMENTS}", "limit": INSIDE}, states.get("feed"), feed),
        )
        inside = [(identifier(post["id"]), _dict(post.get("comments"))) for post in posts]
        params = {"fields": COMMENT, "filter": "stream", "order": "reverse_chronological", "limit": PAGE}
        yield from self.inside("c:", inside, states, kept, "{}/comments", params)
        yield "tagged", self.list_walk(f"{page}/tagged", {"fields": POST, "limit": INSIDE}, states.get("tagged"))
        yield "ratings", self.list_walk(f"{page}/ratings", {"fields": RATING, "limit": INSIDE}, states.get("ratings"))

    def page_of(self, answer):
        """See :meth:`Graph.page_of`; recommendations have no id of their own."""
        listed = answer.get("data") if isinstance(answer, dict) else None
        for entry in listed if isinstance(listed, list) else ():
            if isinstance(entry, dict) and "id" not in entry and ("reviewer" in entry or "open_graph_story" in entry):
                entry["id"] = _review_id(entry)
        return super().page_of(answer)

    def finished(self, states, kept):
        """See :meth:`Walks.finished`."""
        self.note_tops(("m:", "c:"), states, kept)

    def read(self, name, entries):
        """See :meth:`Walks.read`."""
        kind = {"m": "message", "c": "comment", "ratings": "review"}.get(name.partition(":")[0], "post")
        return self._reader().read(kind, entries, name.partition(":")[2])

    def check(self):
        """See :meth:`Connector.check`: asks every list once, for what a permission does not cover is refused."""
        page = self.get(self.chosen(), {"fields": "id,name,link,username"})
        if identifier(page.get("id")) != self.chosen():
            raise self.unreadable("another page")
        found = Check(account=clean_line(str(page.get("name") or "")) or self.chosen(), account_id=self.chosen())
        reader, path = self._reader(), self.chosen()
        lists = [
            (CAN_POSTS, lambda: reader.read("post", self.page_of(self._feed())[0])),
            (CAN_TAGGED, lambda: reader.read("post", self._first(f"{path}/tagged", POST))),
            (CAN_RATINGS, lambda: reader.read("review", self._first(f"{path}/ratings", RATING))),
        ]
        if self.values.get("messages"):
            lists.append((CAN_MESSAGES, lambda: self.sample_messages(reader)))
        self.try_lists(found, lists, (errors.AccessDenied, errors.Gone))
        found.ok = CAN_POSTS in found.can
        found.sample = found.sample[:SAMPLE]
        return found

    def _first(self, path, fields):
        return self.page_of(self.get(path, {"fields": fields, "limit": SAMPLE}))[0]

    # --- single things ---

    def _one(self, item_id, identifiers):
        """Return the item of one thing as it is now."""
        kind = identifiers.get("type") or ("message" if item_id.startswith("m_") else "post")
        fields = {"message": MESSAGE, "comment": COMMENT}.get(kind, POST)
        thing_id = identifier(identifiers.get("id")) or item_id
        try:
            thing = self.get(quote(thing_id, safe=""), {"fields": fields})
        except (errors.Gone, errors.Misconfigured) as problem:
            lists = [f"{self.chosen()}/feed"]
            if kind == "comment" and identifiers.get("post_id"):
                lists.insert(0, f"{quote(identifiers['post_id'], safe='')}/comments")
            elif kind == "message":
                lists = [f"{self.chosen()}/conversations"]
            self.prove_gone(problem, *lists)
        if identifier(thing.get("id")) != thing_id:
            raise self.unreadable("another thing")
        inside = identifiers.get("post_id") or identifiers.get("conversation") or ""
        items, rejects = self._reader().read("post" if kind == "review" else kind, [thing], inside)
        if rejects:
            raise self.unreadable(rejects[0].error)
        return items[0]

    def lookup(self, item_id, identifiers):
        """See :meth:`Connector.lookup`."""
        if identifiers.get("type") != "review":
            return self._one(item_id, identifiers)
        # recommendations are shown in their list only: one that is not among the newest may be there all the same
        entries = self.page_of(self.get(f"{self.chosen()}/ratings", {"fields": RATING, "limit": 100}))[0]
        for item in self._reader().read("review", entries)[0]:
            if item.external_id == item_id:
                return item
        raise errors.Refused(NOT_AGAIN)

    def thread(self, item_id, identifiers):
        """See :meth:`Connector.thread`: the newest hundred comments or messages."""
        item = self._one(item_id, identifiers)
        found = {item.external_id: item}
        if item.kind == "message":
            inside, kind, path, fields = identifiers.get("conversation"), "message", "messages", MESSAGE
        else:
            inside, kind, path, fields = item.conversation_id, "comment", "comments", COMMENT
            if inside and inside not in found:
                try:
                    root = self._one(inside, {"type": "post"})
                    found[root.external_id] = root
                except errors.Gone:
                    pass  # the comments are still worth showing
        if inside:
            order = {"filter": "stream", "order": "reverse_chronological"} if kind == "comment" else {}
            answer = self.get(f"{quote(inside, safe='')}/{path}", {"fields": fields, "limit": 100, **order})
            for one in self._reader().read(kind, self.page_of(answer)[0], inside)[0]:
                found.setdefault(one.external_id, one)
        return oldest_first(found.values())

    def metrics(self, things):
        """See :meth:`Connector.metrics`."""
        page = self.get(self.chosen(), {"fields": "followers_count,fan_count,overall_star_rating"})
        stars = page.get("overall_star_rating")
        rated = isinstance(stars, (int, float)) and not isinstance(stars, bool) and 0 < stars <= 5
        found = Figures(
            followers=number_of(page.get("followers_count", page.get("fan_count"))),
            rating=float(stars) if rated else None,
        )
        for kind, fields in (
            ("post", "id,shares,reactions.limit(0).summary(total_count),comments.limit(0).summary(total_count)"),
            ("comment", "id,like_count,comment_count"),
        ):
            for external_id, thing in self.of_kind(things, kind, fields):
                found.items[external_id] = _counts(thing)
        return found

    def profile(self, handle):
        """See :meth:`Connector.profile`.  Only pages can be looked up, not people, and that takes a permission."""
        name = handle.strip().rstrip("/").rpartition("/")[2].lstrip("@")
        if not name or len(name) > 100 or not all(part.isalnum() for part in name.replace(".", "-").split("-") if part):
            return None
        fields = {"fields": "id,name,username,link,followers_count,picture{url}"}
        try:
            page = self.get(quote(name, safe=""), fields)
        except errors.Gone:
            return None
        page_id = identifier(page.get("id"))
        if not page_id:
            raise self.unreadable("page without an id")
        picture = _dict(_dict(page.get("picture")).get("data"))
        username = clean_line(str(page.get("username") or ""), 100)
        return AuthorItem(
            external_id=page_id,
            name=clean_line(str(page.get("name") or ""), 200) or username or page_id,
            handle=f"@{username}" if username else "",
            url=web_url(page.get("link")),
            avatar_url=web_url(picture.get("url")),
            followers=number_of(page.get("followers_count")),
        )

    # --- push ---

    def read_change(self, change, now):
        """See :meth:`MetaPush.read_change`."""
        field, value = change.get("field"), change["value"]
        reader = self._reader()
        if field == "ratings":
            return reader.rating_change(value)
        if field == "feed":
            return reader.change(value)
        if field != "mention" or value.get("verb") == "remove":
            return None
        if text_of(value.get("message")):
            return reader.change(value)
        # where the page is named is all that is told; the desk looks it up
        what = "comment" if value.get("item") == "comment" else "post"
        found, inside = identifier(value.get(f"{what}_id")), identifier(value.get("post_id"))
        kept = {"type": what, "id": found, "post_id": inside}
        return MentionItem(found, what, origin="own", partial=True, identifiers=kept) if found else None

    def read_messaging(self, event, now):
        """See :meth:`MetaPush.read_messaging`."""
        return self._reader().delivered_message(event) if self.values.get("messages") else None


def _dict(value):
    return value if isinstance(value, dict) else {}


def _review_id(rating):
    story = _dict(rating.get("open_graph_story"))
    person = _dict(rating.get("reviewer"))
    return identifier(story.get("id")) or f"{identifier(person.get('id'))}@{str(rating.get('created_time'))[:40]}"


def _counts(thing):
    shares = _dict(thing.get("shares")).get("count")
    if "like_count" in thing or "comment_count" in thing:
        return Counts(likes=count(thing.get("like_count")), replies=count(thing.get("comment_count")))
    return Counts(
        likes=total(thing.get("reactions")),
        shares=count(shares) if shares is not None else 0,
        replies=total(thing.get("comments")),
    )
