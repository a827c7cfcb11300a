"""Addresses of people: mailboxes, sites and handles, as they are compared."""

import re
from urllib.parse import urlsplit

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


def host_of(key):
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
