"""One line of time out of several sources: plain Python, without records."""

from datetime import timedelta

SECOND = timedelta(seconds=1)


def whole(moment):
    """Return a moment without parts of a second: that is how exactly sources can be asked."""
    return moment.replace(microsecond=0)


def page(sources, cursor=None, limit=30):
    """Return the next page of what sources hold, newest first, and where the one after it begins.

    Sources are asked for what happened before a moment.  Of entries of one and the same second some may stand on one
    page and others on the next: so the place is a second together with how many entries of each source were shown of
    it, and each source must tell entries of equal moments in the same order every time.

    :param sources: list of ``(code, read)``; ``read(before, limit)`` returns entries, dicts with ``moment`` (naive
        UTC), newest first, all of them before ``before`` (None: all)
    :param cursor: None, or ``(moment, {code: entries shown of that second})`` of the page before
    :param int limit: entries of a page
    :returns: ``(entries, cursor of the next page or None)``
    """
    moment, shown = cursor or (None, {})
    before = moment + SECOND if moment else None
    found = []
    for code, read in sources:
        skip = shown.get(code, 0)
        entries = [entry for entry in read(before, limit + skip + 1) if entry["moment"]]
        if before:
            entries = [entry for entry in entries if entry["moment"] < before]
        entries.sort(key=lambda entry: whole(entry["moment"]), reverse=True)
        if skip:
            first = [entry for entry in entries if whole(entry["moment"]) == moment]
            entries = first[skip:] + entries[len(first) :]
        found += [(code, entry) for entry in entries[: limit + 1]]
    found.sort(key=lambda pair: whole(pair[1]["moment"]), reverse=True)
    taken = found[:limit]
    if len(found) <= limit:
        return [entry for _code, entry in taken], None
    last = whole(taken[-1][1]["moment"])
    counts = dict(shown) if last == moment else {}
    for code, entry in taken:
        if whole(entry["moment"]) == last:
            counts[code] = counts.get(code, 0) + 1
    return [entry for _code, entry in taken], (last, counts)
