"""What commands share: the workspace and the lake, read only when a command needs them."""

from __future__ import annotations

import json
import math
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from pipelines.lake import Lake
    from schemas.registry import Registry

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document on standard output and nothing else.")]


@dataclass(frozen=True, slots=True)
class Shared:
    """The global options."""

    workspace: Path | None
    url: str

    def registry(self) -> Registry:
        """The workspace's declarations; raises DECLARATIONS_INVALID where they are faulty."""
        from schemas.checked import require

        return require(self.workspace)

    def lake(self) -> Lake:
        """The lake; raises LAKE_UNUSABLE where its place does not answer."""
        from pipelines.lake import Lake
        from pipelines.usable import readable

        return readable(Lake(self.url))


def print_json(document: Any) -> None:
    """One JSON document on standard output."""
    json.dump(_sayable(document), sys.stdout, ensure_ascii=False, indent=2, default=str, allow_nan=False)
    sys.stdout.write("\n")


def _sayable(value: Any) -> Any:
    """The value with NaN and infinities as text, for JSON has no numbers for them."""
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, dict):
        return {str(key): _sayable(item) for key, item in value.items()}
    return [_sayable(item) for item in value] if isinstance(value, list | tuple) else value


def console(*, error: bool = False) -> Console:
    """A terminal to print to."""
    from rich.console import Console

    return Console(stderr=error, highlight=False, soft_wrap=False)
