"""Which addresses may be connected to: public ones, and what the user names."""

from __future__ import annotations

from collections.abc import Collection
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from urllib.parse import SplitResult, urlsplit

LOOPBACK = ("localhost", "127.0.0.1", "::1")
"""The hosts that mean this very machine; only with them plain http is spoken."""

METADATA = frozenset(map(ip_address, ("168.63.129.16", "192.0.0.192", "fd00:ec2::254")))
"""Where clouds tell a machine its own secrets, beside link-local addresses: Azure (a public one), Oracle, Amazon."""

_INSIDE = (IPv4Network("192.0.0.0/24"), IPv6Network("64:ff9b:1::/48"), IPv6Network("fec0::/10"))
"""What some versions of Python take for public."""

_NAT64 = IPv6Network("64:ff9b::/96")

Address = IPv4Address | IPv6Address
Origin = tuple[str, str, int]
"""Scheme, host and port."""


def origin_of(address: str) -> Origin:
    """The origin of an absolute http or https URL; raises ValueError where its port is none."""
    parts = urlsplit(address)
    return parts.scheme, parts.hostname or "", port_of(parts)


def port_of(parts: SplitResult) -> int:
    """The port as written, or that of the scheme; raises ValueError where it is none."""
    return parts.port or (443 if parts.scheme == "https" else 80)


def may_reach(address: str, host: str, allowed: Collection[str]) -> bool:
    """Whether a connection to this numeric address is allowed for a host as the user wrote it.

    A host in `allowed` may be anywhere but at a link-local or metadata address; those must be in it themselves.
    """
    found = _unwrapped(ip_address(address.partition("%")[0]))
    if str(found) in allowed:
        return True
    if host in LOOPBACK:
        return found.is_loopback
    if found.is_multicast or found.is_link_local or found in METADATA:
        return False
    return host in allowed or (found.is_global and not any(found in network for network in _INSIDE))


def _unwrapped(address: Address) -> Address:
    """The address, or the IPv4 address that an IPv6 one only wraps."""
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    teredo = address.teredo[1] if address.teredo else None
    return address.ipv4_mapped or address.sixtofour or teredo or address
