import importlib.util
from collections import Counter, defaultdict
from pathlib import Path

import pytest

from analysis import identity
from analysis.identity import Contact, Handle, Profile

PEOPLE = Path(identity.__file__).parents[1] / "tests" / "identity_people.py"


def people():
    spec = importlib.util.spec_from_file_location("identity_people", PEOPLE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.make_people()


def profile_of(values):
    return Profile(**{name: value for name, value in values.items() if name not in ("kind", "truth")})


def contact_of(number, values):
    values = dict(values)
    real = values.pop("profile", None)
    handles = tuple(Handle(**handle) for handle in values.pop("handles", ()))
    linked = frozenset([(real["network"], real["realm"], real["external_id"])]) if real else frozenset()
    return Contact(number, handles=handles, profiles=linked, **values)


def run():
    """Match everybody as the product does: by keys, then by what speaks for and against."""
    contacts, profiles = people()
    contacts = [contact_of(number, values) for number, values in enumerate(contacts)]
    made = [profile_of(values) for values in profiles]
    by_key, others = defaultdict(list), defaultdict(list)
    for contact in contacts:
        for key in identity.contact_keys(contact):
            by_key[key].append(contact)
    for profile in made:
        for key in identity.profile_keys(profile):
            others[key].append(profile)
    for values, profile in zip(profiles, made, strict=True):
        keys = identity.profile_keys(profile)
        found = {contact.id: contact for key in keys for contact in by_key[key]}
        near = {other.external_id: other for key in keys for other in others[key] if other is not profile}
        yield values, *identity.match(profile, list(found.values()), list(near.values()))


def test_of_a_thousand_pairs_none_is_linked_wrongly_and_most_true_ones_are_found():
    linked, proposed, total, wrong = Counter(), Counter(), Counter(), []
    for values, link, proposals in run():
        kind = values["kind"]
        total[kind] += 1
        if link and link.contact != values["truth"]:
            wrong.append((values, link))
        if link and link.contact == values["truth"]:
            linked[kind] += 1
        if proposals and proposals[0].contact == values["truth"]:
            proposed[kind] += 1
    assert total.total() == 1000
    assert wrong == []
    certain = ("true_email", "true_handle", "true_site")
    recall = sum(linked[kind] for kind in certain) / sum(total[kind] for kind in certain)
    found = recall_of_all(linked, proposed, total)
    print(f"linked {dict(linked)}, proposed {dict(proposed)}, of {dict(total)}")
    print(f"recall of what can be known: {recall:.3f}; linked or proposed of all true pairs: {found:.3f}")
    assert recall >= 0.9
    assert found >= 0.97


def recall_of_all(linked, proposed, total):
    true = [kind for kind in total if kind.startswith("true_")]
    return sum(linked[kind] + proposed[kind] for kind in true) / sum(total[kind] for kind in true)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("Ana Ruiz", "RUIZ, Ana", "same"),
        ("José de la Peña", "Jose Peña", "same"),
        ("Ana R.", "Ana Ruiz", "alike"),
        ("Ana Gonzales", "Ana González", "alike"),
        ("Ana Ruiz", "Ana María Ruiz García", "alike"),
        ("Ana", "Ana Ruiz", "part"),
        ("Ana Ruiz", "Pedro Ruiz", "different"),
        ("Ana Riuz", "Ana Ruiz", "near"),
        ("Mario Gil", "María Gil", "near"),
        ("Ruiz", "Ana Ruiz", "apart"),
        ("Sunshine", "Ana Ruiz", "apart"),
        ("🌻", "Ana Ruiz", "unknown"),
        ("Николай Петров", "Nikolai Petrov", "same"),
    ],
)
def test_names_are_compared_as_people_write_them(one, other, expected):
    assert identity.compare_names(one, other) == expected


ANA = Contact(1, name="Ana Ruiz", email="ana.ruiz@mail.example", website="https://ana.example", city="Madrid")


