"""Who is heard: rank, reach, groups and connectors of a graph of people, as array work without records.

A tie leads from the one who answers, mentions, quotes or shares to the one who is answered, mentioned, quoted or
shared: attention flows along it.  :func:`measure` makes all figures of a graph in one pass.

*Rank* is PageRank with weights (L. Page, S. Brin, R. Motwani, T. Winograd, 1999) where the surfer who jumps lands only
on people we have reason to trust (Z. Gyöngyi, H. Garcia-Molina, J. Pedersen, "Combating Web Spam with TrustRank", VLDB
2004): accounts that nobody known has anything to do with may mention each other as often as they like, nothing reaches
them.  Groups maximise modularity by moving people to the group that pulls most (V. Blondel and others, "Fast unfolding
of communities in large networks", 2008), a part of all people at a time so that each move is array work.  Connectors
are known by the participation coefficient (R. Guimerà, L. Amaral, Nature 433, 2005).

>>> import numpy as np
>>> shares = rank(np.array([0, 1, 2]), np.array([1, 2, 0]), np.ones(3), 3)
>>> [round(float(share), 4) for share in shares]
[0.3333, 0.3333, 0.3333]
"""

from __future__ import annotations  # names of types load no library

from dataclasses import dataclass

from .later import numpy as np

#: Share of attention that flows on along ties; the rest begins anew at those who are trusted.
DAMPING = 0.85
#: One person gives at most this share of their attention to one other, however often they answer them.
MOST_TO_ONE = 1 / 3
#: Ties whose feeling is below this are quarrels: they add nothing to anybody's standing.
QUARREL = -0.25
#: Who holds this share of what a trusted person begins with counts as known.
KNOWN = 0.25
#: So many strangers count beside each known person who answers somebody, and so many without any.
STRANGERS_BESIDE = 3
#: Days after which a tie counts half, unless a company sets another figure.
HALF_LIFE = 90
#: Ties older than so many half-lives count under three per cent and are left out.
HORIZON = 5
#: Parts of the score; they add up to 100.
WEIGHTS = {"standing": 50, "heard": 15, "followers": 15, "relevance": 10, "activity": 10}
#: Groups of fewer people are no group.
LEAST_GROUP = 3
#: A connector has at least this participation coefficient.
BRIDGES = 0.3


@dataclass
class Graph:
    """People 0 … size-1 and the ties among them, as arrays."""

    size: int
    #: who answers or shares, whom, how much that weighs now, and how it sounds (-1 to 1)
    source: np.ndarray
    target: np.ndarray
    weight: np.ndarray
    tone: np.ndarray
    #: how much each person is trusted: 0 for strangers
    trust: np.ndarray
    followers: np.ndarray
    #: how much each says, old words counting less, and which share of it is about our topics (0 to 1)
    said: np.ndarray
    relevance: np.ndarray


@dataclass
class Measures:
    """Figures of each person of a graph, as arrays."""

    #: 0 to 100
    score: np.ndarray
    #: 1 is heard most
    place: np.ndarray
    #: share of all attention that comes to them along ties
    rank: np.ndarray
    #: people who count and answer or share them
    heard_by: np.ndarray
    #: 0 to 100
    reach: np.ndarray
    #: number of the group, 1 is the largest; 0: none
    circle: np.ndarray
    #: how many groups a connector ties together; 0: no connector
    connects: np.ndarray
    #: each part of the score, 0 to 1
    parts: dict
    #: whether anybody is trusted: without, accounts that mention each other cannot be told from people
    guarded: bool


def decayed(weight, days, half_life):
    """Return what weights are worth after some days: half after each half-life."""
    return weight * np.exp2(-np.maximum(days, 0) / half_life)


def pairs(source, target, weight, size):
    """Return a sparse matrix, sources by targets, of added weights; whoever ties to themselves is left out."""
    from scipy import sparse

    kept = (source != target) & (weight > 0)
    matrix = sparse.coo_array((weight[kept], (source[kept], target[kept])), shape=(size, size)).tocsr()
    matrix.sum_duplicates()
    return matrix


def rank(source, target, weight, size, teleport=None, damping=DAMPING, most=None, tolerance=1e-10, rounds=200):
    """Return the share of all attention that each of ``size`` people gets, adding up to 1.

    :param source: array of places, who gives attention
    :param target: array of places, who gets it
    :param weight: array, how much; pairs that come twice are added up
    :param teleport: array, where attention begins anew; everywhere alike when left out or all 0
    :param float damping: share that flows on along ties
    :param float most: largest share that one gives to one other; what is left begins anew
    :param float tolerance: sum of changes, for each person, below which it is done
    """
    return _flow(pairs(source, target, weight, size), teleport, damping, most, tolerance, rounds)[0]


