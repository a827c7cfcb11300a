"""What we say and do on a WordPress site."""

from html import escape

from . import errors
from .base import _
from .saying import as_ours, folded, not_before
from .values import moment, number
from .wordpress_api import TARGET_GONE
from .wordpress_items import POST_FIELDS

#: What went out is looked for among this many of our newest.
LOOKED_THROUGH = 50

NOT_FOR_POSTS = _("This can be done to comments only.")

#: What a comment has to become, by what is asked for.
_STATUS = {"approve": "approved", "unhide": "approved", "hide": "hold", "spam": "spam"}
#: The way out of a status that is left only through a door of its own.
_DOORS = {"trash": "untrash", "spam": "unspam"}


class Writing:
    """The part of the connector that writes; beside it stand ``site`` and what is known of our user."""

    def reply(self, outgoing):
        """See :meth:`Connector.reply`: a comment below a post, or an answer to a comment."""
        self._know()
        target = outgoing.target
        post, parent = number(target.identifiers.get("post")), 0
        if target.external_id.startswith("comments/"):
            # The site would take an answer to a comment that is not there any more.
            answered = self._entry(target.external_id, _fields="id,post,status")
            if answered.get("status") == "spam":
                raise errors.Gone(TARGET_GONE, "is spam")
            post, parent = number(answered.get("post")) or post, number(answered.get("id"))
        body = {"post": post, "parent": parent, "content": escape(outgoing.text, quote=False)}
        return self._sent(self.site.one("POST", "wp/v2/comments", json=body))

    def publish(self, outgoing):
        """See :meth:`Connector.publish`: a post."""
        self._know()
        body = {"title": escape(outgoing.title, quote=False), "content": escape(outgoing.text, quote=False)}
        return self._sent(self.site.one("POST", "wp/v2/posts", {"_embed": "author"}, {**body, "status": "publish"}))

    def _sent(self, entry):
        return as_ours(self._item(self._reader(), entry))

    def find_sent(self, outgoing):
        """See :meth:`Connector.find_sent`.

        :raises NotImplementedError: what waits for approval is not shown to us
        """
        me = self._know()
        since = not_before(outgoing)
        params = {"per_page": LOOKED_THROUGH, "order": "desc"}
        if since:
            params["after"] = since.isoformat()
        kind = "posts" if outgoing.way == "publish" else "comments"
        if kind == "posts":
            params |= {"author": me["id"], "_embed": "author", "_fields": POST_FIELDS, "status": "publish"}
        else:
            params |= {"orderby": "id", "post": outgoing.target.identifiers.get("post"), **self._comment_params()}
            if me["edit"]:
                params["author"] = me["id"]
        for entry in self.site.many("wp/v2/" + kind, params)[0]:
            if isinstance(entry, dict) and self._is_ours(entry, outgoing, since):
                return self._sent(entry)
        if kind == "comments" and not me["edit"]:
            raise NotImplementedError
        return None

    def _is_ours(self, entry, outgoing, since):
        """Return whether an entry is what we tried to send."""
        written = entry.get("date_gmt")
        written = moment(written + "Z") if isinstance(written, str) else None
        if number(entry.get("author")) != self._me["id"] or not written or (since and written < since):
            return False
        item = self._item(self._reader(), entry)
        if outgoing.target and item.parent_id != outgoing.target.external_id:
            return False
        same_title = outgoing.target or folded(item.title) == folded(outgoing.title)
        return bool(same_title) and folded(item.text) == folded(outgoing.text)

    def moderate(self, action, target, reason=""):
        """See :meth:`Connector.moderate`."""
        self._know()
        route = "wp/v2/" + target.external_id
        comment = target.external_id.startswith("comments/")
        if not comment:
            if action not in ("hide", "unhide", "delete"):
                raise errors.Refused(NOT_FOR_POSTS)
            if action != "delete":
                self.site.one("POST", route, json={"status": "private" if action == "hide" else "publish"})
                return
        if action == "delete":
            try:
                self._delete(route)
            except errors.Gone:
                # it is not there any more, which is what was asked for
                self.site.discover()
            return
        wanted = _STATUS[action]
        status = self.site.one("GET", route, {"_fields": "id,status"}).get("status")
        if status in _DOORS and status != wanted:
            status = self.site.one("POST", route, json={"status": _DOORS[status]}).get("status")
        if status != wanted:
            # asking for what is there already is an error to the site
            self.site.one("POST", route, json={"status": wanted})

    def _delete(self, route):
        """Put something into the trash, or delete it where the site has none."""
        try:
            self.site.one("DELETE", route)
        except errors.Refused as problem:
            if problem.status != 501:
                raise
            self.site.one("DELETE", route, {"force": "true"})
