"""What may be expected of customers, against the published fit and the library that it is compared with."""

import csv
from collections import defaultdict
from datetime import date
from importlib.resources import files

import numpy as np
import pytest

from analysis.purchases import Buying, Spending, Unfit, fit_buying, fit_spending, plain_alive, value

pytest.importorskip("lifetimes", reason="its copy of the CDNOW purchases is read here")

#: weeks after which the paper stops looking, and those it then predicts
CALIBRATED, HELD_OUT = 39, 39


def summary(name="cdnow_customers_summary.csv"):
    """Return columns of the summary of 2,357 customers as arrays."""
    with (files("lifetimes") / "datasets" / name).open() as lines:
        rows = list(csv.DictReader(lines))
    return {column: np.array([float(row[column]) for row in rows]) for column in rows[0]}


def transactions():
    """Return the days on which each customer of the sample bought."""
    bought = defaultdict(set)
    with (files("lifetimes") / "datasets" / "CDNOW_sample.txt").open() as lines:
        for line in lines:
            _master, customer, day, _number, _spent = line.split()
            bought[customer].add(date(int(day[:4]), int(day[4:6]), int(day[6:])))
    return bought


@pytest.fixture(scope="module")
def cdnow():
    data = summary()
    return data["frequency"], data["recency"], data["T"]


@pytest.fixture(scope="module")
def fitted(cdnow):
    return fit_buying(*cdnow)


def test_published_fit_of_cdnow(cdnow, fitted):
    """Table 2 of the paper, to the digits it gives."""
    assert len(cdnow[0]) == 2357
    assert round(fitted.r, 3) == 0.243
    assert round(fitted.alpha, 3) == pytest.approx(4.414, abs=0.0011)
    assert round(fitted.a, 3) == 0.793
    assert round(fitted.b, 3) == 2.426
    assert round(fitted.log_likelihood, 1) == -9582.4


def test_published_expectation(fitted):
    """Customer 0001 of the paper: two purchases more, the last after 30.43 of 38.86 weeks; 1.226 in the next 39."""
    assert float(fitted.expected(39, 2, 30.43, 38.86)) == pytest.approx(1.226, abs=0.001)


def test_another_library_agrees(cdnow):
    """lifetimes' own functions give the same with the same parameters."""
    from lifetimes import BetaGeoFitter

    model = BetaGeoFitter()
    x, t_x, T = cdnow
    model.fit(x, t_x, T)
    r, alpha, a, b = (model.params_[name] for name in ("r", "alpha", "a", "b"))
    ours = Buying(r, alpha, a, b)
    assert ours.alive(x, t_x, T) == pytest.approx(np.asarray(model.conditional_probability_alive(x, t_x, T)), abs=1e-9)
    theirs = model.conditional_expected_number_of_purchases_up_to_time(26, x, t_x, T)
    assert ours.expected(26, x, t_x, T) == pytest.approx(np.asarray(theirs), rel=1e-6)


def test_held_out_error(capsys):
    """Fitted to 39 weeks, the next 39 are predicted better than by everybody's own rate; the total is too low."""
    bought = transactions()
    begin, split, end = date(1997, 1, 1), date(1997, 9, 30), date(1998, 6, 30)
    rows = []
    for days in bought.values():
        before = sorted(day for day in days if day <= split)
        after = sum(split < day <= end for day in days)
        first, last = before[0], before[-1]
        assert first >= begin
        rows.append((len(before) - 1, (last - first).days / 7, (split - first).days / 7, after))
    x, t_x, T, after = np.array(rows, dtype=float).T
    model = fit_buying(x, t_x, T)
    expected = model.expected(HELD_OUT, x, t_x, T)
    rate = x / T * HELD_OUT
    error, plain = np.abs(expected - after).mean(), np.abs(rate - after).mean()
    spread, plain_spread = (np.sqrt(((found - after) ** 2).mean()) for found in (expected, rate))
    with capsys.disabled():
        print(
            f"\nCDNOW, next {HELD_OUT} weeks: mean absolute error {error:.2f} purchases (own rate {plain:.2f}), "
            f"root mean square {spread:.2f} ({plain_spread:.2f}), total {expected.sum() / after.sum() - 1:+.0%}"
        )
    assert error < plain
    assert spread < plain_spread
    assert expected.sum() == pytest.approx(after.sum(), rel=0.25)


