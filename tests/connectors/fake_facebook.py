"""A Facebook page in memory: fields of PyPI facebook-business, answers as the reference of the Pages API shows them."""

from datetime import UTC, datetime
from json import loads

from .fake_graph import FakeGraph, error

PAGE = "104567890123456"
ANA = "7654321098765432"


class FakeFacebook(FakeGraph):
    """One page, its posts, comments, recommendations and conversations."""

    def __init__(self):
        super().__init__()
        self.posts, self.tagged, self.ratings, self.talks = [], [], [], {}
        self.hidden, self.banned = set(), set()
        self.subscribed = {}

    @staticmethod
    def person(person_id=ANA):
        """Return who wrote something."""
        return {"id": person_id, "name": "Acme" if person_id == PAGE else "Ana"}

    def post(self, text, author=ANA, moment=None, where=None):
        """Return a new post in a list, that of the page unless told otherwise."""
        number, made = self.tick(moment)
        post = {
            "id": f"{PAGE}_{number}", "message": text, "from": self.person(author), "created_time": made,
            "permalink_url": f"https://www.facebook.com/{PAGE}/posts/{number}", "shares": {"count": 2},
            "reactions": {"data": [], "summary": {"total_count": 5}}, "all": [],
        }  # fmt: skip
        self.things[post["id"]] = post
        (self.posts if where is None else where).append(post)
        return post

    def comment(self, post, text, author=ANA, moment=None, parent=None):
        """Return a new comment on a post."""
        number, made = self.tick(moment)
        comment = {
            "id": f"{post['id'].partition('_')[2]}_{number}", "message": text, "from": self.person(author),
            "created_time": made, "like_count": 1, "comment_count": 0,
            "permalink_url": f"https://www.facebook.com/{PAGE}/posts/1?comment_id={number}",
        }  # fmt: skip
        if parent:
            comment["parent"] = {"id": parent}
        self.things[comment["id"]] = {**comment, "post": post["id"]}
        post["all"].append(comment)
        return comment

    def rating(self, text):
        """Return a new recommendation."""
        number, made = self.tick()
        story = {"id": f"{ANA}_{number}"}
        self.ratings.append(
            {
                "created_time": made, "recommendation_type": "positive", "review_text": text,
                "reviewer": self.person(), "open_graph_story": story,
            }
        )  # fmt: skip
        self.things[story["id"]] = {**story, "created_time": made, "from": self.person(), "message": text, "all": []}
        return story

    def message(self, text, person=ANA, author=None, moment=None):
        """Return a new message in the conversation with a person."""
        number, made = self.tick(moment)
        talk = self.talks.setdefault(person, {"id": f"t_{person}9", "all": []})
        author = author or person
        message = {
            "id": f"m_{number}", "message": text, "from": self.person(author), "created_time": made,
            "to": {"data": [self.person(person if author == PAGE else PAGE)]},
        }  # fmt: skip
        talk["all"].append(message)
        talk["updated_time"] = made
        self.things[message["id"]] = message
        return message

    # --- what it answers ---

    def shown(self, post):
        """Return a post with its newest comments."""
        comments = {**self.page(post["all"], {}), "summary": {"total_count": len(post["all"])}}
        return {**{name: value for name, value in post.items() if name != "all"}, "comments": comments}

    def answer(self, method, path, query):
        """See :meth:`FakeGraph.answer`."""
        first, edge = path[0] if path else "", path[1] if len(path) > 1 else ""
        if path == ["oauth", "access_token"]:
            return 200, {"access_token": "long-lived", "token_type": "bearer", "expires_in": 5183944}
        if path == ["me", "accounts"]:
            return 200, {"data": [{"id": PAGE, "name": "Acme", "access_token": "page-token"}]}
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
            return 200, {one: self.view(self.things[one]) for one in ids}
        if first == PAGE:
            return self.of_page(edge, query)
        if edge == "comments" and first in self.things:
            within = self.things[self.things[first].get("post", first)]["all"]
            within = [one for one in within if one["id"] in self.things]
            parents = [one for one in within if first in (one.get("parent", {}).get("id"), self.post_of(one))]
            return 200, self.page(parents, query)
        if edge == "messages":
            return 200, self.page(next(talk["all"] for talk in self.talks.values() if talk["id"] == first), query)
        if first == "acme.boots":
            return 200, {
                "id": "998",
                "name": "Acme Boots",
                "username": "acme.boots",
                "link": "https://www.facebook.com/b",
            }
        if first in self.things:
            return 200, self.view(self.things[first])
        return self.gone() if first.replace("_", "").isalnum() and "_" in first else (404, error(803))

    def post_of(self, comment):
        return self.things[comment["id"]]["post"]

    def view(self, thing):
        return self.shown(thing) if "all" in thing else {name: one for name, one in thing.items() if name != "post"}

    def of_page(self, edge, query):
        """Answer about the page."""
        if edge == "feed":
            answer = self.page(self.posts, query)
            return 200, {**answer, "data": [self.shown(post) for post in answer["data"]]}
        if edge == "tagged":
            answer = self.page(self.tagged, query)
            return 200, {**answer, "data": [self.shown(post) for post in answer["data"]]}
        if edge == "ratings":
            return 200, self.page(self.ratings, query)
        if edge == "conversations":
            talks = [talk for person, talk in self.talks.items() if query.get("user_id", person) == person]
            answer = self.page(talks, query)
            shown = [
                {"id": t["id"], "updated_time": t["updated_time"], "messages": self.page(t["all"], {})} for t in talks
            ]
            return 200, {
                **answer,
                "data": [one for one in shown if one["id"] in {talk["id"] for talk in answer["data"]}],
            }
        return 200, {
            "id": PAGE, "name": "Acme", "link": f"https://www.facebook.com/{PAGE}", "followers_count": 120,
            "fan_count": 100, "overall_star_rating": 4.5,
        }  # fmt: skip

    def create(self, first, edge, query):
        """Do what is asked for."""
        now = datetime.now(UTC)
        if edge == "feed":
            made = self.post(query["message"], PAGE, now)
        elif edge == "messages":
            to = loads(query["recipient"])
            thing = self.things.get(to.get("comment_id") or to.get("post_id"))
            if "id" not in to and not thing:
                return self.gone()
            person = to.get("id") or thing["from"]["id"]
            made = self.message(loads(query["message"])["text"], person, PAGE, now)
            self.sent.append((made["id"], made["message"]))
            return 200, {"recipient_id": person, "message_id": made["id"]}
        elif edge == "blocked":
            self.banned |= set(loads(query["psid"]))
            return 200, dict.fromkeys(self.banned, True)
        elif first not in self.things:
            return self.gone()
        elif edge == "comments":
            target = self.things[first]
            post = self.things[target.get("post", first)]
            made = self.comment(post, query["message"], PAGE, now, first if "post" in target else None)
        else:
            (self.hidden.add if query["is_hidden"] == "true" else self.hidden.discard)(first)
            return 200, {"success": True}
        self.sent.append((made["id"], made["message"]))
        return 200, {"id": made["id"]}
