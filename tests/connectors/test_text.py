"""Plain text out of hostile markup."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.text import MAX_TEXT, _parsed_to_text, _simple_to_text, clean_line, clean_text, html_to_text

SETTINGS = settings(max_examples=150, deadline=None, derandomize=True, database=None)


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("", ""),
        ("plain", "plain"),
        ("a &lt;b&gt; c", "a <b> c"),
        ("<p>one</p><p>two<br>three</p>", "one\n\ntwo\nthree"),
        ("<p>one</p>\n\n  <p>two</p>", "one\n\ntwo"),
        ("<ul><li>a</li><li>b</li></ul>c", "- a\n- b\n\nc"),
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc"),
        ("<pre>a\n  b</pre>", "a\n  b"),
        ("x<script>alert(1)</script>y<style>p{}</style>z", "xyz"),
        ("hi <img src='x' alt=':blob:'> there", "hi :blob: there"),
        ("a<!-- no -->b", "ab"),
        ("<b>a</b> <i> b</i>", "a b"),
        ("5 < 6 and 7 > 6", "5 < 6 and 7 > 6"),
        ("<p>it&#39;s &nbsp; ok &amp;amp;</p>", "it's \xa0 ok &amp;"),
    ],
)
def test_html_reads_as_a_person_sees_it(markup, text):
    assert html_to_text(markup) == text


def test_an_address_that_mastodon_shortens_is_given_whole():
    markup = (
        '<p>see <a href="https://shop.example/a/long/path" rel="nofollow noopener" target="_blank">'
        '<span class="invisible">https://</span><span class="ellipsis">shop.example/a/lo</span>'
        '<span class="invisible">ng/path</span></a></p>'
    )
    assert html_to_text(markup) == "see https://shop.example/a/long/path"
    assert html_to_text(markup + "<ul></ul>") == "see https://shop.example/a/long/path"


@pytest.mark.parametrize(
    "markup",
    ["<div>" * 100_000 + "deep", "<" * 200_000, "<a " * 100_000, "<p " + "a" * 500_000, "&" * 300_000,
     "<b>" * 100_000 + "</b>" * 100_000, "<a href='" + " " * 300_000, "<!--" * 50_000, "<![CDATA[" * 30_000,
     "<p" + ' x="y"' * 100_000 + ">z", "<script>" * 50_000, "</p>" * 200_000, "&#" * 100_000, "<p>" * 200_000 + "x"],
    ids=range(14),
)  # fmt: skip
@pytest.mark.timeout(120)  # a guard: what grows with the square of its length would take hours
def test_hostile_markup_comes_to_an_end(markup):
    text = html_to_text(markup)
    assert len(text) <= MAX_TEXT


def test_what_breaks_databases_and_eyes_is_removed():
    assert clean_text("a\x00b\ud800c\udfffd\u202ee\u2066f\ufeffg\x1bh\x85i\ufffej") == "abcdefgh\nij"
    assert clean_text("e\u0301") == "é"
    assert clean_text("a\r\nb\rc\u2028d") == "a\nb\nc\nd"
    assert clean_text("a\n\n\n\n\nb   \n") == "a\n\nb"
    assert clean_text("👩‍👧 🏴󠁧󠁢󠁥󠁮󠁧󠁿 \u200f") == "👩‍👧 🏴󠁧󠁢󠁥󠁮󠁧󠁿 \u200f".strip()
    assert html_to_text("<p>a\x00&#0;&#xD800;b\u202e</p>") in ("ab", "a\ufffd\ufffdb")


def test_length_is_bounded_and_the_cut_is_visible():
    assert clean_text("x" * 1000, 10) == "x" * 9 + "…"
    assert len(html_to_text("<p>" + "x" * 500_000)) == MAX_TEXT
    assert clean_line("a\nb" * 1000, 100).startswith("a ba b")
    assert len(clean_line("a\nb" * 1000, 100)) == 100


@SETTINGS
@given(st.text(max_size=300))
def test_any_text_comes_out_storable(text):
    for result in (clean_text(text), html_to_text(text), clean_line(text)):
        result.encode("utf-8")
        assert "\x00" not in result
        assert unicodedata.is_normalized("NFC", result)
    assert clean_text(clean_text(text)) == clean_text(text)


TAGS = st.sampled_from(
    ["<p>", "</p>", "<br>", "<br />", "<b>", "</b>", "<span class='x'>", '<span class="invisible">', "</span>", "<li>",
     "<ul>", "</ul>", "<pre>", "</pre>", "<script>", "</script>", "<", ">", "&amp;", "&#x1F600;", "&lt;", " ", "\n",
     "a", "ñ", "<img alt='z'>", "<!--", "-->", "<!DOCTYPE x [", "]>", "<td>", '"', "'", "=", "<a href=\"", "\">"]
)  # fmt: skip


@SETTINGS
@given(st.lists(TAGS, max_size=40).map("".join))
def test_any_markup_comes_out_storable(markup):
    html_to_text(markup).encode("utf-8")


WORDS = st.sampled_from(["word", "ñandú", " ", "  ", "&amp;", "&lt;i&gt;", "😀", "#tag", "@you", "x y"])


def wrapped(children):
    inner = st.lists(children, max_size=4).map("".join)
    return st.one_of(
        inner.map(lambda text: f"<span>{text}</span>"),
        inner.map(lambda text: f'<a href="https://a.example/?x=1&amp;y" class="mention u-url">{text}</a>'),
        inner.map(lambda text: f"{text}<br>"),
        inner.map(lambda text: f"<strong>{text}</strong>"),
    )


@SETTINGS
@given(st.lists(st.lists(st.recursive(WORDS, wrapped, max_leaves=6), max_size=4).map("".join), max_size=4))
def test_the_short_cut_reads_the_same_as_the_parser(paragraphs):
    markup = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    short = _simple_to_text(markup)
    assert short is not None
    assert clean_text(short) == clean_text(_parsed_to_text(markup))
