"""Is the person behind a profile a contact of ours?  Evidence in, how sure and why out.

A wrong link tells one customer's affairs to another, so certainty is asked for: only something that a person alone
holds (an own mailbox, an address that the network verified, a handle that is known to be theirs) links, and only if
nothing contradicts it.  Names, places and companies propose, however many of them agree.
"""

import re
from dataclasses import dataclass, field
from hashlib import blake2b
from itertools import combinations

from slugify import slugify

from .addresses import PUBLIC_MAIL, SHARED_HOSTS, email_key, handle_key, host_of, is_shared_mailbox, site_key
from .names import FORMS, compare_names, joined, skeleton, words

#: from here on a link is made without asking
CERTAIN = 0.9
#: from here on a link is proposed
LIKELY = 0.5
#: what evidence reaches that proves nothing by itself, however much of it there is
MOST_LIKELY = 0.89

#: the prefix of realms in which nobody vouches for who writes
UNVOUCHED = "channel:"


@dataclass(frozen=True, slots=True)
class Profile:
    """What a network tells of somebody who writes."""

    network: str
    external_id: str
    realm: str = ""
    handle: str = ""
    name: str = ""
    email: str = ""
    url: str = ""
    verified_urls: tuple[str, ...] = ()
    bot: bool = False


@dataclass(frozen=True, slots=True)
class Handle:
    """A handle on a contact; ``external_id`` is whom it belonged to when a profile was linked through it."""

    network: str
    handle: str
    realm: str = ""
    external_id: str = ""


@dataclass(frozen=True, slots=True)
class Contact:
    """What is known of a contact."""

    id: int
    name: str = ""
    email: str = ""
    website: str = ""
    city: str = ""
    company: str = ""
    is_company: bool = False
    #: domains of the company that the person belongs to
    domains: tuple[str, ...] = ()
    handles: tuple[Handle, ...] = ()
    #: (network, realm, external id) of the profiles that are linked to the contact
    profiles: frozenset = frozenset()


@dataclass(slots=True)
class Around:
    """Who else there is: how many contacts, or profiles with another name, have the same."""

    contacts_with_email: int = 1
    contacts_with_site: int = 1
    contacts_with_handle: int = 1
    contacts_with_name: int = 1
    strangers_with_email: int = 0
    profiles_with_handle: int = 1
    profiles_with_site: int = 1


@dataclass(slots=True)
class Verdict:
    """How sure it is that a profile is a contact's: 0 to 1, by which evidence, and the codes of the reasons."""

    contact: int
    confidence: float = 0.0
    origin: str = ""
    reasons: list = field(default_factory=list)


def profile_handle(profile):
    """Return the handle of a profile as it is compared, with the server where the network has several."""
    key = handle_key(profile.network, profile.handle)
    if key and profile.realm and not profile.realm.startswith(UNVOUCHED) and "@" not in key and "." not in key:
        return f"{key}@{profile.realm.lower()}"
    return key


# -- keys ------------------------------------------------------------------------------------------------------------


