"""Is the person behind a profile a contact of ours?  Evidence in, how sure and why out.

A wrong link tells one customer's affairs to another, so certainty is asked for: only something that a person alone
holds (an own mailbox, an address that the network verified, a handle that is known to be theirs) links, and only if
nothing contradicts it.  Names, places and companies propose, however many of them agree.
"""

import re
from dataclasses import dataclass, field
from hashlib import blake2b
from itertools import combinations
from urllib.parse import urlsplit

from slugify import slugify

from .names import FORMS, compare_names, joined, skeleton, words

#: from here on a link is made without asking
CERTAIN = 0.9
#: from here on a link is proposed
LIKELY = 0.5
#: what evidence reaches that proves nothing by itself, however much of it there is
MOST_LIKELY = 0.89

#: mailboxes that several people read
ROLES = frozenset(
    """abuse accounts admin administracion administration ambassador atencion atencionalcliente ayuda billing booking
    bookings careers casa clientes comercial commercial comunicacion compras consultas contabilidad contact contacto
    correo customer customercare customerservice direccion direction empleo enquiries equipo eventos events export
    facturacion facturas familia family feedback finance general gerencia hello help helpdesk hi hola home hostmaster
    hotel hr info informacion information inquiries invoice invoices it jobs mail mailbox marketing media news
    newsletter noreply office oficina orders pedidos personal postmaster prensa presidencia press privacy proveedores
    public purchasing recepcion reception recruiting redaccion registro reservas reservation reservations restaurant
    restaurante rrhh sac sales secretaria secretary security service servicio servicios shop soporte staff store support
    taller team tecnico tienda ventas web webmaster welcome""".split()
)
#: words with which mailboxes of houses begin
HOUSES = ("hotel", "hostal", "restaurant", "familia", "family", "info", "contact", "noreply", "donotreply")
#: hosts where everybody may have a page: there the path says whose it is
SHARED_HOSTS = frozenset(
    """about.me behance.net bio.link blogspot.com facebook.com flickr.com github.com github.io gitlab.com gravatar.com
    instagram.com ko-fi.com linkedin.com linktr.ee mastodon.social medium.com notion.site patreon.com pinterest.com
    reddit.com sites.google.com soundcloud.com substack.com t.me telegram.me threads.net tiktok.com tumblr.com
    twitch.tv twitter.com vimeo.com wordpress.com x.com youtu.be youtube.com""".split()
)
#: networks where many hosts of mail are anybody's, so that a domain says nothing of a company
PUBLIC_MAIL = frozenset(
    """aol.com gmail.com gmx.com gmx.de gmx.net googlemail.com hotmail.com hotmail.es icloud.com live.com mail.com
    me.com msn.com outlook.com outlook.es proton.me protonmail.com telefonica.net terra.es web.de yahoo.com yahoo.es
    yandex.com zoho.com""".split()
)
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


# -- addresses -------------------------------------------------------------------------------------------------------


def email_key(email):
    """Return an e-mail address as it is compared, empty if it is none."""
    email = (email or "").strip().lower()
    return email if re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", email) else ""


def is_shared_mailbox(email):
    """Return whether a mailbox is read by several people, as far as its name tells."""
    local = re.sub(r"[^a-z]", "", email.split("@")[0].split("+")[0])
    pieces = re.split(r"[^a-z]+", email.split("@")[0])
    return local in ROLES or local.startswith(HOUSES) or any(piece in ROLES for piece in pieces if len(piece) > 3)


def site_key(url):
    """Return the address of a site or page as it is compared, empty where everybody has the same.

    >>> site_key("https://www.Ana.example/"), site_key("github.com"), site_key("https://github.com/Ana/")
    ('ana.example', '', 'github.com/ana')
    """
    url = (url or "").strip()
    if not url:
        return ""
    try:
        parts = urlsplit(url if "//" in url else f"//{url}")
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError:
        return ""
    if "." not in host:
        return ""
    path = parts.path.strip("/").lower()
    if host in SHARED_HOSTS and not path:
        return ""
    return f"{host}/{path}" if path else host


def _host(key):
    return key.split("/")[0]


def handle_key(network, handle):
    """Return a handle as it is compared: lower case, without what each network puts before it.

    The address of a profile is understood too.

    >>> handle_key("mastodon", "https://social.example/@Ana"), handle_key("bluesky", "@ana.example")
    ('ana@social.example', 'ana.example')
    """
    handle = (handle or "").strip().lower()
    if "://" in handle:
        parts = urlsplit(handle)
        pieces = [piece for piece in parts.path.split("/") if piece]
        own = next((piece for piece in pieces if piece.startswith("@")), "")
        if own and network not in ("youtube", "tiktok", "threads", "medium"):
            name = own.lstrip("@")
            return name if "@" in name else f"{name}@{(parts.hostname or '').removeprefix('www.')}"
        handle = own or (pieces[-1] if pieces else "")
    return handle.lstrip("@").rstrip("/")


def profile_handle(profile):
    """Return the handle of a profile as it is compared, with the server where the network has several."""
    key = handle_key(profile.network, profile.handle)
    if key and profile.realm and not profile.realm.startswith(UNVOUCHED) and "@" not in key and "." not in key:
        return f"{key}@{profile.realm.lower()}"
    return key


# -- keys ------------------------------------------------------------------------------------------------------------


def _hash(kind, *parts):
    return kind + blake2b("\0".join(parts).encode(), digest_size=8).hexdigest()


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
        elif names in ("different", "apart"):
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
    elif names == "apart" and joined(profile.name)[:4] not in re.sub("[^a-z]", "", email.split("@")[0]):
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
        elif names in ("different", "apart") or (contact.is_company and not agrees):
            yield 0.7, "url", "site_other_name"
        else:
            yield 0.95, "url", "same_site"
    elif site == site_key(profile.url):
        yield (0.75 if agrees else 0.55), "url", "site_claimed"


def _by_name(profile, contact, around, names, voided):
    handle = profile_handle(profile).split("@")[0].split(".")[0]
    spelt = re.sub("[^a-z]", "", slugify(handle, separator=""))
    if names not in ("same", "alike"):
        if not spelt or len(spelt) < 5 or spelt != joined(contact.name) or names == "different":
            return
        names = "handle"
    if voided or profile.bot:
        return
    known = {(network, realm) for network, realm, _external_id in contact.profiles}
    if (profile.network, profile.realm) in known:
        yield 0.3, "name", "has_profile_there"  # the same name a second time on one network: somebody pretends
        return
    sure = {"same": 0.55, "alike": 0.45, "handle": 0.45}[names]
    if around.contacts_with_name > 1:
        sure -= 0.15
        yield 0.0, "name", "namesakes"
    about = {*words(profile.name), *words(profile.handle.replace("_", " "))}
    hosts = {_host(key) for key in map(site_key, profile.verified_urls) if key}
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
    yield min(sure, 0.85), "name", {"same": "same_name", "alike": "alike_name", "handle": "handle_spells_name"}[names]
