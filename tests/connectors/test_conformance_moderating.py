"""What every network has to keep to when something is moderated there, measured or looked up."""

import json
from dataclasses import fields

import pytest

from connectors import errors
from connectors.items import AuthorItem, Counts, Figures, Target

from .conforming import CANNOT_READ, GARBAGE, ODD, REMOTE, WAIT, changed, connect, having, network_of, places

MODERATING = sorted((code, action) for code, cls in REMOTE.items() for action in cls.moderations)


@pytest.mark.parametrize(("code", "action"), MODERATING)
def test_moderating_asks_the_network_and_can_be_repeated(code, action):
    adapter = network_of(code)
    account_id = connect(adapter).check().account_id
    target = adapter.moderated(action)
    assert isinstance(target, Target)
    asked = []

    def answer(request):
        asked.append(request.method)
        return adapter.answer(request)

    for _turn in range(2):
        connector = connect(adapter, answer)
        connector.account_id = account_id
        assert connector.moderate(action, target, "Rude.") is None
    assert set(asked) - {"GET"}


@pytest.mark.parametrize(("code", "action"), MODERATING)
@pytest.mark.parametrize(
    ("status", "kinds"),
    [
        (401, (errors.AccessExpired, errors.AccessDenied)),
        (403, (errors.AccessDenied, errors.Refused)),
        (429, (errors.RateLimited,)),
        (500, (errors.Retriable,)),
    ],
)
def test_moderating_that_fails_is_told(code, action, status, kinds):
    adapter = network_of(code)
    refusal = (status, WAIT if status == 429 else {}, b'{"error": "no"}')
    with pytest.raises(kinds):
        connect(adapter, lambda request: refusal).moderate(action, adapter.moderated(action), "Rude.")


def sane(figures, things):
    assert isinstance(figures, Figures)
    for number in (figures.followers, figures.posts, figures.views):
        assert number is None or (type(number) is int and 0 <= number < 2**31)
    assert figures.rating is None or 0 <= figures.rating <= 5
    assert set(figures.items) <= {external_id for external_id, _identifiers in things}
    for counts in figures.items.values():
        assert isinstance(counts, Counts)
        for field in fields(counts):
            number = getattr(counts, field.name)
            assert number is None or (type(number) is int and 0 <= number < 2**31)


@pytest.mark.parametrize("code", having("metrics"))
def test_figures_are_numbers(code):
    adapter = network_of(code)
    things = adapter.figures()
    account_id = connect(adapter).check().account_id
    kept = {}

    def keep(request):
        answer = kept.setdefault((request.method, request.url, request.body), adapter.answer(request))
        return answer

    def ask(answer, what):
        connector = connect(adapter, answer)
        connector.account_id = account_id
        return connector.metrics(what)

    found = ask(keep, things)
    sane(found, things)
    assert found.items or any(
        number is not None for number in (found.followers, found.posts, found.views, found.rating)
    )
    sane(ask(adapter.answer, []), [])
    for status, kinds in ((401, errors.ConnectorError), (429, errors.RateLimited), (500, errors.Retriable)):
        with pytest.raises(kinds):
            ask(lambda request, status=status: (status, {}, b'{"error": "no"}'), things)
    for garbage in GARBAGE.values():
        try:
            sane(ask(lambda request, garbage=garbage: (200, {}, garbage), things), things)
        except CANNOT_READ as error:
            assert error.message
    for key, (_status, _headers, body) in list(kept.items()):
        try:
            document = json.loads(body)
        except ValueError:
            continue
        for number, path in enumerate(places(document)):
            spoiled = json.dumps(changed(document, path, ODD[number % len(ODD)])).encode()

            def answer(request, key=key, spoiled=spoiled):
                if (request.method, request.url, request.body) == key:
                    return 200, {}, spoiled
                return adapter.answer(request)

            try:
                sane(ask(answer, things), things)
            except errors.ConnectorError as error:
                assert error.message, path


@pytest.mark.parametrize("code", having("profile"))
def test_a_handle_is_somebody_or_nobody(code):
    adapter = network_of(code)
    found = connect(adapter).profile(adapter.handle)
    assert isinstance(found, AuthorItem) and found.external_id and found.name
    assert connect(adapter).profile(adapter.nobody) is None
    assert connect(adapter).profile("") is None
    for status, kinds in ((401, errors.ConnectorError), (429, errors.RateLimited), (500, errors.Retriable)):
        with pytest.raises(kinds):
            connect(adapter, lambda request, status=status: (status, {}, b"{}")).profile(adapter.handle)
    for garbage in GARBAGE.values():
        try:
            found = connect(adapter, lambda request, garbage=garbage: (200, {}, garbage)).profile(adapter.handle)
        except CANNOT_READ as error:
            assert error.message
        else:
            assert found is None or (isinstance(found, AuthorItem) and found.external_id and found.name)
