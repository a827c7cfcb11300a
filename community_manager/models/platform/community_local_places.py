"""The places of this Odoo that channels can be: its blog, its forum, the chats of its gateways."""

from odoo.tools import plaintext2html

from ...connectors import errors
from ...connectors.odoo_site import DELETED, GATEWAY_LEFT, NOT_HANDED_ON, OURS
from .community_local import LocalDesk, _second


class BlogDesk(LocalDesk):
    """Posts of the company's blogs, and the comments below them."""

    models = {"comments": "mail.message", "posts": "blog.post"}

    def _domain(self, env, kind, hidden=False):
        posts = [] if hidden else [("is_published", "=", True)]
        posts += self._websites(env, "blog_id.website_id")
        if kind == "posts":
            return posts
        return self._comment_domain(env, "blog.post", env["blog.post"]._search(posts), hidden=hidden)

    def _moderate(self, record, action):
        if record._name == "blog.post":
            raise errors.Refused(OURS)
        self._moderate_comment(record, action)

    def _around(self, env, record):
        post = record if record._name == "blog.post" else env["blog.post"].browse(record.res_id)
        comments = self._comment_domain(env, "blog.post", post.ids)
        return [post, *env["mail.message"].search(comments, order="id", limit=500)]

    def _say(self, env, record, text, message_id):
        if record._name == "blog.post":
            return self._post_comment(env, record, text, message_id)
        post = env["blog.post"].browse(record.res_id)
        return self._post_comment(env, post, text, message_id, record)

    def _thing(self, record):
        if record._name == "mail.message":
            post = record.env["blog.post"].browse(record.res_id)
            place = f"post-{post.id}"
            return self._message_thing(record, parent=place, conversation=place, url=_address(post))
        return {
            "ref": f"post-{record.id}",
            "number": record.id,
            "changed": _second(record.write_date),
            "kind": "article",
            "html": str(record.content or ""),
            "title": record.name,
            "url": _address(record),
            "author": self._partner(record.author_id),
            "made": _second(record.post_date),
            "conversation": f"post-{record.id}",
            "ours": True,
        }


class ForumDesk(LocalDesk):
    """Questions, answers and comments of the company's forums."""

    models = {"comments": "mail.message", "posts": "forum.post"}

    def _domain(self, env, kind, hidden=False):
        # what waits for a moderator is not to be seen; what was found offensive is not to be seen any more
        states = ["active", "close", "flagged", *(["pending"] if hidden else [])]
        posts = [("state", "in", states), *self._websites(env, "forum_id.website_id")]
        if kind == "posts":
            return posts
        return self._comment_domain(
            env, "forum.post", env["forum.post"]._search(posts), ("comment", "email"), hidden=hidden
        )

    def _moderate(self, record, action):
        if record._name == "mail.message":
            self._moderate_comment(record, action)
        else:
            record.active = False

    def _around(self, env, record):
        post = record if record._name == "forum.post" else env["forum.post"].browse(record.res_id)
        question = post.parent_id or post
        posts = question | question.child_ids.filtered(lambda one: one.state in ("active", "close", "flagged"))
        comments = self._comment_domain(env, "forum.post", posts.ids, ("comment", "email"))
        found = [*posts, *env["mail.message"].search(comments, order="id", limit=500)]
        return sorted(found, key=lambda one: (one != question, one.create_date, one.id))

    def _say(self, env, record, text, message_id):
        if record._name == "mail.message":
            return self._post_comment(env, env["forum.post"].browse(record.res_id), text, message_id, record)
        if record.parent_id:
            return self._post_comment(env, record, text, message_id)
        posts = env["forum.post"].with_context(mail_create_nosubscribe=True)
        # in the name of the user, with the rights of the company: its own answers need no reputation
        posts = posts.with_user(self._answerer(env)).sudo()
        answer = posts.create({
            "forum_id": record.forum_id.id, "parent_id": record.id, "content": plaintext2html(text),
        })  # fmt: skip
        record.with_user(self._answerer(env)).sudo()._update_last_activity()
        env["mail.message"].create({
            "model": "forum.post", "res_id": answer.id, "message_id": message_id, "message_type": "notification",
            "subtype_id": env.ref("mail.mt_note").id, "is_internal": True, "author_id": self._voice(env).id,
            "body": env._("Answered from the community inbox."),
        })  # fmt: skip
        return answer

    def _said(self, env, key):
        message = super()._said(env, key)
        if message and message.message_type == "notification":
            return env["forum.post"].browse(message.res_id).exists() or None
        return message

    def _thing(self, record):
        if record._name == "mail.message":
            post = record.env["forum.post"].browse(record.res_id)
            question = post.parent_id or post
            return self._message_thing(
                record, parent=f"post-{post.id}",
                conversation=f"post-{question.id}", url=_address(post), public=post.forum_id.privacy == "public",
            )  # fmt: skip
        question = record.parent_id or record
        return {
            "ref": f"post-{record.id}",
            "number": record.id,
            "changed": _second(record.write_date),
            "kind": "comment" if record.parent_id else "post",
            "html": str(record.content or ""),
            "title": "" if record.parent_id else record.name,
            "url": _address(record),
            "author": self._partner(record.create_uid.partner_id),
            "made": _second(record.create_date),
            "parent": f"post-{record.parent_id.id}" if record.parent_id else "",
            "conversation": f"post-{question.id}",
            "ours": self._is_ours(record.create_uid.partner_id),
            "public": record.forum_id.privacy == "public",
            "likes": max(record.vote_count, 0),
            "replies": record.child_count,
        }


