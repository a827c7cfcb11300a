"""`make i18n`: the terms of the addons as Odoo exports them, joined with the translations there are.

The second half runs in the Python that has Odoo's packages (``python -m desk.i18n TERMS FOLDER NAME``), as polib is
one of them.
"""

from __future__ import annotations

import sys
from pathlib import Path

from .settings import BRIDGE, Settings
from .steps import only_one, run, say, write_atomic

#: No dates: two runs on the same terms give the same files.
METADATA = {
    "Project-Id-Version": "Odoo Server 19.0",
    "Report-Msgid-Bugs-To": "",
    "Last-Translator": "",
    "Language-Team": "",
    "MIME-Version": "1.0",
    "Content-Type": "text/plain; charset=UTF-8",
    "Content-Transfer-Encoding": "8bit",
}
PLURALS = "nplurals=2; plural=(n != 1);"
#: Untranslated terms that are shown.
SHOWN = 30


def command(settings: Settings) -> int:
    """Renew every addon's .pot and .po files; returns the exit code."""
    from . import postgres
    from .templates import Templates
    from .testing import Runner, shown

    Runner(settings).prepare()
    worst = 0
    with postgres.test_server(settings) as connection:
        templates = Templates(settings, connection)
        with only_one(settings.runtime / ".lock", "building databases"):
            template = templates.bridge() if BRIDGE in settings.addons else templates.addon()
        odoo = templates.odoo
        conf = odoo.write_conf()
        for name in settings.addons:
            terms = settings.runtime / f"{name}.pot"
            words = ("i18n", "export", "-c", conf, "-d", template, "-o", terms, name)
            log = settings.logs / "i18n.log"
            what = f"Exporting the terms of {name}"
            run([settings.python, "-m", "odoo", *words], what=what, log=log, env=odoo.environ, cwd=settings.root)
            env = {**odoo.environ, "PYTHONPATH": str(settings.docker)}
            folder = settings.root / name / "i18n"
            code, _ = shown([str(settings.python), "-m", "desk.i18n", str(terms), str(folder), name], env=env)
            worst = worst or code
    return worst


def merge(terms: Path, folder: Path, name: str) -> dict[str, list[str]]:
    """Write the .pot of an addon and bring its .po files up to date: what is translated stays, what is gone goes.

    :returns: terms without translation, by language
    """
    import polib

    template = polib.pofile(str(terms), wrapwidth=78)
    template.header = (
        f"Translation of Odoo Server.\nThis file contains the translation of the following modules:\n* {name}"
    )
    template.metadata = dict(METADATA)
    write_atomic(folder / f"{name}.pot", f"{template}\n")
    missing = {}
    for path in sorted(folder.glob("*.po")):
        known = {entry.msgid: entry.msgstr for entry in polib.pofile(str(path)) if not entry.obsolete}
        for entry in template:
            entry.msgstr = known.get(entry.msgid, "")
        language = path.stem
        template.metadata = {**METADATA, "Language": language, "Plural-Forms": PLURALS}
        write_atomic(path, f"{template}\n")
        missing[language] = [entry.msgid for entry in template if not entry.msgstr]
    return missing


def main(words: list[str]) -> int:
    """Merge and tell; what is missing is no failure here, the tests of the addon insist on it."""
    terms, folder, name = words
    for language, missing in merge(Path(terms), Path(folder), name).items():
        say(f"{name}, {language}: {len(missing) or 'nothing'} untranslated")
        for term in missing[:SHOWN]:
            say(f"  {term!r}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
