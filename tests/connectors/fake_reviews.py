"""A review service in memory, without the words of any interface: what its adapters dress up."""

from datetime import UTC, datetime, timedelta

from connectors.items import Outgoing, Target

from .adapters.base import START, Adapter


class FakeReviews(Adapter):
    """Reviews of one place, each with at most one answer.

    :cvar realm: of the items
    :cvar since: when the first review was written
    :ivar list reviews: oldest first: ``id``, ``title``, ``text``, ``stars``, ``at``, ``edited`` and ``answer``, which
        is ``None`` or (text, time)
    :ivar list log: (id of the answer, text) of every answer that was taken
    """

    replaces = True
    realm = ""
    since = START

    def __init__(self):
        self.reviews = []
        self.log = []
        self.requests = []
        self.removed = set()

    # --- what the suites do ---

    def publish(self, number):
        for _turn in range(number):
            count = len(self.reviews) + 1
            self.reviews.append(
                {
                    "id": self.review_id(count),
                    "title": f"Title {count}",
                    "text": f"Review {count}",
                    "stars": 1 + count % 5,
                    "at": self.since + timedelta(seconds=count),
                    "edited": None,
                    "answer": None,
                }
            )
        return [review["id"] for review in self.reviews[-number:]] if number else []

    @staticmethod
    def review_id(number):
        return f"review-{number:06d}-abcdef"

    @staticmethod
    def answer_id(review):
        return review["id"] + "/reply"

    def target(self):
        review = self.listed()[-1]
        return Target(
            review["id"],
            realm=self.realm,
            kind="review",
            text=review["text"],
            published_at=review["at"],
            conversation_id=review["id"],
            identifiers=self.identifiers(review),
        )

    def identifiers(self, review):
        return {"review": review["id"]}

    def sent(self):
        return list(self.log)

    def edit(self):
        review = self.listed()[-1]
        review["text"], review["edited"] = "Better now", self.last_change() + timedelta(seconds=5)
        return review["id"], review["text"]

    def remove(self, external_id):
        self.removed.add(external_id)

    # --- what adapters do ---

    def listed(self):
        """Return the reviews that are there, oldest first."""
        return [review for review in self.reviews if review["id"] not in self.removed]

    def last_change(self):
        """Return when the newest review was written or changed."""
        return max(review["edited"] or review["at"] for review in self.reviews)

    def find(self, review_id):
        """Return a review, or ``None``."""
        return next((review for review in self.listed() if review["id"] == review_id), None)

    def say(self, review, text):
        """Take an answer, in place of an earlier one."""
        review["answer"] = text, datetime.now(UTC)
        self.log.append((self.answer_id(review), text))

    def lost(self):
        """Return whether the answer to what was just sent is to be lost."""
        lost, self.lose_answer = self.lose_answer, False
        return lost


def saying(adapter, text, way="reply", **values):
    """Return something to be said, under the newest review if nothing else."""
    values.setdefault("target", adapter.target() if way == "reply" else None)
    values.setdefault("first_tried_at", datetime.now(UTC))
    return Outgoing("0" * 32, text, way, **values)
