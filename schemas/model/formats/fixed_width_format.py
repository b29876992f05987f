"""Text whose columns stand at fixed places of each line."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import accumulate
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from citylake.schemas.model.formats.csv_format import Encoding
from citylake.schemas.model.formats.format_base import SourceFormat

Span = Annotated[tuple[Annotated[int, Field(gt=0)], ...], Field(min_length=1, max_length=2)]
"""The first and the last character of a column, from 1; without the last, it goes to the end of the line."""


class FixedWidthFormat(SourceFormat):
    """A row a line. ``columns: {station: [1, 5], day: [7, 16], note: [18]}`` counts characters from 1.

    ``widths: {station: 5, day: 10}`` gives columns that follow one another. Blanks around a value are no part of it;
    a field of blanks has no value. ``title_rows`` counts every line above the data, the one with the names as well.
    """

    type: Literal["fixed_width"] = "fixed_width"
    columns: dict[str, Span] | None = None
    widths: dict[str, Annotated[int, Field(gt=0)]] | None = None
    encoding: Encoding | None = None
    title_rows: int = Field(0, ge=0)
    footer: str | None = None
    comment: str | None = Field(None, min_length=1)
    short_lines: Literal["refuse", "blank"] = "refuse"
    """A line that ends before its last column does: refused, or read as if blanks followed (they were trimmed)."""
    bad_rows: Literal["quarantine", "hold"] = "quarantine"
    """``quarantine``: a short line is refused alone. ``hold``: it holds the file."""

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if bool(self.columns) == bool(self.widths):
            raise ValueError("columns or widths is needed, and not both")
        for name, span in (self.columns or {}).items():
            if len(span) == 2 and span[1] < span[0]:
                raise ValueError(f"{name} ends before it starts")
        return self

    def spans(self) -> Mapping[str, tuple[int, int | None]]:
        """Of each column, its offset from 0 and its length; None for one that goes to the end of the line."""
        if self.widths:
            offsets = accumulate(self.widths.values(), initial=0)
            return dict(zip(self.widths, zip(offsets, self.widths.values(), strict=False), strict=True))
        spans = {name: (span[0], span[-1] if len(span) == 2 else None) for name, span in (self.columns or {}).items()}
        return {name: (first - 1, last - first + 1 if last else None) for name, (first, last) in spans.items()}