def _flow(matrix, teleport, damping, most, tolerance, rounds):
    """Return PageRank of a matrix of weights by power iteration, and how much of it came along ties.

    What people without ties hold begins anew.
    """
    size = matrix.shape[0]
    if not size:
        return np.zeros(0), np.zeros(0)
    start = np.ones(size) if teleport is None or not np.sum(teleport) else np.asarray(teleport, dtype=float)
    start = start / start.sum()
    given = np.asarray(matrix.sum(axis=1)).ravel()
    factor = np.divide(1.0, given, out=np.zeros(size), where=given > 0)
    shares = matrix.copy()
    shares.data = shares.data * np.repeat(factor, np.diff(shares.indptr))
    if most is not None:
        np.minimum(shares.data, most, out=shares.data)
    kept = 1.0 - np.asarray(shares.sum(axis=1)).ravel()
    flow = shares.T.tocsr()
    held = start
    for _round in range(rounds):
        fresh = damping * (flow @ held + (kept @ held) * start) + (1.0 - damping) * start
        change = np.abs(fresh - held).sum()
        held = fresh
        if change < size * tolerance:
            break
    return held / held.sum(), damping * (flow @ held)


def scaled(values, least=10.0, quantile=1.0):
    """Return values from 0 to 1 by their logarithm, the largest (or a high quantile) being 1.

    :param float least: a largest value below this is taken as this
    """
    if not len(values):
        return np.zeros(0)
    top = max(float(np.quantile(values, quantile)), least)
    return np.minimum(np.log1p(np.maximum(values, 0)) / np.log1p(top), 1.0)


def measure(graph, seed=7):
    """Return the :class:`Measures` of a :class:`Graph`.

    The score, 0 to 100, adds up (:data:`WEIGHTS`)

    * 50 × standing: logarithm of the rank that comes along ties, the highest being 1 (what people we know begin with is
      not theirs: to be a contact of ours is not to be heard),
    * 15 × heard: logarithm of the people who answer or share them,
    * 15 × followers: logarithm, the highest of a thousand being 1,
    * 10 × relevance: share of what they say that is about our topics,
    * 10 × activity: logarithm of how much they say lately.

    Relevance and activity count as far as a person is known, for anybody can make an account talk; so does half of the
    followers, which can be bought.  Of those who answer, strangers count up to three for each known person, and three
    (:data:`STRANGERS_BESIDE`).
    """
    size = graph.size
    peaceful = graph.tone >= QUARREL
    matrix = pairs(graph.source[peaceful], graph.target[peaceful], graph.weight[peaceful], size)
    # the twentieth answer to the same person says less than the first
    matrix.data = np.log1p(matrix.data)
    held, received = _flow(matrix, graph.trust, DAMPING, MOST_TO_ONE, 1e-9, 100)
    guarded = bool(np.any(graph.trust > 0))
    if guarded:
        smallest = graph.trust[graph.trust > 0].min() / graph.trust.sum()
        known_at = KNOWN * (1 - DAMPING) * smallest
    else:
        known_at = 0.0
    known = held >= known_at if size else np.zeros(0, dtype=bool)
    familiar = np.minimum(held / known_at, 1.0) if known_at else np.ones(size)
    answering = matrix.tocoo()
    friends = np.bincount(answering.col, weights=known[answering.row], minlength=size)
    strangers = np.bincount(answering.col, minlength=size) - friends
    heard_by = friends + np.minimum(strangers, STRANGERS_BESIDE * (friends + 1))
    counting = received[received > 0]
    base = float(counting.mean()) if len(counting) else 1.0
    top = float(counting.max()) if len(counting) else 1.0
    parts = {
        "standing": np.log1p(received / base) / np.log1p(top / base),
        "heard": scaled(heard_by),
        "followers": scaled(graph.followers, least=1000.0, quantile=0.999) * (0.5 + 0.5 * familiar),
        "relevance": np.clip(graph.relevance, 0, 1) * familiar,
        "activity": scaled(graph.said) * familiar,
    }
    score = np.zeros(size)
    for name, weight in WEIGHTS.items():
        score += weight * parts[name]
    circle = circles(matrix, seed=seed)
    return Measures(
        score=score,
        place=_places(score),
        rank=received,
        heard_by=heard_by.astype(np.int64),
        reach=50 * (parts["heard"] + parts["followers"]),
        circle=circle,
        connects=connectors(matrix, circle),
        parts=parts,
        guarded=guarded,
    )


def _places(score):
    """Return places, 1 for the highest; equal scores in the order of the people."""
    place = np.empty(len(score), dtype=np.int64)
    place[np.argsort(-score, kind="stable")] = np.arange(1, len(score) + 1)
    return place


