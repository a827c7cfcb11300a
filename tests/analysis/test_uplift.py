"""Intervals of differences: against published figures and against an independent library."""

import random

import pytest
from scipy import stats

from analysis.uplift import Difference, means, shares, wilson


@pytest.mark.parametrize(
    ("count", "total", "other", "other_total", "low", "high"),
    [  # Newcombe 1998, Statistics in Medicine 17, table II, method 10
        (56, 70, 48, 80, 0.0524, 0.3339),
        (9, 10, 3, 10, 0.1705, 0.8090),
        (6, 7, 2, 7, 0.0582, 0.8062),
        (5, 56, 0, 29, -0.0381, 0.1926),
        (0, 10, 0, 20, -0.1611, 0.2775),
        (0, 10, 0, 10, -0.2775, 0.2775),
        (10, 10, 0, 20, 0.6791, 1.0),
        (10, 10, 0, 10, 0.6075, 1.0),
    ],
)
def test_published_differences_of_shares(count, total, other, other_total, low, high):
    found = shares(count, total, other, other_total)
    assert found.difference == pytest.approx(count / total - other / other_total)
    assert (found.low, found.high) == pytest.approx((low, high), abs=6e-5)


@pytest.mark.parametrize(
    ("count", "total"), [(0, 1), (1, 1), (3, 10), (81, 263), (15, 148), (0, 20), (1, 29), (999, 1000)]
)
def test_shares_agree_with_scipy(count, total):
    peer = stats.binomtest(count, total).proportion_ci(0.95, method="wilson")
    assert wilson(count, total) == pytest.approx((peer.low, peer.high), abs=1e-12)


def test_published_share():
    """Newcombe 1998, Statistics in Medicine 17, 857: 81 of 263."""
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=6e-5)


@pytest.mark.parametrize("level", [0.8, 0.95, 0.99])
def test_means_agree_with_scipy(level):
    dice = random.Random(5)
    for _round in range(50):
        one = [dice.gauss(100, 30) for _ in range(dice.randrange(2, 60))]
        other = [dice.expovariate(1 / 80) for _ in range(dice.randrange(2, 60))]
        peer = stats.ttest_ind(one, other, equal_var=False).confidence_interval(level)
        sums = [(len(sample), sum(sample), sum(value * value for value in sample)) for sample in (one, other)]
        found = means(*sums[0], *sums[1], level=level)
        assert (found.low, found.high) == pytest.approx((peer.low, peer.high), rel=1e-7, abs=1e-7)


def test_nobody_and_one():
    """Without people on both sides there is no difference to speak of."""
    assert shares(1, 2, 0, 0) is None
    assert means(1, 5, 25, 9, 5, 25) is None
    assert means(3, 6, 12, 3, 3, 3) == Difference(1.0, 1.0, 1.0)
    with pytest.raises(ValueError, match="between"):
        wilson(3, 2)
    with pytest.raises(ValueError, match="between"):
        wilson(0, 0)


def test_verdicts():
    assert shares(56, 70, 48, 80).verdict == "more"
    assert shares(48, 80, 56, 70).verdict == "less"
    assert shares(5, 56, 0, 29).verdict == "unclear"


def test_more_people_know_more():
    """The same shares of ten times as many people: a narrower interval, never beyond -1 and 1."""
    before = None
    for scale in (1, 10, 100):
        found = shares(6 * scale, 20 * scale, 3 * scale, 20 * scale)
        assert -1 <= found.low <= found.difference <= found.high <= 1
        if before:
            assert found.high - found.low < before
        before = found.high - found.low


def test_of_a_hundred_intervals_ninety_five_hold_the_truth():
    dice = random.Random(11)
    held = 0
    for _round in range(2000):
        count = sum(dice.random() < 0.12 for _ in range(80))
        other = sum(dice.random() < 0.08 for _ in range(60))
        found = shares(count, 80, other, 60)
        held += found.low <= 0.04 <= found.high
    assert 0.935 <= held / 2000 <= 0.975
