"""Texts as full-text search takes them: what is put into the index, and what somebody looks for.

The stems of PostgreSQL need accents ("devolución" and "devoluciones" have one stem, "devolucion" has another), people
leave them out.  So every text goes in twice: as written, and those words whose accents are gone once more without
them.  What is looked for goes the same two ways, and one of them meets.

>>> ways("¡Qué AVIÓN!")
('¡qué avión!', '¡que avion!')
>>> ways("la devolucion", "spanish")
('la devolución', 'devolucion')
"""

import re
import unicodedata

from .matching import fold

#: The parser of PostgreSQL takes time in the square of the length for these within a word ("a_a_a…", "./././"), and
#: they join words that people look for one by one.  No column holds a NUL.
_APART = str.maketrans(dict.fromkeys("_~/\\\0", " ") | dict.fromkeys("“”„«»", '"') | {"−": "-"})
#: Short runs only, each with the letter before it: putting thousands of marks in order takes time in their square.
_NOT_ASCII = re.compile(r"[\0-\x7f]?[^\0-\x7f]{1,8}")
_MARKS = re.compile("[\u0300-\u036f]+")
#: Configuration → endings that are never written without their accent except in haste, and that decide about the stem.
ENDINGS = {
    "spanish": [(re.compile(r"(?<=[^\W\d_][cs])ion\b"), "ión")],
    "catalan": [(re.compile(r"(?<=[^\W\d_][cs])io\b"), "ió")],
    "portuguese": [(re.compile(r"(?<=[^\W\d_])cao\b"), "ção"), (re.compile(r"(?<=[^\W\d_])coes\b"), "ções")],
}


def ways(text, configuration="simple"):
    """The two forms of a text: with the accents that it is written with, and its words that have none without them.

    :param str text: anything; what no column can hold is left out
    :param str configuration: text search configuration of PostgreSQL
    :return: the text in small letters; those of its words that look different without accents, or all of them where
        that makes a difference to signs
    :rtype: tuple[str, str]
    """
    composed = _composed(text).translate(_APART).lower()
    for pattern, ending in ENDINGS.get(configuration, ()):
        composed = pattern.sub(ending, composed)
    written = set(composed.split())
    plain = " ".join(word for word in bare(text).split() if word not in written)
    return composed.strip(), plain


def bare(text):
    """A text in small letters and without accents, its signs in their place.

    :param str text: anything
    """
    return fold(_storable(text))[0].translate(_APART).strip()


def _composed(text):
    text = _storable(text)
    if text.isascii():
        return text
    text = _NOT_ASCII.sub(lambda run: unicodedata.normalize("NFKC", run[0]), text)
    return _MARKS.sub("", text)


def _storable(text):
    """Without lone surrogates, which UTF-8 does not know."""
    return text.encode(errors="ignore").decode()
