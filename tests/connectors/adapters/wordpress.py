"""A WordPress site in memory.

Shapes and refusals are those of a WordPress 6.8 asked on loopback, and of wp-includes/rest-api there.
"""

import html
import json
import re
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

from connectors.items import Target

from .base import SECRET, START, Adapter, adapter

HOST = "blog.example"
API = f"https://{HOST}/wp-json/"
ME, ANA = 3, 2


def texturized(text):
    """Return text as WordPress shows it: quotes curled, dashes drawn, paragraphs made, unknown tags left out."""
    text = re.sub(r'"([^"]*)"', r"“\1”", text).replace("--", "–").replace("'", "’")
    paragraphs = re.split(r"\n\s*\n", text.strip())
    return "".join("<p>" + re.sub(r"\s*\n", "<br />\n", one) + "</p>\n" for one in paragraphs)


@adapter("wordpress")
class WordPressAdapter(Adapter):
    settings = {"url": HOST, "username": "desk", "searches": "kettle"}
    secrets = {"application_password": SECRET}
    handle = "@ana"

    def __init__(self, moderator=True):
        self.comments, self.posts = {}, {}
        self.made = 0
        self.moderator = moderator
        self.requests = []
        self.refuse = None
        #: whether the same words below the same comment are refused, as the site does
        self.watchful = False
        self._sent = []

    # --- what happens there ---

    def _next(self, now):
        self.made += 1
        when = datetime.now(UTC) if now else START + timedelta(minutes=self.made)
        return self.made + 100, when.replace(tzinfo=None, microsecond=0).isoformat()

    def write(self, text="hello", author=ANA, title="", status="publish", now=False):
        """Put a post on the site and return it."""
        key, when = self._next(now)
        self.posts[key] = {
            "id": key, "date": when, "date_gmt": when, "modified": when, "modified_gmt": when,
            "guid": {"rendered": f"https://{HOST}/?p={key}"}, "slug": f"post-{key}", "status": status, "type": "post",
            "link": f"https://{HOST}/post-{key}/", "title": {"rendered": texturized(title or f"Post {key}")[3:-5]},
            "content": {"rendered": texturized(text), "protected": False}, "excerpt": {"rendered": ""},
            "author": author, "comment_status": "open", "class_list": [f"post-{key}", "tag-boots"],
            "_links": {"self": [{"href": f"{API}wp/v2/posts/{key}"}]},
            "_embedded": {"author": [self.user(author)]},
        }  # fmt: skip
        return self.posts[key]

    def comment(self, text="hello", post=None, parent=0, author=ANA, status="approved", now=False, **fields):
        """Put a comment below a post and return it."""
        key, when = self._next(now)
        post = post or next(iter(self.posts), 0) or self.write()["id"]
        self.comments[key] = {
            "id": key, "post": post, "parent": parent, "author": author, "author_name": "Ana" if author else "Eve",
            "author_email": "ana@example.org" if author else "eve@example.org", "author_url": "", "date": when,
            "date_gmt": when, "content": {"rendered": texturized(text), "raw": text}, "status": status,
            "link": f"https://{HOST}/post-{post}/#comment-{key}", "type": "comment",
            "author_avatar_urls": {"24": "https://avatars.example/24", "96": "https://avatars.example/96"}, "meta": [],
            "_links": {"up": [{"embeddable": True, "post_type": "post", "href": f"{API}wp/v2/posts/{post}"}]}, **fields,
        }  # fmt: skip
        return self.comments[key]

    def publish(self, number):
        found = []
        for turn in range(number):
            if turn % 3:
                found.append(f"comments/{self.comment(f'comment {turn}')['id']}")
            else:
                if not self.posts:
                    found.append(f"posts/{self.write(f'post {turn}')['id']}")
                else:
                    found.append(f"posts/{self.write(f'kettle {turn}')['id']}")
        return found

    def target(self):
        comment = list(self.comments.values())[-1]
        return Target(
            f"comments/{comment['id']}", HOST, "comment", author_id=f"users/{ANA}", text="…",
            conversation_id=f"posts/{comment['post']}", identifiers={"post": comment["post"], "parent": 0},
        )  # fmt: skip

    def moderated(self, action):
        if action in ("approve", "unhide"):
            self.comment("please", status="hold")
        return self.target()

    def sent(self):
        return list(self._sent)

    def edit(self):
        comment = list(self.comments.values())[-1]
        comment["content"] = {"rendered": "<p>changed</p>\n", "raw": "changed"}
        return f"comments/{comment['id']}", "changed"

    def remove(self, external_id):
        kind, key = external_id.split("/")
        del (self.comments if kind == "comments" else self.posts)[int(key)]

    # --- what it answers ---

    @staticmethod
    def user(key):
        slug = {ANA: "ana", ME: "desk"}.get(key, f"user{key}")
        return {
            "id": key, "name": slug.title(), "url": "", "description": "", "slug": slug,
            "link": f"https://{HOST}/author/{slug}/", "avatar_urls": {"24": "https://avatars.example/24"},
        }  # fmt: skip

    def answer(self, request):
        parts = urlsplit(request.url)
        query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        body = json.loads(request.body) if request.body else {}
        self.requests.append((request.method, parts.path, query, body))
        if self.refuse:
            status, code = self.refuse
            return self._json({"code": code, "message": f"Sorry: {code}", "data": {"status": status}}, status)
        path = parts.path.removeprefix("/wp-json/")
        if path == "":
            return self._json({"name": "Blog", "url": f"https://{HOST}", "namespaces": ["oembed/1.0", "wp/v2"]})
        kind, _sep, key = path.removeprefix("wp/v2/").partition("/")
        if kind == "users":
            return self._users(key, query)
        things = {"comments": self.comments, "posts": self.posts}.get(kind)
        if things is None:
            return self._no("rest_no_route", 404)
        if request.method == "POST" and not key:
            return getattr(self, f"_new_{kind}")(body)
        if not key:
            return self._list(kind, list(things.values()), query)
        thing = things.get(int(key))
        if not thing:
            return self._no("rest_comment_invalid_id" if kind == "comments" else "rest_post_invalid_id", 404)
        if request.method == "DELETE":
            if thing["status"] == "trash":
                return self._no("rest_already_trashed", 410)
            thing["status"] = "trash"
        elif request.method == "POST":
            wanted = body["status"]
            if kind == "comments" and thing["status"] == wanted:
                return self._no("rest_comment_failed_edit", 500)
            thing["status"] = {"unspam": "approved", "untrash": "approved"}.get(wanted, wanted)
        return self._json(self._shown(thing, query))

    def _users(self, key, query):
        if key == "me":
            rights = {"read": True, "edit_posts": self.moderator, "moderate_comments": self.moderator}
            return self._json({**self.user(ME), "capabilities": {**rights, "publish_posts": self.moderator}})
        known = [self.user(one) for one in (ANA, ME)]
        return self._json([one for one in known if query.get("search", "") in one["slug"]])

    def _list(self, kind, things, query):
        for name in ("post", "parent", "author"):
            if name in query:
                things = [one for one in things if str(one.get(name)) == query[name]]
        if "include" in query:
            things = [one for one in things if str(one["id"]) in query["include"].split(",")]
        if "search" in query:
            things = [one for one in things if query["search"] in one["content"]["rendered"]]
        if "after" in query:
            after = datetime.fromisoformat(query["after"]).astimezone(UTC).replace(tzinfo=None).isoformat()
            things = [one for one in things if one["date_gmt"] > after]
        shown = {"all": ("approved", "hold")}.get(query.get("status"), ("approved", "publish"))
        things = [one for one in things if one["status"] in shown]
        by = {"date": "date_gmt", "modified": "modified_gmt"}.get(query.get("orderby", "date"), "id")
        things.sort(key=lambda one: (one[by], one["id"]), reverse=query.get("order", "desc") == "desc")
        size, start = int(query.get("per_page", 10)), int(query.get("offset", 0))
        page = [self._shown(one, query) for one in things[start : start + size]]
        headers = {"X-WP-Total": str(len(things)), "X-WP-TotalPages": str(-(-len(things) // size))}
        return self._json(page, headers=headers)

    def _shown(self, thing, query):
        hidden = set() if query.get("context") == "edit" else {"author_email"}
        shown = {name: value for name, value in thing.items() if name not in hidden}
        if "raw" in shown["content"] and "author_email" in hidden:
            shown["content"] = {"rendered": shown["content"]["rendered"]}
        return shown

    def _new_comments(self, body):
        text = body["content"]
        if body["post"] not in self.posts:
            return self._no("rest_comment_invalid_post_id", 403)
        for one in self.comments.values() if self.watchful else ():
            if (one["author"], one["parent"], one["content"]["raw"]) == (ME, body["parent"], text):
                return self._no("comment_duplicate", 409)
        made = self.comment(text, body["post"], body["parent"], ME, now=True)
        self._sent.append((f"comments/{made['id']}", html.unescape(text)))
        return self._lost() or self._json(made, 201)

    def _new_posts(self, body):
        made = self.write(body["content"], ME, body["title"], body["status"], now=True)
        self._sent.append((f"posts/{made['id']}", html.unescape(body["content"])))
        return self._lost() or self._json(made, 201)

    def _lost(self):
        lost, self.lose_answer = self.lose_answer, False
        return (500, {}, b"") if lost else None

    def _no(self, code, status):
        return self._json({"code": code, "message": "Sorry.", "data": {"status": status}}, status)

    @staticmethod
    def _json(value, status=200, headers=None):
        return (
            status,
            {"Content-Type": "application/json; charset=UTF-8", **(headers or {})},
            json.dumps(value).encode(),
        )
