"""Hacker News, against answers shaped as its two interfaces document them."""

import json
from urllib.parse import parse_qs, urlsplit

import pytest

from connectors import errors
from connectors.hackernews import HackerNews
from connectors.http import Http

from .adapters.hackernews import HackerNewsAdapter


@pytest.fixture
def site():
    return HackerNewsAdapter()


def connect(site, **values):
    values = values or {"searches": "acme", "search_topics": False}
    return HackerNews(Http(transport=site.answer), values)


def listen(site, cursor=None, **values):
    """Return the items of a run and the cursor after it."""
    cursor, items = cursor or {}, []
    for page in connect(site, **values).listen(cursor):
        cursor = json.loads(json.dumps(page.cursor))
        items += page.items
    return items, cursor


def queries(site):
    """Return the parameters of the searches that were asked."""
    return [parse_qs(urlsplit(request.url).query) for request in site.requests if "search_by_date" in request.url]


def test_a_story_and_a_comment_are_read(site):
    story = site.add("We like acme", title="Show HN: Acme &amp; boots", url="https://acme.example/boots")
    comment = site.add("acme is <i>good</i>", by="eva", parent=int(story))
    first, second = listen(site)[0]
    assert (first.external_id, first.kind, first.title) == (story, "post", "Show HN: Acme &amp; boots")
    assert first.text == "We like acme\n\nhttps://acme.example/boots"
    assert (first.likes, first.replies, first.conversation_id, first.parent_id) == (3, 2, story, "")
    assert (second.external_id, second.kind, second.text) == (comment, "comment", "acme is good")
    assert (second.parent_id, second.conversation_id, second.identifiers["story_id"]) == (story, story, story)
    assert second.author.url == "https://news.ycombinator.com/user?id=eva"
    assert second.url == f"https://news.ycombinator.com/item?id={comment}"


def test_what_our_user_writes_is_our_own(site):
    site.add("hello", by="acme_desk")
    (item,) = listen(site, username="acme_desk", searches="", search_topics=False)[0]
    assert (item.outgoing, item.origin) == (True, "own")
    assert "author_acme_desk" in queries(site)[0]["tags"][0]


def test_the_words_of_the_topics_are_searched_for(site):
    site.add("about boots")
    connector = connect(site, searches="", search_topics=True)
    assert [page.items for page in connector.listen({})] == [[]]
    connector = connect(site, searches="", search_topics=True)
    connector.keywords = ("boots",)
    assert sum(len(page.items) for page in connector.listen({})) == 1
    assert queries(site)[-1]["query"] == ["boots"]


def test_a_second_that_lies_across_two_pages_is_read_whole(site):
    site.add()
    _items, cursor = listen(site)
    expected = [site.add() for _turn in range(121)]
    assert sorted(item.external_id for item in listen(site, cursor)[0]) == sorted(expected)


def test_an_edit_comes_again_and_new_points_do_not(site):
    story = site.add("acme")
    _items, cursor = listen(site)
    assert not listen(site, cursor)[0]
    site.things[int(story)]["text"] = "<p>acme, edited"
    assert [item.text for item in listen(site, cursor)[0]] == ["acme, edited"]


def test_a_vanished_thing_does_not_bring_the_whole_past(site):
    for _turn in range(200):
        site.add()
    _items, cursor = listen(site)
    for number in sorted(site.things)[-50:]:
        site.things[number]["deleted"] = True
    site.requests.clear()
    listen(site, cursor)
    assert all("created_at_i>" in query["numericFilters"][0] for query in queries(site))


def test_deleted_is_what_hacker_news_says_is_deleted(site):
    known = site.add()
    site.add()
    connector = connect(site)
    assert connector.lookup(known, {}).text == "about acme"
    site.things[int(known)] = {"id": int(known), "deleted": True, "type": "comment", "time": 1}
    with pytest.raises(errors.Gone):
        connector.lookup(known, {})
    site.things[int(known)] = None
    with pytest.raises(errors.Gone):
        connector.lookup(known, {})
    with pytest.raises(errors.Malformed):
        connector.lookup("99999999999", {})


def test_a_thread_goes_up_to_the_story_and_down_to_the_answers(site):
    story = site.add("story")
    other = site.add("another branch", parent=int(story))
    comment = site.add("comment", parent=int(story))
    answer = site.add("answer", parent=int(comment))
    deeper = site.add("deeper", parent=int(answer))
    found = connect(site).thread(answer, {"story_id": story})
    assert [item.external_id for item in found] == [story, comment, answer, deeper]
    assert {item.conversation_id for item in found} == {story}
    assert other not in {item.external_id for item in found}
    # without the story, or where the index does not have it
    assert [item.external_id for item in connect(site).thread(story, {})][0] == story
    assert [item.external_id for item in connect(site).thread(deeper, {"story_id": comment})][-1] == deeper


def test_a_thread_that_the_index_does_not_have_is_the_thing_itself(site):
    story = site.add("story")
    site.tree = lambda number: None
    assert [item.external_id for item in connect(site).thread(story, {})] == [story]


def test_a_thread_of_absurd_depth_is_read_in_part(site):
    node = {"id": 10**7 + 5000, "text": "deep", "author": "x", "created_at_i": 1740816000, "children": []}
    for number in range(4999, 0, -1):
        node = {"id": 10**7 + number, "text": "x", "author": "x", "created_at_i": 1740816000, "children": [node]}
    connector = connect(site)
    connector._ask = lambda *args, **options: node
    assert len(connector.thread(str(10**7 + 1), {})) == 500


@pytest.mark.parametrize("handle", ["ana", "@ana", "https://news.ycombinator.com/user?id=ana"])
def test_a_profile_is_found(site, handle):
    assert connect(site).profile(handle).external_id == "ana"


@pytest.mark.parametrize("handle", ["nobody", "", "a b", "../../etc", None])
def test_nobody_is_nobody(site, handle):
    assert connect(site).profile(handle) is None


def test_checking_names_the_user_and_the_searches(site):
    found = connect(site, searches="acme", username="acme_desk", search_topics=False).check()
    assert (found.account, found.account_id) == ("acme_desk", "acme_desk")
    assert found.can == ["Follow what acme_desk writes and what is answered there", "Search for “acme”"]
    found = connect(site, searches="", search_topics=True).check()
    assert found.can == ["Search for the words of the topics"]


@pytest.mark.parametrize(
    "values",
    [
        {"searches": "", "search_topics": False},
        {"searches": "acme", "username": "nobody"},
        {"searches": "acme", "username": "a b"},
    ],
)
def test_what_cannot_be_read_is_said(site, values):
    with pytest.raises(errors.Misconfigured):
        connect(site, **values).check()


def test_a_rate_limit_is_kept(site):
    site.instead = (429, {"Retry-After": "30"}, b"")
    with pytest.raises(errors.RateLimited):
        listen(site)
