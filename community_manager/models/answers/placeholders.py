"""Placeholders in prepared texts: a fixed list of names, put in without evaluating anything.

``{{ first_name }}`` stands for a value, ``{{ first_name | there }}`` says what stands there when there is none.  What
has neither is left out together with the space before it, so that a greeting stays a greeting.

>>> fill("Hello {{ first_name }}, thank you!", {"first_name": "Ann"})
'Hello Ann, thank you!'
>>> fill("Hello {{ first_name }}, thank you!", {})
'Hello, thank you!'
>>> fill("Hello {{first_name|there}}!", {})
'Hello there!'
>>> unknown("{{ author }} {{ password }}", {"author"})
['password']
"""

import html
import re
import unicodedata

#: a name and what stands there when there is no value; neither may hold braces, so that nothing nests
_PLACEHOLDER = re.compile(r"\{\{\s*([^{}|]*?)\s*(?:\|\s*([^{}]*?)\s*)?\}\}")
#: stands for what was left out until the text around it is put right; no text that people type has it
_GONE = "\ue000"
#: spaces before what was left out go with it, and so do those after it where it began a line
_AT_START = re.compile(rf"(?m)^{_GONE}[ \t]*[,;:]?[ \t]*")
_BETWEEN = re.compile(rf"[ \t]*{_GONE}")
_ONLY_GONE = re.compile(rf"(?m)^[ \t]*{_GONE}(?:[ \t]*{_GONE})*[ \t]*(?:\n|\Z)")
#: characters of a value: nobody's name is longer, and a hostile one fills no answer
VALUE_LENGTH = 80


def names_in(text):
    """Return the names of the placeholders of a text, each once, in their order.

    :param str text: with or without placeholders
    """
    return list(dict.fromkeys(match[1].lower() for match in _PLACEHOLDER.finditer(text or "")))


def unknown(text, known):
    """Return the names in a text that stand for nothing.

    :param str text: with placeholders
    :param known: names that are known
    """
    return [name for name in names_in(text) if name not in known]


def fill(text, values):
    """Return a text with values in the place of its placeholders.

    Values are put in as they are: a value that looks like a placeholder stays one that nobody fills.

    :param str text: with placeholders
    :param dict values: by name; what is missing or empty counts as not known
    """

    def value(match):
        found = clean(values.get(match[1].lower()) or "")
        return found or match[2] or _GONE

    filled = _PLACEHOLDER.sub(value, (text or "").replace(_GONE, ""))
    filled = _ONLY_GONE.sub("", filled)
    filled = _AT_START.sub("", filled)
    return _BETWEEN.sub("", filled).strip()


def clean(value):
    """Return a value on one line, without signs that nobody sees, and not longer than a name may be.

    :param str value: anything, perhaps chosen by somebody who means harm
    """
    # format signs may turn the direction of the text after them; controls may break it
    kept = "".join(
        " " if char.isspace() else char
        for char in str(value)[: 10 * VALUE_LENGTH]
        if char.isspace() or unicodedata.category(char)[0] != "C"
    )
    return " ".join(kept.replace(_GONE, "").split())[:VALUE_LENGTH].strip()


def first_name(name):
    """Return the first name in the name that somebody shows, or "" when it is no name of a person by its looks.

    >>> first_name("ana maría ruiz"), first_name("DarkLord_77"), first_name("J. Smith"), first_name("JOHN Smith")
    ('Ana', '', '', 'John')

    :param str name: as shown on a network
    """
    first = next(iter(clean(name).split()), "")
    letters = first.replace("-", "").replace("'", "").replace("’", "")
    # "x" is an initial and "McDonaldsFan" a nickname: neither is how one greets somebody
    if len(letters) < 2 or not letters.isalpha() or re.search("[a-z][A-Z].*[A-Z]", letters):
        return ""
    return first.title() if first.islower() or first.isupper() else first


def missing(text, values):
    """Return the names in a text that have no value here and nothing that stands for them.

    >>> missing("Hello {{ first_name }}, {{ product | your order }}", {})
    ['first_name']

    :param str text: with placeholders
    :param dict values: by name
    """
    lacking = [match[1].lower() for match in _PLACEHOLDER.finditer(text or "") if not match[2]]
    return [name for name in dict.fromkeys(lacking) if not values.get(name)]


def put(text, values, as_html=False):
    """Return a text with values in the place of its placeholders; nothing around them changes.

    Ask :func:`missing` first: what has no value leaves nothing.

    >>> put("<p>{{ first_name | dear reader }}</p>", {"first_name": "<b>"}, as_html=True)
    '<p>&lt;b&gt;</p>'

    :param str text: with placeholders
    :param dict values: by name
    :param bool as_html: the text is HTML, so values are escaped
    """

    def value(match):
        found = str(values.get(match[1].lower()) or "")
        # what stands for a value is part of the text, and written as the text is
        return (html.escape(found) if as_html else found) if found else match[2] or ""

    return _PLACEHOLDER.sub(value, text or "")
