"""Small files that a reader without limits needs gigabytes or hours for."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from collections.abc import Iterable

import pyarrow as pa
import pyarrow.parquet as pq

_MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
HEAD = '<row r="1"><c r="A1" t="str"><v>a</v></c></row>'


def sheet_xml(rows: str, after: str = "") -> str:
    """A sheet with the header ``a`` and further ``rows``."""
    return f"<worksheet {_MAIN}><sheetData>{HEAD}{rows}</sheetData>{after}</worksheet>"


def book(sheet: str, *, strings: str = "", count: int = 1, padding: int = 0) -> bytes:
    """A workbook of ``count`` equal sheets; ``padding``: bytes of white space after each."""
    numbers = range(count)
    names = "".join(f'<sheet name="s{n}" sheetId="{n + 1}" r:id="r{n}"/>' for n in numbers)
    links = "".join(f'<Relationship Id="r{n}" Type="x/worksheet" Target="worksheets/s{n}.xml"/>' for n in numbers)
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as written:
        written.writestr("xl/workbook.xml", f'<workbook {_MAIN} xmlns:r="r"><sheets>{names}</sheets></workbook>')
        written.writestr("xl/_rels/workbook.xml.rels", f"<Relationships>{links}</Relationships>")
        if strings:
            written.writestr("xl/sharedStrings.xml", f"<sst {_MAIN}>{strings}</sst>")
        for number in numbers:
            _write_in_pieces(written, f"xl/worksheets/s{number}.xml", [sheet], padding)
    return target.getvalue()


def _write_in_pieces(written: zipfile.ZipFile, name: str, texts: Iterable[str], padding: int) -> None:
    with written.open(name, "w", force_zip64=True) as file:
        for text in texts:
            file.write(text.encode())
        for _ in range(padding // 10_000_000):
            file.write(b" " * 10_000_000)


def cell(place: str, row: int, value: object = 1, kind: str = "n") -> str:
    """A row with one cell."""
    return f'<row r="{row}"><c r="{place}" t="{kind}"><v>{value}</v></c></row>'


def repeated_text(cells: int) -> bytes:
    """A text of 32,767 characters in each of ``cells`` cells."""
    rows = "".join(cell(f"A{row}", row, 0, "s") for row in range(2, cells + 2))
    return book(sheet_xml(rows), strings=f"<si><t>{'x' * 32_767}</t></si>")


def new_keys(records: int) -> bytes:
    """JSON records each of which has another member."""
    return json.dumps([{f"k{number}": 1} for number in range(records)]).encode()


def column_lists(rows: int) -> bytes:
    """JSON whose columns are lists."""
    hours = [str(number) for number in range(rows)]
    return json.dumps({"hourly": {f"c{column}": hours for column in range(7)}}).encode()


def parquet(table: pa.Table) -> bytes:
    """A Parquet file."""
    target = io.BytesIO()
    pq.write_table(table, target, compression="zstd")
    return target.getvalue()


def one_value(text: str, rows: int) -> bytes:
    """Parquet of ``rows`` rows with the same text."""
    texts = pa.DictionaryArray.from_arrays(pa.array([0], pa.int32()).take(pa.array([0] * rows)), [text])
    return parquet(pa.table({"a": texts}))


def packed_zeros(size: int) -> bytes:
    """A gzip file of ``size`` bytes of one digit, a line each hundred."""
    target = io.BytesIO()
    line = b"0" * 99 + b"\n"
    with gzip.GzipFile(fileobj=target, mode="wb") as file:
        file.write(b"a\n")
        for _ in range(size // 10_000_000):
            file.write(line * 100_000)
    return target.getvalue()
