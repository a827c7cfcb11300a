"""Lists that are given newest first: read from what is known, oldest first, whatever happens in between."""

import json

import pytest

from connectors import errors
from connectors.items import Check, MentionItem
from connectors.newest import BUFFERED_PAGES, SAMPLE, Listing, Newest, Turns, look

SIZE = 5


class Place:
    """A list in memory, asked by page numbers."""

    def __init__(self, number=0):
        self.entries = [{"id": one, "text": "x"} for one in range(1, number + 1)]
        self.asked = []

    def add(self, number):
        start = self.entries[-1]["id"] if self.entries else 0
        self.entries += [{"id": start + one, "text": "x"} for one in range(1, number + 1)]

    def fetch(self, position):
        self.asked.append(position)
        page = position or 1
        shown = self.entries[::-1][(page - 1) * SIZE : page * SIZE]
        return shown, page + 1 if page * SIZE < len(self.entries) else None

    def listing(self, name="all", **values):
        return Listing(name, self.fetch, lambda entry: str(entry["id"]), mark=lambda entry: entry["text"], **values)


def read(place, state=None, pages=None, **values):
    """Return what came, page by page, and the state after it."""
    newest, found = Newest(place.listing(**values), state), []
    for entries, _more in newest.pages():
        found.append([entry["id"] for entry in entries])
        state = json.loads(json.dumps(newest.state))
        if len(found) == pages:
            break
    return found, state


def test_the_first_look_is_one_page_and_older_things_never_come():
    place = Place(40)
    found, state = read(place)
    assert found == [[36, 37, 38, 39, 40]]
    place.entries.pop(37)
    assert read(place, state)[0] == []


def test_the_first_look_may_be_shorter_and_what_it_leaves_out_is_not_made_up_for():
    place = Place(40)
    newest = Newest(place.listing(first=2))
    assert [[entry["id"] for entry in entries] for entries, _more in newest.pages()] == [[39, 40]]
    assert list(Newest(place.listing(first=2), newest.state).pages()) == []


def test_lists_of_one_family_are_read_once():
    place, read_ids = Place(5), []

    def note(entries, listing):
        read_ids.extend((listing.name, entry["id"]) for entry in entries)
        return [], []

    turns([place.listing("one", family="things"), place.listing("two", family="things")], {}, note)
    assert [one for one in read_ids if one[0] == "two"] == [] and len(read_ids) == 5


def test_what_is_new_comes_oldest_first_and_once():
    place = Place(10)
    state = read(place)[1]
    place.add(12)
    found, state = read(place, state)
    assert [one for page in found for one in page] == list(range(11, 23))
    assert read(place, state)[0] == []
    assert read(Place(), read(Place())[1])[0] == []


def test_an_edit_comes_again():
    place = Place(10)
    state = read(place)[1]
    place.entries[-2]["text"] = "y"
    found, state = read(place, state)
    assert found == [[9]]
    assert read(place, state)[0] == []


@pytest.mark.parametrize("portion", [0, 2])
@pytest.mark.parametrize("killed_after", range(1, 2 * BUFFERED_PAGES + 3))
def test_a_long_walk_that_is_killed_goes_on_where_it_was(killed_after, portion):
    place = Place(10)
    state = read(place)[1]
    new = SIZE * (2 * BUFFERED_PAGES) + 3
    place.add(new)
    first, state = read(place, state, pages=killed_after, portion=portion)
    place.add(4)
    rest, state = read(place, state, portion=portion)
    assert not portion or max(map(len, first + rest)) <= portion
    stored = [one for page in first for one in page]
    later = [one for page in rest for one in page]
    assert set(stored) | set(later) == set(range(11, new + 15))
    assert len(later) == len(set(later))
    assert read(place, state)[0] == []


def test_the_known_may_all_be_deleted():
    place = Place(10)
    state = read(place)[1]
    place.entries.clear()
    place.entries = [{"id": 20, "text": "x"}, {"id": 21, "text": "x"}]
    assert read(place, state)[0] == [[20, 21]]


