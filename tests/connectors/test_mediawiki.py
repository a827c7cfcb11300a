"""MediaWiki: what goes beyond what every network has to keep to."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from connectors import errors
from connectors.base import Sentence
from connectors.http import Http
from connectors.items import Outgoing, Target
from connectors.mediawiki import CAN_WRITE, MediaWiki
from connectors.mediawiki_api import NO_ACCESS
from connectors.mediawiki_items import added_lines, plain, section_of, signing, unsigned, wikitext

from .adapters.base import SECRET
from .adapters.mediawiki import HOST, SESSION, MediaWikiAdapter


@pytest.fixture
def wiki():
    return MediaWikiAdapter()


def connect(wiki, answer=None, secrets=None, **values):
    secrets = wiki.secrets if secrets is None else secrets
    return MediaWiki(Http(transport=answer or wiki.answer), {**wiki.settings, **values}, dict(secrets))


def listen(wiki, cursor=None, **values):
    pages = list(connect(wiki, **values).listen(cursor or {}))
    assert not [reject for page in pages for reject in page.rejects]
    return [item for page in pages for item in page.items], pages[-1].cursor


def target_of(item):
    return Target(item.external_id, item.realm, item.kind, identifiers=item.identifiers)


def question(wiki, text="Where is the kettle? ~~~~", heading="The kettle", title="User talk:Desk"):
    """Let somebody ask on a talk page and return the target of an answer."""
    made = wiki.section(title, heading, text)
    return target_of(connect(wiki).lookup(str(made["revid"]), {}))


def outgoing(target, text="It is on its way.", **values):
    return Outgoing("a" * 32, text, target=target, first_tried_at=datetime.now(UTC), **values)


# --- texts -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "text"),
    [
        (["''It'' '''leaks'''"], "It leaks"),
        (["See [[Help:Tea|the help]] and [[Kettle]] or [https://a.example the shop] {{smile}}"],
         "See the help and Kettle or the shop"),
        (["== Kettle ==", "::* Yes", "# No"], "Yes\n\nNo"),
        (["a<!-- hidden --> b<ref>source</ref> c<br />d"], "a b c\n\nd"),
        (["1 &lt; 2 &amp; <b>bold</b>"], "1 < 2 & bold"),
        (["[[File:Kettle.jpg|thumb|A kettle]]boils"], "boils"),
    ],
)  # fmt: skip
def test_wikitext_becomes_what_a_reader_sees(source, text):
    assert plain(source) == text


@pytest.mark.parametrize(
    "piece",
    [
        "<!--",
        "=",
        "= ",
        "[[",
        "[[a",
        "{{",
        "{{a",
        "[http://a ",
        "<ref>",
        "<ref ",
        "''",
        "&lt;",
        "</b ",
        ":",
        "[[User:A|",
        "\n=",
    ],
)
def test_hostile_wikitext_comes_to_an_end(piece):
    page = piece * (1_000_000 // len(piece))
    text = plain(added_lines("", page))
    assert isinstance(text, str) and len(text) <= 100_000


def test_a_signature_goes_and_a_mention_of_somebody_stays():
    line = "Hi [[User:Bob]], thanks -- [[User:Ana|Ana]] ([[User talk:Ana|talk]]) 10:00, 1 March 2025 (UTC)"
    assert unsigned(line) == "Hi [[User:Bob]], thanks"
    german = "Danke. [[Benutzer:Ana|Ana]] ([[Benutzer Diskussion:Ana|Diskussion]]) 10:00, 1. Mär. 2025 (CET)"
    assert unsigned(german, signing(["Benutzer", "Benutzer Diskussion"])) == "Danke."
    assert unsigned("We met [[User:Ana|Ana]] at 10:00.") == "We met [[User:Ana|Ana]] at 10:00."


@pytest.mark.parametrize(
    "text", ["{{x}} [[y]]", "''a'' ~~~~", "== b ==", "<nowiki>c</nowiki> &amp; &", "* d\n\n: e", "{| f"]
)
def test_what_we_write_is_shown_as_it_is(text):
    shown = plain(wikitext(text, ":").split("\n"))
    assert shown == text.replace("[[y]]", "y")
    assert "~~~" not in wikitext(text)


def test_only_what_an_edit_added_is_taken():
    assert added_lines("a\nb\nc", "a\nc\nnew\nb") == ["new"]
    assert added_lines("", "a\n\nb") == ["a", "b"]
    assert added_lines("a\nb", "b") == []
    assert section_of("no section")[0] == ""


# --- listening ---------------------------------------------------------------------------------------------------


def test_an_edit_of_a_talk_page_is_a_comment_in_a_section(wiki):
    made = wiki.section("User talk:Desk", "The kettle", "It '''leaks'''. ~~~~")
    (item,) = listen(wiki)[0]
    assert (item.external_id, item.kind, item.text) == (str(made["revid"]), "comment", "It leaks.")
    assert (item.title, item.origin) == ("User talk:Desk#The kettle", "own")
    assert item.conversation_id == "1/The kettle"
    assert (item.author.external_id, item.author.name) == ("8", "Ana")
    assert item.url == f"https://{HOST}/w/index.php?title=User_talk%3ADesk&diff=prev&oldid={made['revid']}"
    assert item.author.url == f"https://{HOST}/wiki/User:Ana"


def test_a_public_wiki_is_read_without_logging_in(wiki):
    wiki.publish(8)
    assert listen(wiki, watchlist=False)[0]
    assert not [ask for _method, ask in wiki.requests if ask["action"] == "login"]
    assert connect(wiki, secrets={}, username="", watchlist=False, pages="").check().missing


def test_what_cannot_be_done_without_a_password_can_be_said_in_another_language(wiki):
    wiki.publish(8)
    (missing,) = connect(wiki, secrets={}, username="", watchlist=False).check().missing
    assert {name: value.template for name, value in missing.params.items()} == {"what": CAN_WRITE, "why": NO_ACCESS}


def test_a_private_wiki_is_read_after_logging_in_and_its_things_are_private(wiki):
    wiki.private = True
    wiki.publish(4)
    items = listen(wiki, watchlist=False)[0]
    assert items and {item.visibility for item in items} == {"private"}
    with pytest.raises(errors.AccessDenied):
        list(connect(wiki, secrets={}).listen({}))


def test_the_cookies_of_a_session_go_to_the_wiki_and_nowhere_else(wiki):
    target, cookies = question(wiki), []

    def note(request):
        cookies.append((request.headers.get("Cookie"), request.method))
        return wiki.answer(request)

    connector = connect(wiki, note)
    sent = connector.reply(outgoing(target))
    assert cookies[-1][0] == f"wiki_session=pre0123456; {SESSION}; wikiUserName=Desk" and cookies[-1][1] == "POST"
    assert connector.http.hide(f"{SESSION} and {SECRET} and secretcsrf+\\") == "session=*** and *** and ***"
    assert SESSION not in repr(sent) and SESSION not in repr(connector.__dict__)
    fresh = []
    connect(wiki, lambda request: fresh.append(request.headers.get("Cookie")) or wiki.answer(request))._know()
    assert fresh == [None, None]


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ({"code": "maxlag", "info": "Waiting for db: 7 seconds lagged"}, errors.RateLimited),
        ("ratelimited", errors.RateLimited),
        ("readonly", errors.RateLimited),
        ("blocked", errors.AccessDenied),
        ("permissiondenied", errors.AccessDenied),
        ("internal_api_error_DBQueryError", errors.Retriable),
        ("badvalue", errors.Misconfigured),
    ],
)
def test_refusals_come_with_status_200_and_are_what_they_are(wiki, error, kind):
    wiki.publish(4)
    cursor = listen(wiki)[1]
    wiki.refuse = {"revisions": error}
    with pytest.raises(kind):
        list(connect(wiki, watchlist=False, namespaces="", searches="").listen(cursor))


def test_every_question_says_how_much_lag_is_too_much(wiki):
    listen(wiki, watchlist=False)
    assert all(ask["maxlag"] == "5" for _method, ask in wiki.requests if ask["action"] == "query")


# --- answering ---------------------------------------------------------------------------------------------------


def test_an_answer_stands_below_the_comment_and_the_answers_that_are_there(wiki):
    target = question(wiki, "Where is it? ~~~~\n\nWhen will it come?")
    wiki.write("User talk:Desk", wiki.text("User talk:Desk") + "\n:Soon. ~~~~\n::Really? ~~~~", "Eve")
    wiki.section("User talk:Desk", "Another matter", "Hello ~~~~")
    item = connect(wiki).reply(outgoing(target, "First line.\n\nSecond line."))
    lines = wiki.text("User talk:Desk").split("\n")
    place = lines.index(":First line.")
    assert lines[place - 1].startswith("::Really?")
    assert lines[place + 1].startswith(":Second line. [[User:Desk|Desk]]")
    assert "== Another matter ==" in lines[place + 2 :]
    assert (item.text, item.conversation_id) == ("First line.\n\nSecond line.", "1/The kettle")
    assert item.author.external_id == "7"
    method, asked = wiki.requests[-1]
    assert (method, asked["assert"], asked["nocreate"]) == ("POST", "user", "1")
    assert asked["summary"] == "/* The kettle */ First line. Second line." and asked["starttimestamp"]


def test_an_answer_to_an_answer_is_indented_further(wiki):
    question(wiki)
    made = wiki.write(
        "User talk:Desk", wiki.text("User talk:Desk") + "\n:Me too. ~~~~", "Eve", "/* The kettle */ me too"
    )
    target = target_of(connect(wiki).lookup(str(made["revid"]), {}))
    connect(wiki).reply(outgoing(target))
    assert wiki.text("User talk:Desk").split("\n")[-1].startswith("::It is on its way. [[User:Desk")


def test_somebody_who_edits_at_the_same_time_is_not_overwritten(wiki):
    target, tries = question(wiki), []

    def race(request):
        if request.method == "POST" and b"action=edit" in (request.body or "").encode():
            tries.append(1)
            if len(tries) == 1:
                wiki.write("User talk:Desk", wiki.text("User talk:Desk") + "\n:I come in between. ~~~~", "Eve")
        return wiki.answer(request)

    connect(wiki, race).reply(outgoing(target))
    text = wiki.text("User talk:Desk")
    assert len(tries) == 2 and "I come in between" in text and text.count("It is on its way") == 1


def test_a_page_that_never_rests_is_tried_again_later(wiki):
    target = question(wiki)

    def busy(request):
        if request.method == "POST" and "action=edit" in request.body:
            wiki.write("User talk:Desk", wiki.text("User talk:Desk") + "\nmore", "Eve")
        return wiki.answer(request)

    with pytest.raises(errors.RateLimited) as caught:
        connect(wiki, busy).reply(outgoing(target))
    assert not caught.value.unsure and not wiki.sent()


def test_a_worn_out_token_is_renewed_once(wiki):
    target, asked = question(wiki), []

    def worn(request):
        body = request.body or ""
        if "action=edit" in body:
            asked.append(1)
            if len(asked) == 1:
                return 200, {}, b'{"error": {"code": "badtoken", "info": "Invalid CSRF token."}}'
        return wiki.answer(request)

    connect(wiki, worn).reply(outgoing(target))
    assert len(asked) == 2 and len(wiki.sent()) == 1


def test_a_section_that_was_archived_cannot_be_answered(wiki):
    target = question(wiki)
    wiki.write("User talk:Desk", "Everything was archived.")
    with pytest.raises(errors.Gone):
        connect(wiki).reply(outgoing(target))


def test_an_edit_of_an_article_is_answered_on_its_talk_page(wiki):
    made = wiki.write("Kettle", "A kettle boils.")
    target = target_of(connect(wiki).lookup(str(made["revid"]), {}))
    message = outgoing(target, "Which kettle?")
    item = connect(wiki).reply(message)
    assert "== Kettle ==\n\nWhich kettle? [[User:Desk" in wiki.text("Talk:Kettle")
    assert (item.title, item.kind) == ("Talk:Kettle#Kettle", "comment")
    assert connect(wiki).find_sent(message).external_id == item.external_id


def test_a_captcha_or_a_filter_means_that_it_was_not_taken(wiki):
    target = question(wiki)

    def guarded(request):
        if "action=edit" in (request.body or ""):
            return 200, {}, b'{"edit": {"result": "Failure", "captcha": {"id": "1"}}}'
        return wiki.answer(request)

    with pytest.raises(errors.Refused):
        connect(wiki, guarded).reply(outgoing(target))


def test_what_was_said_before_the_first_try_is_not_ours(wiki):
    target = question(wiki)
    message = outgoing(target)
    connect(wiki).reply(message)
    assert connect(wiki).find_sent(message)
    later = Outgoing("b" * 32, message.text, target=target, first_tried_at=datetime.now(UTC) + timedelta(minutes=5))
    assert connect(wiki).find_sent(later) is None
    assert connect(wiki).find_sent(outgoing(question(wiki, heading="Another"))) is None


def test_a_publication_is_a_section_with_a_heading(wiki):
    assert isinstance(MediaWiki.objection(outgoing(None, way="publish")), Sentence)
    item = connect(wiki).publish(outgoing(None, "We open.", way="publish", title="News"))
    assert (item.title, item.text) == ("User:Desk#News", "We open.")
    connect(wiki, publish_page="Project:News").publish(outgoing(None, "We open.", way="publish", title="Today"))
    assert wiki.text("Project:News").startswith("== Today ==\n\nWe open. [[User:Desk")


def test_a_publication_is_found_again_however_its_page_was_entered(wiki):
    message = outgoing(None, "We open.", way="publish", title="Today")
    for page in ("Project:News today", "project:news_today"):
        item = connect(wiki, publish_page=page).publish(message)
        assert item.title == "Project:News today#Today"
        assert connect(wiki, publish_page=page).find_sent(message).external_id == item.external_id
    other = outgoing(None, "We open.", way="publish", title="Tomorrow")
    assert connect(wiki, publish_page="project:news_today").find_sent(other) is None


def test_an_edit_with_an_odd_title_is_not_ours(wiki):
    message = outgoing(question(wiki))

    def odd(request):
        status, headers, body = wiki.answer(request)
        if "list=usercontribs" in request.url:
            answer = json.loads(body)
            for edit in answer["query"]["usercontribs"]:
                edit["title"] = [edit["title"]]
            body = json.dumps(answer).encode()
        return status, headers, body

    connect(wiki).reply(message)
    assert connect(wiki).find_sent(message)
    assert connect(wiki, odd).find_sent(message) is None


# --- the rest ----------------------------------------------------------------------------------------------------


def test_an_edit_is_taken_back_once(wiki):
    wiki.write("Page X", "fine")
    spam = Target(str(wiki.write("Page X", "fine\nbuy pills")["revid"]))
    for _turn in range(2):
        connect(wiki).moderate("delete", spam, "Spam")
    assert wiki.text("Page X") == "fine"
    undone = [ask for _method, ask in wiki.requests if "undo" in ask]
    assert len(undone) == 1 and undone[0]["summary"] == "Spam"
    wiki.refuse = {"edit": "undofailure"}
    with pytest.raises(errors.Refused):
        connect(wiki).moderate("delete", Target(str(wiki.write("Page X", "fine\nmore pills")["revid"])))


def test_a_hidden_revision_is_gone(wiki):
    made = wiki.section("User talk:Desk", "x", "y")
    made["texthidden"] = True
    with pytest.raises(errors.Gone):
        connect(wiki).lookup(str(made["revid"]), {})


def test_the_conversation_is_the_section(wiki):
    question(wiki)
    target = question(wiki, "And the lid? ~~~~")
    question(wiki, heading="Another matter")
    found = connect(wiki).thread(target.external_id, target.identifiers)
    assert [one.text for one in found] == ["Where is the kettle?", "And the lid?"]
    assert {one.conversation_id for one in found} == {"1/The kettle"}


def test_a_wrong_password_and_a_missing_one_are_told(wiki):
    with pytest.raises(errors.AccessExpired):
        connect(wiki, secrets={"bot_password": "wrong"}).check()
    with pytest.raises(errors.AccessDenied):
        connect(wiki, secrets={}).reply(outgoing(question(wiki)))


def test_the_address_may_be_any_page_or_the_interface_itself(wiki):
    wiki.publish(4)
    for address in (HOST, f"https://{HOST}/w/api.php", f"https://{HOST}/wiki/Tea?x=1"):
        assert connect(wiki, url=address).check().ok
    with pytest.raises(errors.Misconfigured):
        connect(wiki, lambda request: (200, {}, b"<html>no wiki</html>")).check()
    with pytest.raises(errors.Misconfigured):
        connect(wiki, namespaces="Quark").check()