def test_a_name_alone_never_links_whatever_goes_with_it():
    contact = Contact(
        1, name="Ana Ruiz", city="Madrid", company="Hotel Norte", domains=("hotelnorte.example",), website="ana.example"
    )
    profile = Profile(
        "mastodon", "1", "social.example", handle="@anaruiz@social.example", name="Ana Ruiz Hotel Norte Madrid",
        email="other@hotelnorte.example", url="https://ana.example",
    )  # fmt: skip
    link, proposals = identity.match(profile, [contact])
    assert link is None
    assert proposals[0].confidence < identity.CERTAIN
    assert {"same_company", "same_city"} <= set(proposals[0].reasons)


def test_two_contacts_that_are_both_certain_are_put_to_a_person():
    other = Contact(2, name="Ana Ruiz", handles=(Handle("mastodon", "@ana@social.example"),))
    profile = Profile("mastodon", "1", "social.example", handle="@ana@social.example", name="Ana Ruiz", email=ANA.email)
    link, proposals = identity.match(profile, [ANA, other])
    assert link is None
    assert {proposal.contact for proposal in proposals} == {1, 2}


def test_who_takes_a_handle_over_is_nobody_of_ours_even_with_the_same_name():
    contact = Contact(1, name="Ana Ruiz", handles=(Handle("bluesky", "ana.example", "", "did:plc:before"),))
    taken = Profile("bluesky", "did:plc:after", handle="ana.example", name="Ana Ruiz")
    assert identity.match(taken, [contact]) == (None, [])
    moved = Profile("bluesky", "did:plc:before", handle="elsewhere.example", name="Anita")
    assert identity.match(moved, [contact])[0].confidence == 0.99


def test_a_site_counts_only_when_the_network_verified_it():
    claimed = Profile("mastodon", "1", "social.example", name="Ana Ruiz", url="https://ana.example")
    assert identity.match(claimed, [ANA])[0] is None
    verified = Profile("mastodon", "1", "social.example", name="Ana Ruiz", verified_urls=("https://ana.example",))
    assert identity.match(verified, [ANA])[0].origin == "url"
    anywhere = Contact(1, name="Ana Ruiz", website="https://github.com")
    shared = Profile("mastodon", "1", "social.example", name="Ana Ruiz", verified_urls=("https://github.com/",))
    assert identity.match(shared, [anywhere])[0] is None


def test_a_handle_without_its_server_proposes_and_with_it_links():
    profile = Profile("mastodon", "1", "social.example", handle="@ana@town.example", name="Ana Ruiz")
    for typed, links in (("ana", False), ("@ana@other.example", False), ("https://town.example/@Ana", True)):
        contact = Contact(1, name="Ana Ruiz", handles=(Handle("mastodon", typed),))
        assert bool(identity.match(profile, [contact])[0]) == links, typed


@pytest.mark.parametrize("mail", ["info@a.example", "hotel@a.example", "hotel.norte@a.example", "ventas@a.example"])
def test_a_shared_mailbox_never_links(mail):
    contact = Contact(1, name="Ana Ruiz", email=mail)
    for name in ("Ana Ruiz", "", "Pedro", "Pedro López"):
        assert identity.match(Profile("blog", "1", name=name, email=mail), [contact])[0] is None


def test_a_mailbox_that_somebody_else_writes_from_too_never_links():
    profile = Profile("blog", "1", name="Ana Ruiz", email=ANA.email)
    assert identity.match(profile, [ANA])[0]
    assert identity.match(profile, [ANA], [Profile("blog", "2", name="Pedro Gil", email=ANA.email)])[0] is None


def test_names_in_other_scripts_and_none_at_all_break_nothing():
    for name in ("", "🌻🌻", "田中 太郎", "a" * 5000, "Ⅷ Ünïcödé", "\ud800"):
        profile = Profile("mastodon", "1", "s.example", name=name, handle=name, url=name, email=name)
        identity.match(profile, [ANA, Contact(2, name=name, email=name, website=name)])
        assert identity.profile_keys(profile)
