"""Threads in memory: answers as in the collection of Meta's sample app (github.com/fbsamples/threads_api)."""

from datetime import UTC, datetime

from .fake_graph import FakeGraph

ME = "314216"


class FakeThreads(FakeGraph):
    """One account, its posts, the replies, mentions and what searches find."""

    time = "timestamp"

    def __init__(self):
        super().__init__()
        self.threads, self.replies, self.mentions, self.found = [], [], [], []
        self.hidden = set()
        self.containers = {}

    def post(self, text, username="ana", moment=None, parent=None):
        """Return a new post or reply, not yet in any list of others' posts."""
        number, made = self.tick(moment)
        post = {
            "id": f"179{number:014d}", "media_product_type": "THREADS", "media_type": "TEXT_POST", "text": text,
            "permalink": f"https://www.threads.net/@{username}/post/{number}", "username": username, "timestamp": made,
            "shortcode": f"s{number}", "is_quote_post": False, "has_replies": False,
        }  # fmt: skip
        if parent:
            root = self.things[parent].get("root_post", {"id": parent})
            post.update(is_reply=True, root_post=root, replied_to={"id": parent})
            self.things[root["id"]]["has_replies"] = True
        self.things[post["id"]] = post
        if username == "acme":
            (self.replies if parent else self.threads).append(post)
        return post

    def answer(self, method, path, query):
        """See :meth:`FakeGraph.answer`."""
        if path[-1:] in (["access_token"], ["refresh_access_token"]) or not path:
            return 200, {"access_token": "lasting", "token_type": "bearer", "expires_in": 5184000}
        first, edge = path[0], path[1] if len(path) > 1 else ""
        if method == "POST":
            return self.create(first, edge, query)
        if method == "DELETE":
            return (200, {"success": True, "deleted_id": first}) if self.things.pop(first, None) else self.gone()
        if first == "profile_lookup":
            known = {
                "username": "ana",
                "name": "Ana",
                "follower_count": 1200,
                "profile_picture_url": "https://c.example/a",
            }
            return (200, known) if query["username"] == "ana" else self.gone()
        if first == "keyword_search":
            return 200, self.page(self.found, query)
        if first == "me":
            lists = {"mentions": self.mentions, "threads": self.threads, "replies": self.replies}
            if edge in lists:
                return 200, self.page(lists[edge], query)
            if edge == "threads_insights":
                days = [{"value": 30, "end_time": "2025-03-01T07:00:00+0000"}, {"value": 40}]
                followers = {"name": "followers_count", "period": "day", "total_value": {"value": 120}}
                return 200, {"data": [{"name": "views", "period": "day", "values": days}, followers]}
            return 200, {"id": ME, "username": "acme", "name": "Acme"}
        if first not in self.things:
            return self.gone()
        if edge == "conversation":
            inside = [one for one in self.things.values() if one.get("root_post", {}).get("id") == first]
            return 200, self.page(inside, query)
        if edge == "insights":
            names = query["metric"].split(",")
            return 200, {"data": [{"name": one, "values": [{"value": len(one)}]} for one in names]}
        return 200, self.things[first]

    def create(self, first, edge, query):
        """Do what is asked for."""
        if edge == "manage_reply":
            (self.hidden.add if query["hide"] == "true" else self.hidden.discard)(first)
            return 200, {"success": True}
        if edge == "threads":
            if query.get("reply_to_id") and query["reply_to_id"] not in self.things:
                return self.gone()
            number, _made = self.tick()
            self.containers[f"180{number}"] = query
            return 200, {"id": f"180{number}"}
        made = self.containers.pop(query["creation_id"])
        post = self.post(made["text"], "acme", datetime.now(UTC), made.get("reply_to_id"))
        self.sent.append((post["id"], post["text"]))
        return 200, {"id": post["id"]}
