"""What people type as the address of a forum, a site or a wiki."""

from types import SimpleNamespace

import pytest

from connectors import errors
from connectors.discourse_api import Forum as Discourse
from connectors.mediawiki_api import Wiki
from connectors.nodebb_api import Forum as NodeBB
from connectors.wordpress_api import Site

HTTP = SimpleNamespace(mask=lambda *secrets: None)
SITES = {
    "discourse": lambda address: Discourse(HTTP, address, "", ""),
    "nodebb": lambda address: NodeBB(HTTP, address, ""),
    "wordpress": lambda address: Site(HTTP, address, "", ""),
    "mediawiki": lambda address: Wiki(HTTP, address),
}


@pytest.mark.parametrize(
    ("network", "entered", "address"),
    [
        ("discourse", "Forum.example/", "https://forum.example"),
        ("discourse", "https://a.example/forum/latest", "https://a.example/forum"),
        ("discourse", "https://a.example/t/tea/12?u=ana#reply", "https://a.example"),
        ("discourse", "https://a.example/tea/topics", "https://a.example/tea/topics"),
        ("nodebb", "Forum.example/", "https://forum.example"),
        ("nodebb", "https://a.example/forum/recent?x=1", "https://a.example/forum"),
        ("nodebb", "http://[::1]:4567/topic/1/tea", "http://[::1]:4567"),
        ("wordpress", "Blog.example/", "https://blog.example"),
        ("wordpress", "http://a.example/news/wp-admin/?x=1", "http://a.example/news"),
        ("wordpress", "HTTPS://a.example/wp-login.php", "https://a.example"),
        # a folder whose name only begins like one that belongs to every site
        ("wordpress", "https://a.example/feedback/feed/", "https://a.example/feedback"),
        # every page of a wiki names its interface: the address stays as it is
        ("mediawiki", " A.example/wiki/Tea?x=1 ", "https://A.example/wiki/Tea?x=1"),
    ],
)
def test_an_address_is_understood_as_people_write_it(network, entered, address):
    assert SITES[network](entered).base == address


@pytest.mark.parametrize("network", SITES)
@pytest.mark.parametrize(
    "entered",
    ["", None, "   ", "ftp://a.example", "a b", "https://", "/forum", "ana@a.example", "https://ana:pw@a.example/",
     "a.example:x", "a.example:0", "http://[::1", 'a.example/"x"'],
)  # fmt: skip
def test_what_is_no_address_is_misconfigured_and_named(network, entered):
    with pytest.raises(errors.Misconfigured) as caught:
        _ = SITES[network](entered).base
    assert list(caught.value.params.values()) == [(entered or "").strip()]


def test_what_was_entered_is_named_in_few_words():
    with pytest.raises(errors.Misconfigured) as caught:
        _ = SITES["discourse"]("a b" * 200).base
    assert len(caught.value.params["forum"]) == 100
