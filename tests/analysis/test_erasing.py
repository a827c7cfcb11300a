"""Taking a person out of texts: plain Python, read from its file because the folder belongs to Odoo's models."""

import importlib.util
import pathlib

import pytest

PATH = pathlib.Path(__file__).parents[2] / "community_manager" / "models" / "people" / "erasing.py"
_spec = importlib.util.spec_from_file_location("erasing", PATH)
erasing = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(erasing)

SAID = "My new lamp burns since Monday and nobody answers me at all"


@pytest.fixture
def ana():
    return erasing.Identity(["Ana Ruiz", "ana.ruiz@example.com", "@anar", "al", ""], [SAID])


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Ana Ruiz called", "… called"),
        ("ANA  RUIZ called", "… called"),
        ("Write to ana.ruiz@example.com.", "Write to …."),
        ("as @anar said", "as … said"),
        ("Susana Ruizdael stays", "Susana Ruizdael stays"),
        ("al alba", "al alba"),
        ("", ""),
    ],
)
def test_names_go_and_words_that_only_contain_them_stay(ana, text, left):
    assert ana.scrub(text) == left


def test_quotations_go_and_what_colleagues_wrote_stays(ana):
    left = ana.scrub("She wrote: my new lamp burns since Monday and nobody answers. We called back.")
    assert "lamp burns" not in left and left.startswith("She wrote: …") and left.endswith("We called back.")


def test_a_few_equal_words_are_no_quotation(ana):
    assert ana.scrub("My new lamp burns well") == "My new lamp burns well"


def test_tags_stay(ana):
    left = ana.scrub("<p>My new lamp burns since <b>Monday and nobody</b> answers me</p>")
    assert left.startswith("<p>") and left.endswith("</p>") and "<b>" in left and "</b>" in left
    assert "lamp" not in left and "nobody" not in left


def test_short_texts_count_as_a_whole():
    identity = erasing.Identity([], ["Give my money back"])
    assert "money" not in identity.scrub("They said: give my money back!")
    assert identity.scrub("their money back") == "their money back"


def test_json_is_scrubbed_through(ana):
    data = {"who": ["Ana Ruiz", 3], "Ana Ruiz": {"text": SAID, "n": None}}
    assert ana.scrub_all(data) == {"who": ["…", 3], "Ana Ruiz": {"text": "…", "n": None}}


def test_words_that_tell_whom():
    identity = erasing.Identity(["Ana", "Ana Ruiz", "anar77", "a@b.c"])
    assert set(identity.telling()) == {"Ana Ruiz", "anar77", "a@b.c"}
