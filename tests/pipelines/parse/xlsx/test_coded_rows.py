"""Rows that are read as codes of contents give what the general reader gives, whatever is in their cells."""

from __future__ import annotations

import io
import random
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from citylake.pipelines.parse.xlsx import read_sheet, sheet_xml
from citylake.pipelines.parse.xlsx.sheet_scan import SheetScanner, open_scanner
from citylake.pipelines.parse.xlsx.sheet_xml import column_letters
from tests.thorough import examples, spread

_MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_FORMATS = ("General", "yyyy-mm-dd", "yyyy-mm-dd hh:mm:ss", "[h]:mm:ss", "0.0%", "00000", "hh:mm")
_TEXTS = ("a", "路", "a &amp; b", "_x000D_", " x\n y ", "2026-03-01 00:00:00", "&#65;", "x" * 300, "45000")
_STRINGS = "".join(
    [*(f"<si><t>{text}</t></si>" for text in _TEXTS), "<si><r><t>ri</t></r><r><t>ch</t></r></si>", "<si/>"]
)
_NUMBERS = st.one_of(
    st.integers(-3, 60000).map(str),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.sampled_from(["45000", "45000.5", "0.30000000000000004", "1E+20", "12345678901234567890", "0.25", "NaN", " 7 "]),
)
_TEXT = st.sampled_from(_TEXTS)
_CONTENTS = st.one_of(
    _NUMBERS.map(lambda value: f"><v>{value}</v></c>"),
    st.tuples(st.integers(0, 7), _NUMBERS).map(lambda each: f' s="{each[0]}"><v>{each[1]}</v></c>'),
    st.integers(0, len(_TEXTS) + 1).map(lambda number: f' t="s"><v>{number}</v></c>'),
    _TEXT.map(lambda text: f' t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'),
    _TEXT.map(lambda text: f' t="inlineStr"><is><r><rPr><color/></rPr><t>{text}</t></r><r><t>!</t></r></is></c>'),
    _TEXT.map(lambda text: f' s="1" t="str"><f>A1&amp;"x"</f><v>{text}</v></c>'),
    st.sampled_from(
        [
            "/>",
            ' s="1"/>',
            ' s="2"></c>',
            "><v></v></c>",
            ' t="b"><v>1</v></c>',
            ' t="b"><v>0</v></c>',
            ' t="e"><v>#N/A</v></c>',
            ' t="d"><v>2026-03-01T10:00:00</v></c>',
            "><f>SUM(A1:A2)</f></c>",
            '><f t="shared" si="0"/><v>5</v></c>',
            "><f>SUM(A1:A2)</f><v>3</v></c>",
            ' t="str"><f>X</f><v></v></c>',
            ' t="n" s="1"><v>45000</v></c>',
            " s='1'><v>45000</v></c>",
            "><v>1</v><extLst/></c>",
        ]
    ),
)
_ROWS = st.lists(st.tuples(st.integers(1, 3), st.dictionaries(st.integers(0, 5), _CONTENTS)), min_size=4, max_size=40)


def _row(number: int, cells: dict[int, str]) -> str:
    texts = (f'<c r="{column_letters(column)}{number}"{content}' for column, content in sorted(cells.items()))
    return f'<row r="{number}" spans="1:6">{"".join(texts)}</row>'


def _sheet(rows: list[tuple[int, dict[int, str]]], merged: str = "") -> str:
    found, number = [_row(1, {column: f' t="str"><v>c{column}</v></c>' for column in range(3)})], 1
    for step, cells in rows:
        number += step
        found.append(_row(number, cells))
    return f'<?xml version="1.0"?>\r\n<worksheet {_MAIN}><sheetData>{"".join(found)}</sheetData>{merged}</worksheet>'


def _book(sheet: bytes) -> bytes:
    formats = "".join(f'<numFmt numFmtId="{170 + at}" formatCode="{code}"/>' for at, code in enumerate(_FORMATS))
    styles = "".join(f'<xf numFmtId="{170 + at}"/>' for at in range(len(_FORMATS)))
    parts: dict[str, str | bytes] = {
        "xl/workbook.xml": f'<workbook {_MAIN} xmlns:r="r"><sheets><sheet name="s" r:id="r0"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": '<Relationship Id="r0" Target="worksheets/s.xml"/>',
        "xl/styles.xml": f"<styleSheet><numFmts>{formats}</numFmts><cellXfs>{styles}</cellXfs></styleSheet>",
        "xl/sharedStrings.xml": f"<sst {_MAIN}>{_STRINGS}</sst>",
        "xl/worksheets/s.xml": sheet,
    }
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as written:
        for name, part in parts.items():
            written.writestr(name, part)
    return target.getvalue()


