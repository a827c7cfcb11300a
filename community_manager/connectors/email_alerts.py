"""Mentions that arrive by mail: alerts of search services, and any other mail that is sent to a channel's address.

The desk stores each mail and gives it to :meth:`Email.parse_mail`.  A digest, as Google Alerts and Talkwalker send
them, becomes one mention for each result; any other mail becomes one mention.
"""

import email
import email.policy
import re
from datetime import UTC
from email.utils import parseaddr, parsedate_to_datetime
from urllib.parse import urlsplit

from . import errors
from .base import Connector, Setting, _
from .email_results import address_of, results_in_html, results_in_text
from .items import AuthorItem, Check, MentionItem, Page
from .registry import register
from .text import clean_line, clean_text, html_to_text
from .values import believable, digest, web_url

#: Mails are read this far; a digest has a tenth of it, attachments make the rest.
MAX_MAIL = 10 * 1024 * 1024
MAX_PARTS = 200
MAX_BODY = 2_000_000
#: Senders of digests, by the end of their address.
DIGESTS = ("googlealerts-noreply@google.com", "@talkwalker.com", "@alerts.talkwalker.com")

TOO_BIG = _("The mail is larger than %(limit)s MB, so it was not read.")
EMPTY_MAIL = _("The mail says nothing that can be read.")

_LINK = re.compile(r"https?://[^\s<>\"')\]]{4,2000}")
_AUTOMATIC = frozenset(("auto-replied", "auto-notified"))


@register
class Email(Connector):
    """Mails to an address of the channel."""

    code = "email"
    label = _("E-mail alerts")
    description = _("Alerts by mail, such as Google Alerts and Talkwalker, sent to an address of this channel.")
    kind = "aggregator"
    scope = "horizontal"
    capabilities = frozenset({"mail"})
    settings = (
        Setting(
            "digests",
            _("Senders of digests"),
            _(
                "Addresses or domains whose mails list several results, one a line. Google Alerts and Talkwalker are "
                "known."
            ),
            kind="text",
            placeholder="alerts@example.com",
        ),
        Setting(
            "only_topics",
            _("Keep only what a topic matches"),
            _("Otherwise everything that arrives is kept."),
            kind="bool",
            default=False,
        ),
    )
    guide = _(
        "This channel gets an address of its own; it stands on its form.\n"
        "Have alerts sent to it: on google.com/alerts, choose it under “Deliver to”, or forward the alerts to it.\n"
        "For Google to believe the address, open the mail that asks for confirmation among the mentions."
    )

    def check(self):
        """See :meth:`Connector.check`: there is nothing to ask."""
        return Check(can=[_("Receive mails")])

    @staticmethod
    def mail_id(raw):
        """See :meth:`Connector.mail_id`."""
        message = email.message_from_bytes(raw[:100_000], policy=email.policy.compat32)
        known = " ".join(str(message.get("Message-ID") or "").split())
        return digest("mail", known) if known else digest("mail", len(raw), raw[:MAX_MAIL].hex())

    def parse_mail(self, raw, now):
        """See :meth:`Connector.parse_mail`."""
        if len(raw) > MAX_MAIL:
            raise errors.TooLarge(TOO_BIG, params={"limit": MAX_MAIL // 1024 // 1024})
        message = email.message_from_bytes(raw, policy=email.policy.default)
        page = Page(requests=0)
        sender = parseaddr(_header(message, "From"))
        if self._is_automatic(message, sender[1]):
            return page
        plain, markup = _bodies(message)
        origin = "search" if self.values.get("only_topics") else "own"
        at = _moment(_header(message, "Date"), now)
        if self._is_digest(sender[1]):
            results = results_in_html(markup) or results_in_text(plain)
            page.items = [_result(result, origin, at) for result in results]
        if not page.items:
            page.items = [self._mail(raw, message, sender, plain, markup, origin, at)]
        return page

    @staticmethod
    def _is_automatic(message, address):
        automatic = _header(message, "Auto-Submitted").partition(";")[0].strip().lower()
        local = address.partition("@")[0].lower()
        return (
            automatic in _AUTOMATIC
            or message.get_content_type() == "multipart/report"
            or local in ("mailer-daemon", "postmaster")
            or _header(message, "X-Autoreply").strip().lower() in ("yes", "true")
            or _header(message, "Return-Path").strip() == "<>"
        )

    def _is_digest(self, address):
        address = address.lower()
        own = (line.strip().lower() for line in str(self.values.get("digests") or "").splitlines())
        ends = [*DIGESTS, *(line if "@" in line else f"@{line}" for line in own if line)]
        return any(address == end or (end.startswith("@") and address.endswith(end)) for end in ends)

    def _mail(self, raw, message, sender, plain, markup, origin, at):
        """Return the item of a mail that is no digest."""
        text = clean_text(plain) or html_to_text(markup)
        title = clean_line(_header(message, "Subject"))
        if not text and not title:
            raise errors.Malformed(EMPTY_MAIL)
        first = _LINK.search(text)
        link = web_url(first.group().rstrip(".,;:!?")) if first else next(iter(_addresses(markup)), "")
        address = clean_line(sender[1], 320).lower()
        name = clean_line(sender[0], 200) or address
        return MentionItem(
            external_id=self.mail_id(raw),
            kind="message",
            realm=None,
            title=title,
            text=text or title,
            url=address_of(link),
            author=AuthorItem(external_id=address or name, name=name, email=address, realm=None) if name else None,
            published_at=at,
            visibility="private",
            origin=origin,
        )


def _header(message, name):
    """Return a header on one line, empty where it is missing or beyond reading."""
    try:
        return " ".join(str(message.get(name) or "").split())[:2000]
    except (ValueError, TypeError, AttributeError, LookupError, IndexError):
        return ""  # the library gives up on some headers that only spam has


def _bodies(message):
    """Return the plain text and the HTML of a mail; attachments are left alone."""
    plain, markup = "", ""
    for number, part in enumerate(message.walk()):
        if number >= MAX_PARTS:
            break
        kind = part.get_content_type()
        if (
            part.is_multipart()
            or kind not in ("text/plain", "text/html")
            or part.get_content_disposition() == "attachment"
        ):
            continue
        try:
            content = (part.get_payload(decode=True) or b"")[:MAX_BODY]
            text = content.decode(part.get_content_charset() or "utf-8", "replace")
        except (LookupError, ValueError, TypeError):
            text = content.decode("utf-8", "replace")
        if kind == "text/plain":
            plain = plain or text
        else:
            markup = markup or text
    return plain, markup


def _moment(header, now):
    try:
        found = parsedate_to_datetime(header)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return believable(found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC), now)


def _addresses(markup):
    return re.findall(r"""href\s*=\s*["'](https?://[^"'<>\s]{4,2000})["']""", markup[:MAX_BODY], re.IGNORECASE)


def _result(result, origin, at):
    """Return the item of one result of a digest."""
    host = urlsplit(result.url).hostname or ""
    source = result.source or host.removeprefix("www.")
    return MentionItem(
        external_id=digest("result", result.url),
        kind="article",
        realm=None,
        title=result.title,
        text=result.excerpt or result.title,
        url=result.url,
        author=AuthorItem(
            external_id=f"source:{host}", name=source, url=f"https://{host}/" if host else "", realm=None
        ),
        published_at=at,
        origin=origin,
    )
