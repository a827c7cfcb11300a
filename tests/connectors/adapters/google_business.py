"""Google Business Profile in memory.

Built from the discovery documents ``mybusinessaccountmanagement.v1``, ``mybusinessbusinessinformation.v1`` and
``businessprofileperformance.v1`` in the PyPI package google-api-python-client 2.202.0 (Apache-2.0), and from the pages
"REST Resource: accounts.locations.reviews" and "… localPosts" of developers.google.com/my-business/reference/rest/v4.
"""

import json
from datetime import UTC, datetime
from urllib.parse import parse_qs, unquote, urlsplit

from tests.connectors.fake_reviews import FakeReviews

from .base import SECRET, adapter

PLACE = "accounts/101/locations/202"
VIEWS = ("DESKTOP_MAPS", "MOBILE_SEARCH")
STARS = ("", "ONE", "TWO", "THREE", "FOUR", "FIVE")


def stamp(moment):
    """Return a time as Google writes it."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def refusal(status, word, reason=None):
    """Return an answer of google.rpc."""
    details = [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason}] if reason else []
    body = {"error": {"code": status, "message": "No.", "status": word, "details": details}}
    return status, {"Content-Type": "application/json"}, json.dumps(body).encode()


@adapter("google_business")
class GoogleBusinessAdapter(FakeReviews):
    settings = {"client_id": "1.apps.googleusercontent.com", "location": PLACE}
    secrets = {"access_token": SECRET, "refresh_token": "r" + SECRET, "client_secret": "c" + SECRET}
    realm = "locations/202"

    def __init__(self):
        super().__init__()
        self.posts = []

    def answer(self, request):
        parts = urlsplit(request.url)
        self.requests.append((request.method, request.url, request.body))
        if request.headers.get("Authorization") != f"Bearer {SECRET}":
            return refusal(401, "UNAUTHENTICATED")
        query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        path, body = unquote(parts.path).strip("/"), json.loads(request.body or b"{}")
        found = self.route(request.method, parts.netloc, path, query, body)
        if found is None:
            return refusal(404, "NOT_FOUND")
        if request.method in ("PUT", "POST") and self.lost():
            return refusal(500, "INTERNAL")
        return found if isinstance(found, tuple) else (200, {}, json.dumps(found).encode())

    def route(self, method, host, path, query, body):
        name = host.partition(".")[0]
        if name == "mybusinessaccountmanagement":
            return {
                "accounts": [
                    {"name": "accounts/100", "accountName": "Acme shops", "type": "LOCATION_GROUP"},
                    {"name": "accounts/101", "accountName": "Ana Ruiz", "type": "PERSONAL", "role": "PRIMARY_OWNER"},
                ]
            }
        if name == "mybusinessbusinessinformation":
            town = {"locality": "Sevilla", "regionCode": "ES"}
            return {"locations": [{"name": "locations/202", "title": "Acme Boots", "storefrontAddress": town}]}
        if name == "businessprofileperformance":
            return self.figure_rows()
        if not path.startswith("v4/" + PLACE):
            return None
        what, _slash, rest = path.removeprefix(f"v4/{PLACE}/").partition("/")
        if what == "localPosts":
            return self.local_posts(method, rest, body)
        if not rest:
            return self.page(query)
        review = self.find(rest.removesuffix("/reply"))
        if review is None:
            return None
        if method == "PUT" and rest.endswith("/reply"):
            if len(body["comment"].encode()) > 4096:
                return refusal(400, "INVALID_ARGUMENT")
            self.say(review, body["comment"])
            return self.reply(review)
        return self.review(review)

    def page(self, query):
        listed = sorted(self.listed(), key=lambda one: one["edited"] or one["at"], reverse=True)
        start, size = int(query.get("pageToken", 0)), min(int(query.get("pageSize", 50)), 50)
        answer = {"averageRating": 4.2, "totalReviewCount": len(listed)}
        shown = listed[start : start + size]
        if shown:
            answer["reviews"] = [self.review(review) for review in shown]
        if start + size < len(listed):
            answer["nextPageToken"] = str(start + size)
        return answer

    def review(self, review):
        entry = {
            "name": f"{PLACE}/reviews/{review['id']}",
            "reviewId": review["id"],
            "reviewer": {"displayName": "Eva", "profilePhotoUrl": "https://lh3.googleusercontent.com/a/x"},
            "starRating": STARS[review["stars"]],
            "comment": review["text"],
            "createTime": stamp(review["at"]),
            "updateTime": stamp(review["edited"] or review["at"]),
        }
        return entry | ({"reviewReply": self.reply(review)} if review["answer"] else {})

    @staticmethod
    def reply(review):
        return {"comment": review["answer"][0], "updateTime": stamp(review["answer"][1])}

    def local_posts(self, method, rest, body):
        if method == "POST":
            number, now = len(self.posts) + 1, stamp(datetime.now(UTC))
            post = {"name": f"{PLACE}/localPosts/{number}", "summary": body["summary"], "state": "LIVE"}
            post |= {"createTime": now, "updateTime": now, "topicType": body["topicType"]}
            self.posts.append(post | {"searchUrl": f"https://local.google.com/place?id={number}"})
            self.log.append((f"localPosts/{number}", body["summary"]))
            return self.posts[-1]
        if not rest:
            return {"localPosts": self.posts[::-1]} if self.posts else {}
        return next((post for post in self.posts if post["name"].endswith("/" + rest)), None)

    @staticmethod
    def figure_rows():
        days = [{"date": {"year": 2026, "month": 11, "day": day}, "value": str(day * 10)} for day in (17, 18)]
        series = {"timeSeries": {"datedValues": days}}
        rows = [{"dailyMetric": "BUSINESS_IMPRESSIONS_" + where, **series} for where in VIEWS]
        return {"multiDailyMetricTimeSeries": [{"dailyMetricTimeSeries": rows}]}