def test_many_purchases_overflow_nothing():
    """Ten thousand purchases, or none for forty years, give figures."""
    model = Buying(0.243, 4.414, 0.793, 2.426)
    x, t_x, T = np.array([10_000, 0, 1, 10_000]), np.array([500.0, 0, 0.0, 10.0]), np.array([500.0, 2000, 2000, 2000])
    with np.errstate(all="raise", under="ignore"):
        expected, alive = model.expected(52, x, t_x, T), model.alive(x, t_x, T)
    assert np.isfinite(expected).all()
    assert expected[0] == pytest.approx(52 * 10_000 / 504, rel=0.05)
    assert (alive >= 0).all()
    assert (alive <= 1).all()
    assert alive[3] < 1e-9 < alive[0]


def test_parameters_do_not_depend_on_the_unit(cdnow, fitted):
    """In days alpha is seven times as large, and the rest the same."""
    x, t_x, T = cdnow
    days = fit_buying(x, t_x * 7, T * 7)
    assert (days.r, days.alpha / 7, days.a, days.b) == pytest.approx(
        (fitted.r, fitted.alpha, fitted.a, fitted.b), rel=1e-3
    )


def test_too_few_data_are_said_so():
    """Where nobody came back, or times make no sense, there is no fit instead of a wild one."""
    with pytest.raises(Unfit):
        fit_buying([0, 0], [0, 0], [3, 4])
    with pytest.raises(Unfit):
        fit_buying([], [], [])
    with pytest.raises(Unfit):
        fit_buying([1], [5], [4])
    with pytest.raises(Unfit):
        fit_spending([1, 2], [10, 10])


def test_spending_agrees_with_another_library():
    """Gamma-Gamma on the spending of CDNOW's customers who came back."""
    from lifetimes import GammaGammaFitter

    data = summary("cdnow_customers_summary_with_transactions.csv")
    back = (data["x"] > 0) & (data["zbar"] > 0)
    number, mean = data["x"][back], data["zbar"][back]
    ours = fit_spending(number, mean)
    model = GammaGammaFitter()
    model.fit(number, mean)
    theirs = Spending(model.params_["p"], model.params_["q"], model.params_["v"])
    assert (ours.p, ours.q, ours.v) == pytest.approx((theirs.p, theirs.q, theirs.v), rel=0.01)
    expected = np.asarray(model.conditional_expected_average_profit(number, mean))
    assert theirs.average(number, mean) == pytest.approx(expected, rel=1e-9)


def test_spending_is_drawn_towards_what_all_spend():
    """One purchase says little, a hundred say all."""
    model = Spending(6.25, 3.74, 15.45)
    usual = model.p * model.v / (model.q - 1)
    once, often = model.average([1, 100], [200.0, 200.0])
    assert usual < once < often < 200.01
    assert often == pytest.approx(200, rel=0.02)


def test_value_is_less_the_later_it_comes(fitted):
    """Three years are worth more than one, and less than without discount."""
    customer = (5, 30.0, 38.0)
    one, three = (float(value(fitted, 10.0, *customer, 52.0, years)) for years in (1, 3))
    flat = float(value(fitted, 10.0, *customer, 52.0, 3, discount=0.0))
    assert one < three < flat
    assert flat == pytest.approx(10 * float(fitted.expected(156, *customer)), rel=1e-9)


def test_plain_probability():
    """Half after twice the usual gap; all within it."""
    assert plain_alive([30, 30, 30], [10, 60, 300]) == pytest.approx([1, 0.5, 0.1])
