"""Reddit in memory.  Every thing is made from a recorded one of its kind; see data/reddit/ORIGIN."""

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from connectors.items import Target

from .base import SECRET, START, Adapter, adapter

RECORDED = Path(__file__).parent.parent / "data" / "reddit"
ME = "acme_desk"


def recorded(name):
    """Return the recorded body ``name``."""
    return json.loads((RECORDED / f"{name}.json").read_text())["body"]


def limits(name="reply"):
    """Return the recorded headers about limits."""
    return json.loads((RECORDED / f"{name}.json").read_text())["headers"]


SHAPES = {
    "t1": recorded("reply")["json"]["data"]["things"][0]["data"] | {"permalink": "/r/boots/comments/abc/x/def/"},
    "mention": recorded("mentions")["data"]["children"][0]["data"],
    "t3": recorded("search")["data"]["children"][0]["data"],
    "t4": recorded("messages")["data"]["children"][0]["data"],
}


@adapter("reddit")
class RedditAdapter(Adapter):
    settings = {"username": ME, "client_id": "an-app", "communities": "r/boots", "searches": "socks",
                "search_topics": False}  # fmt: skip
    secrets = {"access_token": SECRET, "refresh_token": SECRET, "client_secret": SECRET}

    def __init__(self):
        self.things = {}
        self.inbox, self.written = [], []
        self.requests = []
        self.done = []
        #: an error as Reddit gives it, for the next thing that is to be done
        self.problem = None

    # --- what happens there ---

    def add(self, shape, text="words", author="ana", **fields):
        """Put a thing there and return it."""
        kind = shape if shape in ("t3", "t4") else "t1"
        number = f"{46656 + len(self.things):x}"
        made = fields.pop("made", None) or (START + timedelta(seconds=len(self.things) // 2)).timestamp()
        thing = SHAPES[shape] | {
            "id": number, "name": f"{kind}_{number}", "author": author, "created_utc": float(made), "edited": False,
            "replies": "", **({"selftext": text, "is_self": True} if kind == "t3" else {"body": text}), **fields,
        }  # fmt: skip
        self.things[thing["name"]] = thing
        return thing

    def publish(self, number):
        names = []
        for turn in range(number):
            where = turn % 4
            if where == 0:
                thing = self.add("mention", f"hello u/{ME} {turn}")
                self.inbox.append(thing["name"])
            elif where == 1:
                thing = self.add("t3", f"post {turn}", title="Our boots", subreddit="boots")
            elif where == 2:
                thing = self.add("t1", f"comment {turn}", subreddit="boots")
            else:
                thing = self.add("t3", f"about socks {turn}", subreddit="other")
            names.append(thing["name"])
        return names

    def _target(self, thing):
        direct = thing["name"].startswith("t4")
        return Target(
            thing["name"], "", "message" if direct else "comment", "direct" if direct else "public", text="x",
            author_id=thing["author"], author_handle=f"u/{thing['author']}", identifiers={"subreddit": "boots"},
        )  # fmt: skip

    def target(self):
        return self._target([thing for thing in self.things.values() if thing["author"] != ME][-1])

    def direct(self):
        thing = self.add("t4", "psst", subject="A question")
        self.inbox.append(thing["name"])
        return self._target(thing)

    def sent(self):
        return list(self.written)

    def remove(self, external_id):
        thing = self.things[external_id]
        thing |= {"author": "[deleted]", "selftext" if external_id.startswith("t3") else "body": "[deleted]"}

    def edit(self):
        thing = list(self.things.values())[-1]
        thing |= {"selftext" if thing["name"].startswith("t3") else "body": "other words", "edited": 1740900000.0}
        return thing["name"], "other words"

    # --- the API ---

    def answer(self, request):
        self.requests.append(request)
        parts = urlsplit(request.url)
        given = parts.query if request.method == "GET" else request.body
        query = {name: values[0] for name, values in parse_qs(given, keep_blank_values=True).items()}
        if request.headers.get("Authorization") != f"bearer {SECRET}":
            return 401, {}, b'{"message": "Unauthorized", "error": 401}'
        found = self.do(parts.path, query) if request.method == "POST" else self.read(parts.path, query)
        status = 404 if found is None else 200
        if self.lose_answer and request.method == "POST":
            self.lose_answer, status, found = False, 500, {}
        return status, {"Content-Type": "application/json; charset=UTF-8", **limits()}, json.dumps(found).encode()

    def read(self, path, query):
        if path == "/api/v1/me":
            return recorded("me")
        if path == "/api/info":
            wanted = query["id"].split(",")
            return self.listing([self.things[name] for name in wanted if name in self.things], {})
        if about := re.fullmatch(r"/user/(\w[\w-]*)/about", path):
            return recorded("about") if about.group(1) == "ana" else None
        if message := re.fullmatch(r"/message/messages/(\w+)", path):
            name = f"t4_{message.group(1)}"
            return self.listing([self.things[name]], {}) if name in self.things else None
        if thread := re.fullmatch(r"/comments/(\w+)", path):
            link = self.things[f"t3_{thread.group(1)}"]
            return [self.listing([link], {}), self.listing(self.below(link["name"]), {})]
        newest = sorted(self.things.values(), key=lambda thing: -thing["created_utc"])
        mine = [thing for thing in newest if thing["author"] == ME]
        if path == "/message/inbox":
            return self.listing([thing for thing in newest if thing["name"] in self.inbox], query)
        if path == "/message/sent":
            return self.listing([thing for thing in mine if thing["name"].startswith("t4")], query)
        if path.startswith(f"/user/{ME}/"):
            kinds = {"overview": ("t1", "t3"), "comments": ("t1",), "submitted": ("t3",)}[path.rpartition("/")[2]]
            return self.listing([thing for thing in mine if thing["name"].startswith(kinds)], query)
        if path.endswith("/search"):
            return self.listing([t for t in newest if t["name"][:2] == "t3" and query["q"] in t["selftext"]], query)
        kind = "t3" if path.endswith("/new") else "t1"
        boots = [t for t in newest if t["name"][:2] == kind and t["subreddit"] == "boots" and t["author"] != ME]
        return self.listing([thing for thing in boots if thing["name"] not in self.inbox], query)

    def below(self, name):
        found = [thing for thing in self.things.values() if thing.get("parent_id") == name]
        return [{**thing, "replies": self.listing(self.below(thing["name"]), {})} for thing in found]

    @staticmethod
    def listing(things, query):
        names = [thing["name"] for thing in things]
        start = names.index(query["after"]) + 1 if query.get("after") in names else 0
        page = things[start : start + int(query.get("limit", 100))]
        after = page[-1]["name"] if page and start + len(page) < len(things) else None
        children = [{"kind": thing["name"][:2], "data": thing} for thing in page]
        return {"kind": "Listing", "data": {"after": after, "dist": len(page), "children": children, "before": None}}

    def do(self, path, query):
        if self.problem:
            return {"json": {"errors": [self.problem]}}
        self.done.append((path, query))
        now = datetime.now(UTC).timestamp()
        if path == "/api/comment":
            above = self.things[query["thing_id"]]
            if above["author"] == "[deleted]":
                return {"json": {"errors": [["DELETED_COMMENT", "that comment has been deleted", "parent"]]}}
            shape = "t4" if query["thing_id"].startswith("t4") else "t1"
            thing = self.add(shape, query["text"], ME, made=now, parent_id=above["name"])
            self.written.append((thing["name"], query["text"]))
            return {"json": {"errors": [], "data": {"things": [{"kind": shape, "data": thing}]}}}
        if path == "/api/compose":
            thing = self.add("t4", query["text"], ME, made=now, dest=query["to"], subject=query["subject"])
            self.written.append((thing["name"], query["text"]))
            return {"json": {"errors": []}}
        if path == "/api/submit":
            thing = self.add("t3", query["text"], ME, made=now, title=query["title"], subreddit=query["sr"])
            self.written.append((thing["name"], query["text"]))
            answer = recorded("submit")
            answer["json"]["data"] |= {"id": thing["id"], "name": thing["name"]}
            return answer
        return {"json": {"errors": []}} if path in ("/api/report",) or path.endswith("/friend") else {}
