"""A LinkedIn page in memory: answers as the Community Management reference of learn.microsoft.com shows them."""

import json
import re
from datetime import UTC, datetime, timedelta
from urllib.parse import unquote, urlsplit

from connectors.linkedin_items import unescaped

ORG = "2414183"
PAGE = f"urn:li:organization:{ORG}"
ANA = "urn:li:person:8675309"
START = datetime(2025, 3, 1, 8, tzinfo=UTC)


class FakeLinkedin:
    """One page, its posts, comments and notifications."""

    def __init__(self):
        self.posts, self.comments, self.told = {}, {}, []
        self.sent, self.requests, self.subscribed = [], [], {}
        self._minutes = 0

    def tick(self, moment=None):
        """Return a new number and the time that belongs to it, in milliseconds."""
        self._minutes += 1
        made = moment or START + timedelta(minutes=self._minutes)
        return 6_636_062_862_760_000_000 + self._minutes, int(made.timestamp() * 1000)

    def post(self, text, author=PAGE, moment=None):
        """Return a new post."""
        number, made = self.tick(moment)
        post = {
            "id": f"urn:li:share:{number}", "author": author, "commentary": text, "visibility": "PUBLIC",
            "createdAt": made, "publishedAt": made, "lastModifiedAt": made, "lifecycleState": "PUBLISHED",
        }  # fmt: skip
        self.posts[post["id"]] = post
        return post

    def notify(self, action, source, activity, decorated, made):
        """Tell the page of something."""
        self.told.append(
            {
                "notificationId": len(self.told) + 1636, "organizationalEntity": PAGE, "action": action,
                "sourcePost": source, "generatedActivity": activity, "lastModifiedAt": made,
                "decoratedGeneratedActivity": decorated, "subscriber": "urn:li:person:1",
            }
        )  # fmt: skip

    def comment(self, post, text, actor=ANA, moment=None, parent=None, action="COMMENT"):
        """Return a new comment, of which the page is told."""
        number, made = self.tick(moment)
        on = post["id"].replace("share", "activity")
        comment = {
            "id": str(number), "commentUrn": f"urn:li:comment:({on},{number})", "actor": actor, "object": on,
            "created": {"actor": actor, "time": made}, "lastModified": {"actor": actor, "time": made},
            "message": {"attributes": [], "text": text}, "likesSummary": {"totalLikes": 1},
        }  # fmt: skip
        if parent:
            comment["parentComment"] = parent
        self.comments[str(number)] = {**comment, "post": post["id"]}
        decorated = {"comment": {"entity": comment["commentUrn"], "owner": actor, "text": text}}
        self.notify(action, post["id"], comment["commentUrn"], decorated, made)
        return comment

    def mention(self, text):
        """Return a new post of somebody else that names the page."""
        post = self.post(text, ANA)
        decorated = {"share": {"entity": post["id"], "owner": ANA, "text": text}}
        self.notify("SHARE_MENTION", post["id"], post["id"], decorated, post["createdAt"])
        return post

    # --- what it answers ---

    def __call__(self, request):
        """Answer a prepared request."""
        parts = urlsplit(request.url)
        query = dict(pair.partition("=")[::2] for pair in parts.query.split("&") if pair)
        body = json.loads(request.body) if request.body else {}
        path = [unquote(step) for step in parts.path.removeprefix("/rest/").split("/")]
        self.requests.append((request.method, path, query, body, request.headers))
        status, headers, answer = self.answer(request.method, path, query, body)
        return status, {"Content-Type": "application/json", **headers}, json.dumps(answer).encode() if answer else b""

    @staticmethod
    def gone():
        """Return the answer about a thing that is not there."""
        return 404, {}, {"status": 404, "serviceErrorCode": 100, "code": "NOT_FOUND", "message": "Entity is not found"}

    def answer(self, method, path, query, body):
        """Return ``(status, headers, document)``."""
        first = path[0]
        if first.startswith("eventSubscriptions"):
            self.subscribed = {"key": path[1], **body} if method == "PUT" else self.subscribed
            self.subscribed = {} if method == "DELETE" else self.subscribed
            return (204, {}, None) if method != "GET" else (200, {}, {**self.subscribed, "expiresAt": 1893456000000})
        if first == "organizationAcls":
            role = {"role": "ADMINISTRATOR", "state": "APPROVED", "roleAssignee": "urn:li:person:1"}
            return 200, {}, {"elements": [{**role, "organization": PAGE}], "paging": {"start": 0, "count": 10}}
        if first == "organizationsLookup":
            return 200, {}, {"results": {ORG: {"id": int(ORG), "localizedName": "Acme"}}}
        if first == "organizations" and len(path) == 1:
            known = [{"id": int(ORG), "localizedName": "Acme", "vanityName": "acme"}]
            return 200, {}, {"elements": known if query["vanityName"] == "acme" else []}
        if first == "organizations":
            return 200, {}, {"id": int(ORG), "localizedName": "Acme", "vanityName": "acme"}
        if first == "networkSizes":
            return 200, {}, {"firstDegreeSize": 219145}
        if first == "organizationalEntityNotifications":
            return 200, {}, self.page(self.told, query, "lastModifiedAt")
        if first == "organizationalEntityShareStatistics":
            named = re.findall(r"urn%3Ali%3Ashare%3A\d+", query.get("shares", ""))
            numbers = {"impressionCount": 60, "likeCount": 3, "commentCount": 2, "shareCount": 1, "clickCount": 4}
            found = [{"share": unquote(one), "totalShareStatistics": numbers} for one in named]
            return 200, {}, {"elements": found}
        if first == "socialMetadata":
            named = re.findall(r"[^(,]*comment[^,)]*", query["ids"])
            told = {"reactionSummaries": {"LIKE": {"count": 2}, "PRAISE": {"count": 1}}, "commentSummary": {"count": 5}}
            return 200, {}, {"results": {unquote(one): told for one in named}}
        if first == "posts":
            return self.of_posts(method, path, query, body)
        return self.of_comments(method, path, query, body)

    def of_posts(self, method, path, query, body):
        """Answer about posts."""
        if method == "POST":
            post = self.post(body["commentary"], moment=datetime.now(UTC))
            self.sent.append((post["id"], unescaped(body["commentary"])))
            return 201, {"x-restli-id": post["id"]}, None
        if len(path) == 1:
            own = [one for one in self.posts.values() if one["author"] == PAGE]
            return 200, {}, self.page(own, query, "createdAt")
        if path[1] not in self.posts:
            return self.gone()
        if method == "DELETE":
            del self.posts[path[1]]
            return 204, {}, None
        return 200, {}, self.posts[path[1]]

    def of_comments(self, method, path, query, body):
        """Answer about comments."""
        on = path[1]
        inside = re.fullmatch(r"urn:li:comment:\((.*),(\d+)\)", on)
        if len(path) == 4:
            comment = self.comments.get(path[3])
            if comment is None:
                return self.gone()
            if method == "DELETE":
                del self.comments[path[3]]
                return 204, {}, None
            return 200, {}, {name: value for name, value in comment.items() if name != "post"}
        post = on.replace("activity", "share")
        if inside and inside[2] not in self.comments or not inside and post not in self.posts:
            return self.gone()
        if method == "POST":
            post = self.posts[self.comments[inside[2]]["post"] if inside else post]
            made = self.comment(
                post, body["message"]["text"], PAGE, datetime.now(UTC), body.get("parentComment"), "ADMIN_COMMENT"
            )
            self.sent.append((made["id"], body["message"]["text"]))
            return 201, {"x-restli-id": made["id"]}, made
        if inside:
            found = [one for one in self.comments.values() if one.get("parentComment") == on]
        else:
            found = [one for one in self.comments.values() if one["post"] == post and "parentComment" not in one]
        return 200, {}, self.page(found, query, "id")

    @staticmethod
    def page(entries, query, order):
        """Return a page of a list, newest first."""
        found = sorted(entries, key=lambda entry: entry[order], reverse=True)
        start, size = int(query.get("start", 0)), int(query.get("count", 10))
        links = [{"rel": "next", "href": "/rest/next"}] if start + size < len(found) else []
        shown = [{name: value for name, value in one.items() if name != "post"} for one in found[start : start + size]]
        return {"elements": shown, "paging": {"start": start, "count": size, "links": links}}
