"""Which addresses belong to the public internet. The platform's way out runs this file, too."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_network

Address = IPv4Address | IPv6Address

_GLOBAL_UNICAST = ip_network("2000::/3")
"""All of IPv6 that is given out (https://www.iana.org/assignments/ipv6-address-space)."""
_NAT64 = ip_network("64:ff9b::/96")
"""IPv4 addresses as networks without IPv4 write them (RFC 6052)."""
# Not public, although Python (https://docs.python.org/3/library/ipaddress.html) calls them global in some versions.
_NEVER = tuple(
    ip_network(network)
    for network in (
        "192.0.0.0/24",  # protocol assignments, Oracle's metadata service among them
        "192.88.99.0/24",  # relays of 6to4
        "168.63.129.16/32",  # Azure's host (https://learn.microsoft.com/azure/virtual-network/what-is-ip-address-168-63-129-16)
        "2001::/32",  # Teredo: an IPv4 address behind a relay
        "3fff::/20",  # documentation (RFC 9637)
    )
)


def is_public(address: Address) -> bool:
    """Return whether an address belongs to the public internet. If it contains an IPv4 address, that one counts."""
    if isinstance(address, IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if address in _NAT64:
            inner = IPv4Address(int(address) & 0xFFFF_FFFF)
        if inner is not None:
            return is_public(inner)
        if address not in _GLOBAL_UNICAST or address.scope_id:
            return False
    return address.is_global and not address.is_multicast and not any(address in network for network in _NEVER)
