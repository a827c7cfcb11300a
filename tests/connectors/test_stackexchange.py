"""Stack Exchange, against answers shaped as its documentation says."""

import json
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from connectors import errors
from connectors.http import Http
from connectors.items import Outgoing, Target
from connectors.stackexchange import MOST_OF_A_COMMENT, StackExchange, site_of
from connectors.stackexchange_items import Reader

from .adapters.base import SECRET
from .adapters.stackexchange import ME, StackExchangeAdapter


@pytest.fixture
def site():
    return StackExchangeAdapter()


def connect(fake, /, token=SECRET, **values):
    values = {**fake.settings, **values}
    connector = StackExchange(Http(transport=fake.answer), values, {"access_token": token} if token else {})
    connector.account_id = str(ME) if token else ""
    return connector


def listen(fake, /, cursor=None, **values):
    """Return the items of a run and the cursor after it."""
    cursor, items = cursor or {}, []
    for page in connect(fake, **values).listen(cursor):
        cursor = json.loads(json.dumps(page.cursor))
        items += page.items
    return items, cursor


def asked(site):
    """Return (path, parameters) of every request."""
    found = []
    for request in site.requests:
        parts = urlsplit(request.url)
        query = parse_qs(parts.query if request.method == "GET" else request.body)
        found.append((parts.path.removeprefix("/2.3"), {name: values[0] for name, values in query.items()}))
    return found


def target_of(thing, kind):
    number = str(thing[f"{kind}_id"])
    identifiers = {"id": number, "type": kind}
    for name in ("question_id", "post_id"):
        if name in thing:
            identifiers[name] = str(thing[name])
    return Target(("c" if kind == "comment" else "") + number, "stackoverflow", identifiers=identifiers)


def outgoing(target, text="Thank you, this is fixed in the next version.", minutes=0):
    return Outgoing("0" * 32, text, target=target, first_tried_at=datetime.now(UTC) + timedelta(minutes=minutes))


# --- reading -----------------------------------------------------------------------------------------------------


def test_a_question_is_read(site):
    site.add("question", "How do I tie these?", title="Laces &amp; boots", answer_count=2, tags=["Acme", "laces"])
    (item,) = listen(site, tags="Acme", searches="", token="")[0]
    assert (item.title, item.text, item.kind) == ("Laces & boots", "How do I tie these?", "post")
    assert (item.hashtags, item.likes, item.replies) == (("acme", "laces"), 2, 2)
    assert (item.author.external_id, item.author.name, item.author.realm) == ("1", "ana", "stackoverflow")
    assert item.conversation_id == item.external_id and not item.parent_id
    path, query = asked(site)[0]
    assert (path, query["tagged"], query["sort"], query["filter"]) == ("/questions", "acme", "activity", "withbody")
    assert "access_token" not in query


def test_an_author_who_left_has_only_a_name():
    reader = Reader("stackoverflow")
    item = reader.item({"question_id": 5, "owner": {"user_type": "does_not_exist", "display_name": "user12 &amp; son"}})
    assert (item.author.external_id, item.author.name) == ("name:user12 & son", "user12 & son")
    assert reader.item({"question_id": 5}).author is None


def test_several_tags_in_a_line_are_meant_together(site):
    listen(site, tags="acme, laces\n#boots", searches="", token="")
    assert [query["tagged"] for _path, query in asked(site)] == ["acme;laces", "boots"]


def test_the_inbox_brings_the_whole_comment(site):
    question = site.add("question", "ours", by=ME)
    comment = site.add("comment", "the beginning and the end", post_id=question["question_id"])
    answer = site.add("answer", "an answer", question_id=question["question_id"])
    site.tell(comment)
    site.tell(answer, "answer")
    site.inbox.append({"item_type": "chat_message", "creation_date": 1740816000, "title": "x", "site": {}})
    found = listen(site, tags="", searches="")[0]
    assert [(item.external_id, item.text, item.origin) for item in found] == [
        (f"c{comment['comment_id']}", "the beginning and the end", "own"),
        (str(answer["answer_id"]), "an answer", "own"),
    ]
    assert found[0].url == f"https://stackoverflow.com/posts/comments/{comment['comment_id']}"
    assert (found[1].parent_id, found[1].conversation_id) == (str(question["question_id"]),) * 2


def test_the_inbox_is_read_back_page_by_page(site):
    site.publish(3)
    _items, cursor = listen(site)
    published = [one for one in site.publish(400) if one.startswith("c")]
    found = [item.external_id for item in listen(site, cursor, tags="", searches="")[0]]
    assert sorted(found) == sorted(published)


