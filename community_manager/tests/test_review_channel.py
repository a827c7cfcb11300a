import json
import time
from unittest.mock import patch

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from odoo.tests import tagged
from odoo.tests.common import _super_send as SESSION_SEND

from odoo.addons.community_manager.connectors.http import Http
from odoo.addons.community_manager.models.listening import community_channel_access

from .common import CommunityCase


class Store:
    """Google Play with one review of one app."""

    def __init__(self):
        self.text, self.stars, self.answer, self.answers = "Crashes at once", 1, None, 0

    def review(self):
        stamp = {"seconds": str(int(time.time()) - 60), "nanos": 0}
        comments = [{"userComment": {"text": self.text, "starRating": self.stars, "lastModified": stamp}}]
        if self.answer:
            comments.append({"developerComment": {"text": self.answer, "lastModified": self.answered}})
        return {"reviewId": "gp-1", "authorName": "Ana", "comments": comments}

    def __call__(self, request):
        if request.url.startswith("https://oauth2.googleapis.com/"):
            content = {"access_token": "ya29.x", "token_type": "Bearer"}
        elif request.method == "POST":
            self.answer, self.answers = json.loads(request.body)["replyText"], self.answers + 1
            self.answered = {"seconds": str(int(time.time())), "nanos": 0}
            content = {"result": {"replyText": self.answer, "lastEdited": self.answered}}
        else:
            content = self.review() if request.url.endswith("/gp-1") else {"reviews": [self.review()]}
        return 200, {}, json.dumps(content).encode()


@tagged("post_install", "-at_install")
class TestReviewChannel(CommunityCase):
    """A review comes with its stars and has one answer, whatever is said twice and wherever it is said."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        key = rsa.generate_private_key(65537, 2048).private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        account = json.dumps({"private_key": key.decode(), "client_email": "desk@acme.example", "private_key_id": "k"})
        cls.store = store = Store()

        def client(**options):
            return Http(**options, transport=store)

        cls.startClassPatcher(patch.object(community_channel_access, "Http", client))
        access = {"package": "com.example.boots", "service_account": account}
        cls.channel = cls.make_channel("Reviews", network="google_play", access=access)
        cls.listen(cls.channel)

    @classmethod
    def _request_handler(cls, session, request, /, **options):
        """Let our own client answer from memory; nothing else is asked."""
        return SESSION_SEND(session, request, **options)

    def send(self):
        self.env["community.reply"].search([("next_try_at", "!=", False)]).next_try_at = "2020-01-01 00:00:00"
        self.env["community.outbox"]._send(20)
        self.env.invalidate_all()

    def test_review_and_answer(self):
        """Stars, origin and writer are there; an answer stands once, and another one takes its place."""
        (review,) = self.mentions(self.channel)
        self.assertEqual((review.kind, review.rating, review.origin), ("review", 1.0, "own"))
        self.assertEqual((review.text, review.author_id.name), ("Crashes at once", "Ana"))
        for count, text in enumerate(("We look into it.", "Version 2 mends it."), 1):
            reply = review.with_user(self.agent)._reply(text, "reply").sudo()
            self.send()
            self.assertEqual((reply.state, reply.external_id), ("sent", "gp-1:reply"))
            self.assertEqual((self.store.answer, self.store.answers), (text, count))
            self.listen(self.channel)
            _review, answer = self.mentions(self.channel)
            self.assertEqual((answer.text, answer.outgoing), (text, True))

    def test_edited_review(self):
        """A review that was changed is the same one, with the words it had before."""
        self.store.text, self.store.stars = "Works now", 5
        self.listen(self.channel)
        (review,) = self.mentions(self.channel)
        self.assertEqual((review.text, review.rating), ("Works now", 5.0))
        self.assertEqual(self.env["community.mention.version"].search([]).mapped("text"), ["Crashes at once"])
