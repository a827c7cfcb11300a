"""What is read in Odoo itself, with a desk in memory; the records behind it are tested with the addon."""

import copy
import json
from datetime import UTC, datetime

import pytest

from connectors import errors
from connectors.http import Http
from connectors.items import Outgoing, Target
from connectors.odoo_site import MailGateway, OdooBlog, OdooForum

from .conforming import whole

KEY = "0" * 32
NOW = 1_740_816_000


class Desk:
    """Things in memory."""

    def __init__(self):
        self.things = {}
        self.keys = {}

    def add(self, place="comments", /, text="words", **values):
        number = len(self.things) + 1
        ref = f"{place}-{number}"
        self.things[ref] = {
            "list": place, "ref": ref, "number": number, "changed": NOW + number // 3, "kind": "comment", "html": text,
            "author": {"id": "partner-1", "name": "Ana", "email": "ana@example.com"}, "made": NOW,
            "parent": "posts-1", "conversation": "posts-1", "ours": False, **values,
        }  # fmt: skip
        return ref

    def account(self):
        return {"id": "company-1", "name": "Acme", "url": "https://acme.example"}

    def choices(self, name):
        return [("1", name)]

    def newest(self, kind, until, since, limit):
        found = [one for one in self.things.values() if one["list"] == kind and one["changed"] >= since]
        found.sort(key=lambda one: (one["changed"], one["number"]), reverse=True)
        return [one for one in found if not until or (one["changed"], one["number"]) < until][:limit]

    def thing(self, ref):
        return self.things.get(ref)

    def moderate(self, action, ref):
        self.moderated = (action, ref)

    def around(self, ref):
        return [one for one in self.things.values() if one["conversation"] == "posts-1"] if ref in self.things else []

    def say(self, key, ref, text):
        if key not in self.keys:
            if ref not in self.things:
                raise errors.Gone("This was deleted.")
            self.keys[key] = self.add(text=text, ours=True)
        return self.things[self.keys[key]]

    def said(self, key):
        return self.things.get(self.keys.get(key))


@pytest.fixture
def desk():
    return Desk()


def connect(desk, cls=OdooBlog, **settings):
    connector = cls(Http(), settings)
    connector.desk = desk
    return connector


def listen(desk, cursor=None, pages=None, cls=OdooBlog, **settings):
    """Return the ids of a run and the cursor after it; at most so many pages."""
    cursor, found, last = cursor or {}, [], None
    for number, page in enumerate(connect(desk, cls, **settings).listen(copy.deepcopy(cursor)), 1):
        cursor = json.loads(json.dumps(page.cursor))
        for item in page.items:
            whole(item)
        found += [item.external_id for item in page.items]
        if number == pages:
            return found, cursor
        last = page
    assert last is None or not last.more
    return found, cursor


def test_everything_is_read_once_whatever_it_is(desk):
    first = [desk.add(), desk.add("posts", kind="article", ours=True, title="Boots")]
    found, cursor = listen(desk)
    assert sorted(found) == sorted(first)
    assert listen(desk, cursor)[0] == []
    later = [desk.add("comments" if turn % 2 else "posts") for turn in range(300)]
    assert sorted(listen(desk, cursor)[0]) == sorted(later)


def test_being_killed_after_any_page_loses_nothing(desk):
    desk.add()
    _found, start = listen(desk)
    later = {desk.add("comments" if turn % 2 else "posts") for turn in range(200)}
    for pages in range(1, 6):
        before, cursor = listen(desk, start, pages)
        after, _cursor = listen(desk, cursor)
        assert set(before) | set(after) == later
        assert not set(before) & set(after)


def test_a_thing_is_read_with_all_that_is_known_of_it(desk):
    desk.add(html="<p>Hello <b>you</b></p>", title="T", url="https://acme.example/x", likes=3, edited=NOW + 60)
    (item,) = (item for page in connect(desk).listen({}) for item in page.items)
    assert (item.text, item.title, item.url, item.likes) == ("Hello you", "T", "https://acme.example/x", 3)
    assert (item.author.name, item.author.email, item.origin) == ("Ana", "ana@example.com", "own")
    assert item.edited_at == datetime.fromtimestamp(NOW + 60, UTC)
    assert (item.realm, item.visibility) == ("", "public")


def test_one_bad_thing_is_put_aside(desk):
    good = desk.add()
    desk.add(author={"name": "nobody"})
    pages = list(connect(desk).listen({}))
    assert [item.external_id for page in pages for item in page.items] == [good]
    assert len([reject for page in pages for reject in page.rejects]) == 1


def test_an_answer_is_said_once_and_found(desk):
    ref = desk.add()
    outgoing = Outgoing(KEY, "Thank you.", target=Target(ref), first_tried_at=datetime.now(UTC))
    connector = connect(desk, answerer="1")
    assert connector.find_sent(outgoing) is None
    item, again = connector.reply(outgoing), connector.reply(outgoing)
    assert item.external_id == again.external_id == connector.find_sent(outgoing).external_id
    assert (item.outgoing, item.origin, item.parent_id, item.conversation_id) == (True, "own", ref, "posts-1")
    with pytest.raises(errors.Gone):
        connector.reply(Outgoing("1" * 32, "x", target=Target("comments-99")))


def test_moderating_is_the_desks(desk):
    assert MailGateway.moderations == frozenset() and not MailGateway.can("moderate")
    connect(desk).moderate("hide", Target(desk.add()), "Rude.")
    assert desk.moderated == ("hide", "comments-1")


def test_deleted_is_gone(desk):
    ref = desk.add()
    assert connect(desk).lookup(ref, {}).external_id == ref
    assert [item.external_id for item in connect(desk).thread(ref, {})] == [ref]
    del desk.things[ref]
    for ask in (connect(desk).lookup, connect(desk).thread):
        with pytest.raises(errors.Gone):
            ask(ref, {})


@pytest.mark.parametrize("cls", [OdooBlog, OdooForum, MailGateway])
def test_checking_says_who_we_are(desk, cls):
    desk.add()
    found = connect(desk, cls, gateway="1").check()
    assert (found.account, found.account_id, found.ok) == ("Acme", "company-1", True)
    assert found.can
    assert connect(desk, cls).choices()["answerer"] == [("1", "answerer")]


@pytest.mark.parametrize("cls", [OdooBlog, OdooForum, MailGateway])
def test_outside_odoo_there_is_nothing(cls):
    with pytest.raises(errors.Misconfigured):
        cls(Http(), {"gateway": "1"}).check()
    assert cls.local and cls.needs_models


def test_what_has_to_be_chosen_is_asked_for(desk):
    with pytest.raises(errors.Misconfigured):
        connect(desk, OdooForum).reply(Outgoing(KEY, "x", target=Target(desk.add())))
    with pytest.raises(errors.Misconfigured):
        list(connect(desk, MailGateway).listen({}))
