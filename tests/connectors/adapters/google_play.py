"""Google Play in memory.

Built from the discovery document ``androidpublisher.v3`` in the PyPI package google-api-python-client 2.202.0
(Apache-2.0) and the example answers of developers.google.com/android-publisher/reply-to-reviews.
"""

import functools
import json
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, unquote, urlsplit

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.connectors.fake_reviews import FakeReviews

from .base import SECRET, adapter

PACKAGE = "com.example.boots"
TOKEN = "ya29." + SECRET
EMAIL = "desk@acme.iam.gserviceaccount.com"


@functools.cache
def key():
    """Return a key made for this run."""
    return rsa.generate_private_key(65537, 2048)


@functools.cache
def account():
    """Return the file that Google gives for a service account."""
    pem = key().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return json.dumps(
        {
            "type": "service_account",
            "project_id": "acme",
            "private_key_id": SECRET,
            "private_key": pem.decode(),
            "client_email": EMAIL,
            "token_uri": "https://elsewhere.example/token",
        }
    )


def stamp(moment):
    """Return a time as Google Play writes it."""
    return {"seconds": str(int(moment.timestamp())), "nanos": moment.microsecond * 1000}


@adapter("google_play")
class GooglePlayAdapter(FakeReviews):
    settings = {"package": PACKAGE}
    realm = PACKAGE

    def __init__(self):
        super().__init__()
        self.secrets = {"service_account": account()}
        self.since = (datetime.now(UTC) - timedelta(days=2)).replace(microsecond=0)

    @staticmethod
    def answer_id(review):
        return review["id"] + ":reply"

    def identifiers(self, review):
        return {"review": review["id"], "changed": int((review["edited"] or review["at"]).timestamp())}

    def answer(self, request):
        parts = urlsplit(request.url)
        self.requests.append((request.method, request.url, request.body))
        if parts.netloc == "oauth2.googleapis.com":
            return self.token(parse_qs(request.body))
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return 401, {}, b'{"error": {"code": 401, "status": "UNAUTHENTICATED"}}'
        query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        found = self.route(request, unquote(parts.path).partition("/applications/")[2], query)
        if found is None:
            return 404, {}, b'{"error": {"code": 404, "errors": [{"reason": "notFound"}]}}'
        if request.method == "POST" and self.lost():
            return 500, {}, b""
        return found if isinstance(found, tuple) else (200, {}, json.dumps(found).encode())

    @staticmethod
    def token(form):
        claims = jwt.decode(
            form["assertion"][0], key().public_key(), ["RS256"], audience="https://oauth2.googleapis.com/token"
        )
        if claims["iss"] != EMAIL or claims["exp"] - claims["iat"] > 3600:
            return 400, {}, b'{"error": "invalid_grant"}'
        granted = {"access_token": TOKEN, "expires_in": 3599, "token_type": "Bearer"}
        return 200, {}, json.dumps(granted).encode()

    def route(self, request, path, query):
        package, _slash, rest = path.partition("/reviews")
        if package != PACKAGE:
            return None
        if not rest:
            return self.page(query)
        review = self.find(rest.strip("/").removesuffix(":reply"))
        if review is None:
            return None
        if request.method == "POST":
            text = json.loads(request.body)["replyText"]
            if len(text) > 350:
                return 400, {}, b'{"error": {"code": 400, "errors": [{"reason": "replyTextTooLong"}]}}'
            self.say(review, text)
            return {"result": {"replyText": text, "lastEdited": stamp(review["answer"][1])}}
        return self.review(review)

    def page(self, query):
        listed = sorted(self.listed(), key=lambda one: one["edited"] or one["at"], reverse=True)
        start, size = int(query.get("token", 0)), int(query.get("maxResults", 10))
        shown = listed[start : start + size]
        answer = {"pageInfo": {"totalResults": len(listed), "resultPerPage": size, "startIndex": start}}
        if shown:
            answer["reviews"] = [self.review(review) for review in shown]
        if start + size < len(listed):
            answer["tokenPagination"] = {"nextPageToken": str(start + size)}
        return answer

    @staticmethod
    def review(review):
        comment = {
            "text": review["title"] + "\t" + review["text"],
            "lastModified": stamp(review["edited"] or review["at"]),
            "starRating": review["stars"],
            "reviewerLanguage": "es_419",
            "device": "trltecan",
            "androidOsVersion": 35,
            "appVersionCode": 12345,
            "appVersionName": "1.2.3",
            "thumbsUpCount": 10,
            "thumbsDownCount": 3,
            "deviceMetadata": {"productName": "Phone", "manufacturer": "Acme", "ramMb": 2000},
        }
        comments = [{"userComment": comment}]
        if review["answer"]:
            said = {"text": review["answer"][0], "lastModified": stamp(review["answer"][1])}
            comments.append({"developerComment": said})
        return {"reviewId": review["id"], "authorName": "Eva", "comments": comments}
