"""Options and output shared by all commands. Workspace and lake are read only when a command needs them."""

from __future__ import annotations

import json
import math
import sys
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from citylake.pipelines.cli.terminal_text import escape_json, print_text
from citylake.schemas.words.errors import CitylakeError
from citylake.schemas.words.message_catalogue import translate_key

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from citylake.pipelines.context import RunContext
    from citylake.pipelines.lake.lake_zones import Lake
    from citylake.schemas.model.contract import Contract
    from citylake.schemas.read.registry import Registry

JsonOption = Annotated[
    bool, typer.Option("--json", help="Print one JSON document to standard output, and nothing else.")
]

OutputOption = Annotated[
    Path | None, typer.Option("--output", help="Write a CSV file that opens in Excel: UTF-8 with BOM, no formulas.")
]


@dataclass(frozen=True, slots=True)
class SharedOptions:
    """The global options."""

    workspace: Path | None
    url: str

    def registry(self) -> Registry:
        """The workspace's declarations that can run; raises WORKSPACE_NOT_CHOSEN, and DECLARATIONS_INVALID if none."""
        from citylake.schemas.lint.valid_registry import load_sound_registry
        from citylake.schemas.read.find_workspace import find_workspace

        return load_sound_registry(find_workspace(self.workspace))

    def lake(self) -> Lake:
        """Open the lake for reading. Raises LAKE_UNUSABLE, or LAKE_UNREACHABLE if its store does not respond."""
        from citylake.pipelines.lake.lake_access import check_readable
        from citylake.pipelines.lake.lake_zones import Lake

        return check_readable(Lake(self.url))

    def context(
        self, day_from: datetime | None = None, day_to: datetime | None = None, *, writing: bool = False
    ) -> RunContext:
        """Return the context of a new run for the days from ``day_from`` to ``day_to``, both inclusive.

        ``writing`` also checks that the lake can be written to. Raises DAYS_REVERSED and what ``registry`` and ``lake``
        raise.
        """
        from citylake.pipelines.context import RunContext, new_run, run_variables
        from citylake.pipelines.lake.lake_access import check_writable
        from citylake.pipelines.lake.ledger import Ledger

        first, last = _date_of(day_from), _date_of(day_to)
        if first and last and first > last:
            raise CitylakeError("DAYS_REVERSED", first=first, last=last)
        registry, lake = self.registry(), check_writable(self.lake()) if writing else self.lake()
        this = new_run(first, last)
        return RunContext(registry, lake, Ledger(lake), this, run_variables(registry, this))

    def contract(self, registry: Registry, dataset: str) -> Contract:
        """Return the contract of one dataset. Raises DATASET_UNKNOWN."""
        from citylake.pipelines.flow.run_order import order_datasets

        return next(found for found in order_datasets(registry, [dataset]) if found.dataset == dataset)


def _date_of(moment: datetime | None) -> date | None:
    return moment.date() if moment else None


def save_spreadsheet(path: Path, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Write a CSV file that opens in Excel, and report it on standard error. Raises OUTPUT_UNWRITABLE."""
    from citylake.pipelines.read.spreadsheet_csv import write_spreadsheet_csv

    try:
        write_spreadsheet_csv(path, columns, rows)
    except OSError as error:
        raise CitylakeError("OUTPUT_UNWRITABLE", file=str(path), why=error.strerror or str(error)) from error
    print_text(translate_key("run.saved", file=path, count=f"{len(rows):,}"), error=True)


def print_json(document: Any) -> None:
    """Print one JSON document to standard output."""
    encoder = json.JSONEncoder(ensure_ascii=False, indent=2, default=str, allow_nan=False)
    sys.stdout.writelines(map(escape_json, encoder.iterencode(_json_safe(document))))
    sys.stdout.write("\n")


def _json_safe(value: Any) -> Any:
    """Return the value with NaN and infinities as text, because JSON cannot represent them as numbers."""
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, dict):
        return {str(key): _json_safe(item) for key, item in value.items()}
    return [_json_safe(item) for item in value] if isinstance(value, list | tuple) else value


def make_console(*, error: bool = False) -> Console:
    """Return a console for standard output, or for standard error if ``error``. It shows data as they are."""
    from citylake.pipelines.cli.plain_console import PlainConsole

    return PlainConsole(stderr=error, highlight=False, soft_wrap=False)
