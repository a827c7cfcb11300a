"""Hacker News in memory, with its search service.

Answers are shaped as https://hn.algolia.com/api and https://github.com/HackerNews/API document them.
"""

import json
import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

from .base import START, Adapter, adapter

WORDS = ("acme", "boots", "warm socks")


@adapter("hackernews")
class HackerNewsAdapter(Adapter):
    settings = {"searches": "\n".join(WORDS), "search_topics": False, "username": "acme_desk"}

    def __init__(self):
        self.things = {}
        self.users = {"acme_desk", "ana"}
        self.requests = []
        #: a whole answer instead of the usual ones
        self.instead = None

    def add(self, text="about acme", by="ana", **fields):
        """Put a story or a comment (with ``parent``) there; two of them share each second."""
        number = 38_000_000 + len(self.things)
        story = fields.get("parent")
        while story and self.things[story].get("parent"):
            story = self.things[story]["parent"]
        moment = START + timedelta(seconds=len(self.things) // 2)
        kind = "comment" if fields.get("parent") else "story"
        self.things[number] = {
            "id": number, "by": by, "time": int(moment.timestamp()), "text": f"<p>{text}", "type": kind,
            "story_id": story, **({} if fields.get("parent") else {"title": f"Story {number}"}), **fields,
        }  # fmt: skip
        return str(number)

    def publish(self, number):
        return [self.add(f"thing {turn} about {WORDS[turn % len(WORDS)]}") for turn in range(number)]

    def answer(self, request):
        self.requests.append(request)
        if self.instead:
            return self.instead
        parts = urlsplit(request.url)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        place, _slash, name = parts.path.removeprefix("/api/v1/").removeprefix("/v0/").partition("/")
        if parts.hostname == "hn.algolia.com":
            found = self.search(query) if place == "search_by_date" else self.tree(int(name))
        elif place == "maxitem.json":
            found = max(self.things, default=1)
        elif place == "user":
            name = name.removesuffix(".json")
            found = {"id": name, "created": 1173923446, "karma": 7} if name in self.users else None
        else:
            found = self.things.get(int(name.removesuffix(".json")))
        status = 404 if found is None and parts.hostname == "hn.algolia.com" else 200
        return status, {"Content-Type": "application/json"}, json.dumps(found).encode()

    def search(self, query):
        author = re.search(r"author_(\w+)", query["tags"])
        bounds = dict(re.findall(r"created_at_i([<>])(\d+)", query.get("numericFilters", "")))
        hits = [
            self.hit(thing)
            for thing in self.things.values()
            if (thing["by"] == author.group(1) if author else query.get("query", "") in thing["text"])
            and thing["time"] < int(bounds.get("<", 10**11)) and thing["time"] > int(bounds.get(">", 0))
            and not thing.get("deleted")
        ]  # fmt: skip
        hits.sort(key=lambda hit: hit["created_at_i"], reverse=True)
        size = int(query["hitsPerPage"])
        return {"hits": hits[:size], "nbHits": len(hits), "page": 0, "nbPages": 1, "hitsPerPage": size}

    @staticmethod
    def hit(thing):
        comment = thing["type"] == "comment"
        return {
            "objectID": str(thing["id"]), "author": thing["by"], "created_at_i": thing["time"],
            "created_at": "2025-03-01T08:00:00Z", "title": thing.get("title"), "url": thing.get("url"),
            "points": None if comment else 3, "num_comments": None if comment else 2,
            "story_id": thing["story_id"] or thing["id"], "parent_id": thing.get("parent"),
            "comment_text": thing["text"] if comment else None, "story_text": None if comment else thing["text"],
            "_tags": [thing["type"], f"author_{thing['by']}"], "_highlightResult": {"author": {"value": thing["by"]}},
        }  # fmt: skip

    def tree(self, number):
        thing = self.things.get(number)
        return thing and {
            "id": number, "author": thing["by"], "created_at_i": thing["time"], "text": thing["text"],
            "title": thing.get("title"), "url": thing.get("url"), "points": 3, "parent_id": thing.get("parent"),
            "story_id": thing["story_id"] or number, "type": thing["type"],
            "children": [self.tree(child["id"]) for child in self.things.values() if child.get("parent") == number],
        }  # fmt: skip
