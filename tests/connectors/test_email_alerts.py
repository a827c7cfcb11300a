"""Alert mails, built as the services build them, and mails that nobody would want."""

from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors import errors
from connectors.email_alerts import MAX_MAIL, Email
from connectors.email_results import MOST, address_of, results_in_html, results_in_text

from .conforming import whole

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SENT = datetime(2026, 3, 1, 11, 30, tzinfo=UTC)
GOOGLE = "Google Alerts <googlealerts-noreply@google.com>"
SETTINGS = settings(max_examples=150, deadline=None, derandomize=True, database=None)


def redirect(url):
    """Return an address as Google Alerts gives it."""
    return f"https://www.google.com/url?rct=j&sa=t&url={quote(url, safe=':/')}&ct=ga&cd=CAEYAC&usg=AOvVaw1"


def google(*results):
    """Return the HTML of a Google alert with (url, title, source, excerpt) results."""
    rows = "".join(
        f"""<tr itemscope itemtype="http://schema.org/Article"><td style="padding:18px">
        <div><span style="padding:0 6px 0 0"><a href="{redirect(url)}" itemprop="url" style="color:#427fed">
        <span itemprop="name">{title}</span></a></span>
        <div><div itemprop="publisher" itemscope itemtype="http://schema.org/Organization"><a href="{redirect(url)}">
        <span itemprop="name">{source}</span></a></div>
        <div itemprop="description">{excerpt}</div></div>
        <div><a href="https://www.google.com/alerts/share?hl=en&amp;gl=US&amp;ru={url}&amp;ss=fb">Facebook</a>
        <a href="https://www.google.com/alerts/feedback?ffu={url}&amp;s=x">Flag it as irrelevant</a></div></td></tr>"""
        for url, title, source, excerpt in results
    )
    return f"""<html><head><title>x</title><style>p {{}}</style></head><body><table><tr><td>
        <span>Google Alerts</span></td></tr><tr><td><b>acme</b></td></tr><tr><td>Daily update ⋅ March 1, 2026</td></tr>
        <tr><td>NEWS</td></tr>{rows}<tr><td><a href="https://www.google.com/alerts?s=x&amp;hl=en">See more results</a> |
        <a href="https://www.google.com/alerts/edit?source=alertsmail">Edit this alert</a></td></tr>
        <tr><td>You have received this email because you have subscribed to <b>Google Alerts</b>.
        <a href="https://www.google.com/alerts/remove?s=x">Unsubscribe</a></td></tr></table></body></html>"""