def _hash(kind, *parts):
    return kind + blake2b("\0".join(parts).encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def _name_keys(name):
    found = words(name)[:4]
    if len(found) < 2:
        return set()
    return {_hash("n", *sorted(map(skeleton, pair))) for pair in combinations(found, 2)}


def profile_keys(profile):
    """Return the keys by which contacts are found that a profile may be of."""
    keys = _name_keys(profile.name) | {_hash("x", profile.network, profile.realm, profile.external_id)}
    if email_key(profile.email):
        keys.add(_hash("e", email_key(profile.email)))
    keys |= {_hash("u", key) for key in map(site_key, (*profile.verified_urls, profile.url)) if key}
    handle = profile_handle(profile)
    if handle:
        keys.add(_hash("h", profile.network, handle))
        keys.add(_hash("h", profile.network, handle.split("@")[0]))
    for text in (profile.name, handle.split("@")[0].split(".")[0]):
        if len(joined(text)) >= 5:
            keys.add(_hash("j", re.sub(r"\d+$", "", joined(text))))
    return keys


def contact_keys(contact):
    """Return the keys by which profiles are found that may be of a contact."""
    keys = _name_keys(contact.name)
    if email_key(contact.email):
        keys.add(_hash("e", email_key(contact.email)))
    if site_key(contact.website):
        keys.add(_hash("u", site_key(contact.website)))
    for handle in contact.handles:
        keys.add(_hash("h", handle.network, handle_key(handle.network, handle.handle)))
        if handle.external_id:
            keys.add(_hash("x", handle.network, handle.realm, handle.external_id))
    if len(joined(contact.name)) >= 5:
        keys.add(_hash("j", joined(contact.name)))
    return keys


# -- judging ---------------------------------------------------------------------------------------------------------


def judge(profile, contact, around=None):
    """Say how sure it is that a profile is a contact's.

    :param Profile profile: who writes
    :param Contact contact: who it may be
    :param Around around: who else there is
    :returns: :class:`Verdict`
    """
    around = around or Around()
    names = compare_names(profile.name, contact.name)
    found = [
        *_by_handle(profile, contact, around, names),
        *_by_email(profile, contact, around, names),
        *_by_site(profile, contact, around, names),
    ]
    voided = any(reason == "handle_moved" for _sure, _origin, reason in found)
    if not any(sure >= CERTAIN for sure, _origin, _reason in found):
        found += _by_name(profile, contact, around, names, voided)
    found = [entry for entry in found if entry[0] or entry[2]]
    if not found:
        return Verdict(contact.id)
    sure, origin, _reason = max(found, key=lambda entry: entry[0])
    others = sum(1 for entry in found if entry[0] >= LIKELY and entry[1] != origin)
    if sure < CERTAIN:
        sure = min(sure + 0.05 * others, MOST_LIKELY)
    reasons = [reason for _sure, _origin, reason in sorted(found, key=lambda entry: -entry[0])]
    return Verdict(contact.id, round(sure, 2), origin, list(dict.fromkeys(reasons)))


def match(profile, contacts, others=(), refused=()):
    """Say which contact a profile is.

    :param Profile profile: who writes
    :param contacts: the :class:`Contact` objects that have a key in common with it
    :param others: the other :class:`Profile` objects that have a key in common with it
    :param refused: ids of contacts of whom somebody said that it is not theirs; they are still somebody else who has
        the same mailbox or name
    :returns: (:class:`Verdict` to link without asking or None, list of those to propose, the likeliest first)
    """
    asked = [contact for contact in contacts if contact.id not in refused]
    return decide([judge(profile, contact, _around(profile, contact, contacts, others)) for contact in asked])


def _around(profile, contact, contacts, others):
    email, site, handle = email_key(profile.email), site_key(contact.website), profile_handle(profile)
    return Around(
        contacts_with_email=sum(1 for one in contacts if email and email_key(one.email) == email),
        contacts_with_site=sum(1 for one in contacts if site and site_key(one.website) == site),
        contacts_with_handle=sum(
            1
            for one in contacts
            if any(h.network == profile.network and handle_key(h.network, h.handle) == handle for h in one.handles)
        ),
        contacts_with_name=sum(1 for one in contacts if compare_names(profile.name, one.name) in ("same", "alike")),
        strangers_with_email=sum(
            1 for one in others if email and email_key(one.email) == email and _apart(profile, one)
        ),
        profiles_with_handle=1
        + sum(1 for one in others if one.network == profile.network and profile_handle(one) == handle),
        profiles_with_site=1
        + sum(1 for one in others if site in map(site_key, one.verified_urls) and _apart(profile, one)),
    )


def _apart(profile, other):
    """Return whether two profiles are of different people, as far as is known."""
    names = compare_names(profile.name, other.name)
    there = (profile.network, profile.realm) == (other.network, other.realm)
    return names in ("different", "apart") or (names == "unknown" and there)


def decide(verdicts):
    """Return which contact to link without asking, or None, and which to propose, the likeliest first.

    Two contacts that are both certain contradict each other: then a person decides.
    """
    likely = sorted((v for v in verdicts if v.confidence >= LIKELY), key=lambda v: (-v.confidence, v.contact))
    certain = [verdict for verdict in likely if verdict.confidence >= CERTAIN]
    if len(certain) == 1:
        return certain[0], []
    for verdict in certain:
        verdict.confidence = MOST_LIKELY
        verdict.reasons.append("several_certain")
    return None, likely


def _by_handle(profile, contact, around, names):
    identity = (profile.network, profile.realm, profile.external_id)
    key = profile_handle(profile)
    for handle in contact.handles:
        if handle.network != profile.network:
            continue
        if handle.external_id:
            if (handle.network, handle.realm, handle.external_id) == identity:
                yield 0.99, "handle", "same_identity"
            elif key and handle_key(handle.network, handle.handle) == key:
                yield 0.0, "handle", "handle_moved"
            continue
        typed = handle_key(handle.network, handle.handle)
        if not key or typed not in (key, key.split("@")[0]):
            continue
        if typed != key:
            yield 0.6, "handle", "handle_without_server"
        elif profile.realm.startswith(UNVOUCHED):
            yield 0.7, "handle", "handle_unvouched"
        elif around.profiles_with_handle > 1:
            yield 0.6, "handle", "handle_of_several_profiles"
        elif around.contacts_with_handle > 1:
            yield 0.6, "handle", "handle_of_several_contacts"
        elif names in ("different", "near", "apart"):
            yield 0.75, "handle", "handle_other_name"
        else:
            yield 0.93, "handle", "same_handle"


def _by_email(profile, contact, around, names):
    email = email_key(profile.email)
    if not email or email != email_key(contact.email):
        return
    agrees = names in ("same", "alike")
    if around.contacts_with_email > 1:
        yield (0.8 if agrees else 0.6), "email", "email_of_several_contacts"
    elif around.strangers_with_email:
        yield (0.8 if agrees else 0.6), "email", "email_of_several_profiles"
    elif is_shared_mailbox(email) or (contact.is_company and not agrees):
        yield (0.8 if agrees else 0.6), "email", "shared_mailbox"
    elif names == "different":
        yield 0.65, "email", "email_other_name"
    elif names == "near" or (names == "apart" and joined(profile.name) != re.sub("[^a-z]", "", email.split("@")[0])):
        yield 0.85, "email", "email_other_name"
    else:
        yield (0.97 if agrees else 0.95), "email", "same_email"


def _by_site(profile, contact, around, names):
    site = site_key(contact.website)
    if not site:
        return
    verified = {site_key(url) for url in profile.verified_urls}
    agrees = names in ("same", "alike")
    if site in verified:
        if around.contacts_with_site > 1:
            yield (0.8 if agrees else 0.6), "url", "site_of_several_contacts"
        elif around.profiles_with_site > 1:
            yield (0.8 if agrees else 0.6), "url", "site_of_several_profiles"
        elif names in ("different", "near", "apart") or (contact.is_company and not agrees):
            yield 0.7, "url", "site_other_name"
        else:
            yield 0.95, "url", "same_site"
    elif site == site_key(profile.url):
        yield (0.75 if agrees else 0.55), "url", "site_claimed"


def _by_name(profile, contact, around, names, voided):
    handle = profile_handle(profile).split("@")[0].split(".")[0]
    spelt = re.sub("[^a-z]", "", slugify(handle, separator=""))
    if names not in ("same", "alike", "near"):
        if not spelt or len(spelt) < 5 or spelt != joined(contact.name) or names == "different":
            return
        names = "handle"
    if voided or profile.bot:
        return
    known = {(network, realm) for network, realm, _external_id in contact.profiles}
    if (profile.network, profile.realm) in known:
        yield 0.3, "name", "has_profile_there"  # the same name a second time on one network: somebody pretends
        return
    sure = {"same": 0.55, "alike": 0.45, "near": 0.4, "handle": 0.45}[names]
    if around.contacts_with_name > 1:
        sure -= 0.15
        yield 0.0, "name", "namesakes"
    # of the handle what the person chose: the server says nothing of them
    about = {*words(profile.name), *words(handle.replace("_", " "))}
    hosts = {host_of(key) for key in map(site_key, profile.verified_urls) if key}
    mail = email_key(profile.email).partition("@")[2]
    if set(contact.domains) & ({mail, *hosts} - PUBLIC_MAIL - SHARED_HOSTS - {""}):
        sure += 0.25
        yield 0.0, "name", "same_company"
    elif contact.company and set(words(contact.company)) - FORMS and set(words(contact.company)) - FORMS <= about:
        sure += 0.2
        yield 0.0, "name", "same_company"
    if contact.city and set(words(contact.city)) <= about - set(words(contact.name)):
        sure += 0.15
        yield 0.0, "name", "same_city"
    if names != "handle" and spelt and spelt == joined(contact.name):
        sure += 0.05
        yield 0.0, "name", "handle_spells_name"
    told = {"same": "same_name", "alike": "alike_name", "near": "near_name", "handle": "handle_spells_name"}
    yield min(sure, 0.85), "name", told[names]
