"""A professional Instagram account in memory: fields of PyPI facebook-business, answers as the reference shows them."""

import re
from datetime import UTC, datetime
from json import loads

from .fake_graph import FakeGraph, error

ACCOUNT = "17841405793187218"
PERSON = "1254477777772919"
NAMES = {ACCOUNT: "acme", PERSON: "ana"}


class FakeInstagram(FakeGraph):
    """One account, its media, comments, tags, hashtags and conversations."""

    time = "timestamp"

    def __init__(self):
        super().__init__()
        self.media, self.tagged, self.hashtags, self.talks, self.mentions = [], [], {"acme": []}, {}, {}
        self.hidden, self.searched = set(), []
        self.subscribed = {}

    def post(self, caption, username="acme", where=None):
        """Return a new media in a list, that of the account unless told otherwise."""
        number, made = self.tick()
        media = {
            "id": f"1789{number:013d}", "caption": caption, "media_type": "IMAGE", "timestamp": made,
            "media_url": f"https://cdn.example/{number}.jpg", "permalink": f"https://www.instagram.com/p/{number}/",
            "like_count": 7, "comments_count": 2, "username": username, "all": [],
        }  # fmt: skip
        if where is None:
            self.things[media["id"]] = media
        (self.media if where is None else where).append(media)
        return media

    def comment(self, media, text, person=PERSON, moment=None, parent=None):
        """Return a new comment."""
        number, made = self.tick(moment)
        comment = {
            "id": f"1787{number:013d}", "text": text, "timestamp": made, "username": NAMES[person],
            "from": {"id": person, "username": NAMES[person]}, "like_count": 1,
        }  # fmt: skip
        self.things[comment["id"]] = {**comment, "media": {"id": media["id"]}, "inside": []}
        if parent:
            comment["parent_id"] = parent
            self.things[parent]["inside"].append(comment)
        else:
            media["all"].append(comment)
        return comment

    def message(self, text, person=PERSON, author=None, moment=None):
        """Return a new message in the conversation with a person."""
        number, made = self.tick(moment)
        talk = self.talks.setdefault(person, {"id": f"aWdf{person}", "all": []})
        author = author or person
        other = person if author == ACCOUNT else ACCOUNT
        message = {
            "id": f"aWdfZAG1faXRlbToxO{number}", "message": text, "created_time": made, "timestamp": made,
            "from": {"id": author, "username": NAMES.get(author, "somebody")},
            "to": {"data": [{"id": other, "username": NAMES.get(other, "somebody")}]},
        }  # fmt: skip
        talk["all"].append(message)
        talk["updated_time"] = talk["timestamp"] = made
        self.things[message["id"]] = message
        return message

    # --- what it answers ---

    def shown(self, media):
        """Return a media without what is inside."""
        return {name: value for name, value in media.items() if name not in ("all", "inside", "media")}

    def comments(self, media, query):
        answer = self.page(media["all"], query)
        data = []
        for one in answer["data"]:
            replies = self.things[one["id"]]["inside"]
            data.append({**one, **({"replies": {"data": replies}} if replies else {})})
        return {**answer, "data": data}

    def with_comments(self, media, query):
        inside = {"comments": self.comments(media, {})} if media["all"] and "comments" in query["fields"] else {}
        return {**self.shown(media), **inside}

    def answer(self, method, path, query):
        """See :meth:`FakeGraph.answer`."""
        first, edge = path[0] if path else "", path[1] if len(path) > 1 else ""
        if path == ["me", "accounts"]:
            account = {"id": ACCOUNT, "username": "acme"}
            listed = [{"id": "5", "name": "No account", "access_token": "x"}]
            return 200, {
                "data": [*listed, {"id": "6", "access_token": "page-token", "instagram_business_account": account}]
            }
        if edge in ("subscriptions", "subscribed_apps"):
            self.subscribed[edge] = query if method == "POST" else None
            return 200, {"success": True}
        if method == "POST":
            return self.create(first, edge, query)
        if method == "DELETE":
            return (200, {"success": True}) if self.things.pop(first, None) else self.gone()
        if "ids" in query:
            ids = query["ids"].split(",")
            if any(one not in self.things for one in ids):
                return self.gone()
            return 200, {one: self.shown(self.things[one]) for one in ids}
        if path == ["ig_hashtag_search"]:
            self.searched.append(query["q"])
            if query["q"] not in self.hashtags:
                return 400, error(24, "The requested resource does not exist")
            return 200, {"data": [{"id": f"178415935{len(query['q']):05d}"}]}
        if edge == "recent_media":
            name = next((one for one in self.hashtags if f"178415935{len(one):05d}" == first), None)
            if not name:
                return self.gone()
            shown = [{**self.shown(one), "username": None} for one in self.hashtags[name]]
            return 200, self.page([{n: v for n, v in one.items() if n != "username"} for one in shown], query)
        if path == ["me", "conversations"]:
            talks = [talk for person, talk in self.talks.items() if query.get("user_id", person) == person]
            answer = self.page(talks, query)
            for talk in answer["data"]:
                talk["messages"] = self.page(talk["all"], {})
            return 200, {**answer, "data": [self.shown(talk) for talk in answer["data"]]}
        if edge == "messages":
            return 200, self.page(next(talk["all"] for talk in self.talks.values() if talk["id"] == first), query)
        if first == ACCOUNT:
            return self.of_account(edge, query)
        if edge == "comments" and first in self.things:
            return 200, self.comments(self.things[first], query)
        if edge == "replies" and first in self.things:
            return 200, self.page(self.things[first]["inside"], query)
        if first == PERSON:
            return 200, {"id": PERSON, "username": "ana", "name": "Ana"}
        if first in self.things:
            thing = self.things[first]
            return 200, self.with_comments(thing, query) if "all" in thing else self.shown(thing)
        return self.gone()

    def of_account(self, edge, query):
        """Answer about the account."""
        if edge == "media":
            answer = self.page(self.media, query)
            return 200, {**answer, "data": [self.with_comments(one, query) for one in answer["data"]]}
        if edge == "tags":
            answer = self.page(self.tagged, query)
            return 200, {**answer, "data": [self.shown(one) for one in answer["data"]]}
        asked = re.match(r"(business_discovery|mentioned_comment|mentioned_media)\.\w+\(([^)]*)\)", query["fields"])
        if asked and asked.group(1) == "business_discovery":
            if asked.group(2) != "ana":
                return 400, error(110, "Cannot find User with username", 2207013)
            return 200, {"id": ACCOUNT, "business_discovery": {"username": "ana", "name": "Ana", "followers_count": 12}}
        if asked:
            found = self.mentions.get(asked.group(2))
            return (200, {"id": ACCOUNT, asked.group(1): found}) if found else self.gone()
        return 200, {"id": ACCOUNT, "username": "acme", "followers_count": 120, "media_count": 45}

    def create(self, first, edge, query):
        """Do what is asked for."""
        now = datetime.now(UTC)
        if edge == "messages":
            to = loads(query["recipient"])
            if "id" not in to and to.get("comment_id") not in self.things:
                return self.gone()
            person = to.get("id") or self.things[to["comment_id"]]["from"]["id"]
            made = self.message(loads(query["message"])["text"], person, ACCOUNT, now)
            self.sent.append((made["id"], made["message"]))
            return 200, {"recipient_id": person, "message_id": made["id"]}
        if edge == "mentions":
            number, _made = self.tick()
            self.sent.append((f"1787{number:013d}", query["message"]))
            return 200, {"id": f"1787{number:013d}"}
        if first not in self.things:
            return self.gone()
        thing = self.things[first]
        if edge == "replies":
            made = self.comment(self.things[thing["media"]["id"]], query["message"], ACCOUNT, now, first)
        elif edge == "comments":
            made = self.comment(thing, query["message"], ACCOUNT, now)
        else:
            (self.hidden.add if query["hide"] == "true" else self.hidden.discard)(first)
            return 200, {"success": True}
        self.sent.append((made["id"], made["text"]))
        return 200, {"id": made["id"]}
