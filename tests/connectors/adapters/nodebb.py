"""A NodeBB forum in memory.

Shapes are those of the forum's published OpenAPI description (read and write API, version 4); refusals and the pages of
recent posts are as its source has them.
"""

import html
import json
import re
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, unquote, urlsplit

from connectors.items import Target

from .base import SECRET, START, Adapter, adapter

HOST = "nodebb.example"
USERS = {"desk": 5, "ana": 6, "eve": 7}


@adapter("nodebb")
class NodeBBAdapter(Adapter):
    settings = {"url": HOST, "searches": "kettle", "latest": True, "category": "2"}
    secrets = {"token": SECRET}
    handle = "@Ana"

    def __init__(self):
        self.topics, self.posts, self.rooms, self.notifications = {}, {}, {}, []
        self.requests, self.refuse = [], None
        self.flagged, self.banned = set(), set()
        #: whether we have a chat with everybody already
        self.acquainted = True
        self._made = 0
        self._sent = []

    # --- what happens there ---

    def _time(self, now):
        self._made += 1
        when = datetime.now(UTC) if now else START + timedelta(minutes=self._made)
        return int(when.timestamp() * 1000)

    @staticmethod
    def user(name):
        return {
            "uid": USERS[name], "username": name, "userslug": name, "displayname": name.title(), "picture": "/a.png",
            "icon:text": "A", "icon:bgColor": "#f44336", "followerCount": 3, "postcount": 9,
        }  # fmt: skip

    def topic(self, title):
        self._made += 1
        topic = {"tid": self._made + 500, "title": title, "slug": "a-topic", "cid": 2, "mainPid": 0, "posts": []}
        self.topics[topic["tid"]] = topic
        return topic

    def write(self, text, topic=None, user="ana", to=None, now=False):
        """Put a post into a topic and return it."""
        topic = topic or self.topic(f"Topic {self._made}")
        when = self._time(now)
        pid = self._made + 2000
        topic["mainPid"] = topic["mainPid"] or pid
        self.posts[pid] = {
            "pid": pid, "tid": topic["tid"], "toPid": to, "uid": USERS[user], "user": self.user(user),
            "timestamp": when,
            "content": "<p>" + text.replace("\n\n", "</p>\n<p>") + "</p>\n", "deleted": False, "upvotes": 2,
            "downvotes": 0, "replies": 0, "timestampISO": "x", "isMainPost": topic["mainPid"] == pid,
            "topic": {name: topic[name] for name in ("tid", "title", "slug", "cid", "mainPid")},
            "category": {"cid": 2, "name": "General"},
        }  # fmt: skip
        topic["posts"].append(pid)
        return self.posts[pid]

    def talk(self, text, user="ana", room=None, now=False):
        """Say something in a chat and return the message."""
        room = room or next(iter(self.rooms), 0) or 31
        when = self._time(now)
        message = {
            "messageId": self._made + 7000, "mid": self._made + 7000, "roomId": room, "content": f"<p>{text}</p>",
            "fromuid": USERS[user], "fromUser": self.user(user), "timestamp": when, "deleted": 0, "system": 0,
        }  # fmt: skip
        self.rooms.setdefault(room, []).append(message)
        return message

    def publish(self, number):
        found = []
        for turn in range(number):
            post = self.write(f"a kettle {turn}" if turn % 4 == 3 else f"post {turn}")
            if turn % 2 == 0:
                self.notifications.append(
                    {
                        "nid": f"new_post:tid:{post['tid']}:pid:{post['pid']}:uid:6",
                        "path": f"/post/{post['pid']}",
                        "bodyShort": "ana has posted a reply", "from": 6, "datetime": post["timestamp"],
                        "user": self.user("ana"), "read": False,
                    }
                )  # fmt: skip
            found.append(str(post["pid"]))
        return found

    def target(self):
        post = [one for one in self.posts.values() if one["uid"] != USERS["desk"]][-1]
        return Target(
            str(post["pid"]), HOST, "post", author_id="6", author_handle="@ana", identifiers={"topic": post["tid"]},
            conversation_id=f"topic/{post['tid']}",
        )  # fmt: skip

    def direct(self):
        message = self.talk("just between us")
        item = f"chats/{message['roomId']}/messages/{message['messageId']}"
        return Target(item, HOST, "message", "direct", author_id="6", identifiers={"room": message["roomId"]})

    def moderated(self, action):
        target = self.target()
        if action == "unhide":
            self.posts[int(target.external_id)]["deleted"] = True
        return target

    def sent(self):
        return list(self._sent)

    def edit(self):
        post = list(self.posts.values())[-1]
        post["content"] = "<p>changed</p>\n"
        return str(post["pid"]), "changed"

    def remove(self, external_id):
        if external_id.startswith("chats/"):
            self.rooms.clear()
            return
        post = self.posts.pop(int(external_id))
        self.topics[post["tid"]]["posts"].remove(post["pid"])

    # --- what it answers ---

    def answer(self, request):
        parts = urlsplit(request.url)
        query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        body = json.loads(request.body) if request.body else {}
        path = unquote(parts.path)
        self.requests.append((request.method, path, query, body))
        if self.refuse:
            status, message = self.refuse
            return self._no(status, message)
        if request.headers.get("Authorization") != f"Bearer {SECRET}":
            return self._no(401, "A valid login session was not found.")
        if path.startswith("/api/v3/"):
            steps = path.removeprefix("/api/v3/").split("/")
            return getattr(self, f"_{request.method.lower()}_{steps[0]}")(steps[1:], query, body)
        steps = path.removeprefix("/api/").split("/")
        return getattr(self, "_read_" + steps[0])(steps[1:], query)

    def _read_self(self, steps, query):
        return self._json(self.user("desk"))

    def _read_user(self, steps, query):
        name = steps[0]
        if name not in USERS:
            return self._json({"path": "/user/x", "title": "Not Found"}, 404)
        if steps[1:] == ["posts"]:
            found = [one for one in list(self.posts.values())[::-1] if one["uid"] == USERS[name]]
            return self._json({"posts": found[:20], "uid": USERS[name]})
        return self._json(self.user(name))

    def _read_notifications(self, steps, query):
        return self._json(self._page("notifications", self.notifications[::-1], query))

    @staticmethod
    def _page(name, entries, query):
        page = int(query.get("page", 1))
        last = max(-(-len(entries) // 20), 1)
        return {name: entries[(page - 1) * 20 : page * 20], "pagination": {"pageCount": last}, "pageCount": last}

    def _read_recent(self, steps, query):
        posts = list(self.posts.values())[::-1]
        page = self._page("posts", [one for one in posts if not one["deleted"]], query)["posts"]
        return self._json([{**one, "content": re.sub(r"<[^>]*>", "", one["content"])} for one in page])

    def _read_search(self, steps, query):
        found = [one for one in list(self.posts.values())[::-1] if query["term"] in one["content"]]
        return self._json({**self._page("posts", found, query), "matchCount": len(found)})

    def _read_topic(self, steps, query):
        topic = self.topics[int(steps[0])]
        posts = [{name: value for name, value in self.posts[one].items() if name != "topic"} for one in topic["posts"]]
        return self._json({**topic, **self._page("posts", posts, query)})

    def _read_categories(self, steps, query):
        below = {"cid": 4, "name": "Teapots", "children": []}
        return self._json({"categories": [{"cid": 2, "name": "General", "children": [below]}]})

    def _get_posts(self, steps, query, body):
        post = self.posts.get(int(steps[0]))
        return self._ok(post) if post else self._no(404, "Invalid Post ID")

    def _get_chats(self, steps, query, body):
        if not steps:
            rooms = [
                {
                    "roomId": room,
                    "teaser": {name: said[-1][name] for name in ("content", "timestamp", "fromuid")} if said else None,
                }
                for room, said in self.rooms.items()
            ]
            return self._ok({"rooms": rooms, "nextStart": 10})
        messages = self.rooms.get(int(steps[0]), [])
        if len(steps) == 3:
            found = [one for one in messages if str(one["messageId"]) == steps[2]]
            return self._ok(found[0]) if found else self._no(404, "Invalid Chat Message ID")
        start = int(query.get("start", 0))
        return self._ok({"messages": messages[::-1][start : start + 50][::-1]})

    def _get_users(self, steps, query, body):
        if self.acquainted:
            self.rooms.setdefault(31, [])
        room = 31 if 31 in self.rooms else 0
        return self._ok({"roomId": room}) if room else self._no(404, "Chat room does not exist")

    def _post_chats(self, steps, query, body):
        if not steps:
            self.rooms[31] = []
            return self._ok({"roomId": 31, "roomName": ""})
        message = self.talk(body["message"], "desk", int(steps[0]), now=True)
        return self._done(f"chats/{steps[0]}/messages/{message['messageId']}", body["message"], message)

    def _post_topics(self, steps, query, body):
        if not steps:
            topic = self.topic(body["title"])
            post = self.write(body["content"], topic, "desk", now=True)
            made = {name: value for name, value in topic.items() if name != "posts"}
            return self._done(str(post["pid"]), body["content"], {**made, "mainPost": post})
        topic = self.topics.get(int(steps[0]))
        if not topic:
            return self._no(404, "Topic does not exist")
        post = self.write(body["content"], topic, "desk", body["toPid"], now=True)
        made = {name: value for name, value in post.items() if name not in ("topic", "category")}
        return self._done(str(post["pid"]), body["content"], {**made, "index": len(topic["posts"])})

    def _done(self, external_id, content, made):
        self._sent.append((external_id, html.unescape(content)))
        if self.lose_answer:
            self.lose_answer = False
            return 500, {}, b""
        return self._ok(made)

    def _delete_posts(self, steps, query, body):
        if int(steps[0]) not in self.posts:
            return self._no(404, "Invalid Post ID")
        if steps[1:] == ["state"]:
            if self.posts[int(steps[0])]["deleted"]:
                return self._no(400, "This post has already been deleted")
            self.posts[int(steps[0])]["deleted"] = True
        else:
            self.remove(steps[0])
        return self._ok({})

    def _put_posts(self, steps, query, body):
        self.posts[int(steps[0])]["deleted"] = False
        return self._ok({})

    def _put_users(self, steps, query, body):
        self.banned.add(steps[0])
        return self._ok({})

    def _post_flags(self, steps, query, body):
        if body["id"] in self.flagged:
            return self._no(400, "You have already flagged this post")
        self.flagged.add(body["id"])
        return self._ok({"flagId": 1})

    def _ok(self, value):
        return self._json({"status": {"code": "ok", "message": "OK"}, "response": value})

    def _no(self, status, message):
        code = {400: "bad-request", 401: "not-authorised", 403: "forbidden", 404: "not-found"}.get(status, "other")
        return self._json({"status": {"code": code, "message": message}, "response": {}}, status)

    @staticmethod
    def _json(value, status=200):
        return status, {"Content-Type": "application/json; charset=utf-8"}, json.dumps(value).encode()
