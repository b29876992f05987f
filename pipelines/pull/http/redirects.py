"""Checks of redirects: a server must not redirect into the internal network, or credentials to another host."""

from __future__ import annotations

import socket
from ipaddress import ip_address
from urllib.parse import urlsplit

from citylake.pipelines.pull.http.http_request import NO_ORIGIN, url_origin
from citylake.schemas.model.source import HttpBase


def may_follow_redirect(source: HttpBase, target: str) -> bool:
    """Whether the contract allows a redirect to ``target``."""
    if url_origin(target) == url_origin(source.url):
        return True
    if url_origin(target) == NO_ORIGIN:
        return False
    parts = urlsplit(target)
    down = urlsplit(source.url).scheme == "https" and parts.scheme != "https"
    if source.redirects == "origin" or down or parts.scheme not in ("http", "https"):
        return False
    return source.redirects == "any" or is_public_host(parts.hostname or "")


def is_public_host(host: str) -> bool:
    """Whether every address of ``host`` is public."""
    try:
        found = socket.getaddrinfo(host, None)
    except OSError:
        return False
    return all(ip_address(str(address[4][0]).partition("%")[0]).is_global for address in found)


def is_loopback_url(url: str) -> bool:
    """Whether ``url`` is on this machine."""
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
