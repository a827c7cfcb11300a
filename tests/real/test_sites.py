"""A blog and a wiki asked by their connectors alone: what the desk need not be there for."""

import json
import time
from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest

from connectors import errors, network
from connectors.http import Http
from connectors.items import Outgoing, Target


def connect(code, url, secrets, **settings):
    """Return a fresh connector, as every run gets one."""
    http = Http(allowed_hosts=[urlsplit(url).netloc])
    return network(code)(http, {"url": url, **settings}, secrets)


def listen(connector, cursor=None):
    """Return what came by external id, and the position as a database gives it back."""
    found = {}
    for page in connector.listen(cursor or {}):
        assert not page.rejects
        found |= {item.external_id: item for item in page.items}
        cursor = json.loads(json.dumps(page.cursor))
    return found, cursor


def target_of(item):
    """Return what is answered."""
    return Target(item.external_id, item.realm, item.kind, item.visibility, identifiers=item.identifiers)


def outgoing(target, text, key="a" * 32, **values):
    """Return something to be said now."""
    return Outgoing(key, text, target=target, first_tried_at=datetime.now(UTC), **values)


# --- WordPress ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def blog(wordpress):
    """A function that connects to the blog as one of its users."""

    def connected(writer, **settings):
        access = {"application_password": writer.auth[1]}
        return connect("wordpress", wordpress.url, access, username=writer.name, **settings)

    return connected


def test_an_edited_comment_comes_again_and_a_held_one_is_private(wordpress, blog):
    guest = wordpress.writer("nora", "subscriber")
    article = wordpress.admin.post("Kettles", "They boil")
    cursor = listen(blog(wordpress.admin))[1]
    comment = guest.comment(article["id"], 'It "leaks" -- 3 < 4 & so')
    key = f"comments/{comment['id']}"
    found, cursor = listen(blog(wordpress.admin), cursor)
    assert (found[key].text, found[key].origin) == ("It “leaks” — 3 < 4 & so", "own")
    assert found[key].author.email == "nora@example.test" and found[key].parent_id == f"posts/{article['id']}"
    wordpress.admin.edit_comment(comment["id"], "It leaks no more")
    found, cursor = listen(blog(wordpress.admin), cursor)
    assert {one: item.text for one, item in found.items()} == {key: "It leaks no more"}
    blog(wordpress.admin).moderate("hide", target_of(found[key]))
    found, cursor = listen(blog(wordpress.admin), cursor)
    assert found[key].visibility == "private"
    assert key not in listen(blog(guest))[0], "who may not moderate does not see it"
    assert listen(blog(wordpress.admin), cursor)[0] == {}


def test_an_old_post_that_is_edited_comes_again(wordpress, blog):
    old = wordpress.admin.post("Old", "first")
    wordpress.admin.posts([(f"Newer {turn}", "text") for turn in range(60)])
    cursor = listen(blog(wordpress.admin))[1]
    # WordPress notes the whole second of an edit: it is to be another than that of the posts made together
    time.sleep(1.1)
    wordpress.admin.edit_post(old["id"], content="second")
    found = listen(blog(wordpress.admin), cursor)[0]
    assert {one: item.text for one, item in found.items()} == {f"posts/{old['id']}": "second"}


def test_many_comments_between_two_looks_all_arrive_once(wordpress, blog):
    article = wordpress.admin.post("Popular", "text")
    cursor = listen(blog(wordpress.admin))[1]
    made = wordpress.admin.many(lambda turn: wordpress.admin.comment(article["id"], f"Number {turn}"), 130)
    found, cursor = listen(blog(wordpress.admin), cursor)
    assert set(found) == {f"comments/{one['id']}" for one in made}
    assert listen(blog(wordpress.admin), cursor)[0] == {}


def test_moderation_is_done_once_and_can_be_repeated(wordpress, blog):
    comment = wordpress.admin.comment(wordpress.admin.post("Moderated", "text")["id"], "Buy pills")
    target = Target(f"comments/{comment['id']}")

    def status():
        return wordpress.admin.call("GET", f"comments/{comment['id']}?context=edit")["status"]

    for action, expected in (
        ("hide", "hold"), ("approve", "approved"), ("spam", "spam"), ("unhide", "approved"), ("delete", "trash"),
    ):  # fmt: skip
        for _turn in range(2):
            blog(wordpress.admin).moderate(action, target)
            assert status() == expected
    with pytest.raises(errors.Gone):
        blog(wordpress.admin).lookup(target.external_id, {})