def test_what_has_no_order_is_a_reject_and_the_rest_comes():
    place = Place(2)
    place.entries += [{"id": None}, "x", {"id": True}, {"id": -5}]
    newest = Newest(Listing("all", place.fetch, lambda entry: str(entry.get("id"))))
    (entries, _more), = newest.pages()  # fmt: skip
    assert [entry["id"] for entry in entries] == [2]
    assert [one.payload for one in newest.rejects] == [{"id": -5}, {"id": True}, "x", {"id": None}]


class FakeHttp:
    requests = 0


def turns(listings, cursor, read_entries=None):
    def keep(entries, listing):
        return [], []

    return list(Turns(FakeHttp(), read_entries or keep, {"kept": 1}).pages(listings, cursor))


def test_a_list_that_is_not_allowed_does_not_keep_the_others_from_being_read():
    def refuse(position):
        raise errors.AccessDenied("No.")

    place, seen = Place(3), []

    def note(entries, listing):
        seen.append((listing.name, len(entries)))
        return [], []

    refused = Listing("refused", refuse, lambda entry: "x")
    with pytest.raises(errors.AccessDenied):
        turns([refused, place.listing("open")], {}, note)
    assert seen == [("open", 3)]
    with pytest.raises(errors.AccessDenied):
        turns([Listing("refused", refuse, lambda entry: "x", vital=True), place.listing("closed")], {}, note)
    assert seen == [("open", 3)]


def test_a_list_that_is_no_longer_asked_for_leaves_the_position():
    places = {name: Place(3) for name in ("one", "two")}
    pages = turns([place.listing(name) for name, place in places.items()], {})
    assert set(pages[-1].cursor["lists"]) == {"one", "two"} and pages[-1].cursor["kept"] == 1
    pages = turns([places["one"].listing("one")], pages[-1].cursor)
    assert set(pages[-1].cursor["lists"]) == {"one"}


# --- a first look at every list ----------------------------------------------------------------------------------


def refused(error, name="refused", **values):
    def refuse(position):
        raise error

    return Listing(name, refuse, lambda entry: "x", name, **values)


def items_of(entries, listing):
    return [MentionItem(external_id=str(entry["id"]), kind="post", text="x") for entry in entries], []


def test_a_check_says_what_can_be_read_and_why_the_rest_cannot():
    found = Check()
    listings = [
        refused(errors.AccessDenied("No.")), Place(4).listing("one", says="Read"), Place(5).listing("two", says="Read")
    ]  # fmt: skip
    look(listings, items_of, found)
    assert found.ok and found.can == ["Read"]
    assert found.missing == ["“refused” is not possible: No."]
    assert [item.external_id for item in found.sample] == ["1", "2", "3", "4", "5"]
    assert found.missing[0].params["why"].template == "No."


def test_a_check_shows_the_newest_and_few_of_them():
    found, place = Check(), Place(SAMPLE + 2)
    whole = Listing("all", lambda position: (place.entries[::-1], None), lambda entry: str(entry["id"]))
    look([whole], items_of, found)
    assert [int(item.external_id) for item in found.sample] == list(range(3, SAMPLE + 3))


def test_a_check_where_nothing_can_be_read_is_not_well():
    found = Check()
    look([refused(errors.AccessDenied("No."))], items_of, found)
    assert not found.ok and not found.can


def test_a_check_ends_where_what_fails_is_the_failure_of_the_channel():
    absent, forbidden = errors.Gone("No such list."), errors.ForbiddenAddress("Within.")
    found = Check()
    look([refused(absent)], items_of, found, (errors.Gone,))
    assert found.missing == ["“refused” is not possible: No such list."]
    for error, excused, vital in (
        (absent, (), False),
        (absent, (errors.Gone,), True),
        (forbidden, (errors.Misconfigured,), False),
    ):
        with pytest.raises(type(error)):
            look([refused(error, vital=vital)], items_of, Check(), excused)
