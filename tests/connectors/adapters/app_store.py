"""App Store Connect in memory.

Built from the objects CustomerReview, CustomerReviewResponseV1 and CustomerReviewResponseV1CreateRequest of
developer.apple.com/documentation/appstoreconnectapi (facts only), and its pages about tokens and rate limits.
"""

import functools
import json
from urllib.parse import parse_qs, unquote, urlsplit

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.connectors.fake_reviews import FakeReviews

from .base import SECRET, adapter

APP = "1234567890"
LIMIT = {"X-Rate-Limit": "user-hour-lim:3500;user-hour-rem:500;"}


@functools.cache
def key():
    """Return a key made for this run."""
    return ec.generate_private_key(ec.SECP256R1())


@functools.cache
def file():
    """Return the .p8 file that Apple gives, as it arrives when it is pasted into one line."""
    pem = key().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return f"{SECRET} {pem.decode()}".replace("\n", " ")


def refusal(status, code):
    """Return an error answer."""
    body = {"errors": [{"id": "x", "status": str(status), "code": code, "title": "No.", "detail": "No."}]}
    return status, LIMIT, json.dumps(body).encode()


@adapter("app_store")
class AppStoreAdapter(FakeReviews):
    settings = {"app": APP, "issuer": "57246542-96fe-1a63-e053-0824d011072a", "key": "2X9R4HXF34"}

    def __init__(self):
        super().__init__()
        self.secrets = {"private_key": file()}

    @staticmethod
    def answer_id(review):
        return "response-" + review["id"]

    def answer(self, request):
        parts = urlsplit(request.url)
        self.requests.append((request.method, request.url, request.body))
        if not self.allowed(request.headers.get("Authorization", "").removeprefix("Bearer ")):
            return refusal(401, "NOT_AUTHORIZED")
        query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        found = self.route(request, unquote(parts.path).removeprefix("/v1/"), query)
        if found is None:
            return refusal(404, "NOT_FOUND")
        if request.method == "POST" and self.lost():
            return refusal(500, "UNEXPECTED_ERROR")
        return found if isinstance(found, tuple) else (200, LIMIT, json.dumps(found).encode())

    def allowed(self, token):
        try:
            claims = jwt.decode(token, key().public_key(), ["ES256"], audience="appstoreconnect-v1")
        except jwt.PyJWTError:
            return False
        headers = jwt.get_unverified_header(token)
        return (
            headers["kid"] == self.settings["key"]
            and claims["iss"] == self.settings["issuer"]
            and claims["exp"] - claims["iat"] <= 20 * 60
        )

    def route(self, request, path, query):
        if path == f"apps/{APP}":
            return {"data": {"type": "apps", "id": APP, "attributes": {"name": "Acme Boots", "bundleId": "a.b"}}}
        if path == f"apps/{APP}/customerReviews":
            return self.page(query)
        if path == "customerReviewResponses":
            data = json.loads(request.body)["data"]
            review = self.find(data["relationships"]["review"]["data"]["id"])
            if review is None:
                return None
            if len(data["attributes"]["responseBody"]) > 5970:
                return refusal(409, "ENTITY_ERROR.ATTRIBUTE.INVALID.TOO_LONG")
            self.say(review, data["attributes"]["responseBody"])
            return 201, LIMIT, json.dumps({"data": self.response(review), "links": {"self": "x"}}).encode()
        review = self.find(path.removeprefix("customerReviews/"))
        return review and self.document(self.review(review), [review])

    def document(self, data, reviews):
        included = [self.response(review) for review in reviews if review["answer"]]
        return {"data": data} | ({"included": included} if included else {})

    def page(self, query):
        listed, start, size = self.listed()[::-1], int(query.get("cursor", 0)), int(query["limit"])
        shown = listed[start : start + size]
        document = self.document([self.review(review) for review in shown], shown)
        document["links"] = {"self": "https://api.appstoreconnect.apple.com/v1/x"}
        document["meta"] = {"paging": {"total": len(listed), "limit": size}}
        if start + size < len(listed):
            document["links"]["next"] = f"https://api.appstoreconnect.apple.com/v1/x?cursor={start + size}&limit={size}"
        return document

    def review(self, review):
        related = {"links": {"related": "https://api.appstoreconnect.apple.com/v1/y"}}
        if review["answer"]:
            related["data"] = {"type": "customerReviewResponses", "id": self.answer_id(review)}
        return {
            "type": "customerReviews",
            "id": review["id"],
            "attributes": {
                "rating": review["stars"],
                "title": review["title"],
                "body": review["text"],
                "reviewerNickname": "Eva",
                "createdDate": review["at"].isoformat(),
                "territory": "ESP",
            },
            "relationships": {"response": related},
            "links": {"self": "https://api.appstoreconnect.apple.com/v1/z"},
        }

    def response(self, review):
        text, at = review["answer"]
        return {
            "type": "customerReviewResponses",
            "id": self.answer_id(review),
            "attributes": {"responseBody": text, "lastModifiedDate": at.isoformat(), "state": "PENDING_PUBLISH"},
            "relationships": {"review": {"links": {"related": "x"}}},
        }
