"""What may be expected of customers from how often and when they bought.

BG/NBD (P. Fader, B. Hardie, K. L. Lee, "Counting Your Customers" the Easy Way: An Alternative to the Pareto/NBD Model,
Marketing Science 24 (2), 2005): while somebody is a customer they buy at a rate of their own, and after each purchase
they may stay away for good with a probability of their own; rates vary as a gamma distribution (r, alpha),
probabilities as a beta distribution (a, b).  Gamma-Gamma (P. Fader, B. Hardie, The Gamma-Gamma Model of Monetary Value,
2013) says what a purchase is worth on average, drawn towards what all spend where there are few.

Of each customer these know ``x``, purchases after the first; ``t_x``, time from the first to the last; ``T``, time from
the first until now; all times in one unit, weeks here.  scipy is imported by the first fit or figure only.
"""

from dataclasses import asdict, dataclass

from .later import numpy as np

#: limits of the logarithms of parameters: beyond them the data say nothing of a parameter
_BOUNDS = (-9.0, 9.0)
#: of a: where all leave with one and the same probability it grows without end, and changes nothing any more
_BOUNDS_A = (-9.0, 5.0)


class Unfit(ValueError):
    """The data do not say how customers behave: too few came back, or the search found no end."""


def _grouped(*columns):
    """Return the distinct rows of some columns as arrays, and how often each is there."""
    rows = np.column_stack(columns)
    order = np.lexsort(rows.T[::-1])
    rows = rows[order]
    first = np.ones(len(rows), dtype=bool)
    first[1:] = (rows[1:] != rows[:-1]).any(axis=1)
    starts = np.flatnonzero(first)
    weights = np.diff(np.append(starts, len(rows))).astype(float)
    return *rows[starts].T, weights


@dataclass(frozen=True)
class Buying:
    """Fitted BG/NBD.

    :ivar float log_likelihood: of the data it was fitted to
    """

    r: float
    alpha: float
    a: float
    b: float
    log_likelihood: float = 0.0

    def as_dict(self):
        """Return the parameters by name."""
        return asdict(self)

    def alive(self, x, t_x, T):
        """Return the probability that each is a customer still.

        Nobody is lost before the second purchase in this model: for ``x = 0`` it is 1.
        """
        from scipy.special import expit

        x, t_x, T = (np.asarray(values, dtype=float) for values in (x, t_x, T))
        lost = (
            np.log(self.a)
            - np.log(self.b + np.maximum(x, 1.0) - 1)
            + (self.r + x) * (np.log(self.alpha + T) - np.log(self.alpha + t_x))
        )
        return np.where(x > 0, expit(-lost), 1.0)

    def expected(self, t, x, t_x, T):
        """Return how many purchases each may be expected to make in the time ``t`` from now.

        Formula (10) of the paper; by Euler's transformation the hypergeometric function stays small however many
        purchases there were.
        """
        from scipy.special import hyp2f1

        x, t_x, T = (np.asarray(values, dtype=float) for values in (x, t_x, T))
        a = self.a if abs(self.a - 1) > 1e-6 else 1 + 1e-6  # the limit, to six digits
        z = t / (self.alpha + T + t)
        function = hyp2f1(a + self.b - 1 - self.r, a - 1, a + self.b + x - 1, z)
        purchases = (a + self.b + x - 1) / (a - 1) * (1 - (1 - z) ** (a - 1) * function)
        return purchases * self.alive(x, t_x, T)

    def gap(self, x, T):
        """Return the time that each may be expected to let pass between purchases while a customer."""
        return (self.alpha + np.asarray(T, dtype=float)) / (self.r + np.asarray(x, dtype=float))


def fit_buying(x, t_x, T):
    """Fit BG/NBD to customers by maximum likelihood.

    :param x: purchases after the first
    :param t_x: time from the first to the last
    :param T: time from the first until now
    :returns: :class:`Buying`
    :raises Unfit: nobody came back, or no maximum was found
    """
    from scipy.optimize import minimize
    from scipy.special import digamma, gammaln

    x, t_x, T = (np.asarray(values, dtype=float) for values in (x, t_x, T))
    if not len(x) or not (x > 0).any():
        raise Unfit("nobody came back")
    if (t_x < 0).any() or (t_x > T).any():
        raise Unfit("a last purchase lies before the first or after now")
    scale = 10.0 / max(T.max(), 1e-9)  # alpha then is of the size of the others
    x, t_x, T, weights = _grouped(x, t_x * scale, T * scale)
    total = weights.sum()
    # what depends on x alone is computed once for each x: there are a hundred of them and a million customers
    counts, where = np.unique(x, return_inverse=True)
    numbers = np.bincount(where, weights)
    back = x > 0
    repeated = counts > 0

    def cost(logs):
        r, alpha, a, b = np.exp(logs)
        log_T = np.log(alpha + T)
        log_t = np.log(alpha + t_x)
        # 1 + odds of being lost, in logarithms: neither factor overflows
        odds = np.where(back, np.log(a) - np.log(b + np.maximum(x, 1) - 1) + (r + x) * (log_T - log_t), -np.inf)
        by_count = gammaln(r + counts) - gammaln(r) + r * np.log(alpha)
        by_count += gammaln(a + b) + gammaln(b + counts) - gammaln(b) - gammaln(a + b + counts)
        likelihood = numbers @ by_count + weights @ (np.logaddexp(0, odds) - (r + x) * log_T)
        lost = np.exp(-np.logaddexp(0, -odds))
        weighted = weights * lost
        by_place = np.bincount(where, weighted)
        common = digamma(a + b) - digamma(a + b + counts)
        gradient_b = numbers @ (common + digamma(b + counts) - digamma(b))
        gradient_b -= by_place[repeated] @ (1 / (b + counts[repeated] - 1))
        gradient = np.array(
            [
                numbers @ (digamma(r + counts) - digamma(r) + np.log(alpha))
                - weights @ log_T
                + weighted @ (log_T - log_t),
                numbers.sum() * r / alpha
                - weights @ ((r + x) / (alpha + T))
                + weighted @ ((r + x) * (1 / (alpha + T) - 1 / (alpha + t_x))),
                numbers @ common + weighted.sum() / a,
                gradient_b,
            ]
        )
        return -likelihood / total, -gradient * np.exp(logs) / total

    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        found = minimize(
            cost,
            np.zeros(4),
            jac=True,
            method="L-BFGS-B",
            bounds=[_BOUNDS, _BOUNDS, _BOUNDS_A, _BOUNDS],
            options={"ftol": 1e-13, "gtol": 1e-7},
        )
    if not np.isfinite(found.fun):
        raise Unfit(str(found.message))
    r, alpha, a, b = np.exp(found.x)
    # the likelihood of the data in their own unit: the density of x purchases has time to the power of -x
    likelihood = -found.fun * total + (weights @ x) * np.log(scale)
    return Buying(float(r), float(alpha / scale), float(a), float(b), float(likelihood))


