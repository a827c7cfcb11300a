"""What a text talks about: its tags, its links and its words; and which of these rise against what is normal.

>>> hashtags("Adiós, #Acme! #SinÁnimo #2026 https://a.example/#no")
['acme', 'sinanimo']
>>> links("Look (https://shop.example/a_(b)), or http://x.example.")
['https://shop.example/a_(b)', 'http://x.example']
>>> list(words("La atención al cliente de Acme es horrible", "es"))
['atencion', 'cliente', 'atencion al cliente', 'acme', 'cliente de acme', 'horrible']
"""

import math
import re
from collections import Counter
from dataclasses import dataclass
from itertools import islice
from urllib.parse import unquote, urlsplit

from .function_words import WORDS
from .language import INTERJECTIONS
from .matching import fold_text

#: Of one text no more than this is taken: more is no tagging, linking or talking, but flooding.
MOST_TAGS, MOST_LINKS, MOST_WORDS = 30, 20, 60
#: Tags and links that are looked at, repetitions and broken ones included.
MOST_MATCHES = 200
_LONGEST_TEXT, _LONGEST_TAG, _LONGEST_LINK, _LONGEST_WORD = 4_000, 100, 2_000, 30
#: The marks of scripts that write vowels as marks belong to the word.
_TAG = re.compile(
    rf"https?://\S+|(?<![\w&])[#＃]([\w\u0300-\u036f\u0900-\u0dff\u0e00-\u0eff]{{1,{_LONGEST_TAG}}})", re.IGNORECASE
)
#: Neither white space and control characters nor those that turn the direction of writing.
_LINK = re.compile(
    r"(?<!\w)https?://[^\0-\x20\x7f<>\"`{}|\\^\s\u200b-\u200f\u202a-\u202e\u2066-\u2069]+", re.IGNORECASE
)
_CLOSING = {")": "(", "]": "["}
_HOST = re.compile(r"(?:www\d?|m|mobile|amp)\.(?=.+\..)")
#: Second levels under which anybody may register, as in "acme.co.uk".
_SECOND = frozenset("ac co com edu gob gov gouv ltd mil net nom or org plc sch web".split())
#: Words and, as "", all that ends a phrase: signs, numbers, addresses, handles, tags.
_WORD = re.compile(
    r"(?:https?://|www\.)\S+|[@#＃]\w[\w.@-]*|&\w{1,10};|\w*\d\w*|([^\W\d_]+(?:['’·-][^\W\d_]+)*)|[^\w\s]|_+"
)
#: Within a phrase these may stand between two words.
_JOINING = frozenset("a al d da das de del della des di do dos du el la las le los of".split())
_GREETINGS = frozenset(
    "hola gracias favor saludos hello hi hey thanks thank please bonjour salut merci danke hallo bitte ciao grazie "
    "obrigado obrigada ola buenos buenas bon bom boa dia dias tardes noches".split()
)


def hashtags(text):
    """The tags of a text, folded and without "#", each once.

    :rtype: list[str]
    """
    if "#" not in text and "＃" not in text:
        return []
    found = {}
    for match in islice(_TAG.finditer(text), MOST_MATCHES):
        tag = match[1] or ""
        if tag.strip("_") and not tag.replace("_", "").isdecimal():
            found[fold_text(tag)] = True
        if len(found) == MOST_TAGS:
            break
    return list(found)


def links(text):
    """The web links of a text as written, each once.

    Signs of the sentence around a link do not belong to it.

    :rtype: list[str]
    """
    if "://" not in text:
        return []
    found = {}
    for match in islice(_LINK.finditer(text), MOST_MATCHES):
        if match.end() - match.start() <= _LONGEST_LINK:
            link = _trimmed(match[0])
            if _host(link):
                found[link] = True
        if len(found) == MOST_LINKS:
            break
    return list(found)


def _trimmed(link):
    end = len(link)
    more = {closing: link.count(closing) - link.count(opening) for closing, opening in _CLOSING.items()}
    while end and (last := link[end - 1]) in ".,;:!?…'\"»”’*_~)]":
        if last in more:
            if more[last] <= 0:
                break
            more[last] -= 1
        end -= 1
    return link[:end]


def _host(link):
    """Where a link leads, in lower case: neither the name and password before "@" nor the port; "" where nowhere."""
    try:
        host = urlsplit(link).hostname or ""
    except ValueError:  # brackets that hold no IPv6 address, a host that changes when it is normalised
        return ""
    return host.strip(".") if any(char.isalnum() for char in host) else ""


def place(link):
    """Host and path of a link, by which links to one page are one term; "" where it leads nowhere.

    Scheme, "www.", port, query, fragment and a final slash make no difference.

    >>> place("HTTPS://www.Shop.example:443/Offers/?utm_source=x#top")
    'shop.example/Offers'
    >>> place("https://bank.example@evil.example/login")
    'evil.example/login'
    """
    host = _host(link)
    if not host:
        return ""
    path = unquote(urlsplit(link).path, errors="replace").rstrip("/")
    return _HOST.sub("", host, count=1) + "".join(char if char.isprintable() else " " for char in path)


def site(link):
    """The host that somebody registered: the last two labels of a link's host, or three as in "acme.co.uk".

    A rule of thumb; the list of public suffixes would be a dependency that is out of date the day after.

    >>> site("https://shop.acme.co.uk/x"), site("https://blog.acme.example"), site("http://192.0.2.7:8080/")
    ('acme.co.uk', 'acme.example', '192.0.2.7')
    """
    host = _host(link)
    labels = host.split(".")
    if ":" in host or labels[-1].isdigit():
        return host
    size = 3 if len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in _SECOND else 2
    return ".".join(labels[-size:])