def test_a_question_with_a_new_answer_comes_again(site):
    question = site.add("question", "acme")
    _items, cursor = listen(site)
    assert not listen(site, cursor)[0]
    question |= {"answer_count": 1, "last_activity_date": question["last_activity_date"] + 60}
    assert [item.replies for item in listen(site, cursor)[0]] == [1]


def test_a_thread_has_answers_and_comments(site):
    question = site.add("question", "q")
    answer = site.add("answer", "a", question_id=question["question_id"])
    under = site.add("comment", "c1", post_id=question["question_id"])
    deep = site.add("comment", "c2", post_id=answer["answer_id"])
    number = str(question["question_id"])
    expected = {number, str(answer["answer_id"]), f"c{under['comment_id']}", f"c{deep['comment_id']}"}
    for item_id, identifiers in (
        (number, {"type": "question"}),
        (str(answer["answer_id"]), {"type": "answer"}),
        (f"c{deep['comment_id']}", {"type": "comment"}),
        (f"c{under['comment_id']}", {}),
    ):
        found = connect(site).thread(item_id, identifiers)
        assert found[0].external_id == number
        assert {item.external_id for item in found} == expected
        assert {item.conversation_id for item in found} == {number}
    parents = {item.external_id: item.parent_id for item in found}
    assert parents[f"c{deep['comment_id']}"] == str(answer["answer_id"])


def test_what_the_site_has_no_longer_is_gone(site):
    question = site.add("question", "q")
    site.remove(str(question["question_id"]))
    with pytest.raises(errors.Gone):
        connect(site).lookup(str(question["question_id"]), {"type": "question"})
    with pytest.raises(errors.Malformed):
        connect(site).lookup("x/../me", {})


@pytest.mark.parametrize(
    ("entered", "site"),
    [
        ("stackoverflow.com", "stackoverflow"),
        ("https://stackoverflow.com/questions/1", "stackoverflow"),
        ("Pt.StackOverflow.com", "pt.stackoverflow"),
        ("electronics.stackexchange.com", "electronics"),
        ("mathoverflow.net", "mathoverflow.net"),
        ("superuser", "superuser"),
    ],
)
def test_a_site_is_understood_as_people_write_it(entered, site):
    assert site_of(entered) == site


@pytest.mark.parametrize(
    "values", [{"site": "a b"}, {"site": ""}, {"site": "nowhere.example"}, {"tags": "", "searches": ""}]
)
def test_what_is_wrong_with_the_settings_is_said(site, values):
    with pytest.raises(errors.Misconfigured) as caught:
        connect(site, token="", **values).check()
    assert caught.value.message.endswith(".")


# --- pauses and errors -------------------------------------------------------------------------------------------


def test_a_pause_that_is_asked_for_is_kept_over_runs(site):
    site.publish(200)
    site.wrapper = {"backoff": 30}
    cursor = {}
    with pytest.raises(errors.RateLimited) as caught:
        for page in connect(site, token="", searches="").listen({}):
            cursor = page.cursor
        for page in connect(site, token="", searches="").listen(cursor):
            cursor = page.cursor
    assert 25 < (caught.value.retry_at - datetime.now(UTC)).total_seconds() < 35
    assert sum(path == "/questions" for path, _query in asked(site)) == 1


def test_the_last_of_the_quota_is_left_for_answering(site):
    question = site.add("question", "acme")
    site.wrapper = {"quota_remaining": 3}
    connector = connect(site)
    with pytest.raises(errors.RateLimited) as caught:
        list(connector.listen({}))
    assert caught.value.retry_at > datetime.now(UTC) + timedelta(minutes=50)
    assert connector.reply(outgoing(target_of(question, "question"))).outgoing


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ((401, "access token required"), errors.AccessExpired),
        ((402, "invalid token"), errors.AccessExpired),
        ((406, "compromised"), errors.AccessExpired),
        ((403, "no permission"), errors.AccessDenied),
        ((405, "key required"), errors.Misconfigured),
        ((400, "tagged"), errors.Misconfigured),
        ((500, "internal"), errors.Retriable),
        ((503, "down"), errors.Retriable),
        ((502, "too many requests from this IP, more requests available in 600 seconds"), errors.RateLimited),
    ],
)
def test_error_numbers_are_understood(site, error, kind):
    site.error = error
    with pytest.raises(kind) as caught:
        connect(site).profile("ana")
    assert caught.value.message.endswith(".")
    if kind is errors.RateLimited:
        assert 590 < (caught.value.retry_at - datetime.now(UTC)).total_seconds() < 610