def mail(sender="Ana Ruiz <Ana@Example.com>", subject="Hello", plain="", html="", **headers):
    """Return the bytes of a mail."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, "alerts@acme.example", subject
    message["Date"], message["Message-ID"] = format_datetime(SENT), headers.pop("message_id", "<1@example.com>")
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(plain or "x")
    if html:
        message.add_alternative(html, subtype="html")
        if not plain:
            message = _only(message, html)
    return message.as_bytes()


def _only(message, html):
    single = EmailMessage()
    for name, value in message.items():
        if not name.lower().startswith(("content-", "mime-")):
            single[name] = value
    single.set_content(html, subtype="html")
    return single


def parse(raw, **values):
    page = Email(None, values).parse_mail(raw, NOW)
    for item in page.items:
        whole(item)
    return page.items


RESULTS = [
    ("https://news.example/acme-boots?id=7&utm_source=alert", "Acme opens a second shop in Madrid", "The Daily News",
     "The maker of <b>acme</b> boots opens a second shop in the centre of Madrid on Monday, it said in a statement."),
    ("https://blog.example/review", "A long walk in new <b>acme</b> boots", "Walker&#39;s blog",
     "We walked two hundred kilometres in them, and this is what we think of soles, seams and laces after that."),
]  # fmt: skip


def test_a_google_alert_is_split_into_its_results():
    first, second = parse(mail(GOOGLE, "Google Alert - acme", html=google(*RESULTS)))
    assert (first.url, first.title) == ("https://news.example/acme-boots?id=7", "Acme opens a second shop in Madrid")
    assert first.text.startswith("The maker of acme boots opens") and first.text.endswith("in a statement.")
    assert (first.author.name, first.author.external_id) == ("The Daily News", "source:news.example")
    assert (first.kind, first.origin, first.realm, first.published_at) == ("article", "own", None, SENT)
    assert (second.title, second.author.name) == ("A long walk in new acme boots", "Walker's blog")
    assert "Unsubscribe" not in second.text and "subscribed" not in second.text


def test_the_same_result_in_two_alerts_is_the_same_mention():
    one = parse(mail(GOOGLE, html=google(RESULTS[0]), message_id="<1@google.com>"))
    two = parse(mail(GOOGLE, html=google(RESULTS[0]), message_id="<2@google.com>"))
    assert [item.external_id for item in one] == [item.external_id for item in two]


def test_an_alert_in_plain_text_is_split_too():
    plain = (
        "Google Alert - acme\n\n=== News - 2 new results for [acme] ===\n\n"
        f"Acme opens a second shop in Madrid\nThe Daily News\nThe maker opens a shop\nin the centre.\n<{redirect('https://news.example/a')}>\n\n"
        f"A long walk\nWe walked far.\n<{redirect('https://blog.example/b')}>\n\n- - - - -\n"
        "Unsubscribe from this Google Alert:\n<https://www.google.com/alerts/remove?s=x>\n"
    )
    first, second = parse(mail(GOOGLE, plain=plain))
    assert (first.title, first.author.name) == ("Acme opens a second shop in Madrid", "The Daily News")
    assert first.text == "The maker opens a shop in the centre."
    assert [first.url, second.url] == ["https://news.example/a", "https://blog.example/b"]
    assert second.title == "A long walk" and second.text == "We walked far."


def test_a_talkwalker_digest_is_split():
    html = """<table><tr><td><a href="https://alerts.talkwalker.com/alerts/click?url=https%3A%2F%2Fnews.example%2Fx">
    Acme boots recalled after complaints</a></td></tr><tr><td>news.example</td></tr><tr><td>Acme recalls a series of
    boots whose soles came off; the company speaks of a hundred pairs and of a refund for everybody.</td></tr>
    <tr><td><a href="https://www.talkwalker.com/alerts/manage">Manage your alerts here, please</a></td></tr></table>"""
    (item,) = parse(mail("Talkwalker Alerts <no-reply@talkwalker.com>", html=html))
    assert (item.url, item.title) == ("https://news.example/x", "Acme boots recalled after complaints")
    assert item.author.name == "news.example" and item.text.startswith("Acme recalls a series")


def test_other_senders_of_digests_can_be_named():
    html = '<p><a href="https://a.example/1">Something long about acme</a></p><p>words</p>'
    assert parse(mail("x@alerts.example", html=html))[0].kind == "message"
    for line in ("alerts.example", "x@alerts.example", "@alerts.example"):
        assert parse(mail("x@alerts.example", html=html), digests=line)[0].kind == "article"
    assert parse(mail("x@notalerts.example", html=html), digests="alerts.example")[0].kind == "message"


def test_any_other_mail_is_one_mention():
    raw = mail(
        subject="=?utf-8?q?Gr=C3=BC=C3=9Fe?= from us", plain="Hello,\n\nlook at https://a.example/x?utm_source=m.\n"
    )
    (item,) = parse(raw)
    assert (item.title, item.text) == ("Grüße from us", "Hello,\n\nlook at https://a.example/x?utm_source=m.")
    assert (item.url, item.kind, item.visibility) == ("https://a.example/x", "message", "private")
    assert (item.author.name, item.author.email) == ("Ana Ruiz", "ana@example.com")
    assert item.published_at == SENT and item.external_id == Email.mail_id(raw)


def test_html_is_read_as_text_and_attachments_are_left_alone():
    message = EmailMessage()
    message["From"], message["Subject"], message["Message-ID"] = "a@b.example", "Picture", "<p@x>"
    message.set_content("<p>See <a href='https://a.example/1'>this</a><script>alert(1)</script></p>", subtype="html")
    message.add_attachment(b"MZ" * 1000, maintype="application", subtype="octet-stream", filename="x.exe")
    message.add_attachment("secret text", filename="x.txt")
    (item,) = parse(message.as_bytes())
    assert (item.text, item.url) == ("See this", "https://a.example/1")
    assert not item.attachments


@pytest.mark.parametrize(
    "headers",
    [
        {"sender": "MAILER-DAEMON@mx.example"},
        {"sender": "Postmaster <postmaster@mx.example>"},
        {"Auto_Submitted": "auto-replied"},
        {"Auto_Submitted": "auto-replied; owner=x"},
        {"X_Autoreply": "yes"},
        {"Return_Path": "<>"},
    ],
)
def test_bounces_and_automatic_replies_are_nothing(headers):
    assert parse(mail(plain="I am away", **headers)) == []


def test_a_delivery_report_is_nothing():
    raw = b"From: a@b.example\r\nContent-Type: multipart/report; boundary=x\r\n\r\n--x\r\n\r\nfailed\r\n--x--\r\n"
    assert parse(raw) == []


def test_only_what_a_topic_matches_may_be_kept():
    assert parse(mail(plain="x"), only_topics=True)[0].origin == "search"


def test_the_same_mail_is_known_by_its_id():
    one, two = mail(plain="a"), b"Received: by mx2\r\n" + mail(plain="a")
    assert Email.mail_id(one) == Email.mail_id(two)
    assert Email.mail_id(one) != Email.mail_id(mail(plain="a", message_id="<2@example.com>"))
    assert Email.mail_id(b"x") != Email.mail_id(b"y")


def test_what_is_too_large_is_said_and_not_read():
    with pytest.raises(errors.TooLarge):
        parse(mail(plain="x") + b"x" * MAX_MAIL)


@pytest.mark.parametrize("raw", [b"", b"\r\n\r\n", b"From: a@b.example\r\n\r\n   "])
def test_nothing_is_said_to_be_nothing(raw):
    with pytest.raises(errors.Malformed):
        parse(raw)


HOSTILE = [
    b"From: \xff\xfe<@@>\r\nSubject: =?utf-8?b?////?=\r\nDate: never\r\n\r\ntext",
    b"From: a@b.example\r\nContent-Type: text/plain; charset=nonsense\r\n\r\n\xff\xfetext",
    b"From: a@b.example\r\nContent-Type: text/html\r\n\r\n" + b"<div>" * 20000 + b"text",
    b"From: a@b.example\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n" + b"--x\r\n\r\ntext\r\n" * 5000,
    b"From: a@b.example\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!not base64!!!text",
    b"From: a@b.example\r\nSubject: x\x00y\r\n\r\n\x00\x1b[31mtext\xe2\x80\xae",
    b"From: a@b.example\r\nReferences: " + b"<x@y> " * 20000 + b"\r\n\r\ntext",
    b"From: googlealerts-noreply@google.com\r\nContent-Type: text/html\r\n\r\n<a href='javascript:alert(1)'>"
    b"A title that is long</a>text",
    b"From: googlealerts-noreply@google.com\r\nContent-Type: text/html\r\n\r\n<a href='http://[::1'>"
    b"A title that is long</a>text",
]  # fmt: skip


@pytest.mark.parametrize("raw", HOSTILE)
def test_hostile_mails_are_read_or_refused(raw):
    (item,) = parse(raw)
    assert "text" in item.text or "!!!" in item.text or item.text
    assert not item.url.startswith("javascript")


def test_a_digest_of_thousands_of_results_is_bounded():
    html = "".join(f'<p><a href="https://a.example/{n}">A title that is long enough {n}</a></p>' for n in range(2000))
    assert len(parse(mail(GOOGLE, html=html))) == MOST
    plain = "".join(f"Title {n}\nhttps://a.example/{n}\n" for n in range(2000))
    assert len(results_in_text(plain)) == MOST


@pytest.mark.parametrize(
    ("link", "address"),
    [
        (redirect("https://a.example/x"), "https://a.example/x"),
        (redirect(redirect("https://a.example/x")), "https://a.example/x"),
        ("https://www.google.es/url?q=https://a.example/x", "https://a.example/x"),
        ("https://a.example/x?url=https://b.example/", "https://a.example/x?url=https://b.example/"),
        ("https://mail.example/click?u=https%3A%2F%2Fa.example", "https://a.example"),
        ("https://www.google.com/url?url=javascript:alert(1)", "https://www.google.com/url?url=javascript:alert(1)"),
        ("https://a.example/?a=1&utm_medium=x&b=2", "https://a.example/?a=1&b=2"),
        ("javascript:alert(1)", ""),
        ("http://[::1/x", ""),
        ("", ""),
    ],
)
def test_links_are_followed_to_where_they_lead(link, address):
    assert address_of(link) == address


@SETTINGS
@given(st.binary(max_size=400), st.sampled_from([b"", b"googlealerts-noreply@google.com", b"a@b.example"]))
def test_no_bytes_make_it_fail(body, sender):
    raw = b"From: " + sender + b"\r\nSubject: s\r\nContent-Type: text/html\r\n\r\n" + body
    for item in Email(None, {}).parse_mail(raw, NOW).items:
        whole(item)


PIECES = ["<a href='https://a.example/1'>", "</a>", "A title of a result", "<td>", "<script>", "</td>", "<a>", "&#0;"]


@SETTINGS
@given(st.lists(st.sampled_from(PIECES), max_size=30))
def test_no_markup_makes_it_fail(pieces):
    for result in results_in_html("".join(pieces)):
        assert result.url and result.title
