"""A site of Stack Exchange in memory.

Answers are shaped as https://api.stackexchange.com/docs documents them: the wrapper, and the types question, answer,
comment, user and inbox_item.
"""

import html
import json
import re
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

from connectors.items import Target

from .base import SECRET, START, Adapter, adapter

HOST = "https://stackoverflow.com"
ME = 7


@adapter("stackexchange")
class StackExchangeAdapter(Adapter):
    settings = {"site": "stackoverflow.com", "tags": "acme", "searches": "boots", "app_key": "a-key"}
    secrets = {"access_token": SECRET, "client_secret": SECRET}

    def __init__(self):
        self.things = {"question": {}, "answer": {}, "comment": {}}
        self.inbox = []
        self.written = []
        self.requests = []
        self.wrapper = {}
        #: (error number, its message) instead of doing anything
        self.error = None
        self.users = {ME: "Desk", 1: "ana"}

    # --- what happens there ---

    def moment(self):
        """Return the next second; two things share each."""
        number = sum(len(things) for things in self.things.values())
        return int((START + timedelta(seconds=number // 2)).timestamp())

    def add(self, kind, text, by=1, **fields):
        """Put a thing there and return it."""
        number = 70_000_000 + sum(len(things) for things in self.things.values())
        made = fields.pop("made", None) or self.moment()
        thing = {
            f"{kind}_id": number, "owner": self.owner(by), "creation_date": made, "score": 2,
            "content_license": "CC BY-SA 4.0", "body": f"<p>{html.escape(text, quote=False)}</p>", **fields,
        }  # fmt: skip
        if kind == "question":
            thing |= {"title": f"Question &quot;{number}&quot;", "tags": ["acme"], "last_activity_date": made,
                      "link": f"{HOST}/questions/{number}/x", "view_count": 9, "answer_count": 0} | fields  # fmt: skip
        self.things[kind][number] = thing
        return thing

    def owner(self, number):
        return {"user_id": number, "account_id": number + 100, "user_type": "registered", "reputation": 5,
                "display_name": self.users[number], "link": f"{HOST}/users/{number}/x",
                "profile_image": f"https://i.example/{number}.png"}  # fmt: skip

    def tell(self, thing, kind="comment"):
        """Put a comment or an answer into our inbox."""
        self.inbox.append({
            "item_type": "comment" if kind == "comment" else "new_answer", "is_unread": True, "title": "A question",
            "creation_date": thing["creation_date"], "link": f"{HOST}/posts/comments/{thing[f'{kind}_id']}",
            "body": "the beginn", f"{kind}_id": thing[f"{kind}_id"], "question_id": 70_000_000,
        })  # fmt: skip

    def publish(self, number):
        ids = []
        for turn in range(number):
            if turn % 3 == 0:
                thing = self.add("comment", f"comment {turn}", post_id=70_000_000)
                self.tell(thing)
                ids.append(f"c{thing['comment_id']}")
            else:
                tags = ["acme"] if turn % 3 == 1 else ["other"]
                thing = self.add("question", f"question {turn} {'' if turn % 3 == 1 else 'boots'}", tags=tags)
                ids.append(str(thing["question_id"]))
        return ids

    def target(self):
        thing = list(self.things["question"].values())[-1]
        number = str(thing["question_id"])
        return Target(number, "stackoverflow", "post", text="x", author_id="1", conversation_id=number,
                      identifiers={"id": number, "type": "question", "question_id": number})  # fmt: skip

    def sent(self):
        return list(self.written)

    def remove(self, external_id):
        self.things["comment" if external_id.startswith("c") else "question"].pop(int(external_id.lstrip("c")))

    def edit(self):
        thing = list(self.things["question"].values())[-1]
        thing |= {"body": "<p>other words</p>", "last_edit_date": self.moment() + 5}
        thing["last_activity_date"] = thing["last_edit_date"]
        return str(thing["question_id"]), "other words"

    # --- the API ---

    def answer(self, request):
        self.requests.append(request)
        parts = urlsplit(request.url)
        given = parts.query if request.method == "GET" else request.body
        query = {name: values[0] for name, values in parse_qs(given, keep_blank_values=True).items()}
        status, found = 200, None
        try:
            if self.error:
                raise LookupError(self.error)
            if query.get("site") != "stackoverflow":
                raise LookupError((400, "No site found for name"))
            path = parts.path.removeprefix("/2.3/")
            found = self.write(path, query) if request.method == "POST" else self.read(path, query)
            found = {"items": found[0], "has_more": found[1], "quota_max": 10000, "quota_remaining": 9000}
            found |= self.wrapper
        except LookupError as error:
            number, message = error.args[0]
            status, found = 400, {"error_id": number, "error_message": message, "error_name": "x"}
        if self.lose_answer and request.method == "POST":
            self.lose_answer = False
            status, found = 500, {}
        return status, {"Content-Type": "application/json; charset=utf-8"}, json.dumps(found).encode()

    def read(self, path, query):
        if path.startswith("me") and query.get("access_token") != SECRET:
            raise LookupError((401, "This method requires an access_token"))
        if path == "info":
            return [{"total_questions": 5}], False
        if path == "me":
            return [self.owner(ME)], False
        if path == "me/inbox":
            return self.page(sorted(self.inbox, key=lambda entry: -entry["creation_date"]), query)
        if path in ("me/answers", "me/comments"):
            kind = path[3:-1]
            found = [thing for thing in self.things[kind].values() if thing["owner"]["user_id"] == ME]
            return self.sorted(found, query, "creation_date")
        if path == "users":
            found = [
                self.owner(number) for number, name in self.users.items() if query["inname"].lower() in name.lower()
            ]
            return found, False
        if path in ("questions", "search/advanced"):
            found = [
                thing for thing in self.things["question"].values()
                if ("tagged" in query and set(query["tagged"].split(";")) <= {tag.lower() for tag in thing["tags"]})
                or ("q" in query and query["q"] in thing["body"])
            ]  # fmt: skip
            return self.sorted(found, query, "last_activity_date")
        kind, ids, below = re.fullmatch(r"(\w+)s/([\d;]+)(?:/(\w+)s)?", path).groups()
        numbers = [int(number) for number in ids.split(";")]
        if kind == "user":
            return [self.owner(number) for number in numbers if number in self.users], False
        if not below:
            return [self.things[kind][number] for number in numbers if number in self.things[kind]], False
        name = "post_id" if below == "comment" else "question_id"
        return [thing for thing in self.things[below].values() if thing[name] in numbers], False

    def sorted(self, things, query, name):
        things = [thing for thing in things if int(query.get("min", 0)) <= thing[name] <= int(query.get("max", 10**11))]
        return self.page(sorted(things, key=lambda thing: -thing[name]), query)

    @staticmethod
    def page(things, query):
        size, page = int(query["pagesize"]), int(query.get("page", 1))
        return things[(page - 1) * size : page * size], len(things) > page * size

    def write(self, path, query):
        if query.get("access_token") != SECRET or not query.get("key"):
            raise LookupError((403, "needs write access"))
        where, number, kind = re.fullmatch(r"(questions|posts)/(\d+)/(\w+)s/add", path).groups()
        posts = self.things["question"] if where == "questions" else self.things["question"] | self.things["answer"]
        if int(number) not in posts:
            raise LookupError((407, "The post does not exist"))
        text = html.unescape(query["body"]) if kind == "answer" else query["body"]
        made = int(datetime.now(UTC).timestamp())
        name = "question_id" if kind == "answer" else "post_id"
        thing = self.add(kind, text, ME, made=made, **{name: int(number)})
        self.written.append((("c" if kind == "comment" else "") + str(thing[f"{kind}_id"]), text))
        return [thing], False
