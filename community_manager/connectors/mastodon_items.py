"""From what the Mastodon API calls a status to an item."""

import re
from datetime import UTC, datetime

from .items import Attachment, AuthorItem, MentionItem, Reject
from .text import clean_line, clean_text, html_to_text
from .values import count, identifier, moment, web_url

_VISIBILITY = {"public": "public", "unlisted": "unlisted", "private": "private", "direct": "direct"}
_MEDIA = {"image": "image", "gifv": "video", "video": "video", "audio": "audio"}
_LINK = re.compile(r'href="(https?://[^"<>\s]{1,1000})"')
_SNAC_ID = re.compile("[0-9]{10}[0-9a-f]{32}")
#: More pictures, tags or poll options than any server allows are not read.
MANY = 20


def status_id_of(value):
    """Return the id of a status as it stays.

    snac puts the time of the last change in front of it, ten digits that it does not look at itself.

    >>> status_id_of("109876543210"), status_id_of("1795313363e95b3042454980e79a80acc639dc5752")
    ('109876543210', '0000000000e95b3042454980e79a80acc639dc5752')
    """
    if value.__class__ is str and value.isdigit() and len(value) < 40 and value.isascii():
        return value
    found = identifier(value)
    return "0" * 10 + found[10:] if len(found) == 42 and _SNAC_ID.fullmatch(found) else found


