"""Pictures on real servers: they stand there with the text, whole, and said in words where the network has that."""

import base64
from datetime import UTC, datetime

import pytest
import requests

from connectors.bluesky import Bluesky
from connectors.http import Http
from connectors.items import Outgoing, OutgoingFile, Target
from connectors.mastodon import Mastodon
from connectors.matrix import Matrix

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
PICTURE = OutgoingFile("lamp.png", "image/png", PIXEL, "A lamp on a table, ü")


def outgoing(text, key, target=None, way="reply"):
    """Return something to be said with a picture."""
    return Outgoing(f"{key:032x}", text, way, target, first_tried_at=datetime.now(UTC), attachments=(PICTURE,))


def as_target(item):
    """Return what we said as something that can be answered."""
    return Target(
        item.external_id, item.realm, item.kind, item.visibility, item.url, item.text, item.author.external_id,
        item.author.handle, item.published_at, item.conversation_id, item.identifiers,
    )  # fmt: skip


@pytest.fixture
def http():
    return Http(allowed_hosts=("127.0.0.1", "localhost"))


def test_mastodon_api(snac, http):
    us = snac.account("pictures")
    connector = Mastodon(http, {"server": snac.url}, {"access_token": us.token})
    first = connector.publish(outgoing("A lamp", 1, way="publish"))
    [media] = us.client.status(first.external_id).media_attachments
    assert media.description == PICTURE.alt
    assert requests.get(media.url, timeout=20).content == PIXEL
    # the next part of a thread goes beneath what we said
    second = connector.reply(Outgoing(f"{2:032x}", "And a table", "reply", as_target(first)))
    assert second.parent_id == first.external_id


def test_bluesky(bluesky, http):
    us = bluesky.account("gallery")  # the network keeps "pictures" for itself
    secrets = {"app_password": us.new_app_password("pictures")}
    connector = Bluesky(http, {"service": bluesky.url, "identifier": us.handle}, secrets)
    first = connector.publish(outgoing("A lamp", 1, way="publish"))
    [image] = us.seen(first.external_id).record.embed.images
    assert image.alt == PICTURE.alt
    found = us.client.com.atproto.sync.get_blob({"did": us.did, "cid": image.image.ref.link})
    assert found == PIXEL
    second = connector.reply(Outgoing(f"{2:032x}", "And a table", "reply", as_target(first)))
    assert second.parent_id == first.external_id
    # the same message again stands there once
    assert connector.find_sent(outgoing("A lamp", 1, way="publish")).external_id == first.external_id


def test_matrix(matrix, http):
    us = matrix.account("pictures")
    room = us.create_room("lamps")
    connector = Matrix(http, {"server": matrix.url, "room": room}, {"access_token": us.new_token()})
    first = connector.publish(outgoing("A lamp", 1, way="publish"))
    [event] = [one for one in us.messages(room) if one["event_id"] == first.external_id]
    content = event["content"]
    assert (content["msgtype"], content["body"], content["filename"]) == ("m.image", "A lamp", "lamp.png")
    path = "/_matrix/client/v1/media/download/" + content["url"].removeprefix("mxc://")
    got = requests.get(matrix.url + path, headers={"Authorization": f"Bearer {us.new_token()}"}, timeout=20)
    assert got.content == PIXEL
    again = connector.publish(outgoing("A lamp", 1, way="publish"))
    assert again.external_id == first.external_id
