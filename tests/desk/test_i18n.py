"""Joining exported terms with translations: what is translated stays, what is gone goes, and twice is as once."""

import polib

from desk import i18n

TERMS = """
msgid ""
msgstr ""
"POT-Creation-Date: 2026-01-01 00:00+0000\\n"

#. module: addon
#: model:ir.model,name:addon.model_one
msgid "One"
msgstr ""

#. module: addon
#. odoo-python
#: code:addons/addon/models/two.py:0
msgid "Two %(count)s"
msgstr ""
"""
SPANISH = """
msgid ""
msgstr ""

#. module: addon
#: model:ir.model,name:addon.model_one
msgid "One"
msgstr "Uno"

#. module: addon
#: model:ir.model,name:addon.model_gone
msgid "Gone"
msgstr "Ido"
"""


def merged(tmp_path):
    terms = tmp_path / "terms.pot"
    terms.write_text(TERMS)
    folder = tmp_path / "i18n"
    folder.mkdir()
    (folder / "es.po").write_text(SPANISH)
    return folder, i18n.merge(terms, folder, "addon")


def test_translations_are_kept_and_old_ones_dropped(tmp_path):
    folder, missing = merged(tmp_path)
    assert missing == {"es": ["Two %(count)s"]}
    spanish = {entry.msgid: entry.msgstr for entry in polib.pofile(str(folder / "es.po"))}
    assert spanish == {"One": "Uno", "Two %(count)s": ""}
    assert [entry.msgid for entry in polib.pofile(str(folder / "addon.pot"))] == ["One", "Two %(count)s"]


def test_where_terms_are_used_stays(tmp_path):
    folder, _ = merged(tmp_path)
    text = (folder / "es.po").read_text()
    assert "#: code:addons/addon/models/two.py:0" in text and "#. odoo-python" in text
    assert "Language: es" in text


def test_no_dates_and_no_change_on_a_second_run(tmp_path):
    folder, _ = merged(tmp_path)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert not any(b"Date" in content for content in before.values())
    i18n.merge(tmp_path / "terms.pot", folder, "addon")
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