class Reader:
    """Turns statuses of one server into items.

    :ivar str realm: the server, within which ids are known
    :ivar str domain: what belongs behind the @ of the server's own accounts
    :ivar str me: our own account, ``user@host``, or an empty string
    """

    def __init__(self, realm, domain, me="", trust_language=True):
        self.realm = realm
        self.domain = domain
        self.me = me
        self.trust_language = trust_language
        self.now = datetime.now(UTC)

    def account_name(self, account):
        """Return ``user@host`` in lower case, for accounts of the own server too; empty when there is none."""
        name = account.get("acct") or account.get("username") if isinstance(account, dict) else ""
        if not isinstance(name, str):
            return ""
        name = clean_line(name, 320).strip("@").lower()
        return name if "@" in name or not name else f"{name}@{self.domain}"

    def author(self, account):
        """Return the author of a status.

        :raises ValueError: there is none
        """
        name = self.account_name(account)
        if not name:
            raise ValueError("no account")
        fields = account.get("fields")
        verified = ()
        if fields and isinstance(fields, list):
            verified = tuple(
                link.group(1)
                for field in fields[:MANY]
                if isinstance(field, dict) and field.get("verified_at")
                for link in [_LINK.search(str(field.get("value") or "")[:2000])]
                if link
            )
        followers = account.get("followers_count")
        return AuthorItem(
            external_id=name,
            name=clean_line(account.get("display_name"), 200) or name.partition("@")[0],
            handle="@" + name,
            url=web_url(account.get("url")),
            avatar_url=web_url(account.get("avatar_static") or account.get("avatar")),
            # Servers that keep the number to themselves say -1.
            followers=count(followers) if isinstance(followers, int) and followers >= 0 else None,
            bot=account.get("bot") is True,
            verified_urls=verified,
        )

    def item(self, status, origin="search"):
        """Return the item of a status; of a boost, the status that was boosted.

        :raises ValueError: it cannot be read
        """
        boosted = status.get("reblog")
        if isinstance(boosted, dict):
            status = boosted
        status_id = status_id_of(status.get("id"))
        if not status_id:
            raise ValueError("no id")
        author = self.author(status.get("account"))
        content = status.get("content")
        if content is not None and not isinstance(content, str):
            raise ValueError("content is not text")
        text = html_to_text(content)
        poll = status.get("poll")
        if poll:
            text = self._with_poll(text, poll)
        outgoing = bool(self.me) and author.external_id == self.me
        parent_id = status_id_of(status.get("in_reply_to_id"))
        visibility = _VISIBILITY.get(status.get("visibility"), "private")
        tags = status.get("tags")
        media = status.get("media_attachments")
        spoiler = status.get("spoiler_text")
        language = status.get("language")
        edited = status.get("edited_at")
        return MentionItem(
            external_id=status_id,
            kind="message" if visibility == "direct" else "post",
            realm=self.realm,
            text=text,
            title=clean_line(spoiler) if spoiler and isinstance(spoiler, str) else "",
            url=web_url(status.get("url")) or web_url(status.get("uri")),
            author=author,
            published_at=moment(status.get("created_at"), self.now),
            edited_at=moment(edited, self.now) if edited else None,
            language=self._language(language) if language else "",
            parent_id=parent_id,
            visibility=visibility,
            origin="own" if outgoing or (self.me and self._concerns_us(status)) else origin,
            outgoing=outgoing,
            attachments=self._attachments(media) if media else (),
            hashtags=self._hashtags(tags) if tags else (),
            likes=count(status.get("favourites_count")),
            shares=count(status.get("reblogs_count")),
            replies=count(status.get("replies_count")),
            identifiers=self._identifiers(status, status_id, parent_id),
        )

    def _concerns_us(self, status):
        """Return whether a status mentions, answers or quotes our own account."""
        mentions = status.get("mentions")
        if mentions and isinstance(mentions, list) and any(self.account_name(one) == self.me for one in mentions):
            return True
        quote = status.get("quote")
        quoted = quote.get("quoted_status") if isinstance(quote, dict) else None
        return isinstance(quoted, dict) and self.account_name(quoted.get("account")) == self.me

    @staticmethod
    def _identifiers(status, status_id, parent_id):
        found = {"id": status_id}
        uri = status.get("uri")
        if isinstance(uri, str):
            found["uri"] = clean_line(uri, 1000)
        if parent_id:
            found["in_reply_to_id"] = parent_id
            account = identifier(status.get("in_reply_to_account_id"))
            if account:
                found["in_reply_to_account_id"] = account
        quote = status.get("quote")
        if isinstance(quote, dict):
            quoted = quote.get("quoted_status")
            quoted_id = status_id_of(quoted.get("id") if isinstance(quoted, dict) else quote.get("quoted_status_id"))
            if quoted_id:
                found["quoted_id"] = quoted_id
        return found

    def _language(self, language):
        if not self.trust_language or not isinstance(language, str):
            return ""
        primary = language.replace("_", "-").partition("-")[0].lower()
        return primary if primary.isascii() and primary.isalpha() and 2 <= len(primary) <= 3 else ""

    @staticmethod
    def _with_poll(text, poll):
        options = poll.get("options") if isinstance(poll, dict) else None
        if not isinstance(options, list):
            return text
        titles = [clean_line(option.get("title")) for option in options[:MANY] if isinstance(option, dict)]
        lines = "\n".join(f"○ {title}" for title in titles if title)
        return f"{text}\n\n{lines}".strip()

    @staticmethod
    def _attachments(media):
        if not isinstance(media, list):
            return ()
        found = []
        for one in media[:MANY]:
            if isinstance(one, dict):
                url = web_url(one.get("url")) or web_url(one.get("remote_url"))
                if url:
                    alt = one.get("description")
                    kind = one.get("type")
                    found.append(
                        Attachment(
                            kind=_MEDIA.get(kind, "file") if isinstance(kind, str) else "file",
                            url=url,
                            alt=clean_text(alt, 2000) if isinstance(alt, str) else "",
                        )
                    )
        return tuple(found)

    @staticmethod
    def _hashtags(tags):
        if not isinstance(tags, list):
            return ()
        names = (tag.get("name") for tag in tags[: MANY * 2] if isinstance(tag, dict))
        return tuple(clean_line(name, 200).lstrip("#").lower() for name in names if name and isinstance(name, str))

    def read(self, entries, origin):
        """Return ``(items, rejects)`` of ``(status, origin or None)`` pairs, each id once."""
        items, rejects, known = [], [], set()
        for status, own_origin in entries:
            try:
                item = self.item(status, own_origin or origin)
            except (ValueError, TypeError, AttributeError, KeyError, RecursionError) as problem:
                status_id = status_id_of(status.get("id")) if isinstance(status, dict) else ""
                rejects.append(Reject(status, f"{type(problem).__name__}: {problem}"[:300], status_id))
                continue
            if item.external_id not in known:
                known.add(item.external_id)
                items.append(item)
        return items, rejects