@pytest.fixture
def scans(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Sheets are cut into small pieces; the list has an item for each piece that was scanned: whether it was plain."""
    tried: list[bool] = []
    scan = SheetScanner.scan

    def noted(self: SheetScanner, piece: bytes, row_before: int) -> Any:
        found = scan(self, piece, row_before)
        tried.append(found is not None)
        return found

    monkeypatch.setattr(SheetScanner, "scan", noted)
    monkeypatch.setattr(sheet_xml, "_CHUNK", 700)
    monkeypatch.setattr(sheet_xml, "_FIRST_BYTES", 300)
    return tried


def _outcome(parser: Callable[..., Any], body: bytes, fmt: dict[str, Any]) -> Any:
    found = parser(body, format={"type": "xlsx", **fmt})
    if found.parsed.problem:
        return found.parsed.problem.code
    return found.parsed.columns, found.frame["_row"].to_list(), found.rows, found.parsed.report


def _both(parser: Callable[..., Any], sheet: bytes, **fmt: Any) -> Any:
    body = _book(sheet)
    coded = _outcome(parser, body, fmt)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(read_sheet, "open_scanner", lambda: None)
        assert coded == _outcome(parser, body, fmt)
    return coded


@pytest.mark.usefixtures("scans")
@settings(
    max_examples=examples(8, 25),
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    rows=_ROWS,
    fmt=st.sampled_from([{}, {"title_rows": 1}, {"header_rows": 2}, {"skip_after_header": 2}, {"footer": "a"}]),
    merged=st.sampled_from(["", '<mergeCells><mergeCell ref="A3:B6"/></mergeCells>']),
)
def test_coded_rows_are_those_of_the_general_reader(
    parser: Any, rows: list[tuple[int, dict[int, str]]], fmt: dict[str, Any], merged: str
) -> None:
    _both(parser, _sheet(rows, merged).encode(), duplicate_columns="rename", **fmt)


@pytest.mark.usefixtures("scans")
@pytest.mark.parametrize("seed", spread(range(16), 6))
def test_damaged_xml_is_read_or_refused_as_by_the_general_reader(parser: Any, seed: int) -> None:
    choose = random.Random(seed)
    contents = [
        "><v>7</v></c>",
        ' t="s"><v>1</v></c>',
        ' s="1"><v>45000</v></c>',
        ' t="inlineStr"><is><t>x</t></is></c>',
    ]
    sheet = bytearray(_sheet([(1, {at: choose.choice(contents) for at in range(4)}) for _ in range(16)]).encode())
    parts = [
        b"<",
        b">",
        b"/",
        b'"',
        b"\r",
        b"\x01",
        b"\xff",
        b"<c r=",
        b"</row>",
        b"<row>",
        b"<!--",
        b"9",
        b"A",
        b" ",
        b"",
    ]
    for _ in range(choose.randint(1, 3)):
        place = choose.randrange(700, len(sheet))
        sheet[place : place + choose.randint(0, 4)] = choose.choice(parts)
    _both(parser, bytes(sheet))


def test_plain_rows_are_scanned(parser: Any, scans: list[bool]) -> None:
    sheet = _sheet([(1, {0: "><v>1.5</v></c>", 1: ' t="s"><v>0</v></c>'})] * 60)
    _, lines, rows, _ = _both(parser, sheet.encode())
    assert lines == list(range(2, 62))
    assert set(rows) == {("1.5", "a", None)}
    assert len(scans) > 3
    assert all(scans)


@pytest.mark.parametrize(
    "row",
    [
        '<row r="9"><c r="A9"><v>1</v></c><c r="A9"><v>2</v></c></row>',
        '<row r="9"><c r="B9"><v>1</v></c><c r="A9"><v>2</v></c></row>',
        '<row r="9"><c r="A8"><v>1</v></c></row>',
        '<row r="9"><c r="A09"><v>1</v></c><c r="a9"><v>1</v></c></row>',
        '<row r="9"><c r="XFE9"><v>1</v></c></row>',
        '<row r="1048577"><c r="A1048577"><v>1</v></c></row>',
        "<row><c><v>1</v></c></row>",
        '<row spans="1:2" r="9"><c s="0" r="A9"><v>1</v></c></row>',
        '<row r="9"><c r="A9"><v>1</v></c>\n <c r="B9"/> </row>\n',
        '<row r="9"><c r="A9"><v>1</v><c r="B9"><v>1</v></c></row>',
        '<row r="9"><c r="A9" t="inlineStr"><is><t><![CDATA[</c><c r="B9">]]></t></is></c></row>',
        '<row r="9"><c r="A9"><!-- <v>1</v> --><v>2</v></c></row>',
        '<row r="9"><c r="A9" t="s"><v>99</v></c></row>',
        '<row r="9"><c r="A9"><v>1</v></c></row><row r="9"/>',
        '<row r="9" spans="路"><c r="A9"><v>1</v></c></row>',
        '<row r="9"><c r="A9" t="str"><v>x\r\ny</v></c></row>',
    ],
)
@pytest.mark.usefixtures("scans")
def test_unusual_xml_means_what_the_general_reader_says(parser: Any, row: str) -> None:
    plain: dict[int, str] = {0: "><v>1</v></c>", 1: ' t="s"><v>0</v></c>'}
    sheet = _sheet([(1, plain)] * 7).replace("</sheetData>", "")
    _both(
        parser, (sheet + row + "".join(_row(at, plain) for at in range(10, 40)) + "</sheetData></worksheet>").encode()
    )


def test_a_scanner_has_room_for_ever_new_contents() -> None:
    scanner = open_scanner()
    assert scanner
    for number in range(1, 40):
        if not scanner.has_room():
            scanner.restart()
        cells = (f'<c r="{column_letters(at)}{number}"><v>{number}.{at}</v></c>' for at in range(16_384))
        found = scanner.scan(f'<row r="{number}">{"".join(cells)}</row>'.encode(), number - 1)
        assert found is not None
        assert len(set(found.code.tolist())) == len(found.ends) == 16_384
