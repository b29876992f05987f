"""A console for data: nothing in them is markup, an emoji's name or a code for the terminal."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.text import Text

from citylake.pipelines.cli.terminal_text import escape_controls


class PlainConsole(Console):
    """A console on which ``[x]`` and escape codes are text. What is to be styled is a :class:`Text`."""

    def render_str(self, text: str, **settings: Any) -> Text:
        """Text of a print or of a table's cell, escaped before its width is measured."""
        return super().render_str(escape_controls(text), **{**settings, "markup": False, "emoji": False})

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """All segments; a styled text that quotes data is escaped, too."""
        for segment in super().render(renderable, options):
            yield segment if segment.control else segment._replace(text=escape_controls(segment.text))
