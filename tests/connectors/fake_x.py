"""X in memory: answers as the published schema (PyPI xdk 0.10.6) and the reference pages of docs.x.com show them."""

import json
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

from connectors.x_items import id_at

#: When the first thing is published there.
START = datetime(2025, 3, 1, 8, tzinfo=UTC)
ME = "2244994945"
ANA = "1111111111"
NOT_FOUND = "https://api.x.com/2/problems/resource-not-found"


class FakeX:
    """The service; ``words`` says how it calls a post: "tweet", or "post" as in the newer schema."""

    def __init__(self, words="tweet"):
        self.words = words
        self.posts = {}
        self.mentions = []
        self.found = []
        self.messages = []
        self.hidden = set()
        self.muted = set()
        self.subscriptions = {}
        self.webhooks = {}
        self.sent = []
        self.requests = []
        self._minutes = 0

    # --- what happens there ---

    def _next_id(self, when=None):
        self._minutes += 1
        return str(id_at(when or START + timedelta(minutes=self._minutes)) + self._minutes)

    def post(self, text, author=ANA, when=None, **fields):
        """Return a new post, not yet in any list."""
        post_id = self._next_id(when)
        made = when or START + timedelta(minutes=self._minutes)
        post = {
            "id": post_id,
            "text": text,
            "author_id": author,
            "conversation_id": post_id,
            "created_at": made.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
            "lang": "en",
            "edit_history_tweet_ids": [post_id],
            "public_metrics": {
                "retweet_count": 1, "reply_count": 2, "like_count": 3, "quote_count": 4, "bookmark_count": 5,
                "impression_count": 60,
            },
            **fields,
        }  # fmt: skip
        self.posts[post_id] = post
        return post

    def event(self, text, sender=ANA, when=None):
        """Return a new direct message, in the list of them."""
        event = {
            "id": self._next_id(when), "event_type": "MessageCreate", "text": text, "sender_id": sender,
            "dm_conversation_id": f"{ANA}-{ME}",
            "created_at": (when or START + timedelta(minutes=self._minutes)).strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        }  # fmt: skip
        self.messages.append(event)
        return event

    @staticmethod
    def user(user_id):
        """Return a user."""
        name = {ME: "XDevelopers", ANA: "ana"}.get(user_id, f"user{user_id[-3:]}")
        return {
            "id": user_id, "name": name.title(), "username": name,
            "profile_image_url": "https://pbs.example/profile_images/1/x_normal.png",
            "public_metrics": {"followers_count": 120, "following_count": 3, "tweet_count": 45, "listed_count": 0},
        }  # fmt: skip

    # --- what it answers ---

    def __call__(self, request):
        """Answer a prepared request."""
        parts = urlsplit(request.url)
        query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        body = json.loads(request.body) if request.body and request.body[:1] in ("{", b"{") else {}
        self.requests.append((request.method, parts.path, query, body))
        status, answer = self._answer(request.method, parts.path, query, body)
        return status, {"Content-Type": "application/json"}, json.dumps(answer).encode()

    def _answer(self, method, path, query, body):
        steps = path.strip("/").split("/")
        if self.words == "post" and "tweet.fields" in query:
            detail = "The query parameter [tweet.fields] is not one of [id,post.fields]"
            return 400, {
                "title": "Invalid Request",
                "detail": detail,
                "type": "https://api.x.com/2/problems/invalid-request",
            }
        if path == "/oauth2/token":
            return 200, {"token_type": "bearer", "access_token": "app-only"}
        if path == "/2/users/me":
            return 200, {"data": self.user(ME)}
        if path.startswith("/2/users/by/username/"):
            if steps[-1].lower() == "ana":
                return 200, {"data": self.user(ANA)}
            return 200, {
                "errors": [{"type": NOT_FOUND, "title": "Not Found Error", "detail": "no", "value": steps[-1]}]
            }
        if path == f"/2/users/{ME}/mentions":
            return 200, self._page(self.mentions, query)
        if path == f"/2/users/{ME}/tweets":
            return 200, self._page([one for one in self.posts.values() if one["author_id"] == ME], query)
        if path == "/2/tweets/search/recent":
            asked = query["query"]
            if asked.startswith("conversation_id:"):
                root = asked.partition(":")[2]
                inside = [one for one in self.posts.values() if one["conversation_id"] == root and one["id"] != root]
                return 200, self._page(inside, query)
            return 200, self._page(self.found, query)
        if path == f"/2/users/{ME}/muting":
            self.muted.add(body["target_user_id"])
            return 200, {"data": {"muting": True}}
        if steps[1] in ("dm_events", "dm_conversations"):
            return self._direct(method, steps, query, body)
        if steps[1] in ("webhooks", "activity"):
            return self._hooks(method, steps, body)
        if path == "/2/tweets" and method == "POST":
            return self._create(body)
        if path == "/2/tweets":
            found = [self._shown(self.posts[one]) for one in query["ids"].split(",") if one in self.posts]
            return 200, self._with(found) if found else {"errors": [{"type": NOT_FOUND, "title": "Not Found Error"}]}
        if steps[1] == "tweets" and steps[-1] == "hidden":
            (self.hidden.add if body["hidden"] else self.hidden.discard)(steps[2])
            return 200, {"data": {"hidden": body["hidden"]}}
        if steps[1] == "tweets" and method == "DELETE":
            return 200, {"data": {"deleted": self.posts.pop(steps[2], None) is not None}}
        if steps[1] == "tweets" and steps[2] in self.posts:
            answer = self._with([self._shown(self.posts[steps[2]])])
            return 200, {**answer, "data": answer["data"][0]}
        return 200, {"errors": [{"type": NOT_FOUND, "title": "Not Found Error", "detail": "Could not find it."}]}

    def _direct(self, method, steps, query, body):
        if method == "POST":
            event = self.event(body["text"], ME, datetime.now(UTC))
            self.sent.append((event["id"], body["text"]))
            return 201, {"data": {"dm_conversation_id": event["dm_conversation_id"], "dm_event_id": event["id"]}}
        if steps[1] == "dm_events" and len(steps) == 3:
            found = [one for one in self.messages if one["id"] == steps[2]]
            if method == "DELETE":
                self.messages = [one for one in self.messages if one["id"] != steps[2]]
                return 200, {"data": {"deleted": True}}
            if not found:
                return 200, {"errors": [{"type": NOT_FOUND, "title": "Not Found Error"}]}
            return 200, {"data": found[0], "includes": {"users": [self.user(found[0]["sender_id"])]}}
        return 200, self._page(self.messages, query)

    def _create(self, body):
        when = datetime.now(UTC)
        answered = (body.get("reply") or {}).get("in_reply_to_tweet_id")
        if answered and answered not in self.posts:
            detail = "You attempted to reply to a Tweet that is deleted or not visible to you."
            return 403, {"detail": detail, "type": "about:blank", "title": "Forbidden", "status": 403}
        more = {}
        if answered:
            parent = self.posts[answered]
            more = {
                "conversation_id": parent["conversation_id"],
                "referenced_tweets": [{"type": "replied_to", "id": answered}],
                "in_reply_to_user_id": parent["author_id"],
            }
        text = body["text"].replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        post = self.post(text, ME, when, **more)
        self.sent.append((post["id"], body["text"]))
        return 201, {"data": {"id": post["id"], "text": text}}

    def _hooks(self, method, steps, body):
        if steps[1] == "webhooks":
            if method == "POST":
                self.webhooks["1976325569252868099"] = {"id": "1976325569252868099", "url": body["url"], "valid": True}
                return 200, {"data": self.webhooks["1976325569252868099"]}
            if method == "DELETE":
                del self.webhooks[steps[2]]
                return 200, {"data": {"deleted": True}}
            return 200, {"data": list(self.webhooks.values())}
        if method == "POST":
            number = str(len(self.subscriptions) + 1)
            self.subscriptions[number] = {**body, "subscription_id": number}
            return 200, {"data": {"subscription": self.subscriptions[number]}}
        if method == "DELETE":
            del self.subscriptions[steps[3]]
            return 200, {"data": {"deleted": True}}
        return 200, {"data": list(self.subscriptions.values())}

    def _shown(self, post):
        """Return a post in the words of this service."""
        if self.words == "tweet":
            return post
        renamed = {"edit_history_tweet_ids": "edit_history_post_ids", "referenced_tweets": "referenced_posts"}
        shown = {renamed.get(name, name): value for name, value in post.items()}
        metrics = dict(post["public_metrics"])
        return {**shown, "public_metrics": {"repost_count": metrics.pop("retweet_count"), **metrics}}

    def _with(self, entries):
        users = {entry.get("author_id") or entry.get("sender_id") for entry in entries}
        return {"data": entries, "includes": {"users": [self.user(one) for one in sorted(users)]}}

    def _page(self, entries, query):
        """Return a page of a list, newest first."""
        found = sorted(entries, key=lambda entry: int(entry["id"]), reverse=True)
        if "since_id" in query:
            found = [entry for entry in found if int(entry["id"]) > int(query["since_id"])]
        if "start_time" in query:
            found = [entry for entry in found if entry["created_at"] >= query["start_time"]]
        token = query.get("pagination_token") or query.get("next_token") or ""
        start = int(token[1:]) if token else 0
        size = int(query.get("max_results", 10))
        shown = found[start : start + size]
        meta = {"result_count": len(shown)}
        if start + size < len(found):
            meta["next_token"] = f"t{start + size}"
        if not shown:
            return {"meta": meta}
        return {
            **self._with([self._shown(one) if "text" in one and "author_id" in one else one for one in shown]),
            "meta": meta,
        }
