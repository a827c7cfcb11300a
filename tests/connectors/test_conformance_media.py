"""What every network has to keep to that takes pictures and files, or a text in several parts."""

import base64

import pytest

from connectors import errors
from connectors.items import OutgoingFile, Target
from connectors.media import files_objection

from .conforming import REMOTE, Desk, Wire

WAYS = ("reply", "message", "publish")
TAKING = sorted(
    (code, way) for code, cls in REMOTE.items() for way in WAYS if cls.media and cls.can(way) and way in cls.media.ways
)
THREADING = sorted(code for code, cls in REMOTE.items() if cls.threads)
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
PICTURE = OutgoingFile('lamp "1" ü.png', "image/png", PIXEL, "A lamp: “1” or 2, ü")


@pytest.fixture(params=TAKING, ids="-".join)
def desk(request):
    return Desk(*request.param)


def test_pictures_go_out_with_the_text_once(desk):
    files = (PICTURE,) * min(desk.cls.media.most, 2)
    before = len(desk.adapter.sent())
    item = desk.send(desk.outgoing(attachments=files))
    assert len(desk.adapter.sent()) == before + 1
    assert item.external_id == desk.adapter.sent()[-1][0]
    assert "Thank you, we look into it." in item.text
    alt = PICTURE.alt if desk.cls.media.alt else None
    assert [(bytes(data), words) for data, words in desk.adapter.files()] == [(PIXEL, alt)] * len(files)


def test_a_lost_answer_leads_to_one_message_with_its_pictures(desk):
    outgoing = desk.outgoing(attachments=(PICTURE,))
    with pytest.raises(errors.ConnectorError) as caught:
        desk.send(outgoing, Wire(desk.adapter, lost=(500, {}, b"")))
    assert caught.value.unsure
    sent = len(desk.adapter.sent())
    if desk.cls.repeat_seconds:
        try:
            desk.send(outgoing)
        except errors.Duplicate:
            pass
    else:
        try:
            found = desk.connector().find_sent(outgoing)
        except NotImplementedError:
            return
        assert found.external_id == desk.adapter.sent()[-1][0]
    assert len(desk.adapter.sent()) == sent


def test_a_picture_that_cannot_be_uploaded_says_nothing(desk):
    other = Desk(desk.cls.code, desk.way)
    steps = Wire(other.adapter)
    other.send(other.outgoing(attachments=(PICTURE,)), steps)
    for step in range(steps.sent_at):
        for status in (400, 413, 422, 429, 500):
            before = len(desk.adapter.sent())
            wire = Wire(desk.adapter, at=step, instead=(status, {}, b'{"error": "no", "message": "no"}'))
            try:
                desk.send(
                    desk.outgoing(f"Number {step} {status}.", f"{step * 1000 + status:032x}", attachments=(PICTURE,)),
                    wire,
                )
            except errors.ConnectorError:
                assert len(desk.adapter.sent()) == before
            else:
                assert len(desk.adapter.sent()) == before + 1


def test_what_is_not_taken_is_told_before(desk):
    media = desk.cls.media
    kind = next(one for one in media.mimetypes).replace("*/*", "image/png").replace("/*", "/png")
    assert files_objection(media, desk.way, [("a", kind, 1)]) is None
    assert files_objection(media, desk.way, [("a", kind, media.largest + 1)])
    assert files_objection(media, desk.way, [("a", kind, 0)])
    assert files_objection(media, desk.way, [("a", kind, 1)] * (media.most + 1))
    if "*/*" not in media.mimetypes:
        assert files_objection(media, desk.way, [("a", "application/x-msdownload", 1)])
    assert files_objection(None, desk.way, [("a", kind, 1)])


@pytest.mark.parametrize("code", THREADING)
def test_a_part_goes_beneath_the_one_before(code):
    desk = Desk(code, "reply")
    first = desk.send()
    target = desk.target
    beneath = Target(
        first.external_id, first.realm, "comment", target.visibility, first.url, first.text, target.author_id,
        target.author_handle, first.published_at, target.conversation_id, first.identifiers,
    )  # fmt: skip
    second = desk.send(desk.outgoing("And one thing more.", "0" * 31 + "2", target=beneath))
    assert second.parent_id == first.external_id
    assert len(desk.adapter.sent()) == 2
