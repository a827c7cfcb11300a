"""Rank, groups, connectors and places of a graph."""

import doctest

import numpy as np
import pytest

from analysis import influence
from analysis import layout as layout_module
from analysis.influence import (
    MOST_TO_ONE,
    STRANGERS_BESIDE,
    Graph,
    circles,
    connectors,
    decayed,
    measure,
    pairs,
    rank,
    scaled,
    strongest,
)
from analysis.layout import layout


def random_ties(seed=1, size=300, count=2000):
    chance = np.random.default_rng(seed)
    source, target = chance.integers(0, size, count), (size * chance.random(count) ** 2).astype(int)
    return source, target, chance.random(count) + 0.1, size


def graph_of(ties, size, trusted=(), **values):
    """A graph of ``(source, target)`` or ``(source, target, weight, tone)``."""
    rows = [(*tie, 1.0, 0.0)[:4] if len(tie) == 2 else tie for tie in ties]
    source, target, weight, tone = (np.array(column) for column in zip(*rows, strict=True))
    trust = np.zeros(size)
    trust[list(trusted)] = 1.0
    given = {"followers": np.zeros(size), "said": np.ones(size), "relevance": np.ones(size), **values}
    return Graph(size, source, target, weight.astype(float), tone.astype(float), trust, **given)


class TestRank:
    def test_agrees_with_the_leading_eigenvector_of_the_whole_matrix(self):
        source, target, weight, size = random_ties()
        teleport = np.random.default_rng(2).random(size)
        found = rank(source, target, weight, size, teleport, tolerance=1e-14)
        start = teleport / teleport.sum()
        matrix = np.zeros((size, size))
        kept = source != target
        np.add.at(matrix, (source[kept], target[kept]), weight[kept])
        given = matrix.sum(axis=1)
        shares = np.where(given[:, None] > 0, matrix / np.maximum(given, 1e-300)[:, None], start[None, :])
        google = 0.85 * shares + 0.15 * start[None, :]
        values, vectors = np.linalg.eig(google.T)
        first = np.abs(np.real(vectors[:, np.argmax(np.real(values))]))
        assert np.allclose(found, first / first.sum(), atol=1e-10)

    def test_agrees_with_an_independent_library(self):
        networkx = pytest.importorskip("networkx")
        source, target, weight, size = random_ties(5)
        theirs = networkx.DiGraph()
        theirs.add_nodes_from(range(size))
        for one, other, value in zip(source.tolist(), target.tolist(), weight.tolist(), strict=True):
            if one != other:
                before = theirs.get_edge_data(one, other, {"weight": 0.0})["weight"]
                theirs.add_edge(one, other, weight=before + value)
        wanted = networkx.pagerank(theirs, alpha=0.85, tol=1e-14, max_iter=1000)
        found = rank(source, target, weight, size, tolerance=1e-14)
        assert np.allclose(found, [wanted[place] for place in range(size)], atol=1e-9)

    def test_whoever_gives_nothing_loses_nothing_and_all_adds_up(self):
        found = rank(np.array([0, 1]), np.array([2, 2]), np.ones(2), 4)
        assert found.sum() == pytest.approx(1.0)
        assert found.argmax() == 2

    def test_one_gives_at_most_a_part_to_one_other(self):
        free = rank(np.array([0]), np.array([1]), np.ones(1), 3, teleport=np.array([1.0, 0, 0]))
        capped = rank(np.array([0]), np.array([1]), np.ones(1), 3, teleport=np.array([1.0, 0, 0]), most=MOST_TO_ONE)
        assert capped[1] < free[1]
        assert capped[1] == pytest.approx(0.85 * MOST_TO_ONE * capped[0])

    def test_nobody_and_nothing(self):
        empty = np.zeros(0, dtype=int)
        assert len(rank(empty, empty, np.zeros(0), 0)) == 0
        assert rank(empty, empty, np.zeros(0), 2).tolist() == [0.5, 0.5]
        nothing = measure(graph_of([(0, 1, 0.0, 0.0)], 2))
        assert nothing.place.tolist() == [1, 2]

    def test_a_weight_halves_with_each_half_life(self):
        assert decayed(np.array([1.0, 1.0, 8.0]), np.array([0, 90, 270]), 90).tolist() == [1.0, 0.5, 1.0]


