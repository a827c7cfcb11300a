"""Mastodon: what we say and do there, against recorded answers of a real server."""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs

import pytest

from connectors import errors
from connectors.base import TOO_LONG
from connectors.items import Outgoing, Target
from connectors.mastodon import Mastodon
from connectors.mastodon_words import essence, length, mentions

from .fake_mastodon import HOST, FakeMastodon, Recorded, connect, recorded

KEY = "0123456789abcdef" * 2
SNAC = {"uri": HOST, "version": "4.0.0 (not true; really snac/2.75)", "configuration": {}}


def target(**values):
    values = {"author_id": "second@mastodon.example", "author_handle": "@second@mastodon.example", **values}
    return Target("117440826670289215", realm=HOST, **values)


def answer_to(target, text="same!", way="reply", **values):
    return Outgoing(KEY, text, way, target, first_tried_at=datetime.now(UTC), **values)


# --- saying ------------------------------------------------------------------------------------------------------


def test_an_answer_is_sent_as_mastodon_wants_it_and_read_as_it_answers():
    server = Recorded(reply="POST /api/v1/statuses")
    item = connect(server).reply(answer_to(target(visibility="unlisted"), language="en"))
    ((sent, headers),) = server.asked
    assert sent == {
        "status": "@second@mastodon.example same!",
        "in_reply_to_id": "117440826670289215",
        "visibility": "unlisted",
        "language": "en",
    }
    assert (headers["Idempotency-Key"], headers["Authorization"]) == (KEY, "Bearer a-token")
    assert (item.external_id, item.parent_id, item.text, item.outgoing, item.realm) == (
        "117440826677780974", "117440826670289215", "@second same!", True, HOST
    )  # fmt: skip
    recorded_form = parse_qs(recorded("reply")["sent"], keep_blank_values=True)
    assert set(sent) - {"language"} <= set(recorded_form)


@pytest.mark.parametrize(
    ("visibility", "way", "expected"),
    [
        ("public", "reply", "public"),
        ("private", "reply", "private"),
        ("direct", "reply", "direct"),
        ("public", "message", "direct"),
        ("something new", "reply", "direct"),
    ],
)
def test_an_answer_is_seen_by_those_who_see_what_is_answered(visibility, way, expected):
    server = Recorded(said_direct="POST /api/v1/statuses")
    getattr(connect(server), way)(answer_to(target(visibility=visibility), way=way))
    assert server.asked[0][0]["visibility"] == expected


@pytest.mark.parametrize(
    ("text", "author", "expected"),
    [
        ("hello", {}, "@second@mastodon.example hello"),
        ("hello @Second@Mastodon.example", {}, "hello @Second@Mastodon.example"),
        ("hello @second!", {}, "hello @second!"),
        ("@secondary hello", {}, "@second@mastodon.example @secondary hello"),
        ("see https://x.example/@second", {}, "@second@mastodon.example see https://x.example/@second"),
        ("@eva hello", {"author_handle": "@eva@b.example"}, "@eva@b.example @eva hello"),
        ("hello", {"author_id": "desk@mastodon.example", "author_handle": "@desk@mastodon.example"}, "hello"),
        ("hello", {"author_handle": ""}, "@second@mastodon.example hello"),
    ],
)
def test_whoever_is_answered_is_mentioned_once(text, author, expected):
    server = Recorded(reply="POST /api/v1/statuses")
    connect(server).reply(answer_to(target(**author), text))
    assert server.asked[0][0]["status"] == expected


def test_a_publication_has_a_warning_a_language_and_no_mention():
    server = FakeMastodon()
    item = connect(server).publish(
        Outgoing(KEY, "We are open.", "publish", title="Hours", visibility="unlisted", language="es")
    )
    assert (item.text, item.title, item.visibility, item.language, item.parent_id) == (
        "We are open.", "Hours", "unlisted", "es", ""
    )  # fmt: skip


def test_what_the_server_says_against_it_is_told():
    server = Recorded(said_empty="POST /api/v1/statuses")
    with pytest.raises(errors.Refused) as caught:
        connect(server).publish(Outgoing(KEY, "x", "publish"))
    assert recorded("said_empty")["body"]["error"] in caught.value.message
    assert caught.value.message.startswith("mastodon.example does not take this: ")


def test_without_access_nothing_is_said():
    for ask in ("publish", "find_sent"):
        with pytest.raises(errors.Misconfigured):
            getattr(connect(FakeMastodon(), token=""), ask)(Outgoing(KEY, "x", "publish"))


# --- length ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("hello", 5),
        ("https://acme.example/" + "x" * 300, 23),
        ("http://a.b c", 25),
        ("@ana@a-very-long-name.example.com hello", 10),
        ("ana@mail.example", 16),
        ("👨‍👩‍👧‍👦 é", 3),
        ("a\r\nb", 3),
    ],
)
def test_texts_are_counted_as_mastodon_counts(text, expected):
    assert length(text) == expected


