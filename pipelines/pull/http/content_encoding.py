"""Decoding of compressed bodies; a truncated one is an error, never a shorter body."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Any

import httpx

_CHUNK = 1 << 20
_PACKED = frozenset({"gzip", "x-gzip", "deflate"})
_REFUSED = frozenset({"br", "zstd", "compress", "x-compress"})
_ANY = zlib.MAX_WBITS | 32
"""Accepts the header of gzip and that of zlib (``deflate`` of RFC 9110, 8.4.1.2)."""
ACCEPT_ENCODING = "gzip, deflate"


def decode_body(response: httpx.Response) -> Iterator[bytes]:
    """The body in bounded chunks; raises ``httpx.DecodingError`` if it is corrupt, truncated or of another encoding.

    A gzip body may have several members, one after another (RFC 1952, 2.2).
    """
    packing = response.headers.get("content-encoding", "").strip().lower()
    if packing in _REFUSED:
        raise httpx.DecodingError(f"packed as {packing}, which was not asked for", request=response.request)
    # Some servers put a character set here, which is no encoding of the body.
    return _decode_members(response) if packing in _PACKED else response.iter_raw()


def _decode_members(response: httpx.Response) -> Iterator[bytes]:
    member: Any = None
    try:
        for raw in response.iter_raw():
            rest, full = raw, False
            while rest or full:
                if member is None or member.eof:
                    # Zero padding at the end is allowed, as in gzip.
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
