"""Checks of redirects: a server must not redirect into the internal network, or credentials to another host."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

from citylake.pipelines.pull.http.http_request import NO_ORIGIN, url_origin
from citylake.schemas.model.source import HttpBase

_NAT64 = IPv6Network("64:ff9b::/96")
Resolve = Callable[[str], Sequence[str]]
"""The addresses of a host; raises OSError."""


def may_follow_redirect(source: HttpBase, target: str, resolve: Resolve) -> bool:
    """Whether the contract allows a redirect to ``target``; the connection must go to what ``resolve`` returned."""
    if url_origin(target) == url_origin(source.url):
        return True
    if url_origin(target) == NO_ORIGIN:
        return False
    parts = urlsplit(target)
    down = urlsplit(source.url).scheme == "https" and parts.scheme != "https"
    if source.redirects == "origin" or down or parts.scheme not in ("http", "https"):
        return False
    return source.redirects == "any" or is_public_host(parts.hostname or "", resolve)


def is_public_host(host: str, resolve: Resolve) -> bool:
    """Whether every address of ``host`` is public; False if it has none."""
    try:
        found = resolve(host)
    except (OSError, UnicodeError):
        return False
    return bool(found) and all(_is_public(ip_address(each.partition("%")[0])) for each in found)


def _is_public(address: IPv4Address | IPv6Address) -> bool:
    """Also for the address of IPv4 that one of IPv6 stands for."""
    if isinstance(address, IPv6Address):
        within = address.ipv4_mapped or address.sixtofour
        if address in _NAT64:
            within = IPv4Address(int(address) & 0xFFFFFFFF)
        if within is not None:
            return _is_public(within)
    return address.is_global and not address.is_multicast


def is_loopback_url(url: str) -> bool:
    """Whether ``url`` is on this machine."""
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
