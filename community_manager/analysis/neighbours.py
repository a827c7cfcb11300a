"""What words do to their neighbours: the scores of a whole batch at once, one place for each token.

Negation, strengthening and "but" follow C. Hutto and E. Gilbert, "VADER" (2014), section 3.  Imports NumPy.
"""

import numpy as np


def last_marked(places, marked):
    """For each place the last marked one at or before it; -1 where there is none."""
    return np.maximum.accumulate(np.where(marked, places, -1))


def strengthened(score, booster, clause, places):
    """Scores multiplied by the boosters one and two tokens before, within the clause; boosters' own scores go."""
    result = score.copy()
    is_booster = booster != 0
    for distance, share in ((1, 1.0), (2, 0.7)):
        before = np.zeros_like(booster)
        before[distance:] = booster[:-distance]
        reaches = (before != 0) & (places - distance > clause)
        result = np.where(reaches, result * (1.0 + share * (before - 1.0)), result)
    follows = np.zeros(len(score), bool)
    follows[:-1] = (score[1:] != 0) & is_booster[:-1]
    result[follows] = 0
    return result


def before_but(but, ends, places):
    """What each place is multiplied by because a "but" follows in its sentence."""
    size = len(places)
    marks = np.where(but != 0, places, size)
    following = np.append(np.minimum.accumulate(marks[::-1])[::-1], size)
    closing = np.append(np.minimum.accumulate(np.where(ends, places, size)[::-1])[::-1], size)
    next_but = following[1:]
    applies = (next_but < size) & (next_but < closing[1:])
    return np.where(applies, but[np.minimum(next_but, size - 1)], 1.0)
