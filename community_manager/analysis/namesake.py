"""Tell a namesake from us: which words stand in texts about somebody else, and hardly in texts about us.

A company called Mango hears of fruit.  Once people have said of some mentions that they are not about the company,
the words that set these apart can be ruled out for the topic:

>>> theirs = ["Zumo de mango y piña", "Mango con piña, qué rico", "El mango maduro con piña"]
>>> ours = ["El vestido de Mango me encanta", "Mango no devuelve el dinero"]
>>> propose_exclusions(theirs, ours, ["mango"])[0]
('piña', 3, 0)
"""

import math
import re
import unicodedata
from collections import Counter

from .matching import fold

#: characters of a text that are read: what it is about shows long before, and a hostile one costs no more
READ = 5_000
#: a word may stand in this share of the texts about us, and never in more of them than in the rejected ones
MOST_WRONG = 0.02
#: with so many rejected texts, a word that stands in one of them only says nothing
ENOUGH = 4
#: words proposed at most
LIMIT = 12

_WORDS = re.compile(r"[^\W_]{3,30}")

#: Words that say nothing about what a text is about, without accents.  Where many texts about us are known they show
#: that by themselves; where few are, they would crowd out what matters.
_EMPTY = frozenset(
    # Spanish
    "que del los las una uno unos unas por para con sin como mas pero muy este esta esto estos estas ese esa eso aqui "
    "ahi alli son ser era fue han hay hoy ayer sus nos les desde hasta cuando donde quien cual porque pues tambien ya "
    "todo toda todos todas otro otra tiene tengo estoy estan esta soy eres somos hace hacer cada entre sobre solo "
    "alguien nadie sabe saber puede puedo gracias hola favor buenos buenas dias tardes noches "
    "algo nada bien mal asi vez ver voy mis tus ella ellos ellas usted ustedes yo tu "
    # English
    "the and for with without from that this these those there here are was were been being have has had not but you "
    "your yours our ours their they them his her she him its who what when where why how which will would can could "
    "should just than then too very about into out over all any some more most other only own same such does did "
    "doing because while after before again also get got one two new now "
    "please thanks thank hello say said know anyone someone somebody anybody "
    # Portuguese
    "que dos das uma uns umas por para com sem como mais mas muito este esta isto esse essa isso aqui ali sao ser era "
    "foi tem tenho hoje ontem seu sua seus suas nos desde ate quando onde quem qual porque tambem tudo todo toda "
    "todos todas outro outra estou voce voces ele ela eles elas nao pra pro "
    # French
    "que les des une pour avec sans dans sur par plus mais tres cette ces cet est sont etre etait ont pas qui quoi "
    "quand comment aussi tout tous toute toutes autre nous vous ils elles elle leur leurs son ses mon mes ton tes "
    "votre notre chez bien fait faire depuis "
    # German
    "der die das den dem des ein eine einen einem einer eines und oder aber mit ohne fur von vom zum zur bei auf aus "
    "ist sind war waren sein hat haben hatte wird werden nicht kein keine auch nur noch schon sehr mehr als wie was "
    "wer wann warum dass weil wenn ich wir ihr sie uns euch mein dein sich man hier dort heute gestern immer "
    # Italian
    "che del della dei delle degli una uno per con senza come piu molto questo questa questi queste quello quella "
    "sono essere era hanno anche quando dove chi perche tutto tutti tutta tutte altro altra non gli nel nella sul "
    "sulla alla alle dal dalla mio tuo suo noi voi loro oggi ieri fatto "
    # Catalan
    "que els les una uns unes per amb sense com mes pero molt aquest aquesta aquests aquestes aixo aqui son ser era "
    "han avui ahir seu seva des fins quan qui perque tambe tot tota tots totes altre altra estic tinc dels pels".split()
)


def propose_exclusions(theirs, ours, keywords, limit=LIMIT):
    """Return words that would rule out the rejected texts and hardly any of the kept ones, the most telling first.

    A word's worth is in how many rejected texts it stands, times the logarithm of how much commoner it is there than
    in kept texts (log odds with half a text added, so that "never" is not infinitely much).

    :param theirs: texts that are not about us
    :param ours: texts that are
    :param keywords: words of the topic, which stand in all of them; a final ``*`` stands for any ending
    :param int limit: so many words at most
    :return: list of (word as it is written, rejected texts with it, kept texts with it)
    """
    rejected, spelling = _count(theirs)
    if not rejected:
        return []
    kept, _spelling = _count(ours)
    few = 1 if len(theirs) < ENOUGH else 2
    names, beginnings = _searched(keywords)
    found = []
    for word, right in rejected.items():
        wrong = kept[word]
        if right < few or wrong > right or wrong > MOST_WRONG * len(ours):
            continue
        if word in _EMPTY or word in names or word.startswith(beginnings):
            continue
        odds = ((right + 0.5) / (len(theirs) + 1)) / ((wrong + 0.5) / (len(ours) + 1))
        if odds > 1:
            found.append((right * math.log(odds), word, right, wrong))
    found.sort(key=lambda entry: (-entry[0], entry[1]))
    return [(spelling[word], right, wrong) for _worth, word, right, wrong in found[:limit]]


def _count(texts):
    """Return in how many texts each folded word stands, and how it was first written."""
    counts, spelling = Counter(), {}
    for text in texts:
        words = {}
        for written in set(_WORDS.findall(unicodedata.normalize("NFC", (text or "")[:READ]).lower())):
            word = fold(written)[0]
            if not word.isdigit():
                words[word] = min(written, words.get(word, written))
        counts.update(words.keys())
        for word, written in words.items():
            spelling.setdefault(word, written)
    return counts, spelling


def _searched(keywords):
    """Return the folded words of keywords, and as a tuple the beginnings that some of them ask for."""
    names, beginnings = set(), []
    for keyword in keywords:
        words = _WORDS.findall(fold(keyword)[0])
        names.update(words)
        if keyword.rstrip().endswith("*") and words:
            beginnings.append(words[-1])
    return names, tuple(beginnings)
