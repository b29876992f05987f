"""Text of data on a terminal: shown as it is, never interpreted as markup or as codes that move the cursor."""

from __future__ import annotations

import re
from typing import Any

from rich.console import Console
from rich.text import Text

# C0 without tab and line feed, DEL, C1, and the marks that turn the direction of text around.
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def escape_controls(text: str) -> str:
    r"""The text with control characters as ``\x1b`` or ``\u202e``."""
    return _CONTROLS.sub(lambda found: _escaped(ord(found[0])), text)


def _escaped(code: int) -> str:
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


class PlainConsole(Console):
    """A console for data: ``[x]`` and escape codes are text. What is to be styled is a :class:`Text`."""

    def render_str(self, text: str, **settings: Any) -> Text:
        """Text of a print or of a table's cell."""
        return super().render_str(escape_controls(text), **{**settings, "markup": False, "emoji": False})
