"""The servers of networks do what tests rely on."""

import pytest
import requests
from atproto import exceptions

from .debian import ServerError
from .process import wait_for


@pytest.fixture(scope="module")
def friends(bluesky):
    return bluesky.account("ann"), bluesky.account("ben")


def test_bluesky(bluesky, friends):
    ann, ben = friends
    asked = ben.post(f"@{ann.handle} does it float? Ünï")
    told = wait_for(lambda: ann.client.app.bsky.notification.list_notifications().notifications, "no notification")
    assert [(one.reason, one.uri) for one in told] == [("mention", asked.uri)]
    answer = ann.post("It does", reply_to=asked)
    again = ben.post("Thank you", reply_to=answer)
    assert [one.uri for one in ben.replies(asked)] == [answer.uri]
    assert ben.view(again.uri).record.reply.root.uri == asked.uri
    assert ann.client.app.bsky.feed.search_posts({"q": "float"}).posts[0].uri == asked.uri
    ben.delete(asked)
    assert ann.view(asked.uri) is None and ann.view(answer.uri)


def test_bluesky_app_passwords(bluesky, friends):
    ann, _ben = friends
    session = {"identifier": ann.handle, "password": ann.new_app_password("short")}
    login = f"{bluesky.url}/xrpc/com.atproto.server.createSession"
    assert requests.post(login, json=session).json()["did"] == ann.did
    ann.revoke_app_password("short")
    assert requests.post(login, json=session).status_code == 401
    with pytest.raises(exceptions.BadRequestError):
        ann.post("x" * 301)


def test_mediawiki(mediawiki):
    eve = mediawiki.editor("Eva")
    eve.edit("Kettle", "It whistles.")
    mediawiki.admin.ask("Talk:Kettle", "Colour", "[[User:Eva]], which colour?")
    assert "which colour?" in eve.text("Talk:Kettle") and len(eve.revisions("Talk:Kettle")) == 1
    told = eve.query(meta="notifications", notlimit="10", notformat="model")["notifications"]["list"]
    assert "mention" in [one["type"] for one in told]
    with pytest.raises(ServerError, match="editconflict"):
        first = eve.revisions("Kettle")[0]["revid"]
        mediawiki.admin.edit("Kettle", "It whistles loudly.")
        eve.edit("Kettle", "It is silent.", baserevid=first)
    mediawiki.restart()
    assert eve.text("Kettle") == "It whistles loudly."
    mediawiki.admin.delete("Kettle")
    assert eve.text("Kettle") is None


def test_matrix(matrix):
    nora, otto = matrix.account("nora"), matrix.account("otto")
    room = nora.create_room("pots")
    otto.join(room)
    said = otto.say(room, "nora: does it whistle?", mentions=[nora])
    assert nora.told(room, "nora: does it whistle?")["event_id"] == said
    private = nora.create_room(invite=[otto], direct=True)
    otto.join(private)
    nora.say(private, "It does")
    otto.told(private, "It does")
    nora.call("PUT", f"rooms/{room}/send/m.room.message/one", {"msgtype": "m.text", "body": "once"})
    nora.call("PUT", f"rooms/{room}/send/m.room.message/one", {"msgtype": "m.text", "body": "once"})
    matrix.restart()
    assert [one["content"]["body"] for one in otto.messages(room)] == ["nora: does it whistle?", "once"]
    otto.redact(room, said)
    assert [one["content"]["body"] for one in nora.messages(room)] == ["once"]
    token = nora.new_token()
    nora.revoke(token)
    headers = {"Authorization": f"Bearer {token}"}
    assert requests.get(f"{matrix.url}/_matrix/client/v3/sync", headers=headers).json()["errcode"] == "M_UNKNOWN_TOKEN"
