"""What every network has to keep to when something is said there."""

import json
import logging
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import requests

from connectors import errors
from connectors.base import EMPTY, Connector, Sentence

from .adapters import SECRET
from .conforming import (
    GARBAGE,
    NETWORKS,
    ODD,
    REMOTE,
    WAIT,
    Desk,
    Wire,
    changed,
    connect,
    enriched,
    having,
    network_of,
    places,
    run,
    whole,
)

WAYS = ("reply", "message", "publish")
SAYING = sorted((code, way) for code, cls in REMOTE.items() for way in WAYS if cls.can(way))
JUNK = sorted(set(GARBAGE) - {"object", "list", "list of junk", "truncated", "surrogate", "huge numbers"})
#: What networks and we ourselves do to a text on its way must not keep it from being found again.
HARD = "Dear Ana,\n\n\nthank  you: 1 < 2 & 3 > 2, “ünïcödé” 😀 <b>x</b>. \n See https://acme.example/help?x=1&y=2#z now"
REFUSALS = [
    (401, (errors.AccessExpired, errors.AccessDenied)),
    (403, (errors.AccessDenied, errors.Refused)),
    (404, (errors.Gone, errors.Refused, errors.Misconfigured)),
    (429, (errors.RateLimited,)),
]


@pytest.fixture(params=SAYING, ids="-".join)
def desk(request):
    return Desk(*request.param)


def finds(cls):
    """Return whether a network can show what was sent."""
    return cls.find_sent is not Connector.find_sent


# --- what goes out -----------------------------------------------------------------------------------------------


def test_it_goes_out_once_and_comes_back_as_listening_would_bring_it(desk):
    wire = Wire(desk.adapter)
    before = len(desk.adapter.sent())
    item = desk.send(answer=wire)
    whole(item)
    assert len(desk.adapter.sent()) == before + 1
    external_id, text = desk.adapter.sent()[-1]
    assert item.external_id == external_id
    assert "Thank you, we look into it." in text and "Thank you, we look into it." in item.text
    assert item.outgoing and not item.deleted and not item.partial
    assert item.published_at is None or abs(item.published_at - datetime.now(UTC)) < timedelta(hours=1)
    if desk.target:
        assert item.realm == desk.target.realm
        assert item.parent_id or item.conversation_id or item.visibility == "direct"
    if desk.way == "message":
        assert item.visibility == "direct"
    if desk.cls.can("lookup"):
        again = desk.connector().lookup(item.external_id, item.identifiers)
        assert (again.external_id, again.realm, again.text, again.outgoing) == (
            item.external_id, item.realm, item.text, True
        )  # fmt: skip


def test_listening_brings_what_we_said_as_our_own(desk):
    if not desk.cls.can("listen"):
        pytest.skip("is not listened to")
    cursor = run(desk.adapter, {})[-1].cursor
    item = desk.send()
    for page in run(desk.adapter, cursor):
        for one in page.items:
            assert (one.external_id, one.realm, one.outgoing) == (item.external_id, item.realm, True)


def test_characters_arrive_as_they_were_written(desk):
    text = "1 < 2 & 3 > 2, “ünïcödé” 😀"
    item = desk.send(desk.outgoing(text))
    assert text in item.text
    assert "ünïcödé” 😀" in desk.adapter.sent()[-1][1]


def test_two_messages_of_the_same_words_are_two(desk):
    try:
        first, second = desk.send(), desk.send(desk.outgoing(key="0" * 31 + "2"))
    except errors.Duplicate:
        pytest.skip("the network takes the same words once")
    assert first.external_id != second.external_id
    assert len(desk.adapter.sent()) == 2


def test_a_private_message_is_answered_in_private(desk):
    if not desk.adapter.does("direct") or desk.way == "publish":
        pytest.skip("no private message to answer in this way")
    target = desk.adapter.direct()
    if desk.way not in desk.cls.ways(target):
        pytest.skip("a private message is not answered in this way")
    item = desk.send(desk.outgoing(target=target))
    assert (item.visibility, item.outgoing, item.realm) == ("direct", True, target.realm)