def test_what_stands_in_the_way_of_an_answer_is_told(wordpress, blog):
    article = wordpress.admin.post("Closed", "text")
    target = Target(f"posts/{article['id']}", identifiers={"post": article["id"]})
    blog(wordpress.admin).reply(outgoing(target, "Once."))
    with pytest.raises(errors.Duplicate):
        blog(wordpress.admin).reply(outgoing(target, "Once."))
    wordpress.admin.edit_post(article["id"], comment_status="closed")
    with pytest.raises(errors.Refused):
        blog(wordpress.admin).reply(outgoing(target, "Twice."))
    wordpress.admin.delete_post(article["id"])
    with pytest.raises(errors.Gone):
        blog(wordpress.admin).reply(outgoing(target, "Thrice."))


def test_a_post_is_published_and_found_again(wordpress, blog):
    message = outgoing(None, "1 < 2 & so\n\nSecond paragraph", way="publish", title="News & <b>more</b>")
    item = blog(wordpress.admin).publish(message)
    assert (item.title, item.text) == ("News & <b>more</b>", message.text)
    assert blog(wordpress.admin).find_sent(message) == item
    assert blog(wordpress.admin).find_sent(outgoing(None, message.text, way="publish", title="Else")) is None


def test_figures_and_people_of_the_blog(wordpress, blog):
    writer = wordpress.writer("olga", "author")
    article = writer.post("Counted", "text")
    wordpress.admin.comment(article["id"], "One")
    figures = blog(writer).metrics([(f"posts/{article['id']}", {})])
    assert figures.posts == 1 and figures.items[f"posts/{article['id']}"].replies == 1
    assert blog(wordpress.admin).profile("@olga").external_id == f"users/{writer.id}"
    assert blog(wordpress.admin).profile("nobody-of-that-name") is None


# --- MediaWiki ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def wiki(mediawiki):
    """A function that connects to the wiki as one of its users, or as nobody."""

    def connected(editor=None, **settings):
        login, password = (editor.login, editor.password) if editor else ("", "")
        return connect("mediawiki", mediawiki.url, {"bot_password": password}, username=login, **settings)

    return connected


@pytest.fixture(scope="module")
def people(mediawiki):
    """Our own user and somebody else."""
    return mediawiki.editor("Hilda"), mediawiki.editor("Ivo")


def test_a_wiki_is_read_by_nobody_in_particular(wiki, people):
    _us, ivo = people
    edit = ivo.edit("Samovar", "A samovar keeps tea '''hot'''. [[Main Page|More]]")
    found = listen(wiki(namespaces="0", search_topics=False))[0]
    item = found[str(edit["newrevid"])]
    assert (item.text, item.kind, item.origin) == ("A samovar keeps tea hot. More", "article", "search")
    with pytest.raises(errors.AccessDenied):
        wiki(pages="Samovar").reply(outgoing(target_of(item), "Hello"))


def test_an_answer_that_meets_another_edit_overwrites_nothing(wiki, people):
    us, ivo = people
    edit = ivo.ask("Talk:Samovar", "Tap", "Where is the tap?")
    item = wiki(us).lookup(str(edit["newrevid"]), {})
    connector = wiki(us)
    read, page = [], connector._page

    def meanwhile(entry):
        found = page(entry)
        if not read:
            # MediaWiki tells edits of others from our own by the second in which they were made.
            time.sleep(1.1)
            ivo.edit("Talk:Samovar", found["text"] + "\n:I found it. ~~~~")
        read.append(1)
        return found

    connector._page = meanwhile
    connector.reply(outgoing(target_of(item), "At the front."))
    text = ivo.text("Talk:Samovar")
    assert "I found it." in text and text.count("At the front.") == 1


def test_an_edit_is_taken_back_once_and_what_stands_in_the_way_is_told(wiki, people):
    us, ivo = people
    ivo.edit("Teapot", "A teapot.\n\nIt is round.")
    spam = ivo.edit("Teapot", "A teapot.\n\nBuy pills.\n\nIt is round.")
    target = Target(str(spam["newrevid"]))
    for _turn in range(2):
        wiki(us).moderate("delete", target, "Advertising")
    revisions = ivo.revisions("Teapot")
    assert "pills" not in ivo.text("Teapot") and len(revisions) == 3 and revisions[0]["comment"] == "Advertising"
    first = ivo.edit("Teapot", "A teapot.\n\nBuy more pills.\n\nIt is round.")
    ivo.edit("Teapot", "A teapot.\n\nBuy more pills. Or none.\n\nBuy more pills.\n\nIt is round.")
    with pytest.raises(errors.Refused):
        wiki(us).moderate("delete", Target(str(first["newrevid"])))


def test_people_of_the_wiki(wiki, people):
    us, _ivo = people
    assert wiki(us).profile("ivo").name == "Ivo"
    assert wiki(us).profile("Nobody of that name") is None
    assert wiki(us).check().account_id == "Hilda"
