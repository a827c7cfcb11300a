"""A Discourse forum in memory.

Shapes are those of the forum's published OpenAPI description (posts, topics, notifications, search, users); refusals,
the stretches of the latest posts and webhooks are as its source has them.
"""

import hashlib
import hmac
import html
import json
import re
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, unquote, urlsplit

from connectors.items import Target
from tests.connectors.forms import parse_form

from .base import SECRET, START, Adapter, adapter

HOST = "forum.example"
USERS = {"desk": 5, "ana": 6, "eve": 7}
MENTIONED, REPLIED, LIKED, PRIVATE = 1, 2, 5, 6


@adapter("discourse")
class DiscourseAdapter(Adapter):
    settings = {"url": HOST, "username": "desk", "searches": "kettle", "latest": True}
    secrets = {"api_key": SECRET, "webhook_secret": SECRET}
    handle = "@Ana"
    signed = ("x-discourse-event-signature",)

    def __init__(self):
        self.topics, self.posts, self.notifications = {}, {}, []
        self.requests = []
        self.refuse = None
        self.suspended = set()
        self._made = 0
        self._sent = []
        self.uploads = {}

    # --- what happens there ---

    def topic(self, title, archetype="regular", external_id=""):
        self._made += 1
        topic = {
            "id": self._made + 500,
            "title": title,
            "archetype": archetype,
            "external_id": external_id,
            "posts": [],
        }
        self.topics[topic["id"]] = topic
        return topic

    def write(self, text, topic=None, user="ana", now=False, answers=None, **fields):
        """Put a post into a topic and return it."""
        topic = topic or self.topic(f"Topic {self._made}")
        self._made += 1
        when = datetime.now(UTC) if now else START + timedelta(minutes=self._made)
        stamp = when.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        post = {
            "id": self._made * 2 + 100, "name": user.title(), "username": user, "user_id": USERS[user],
            "avatar_template": f"/user_avatar/{HOST}/{user}/{{size}}/3_2.png", "created_at": stamp, "updated_at": stamp,
            "cooked": "<p>" + text.replace("\n\n", "</p>\n<p>") + "</p>", "raw": text, "post_type": 1, "version": 1,
            "post_number": len(topic["posts"]) + 1, "reply_count": 0, "reply_to_post_number": answers, "reads": 3,
            "quote_count": 0, "yours": user == "desk", "topic_id": topic["id"], "topic_slug": "a-topic",
            "actions_summary": [{"id": 2, "count": 4}, {"id": 4, "can_act": True}], "hidden": False, "trust_level": 1,
            "deleted_at": None, "user_deleted": False, "admin": False, "moderator": False, **fields,
        }  # fmt: skip
        self.posts[post["id"]] = post
        topic["posts"].append(post["id"])
        return post

    def notify(self, post, kind=MENTIONED):
        """Tell our user of a post."""
        data = {"topic_title": "T", "original_post_id": post["id"], "original_username": post["username"]}
        self.notifications.append(
            {
                "id": len(self.notifications) + 9001, "user_id": 5, "notification_type": kind, "read": False,
                "created_at": post["created_at"], "post_number": post["post_number"], "topic_id": post["topic_id"],
                "slug": "a-topic", "data": data,
            }
        )  # fmt: skip

    def publish(self, number):
        found = []
        for turn in range(number):
            post = self.write(f"a kettle {turn}" if turn % 4 == 3 else f"post {turn}")
            if turn % 2 == 0:
                self.notify(post)
            found.append(str(post["id"]))
        return found

    def _target(self, post, direct=False):
        identifiers = {"topic": post["topic_id"], "number": post["post_number"], **({"direct": True} if direct else {})}
        return Target(
            str(post["id"]), HOST, "message" if direct else "post", "direct" if direct else "public", author_id="6",
            author_handle="@ana", conversation_id=f"t/{post['topic_id']}", identifiers=identifiers,
        )  # fmt: skip

    def target(self):
        return self._target(self.posts[max(one for one, post in self.posts.items() if post["username"] != "desk")])

    def direct(self):
        return self._target(self.write("just between us", self.topic("Psst", "private_message")), True)

    def sent(self):
        return list(self._sent)

    def edit(self):
        post = self.posts[max(self.posts)]
        post |= {"cooked": "<p>changed</p>", "raw": "changed", "version": 2}
        return str(post["id"]), "changed"

    def remove(self, external_id):
        post = self.posts.pop(int(external_id))
        self.topics[post["topic_id"]]["posts"].remove(post["id"])

    # --- what it delivers ---

    def push(self, content, now):
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        return {
            "x-discourse-event-type": "post", "x-discourse-event": "post_created", "x-discourse-event-id": "12",
            "x-discourse-event-signature": "sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest(),
        }, body  # fmt: skip

    def message(self, number):
        post = self.write("hello", topic_title="Hello", topic_archetype="regular", category_id=1)
        return {"post": post}, [str(post["id"])]

    # --- what it answers ---

    def answer(self, request):
        parts = urlsplit(request.url)
        query = parse_qs(parts.query)
        form = request.headers.get("Content-Type", "").startswith("multipart/")
        body = parse_form(request) if form else json.loads(request.body) if request.body else {}
        path = unquote(parts.path)
        self.requests.append((request.method, path, query, body))
        if self.refuse:
            status, said, headers = self.refuse
            return self._json(said, status, headers)
        if request.headers.get("Api-Key") != SECRET:
            said = {"errors": ["The API username or key is invalid."], "error_type": "invalid_access"}
            return self._json(said, 403)
        steps = path.removesuffix(".json").strip("/").split("/")
        name = {"private-posts": "private"}.get(steps[0], steps[0])
        return getattr(self, f"_{request.method.lower()}_{name}")(steps[1:], query, body)

    def _get_notifications(self, steps, query, body):
        offset, limit = int(query.get("offset", ["0"])[0]), int(query["limit"][0])
        shown = self.notifications[::-1][offset : offset + limit]
        return self._json({"notifications": shown, "total_rows_notifications": len(self.notifications)})

    def _latest(self, query, archetype):
        posts = [one for one in self.posts.values() if self.topics[one["topic_id"]]["archetype"] == archetype]
        before = int(query.get("before", [max(self.posts, default=0)])[0])
        found = [one for one in posts if before - 50 < one["id"] <= before]
        for post in found:
            topic = self.topics[post["topic_id"]]
            post = {**post, "topic_title": topic["title"], "category_id": 1}
            yield post

    def _newest(self, query, archetype):
        found = list(self._latest(query, archetype))
        if "before" not in query:
            posts = [one for one in self.posts.values() if self.topics[one["topic_id"]]["archetype"] == archetype]
            found = posts[-50:]
            found = [{**one, "topic_title": self.topics[one["topic_id"]]["title"]} for one in found]
        return sorted(found, key=lambda one: -one["id"])

    def _get_posts(self, steps, query, body):
        if not steps:
            return self._json({"latest_posts": self._newest(query, "regular")})
        post = self.posts.get(int(steps[0]))
        return self._json(post) if post else self._missing()

    def _get_private(self, steps, query, body):
        return self._json({"private_posts": self._newest(query, "private_message")})

    def _get_search(self, steps, query, body):
        words, page = query["q"][0].removesuffix(" order:latest"), int(query.get("page", ["1"])[0])
        found = [one for one in list(self.posts.values())[::-1] if words in one["raw"]]
        found = [one for one in found if self.topics[one["topic_id"]]["archetype"] == "regular"]
        names = ("id", "name", "username", "avatar_template", "created_at", "post_number", "topic_id")
        shown = [{name: one[name] for name in names} | {"blurb": one["raw"][:9]} for one in found]
        topics = [self.topics[one] for one in dict.fromkeys(post["topic_id"] for post in found)]
        topics = [{"id": one["id"], "title": one["title"], "slug": "a-topic"} for one in topics]
        more = {"more_full_page_results": True if len(shown) > page * 50 else None, "post_ids": []}
        return self._json(
            {"posts": shown[(page - 1) * 50 : page * 50], "topics": topics, "grouped_search_result": more}
        )

    def _get_t(self, steps, query, body):
        if steps[0] == "external_id":
            topics = [one for one in self.topics.values() if one["external_id"] == steps[1]]
            topic = topics[0] if topics else None
        else:
            topic = self.topics.get(int(steps[0]))
        if not topic or not topic["posts"]:
            return self._missing()
        numbers = topic["posts"][:20]
        if steps[1:] == ["posts"]:
            numbers = [int(one) for one in query["post_ids[]"] if int(one) in topic["posts"]]
        stream = {"posts": [self.posts[one] for one in numbers], "stream": topic["posts"]}
        about = {"id": topic["id"], "title": topic["title"], "archetype": topic["archetype"], "slug": "a-topic"}
        return self._json({**about, "post_stream": stream})

    def _get_u(self, steps, query, body):
        name = steps[0].lower()
        if name not in USERS:
            return self._missing()
        user = {"id": USERS[name], "username": name, "name": name.title(), "avatar_template": "/a/{size}.png"}
        return self._json({"user": user, "user_badges": []})

    def _get_categories(self, steps, query, body):
        below = {"id": 4, "name": "Teapots"}
        kinds = [{"id": 3, "name": "Kettles", "subcategory_list": [below]}, {"id": "x"}]
        return self._json({"category_list": {"categories": kinds}})

    def _get_admin(self, steps, query, body):
        gone = steps[1] in self.suspended
        return self._json({"id": int(steps[1]), "suspended_till": "3000-01-01T00:00:00.000Z" if gone else None})

    def _put_admin(self, steps, query, body):
        self.suspended.add(steps[1])
        return self._json({"suspension": {"suspended_till": body["suspend_until"]}})

    def _delete_posts(self, steps, query, body):
        if int(steps[0]) not in self.posts:
            return self._missing()
        self.remove(steps[0])
        return 200, {}, b""

    def _post_post_actions(self, steps, query, body):
        post = self.posts[body["id"]]
        post["actions_summary"] = [*post["actions_summary"], {"id": body["post_action_type_id"], "acted": True}]
        return self._json(post)

    def _post_uploads(self, steps, query, body):
        name, _kind, data = body["file"]
        short = f"{hashlib.sha1(data, usedforsecurity=False).hexdigest()[:27]}.{name.rpartition('.')[2]}"
        self.uploads[short] = data
        return self._json({"id": 7, "original_filename": name, "filesize": len(data), "short_url": f"upload://{short}"})

    def files(self):
        raw = self.posts[int(self._sent[-1][0])]["raw"]
        found = re.findall(r"!\[([^\]]*)\]\(upload://([\w.]+)\)", raw)
        return [(self.uploads[short], alt) for alt, short in found]

    def _post_posts(self, steps, query, body):
        if "topic_id" in body:
            topic = self.topics.get(body["topic_id"])
            if not topic:
                return self._json({"errors": ["Not found"], "error_type": "not_found"}, 404)
        else:
            topic = self.topic(body["title"], body.get("archetype", "regular"), body["external_id"])
        cooked = html.unescape(body["raw"])
        post = self.write(body["raw"], topic, "desk", now=True, answers=body.get("reply_to_post_number"))
        self._sent.append((str(post["id"]), cooked))
        if self.lose_answer:
            self.lose_answer = False
            return 500, {}, b""
        return self._json(post)

    def _missing(self):
        said = {"errors": ["The requested URL or resource could not be found."], "error_type": "not_found"}
        return self._json(said, 404)

    @staticmethod
    def _json(value, status=200, headers=None):
        return (
            status,
            {"Content-Type": "application/json; charset=utf-8", **(headers or {})},
            json.dumps(value).encode(),
        )