def circles(matrix, seed=7, levels=6, passes=12):
    """Return the number of each person's group, 1 for the largest, 0 for those in none.

    :param matrix: sparse matrix of weights, sources by targets
    :param int seed: of the order in which people move: the same graph gives the same groups
    :param int levels: how often groups are joined to larger ones
    :param int passes: how often people may move on each level
    """
    size = matrix.shape[0]
    if not size or not len(matrix.data):
        return np.zeros(size, dtype=np.int64)
    chance = np.random.default_rng(seed)
    graph = (matrix + matrix.T).tocsr()
    member = np.arange(size)
    for _level in range(levels):
        moved = _move(graph, chance, passes)
        names, label = np.unique(moved, return_inverse=True)
        if len(names) == graph.shape[0]:
            break
        member = label[member]
        graph = _joined(graph, label, len(names))
    return _numbered(member)


def _move(graph, chance, passes):
    """Return a group for each node: each moves to the group whose pull gains most modularity, a part at a time."""
    from scipy import sparse

    size = graph.shape[0]
    strength = np.asarray(graph.sum(axis=1)).ravel()
    total = strength.sum()
    own = graph.diagonal()
    label = np.arange(size)
    ones, ends = np.ones(size), np.arange(size + 1)
    for turn in range(passes):
        indicator = sparse.csr_array((ones, label, ends), shape=(size, size))
        pull = graph @ indicator
        weights = np.bincount(label, weights=strength, minlength=size)
        row = np.repeat(np.arange(size), np.diff(pull.indptr))
        stays = pull.indices == label[row]
        # without the node itself, in its group as in its ties
        inside = pull.data - np.where(stays, own[row], 0.0)
        others = weights[pull.indices] - np.where(stays, strength[row], 0.0)
        gain = inside - strength[row] * others / total
        # of equals the one where a node is; among others the lowest number, so that two do not swap for ever
        gain += np.where(stays, 1e-9, 0.0) - pull.indices * (1e-12 / max(size, 1))
        filled = np.flatnonzero(np.diff(pull.indptr))
        if not len(filled):
            break
        best = np.maximum.reduceat(gain, pull.indptr[filled])
        top = np.flatnonzero(gain == np.repeat(best, np.diff(pull.indptr)[filled]))
        chosen = label.copy()
        chosen[row[top]] = pull.indices[top]
        # half of them at a time, or neighbours would only change places
        turned = (chosen != label) & (chance.random(size) < 0.5)
        wish = int((chosen != label).sum())
        label = np.where(turned, chosen, label)
        if wish <= size // 1000 and turn:
            break
    return label


def _joined(graph, label, count):
    """Return the graph whose nodes are the groups of another."""
    from scipy import sparse

    entries = graph.tocoo()
    matrix = sparse.coo_array((entries.data, (label[entries.row], label[entries.col])), shape=(count, count)).tocsr()
    matrix.sum_duplicates()
    return matrix


def _numbered(member):
    """Return groups numbered by size from 1; those too small for a group are 0."""
    _names, first, label, count = np.unique(member, return_index=True, return_inverse=True, return_counts=True)
    order = np.lexsort((first, -count))
    number = np.zeros(len(count), dtype=np.int64)
    number[order] = np.arange(1, len(count) + 1)
    number[count < LEAST_GROUP] = 0
    return number[label]


def connectors(matrix, circle):
    """Return to how many groups each person is tied, for those whose ties really cross groups; 0 for others.

    Who is tied to a group by one person only and weakly is no bridge: a group counts with a tenth of the ties, and with
    two people or more, their own group's included.

    :param matrix: sparse matrix of weights, sources by targets
    :param circle: number of each person's group, 0 for none
    """
    size = matrix.shape[0]
    if not size or not len(matrix.data) or not circle.any():
        return np.zeros(size, dtype=np.int64)
    both = (matrix + matrix.T).tocoo()
    kept = circle[both.col] > 0
    row, group, weight = both.row[kept].astype(np.int64), circle[both.col[kept]], both.data[kept]
    key, label, people = np.unique(row * (int(circle.max()) + 1) + group, return_inverse=True, return_counts=True)
    weights = np.bincount(label, weights=weight)
    person = key // (int(circle.max()) + 1)
    strength = np.bincount(person, weights=weights, minlength=size)
    share = weights / strength[person]
    spread = 1.0 - np.bincount(person, weights=share**2, minlength=size)
    groups = np.bincount(person[(share >= 0.1) & (people >= 2)], minlength=size)
    return np.where((spread >= BRIDGES) & (groups >= 2), groups, 0)


def strongest(source, target, value, size, most=3):
    """Return the places of the ties that count most for each of ``size`` people: ``size`` by ``most``, -1 for none.

    :param value: array, what each tie counts; those of 0 are left out
    :param int most: ties of each person
    """
    found = np.full((size, most), -1, dtype=np.int64)
    order = np.lexsort((source, -value, target))
    order = order[value[order] > 0]
    if len(order):
        people = target[order]
        begins = np.flatnonzero(np.r_[True, people[1:] != people[:-1]])
        within = np.arange(len(order)) - np.repeat(begins, np.diff(np.r_[begins, len(order)]))
        kept = within < most
        found[people[kept], within[kept]] = order[kept]
    return found
