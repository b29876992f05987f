"""Text of data on a terminal: shown as it is, never interpreted as codes that move the cursor or hide text."""

from __future__ import annotations

import re
import sys

# C0 without tab and line feed, DEL, C1, line separators, the marks that turn the direction of text around, and halves
# of characters, which an output cannot encode.
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def escape_controls(text: str) -> str:
    r"""The text with control characters as ``\x1b`` or ``\u202e``."""
    return _CONTROLS.sub(lambda found: _escaped(ord(found[0])), text)


def escape_json(text: str) -> str:
    r"""JSON text with the control characters of its strings as ``\u009b``: the same document, and safe to look at."""
    return _CONTROLS.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _escaped(code: int) -> str:
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def print_text(text: str, *, error: bool = False, end: str = "\n") -> None:
    """Print text that may quote data, to standard output, or to standard error if ``error``."""
    print(escape_controls(text), file=sys.stderr if error else sys.stdout, end=end)
