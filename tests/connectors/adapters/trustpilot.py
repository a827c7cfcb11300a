"""Trustpilot in memory.

Built from the pages "Authentication", "Client credentials", "Business Units API" and "Service Reviews API" of
developers.trustpilot.com (facts only).
"""

import base64
import json
from urllib.parse import parse_qs, unquote, urlsplit

from tests.connectors.fake_reviews import FakeReviews

from .base import SECRET, adapter

UNIT = "507f191e810c19729de860ea"
TOKEN = "access-" + SECRET
USER = "507f191e810c19729de86000"


@adapter("trustpilot")
class TrustpilotAdapter(FakeReviews):
    settings = {"business_unit": "acme.example", "api_key": "a-key", "business_user": USER}
    secrets = {"api_secret": SECRET}

    def answer(self, request):
        parts = urlsplit(request.url)
        self.requests.append((request.method, request.url, request.body))
        path = unquote(parts.path).removeprefix("/v1/")
        query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        if path.startswith("oauth/"):
            found = self.token(request)
        elif path.startswith("private/"):
            found = self.private(request, path)
        elif request.headers.get("apikey") != "a-key":
            found = 401, {}, b'{"fault": {"faultstring": "Invalid ApiKey"}}'
        else:
            found = self.public(path, query)
        if found is None:
            return 404, {}, b'{"message": "Not found", "errorCode": 1010, "correlationId": "x"}'
        if path.startswith("private/") and self.lost():
            return 500, {}, b""
        return found if isinstance(found, tuple) else (200, {}, json.dumps(found).encode())

    @staticmethod
    def token(request):
        wanted = base64.b64encode(f"a-key:{SECRET}".encode()).decode()
        if request.headers.get("Authorization") != f"Basic {wanted}":
            return 401, {}, b'{"message": "Unauthorized"}'
        return {"access_token": TOKEN, "expires_in": "359999"}

    def private(self, request, path):
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return 401, {}, b'{"message": "Unauthorized"}'
        review, body = self.find(path.split("/")[2]), json.loads(request.body)
        if review is None:
            return None
        if body["authorBusinessUserId"] != USER:
            return 400, {}, b'{"message": "Unknown user"}'
        self.say(review, body["message"])
        return 201, {}, b""

    def public(self, path, query):
        if path == "business-units/find":
            return {"id": UNIT, "displayName": "Acme"} if query["name"] == "acme.example" else None
        if path == f"business-units/{UNIT}":
            score, total = {"stars": 4.5, "trustScore": 4.6}, {"total": len(self.reviews)}
            return {"id": UNIT, "displayName": "Acme Boots", "score": score, "numberOfReviews": total}
        if path == f"business-units/{UNIT}/reviews":
            listed, size = self.listed()[::-1], int(query["perPage"])
            start = (int(query["page"]) - 1) * size
            return {"links": [], "reviews": [self.review(review) for review in listed[start : start + size]]}
        review = self.find(path.removeprefix("reviews/"))
        return review and self.review(review)

    @staticmethod
    def review(review):
        def stamp(moment):
            return moment.replace(tzinfo=None).isoformat()

        entry = {
            "links": [{"href": "https://api.trustpilot.com/v1/x", "method": "GET", "rel": "x"}],
            "id": review["id"],
            "consumer": {
                "id": "507f191e810c19729de8" + review["id"][7:11],
                "displayName": "Eva",
                "displayLocation": "Sevilla, ES",
                "numberOfReviews": 2,
            },
            "businessUnit": {"id": UNIT, "identifyingName": "acme.example", "displayName": "Acme Boots"},
            "stars": review["stars"],
            "title": review["title"],
            "text": review["text"],
            "language": "es",
            "createdAt": stamp(review["at"]),
            "updatedAt": stamp(review["edited"]) if review["edited"] else None,
            "companyReply": None,
            "isVerified": True,
            "numberOfLikes": 3,
            "status": "active",
            "complianceLabels": [],
        }
        if review["answer"]:
            entry["companyReply"] = {"text": review["answer"][0], "createdAt": stamp(review["answer"][1])}
        return entry
