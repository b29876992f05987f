"""The values of cells as the text that a person would see, with what kind of value each is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

import polars as pl

from citylake.pipelines.parse.xlsx.shared_strings import SharedStrings, plain_text, plain_texts, rich_text
from citylake.pipelines.parse.xlsx.sheet_xml import SheetBrokenError
from citylake.pipelines.parse.xlsx.workbook_parts import WorkbookParts

NUMBER, MOMENT, SPAN = 1, 2, 3
"""Kinds of values besides texts (0)."""
LAST_SERIAL = 2_958_465
"""9999-12-31 as a serial date."""
MOMENT_TEXT = r"^\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d"
MOMENT_FORMAT = "%Y-%m-%d %H:%M:%S%.f"
_LONGEST_SPAN = 3653
"""A duration is shorter, in days; what is longer is a date in a column of durations."""
_EXACT = r"^-?(?:0|[1-9]\d*)(?:\.\d*[1-9])?$"
_LONG = 1e15
_DAY_ZERO = {False: pl.datetime(1899, 12, 30), True: pl.datetime(1904, 1, 1)}
_MISSING_DAY = 60
"""Serial dates below it count from the last day of 1899: the date system of 1900 has a 29th of February."""


@dataclass(frozen=True, slots=True)
class CellReader:
    """Turns cells (:func:`piece_cells`) into ``text``, ``kind`` and what is to be reported of them."""

    strings: SharedStrings
    parts: WorkbookParts
    first_row: int
    """The first row below the header, from 0."""

    def read(self, cells: pl.DataFrame) -> pl.DataFrame:
        """``row``, ``column``, ``style``, ``text``, ``kind``, ``note`` (an issue's code) of cells with a value."""
        cells = cells.with_columns(text=self._texts(cells), number=self._numbers(cells))
        cells = _with_odd_numbers(cells)
        cells = cells.with_columns(kind=pl.when(pl.col("number").is_not_null()).then(NUMBER).otherwise(0).cast(pl.Int8))
        cells = _with_numbers(self._with_moments(cells))
        empty = pl.col("type").eq("n") & pl.col("formula").is_not_null() & pl.col("text").is_null()
        note = (
            pl.when(empty).then(pl.lit("FORMULAS_WITHOUT_VALUE"))
            .when(pl.col("type") == "e").then(pl.lit("CELL_ERRORS"))
            .when((pl.col("kind") == NUMBER) & (pl.col("number").abs() >= _LONG)).then(pl.lit("NUMBERS_IMPRECISE"))
        )  # fmt: skip
        formula = pl.lit("=") + plain_texts(cells["formula"])
        named = cells.with_columns(note=note, text=pl.when(empty).then(formula).otherwise("text"))
        return named.select("row", "column", "style", "text", "kind", "note").filter(pl.col("text").is_not_null())

    def with_bytes(self, cells: pl.DataFrame) -> pl.DataFrame:
        """``cells`` with the bytes of each one's text (``bytes``): a short one may refer to a long text."""
        shared = cells["type"] == "s"
        own = pl.sum_horizontal(pl.col("value", "formula", "inline", "rich").str.len_bytes().cast(pl.Int64))
        if not shared.any():
            return cells.with_columns(bytes=own)
        referred = self.strings.lengths().gather(self._numbers_of_texts(cells["value"], shared)).cast(pl.Int64)
        return cells.with_columns(bytes=pl.coalesce(referred, own))

    def _texts(self, cells: pl.DataFrame) -> pl.Series:
        """The texts of cells that are no numbers."""
        kind, value = cells["type"], cells["value"]
        texts = plain_texts(value.set((kind == "s") | (kind == "n") | ((kind == "str") & (value == "")), None))
        for place, shown in ((kind == "b", {"1": "true", "0": "false"}), (kind == "d", None)):
            if place.any():
                other = texts.replace(shown) if shown else texts.str.replace("T", " ", literal=True)
                texts = texts.zip_with(~place, other)
        shared = kind == "s"
        if shared.any():
            texts = self.strings.texts().gather(self._numbers_of_texts(value, shared)).zip_with(shared, texts)
        texts = texts.zip_with(cells["inline"].is_null(), plain_texts(cells["inline"]))
        rich = cells["rich"].is_not_null().arg_true()
        return texts.scatter(rich, [rich_text(xml) for xml in cells["rich"].gather(rich)]) if len(rich) else texts

    def _numbers_of_texts(self, value: pl.Series, shared: pl.Series) -> pl.Series:
        known = len(self.strings.texts())
        numbers = value.set(~shared, None).str.strip_chars().cast(pl.Int64, strict=False)
        if not (numbers.is_between(0, known - 1).fill_null(value=False) | ~shared).all():
            raise SheetBrokenError(f"a cell with a text beyond the {known} of the workbook")
        return numbers

    def _numbers(self, cells: pl.DataFrame) -> pl.Series:
        value = cells["value"].set(cells["type"] != "n", None).str.strip_chars()
        numbers = value.cast(pl.Float64, strict=False)
        return numbers.set(~numbers.is_finite(), None)

    def _with_moments(self, cells: pl.DataFrame) -> pl.DataFrame:
        dated, spans = sorted(self.parts.dated_styles), sorted(self.parts.elapsed_styles)
        timed = pl.col("style").is_in([*dated, *spans]) & (pl.col("kind") == NUMBER)
        stored = (pl.col("type") == "d") & pl.col("text").str.contains(MOMENT_TEXT)
        if not cells.select((timed | stored).any()).item():
            return cells
        span = pl.col("style").is_in(spans) & (pl.col("kind") == NUMBER)
        span &= (pl.col("row") >= self.first_row) & (pl.col("number").abs() < _LONGEST_SPAN)
        at = moment_of(pl.col("number"), epoch_1904=self.parts.epoch_1904)
        moment = timed & (pl.col("number") <= LAST_SERIAL) & (pl.col("number") > -_LAST_BEFORE)
        return cells.with_columns(
            text=pl.when(span).then(_span_text(pl.col("number")))
            .when(moment).then(at.dt.strftime(MOMENT_FORMAT)).otherwise("text"),
            kind=pl.when(span).then(SPAN).when(moment | stored).then(MOMENT).otherwise("kind").cast(pl.Int8),
        )  # fmt: skip


_LAST_BEFORE = 600_000
"""Days before the first one that are still a date."""


def moment_of(number: pl.Expr, *, epoch_1904: bool) -> pl.Expr:
    """The moment of a serial date, to the millisecond."""
    early = pl.lit(0) if epoch_1904 else pl.when(number < _MISSING_DAY).then(1).otherwise(0)
    span = ((number + early) * 86_400_000).round().cast(pl.Int64, strict=False)
    return _DAY_ZERO[epoch_1904].cast(pl.Datetime("ms")) + span.cast(pl.Duration("ms"))


def _span_text(number: pl.Expr) -> pl.Expr:
    """Hours may exceed 24: ``25:30:00``."""
    seconds = (number * 86_400_000).round().cast(pl.Int64, strict=False) // 1000
    two = [(part).cast(pl.String).str.zfill(2) for part in (seconds // 3600, seconds // 60 % 60, seconds % 60)]
    return pl.concat_str(two, separator=":")


def _with_odd_numbers(cells: pl.DataFrame) -> pl.DataFrame:
    """What is no number although its cell says so (``NaN``) is read as it is written."""
    odd = (pl.col("type") == "n") & pl.col("number").is_null() & pl.col("value").str.contains(r"\S")
    if not cells.select(odd.any()).item():
        return cells
    return cells.with_columns(text=pl.when(odd).then("value").otherwise("text"))


def _with_numbers(cells: pl.DataFrame) -> pl.DataFrame:
    """Numbers with up to 15 digits, as a workbook shows them."""
    value = pl.col("value").str.strip_chars()
    short = value.str.len_chars() <= 15 + value.str.contains(r"^-").cast(pl.UInt32)
    exact = value.str.contains(_EXACT) & short
    number = pl.col("kind") == NUMBER
    odd = cells.filter(number & ~exact).select(value)["value"].unique()
    shown = cells.with_columns(text=pl.when(number & exact).then(value).otherwise("text"))
    if not len(odd):
        return shown
    table = pl.DataFrame({"value": odd, "_shown": _number_texts(odd.to_list())})
    joined = shown.with_columns(_stripped=value).join(
        table, left_on="_stripped", right_on="value", how="left", maintain_order="left"
    )
    text = pl.when(number & ~exact).then("_shown").otherwise("text")
    return joined.with_columns(text=text).drop("_shown", "_stripped")


def _number_texts(texts: Sequence[str]) -> list[str]:
    """:func:`number_text` of each, the usual ones without a call."""
    try:
        shown = [f"{float(text):.15g}" for text in texts]
    except ValueError:
        return [number_text(text) for text in texts]
    return [number_text(text) if "e" in each else each for text, each in zip(texts, shown, strict=True)]


def number_text(text: str) -> str:
    """``0.1`` for 0.1000000000000000055; from 10**15 on as ``1.10101199003078E+17``, which shows its digits."""
    try:
        value = float(text)
        if abs(value) >= _LONG:
            return f"{Decimal(repr(value)).normalize():E}"
        shown = f"{value:.15g}"
        return f"{Decimal(shown):f}" if "e" in shown and abs(value) >= 1e-9 else shown.replace("e", "E")
    except (ValueError, InvalidOperation):
        return plain_text(text)
