"""Whether two texts say the same in nearly the same words.

MinHash bands tell cheaply which texts may be copies of each other; this tells whether they are.

>>> text = "The new desk arrived today and I love it, thank you so much!"
>>> likeness(gist(text), gist("RT @ana: the new desk arrived today and I LOVE it, thank you so much! https://a.example"))
1.0
>>> likeness(gist(text), gist("The old chair never arrived, where is it?")) < ALIKE
True
"""

from .similarity import plain

#: share of their pieces that copies have in common at least: two or three words in ten may be others
ALIKE = 0.55
#: characters of a piece; shorter ones are shared by all texts of a language
PIECE = 4


def gist(text):
    """Return the pieces of a text, without case, accents, links, tags, names and punctuation.

    :param str text: of any length; its beginning counts
    :rtype: frozenset[str]
    """
    words = plain(text)
    return frozenset(words[at : at + PIECE] for at in range(max(len(words) - PIECE + 1, 1)))


def likeness(one, other):
    """Return the share of their pieces that two texts have in common, 0 to 1 (Jaccard index).

    :param one: :func:`gist` of a text
    :param other: of another one
    """
    both = len(one & other)
    return both / (len(one) + len(other) - both)
