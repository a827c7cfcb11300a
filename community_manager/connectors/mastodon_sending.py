"""Saying something on a server with the Mastodon API, and finding again what was said."""

from dataclasses import replace
from urllib.parse import quote, urlsplit

from . import errors
from .base import TOO_LONG, _
from .mastodon_items import status_id_of
from .mastodon_media import Pictures
from .mastodon_words import essence, length, mentions
from .saying import as_ours, not_before
from .text import clean_line

#: Statuses asked for at once, and pages that are gone through, when we look for what we said.
LOOKED_AT = 40
PAGES = 5
#: The kinds of visibility that can be asked for.
VISIBILITIES = ("public", "unlisted", "private", "direct")

NO_ACCESS = _("Without access to an account nothing can be said. Authorise, or enter an access token.")
REFUSED = _("%(host)s does not take this: %(why)s.")
NOT_THERE = _("The post that is answered is not there any more.")


class Sending(Pictures):
    """What :class:`~.mastodon.Mastodon` says."""

    @classmethod
    def length(cls, text):
        """See :meth:`Connector.length`."""
        return length(text)

    @classmethod
    def objection(cls, outgoing, now=None):
        """See :meth:`Connector.objection`; the handle that is put first and the warning count too."""
        if outgoing.text.strip():
            server = outgoing.target.realm or "" if outgoing.target else ""
            outgoing = replace(outgoing, text=cls.words(outgoing, server) + outgoing.title.strip())
        return super().objection(outgoing, now)

    @staticmethod
    def words(outgoing, server="", me=""):
        """Return the text as it goes out: whoever is answered is mentioned, for only that reaches them.

        :param str server: whose own accounts are known by their name alone
        :param str me: our own account, which need not be mentioned
        """
        target = outgoing.target
        text = outgoing.text.strip()
        if outgoing.way == "publish" or target is None:
            return text
        handle = (target.author_handle or target.author_id).strip().lstrip("@")
        if not handle or handle.lower() == me or mentions(text, handle, server):
            return text
        return f"@{handle} {text}"

    @staticmethod
    def _visibility(outgoing):
        """Return who shall see it: an answer is seen by those who see what is answered."""
        if outgoing.way == "message":
            return "direct"
        wanted = outgoing.target.visibility if outgoing.way == "reply" and outgoing.target else outgoing.visibility
        return wanted if wanted in VISIBILITIES else "direct"

    def reply(self, outgoing):
        """See :meth:`Connector.reply`."""
        return self._say(outgoing)

    def message(self, outgoing):
        """See :meth:`Connector.message`: a post that only its author and we see."""
        return self._say(outgoing)

    def publish(self, outgoing):
        """See :meth:`Connector.publish`; the title becomes the warning in front of the text."""
        return self._say(outgoing)

    def _access(self):
        """Return what is known of the server and of our account.

        :raises errors.Misconfigured: there is no access
        """
        if not self._token:
            raise errors.Misconfigured(NO_ACCESS)
        return self._know()

    def _say(self, outgoing):
        # All that could fail is asked before: once it is out, only its answer is left to be read.
        site, me = self._access()
        text = self.words(outgoing, site.get("domain", ""), me.get("name", ""))
        limit, counted = site.get("limit"), length(text) + length(outgoing.title.strip())
        if limit and counted > limit:
            raise errors.Refused(TOO_LONG, params={"length": counted, "limit": limit})
        if not site.get("keys"):
            if outgoing.target:
                # Such a server would take an answer to nothing for a post of its own.
                self._one(outgoing.target.external_id)
            # and would say twice what is sent twice
            found = self.find_sent(outgoing) if outgoing.first_tried_at else None
            if found:
                return found
        body = {"status": text, "visibility": self._visibility(outgoing)}
        if outgoing.target:
            body["in_reply_to_id"] = outgoing.target.external_id
        if outgoing.title.strip():
            body["spoiler_text"] = outgoing.title.strip()
        if outgoing.language:
            body["language"] = outgoing.language
        if outgoing.attachments:
            body["media_ids"] = self._upload(outgoing)

        def judge(response):
            return self._refusal(response, outgoing)

        headers = {"Idempotency-Key": outgoing.key}
        status = self._ask("POST", "/api/v1/statuses", json=body, headers=headers, judge=judge).json()
        if not isinstance(status, dict):
            raise self._malformed("status")
        return as_ours(self._read_one(self._reader(site, me.get("name", "")), status))

    def _refusal(self, response, outgoing):
        """Return what it means that a status was not taken, ``None`` where its number says enough."""
        if response.status == 404 and outgoing.target:
            # The server is there, it was asked before.
            return errors.Gone(NOT_THERE)
        if response.status not in (400, 409, 413, 422):
            return None
        try:
            answer = response.json()
        except errors.Malformed:
            answer = {}
        said = answer.get("error") if isinstance(answer, dict) else None
        said = clean_line(said, 300).rstrip(" .") if isinstance(said, str) else ""
        why = self.http.hide(said) or f"HTTP {response.status}"
        return errors.Refused(REFUSED, params={"host": urlsplit(self.base).hostname, "why": why})

    def find_sent(self, outgoing):
        """See :meth:`Connector.find_sent`: among our own statuses, then beneath what was answered."""
        site, me = self._access()
        reader = self._reader(site, me.get("name", ""))
        since = not_before(outgoing)
        wanted = essence(self.words(outgoing, site.get("domain", ""), me.get("name", "")))
        parent_id = status_id_of(outgoing.target.external_id) if outgoing.target else ""
        private = self._visibility(outgoing) == "direct"

        def is_it(item):
            return (
                item.outgoing
                and item.parent_id == parent_id
                and (item.visibility == "direct") == private
                and (since is None or (item.published_at is not None and item.published_at >= since))
                and essence(item.text) == wanted
            )

        for item in self._own_items(reader, me.get("id", ""), since):
            if is_it(item):
                return item
        # Some servers do not show private statuses in the list of all.
        for item in self._answers(reader, outgoing.target.external_id) if outgoing.target else ():
            if is_it(item):
                return item
        return None

    def _own_items(self, reader, account_id, since):
        """Yield what our account said, newest first, back to a moment."""
        path = f"/api/v1/accounts/{quote(account_id, safe='')}/statuses"
        params = {"limit": LOOKED_AT, "exclude_reblogs": "true"}
        seen = set()
        for _page in range(PAGES):
            statuses = self._get(path, params).json()
            if not isinstance(statuses, list):
                raise self._malformed("statuses of the account")
            items = reader.read([(status, None) for status in statuses], "own")[0]
            fresh = [item for item in items if item.external_id not in seen]
            yield from fresh
            seen.update(item.external_id for item in fresh)
            times = [item.published_at for item in fresh if item.published_at]
            if not fresh or (since and times and min(times) < since):
                return
            params["max_id"] = fresh[-1].external_id

    def _answers(self, reader, item_id):
        """Return what stands beneath a status; nothing where the status itself is gone."""
        path = f"/api/v1/statuses/{quote(item_id, safe='')}/context"
        response = self._get(path, actions={404: None, 410: None})
        context = response.json() if response.status not in (404, 410) else {"descendants": []}
        if not isinstance(context, dict) or not isinstance(context.get("descendants"), list):
            raise self._malformed("context")
        return reader.read([(status, None) for status in context["descendants"]], "own")[0]