def test_the_mention_and_the_warning_count_too():
    fits, over = "x" * (500 - len("@second ")), "x" * (501 - len("@second "))
    assert Mastodon.objection(answer_to(target(), fits)) is None
    assert Mastodon.objection(answer_to(target(), over)).params == {"length": 501, "limit": 500}
    assert Mastodon.objection(Outgoing(KEY, "x" * 500, "publish", title="y")).params["length"] == 501


def test_a_server_with_a_smaller_limit_is_not_asked():
    server = FakeMastodon()
    server.instance = {**server.instance, "configuration": {"statuses": {"max_characters": 20}}}
    with pytest.raises(errors.Refused) as caught:
        connect(server).publish(Outgoing(KEY, "x" * 21, "publish"))
    assert (caught.value.template, caught.value.params) == (TOO_LONG, {"length": 21, "limit": 20})
    assert connect(server).publish(Outgoing(KEY, "x" * 20, "publish"))


# --- finding what was said ---------------------------------------------------------------------------------------


def test_what_we_said_is_found_among_two_pages_of_others():
    server = FakeMastodon()
    post = server.status("hello @desk")
    asked = Target(post["id"], HOST, author_id="ana@mastodon.example")
    wanted = connect(server).reply(answer_to(asked, "Sorry!"))
    for number in range(70):
        connect(server).publish(Outgoing(f"{number:032x}", f"Post {number}", "publish"))
    assert connect(server).find_sent(answer_to(asked, "Sorry!")).external_id == wanted.external_id


def test_somebody_else_saying_the_same_is_not_us():
    server = FakeMastodon()
    post = server.status("hello @desk")
    now = datetime.now(UTC).isoformat()
    server.status("@ana Sorry!", author="eva", in_reply_to_id=post["id"], created_at=now)
    assert connect(server).find_sent(answer_to(Target(post["id"], HOST, author_id="ana@mastodon.example"))) is None


def test_a_public_answer_is_not_taken_for_a_private_one():
    server = FakeMastodon()
    asked = Target(server.status("hello @desk")["id"], HOST, author_id="ana@mastodon.example")
    connect(server).reply(answer_to(asked, "Sorry!"))
    assert connect(server).find_sent(answer_to(asked, "Sorry!", way="message")) is None


def test_private_answers_are_found_where_the_list_of_all_hides_them():
    class Hiding(FakeMastodon):
        def _answer(self, path, query):
            status, body = super()._answer(path, query)
            if path.endswith("/statuses"):
                body = [one for one in body if one["visibility"] == "public"]
            return status, body

    server = Hiding()
    asked = Target(server.status("hello @desk")["id"], HOST, author_id="ana@mastodon.example", visibility="direct")
    said = connect(server).reply(answer_to(asked, "Sorry!"))
    assert connect(server).find_sent(answer_to(asked, "Sorry!")).external_id == said.external_id


def test_a_target_that_is_gone_hides_nothing():
    server = FakeMastodon()
    asked = Target(server.status("hello @desk")["id"], HOST, author_id="ana@mastodon.example")
    said = connect(server).reply(answer_to(asked, "Sorry!"))
    del server.statuses[asked.external_id]
    assert connect(server).find_sent(answer_to(asked, "Sorry!")).external_id == said.external_id
    assert connect(server).find_sent(answer_to(asked, "Another.")) is None


@pytest.mark.parametrize(
    ("ours", "theirs", "alike"),
    [
        ("*Hi* @ana@b.example,\n\nsee https://a.example/x?y=1", "Hi @ana, see https://a.example/x?y=1", True),
        ("Hi :-)", "Hi 🙂", True),
        ("👍", "👎", False),
        ("Room 1", "Room 2", False),
        ("Straße", "STRASSE", False),
    ],
)
def test_texts_are_compared_by_what_they_say(ours, theirs, alike):
    assert (essence(ours) == essence(theirs)) is alike


def test_a_handle_in_an_address_is_no_mention():
    assert not mentions("mail ana@a.example or https://a.example/@ana", "@ana@a.example", "a.example")


# --- servers that know no keys -----------------------------------------------------------------------------------


def snac():
    server = FakeMastodon()
    server.knows_keys = False
    server.instance = SNAC
    return server


@pytest.mark.parametrize(
    ("version", "keys"),
    [
        ("4.7.3", True),
        ("4.3.1+glitch", True),
        ("2.7.2 (compatible; Pleroma 2.5.0)", False),
        ("0.17.3+git-1", False),
        ("", False),
        (None, False),
        (5, False),
    ],
)
def test_only_mastodon_is_trusted_to_know_keys(version, keys):
    server = FakeMastodon()
    server.instance = {**server.instance, "version": version}
    assert connect(server)._instance()["keys"] is keys


def test_a_server_that_knows_no_keys_gets_a_repeat_once():
    server = snac()
    outgoing = answer_to(Target(server.status("hello @desk")["id"], HOST, author_id="ana@mastodon.example"))
    first = connect(server).reply(outgoing)
    assert connect(server).reply(outgoing).external_id == first.external_id
    assert sum("_sent" in status for status in server.statuses.values()) == 1


