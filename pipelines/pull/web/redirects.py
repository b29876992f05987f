"""Where a redirect may lead: a server must not send us into the city's own network, or our keys elsewhere."""

from __future__ import annotations

import socket
from ipaddress import ip_address
from urllib.parse import urlsplit

from pipelines.pull.web.ask import NOWHERE, origin
from schemas.source import HttpBase


def may_follow(source: HttpBase, target: str) -> bool:
    """Whether the contract lets a redirect lead to ``target``."""
    if origin(target) == origin(source.url):
        return True
    if origin(target) == NOWHERE:
        return False
    parts = urlsplit(target)
    down = urlsplit(source.url).scheme == "https" and parts.scheme != "https"
    if source.redirects == "origin" or down or parts.scheme not in ("http", "https"):
        return False
    return source.redirects == "any" or is_public(parts.hostname or "")


def is_public(host: str) -> bool:
    """Whether every address of ``host`` is a public one."""
    try:
        found = socket.getaddrinfo(host, None)
    except OSError:
        return False
    return all(ip_address(str(address[4][0]).partition("%")[0]).is_global for address in found)


def is_loopback(url: str) -> bool:
    """Whether ``url`` is on this machine."""
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
