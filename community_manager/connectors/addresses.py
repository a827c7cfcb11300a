"""Which addresses a channel may read: the public Internet, and what an administrator allows beside it."""

import ipaddress

#: Looks public, but answers only inside: Azure's machine metadata service.
_INSIDE = frozenset({ipaddress.ip_address("168.63.129.16")})

#: What :mod:`ipaddress` of older Python versions takes for public, or only newer ones know.
_NOT_PUBLIC = tuple(
    ipaddress.ip_network(network)
    for network in (
        "0.0.0.0/8",
        "100.64.0.0/10",
        "192.0.0.0/24",
        "192.88.99.0/24",
        "198.18.0.0/15",
        "240.0.0.0/4",
        "100::/64",
        "2001:db8::/32",
        "3fff::/20",
        "5f00::/16",
        "fc00::/7",
        "fe80::/10",
        "fec0::/10",
    )
)

#: IPv6 networks that carry an IPv4 address, and where its four bytes begin.
_CARRIERS = tuple(
    (ipaddress.ip_network(network), first)
    for network, first in (
        ("::ffff:0:0/96", 12),  # mapped
        ("::ffff:0:0:0/96", 12),  # translated (SIIT)
        ("::/96", 12),  # compatible, obsolete
        ("64:ff9b::/96", 12),  # NAT64
        ("64:ff9b:1::/48", 12),  # NAT64 of one's own network
        ("2002::/16", 2),  # 6to4
    )
)
_TEREDO = ipaddress.ip_network("2001::/32")


def _carried(address):
    """Yield the IPv4 addresses that an IPv6 address stands for."""
    packed = address.packed
    for network, first in _CARRIERS:
        if address in network:
            yield ipaddress.IPv4Address(packed[first : first + 4])
    if address in _TEREDO:
        yield ipaddress.IPv4Address(packed[4:8])
        yield ipaddress.IPv4Address(bytes(byte ^ 0xFF for byte in packed[12:16]))


def is_public(text):
    """Return whether an IP address belongs to the public Internet.

    Everything else does not: private, shared, loopback, link-local (with the metadata services of cloud providers),
    multicast, reserved and documentation networks, also when an IPv6 address only carries such an IPv4 address.

    >>> is_public("93.184.215.14"), is_public("10.1.2.3"), is_public("::ffff:127.0.0.1")
    (True, False, False)
    """
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return False
    if address.version == 6:
        if not all(is_public(str(carried)) for carried in _carried(address)):
            return False
        if address.is_site_local:
            return False
    if address in _INSIDE or any(address in network for network in _NOT_PUBLIC if network.version == address.version):
        return False
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)


class Allowed:
    """Hosts that the guard lets through although their addresses are not public.

    >>> allowed = Allowed(["intranet.example", "127.0.0.1:8080", "10.2.0.0/16"])
    >>> allowed.permits("intranet.example", 443, "10.9.9.9"), allowed.permits("127.0.0.1", 80, "127.0.0.1")
    (True, False)
    """

    def __init__(self, entries=()):
        """:param entries: "host", "host:port" or a network such as "10.2.0.0/16"; anything else allows nothing"""
        self._hosts = set()
        self._networks = []
        for entry in entries:
            entry = entry.strip().lower()
            if "/" in entry:
                try:
                    self._networks.append(ipaddress.ip_network(entry, strict=False))
                except ValueError:
                    continue
            elif entry:
                self._hosts.add(self._split(entry))

    @staticmethod
    def _split(entry):
        """Return (host, port or None) of "host", "host:port", "::1" or "[::1]:port"."""
        if entry.startswith("["):
            host, _sep, port = entry[1:].partition("]")
            port = port.lstrip(":")
        elif entry.count(":") == 1:
            host, _sep, port = entry.partition(":")
        else:
            host, port = entry, ""
        return host.rstrip("."), int(port) if port.isdigit() else None

    def permits(self, host, port, address):
        """Return whether ``host`` at ``port``, found at ``address``, may be connected to."""
        host = host.strip("[]").rstrip(".").lower()
        if (host, None) in self._hosts or (host, port) in self._hosts:
            return True
        if self._networks:
            found = ipaddress.ip_address(address.partition("%")[0])
            return any(found in network for network in self._networks if network.version == found.version)
        return False