def test_such_a_server_is_asked_first_whether_the_post_is_there():
    server = snac()
    with pytest.raises(errors.Gone):
        connect(server).reply(answer_to(target()))
    assert not any("_sent" in status for status in server.statuses.values())


def test_a_position_of_before_learns_what_the_server_can():
    server = FakeMastodon()
    cursor = {"site": {"domain": HOST, "software": "4.2.0"}, "streams": {}}
    (page, *_more) = connect(server).listen(cursor)
    assert (page.cursor["site"]["keys"], page.cursor["site"]["limit"]) == (True, 500)


# --- moderation, figures, people ---------------------------------------------------------------------------------


def test_a_report_names_the_account_the_post_and_the_reason():
    server = Recorded(report="POST /api/v1/reports")
    post = server.status("spam", author="eva")
    connect(server).moderate("report", Target(post["id"], HOST, author_id="eva@mastodon.example"), "Sells pills.")
    assert server.asked[0][0] == {"account_id": "a-eva", "status_ids": [post["id"]], "comment": "Sells pills."}


def test_muting_and_banning_concern_the_author():
    server = FakeMastodon()
    post = server.status("spam", author="eva")
    for action in ("mute", "ban"):
        connect(server).moderate(action, Target(post["id"], HOST))
    assert server.done == [("mute", "a-eva"), ("block", "a-eva")]
    recorded_path = recorded("mute")["request"].partition(" ")[2]
    assert recorded_path.endswith("/mute")


def test_only_what_is_ours_is_deleted():
    server = FakeMastodon()
    said = connect(server).publish(Outgoing(KEY, "Oops", "publish"))
    ours = Target(said.external_id, HOST, author_id="desk@mastodon.example")
    connect(server).moderate("delete", ours)
    assert said.external_id not in server.statuses
    with pytest.raises(errors.Refused):
        connect(server).moderate("delete", target())


def test_a_server_that_cannot_report_says_so():
    server = FakeMastodon()
    server.refuse["/api/v1/reports"] = 404
    post = server.status("spam")
    with pytest.raises(errors.Refused) as caught:
        connect(server).moderate("report", Target(post["id"], HOST))
    assert caught.value.message.startswith("mastodon.example cannot do this")


@pytest.mark.parametrize("at_once", [True, False])
def test_figures_are_read_at_once_or_one_by_one(at_once):
    server = FakeMastodon()
    server.me = {**server.me, "followers_count": 12, "statuses_count": -1}
    posts = [server.status("x", favourites_count=number, reblogs_count=1, replies_count=2) for number in range(30)]
    if not at_once:
        server._answer = lambda path, query, known=server._answer: (
            (404, {}) if path == "/api/v1/statuses" else known(path, query)
        )
    figures = connect(server).metrics([(post["id"], {}) for post in posts] + [("404", {})])
    assert (figures.followers, figures.posts, len(figures.items)) == (12, None, 30)
    assert figures.items[posts[7]["id"]].likes == 7
    asked = [path for path, _query in server.requests if path.startswith("/api/v1/statuses")]
    assert len(asked) == (2 if at_once else 33)


def test_a_recorded_account_is_found_and_a_missing_one_is_nobody():
    found = connect(Recorded(lookup="GET /api/v1/accounts/lookup")).profile("@desk")
    assert (found.external_id, found.handle, found.url) == (
        "desk@mastodon.example", "@desk@mastodon.example", "https://mastodon.example/@desk"
    )  # fmt: skip
    server = Recorded(lookup_missing="GET /api/v1/accounts/lookup")
    assert connect(server).profile("@kljadklajsdkljlkjlkjlkjasdasd") is None
    assert connect(Recorded(lookup_missing="GET /api/v1/accounts/lookup"), token="").profile("@nobody") is None


@pytest.mark.parametrize("handle", ["@eva@other.example", "https://other.example/@eva"])
def test_people_elsewhere_are_reached_through_the_search(handle):
    server = FakeMastodon()
    account = {**server.me, "acct": "eva@other.example", "url": "https://other.example/@eva"}
    like = {**account, "acct": "evan@other.example", "url": "https://other.example/@evan"}
    server._account = lambda name: (404, {"error": "Record not found"})
    server._answer = lambda path, query, known=server._answer: (
        (200, {"accounts": [like, account]}) if path == "/api/v2/search" else known(path, query)
    )
    assert connect(server).profile(handle).external_id == "eva@other.example"
    assert server.requests[-1][1]["resolve"] == "true"


def test_an_older_attempt_than_the_clocks_differ_is_not_looked_for():
    server = FakeMastodon()
    connect(server).publish(Outgoing(KEY, "Hello", "publish"))
    early = Outgoing(KEY, "Hello", "publish", first_tried_at=datetime.now(UTC) + timedelta(seconds=50))
    late = Outgoing(KEY, "Hello", "publish", first_tried_at=datetime.now(UTC) + timedelta(seconds=70))
    assert connect(server).find_sent(early) is not None
    assert connect(server).find_sent(late) is None
