"""The cells in the XML of a sheet, a piece of some rows at a time: no cell becomes a Python object."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

import polars as pl

from citylake.pipelines.parse.parse_limits import WORKBOOK_ROW_BYTES

_CHUNK = 4 << 20
_FIRST_BYTES = 1 << 16
_MARK = "\x01"
_CELL = re.compile(rb"<c(?=[\s>/])")
_VALUED = re.compile(rb"<c(?=[\s>])[^>]*(?<!/)>\s*<(?:v|is|f)\b")
_PREFIX = re.compile(rb"<(\w+):worksheet\b")
_NOISE = re.compile(rb"<!--.*?-->|<!\[CDATA\[(.*?)\]\]>", re.DOTALL)
_CANONICAL = (
    r'^ r="(?P<letters>[A-Z]{1,3})(?P<digits>\d+)"(?: s="(?P<style>\d+)")?(?: t="(?P<type>\w+)")?>'
    r"(?:(?:<f[^>]*/>|<f[^>]*>[^<]*</f>)?<v>(?P<value>[^<]+)</v>|<is><t(?:\s[^>]*)?>(?P<inline>[^<]*)</t></is>)</c>"
)
"""A cell as nearly all programs write it; any other one is read by several patterns."""
_PLACE = ' r="A1"'
"""The reference of a cell whose place is not needed."""
_ATTRIBUTE = r"""^[^>]*?\s{}\s*=\s*["']{}["']"""
_LAST_ROW, _LAST_COLUMN = 1_048_576, 16_384


class SheetBrokenError(Exception):
    """The XML of a sheet says what no sheet can have."""


@dataclass(frozen=True, slots=True)
class SheetPiece:
    """Some whole rows of a sheet's XML; ``prefix``: that of its namespace, with the colon."""

    raw: bytes
    prefix: bytes

    def plain(self) -> bytes:
        """The XML without prefixes, comments and CDATA sections, and with LF at the end of lines."""
        return plain_xml(self.raw, self.prefix)


def sheet_pieces(part: IO[bytes]) -> Iterator[SheetPiece]:
    """The sheet's rows in pieces of whole rows; what follows them is the last piece, which may be none.

    The first piece of rows is small, and every other one begins with ``<row``. Raises SheetBrokenError.
    """
    rest, prefix, began, rows = b"", b"", False, False
    while chunk := part.read(_CHUNK):
        rest += chunk
        if not began:
            began = b"<sheetData" in rest or b":sheetData" in rest
            found = _PREFIX.search(rest)
            prefix = found[1] + b":" if found else b""
            if b"<!DOCTYPE" in rest[:_CHUNK]:
                raise SheetBrokenError("document type definition")
        end = rest.rfind(b"row>") + 4
        if end > 3:
            first = 0 if rows or len(rest) < _CHUNK else _first_rows(rest[:end])
            if first:
                yield SheetPiece(rest[:first], prefix)
            yield SheetPiece(rest[first:end], prefix)
            rows, rest = True, rest[end:]
        elif len(rest) > WORKBOOK_ROW_BYTES:
            raise SheetBrokenError(f"more than {WORKBOOK_ROW_BYTES} bytes without the end of a row")
    yield SheetPiece(rest, prefix)


def _first_rows(piece: bytes) -> int:
    """Where the first rows of a plain piece end, so that few rows are in one piece with what precedes them."""
    end = piece.find(b"</row><row", _FIRST_BYTES)
    return 0 if end < 0 or b"<!" in piece else end + len(b"</row>")


def has_cell(piece: bytes) -> bool:
    """Whether a piece has a cell with a value or a formula."""
    return _VALUED.search(piece) is not None


def plain_xml(piece: bytes, prefix: bytes) -> bytes:
    """Without prefixes, comments and CDATA sections, and with the ends of lines that XML prescribes."""
    if prefix:
        piece = piece.replace(b"<" + prefix, b"<").replace(b"</" + prefix, b"</")
    if b"<!" in piece:
        piece = _NOISE.sub(lambda found: _escaped(found[1] or b""), piece)
    return piece.replace(b"\r\n", b"\n").replace(b"\r", b"\n") if b"\r" in piece else piece


def _escaped(text: bytes) -> bytes:
    return text.replace(b"&", b"&amp;").replace(b"<", b"&lt;").replace(b">", b"&gt;")


def piece_cells(piece: bytes, row_before: int) -> tuple[pl.DataFrame, int]:
    """The cells with a value or a formula, and the number of the piece's last row, from 1.

    Columns: ``row`` and ``column`` (from 0), ``style``, ``type``, ``value``, ``formula`` and ``inline``
    (XML text), ``rich`` (XML of an in-line text).
    ``row_before``: the last row of the piece before. Raises SheetBrokenError.
    """
    rows = _split_rows(piece, row_before)
    last = int(rows["row"][-1]) if len(rows) else row_before
    return _place_cells(_match_cells(rows.explode("cells").filter(pl.col("cells").is_not_null()))), last


def content_cells(contents: pl.Series, row: int) -> pl.DataFrame:
    """Cells with these contents (XML behind the reference, to the cell's end), as :func:`piece_cells` returns them.

    ``row``: the row of all of them, from 0. Their columns are their numbers in ``contents``.
    """
    number = pl.int_range(pl.len(), dtype=pl.Int64)
    named = contents.to_frame("cells").select(
        pl.lit(row + 1, pl.Int64).alias("row"), (pl.lit(_PLACE) + pl.col("cells")).alias("cells"), number=number
    )
    return _typed_cells(_match_cells(named), column=pl.col("number"))


def _match_cells(cells: pl.DataFrame) -> pl.DataFrame:
    """The parts of each cell with a value (``cells``: XML from its attributes on)."""
    found = cells.with_columns(pl.col("cells").str.extract_groups(_CANONICAL).alias("found")).unnest("found")
    found = found.with_columns(formula=pl.lit(None, pl.String), rich=pl.lit(None, pl.String))
    odd = pl.col("letters").is_null()
    valued = odd & ~pl.col("cells").str.contains(r"^[^>]*/>")
    return _read_odd_cells(found, odd, valued) if found.select(valued.any()).item() else found.filter(~odd)


def _split_rows(piece: bytes, row_before: int) -> pl.DataFrame:
    try:
        text = _CELL.sub(_MARK.encode(), piece).decode("utf-8")
    except UnicodeDecodeError as error:
        raise SheetBrokenError(str(error)) from None
    _, *rows = re.split(r"<row(?=[\s>/])", text)
    split = pl.DataFrame({"text": pl.Series(rows, dtype=pl.String)}).select(cells=pl.col("text").str.split(_MARK))
    head = pl.col("cells").list.first().str.extract(_ATTRIBUTE.format("r", r"(\d+)"), 1).cast(pl.Int64, strict=False)
    numbered = split.with_columns(row=head, place=pl.int_range(1, pl.len() + 1, dtype=pl.Int64))
    if numbered["row"].null_count():
        # A row without a number follows the one before it.
        before = (pl.col("row") - pl.col("place")).forward_fill().fill_null(row_before)
        numbered = numbered.with_columns(row=pl.col("row").fill_null(before + pl.col("place")))
    _check_rows(numbered["row"], row_before)
    return numbered.select("row", pl.col("cells").list.slice(1))


def _check_rows(rows: pl.Series, before: int) -> None:
    if not len(rows):
        return
    beyond = rows.filter(~rows.is_between(1, _LAST_ROW))
    if len(beyond):
        raise SheetBrokenError(f"row {beyond[0]}, where the last one can be {_LAST_ROW}")
    steps = pl.concat([pl.Series([before], dtype=pl.Int64), rows]).diff()
    if (steps <= 0).any():
        raise SheetBrokenError(f"row {rows[int((steps[1:] <= 0).arg_true()[0])]} is not below the row before it")


def _read_odd_cells(found: pl.DataFrame, odd: pl.Expr, valued: pl.Expr) -> pl.DataFrame:
    """The cells with formulas, in-line texts, other orders of attributes, or without a value."""
    text = pl.col("cells")
    place = _ATTRIBUTE.format("r", r"[A-Z]{1,3}\d+")
    full = found.with_columns(numbered=pl.int_range(pl.len()))
    some = full.filter(valued).with_columns(
        letters=text.str.extract(_ATTRIBUTE.format("r", r"([A-Z]{1,3})\d+"), 1),
        digits=text.str.extract(_ATTRIBUTE.format("r", r"[A-Z]{1,3}(\d+)"), 1),
        style=text.str.extract(_ATTRIBUTE.format("s", r"(\d+)"), 1),
        type=text.str.extract(_ATTRIBUTE.format("t", r"(\w+)"), 1),
        value=text.str.extract(r"<v[^>/]*>([^<]*)</v>", 1),
        formula=pl.when(text.str.contains(r"<f[\s>/]")).then(
            text.str.extract(r"<f(?:\s[^>]*)?>([^<]*)</f>", 1).fill_null("")
        ),
        rich=text.str.extract(r"(?s)<is[^>]*>(.*)</is>", 1),
    )
    if some.filter(pl.col("letters").is_null()).height:
        some = _number_cells(full, some, place)
    return pl.concat([full.filter(~odd), some]).sort("numbered").drop("numbered")


def _number_cells(full: pl.DataFrame, some: pl.DataFrame, place: str) -> pl.DataFrame:
    """Cells without a reference stand after the one before them; empty ones count."""
    own = pl.col("cells").str.extract(_ATTRIBUTE.format("r", r"([A-Z]{1,3})\d+"), 1)
    at = own.replace_strict(_ColumnNumbers(full.select(own).to_series()).known, default=None, return_dtype=pl.Int64)
    rank = pl.int_range(pl.len(), dtype=pl.Int64).over("row")
    counted = full.select(
        "numbered", counted=(at.fill_null((at - rank).forward_fill().over("row").fill_null(0) + rank))
    ).with_columns(pl.col("counted").cast(pl.Int64))
    letters = pl.col("counted").map_elements(column_letters, return_dtype=pl.String)
    named = some.join(counted, on="numbered", how="left", maintain_order="left")
    return named.with_columns(
        letters=pl.col("letters").fill_null(letters), digits=pl.col("digits").fill_null(pl.col("row").cast(pl.String))
    ).drop("counted")


class _ColumnNumbers:
    def __init__(self, letters: pl.Series) -> None:
        self.known = {text: column_index(text) for text in letters.drop_nulls().unique()}


def _place_cells(found: pl.DataFrame) -> pl.DataFrame:
    known = _ColumnNumbers(found["letters"]).known
    beyond = next((text for text, column in known.items() if column >= _LAST_COLUMN), None)
    if beyond:
        raise SheetBrokenError(f"column {beyond}, where the last one can be XFD")
    placed = found.with_columns(digits=pl.col("digits").cast(pl.Int64, strict=False))
    lies = placed.filter(pl.col("letters").is_not_null() & pl.col("digits").ne_missing(pl.col("row")))
    if len(lies):
        raise SheetBrokenError(f"cell {lies['letters'][0]}{lies['digits'][0]} in row {lies['row'][0]}")
    return _typed_cells(placed, pl.col("letters").replace_strict(known, return_dtype=pl.Int64))


def _typed_cells(found: pl.DataFrame, column: pl.Expr) -> pl.DataFrame:
    """The cells with a value or a formula."""
    return found.filter(pl.any_horizontal(pl.col("value", "formula", "inline", "rich").is_not_null())).select(
        pl.col("row") - 1,
        column.alias("column"),
        pl.col("style").cast(pl.Int64, strict=False).fill_null(0),
        pl.col("type").fill_null("n"),
        "value",
        "formula",
        "inline",
        "rich",
    )


def column_index(letters: str) -> int:
    """``A`` is 0, ``AA`` is 26."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def column_letters(column: int) -> str:
    """The name of a column that counts from 0: ``A``, ``AA``."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