class _Folded(dict):
    """Word in lower case → (folded, as it is shown), both without what French elides, as far as there is room."""

    def __missing__(self, word):
        shown = word.replace("’", "'")
        start, quote, rest = shown.partition("'")
        if quote and start in _ELIDED:
            shown = rest
        folded = fold_text(shown).replace("-", " ")
        if len(word) > _LONGEST_WORD or INTERJECTIONS.fullmatch(folded):
            folded = ""
        if len(self) >= 20_000:
            self.clear()
        self[word] = folded, shown
        return folded, shown


_STOP = {
    language: _GREETINGS | {fold_text(word) for word in words} | {fold_text(word).replace("'", "") for word in words}
    for language, words in WORDS.items()
}
_STOP_ANYWHERE = frozenset().union(*_STOP.values())
#: What French, Italian and Catalan put before an apostrophe.
_ELIDED = frozenset("c d dell dall all dagl j l m n nell qu s sull t un".split())
_FOLDED = _Folded()


def words(text, language=""):
    """The words and short phrases of a text that may be what it talks about, each once.

    Function words are none ("" as language: those of no language the product knows).  A phrase is two neighbours, with
    "of" or the like between them.

    :return: folded term → the term as written, in lower case
    :rtype: dict[str, str]
    """
    stop = _STOP.get(language, _STOP_ANYWHERE)
    found = {}
    before, between = None, []
    for word in _WORD.findall(text[:_LONGEST_TEXT].lower()):
        folded, shown = term = _FOLDED[word]
        if before and folded in _JOINING and len(between) < 2:
            between.append(term)
        elif len(folded) < 3 or folded in stop:
            before, between = None, []
        else:
            found.setdefault(folded, shown)
            if before:
                phrase = [before, *between, term]
                found.setdefault(" ".join(part for part, _ in phrase), " ".join(part for _, part in phrase))
            before, between = term, []
            if len(found) >= MOST_WORDS:
                break
    return found


@dataclass(frozen=True, slots=True)
class Rise:
    """A term that is used more than usual."""

    term: str
    #: How many texts have it now, and how many one would expect.
    now: int
    expected: float
    #: How many times as many as expected, drawn towards 1 where there are few.
    times: float
    #: Log-likelihood ratio G²: how surely it is no chance.
    score: float


#: As many texts as make a rise of nothing a rise worth telling, and how many must have a term at least.
PRIOR, LEAST_NOW = 2.0, 5
#: G² of 15.13 is reached once in 10,000 by chance; thousands of terms are tried each day.
LEAST_SCORE, LEAST_TIMES = 15.13, 2.0
#: A word that stands in a rising phrase this often rises because of the phrase.
_PART = 0.7


def rising(now, before, now_total, before_total, most=20):
    """The terms that are used more now than they normally are.

    Whether a term is used more is judged by the log-likelihood ratio of two binomial samples: T. Dunning, "Accurate
    Methods for the Statistics of Surprise and Coincidence", Computational Linguistics 19 (1993)::

        G² = 2 Σ observed · ln(observed / expected)        over texts with and without the term, now and before

    How much more is a ratio shrunk towards 1 by PRIOR made-up texts on both sides, the mean of a gamma-Poisson model:
    W. DuMouchel, "Bayesian Data Mining in Large Frequency Tables", American Statistician 53 (1999)::

        times = (now + PRIOR) / (expected + PRIOR)         expected = before · now_total / before_total

    :param dict now: term → how many texts have it; count each author once, or one who repeats himself makes it rise
    :param dict before: the same of an earlier time, best of whole weeks; terms may be missing
    :param int now_total: how many texts there are now
    :param int before_total: how many there were before
    :param int most: so many terms
    :return: the surest first; of a phrase and its words those that say the most
    :rtype: list[Rise]
    """
    rises = []
    for term, count in now.items():
        if count < LEAST_NOW:
            continue
        earlier = before.get(term, 0)
        expected = earlier * now_total / before_total if before_total else 0.0
        times = (count + PRIOR) / (expected + PRIOR)
        score = _surprise(count, now_total, earlier, before_total)
        if times >= LEAST_TIMES and score >= LEAST_SCORE:
            rises.append(Rise(term, count, expected, times, score))
    rises.sort(key=lambda rise: (-rise.score, rise.term))
    return _said_once(rises)[:most]


def _surprise(now, now_total, before, before_total):
    """Dunning's G² of a term in ``now`` of ``now_total`` texts and ``before`` of ``before_total``.

    Where there was nothing before, there is nothing that one could be surprised against: 0.
    """
    now_total, before_total = max(now, now_total), max(before, before_total)
    share = (now + before) / (now_total + before_total)
    return 2 * sum(
        observed * math.log(observed / (total * part))
        for count, total in ((now, now_total), (before, before_total))
        for observed, part in ((count, share), (total - count, 1 - share))
        if observed > 0
    )


def _said_once(rises):
    """Without the words of a phrase that rises with it, and phrases that only rise because of a word."""
    counts = {rise.term: rise.now for rise in rises}
    covered = Counter()
    for rise in rises:
        for part in set(rise.term.split()) - {rise.term}:
            covered[part] = max(covered[part], rise.now)
    kept = [rise for rise in rises if covered[rise.term] < _PART * rise.now]
    names = {rise.term for rise in kept}
    return [
        rise
        for rise in kept
        if " " not in rise.term or not any(part in names and counts[part] > rise.now for part in rise.term.split())
    ]
