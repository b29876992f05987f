"""A body that was packed on its way, unpacked to its very end: one that is cut short is no shorter body."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Any

import httpx

_CHUNK = 1 << 20
_PACKED = frozenset({"gzip", "x-gzip", "deflate"})
_REFUSED = frozenset({"br", "zstd", "compress", "x-compress"})
_ANY = zlib.MAX_WBITS | 32
"""Either header, that of gzip or that of zlib (``deflate`` of RFC 9110, 8.4.1.2)."""
ACCEPT_ENCODING = "gzip, deflate"


def decode_body(response: httpx.Response) -> Iterator[bytes]:
    """The body in bounded chunks; raises ``httpx.DecodingError`` where it is broken, cut, or packed in another way.

    A gzip body may have several members, one after another (RFC 1952, 2.2).
    """
    packing = response.headers.get("content-encoding", "").strip().lower()
    if packing in _REFUSED:
        raise httpx.DecodingError(f"packed as {packing}, which was not asked for", request=response.request)
    # Some servers put a character set here: that packs nothing.
    return _decode_members(response) if packing in _PACKED else response.iter_raw()


def _decode_members(response: httpx.Response) -> Iterator[bytes]:
    member: Any = None
    try:
        for raw in response.iter_raw():
            rest, full = raw, False
            while rest or full:
                if member is None or member.eof:
                    # Zeros may fill up the end, as gzip's own tools let them.
                    rest = rest.lstrip(b"\0") if member else rest
                    member = zlib.decompressobj(_ANY) if rest else member
                if member.eof:
                    break
                chunk = member.decompress(rest, _CHUNK)
                yield chunk
                rest, full = member.unused_data or member.unconsumed_tail, len(chunk) == _CHUNK
    except zlib.error as error:
        raise httpx.DecodingError(str(error), request=response.request) from None
    if member is not None and not member.eof:
        raise httpx.DecodingError("the packed body ends too early", request=response.request)
