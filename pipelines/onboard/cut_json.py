"""The beginning of a JSON document as a document: what is cut off is left out."""

from __future__ import annotations

import json
import re
from typing import Any

_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"|[\[\]{},]', re.DOTALL)
_CLOSING = {b"{": b"}", b"[": b"]"}


def complete_cut_json(beginning: bytes) -> Any:
    """The document up to its last complete member or item; None if it is no JSON."""
    open_brackets: list[bytes] = []
    end, closing = 0, b""
    for found in _TOKEN.finditer(beginning):
        token = found[0]
        if token in _CLOSING:
            open_brackets.append(token)
        elif token in (b"}", b"]") and open_brackets:
            open_brackets.pop()
        elif token == b",":
            end, closing = found.start(), b"".join(_CLOSING[each] for each in reversed(open_brackets))
    try:
        return json.loads(beginning[:end] + closing) if end else None
    except (ValueError, RecursionError):
        return None
