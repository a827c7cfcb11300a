"""Authorising on a fediverse server: the desk registers itself there, a person allows it, and it listens."""

import re
from contextlib import contextmanager
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

SESSION = "what only this browser knows"
TIMEOUT = 20
BASE = "https://desk.example"


@pytest.fixture(scope="module")
def people(snac):
    """Our own account, another one of ours, and somebody who has something to say."""
    return snac.account("deskoauth"), snac.account("deskother"), snac.account("cleo")


@pytest.fixture(scope="module")
def administrator(desk):
    """The id of an administrator of the community."""
    desk.call("ir.config_parameter", [], "set_param", "web.base.url", BASE)
    with desk.env() as env:
        group = env.ref("community_manager.group_admin")
        user = env["res.users"].create({"name": "Ada", "login": "ada-oauth", "group_ids": [(4, group.id)]})
        return user.id


@pytest.fixture(scope="module")
def channel(desk, snac):
    """A channel that knows its server and nothing else."""
    channel = desk.channel("Fediverse by OAuth", "mastodon", {"server": snac.url}, start=False)
    yield channel
    desk.call("community.channel", [channel], "action_pause")


@contextmanager
def as_administrator(desk, administrator, channel):
    """Yield the channel as the administrator has it, committed at the end."""
    with desk.env() as env:
        yield env["community.channel"].with_user(administrator).browse(channel)


def begin(desk, administrator, channel):
    """Press “Authorise”; return the address on the server."""
    with as_administrator(desk, administrator, channel) as record:
        return record._start_authorisation(SESSION)


def allow(address, account):
    """Log in on the server's page and allow the desk, as a person does; return where the browser is sent."""
    page = requests.get(address, timeout=TIMEOUT).text
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', page))
    action = re.search(r'<form[^>]* action="([^"]*)"', page).group(1)
    answer = requests.post(
        action,
        data={**hidden, "login": account.name, "passwd": account.password},
        allow_redirects=False,
        timeout=TIMEOUT,
    )
    return answer.headers["location"]


def come_back(desk, administrator, location):
    """Open the address that the server sent the browser to; return what is still missing."""
    assert location.startswith(f"{BASE}/community_manager/oauth/return?"), location
    found = {name: value for name, [value] in parse_qs(urlsplit(location).query).items()}
    with desk.env() as env:
        brought = env(user=administrator)["community.authorization"]._bring_back(found["state"], SESSION)
        assert brought
        record, verifier, redirect = brought
        return record._finish_authorisation(found["code"], verifier, redirect)


def secrets(desk, channel):
    """Return what is stored."""
    with desk.env() as env:
        return env["community.secret"]._reveal(env["community.channel"].browse(channel))


def test_from_nothing_to_listening(desk, snac, people, administrator, channel):
    us, _other, cleo = people
    address = begin(desk, administrator, channel)
    assert address.startswith(snac.url)
    registered = secrets(desk, channel)
    assert set(registered) == {"client_id", "client_secret"}
    assert not come_back(desk, administrator, allow(address, us))
    assert set(secrets(desk, channel)) >= {"client_id", "client_secret", "access_token"}
    found = desk.one("community.channel", [("id", "=", channel)], ["account_name", "account_id", "state"])
    assert found["account_id"] == us.id
    assert us.name in found["account_name"]
    desk.call("community.channel", [channel], "action_start")
    desk.listen(channel)
    post = cleo.post(f"{us.handle} can I pay by invoice?")
    us.notified(post.id)
    desk.listen_until(lambda: desk.mentions(channel, "text", url=post.url), channel)
    [mention] = desk.mentions(channel, "text", "origin", url=post.url)
    assert "can I pay by invoice?" in mention["text"]
    assert mention["origin"] == "own"


def test_the_same_account_again(desk, people, administrator, channel):
    """The application of before is used, position and history stay."""
    us, _other, _cleo = people
    before = secrets(desk, channel)
    [position] = desk.read("community.channel", [("id", "=", channel)], ["position"])
    count = len(desk.mentions(channel))
    come_back(desk, administrator, allow(begin(desk, administrator, channel), us))
    after = secrets(desk, channel)
    assert after["client_id"] == before["client_id"]
    assert after["access_token"] != before["access_token"]
    assert desk.read("community.channel", [("id", "=", channel)], ["position"]) == [position]
    desk.listen(channel)
    assert len(desk.mentions(channel)) == count


def test_another_account(desk, people, administrator, channel):
    """Somebody else's access is refused with both names, and the access of before goes on."""
    from odoo.exceptions import UserError

    us, other, _cleo = people
    before = secrets(desk, channel)
    location = allow(begin(desk, administrator, channel), other)
    with pytest.raises(UserError) as refused:
        come_back(desk, administrator, location)
    assert us.name in str(refused.value)
    assert other.name in str(refused.value)
    assert secrets(desk, channel) == before
    assert desk.listen(channel)["state"] == "listening"


def test_it_serves_once(desk, people, administrator, channel):
    """What a browser brought back cannot be brought back again."""
    us, _other, _cleo = people
    location = allow(begin(desk, administrator, channel), us)
    come_back(desk, administrator, location)
    state = parse_qs(urlsplit(location).query)["state"][0]
    with desk.env() as env:
        assert env(user=administrator)["community.authorization"]._bring_back(state, SESSION) is None
