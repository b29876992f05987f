"""JSON texts inside JSON documents, replaced by what they contain."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any


def decode_nested_json(document: Any, paths: Iterable[str], decode: Callable[[str], Any] = json.loads) -> Any:
    """``document`` with the texts at ``paths`` decoded, also if they are nested.

    A text that is not JSON stays, because it may be the server's message; other values stay too.
    """
    for path in paths:
        document = _decode_at(document, path.split(".") if path else [], decode)
    return document


def _decode_at(value: Any, keys: list[str], decode: Callable[[str], Any]) -> Any:
    if not keys:
        return _decode_text(value, decode)
    if isinstance(value, dict) and keys[0] in value:
        return {**value, keys[0]: _decode_at(value[keys[0]], keys[1:], decode)}
    return value


def has_json_path(document: Any, path: str) -> bool:
    """Whether a value is at ``path``, after the texts above it were decoded."""
    for key in path.split(".") if path else []:
        if not isinstance(document, dict) or key not in document:
            return False
        document = document[key]
    return True


def _decode_text(value: Any, decode: Callable[[str], Any]) -> Any:
    while isinstance(value, str) and value.lstrip().startswith(("{", "[", '"')):
        try:
            value = decode(value)
        except (ValueError, RecursionError):
            return value
    return value
