"""Walking lists that a network pages by marks of its own: nothing is lost, whatever happens on the way."""

import json

import pytest

from connectors import errors
from connectors.walk import BUFFERED_PAGES, REMEMBERED, Walk

PAGE = 5


class Listed:
    """A list in memory, newest first, paged by marks that name a place in it."""

    def __init__(self, style="marks"):
        self.entries = []
        self.style = style
        self.expired = False
        self.asked = []

    def add(self, number, place=None):
        made = []
        for _turn in range(number):
            entry = {
                "id": f"e{len(self.entries)}",
                "place": len(self.entries) * 10 + 10 if place is None else place,
                "text": "",
            }
            self.entries.append(entry)
            made.append(entry["id"])
        return made

    def fetch(self, token, floor):
        self.asked.append(token)
        if token and self.expired:
            self.expired = False
            raise errors.Misconfigured("The mark is too old.")
        found = sorted(self.entries, key=lambda entry: entry["place"], reverse=True)
        if self.style == "since" and floor:
            found = [entry for entry in found if entry["place"] > floor]
        start = 0
        if token and self.style != "ignorant":
            after = int(token)
            start = next((at for at, entry in enumerate(found) if entry["place"] < after), len(found))
        shown = found[start : start + PAGE]
        more = start + PAGE < len(found) or self.style == "ignorant"
        return shown, str(shown[-1]["place"]) if shown and more else ""

    def walk(self, state=None, **options):
        return Walk(
            self.fetch, lambda entry: entry["id"], lambda entry: entry["place"], lambda entry: entry["text"], 25, state,
            **options,
        )  # fmt: skip


def run(listed, state=None, pages=None, **options):
    """Return the ids of each page and the state after it, as a database gives it back."""
    walk, found = listed.walk(state, **options), []
    for entries, _more in walk.pages():
        state = json.loads(json.dumps(walk.state))
        found.append([entry["id"] for entry in entries])
        if len(found) == pages:
            break
    return found, state


def flat(pages):
    return [one for page in pages for one in page]


@pytest.mark.parametrize("style", ["marks", "since"])
@pytest.mark.parametrize("number", [0, 1, PAGE, PAGE + 1, PAGE * BUFFERED_PAGES, PAGE * BUFFERED_PAGES * 3])
def test_all_that_is_new_comes_once(style, number):
    listed = Listed(style)
    listed.add(20)
    first, state = run(listed)
    assert len(flat(first)) == PAGE
    # what is older than the first page, but not by much, counts as late
    late, state = run(listed, state)
    new = listed.add(number)
    pages, state = run(listed, state)
    assert sorted(flat(pages)) == sorted(new)
    assert flat(run(listed, state)[0]) == []


@pytest.mark.parametrize("number", [30, 170])
def test_being_stopped_after_any_page_loses_nothing(number):
    listed = Listed()
    listed.add(3)
    _first, start = run(listed)
    new = set(listed.add(number))
    total = len(run(listed, start)[0])
    for stopped in range(1, total + 1):
        pages, state = run(listed, start, stopped)
        later = set(listed.add(1))
        rest, _state = run(listed, state)
        assert set(flat(pages)) | set(flat(rest)) == new | later
        listed.entries.pop()


def test_a_short_walk_brings_the_oldest_first_and_a_long_one_bounded_pages():
    listed = Listed()
    listed.add(1)
    _first, start = run(listed)
    new = listed.add(PAGE * 3)
    assert flat(run(listed, start)[0]) == new
    listed.add(PAGE * BUFFERED_PAGES * 2)
    assert all(len(page) <= PAGE for page in run(listed, start)[0])


def test_a_mark_that_is_too_old_begins_the_walk_again():
    listed = Listed()
    listed.add(1)
    _first, start = run(listed)
    new = set(listed.add(PAGE * BUFFERED_PAGES * 2))
    pages, state = run(listed, start, BUFFERED_PAGES + 2)
    assert state["walk"]["next"]
    listed.expired = True
    rest, _state = run(listed, state)
    assert set(flat(pages)) | set(flat(rest)) == new


def test_a_first_page_that_fails_is_an_error():
    listed = Listed()
    listed.add(1)
    listed.fetch = lambda token, floor: (_ for _ in ()).throw(errors.Misconfigured("No."))
    with pytest.raises(errors.Misconfigured):
        run(listed, {"top": 5, "seen": []})


def test_a_network_that_ignores_marks_is_not_asked_for_ever():
    listed = Listed("ignorant")
    listed.add(1)
    _first, start = run(listed)
    listed.add(PAGE * 4)
    listed.asked.clear()
    assert len(flat(run(listed, start)[0])) == PAGE
    assert len(listed.asked) == 2


def test_late_entries_and_edits_come_and_old_ones_do_not():
    listed = Listed()
    listed.add(4)
    _first, state = run(listed)
    assert flat(run(listed, state)[0]) == []
    late = listed.add(1, place=25)
    old = listed.add(1, place=2)
    listed.entries[2]["text"] = "edited"
    found = flat(run(listed, state)[0])
    assert set(found) == {late[0], "e2"} and old[0] not in found


def test_entries_without_a_time_come_once():
    listed = Listed()
    listed.add(2)
    _first, state = run(listed)
    timeless = listed.add(1, place=0)
    pages, state = run(listed, state)
    assert flat(pages) == timeless
    assert flat(run(listed, state)[0]) == []


def test_what_is_remembered_is_bounded():
    listed = Listed()
    listed.add(1)
    _first, state = run(listed)
    listed.add(300, place=50)
    pages, state = run(listed, state)
    assert len(state["seen"]) <= REMEMBERED
    assert len(run(listed, state, remembered=3)[1]["seen"]) <= REMEMBERED