class GatewayDesk(LocalDesk):
    """Chats of one gateway of OCA's ``mail_gateway``.

    An answer is first stored, then handed on, in two transactions: after a crash it is known that it may have gone out.
    """

    models = {"chats": "mail.message"}

    def account(self):
        """See :meth:`LocalDesk.account`."""
        with self._open() as env:
            gateway = self._gateway(env)
            return {"id": f"gateway-{gateway.id}", "name": gateway.name, "url": ""}

    def _choices(self, env, name):
        gateways = env["mail.gateway"].search([("company_id", "in", [False, env.company.id])], order="name")
        return [(str(gateway.id), gateway.name) for gateway in gateways]

    def _gateway(self, env):
        chosen = str(self._settings.get("gateway") or "")
        found = [("id", "=", int(chosen) if chosen.isdigit() else 0), ("company_id", "in", [False, env.company.id])]
        gateway = env["mail.gateway"].search(found)
        if not gateway:
            raise errors.Misconfigured(GATEWAY_LEFT)
        return gateway

    def _kind(self, prefix):
        return "chats" if prefix == "message" else ""

    def _domain(self, env, kind, hidden=False):
        chats = env["discuss.channel"]._search([("gateway_id", "=", self._gateway(env).id)])
        return [
            ("model", "=", "discuss.channel"), ("res_id", "in", chats), ("message_type", "in", ("comment", "email")),
            ("body", "not in", (False, "", "<p></p>")),
        ]  # fmt: skip

    def _around(self, env, record):
        domain = [*self._domain(env, "chats"), ("res_id", "=", record.res_id), ("id", "<=", record.id + 10**6)]
        return list(reversed(env["mail.message"].search(domain, order="id desc", limit=100)))

    def _thing(self, record):
        chat = record.env["discuss.channel"].browse(record.res_id)
        return self._message_thing(
            record, kind="message", direct=True, conversation=f"chat-{chat.id}", title=chat.name,
            parent=f"message-{record.parent_id.id}" if record.parent_id else "",
        )  # fmt: skip

    def _author(self, message):
        """Return who wrote a message; gateways leave guests unnamed on it, so whose chat it is counts."""
        chat = message.env["discuss.channel"].browse(message.res_id)
        guest = chat.channel_member_ids.guest_id[:1]
        if message.author_id or message.author_guest_id:
            return super()._author(message)
        if guest:
            return {"id": f"guest-{guest.id}", "name": guest.name, "email": guest.email or ""}
        return {"id": f"chat-{chat.id}", "name": chat.anonymous_name or chat.name}

    def say(self, key, ref, text):
        """See :meth:`LocalDesk.say`.

        :raises errors.ConnectorError: the gateway did not hand it on, or it is not known whether it did
        """
        thing = super().say(key, ref, text)
        with self._open() as env:
            message = self._said(env, key)
            state = self._handed_on(message)
            if state == "sent":
                return thing
            try:
                message.gateway_notification_ids.send_gateway(raise_exception=True)
            except errors.ConnectorError:
                raise
            except Exception as problem:  # noqa: BLE001 - whatever a gateway raises says that it failed
                raise errors.ConnectorError(NOT_HANDED_ON, params={"why": str(problem)[:200].rstrip(". ")}) from None
            if self._handed_on(message) == "exception":
                why = message.gateway_notification_ids[:1].failure_reason or "?"
                raise errors.ConnectorError(NOT_HANDED_ON, params={"why": why[:200].rstrip(". ")})
            return self._thing(message)

    @staticmethod
    def _handed_on(message):
        return message.gateway_notification_ids[:1].notification_status

    def _say(self, env, record, text, message_id):
        chat = env["discuss.channel"].browse(record.res_id).with_context(no_gateway_notification=True)
        if not chat.exists():
            raise errors.Gone(DELETED)
        message = self._post_comment(env, chat, text, message_id, record)
        env["mail.notification"].create({
            "mail_message_id": message.id, "gateway_channel_id": chat.id, "notification_type": "gateway",
            "gateway_type": chat.gateway_id.gateway_type,
        })  # fmt: skip
        return message

    def said(self, key):
        """See :meth:`LocalDesk.said`.

        :raises NotImplementedError: it was begun, and only the gateway knows whether it went out
        """
        with self._open() as env:
            message = self._said(env, key)
            if not message:
                return None
            if self._handed_on(message) != "sent":
                raise NotImplementedError("the gateway alone knows")
            return self._thing(message)


#: Which desk a network works at.
DESKS = {"odoo_blog": BlogDesk, "odoo_forum": ForumDesk, "mail_gateway": GatewayDesk}


def _address(record):
    """Return the public address of a post."""
    path = record.website_url or ""
    return f"{record.get_base_url()}{path}" if path.startswith("/") else ""
