"""Saying something as a LinkedIn page, finding it again, and moderating."""

from datetime import UTC, datetime

from . import errors
from .items import AuthorItem, MentionItem
from .linkedin_api import GONE, id_of, part, unreadable
from .linkedin_items import Reader, at, comment_parts, escaped, urn
from .saying import CLOCKS_DIFFER
from .values import identifier

PAGE = 100
#: Comments stand in no order that is promised: so many pages are looked through.
PAGES = 10


class LinkedinSending:
    """What the connector says."""

    gone = GONE

    def _myself(self):
        number = self.page().rpartition(":")[2]
        return AuthorItem(self.page(), name=self.page_name(), url=f"https://www.linkedin.com/company/{number}/")

    @staticmethod
    def _place(target):
        """Return ``(what is commented on, comment that is answered or "")`` for a target.

        Answers stand one level deep: an answer to an answer goes beneath the same comment.
        """
        kept = target.identifiers
        if kept.get("type") != "comment":
            return urn(kept.get("urn")) or target.external_id, ""
        answered = kept.get("parent") or kept.get("urn") or ""
        return urn(kept.get("object")), answered if comment_parts(answered)[1] else ""

    def reply(self, outgoing):
        """See :meth:`Connector.reply`: a comment beneath a post or a comment."""
        target = outgoing.target
        author = self._myself()
        on, answered = self._place(target)
        body = {"actor": self.page(), "object": on, "message": {"text": outgoing.text}}
        if answered:
            body["parentComment"] = answered
        response = self.send("POST", f"socialActions/{part(answered or on)}/comments", body)
        answer = self._object(response)
        made = comment_parts(answer.get("commentUrn"))
        number = made[1] or identifier(answer.get("id")) or identifier(response.headers.get("x-restli-id"))
        if not number.isdigit():
            raise unreadable("comment without an id")
        on = made[0] or on
        post = urn(target.identifiers.get("post")) or target.conversation_id or target.external_id
        kept = {"urn": f"urn:li:comment:({on},{number})", "type": "comment", "object": on}
        if urn(post):
            kept["post"] = post
        if answered:
            kept["parent"] = answered
        return MentionItem(
            number,
            kind="comment",
            text=outgoing.text,
            url=f"https://www.linkedin.com/feed/update/{post}/",
            author=author,
            published_at=datetime.now(UTC),
            parent_id=comment_parts(answered)[1] or post,
            conversation_id=post,
            origin="own",
            outgoing=True,
            identifiers=kept,
        )

    def publish(self, outgoing):
        """See :meth:`Connector.publish`.  Posts have no title."""
        author = self._myself()
        response = self.send(
            "POST",
            "posts",
            {
                "author": self.page(),
                "commentary": escaped(outgoing.text),
                "visibility": "PUBLIC",
                "distribution": {
                    "feedDistribution": "MAIN_FEED",
                    "targetEntities": [],
                    "thirdPartyDistributionChannels": [],
                },
                "lifecycleState": "PUBLISHED",
                "isReshareDisabledByAuthor": False,
            },
        )
        post_id = urn(response.headers.get("x-restli-id"))
        if not post_id:
            raise unreadable("post without an id")
        return MentionItem(
            post_id,
            text=outgoing.text,
            url=f"https://www.linkedin.com/feed/update/{post_id}/",
            author=author,
            published_at=datetime.now(UTC),
            conversation_id=post_id,
            origin="own",
            outgoing=True,
            identifiers={"urn": post_id, "type": "post"},
        )

    def find_sent(self, outgoing):
        """See :meth:`Connector.find_sent`: looks beneath what was answered, or among the page's posts."""
        since = outgoing.first_tried_at - CLOCKS_DIFFER
        target, reader = outgoing.target, Reader(self.page(), self.page_name())
        if target:
            on, answered = self._place(target)
            path, query, kind, method = f"socialActions/{part(answered or on)}/comments", {}, "comment", ""
            inside = urn(target.identifiers.get("post")) or target.conversation_id
        else:
            path, kind, method, inside = "posts", "post", "FINDER", ""
            query = {"q": "author", "author": part(self.page()), "sortBy": "CREATED"}
        words, token = outgoing.text.split(), "0"
        for _turn in range(PAGES):
            answer = self.get(path, {**query, "start": token, "count": PAGE}, method)
            entries, token = self.page_of(answer, id_of, int(token))
            for item in reader.read(kind, entries, inside)[0]:
                recent = item.published_at is not None and item.published_at >= since
                if recent and item.outgoing and item.text.split() == words:
                    return item
            if not token or (kind == "post" and _older(entries, since)):
                return None
        raise NotImplementedError  # there is more than is looked through

    def moderate(self, action, target, reason=""):
        """See :meth:`Connector.moderate`: a page's administrators may delete comments on its posts."""
        if action != "delete":
            raise NotImplementedError(action)
        on = urn(target.identifiers.get("object"))
        path, query = f"posts/{part(target.external_id)}", None
        if on:
            path = f"socialActions/{part(on)}/comments/{part(target.external_id)}"
            query = {"actor": part(self.page())}
        try:
            self.send("DELETE", path, query=query)
        except errors.Gone:
            return  # it is not there, which is what was asked for


def _older(entries, since):
    made = [at(entry.get("createdAt")) for entry in entries]
    return any(moment is not None and moment < since for moment in made)