@dataclass(frozen=True)
class Spending:
    """Fitted Gamma-Gamma."""

    p: float
    q: float
    v: float

    def as_dict(self):
        """Return the parameters by name."""
        return asdict(self)

    def average(self, number, mean):
        """Return what a purchase of each is worth on average, in the long run.

        :param number: purchases that the mean is of
        :param mean: what they were worth on average
        """
        number, mean = (np.asarray(values, dtype=float) for values in (number, mean))
        return self.p * (self.v + number * mean) / (self.p * number + self.q - 1)


def fit_spending(number, mean):
    """Fit Gamma-Gamma to customers by maximum likelihood.

    :param number: purchases of each
    :param mean: what they were worth on average, above zero
    :returns: :class:`Spending`
    :raises Unfit: no maximum was found, or the average has no end
    """
    from scipy.optimize import minimize
    from scipy.special import digamma, gammaln

    number, mean = (np.asarray(values, dtype=float) for values in (number, mean))
    kept = (number > 0) & (mean > 0)
    number, mean = number[kept], mean[kept]
    if len(number) < 2 or mean.min() == mean.max():
        raise Unfit("all spend the same")
    scale = 1.0 / np.median(mean)
    mean = mean * scale
    counts, where = np.unique(number, return_inverse=True)
    customers = np.bincount(where)
    log_mean = np.log(mean)
    by_log_mean = np.bincount(where, log_mean)
    total, sum_log_mean = len(mean), log_mean.sum()

    def cost(logs):
        p, q, v = np.exp(logs)
        spread = np.log(v + mean * number)
        by_count = gammaln(p * counts + q) - gammaln(p * counts) + p * counts * np.log(counts)
        likelihood = customers @ by_count + total * (q * np.log(v) - gammaln(q))
        likelihood += p * (counts @ by_log_mean) - sum_log_mean - (p * number + q) @ spread
        inner = digamma(p * counts + q)
        gradient = np.array(
            [
                customers @ (counts * (inner - digamma(p * counts) + np.log(counts)))
                + counts @ by_log_mean
                - number @ spread,
                customers @ inner - total * digamma(q) + total * np.log(v) - spread.sum(),
                total * q / v - ((p * number + q) / (v + mean * number)).sum(),
            ]
        )
        return -likelihood / total, -gradient * np.exp(logs) / total

    with np.errstate(over="ignore", invalid="ignore"):
        found = minimize(cost, np.log([1.0, 2.0, 1.0]), jac=True, method="L-BFGS-B", bounds=[_BOUNDS] * 3)
    p, q, v = np.exp(found.x)
    if not np.isfinite(found.fun) or q <= 1:
        raise Unfit("what is spent varies without end" if np.isfinite(found.fun) else str(found.message))
    return Spending(float(p), float(q), float(v / scale))


def value(buying, averages, x, t_x, T, year, years=3, discount=0.10):
    """Return what each may be expected to buy for in some years from now, worth today.

    :param Buying buying: fitted
    :param averages: what a purchase of each is worth
    :param float year: in the unit of the times
    :param float discount: by which money that comes a year later is worth less; each year's is taken to come in its
        middle
    """
    worth, before = 0.0, 0.0
    for number in range(1, years + 1):
        until = buying.expected(number * year, x, t_x, T)
        worth = worth + (until - before) / (1 + discount) ** (number - 0.5)
        before = until
    return worth * averages


def plain_alive(gap, silence):
    """Return how likely each is a customer still where there is nothing to fit: all of it for as long as they usually
    let pass, half of it after twice that long, and so on.

    :param gap: usual time between purchases
    :param silence: time since the last
    """
    gap, silence = (np.asarray(values, dtype=float) for values in (gap, silence))
    return np.minimum(1.0, gap / np.maximum(silence, 1e-9))
