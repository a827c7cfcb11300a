"""What a campaign did, against a control group: differences with their confidence intervals.

* A share: Wilson's score interval (E. B. Wilson, Journal of the American Statistical Association 22, 1927).
* A difference of two shares: the hybrid score interval, method 10 of R. G. Newcombe, "Interval estimation for the
  difference between independent proportions", Statistics in Medicine 17, 1998.  It holds with few people and with
  shares near zero, where the usual one does not.
* A difference of two means: B. L. Welch's t with unequal variances, degrees of freedom after Welch and Satterthwaite
  (Biometrika 34, 1947).
"""

from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist

#: of a hundred such intervals so many hold the true difference
LEVEL = 0.95
#: what a difference says
MORE, LESS, UNCLEAR = "more", "less", "unclear"


@dataclass(frozen=True)
class Difference:
    """A difference and the interval that holds it; ``verdict`` is unclear where the interval includes zero."""

    difference: float
    low: float
    high: float

    @property
    def verdict(self):
        if self.low > 0:
            return MORE
        return LESS if self.high < 0 else UNCLEAR


def wilson(count, total, level=LEVEL):
    """Return the score interval of a share.

    :param int count: of those who did, out of ``total``, at least one
    :raises ValueError: where ``count`` is no part of ``total``
    """
    if not 0 <= count <= total or not total:
        raise ValueError("count must be between 0 and total, and total above 0")
    z = NormalDist().inv_cdf((1 + level) / 2)
    share = count / total
    middle = share + z * z / (2 * total)
    half = z * sqrt(share * (1 - share) / total + z * z / (4 * total * total))
    scale = 1 + z * z / total
    # at the very ends the formula gives 0 and 1 but for rounding
    low = 0.0 if count == 0 else max(0.0, (middle - half) / scale)
    high = 1.0 if count == total else min(1.0, (middle + half) / scale)
    return low, high


def shares(count, total, other_count, other_total, level=LEVEL):
    """Return by how much one share is above another, from -1 to 1; None where one group is empty.

    :rtype: Difference
    """
    if not total or not other_total:
        return None
    low, high = wilson(count, total, level)
    other_low, other_high = wilson(other_count, other_total, level)
    share, other = count / total, other_count / other_total
    difference = share - other
    return Difference(
        difference,
        difference - sqrt((share - low) ** 2 + (other_high - other) ** 2),
        difference + sqrt((high - share) ** 2 + (other - other_low) ** 2),
    )


def means(total, sum_, squares, other_total, other_sum, other_squares, level=LEVEL):
    """Return by how much one mean is above another; None where a group has fewer than two.

    :param int total: of people; ``sum_``: of their values; ``squares``: sum of the squares of their values
    :rtype: Difference
    """
    from scipy.special import stdtrit  # where it is used: pages load nothing of it

    if total < 2 or other_total < 2:
        return None
    mean, other = sum_ / total, other_sum / other_total
    spread = _variance(total, sum_, squares) / total
    other_spread = _variance(other_total, other_sum, other_squares) / other_total
    both = spread + other_spread
    difference = mean - other
    if both <= 0:
        return Difference(difference, difference, difference)
    freedom = both**2 / (spread**2 / (total - 1) + other_spread**2 / (other_total - 1))
    half = float(stdtrit(freedom, (1 + level) / 2)) * sqrt(both)
    return Difference(difference, difference - half, difference + half)


def _variance(total, sum_, squares):
    """Return the variance of a sample from its sums; rounding never makes it negative."""
    return max(0.0, (squares - sum_ * sum_ / total) / (total - 1))