class TestMeasure:
    def test_who_is_answered_by_those_who_are_heard_is_heard(self):
        ties = [(place, 0) for place in range(1, 9)] + [(0, 9), (10, 11)]
        found = measure(graph_of(ties, 12, trusted=range(12)))
        assert found.place[0] == 1
        assert found.place[9] < found.place[11]

    def test_a_quarrel_adds_nothing(self):
        peaceful = measure(graph_of([(1, 0), (2, 0), (3, 4)], 5, trusted=range(5)))
        quarrel = measure(graph_of([(1, 0, 1.0, -0.8), (2, 0, 1.0, -0.8), (3, 4)], 5, trusted=range(5)))
        assert peaceful.place[0] == 1
        assert quarrel.place[4] == 1
        assert quarrel.heard_by[0] == 0

    def test_the_score_is_made_of_the_parts_it_says(self):
        found = measure(graph_of([(1, 0), (2, 0), (0, 3)], 4, trusted=[1, 2], followers=np.array([9999, 0, 0, 0])))
        assert found.parts["standing"].max() == pytest.approx(1.0)
        assert found.parts["followers"][0] == pytest.approx(1.0)
        assert found.score.min() >= 0 and found.score.max() <= 100
        assert 0 < found.rank.sum() < 1

    def test_to_be_known_is_not_to_be_heard(self):
        found = measure(graph_of([(0, 1), (2, 1)], 3, trusted=[0, 2]))
        assert found.rank[0] == 0
        assert found.place[1] == 1

    def test_a_thousand_fakes_that_mention_each_other_stay_below(self):
        """Real people, some known to us; a ring that lifts one another and its leader, and that real people scold."""
        chance = np.random.default_rng(3)
        real, fakes = 200, 1000
        popularity = np.argsort(chance.random(real))[: real // 2]
        ties = [
            (one, int(popularity[int(len(popularity) * chance.random() ** 2)]))
            for one in range(real)
            for _n in range(6)
        ]
        leader = real
        for fake in range(real, real + fakes):
            ties.append((fake, leader))
            ties += [(fake, int(other)) for other in chance.integers(real, real + fakes, 20)]
            ties += [(fake, int(chance.integers(0, real)))]
        ties += [(1, leader), (2, leader + 1), (3, leader + 2)]
        ties = [(one, other) for one, other in ties if one != other]
        size = real + fakes
        followers = np.r_[chance.integers(0, 5000, real), chance.integers(0, 20000, fakes)]
        said = np.r_[np.full(real, 3.0), np.full(fakes, 500.0)]
        given = {"followers": followers, "said": said}
        found = measure(graph_of(ties, size, trusted=range(60), **given))
        best = np.argsort(found.place)
        assert found.guarded
        assert (best[:50] < real).all(), "no fake among the fifty who are heard most"
        assert found.heard_by[leader] <= STRANGERS_BESIDE * 12
        plain = measure(graph_of(ties, size, **given))
        assert not plain.guarded
        assert plain.place[leader] == 1, "without anybody known the ring would win, so the test means something"

    def test_strangers_count_beside_people_we_know(self):
        ties = [(place, 0) for place in range(2, 42)] + [(place, 1) for place in range(2, 42)] + [(42, 1), (43, 42)]
        found = measure(graph_of(ties, 44, trusted=[42, 43]))
        assert found.heard_by[0] == STRANGERS_BESIDE
        assert found.heard_by[1] == 1 + 2 * STRANGERS_BESIDE


class TestGroups:
    def planted(self, people=60, groups=3, seed=4):
        chance = np.random.default_rng(seed)
        size = people * groups
        label = np.arange(size) // people
        source = chance.integers(0, size, size * 12)
        target = chance.integers(0, size, size * 12)
        kept = (label[source] == label[target]) | (chance.random(len(source)) < 0.02)
        return label, source[kept], target[kept], size

    def test_groups_that_were_planted_are_found(self):
        label, source, target, size = self.planted()
        found = circles(pairs(source, target, np.ones(len(source)), size))
        for group in range(3):
            numbers = np.bincount(found[label == group])
            assert numbers.max() >= 0.95 * 60
        assert len({int(np.bincount(found[label == group]).argmax()) for group in range(3)}) == 3

    def test_the_same_graph_gives_the_same_groups(self):
        _label, source, target, size = self.planted()
        matrix = pairs(source, target, np.ones(len(source)), size)
        assert (circles(matrix) == circles(matrix)).all()

    def test_two_people_are_no_group(self):
        found = circles(pairs(np.array([0, 2, 3, 4]), np.array([1, 3, 4, 2]), np.ones(4), 5))
        assert found.tolist() == [0, 0, 1, 1, 1]

    def test_who_is_tied_to_two_groups_connects_them_and_nobody_else(self):
        first, second = range(5), range(5, 10)
        ties = [(one, other) for group in (first, second) for one in group for other in group if one != other]
        ties += [(10, 0), (10, 1), (10, 2), (10, 5), (10, 6), (7, 10)]
        source, target = (np.array(column) for column in zip(*ties, strict=True))
        matrix = pairs(source, target, np.ones(len(ties)), 11)
        found = connectors(matrix, circles(matrix))
        assert found.tolist() == [0] * 10 + [2]


class TestPieces:
    def test_the_strongest_ties_of_each(self):
        source, target, value = np.array([0, 1, 2, 3]), np.array([9, 9, 9, 8]), np.array([1.0, 3.0, 2.0, 0.0])
        found = strongest(source, target, value, 10, most=2)
        assert found[9].tolist() == [1, 2]
        assert found[8].tolist() == [-1, -1]

    def test_logarithms_keep_one_giant_from_making_all_others_small(self):
        assert scaled(np.array([0.0, 99.0, 9999.0]))[1] == pytest.approx(0.5)
        assert scaled(np.array([1.0]), least=10.0)[0] < 0.5


def test_examples_in_docstrings():
    assert doctest.testmod(influence).failed == 0
    assert doctest.testmod(layout_module).failed == 0


class TestLayout:
    @pytest.mark.parametrize("people", [20, 250])
    def test_people_of_a_group_stand_nearer_to_each_other(self, people):
        label, source, target, size = TestGroups().planted(people)
        places = layout(source, target, np.ones(len(source)), size, label + 1)
        middles = np.stack([places[label == group].mean(axis=0) for group in range(3)])
        inside = np.mean([np.linalg.norm(places[label == group] - middles[group], axis=1).mean() for group in range(3)])
        between = np.mean([np.linalg.norm(middles[one] - middles[one - 1]) for one in range(3)])
        assert between > 1.5 * inside
        assert np.abs(places).max() <= 1.0

    def test_the_same_graph_gives_the_same_picture_and_a_known_one_stays(self):
        label, source, target, size = TestGroups().planted(30)
        weight = np.ones(len(source))
        first = layout(source, target, weight, size, label)
        assert (first == layout(source, target, weight, size, label)).all()
        assert (layout(source, target, weight, size, label, first) == first).all()
        before = first.copy()
        before[0] = np.nan
        again = layout(source, target, weight, size, label, before)
        assert np.linalg.norm(again[1:] - first[1:], axis=1).mean() < 0.25

    def test_nobody_one_and_people_on_one_spot(self):
        empty = np.zeros(0, dtype=int)
        assert layout(empty, empty, np.zeros(0), 0).shape == (0, 2)
        assert np.isfinite(layout(empty, empty, np.zeros(0), 1)).all()
        on_one_spot = np.zeros((500, 2))
        on_one_spot[0] = np.nan
        assert np.isfinite(layout(empty, empty, np.zeros(0), 500, before=on_one_spot)).all()