def test_access_without_the_inbox_says_so(site):
    site.publish(6)
    real = site.answer

    def answer(request):
        if "/me/inbox" in request.url:
            return 400, {}, b'{"error_id": 403, "error_message": "x"}'
        return real(request)

    site.answer = answer
    found = connect(site).check()
    assert (found.account, found.account_id) == ("Desk", str(ME))
    assert found.ok and found.missing and len(found.can) == 2


# --- answering ---------------------------------------------------------------------------------------------------


def test_a_question_is_answered_and_a_post_commented_on(site):
    question = site.add("question", "q")
    answer = site.add("answer", "a", question_id=question["question_id"])
    comment = site.add("comment", "c", post_id=answer["answer_id"])
    item = connect(site).reply(outgoing(target_of(question, "question"), "Use <b> & be happy with it, always."))
    assert (item.text, item.parent_id) == ("Use <b> & be happy with it, always.", str(question["question_id"]))
    for kind, thing in (("answer", answer), ("comment", comment)):
        item = connect(site).reply(outgoing(target_of(thing, kind), f"Thank you for this {kind}, really."))
        assert item.external_id.startswith("c") and item.parent_id == str(answer["answer_id"])
    paths = [path for path, _query in asked(site)]
    assert paths[0] == f"/questions/{question['question_id']}/answers/add"
    assert set(paths[1:]) == {f"/posts/{answer['answer_id']}/comments/add"}
    query = asked(site)[0][1]
    assert (query["key"], query["access_token"], query["site"]) == ("a-key", SECRET, "stackoverflow")
    assert query["body"] == "Use &lt;b> &amp; be happy with it, always."
    assert SECRET not in site.requests[0].url


def test_a_comment_is_shorter_than_an_answer(site):
    question, comment = site.add("question", "q"), site.add("comment", "c", post_id=1)
    text = "x" * (MOST_OF_A_COMMENT + 1)
    assert StackExchange.objection(outgoing(target_of(question, "question"), text)) is None
    assert StackExchange.objection(outgoing(target_of(comment, "comment"), text)).params["limit"] == MOST_OF_A_COMMENT


@pytest.mark.parametrize(
    ("error", "kind"),
    [((407, "Comments must be at least 15 characters"), errors.Refused), ((409, "x"), errors.Duplicate)],
)
def test_a_refusal_says_why(site, error, kind):
    question = site.add("question", "q")
    connector = connect(site)
    real = site.answer

    def answer(request):
        site.error = error if request.method == "POST" else None
        return real(request)

    connector = StackExchange(Http(transport=answer), site.settings, {"access_token": SECRET})
    with pytest.raises(kind) as caught:
        connector.reply(outgoing(target_of(question, "question")))
    assert not caught.value.unsure
    if kind is errors.Refused:
        assert "15 characters" in caught.value.message


def test_without_a_user_nothing_is_written(site):
    with pytest.raises(errors.AccessExpired):
        connect(site, token="").reply(outgoing(target_of(site.add("question", "q"), "question")))
    assert not site.requests


@pytest.mark.parametrize("kind", ["question", "comment"])
def test_what_was_sent_is_found_by_its_words_place_and_time(site, kind):
    question = site.add("question", "q")
    thing = question if kind == "question" else site.add("comment", "c", post_id=question["question_id"])
    target = target_of(thing, kind)
    sent = connect(site).reply(outgoing(target))
    assert connect(site).find_sent(outgoing(target)).external_id == sent.external_id
    assert connect(site).find_sent(outgoing(target, minutes=5)) is None
    assert connect(site).find_sent(outgoing(target, "Thank you.")) is None
    other = target_of(site.add("question", "other"), "question")
    assert connect(site).find_sent(outgoing(other)) is None


def test_figures_are_asked_for_in_few_requests(site):
    things = []
    for turn in range(150):
        thing = site.add("question", f"q{turn}")
        things.append((str(thing["question_id"]), {"type": "question"}))
    comment = site.add("comment", "c", post_id=1)
    things.append((f"c{comment['comment_id']}", {"type": "comment"}))
    found = connect(site).metrics(things)
    assert len(found.items) == 151 and len(site.requests) == 3
    assert (found.items[things[0][0]].views, found.items[things[0][0]].likes) == (9, 2)


@pytest.mark.parametrize("handle", ["ana", "Ana", "1", "https://stackoverflow.com/users/1/ana"])
def test_a_profile_is_found(site, handle):
    assert connect(site).profile(handle).external_id == "1"


def test_a_part_of_a_name_is_nobody(site):
    assert connect(site).profile("an") is None
    assert connect(site).profile("999") is None
