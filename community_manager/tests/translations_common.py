import ast
import re
from pathlib import Path

import polib

from odoo.tools import file_path
from odoo.tools.translate import TranslationModuleReader

LANGUAGE = "es_ES"
PLACES = re.compile(r"%(?:\(\w+\))?[sdifr%]|\$?\{[^{}]*\}")
#: what stands for a value that is not known, in a place of a template: a word like any other
INSTEAD = re.compile(r"(?<=\w) *\|[^{}]*(?=\})")
TAGS = re.compile(r"<[^>]*>")
#: attributes of tags that are shown, and so differ between languages
SHOWN_ATTRIBUTES = re.compile(r'(title|aria-label|alt|placeholder)="[^"]*"')
#: what the things of the addon are called
NAMES = {"department": "áreas?", "mention": "mención|mencion", "topic": "temas?", "rule": "reglas?", "channel": "canal"}
#: heads of narrow columns, which leave out what is plain from the list
SHORTER = {"Mentions (7 days)", "Mentions (30 days)", "Open mentions"}
#: words that name men only
GENDERED = re.compile(
    r"\b(usuarios?|administradore?s?|autore?s?|seguidore?s?|trabajadore?s?|vendedore?s?|compradore?s?|nosotros|"
    r"los clientes|el cliente|un cliente|los agentes|los influencers|competidore?s?|embajadore?s|todos los usuarios)\b"
    r"|\b\w+o/a\b|\b\w+os/as\b|\b\w+@s\b|\b\w+xs\b",
    re.IGNORECASE,
)
#: what stands on the screens of other software is named as it stands there
SCREENS = re.compile(r"«[^»]*»|\w+(?= →)")


class TranslationsMixin:
    """What holds for the Spanish of an addon; the test case says which addon and which terms need no translation."""

    addon = ""
    #: names and words that are the same in Spanish
    same = frozenset()

    @classmethod
    def _set_up_translations(cls):
        cls.env["res.lang"]._activate_lang(LANGUAGE)
        cls.env["ir.module.module"]._load_module_terms([cls.addon], [LANGUAGE], overwrite=True)
        cls.spanish = cls.env(context={**cls.env.context, "lang": LANGUAGE})
        cls.file = polib.pofile(file_path(f"{cls.addon}/i18n/es.po"))
        cls.entries = {entry.msgid: entry for entry in cls.file}
        cls.template = {entry.msgid for entry in polib.pofile(file_path(f"{cls.addon}/i18n/{cls.addon}.pot"))}

    def exported(self):
        """Return ``{term: its Spanish as the database or the files have it}`` of what is installed."""
        found = {}
        for *_, source, value, _comments in TranslationModuleReader(self.env.cr, modules=[self.addon], lang=LANGUAGE):
            found[source] = found.get(source) or value or ""
        return found

    def assertNothing(self, found, message):
        """Fail with the first things found."""
        found = sorted(found)
        self.assertFalse(found, f"{message} ({len(found)}): {found[:20]}")

    def check_terms(self):
        """Every term of the installed addon has a translation that arrives, and the files hold nothing else."""
        found = self.exported()
        self.assertTrue(found)
        self.assertNothing(found.keys() - self.entries.keys(), "not in es.po, run `make i18n`")
        self.assertNothing(self.entries.keys() - found.keys(), "in es.po and nowhere else, run `make i18n`")
        self.assertEqual(self.template, set(self.entries), "the .pot and es.po differ, run `make i18n`")
        self.assertNothing([term for term, entry in self.entries.items() if not entry.msgstr], "untranslated")
        unchanged = {term for term, entry in self.entries.items() if entry.msgstr == term}
        self.assertEqual(unchanged, set(self.same), "terms that are the same in Spanish")
        self.assertNothing([term for term, value in found.items() if not value and term not in unchanged], "not loaded")

    def check_form(self):
        """Places for values and tags survive translation, and nothing waits for review."""
        for term, entry in self.entries.items():
            with self.subTest(term=term):
                self.assertFalse(entry.fuzzy)
                self.assertEqual(self.places(term), self.places(entry.msgstr))
                self.assertEqual(self.tags(term), self.tags(entry.msgstr))
                self.assertEqual(term[:1].isspace(), entry.msgstr[:1].isspace())
                self.assertEqual(term[-1:].isspace(), entry.msgstr[-1:].isspace())
                # a sentence ends as one in both languages, a label in none
                self.assertEqual(term.rstrip()[-1:] in ".…:?", entry.msgstr.rstrip()[-1:] in ".…:?")

    def check_words(self):
        """Words speak to everybody, and of the things of this addon always with the same names."""
        for term, entry in self.entries.items():
            with self.subTest(term=term):
                self.assertFalse(GENDERED.search(SCREENS.sub("", entry.msgstr)))
                for english, spanish in NAMES.items():
                    if re.search(rf"\b{english}s?\b", PLACES.sub("", term), re.IGNORECASE) and term not in SHORTER:
                        self.assertRegex(entry.msgstr.lower(), spanish)

    @staticmethod
    def places(text):
        """Return the places for values in a text."""
        return sorted(PLACES.findall(INSTEAD.sub("", text)))

    @staticmethod
    def tags(text):
        """Return the tags of a text without what they show."""
        return sorted(SHOWN_ATTRIBUTES.sub("", tag) for tag in TAGS.findall(text))


def unmarked_sentences(folder, functions):
    """Return where connectors give a literal sentence to one of ``functions`` without marking it for translation.

    :param Path folder: Python files
    :param set functions: names of errors and of ``Sentence``
    """
    found = []
    for path in sorted(Path(folder).glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            first = node.args[0]
            literal = isinstance(first, ast.JoinedStr) or isinstance(getattr(first, "value", None), str)
            if name in functions and literal:
                found.append(f"{path.name}:{node.lineno}")
    return found
