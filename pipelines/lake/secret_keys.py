"""Secret keys: never in a declaration, a ledger, an error or a log.

They come from ``CITYLAKE_KEY_<NAME>``, or from a lookup that :func:`register_key_lookup` added.
"""

from __future__ import annotations

import binascii
import os
import re
from base64 import urlsafe_b64decode
from collections.abc import Callable
from typing import Final

from citylake.schemas.words.errors import CitylakeError

KeyLookup = Callable[[str], str | None]
"""Returns a key's text by its name; None if it is unknown."""
KEY_BYTES: Final = 32

_key_lookups: list[KeyLookup] = []


def register_key_lookup(look_up: KeyLookup) -> None:
    """Add ``look_up`` for keys that are not in the environment."""
    if look_up not in _key_lookups:
        _key_lookups.append(look_up)


def key_variable(name: str) -> str:
    """The environment variable of a key."""
    return "CITYLAKE_KEY_" + re.sub(r"\W", "_", name).upper()


def read_key_text(name: str) -> str | None:
    """The text of the key ``name``; None if it is not defined."""
    if text := os.environ.get(key_variable(name)):
        return text
    return next((found for look_up in _key_lookups if (found := look_up(name))), None)


def read_secret_key(name: str) -> bytes:
    """The key ``name``, at least 32 bytes, written in base64. Raises KEY_UNSET or KEY_BROKEN."""
    text = read_key_text(name)
    if text is None:
        raise CitylakeError("KEY_UNSET", key=name, variable=key_variable(name))
    try:
        key = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        key = b""
    if len(key) < KEY_BYTES:
        # The cause could contain the key.
        raise CitylakeError("KEY_BROKEN", key=name, variable=key_variable(name), bytes=KEY_BYTES) from None
    return key
