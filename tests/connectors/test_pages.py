"""Pages put together lose nothing, keep their order and never wait for what does not come."""

import doctest
import time

import pytest
from connectors import errors, pages
from connectors.items import Page, Reject
from connectors.pages import gathered
from hypothesis import given
from hypothesis import strategies as st


def test_documentation_examples():
    assert doctest.testmod(pages).failed == 0


@given(st.lists(st.tuples(st.integers(0, 50), st.booleans())), st.integers(1, 100))
def test_same_items_same_order_last_cursor(shape, size):
    given_pages, number = [], 0
    for count, more in shape:
        items = list(range(number, number + count))
        number += count
        given_pages.append(Page(items=items, cursor={"at": number}, more=more, rejects=[Reject(number, "bad")]))
    found = list(gathered(given_pages, size=size, seconds=60))
    assert [item for page in found for item in page.items] == list(range(number))
    assert sum(page.requests for page in found) == len(given_pages)
    assert sum(len(page.rejects) for page in found) == len(given_pages)
    at = 0
    for page in found:
        at += len(page.items)
        assert page.cursor == {"at": at}
        assert len(page.items) < size + 50
    for page in found[:-1]:
        assert len(page.items) >= size or not page.more


def test_what_came_before_an_error_is_handed_on():
    def broken():
        yield Page(items=[1], cursor={"at": 1}, more=True)
        yield Page(items=[2], cursor={"at": 2}, more=True)
        raise errors.Retriable("later")

    reader = gathered(broken())
    assert next(reader).items == [1, 2]
    with pytest.raises(errors.Retriable):
        next(reader)


def test_slow_pages_are_not_held_back():
    def slow():
        for number in range(3):
            time.sleep(0.03)
            yield Page(items=[number], cursor={"at": number}, more=True)

    assert len(list(gathered(slow(), seconds=0.02))) == 2


def test_a_page_without_a_cursor_keeps_the_one_before():
    (page,) = gathered([Page(items=[1], cursor={"at": 1}, more=True), Page(items=[2])])
    assert page.cursor == {"at": 1}


def test_closing_early_closes_the_source():
    closed = []

    def source():
        try:
            while True:
                yield Page(items=[1], cursor={"at": 1}, more=True)
        finally:
            closed.append(True)

    origin = source()
    reader = gathered(origin, size=2)
    next(reader)
    reader.close()
    origin.close()
    assert closed
