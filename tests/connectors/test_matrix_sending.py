"""Matrix: answering, moderating, figures and profiles, by what a homeserver in memory can be made to do."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from connectors import errors
from connectors.items import Outgoing
from connectors.matrix import Matrix
from connectors.matrix_items import KEY

from .adapters.matrix import ANA, DIRECT, ME, OPEN, MatrixAdapter, connect

# --- answering ---------------------------------------------------------------------------------------------------


def outgoing(target=None, way="reply", **values):
    values.setdefault("first_tried_at", datetime.now(UTC))
    return Outgoing("ab" * 16, "Thank you.", way, target, **values)


def test_an_answer_goes_where_the_question_stands():
    network = MatrixAdapter()
    root = network.publish(1)[0]
    network.add(OPEN, {"msgtype": "m.text", "body": "more", "m.relates_to": {"rel_type": "m.thread", "event_id": root}})
    target = network.target()
    item = connect(network).reply(outgoing(target))
    sent = network.find(item.external_id)[1]["content"]
    assert sent == {
        "msgtype": "m.text",
        "body": "Thank you.",
        KEY: "ab" * 16,
        "m.mentions": {"user_ids": [ANA]},
        "m.relates_to": {
            "m.in_reply_to": {"event_id": target.external_id},
            "rel_type": "m.thread",
            "event_id": root,
            "is_falling_back": False,
        },
    }
    assert (item.parent_id, item.conversation_id, item.outgoing) == (target.external_id, root, True)
    assert ("PUT", f"rooms/{OPEN}/send/m.room.message/{'ab' * 16}") in network.log, "the key makes a repeat harmless"


def test_private_messages_go_to_the_conversation_that_there_is():
    network = MatrixAdapter()
    network.publish(1)
    item = connect(network).message(outgoing(network.target(), "message"))
    assert network.find(item.external_id)[0] == DIRECT and item.visibility == "direct"
    assert not [one for one in network.log if one[1] == "createRoom"]


def test_private_messages_open_a_conversation_where_there_is_none():
    network = MatrixAdapter()
    network.publish(1)
    network.direct_rooms = {}
    message = outgoing(network.target(), "message")
    assert connect(network).find_sent(message) is None, "without a conversation nothing was said in it"
    item = connect(network).message(message)
    assert network.direct_rooms == {ANA: [network.find(item.external_id)[0]]}
    assert connect(network).find_sent(message).external_id == item.external_id


def test_nothing_is_said_in_the_open_where_people_encrypt():
    network = MatrixAdapter()
    network.publish(1)
    network.encrypted = {DIRECT}
    item = connect(network).message(outgoing(network.target(), "message"))
    assert network.find(item.external_id)[0] not in (DIRECT, OPEN)
    network.direct_rooms = {}
    network.encrypted = {f"!new{number}:matrix.example" for number in range(20)}
    with pytest.raises(errors.Refused) as caught:
        connect(network).message(replace(outgoing(network.target(), "message"), key="cd" * 16))
    assert "encrypted" in caught.value.message and len(network.sent()) == 1


def test_refusals_of_one_message_are_no_trouble_of_the_channel():
    network = MatrixAdapter()
    network.publish(1)
    for code, status in (("M_FORBIDDEN", 403), ("M_TOO_LARGE", 413)):

        def answer(request, code=code, status=status):
            return network.no(status, code) if request.method == "PUT" else network.answer(request)

        with pytest.raises(errors.Refused) as caught:
            connect(answer).reply(outgoing(network.target()))
        assert not caught.value.unsure
    with pytest.raises(errors.Misconfigured):
        connect(network, room="").publish(outgoing(way="publish"))
    with pytest.raises(errors.Misconfigured):
        connect(network, room="#nowhere:matrix.example").publish(outgoing(way="publish"))


def test_the_length_is_counted_in_bytes():
    assert Matrix.length("año 😀") == 9
    assert Matrix.objection(outgoing(MatrixAdapter.as_target(OPEN, {"event_id": "$e", "sender": ANA}))) is None


def test_it_is_found_by_its_key_whatever_device_sent_it():
    network = MatrixAdapter()
    network.publish(1)
    target = network.target()
    message = outgoing(target)
    item = connect(network).reply(message)
    assert connect(network).find_sent(message).external_id == item.external_id
    event = network.find(item.external_id)[1]
    del event["content"][KEY]
    assert connect(network).find_sent(message) is None, "the same words under another key"
    event["unsigned"]["transaction_id"] = message.key
    assert connect(network).find_sent(message).external_id == item.external_id
    event["sender"] = ANA
    assert connect(network).find_sent(message) is None, "somebody else's words"


def test_a_look_that_does_not_reach_far_enough_is_no_proof():
    network = MatrixAdapter()
    network.publish(1)
    target = network.target()
    for number in range(520):
        network.add(OPEN, {"msgtype": "m.text", "body": f"n {number}"}, sender=ME)
        network.events[OPEN][-1][1]["origin_server_ts"] = int(datetime.now(UTC).timestamp() * 1000)
    with pytest.raises(errors.Retriable):
        connect(network).find_sent(outgoing(target))


# --- moderating, figures, profiles -------------------------------------------------------------------------------


def test_moderation_asks_for_what_it_says():
    network = MatrixAdapter()
    network.publish(1)
    target = network.target()
    bodies = []

    def answer(request):
        bodies.append((request.method, request.url.partition("/v3/")[2], json.loads(request.body or b"{}")))
        return network.answer(request)

    for action in ("ban", "report", "delete", "delete"):
        connect(answer).moderate(action, target, "Rude.")
    assert bodies[0] == ("POST", f"rooms/{OPEN}/ban", {"user_id": ANA, "reason": "Rude."})
    assert bodies[1][1] == f"rooms/{OPEN}/report/{target.external_id}"
    assert bodies[2][1] == bodies[3][1] and bodies[2][1].startswith(f"rooms/{OPEN}/redact/{target.external_id}/")
    with pytest.raises(NotImplementedError):
        connect(answer).moderate("hide", target)


def test_reactions_and_members_are_counted():
    network = MatrixAdapter()
    event = network.publish(1)[0]
    network.add(OPEN, {"m.relates_to": {"rel_type": "m.annotation", "event_id": event, "key": "👍"}}, "m.reaction")
    figures = connect(network).metrics([(event, {"room": OPEN}), ("$odd", {})])
    assert figures.followers == 2 and figures.items[event].likes == 1 and "$odd" not in figures.items
    assert connect(network, room="").metrics([]).followers is None


def test_people_are_found_by_name_id_and_address():
    network = MatrixAdapter()
    for handle in (
        ANA,
        "ana",
        "ana:matrix.example",
        f"https://matrix.to/#/{ANA}",
        "https://matrix.to/#/%40ana%3Amatrix.example",
    ):
        assert connect(network).profile(handle).external_id == ANA, handle
    assert connect(network).profile("@nobody:matrix.example") is None
    assert connect(network).profile("@two words:x") is None