def test_what_can_be_known_before_is_known_before(desk):
    for target in (desk.target, desk.target and replace(desk.target, visibility="direct")):
        if target:
            ways = desk.cls.ways(target)
            assert isinstance(ways, tuple) and set(ways) <= desk.cls.capabilities & {"reply", "message"}
            assert len(ways) == len(set(ways))
    fine = desk.outgoing("a", target=desk.target and replace(desk.target, published_at=datetime.now(UTC)))
    assert desk.cls.objection(fine) is None
    for blank in ("", "  \n\t "):
        assert desk.cls.objection(desk.outgoing(blank)) == EMPTY
    limit = desk.cls.limit(desk.way)
    if limit:
        for word in ("a ", "é", "😀 "):
            text = (word * (limit // desk.cls.length(word) + 2)).strip() + "."
            found = desk.cls.objection(replace(fine, text=text))
            assert isinstance(found, Sentence) and found.endswith(".") and found.params["limit"] == limit
    window = desk.cls.reply_window if desk.way == "reply" else desk.cls.message_window
    if window and desk.target:
        late = replace(desk.target, published_at=datetime.now(UTC) - window - timedelta(minutes=1))
        assert isinstance(desk.cls.objection(replace(fine, target=late)), Sentence)


# --- what becomes of it ------------------------------------------------------------------------------------------


def same(found, desk):
    """Check that what was found is what went out last."""
    whole(found)
    assert found.outgoing
    assert found.external_id == desk.adapter.sent()[-1][0]


@pytest.mark.parametrize("text", ["Thank you, we look into it.", HARD], ids=["short", "hard"])
def test_a_lost_answer_leads_to_one_message(desk, text):
    outgoing = desk.outgoing(text)
    with pytest.raises(errors.ConnectorError) as caught:
        desk.send(outgoing, Wire(desk.adapter, lost=(500, {}, b"")))
    assert caught.value.unsure and caught.value.action == "retry"
    assert len(desk.adapter.sent()) == 1
    if finds(desk.cls):
        same(desk.connector().find_sent(outgoing), desk)
    else:
        with pytest.raises(NotImplementedError):
            desk.connector().find_sent(outgoing)
    if desk.cls.repeat_seconds:
        try:
            same(desk.send(outgoing), desk)
        except errors.Duplicate:
            pass
        assert len(desk.adapter.sent()) == 1


def test_what_happens_after_it_went_out_does_not_make_it_go_out_again(desk):
    """A connector may ask for more once something is sent; whatever comes of that, it was sent."""
    for status in (401, 403, 404, 429, 500):
        key = f"{status:032x}"
        wire = Wire(desk.adapter, later=(status, WAIT if status == 429 else {}, b'{"error": "no"}'))
        try:
            same(desk.send(desk.outgoing(f"Number {status}.", key), wire), desk)
        except errors.ConnectorError as error:
            assert error.unsure, status


@pytest.mark.parametrize("garbage", sorted(GARBAGE))
def test_an_unreadable_answer_leaves_it_unsure(desk, garbage):
    lost = (200, {"Content-Type": "application/json"}, GARBAGE[garbage])
    try:
        same(desk.send(answer=Wire(desk.adapter, lost=lost)), desk)
    except errors.ConnectorError as error:
        assert error.unsure and error.message.endswith(".")


def test_odd_and_missing_fields_of_the_answer_are_survived(desk):
    answers = []

    def keep(answer):
        answers.append(answer)
        return answer

    desk.send(answer=Wire(desk.adapter, lost=keep))
    try:
        document = json.loads(answers[0][2])
    except ValueError:
        pytest.skip("answers no JSON")
    for number, path in enumerate(places(document)):
        for turn, value in enumerate((KeyError, ODD[number % len(ODD)], ODD[(number * 5 + 3) % len(ODD)])):

            def spoil(answer, path=path, value=value):
                try:
                    return 200, answer[1], json.dumps(changed(json.loads(answer[2]), path, value)).encode()
                except (KeyError, IndexError, TypeError):
                    return answer

            key = f"{(number + 1) * 100 + turn:032x}"
            try:
                item = desk.send(desk.outgoing(f"Number {key}.", key), Wire(desk.adapter, lost=spoil))
            except errors.ConnectorError as error:
                assert error.unsure and error.message.endswith("."), path
            else:
                whole(item)
                assert item.outgoing, path


def test_fields_that_nobody_knows_change_nothing(desk):
    def more(answer):
        try:
            return answer[0], answer[1], json.dumps(enriched(json.loads(answer[2]))).encode()
        except ValueError:
            return answer

    item = desk.send(answer=Wire(desk.adapter, lost=more))
    same(item, desk)
    assert "Thank you, we look into it." in item.text


@pytest.mark.parametrize(("status", "kinds"), REFUSALS)
def test_a_refused_message_did_not_go_out(desk, status, kinds):
    refusal = (status, WAIT if status == 429 else {}, b'{"error": "no"}')
    wire = Wire(desk.adapter, at=desk.sending_step(), instead=refusal)
    with pytest.raises(kinds) as caught:
        desk.send(answer=wire)
    assert not caught.value.unsure and caught.value.message.endswith(".")
    assert not desk.adapter.sent()
    if status == 429:
        assert abs((caught.value.retry_at - datetime.now(UTC)).total_seconds() - 90) < 10


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_server_in_trouble_leaves_it_unsure(desk, status):
    wire = Wire(desk.adapter, at=desk.sending_step(), instead=(status, {}, b"<html>trouble</html>"))
    with pytest.raises(errors.ConnectorError) as caught:
        desk.send(answer=wire)
    assert caught.value.unsure and caught.value.action == "retry"


def test_a_request_that_never_arrived_sent_nothing(desk):
    outgoing = desk.outgoing()
    for problem, unsure in ((requests.ConnectionError("reset"), True), (requests.ConnectTimeout("no"), False)):
        with pytest.raises(errors.ConnectorError) as caught:
            desk.send(outgoing, Wire(desk.adapter, at=desk.sending_step(), instead=problem))
        assert caught.value.unsure is unsure
    assert not desk.adapter.sent()
    if finds(desk.cls):
        assert desk.connector().find_sent(outgoing) is None
    same(desk.send(outgoing), desk)
    assert len(desk.adapter.sent()) == 1


def test_a_deleted_target_is_gone(desk):
    if desk.target is None or not desk.adapter.does("remove"):
        pytest.skip("nothing is answered, or its fake deletes nothing")
    if desk.way == "message" and not desk.adapter.message_needs_target:
        pytest.skip("a private message goes to somebody, whatever became of what they said")
    desk.adapter.remove(desk.target.external_id)
    with pytest.raises(errors.Gone) as caught:
        desk.send()
    assert not caught.value.unsure
    assert not desk.adapter.sent()


# --- looking for it ----------------------------------------------------------------------------------------------


def looking(desk):
    if not finds(desk.cls):
        pytest.skip("the network does not show what was sent")


def test_an_older_message_of_the_same_words_is_not_taken_for_it(desk):
    looking(desk)
    desk.send()
    later = desk.outgoing(key="0" * 31 + "2", first_tried_at=datetime.now(UTC) + timedelta(minutes=10))
    assert desk.connector().find_sent(later) is None


def test_other_words_and_other_targets_are_not_taken_for_it(desk):
    looking(desk)
    desk.send()
    assert desk.connector().find_sent(desk.outgoing("Something else.")) is None
    if desk.target:
        desk.adapter.publish(5)
        other = desk.find_target()
        if other.external_id != desk.target.external_id and desk.way == "reply":
            assert desk.connector().find_sent(desk.outgoing(target=other)) is None


def test_it_is_found_among_others(desk):
    looking(desk)
    if desk.adapter.replaces and desk.way == "reply":
        pytest.skip("another answer takes the place of the first")
    outgoing = desk.outgoing("The one we look for.")
    wanted = desk.send(outgoing).external_id
    for number in range(5):
        desk.send(desk.outgoing(f"Another one, number {number}.", f"{number + 10:032x}"))
    assert desk.connector().find_sent(outgoing).external_id == wanted


@pytest.mark.parametrize("status", [401, 403, 404, 429, 500, 503])
def test_a_look_that_fails_is_no_proof_that_nothing_was_sent(desk, status):
    looking(desk)
    with pytest.raises(errors.ConnectorError):
        desk.connector(lambda request: (status, {}, b'{"error": "no"}')).find_sent(desk.outgoing())


@pytest.mark.parametrize("garbage", JUNK)
def test_an_unreadable_look_is_no_proof_that_nothing_was_sent(desk, garbage):
    looking(desk)
    with pytest.raises(errors.ConnectorError):
        desk.connector(lambda request: (200, {}, GARBAGE[garbage])).find_sent(desk.outgoing())


# --- secrets -----------------------------------------------------------------------------------------------------


def asking(code):
    """Yield functions that ask a connector for everything but listening."""
    cls = NETWORKS[code]
    adapter = network_of(code)
    for way in WAYS:
        if cls.can(way):
            outgoing = Desk(code, way).outgoing()
            yield lambda connector, way=way, outgoing=outgoing: getattr(connector, way)(outgoing)
            if finds(cls):
                yield lambda connector, outgoing=outgoing: connector.find_sent(outgoing)
    for action in sorted(cls.moderations):
        target = adapter.moderated(action)
        yield lambda connector, action=action, target=target: connector.moderate(action, target, "Rude.")
    if cls.can("metrics"):
        things = adapter.figures()
        yield lambda connector: connector.metrics(things)
    if cls.can("profile"):
        yield lambda connector: connector.profile(adapter.handle)


@pytest.mark.parametrize("code", sorted({code for code, _way in SAYING} | set(having("moderate") + having("metrics"))))
def test_secrets_are_told_to_nobody(code, caplog):
    caplog.set_level(logging.DEBUG)
    adapter = network_of(code)
    if not adapter.secrets:
        pytest.skip("has no secrets")
    echo = f'{{"error": "token {SECRET} is wrong", "message": "{SECRET}", "id": "1"}}'.encode()
    told = []
    for ask in asking(code):
        for status in (200, 400, 401, 403, 404, 409, 422, 429, 500):
            connector = connect(adapter, lambda request, status=status: (status, {"X-Echo": SECRET}, echo))
            try:
                ask(connector)
            except errors.ConnectorError as error:
                told += [str(error), error.message, error.detail, repr(error), repr(error.params), repr(error.__dict__)]
                told += [repr(error.__cause__), repr(error.__context__)]
    assert SECRET not in "\n".join(told) + caplog.text


def test_what_we_say_is_not_written_into_logs(desk, caplog):
    caplog.set_level(logging.DEBUG)
    desk.send(desk.outgoing("Confidential words."))
    assert "Confidential words" not in caplog.text
