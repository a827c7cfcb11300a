"""Where a picture has the nodes of a graph: a layout by forces, as array work, the same each time.

Nodes that are tied draw together, all push each other away, groups hold together.  After T. Fruchterman and
E. Reingold, "Graph Drawing by Force-Directed Placement" (1991).  Of many nodes only those near are pushed
one by one; those further away push as cells of a grid, as in J. Barnes and P. Hut, Nature 324 (1986), with one level
of cells.

>>> import numpy as np
>>> places = layout(np.array([0, 1]), np.array([1, 2]), np.ones(2), 3)
>>> places.shape, bool(np.abs(places).max() <= 1)
((3, 2), True)
"""

from .later import numpy as np

#: Up to so many nodes each pushes each.
EXACT = 400
#: Cells of the grid on each side.
CELLS = 14
#: Nodes of one's own surroundings that push one by one, drawn anew each round.
NEAR = 12


def layout(source, target, weight, size, circle=None, before=None, seed=7, rounds=220):
    """Return places of nodes, ``size`` by 2, each coordinate from -1 to 1.

    :param source: array of places of nodes, one end of each tie
    :param target: array, the other end
    :param weight: array of positive weights
    :param int size: number of nodes
    :param circle: array, the group of each node, 0 for none; groups hold together
    :param before: array, ``size`` by 2, where nodes were the last time, NaN for new ones: a picture that is known moves
        little, and not at all while nobody is new
    :param int seed: of the first places
    :param int rounds: how often all move
    """
    if not size:
        return np.zeros((0, 2))
    chance = np.random.default_rng(seed)
    circle = np.zeros(size, dtype=np.int64) if circle is None else circle
    places = _begin(size, circle, chance)
    if before is not None:
        kept = ~np.isnan(before).any(axis=1)
        if kept.all():
            return before.astype(float)
        places[kept] = before[kept]
        # a known picture settles; it is not made anew
        rounds = rounds // 3 if kept.mean() > 0.8 else rounds
    distance = 1.6 / np.sqrt(size)
    pull = np.minimum(np.log1p(weight) / np.log(2), 3.0) if len(weight) else weight
    degree = np.maximum(np.bincount(np.r_[source, target], minlength=size), 1)
    # whoever is tied to hundreds is not torn apart by them
    soft = 1.0 / np.sqrt(np.minimum(degree[source], degree[target])) if len(weight) else weight
    step = 0.12
    for _round in range(rounds):
        force = _push(places, distance, chance)
        if len(weight):
            apart = places[target] - places[source]
            length = np.sqrt((apart**2).sum(axis=1)) + 1e-9
            drawn = apart * (pull * soft * length / distance)[:, None] * 0.35
            for axis in (0, 1):
                force[:, axis] += np.bincount(source, weights=drawn[:, axis], minlength=size)
                force[:, axis] -= np.bincount(target, weights=drawn[:, axis], minlength=size)
        force += _hold(places, circle) - 0.6 * places
        length = np.sqrt((force**2).sum(axis=1)) + 1e-9
        places = places + force * (np.minimum(length, step) / length)[:, None]
        step = max(step * 0.985, 0.002)
    places = places - np.median(places, axis=0)
    # the few that nobody holds are not left far outside, where they would make all others small
    length = np.sqrt((places**2).sum(axis=1)) + 1e-9
    places = places * np.minimum(1.0, 1.1 * np.quantile(length, 0.97) / length)[:, None]
    places = places - (places.max(axis=0) + places.min(axis=0)) / 2
    return places / max(float(np.abs(places).max()), 1e-9)


def _begin(size, circle, chance):
    """Return first places: groups around the middle, their people around each group's."""
    numbers, label = np.unique(circle, return_inverse=True)
    angle = 2 * np.pi * np.arange(len(numbers)) / len(numbers)
    middle = 0.6 * np.stack([np.cos(angle), np.sin(angle)], axis=1) if len(numbers) > 1 else np.zeros((1, 2))
    return middle[label] + 0.25 * chance.standard_normal((size, 2))


def _push(places, distance, chance):
    """Return the force by which nodes push each other away: the square of the distance wished for, by the distance."""
    size = len(places)
    if size <= EXACT:
        apart = places[:, None, :] - places[None, :, :]
        square = (apart**2).sum(axis=2) + 1e-6
        return (apart * (distance**2 / square)[:, :, None]).sum(axis=1)
    low, high = places.min(axis=0), places.max(axis=0)
    cell = np.minimum(((places - low) / (high - low + 1e-9) * CELLS).astype(np.int64), CELLS - 1)
    number = cell[:, 0] * CELLS + cell[:, 1]
    filled, label, people = np.unique(number, return_inverse=True, return_counts=True)
    middle = np.stack([np.bincount(label, weights=places[:, axis]) / people for axis in (0, 1)], axis=1)
    apart = places[:, None, :] - middle[None, :, :]
    square = (apart**2).sum(axis=2) + 1e-6
    far = people[None, :] * distance**2 / square
    far[np.arange(size), label] = 0.0
    force = (apart * far[:, :, None]).sum(axis=1)
    # of one's own cell some are met, who stand for all in it
    order = np.argsort(label, kind="stable")
    begins = np.concatenate([[0], np.cumsum(people)[:-1]])
    met = order[begins[label][:, None] + (chance.random((size, NEAR)) * people[label][:, None]).astype(np.int64)]
    apart = places[:, None, :] - places[met]
    square = (apart**2).sum(axis=2) + 1e-5
    near = (apart * (distance**2 / square)[:, :, None]).mean(axis=1) * people[label][:, None]
    return force + near


def _hold(places, circle):
    """Return the force that draws people towards the middle of their group."""
    people = np.maximum(np.bincount(circle), 1)
    middle = np.stack([np.bincount(circle, weights=places[:, axis]) / people for axis in (0, 1)], axis=1)
    force = 0.25 * (middle[circle] - places)
    force[circle == 0] = 0.0
    return force
