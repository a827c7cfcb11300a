"""Listening leaves requests of a network's limit to answering."""

from datetime import UTC, datetime, timedelta

import pytest

from connectors import errors
from connectors.http import KEPT_FOR_ANSWERS, WORTH_KEEPING, Http

URL = "https://social.example/x"


def client(reserve, remaining, limit=300, minutes=3):
    """Return a client of a server that says how many requests are left, and how often it was asked."""
    reset = (datetime.now(UTC) + timedelta(minutes=minutes)).isoformat()
    headers = {"X-RateLimit-Remaining": str(remaining), "X-RateLimit-Reset": reset}
    if limit is not None:
        headers["X-RateLimit-Limit"] = str(limit)
    asked = []

    def answer(request):
        asked.append(request.method)
        return 200, headers, b"{}"

    return Http(transport=answer, reserve=reserve), asked, reset


def test_listening_stops_where_the_rest_is_kept():
    http, asked, reset = client(KEPT_FOR_ANSWERS, KEPT_FOR_ANSWERS - 1)
    http.get(URL)
    with pytest.raises(errors.RateLimited) as caught:
        http.get(URL)
    assert (caught.value.retry_at.isoformat(), caught.value.action, caught.value.unsure) == (reset, "wait", False)
    assert "social.example" in caught.value.message
    assert asked == ["GET"]


@pytest.mark.parametrize(
    ("reserve", "remaining", "limit", "minutes"),
    [
        (0, 1, 300, 3),  # answering keeps nothing back
        (KEPT_FOR_ANSWERS, KEPT_FOR_ANSWERS, 300, 3),
        (KEPT_FOR_ANSWERS, 1, WORTH_KEEPING - 1, 3),  # nothing can be kept of so few
        (KEPT_FOR_ANSWERS, 1, None, 3),
        (KEPT_FOR_ANSWERS, 1, 300, -3),  # renewed already
    ],
)
def test_otherwise_requests_go_on(reserve, remaining, limit, minutes):
    http, asked, _reset = client(reserve, remaining, limit, minutes)
    http.get(URL)
    http.post(URL, json={})
    assert asked == ["GET", "POST"]
