"""Every kind of bad input is told with file and row, in both languages, and leaves nothing half-read behind."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
import textwrap
import zipfile
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from citylake.pipelines.parse.refused_records import reason_message_values
from citylake.schemas.words.message_catalogue import issue_type, render_issue
from tests.thorough import examples


def refused(taken: Any, code: str, row: int | None) -> None:
    problem = taken.problem
    assert problem is not None
    assert problem.code == code
    assert taken.raw_files() == []
    told(problem.code, problem.values, row)


def told(code: str, values: dict[str, Any], row: int | None) -> None:
    """A message names the file and the row, and has no placeholder left, in either language."""
    for language in ("zh", "en"):
        message = render_issue(code, values, language)
        assert "上报" in message
        assert row is None or re.search(rf"(?<!\d){row}(?!\d)", message), message
        assert not re.search(r"\{\w+\}", message), message
        assert re.search("[一-鿿]", issue_type(code).text.say(language)) is not None or language == "en"
    if row is not None:
        assert values["row"] == row


CSV_FAULTS: dict[str, tuple[bytes, Any, str, int]] = {
    "an empty file": (b"", "csv", "FILE_EMPTY", 1),
    "a file of NULs alone": (b"\0" * 5000, "csv", "FILE_EMPTY", 1),
    "titles and no header": ("标题\n\n".encode(), {"type": "csv", "title_rows": 2}, "HEADER_MISSING", 3),
    "GB18030 declared, UTF-8 sent": (
        "a,b\n1,2\n3,4\n数据数,据1\n".encode(),
        {"type": "csv", "encoding": "gb18030"},
        "ENCODING_WRONG",
        4,
    ),
    "a web page": (
        "\n<!DOCTYPE html>\n<html><head><title>统一身份认证</title></head></html>".encode(),
        "csv",
        "FILE_IS_HTML",
        1,
    ),
    "a workbook under a CSV's name": (b"PK\x03\x04" + bytes(50), "csv", "FILE_IS_OTHER", 1),
    "a web page instead of JSON": (b"<html><body>504</body></html>", "json", "FILE_IS_HTML", 1),
    "two columns of one name": (b"a,b,a\n1,2,3\n", "csv", "HEADER_DUPLICATE", 1),
    "two columns of one name under titles": (
        b"t\na,b,a\n1,2,3\n",
        {"type": "csv", "title_rows": 1},
        "HEADER_DUPLICATE",
        2,
    ),
    "a column with a system's name": (b"a,_row\n1,2\n", "csv", "COLUMN_RESERVED", 1),
    "short and long rows that even out": (b"a,b,c\n1,2\n1,2,3,4\n", "csv", "ROW_WIDTH", 2),
    "JSON that is cut": (b'{"rows": [\n{"a": 1},\n{"a": 2', {"type": "json", "records": "rows"}, "JSON_BROKEN", 3),
    "JSON with a slip": (b'[{"a": 1},\n {"a": 2,}]', "json", "JSON_BROKEN", 2),
    "JSON with text after it": (b'[{"a": 1}]\n{}', "json", "JSON_BROKEN", 2),
    "JSON nested without end": (b"[" * 100_000, "json", "JSON_BROKEN", 1),
    "JSON without the records": (b'{"error": "x"}', {"type": "json", "records": "rows"}, "JSON_NO_RECORDS", 1),
    "JSON with a member twice": (b'[{"a": 1}, {"a": 2, "a": 3}]', "json", "JSON_COLUMN_CLASH", 2),
    "JSON whose paths meet": (b'[{"a.b": 1, "a": {"b": 2}}]', "json", "JSON_COLUMN_CLASH", 1),
    "JSON lines with a slip": (b'{"a": 1}\n{"a": }\n', {"type": "json", "lines": True}, "JSON_BROKEN", 2),
    "JSON in another encoding": ('[{"a":\n"名称"}]'.encode("gbk"), "json", "ENCODING_WRONG", 2),
}

ROW_FAULTS: dict[str, tuple[bytes, Any, str, int]] = {
    "UTF-8 declared, GBK sent": (
        "a,b\n1,2\n名,称\n".encode("gbk"),
        {"type": "csv", "encoding": "utf-8"},
        "ENCODING_WRONG",
        3,
    ),
    "UTF-8 declared, GBK sent in quotes": (
        '"a","b"\n"1","2\n\n"\n"名","称"\n'.encode("gbk"),
        {"type": "csv", "encoding": "utf-8"},
        "ENCODING_WRONG",
        5,
    ),
    "a row too short": (b"a,b,c\n1,2,3\n4,5\n", "csv", "ROW_WIDTH", 3),
    "a row too long": (b"a,b,c\n1,2,3\n4,5,6,7\n", "csv", "ROW_WIDTH", 3),
    "a row too long for far below": (b"a,b\n" + b"1,2\n" * 5000 + b"1,2,3\n", "csv", "ROW_WIDTH", 5002),
    "a file cut in a row": (b"a,b,c\n1,2,3\n4,5", "csv", "ROW_WIDTH", 3),
    "a quote that is never closed": (b'a,b\n1,2\n"3,4\n5,6\n', "csv", "QUOTE_OPEN", 3),
    "text after a quote": (b'a,b\n1,2\n"3"x,4\n', "csv", "QUOTE_BROKEN", 3),
    "NULs within": (b"a,b\n1,2\n3,\0\0\n5,6\n", "csv", "NUL_BYTES", 3),
    "a mark where two files were joined": (b"a,b\n1,2\n\xef\xbb\xbfa,b\n3,4\n", "csv", "BOM_INSIDE", 3),
    "a field over the limit": (
        b"a,b\n1,2\n3," + b"x" * 5000 + b"\n",
        {"type": "csv", "max_field_bytes": 4000},
        "FIELD_TOO_LARGE",
        3,
    ),
    "a quoted field over the limit": (
        b'a,b\n1,2\n3,"' + b"xxxxxxx\n" * 600 + b'"\n',
        {"type": "csv", "max_field_bytes": 4000},
        "FIELD_TOO_LARGE",
        3,
    ),
}


@pytest.mark.parametrize("fault", CSV_FAULTS)
def test_it_is_refused_with_file_and_row(take: Any, fault: str) -> None:
    body, layout, code, row = CSV_FAULTS[fault]
    taken = take(body, format=layout)
    assert taken.receipt.status == "received"
    refused(taken, code, row)


@pytest.mark.parametrize("fault", ROW_FAULTS)
def test_a_strict_contract_holds_the_file_with_file_and_row(take: Any, fault: str) -> None:
    body, layout, code, row = ROW_FAULTS[fault]
    strict = {"type": "csv", "bad_rows": "hold"} | (layout if isinstance(layout, dict) else {})
    refused(take(body, format=strict), code, row)


@pytest.mark.parametrize("fault", ROW_FAULTS)
def test_a_bad_row_is_refused_with_its_text_and_the_others_go_on(take: Any, fault: str) -> None:
    body, layout, code, row = ROW_FAULTS[fault]
    taken = take(body, format=layout)
    if fault == "a quoted field over the limit":
        # Of its 601 lines, none fits: they are more than the one that does.
        refused(taken, code, row)
        return
    assert taken.problem is None
    bad = pl.read_parquet(list(taken.parsed.refused.files)).to_dicts()
    assert [(each["_row"], each["code"], each["_source"]) for each in bad] == [(row, code, "上报.csv")]
    assert body.split(b"\n")[row - 1].decode(errors="backslashreplace").startswith(bad[0]["text"][:4])
    assert row not in taken.frame["_row"].to_list()
    told(code, {"file": "上报", "row": row, **reason_message_values(bad[0])}, row)


def test_a_file_of_which_more_lines_are_misfits_is_held(take: Any) -> None:
    fits, misfits = b"1,2\n", b"1,2,3\n"
    assert take(b"a,b\n" + 3 * fits + 3 * misfits).parsed.refused.rows == 3
    refused(take(b"a,b\n" + 3 * fits + 4 * misfits), "ROW_WIDTH", 5)


def test_a_register_is_held_for_one_bad_row_because_absence_closes_an_entry(take: Any) -> None:
    write = {"mode": "snapshot", "key": ["a"], "effective": "day"}
    refused(take(b"a,b\n1,2\n3\n", write=write), "ROW_WIDTH", 3)


TOLD: dict[str, tuple[bytes, Any, str, int, int]] = {
    "a header alone": (b"a,b\n", "csv", "HEADER_ONLY", 1, 0),
    "a header alone without a line end": (b"a,b", "csv", "HEADER_ONLY", 1, 0),
    "a header alone under titles": (b"t\na,b\n", {"type": "csv", "title_rows": 1}, "HEADER_ONLY", 2, 0),
    "line ends that are mixed": (b"a,b\r\n1,2\r\n3,4\n5,6\r\n", "csv", "LINE_ENDS_MIXED", 3, 3),
    "an old Mac's line end among others": (b"a,b\n1,2\n3,4\r5,6\n", "csv", "LINE_ENDS_MIXED", 3, 3),
    "a control-Z at the end": (b"a,b\n1,2\n3,4\n\x1a", "csv", "TAIL_TRIMMED", 4, 2),
    "NULs at the end": (b"a,b\n1,2\n3,4\n" + b"\0" * 9000, "csv", "TAIL_TRIMMED", 4, 2),
    "no records in JSON": (b"[]", "json", "HEADER_ONLY", 1, 0),
}


@pytest.mark.parametrize("oddity", TOLD)
def test_it_is_read_and_told_with_file_and_row(take: Any, oddity: str) -> None:
    body, layout, code, row, rows = TOLD[oddity]
    taken = take(body, format=layout)
    assert taken.problem is None
    assert taken.parsed.rows == taken.frame.height == rows
    (notice,) = taken.notices
    assert notice["code"] == code
    told(code, notice, row)


def test_a_report_can_be_kept_as_json(take: Any) -> None:
    taken = take(b"t\na,b\r\n\n1,2\n", format={"type": "csv", "title_rows": 1})
    assert json.loads(json.dumps(taken.parsed.report)) == taken.parsed.report


def test_nan_infinities_and_far_dates_reach_the_rules_as_they_are(take: Any) -> None:
    values = ["NaN", "-Infinity", "inf", "1900-01-01", "9999-12-31", "0000-00-00"]
    assert take(("a,b\n" + "".join(f"{value},1\n" for value in values)).encode()).frame["a"].to_list() == values
    document = b'[{"a": NaN}, {"a": -Infinity}, {"a": 1e999}, {"a": "9999-12-31"}]'
    assert take(document, format="json").frame["a"].to_list() == ["NaN", "-Infinity", "1e999", "9999-12-31"]


def test_a_mark_within_a_field_is_only_a_character(take: Any) -> None:
    assert take("a,b\n1,x\ufeffy\n".encode()).frame["b"].to_list() == ["x\ufeffy"]


def zipped(*names: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, os.urandom(5000))
    return buffer.getvalue()


@pytest.mark.parametrize("share", [0.0, 0.3, 0.9])
def test_a_truncated_zip_is_refused(take: Any, share: float) -> None:
    whole = zipped("a.csv")
    taken = take(whole[: int(len(whole) * share)], name="上报.zip", member="*.csv")
    assert taken.receipt.status == "failed"
    refused(taken, "ZIP_BROKEN", None)


def test_a_path_that_climbs_out_of_the_zip_is_refused_whole(take: Any, tmp_path: Path) -> None:
    taken = take(zipped("a.csv", "../../b.csv"), name="上报.zip", member="**/*.csv")
    assert taken.receipt.status == "failed"
    refused(taken, "ZIP_CLIMBS", None)
    assert list(tmp_path.rglob("b.csv")) == []


def test_a_zip_that_climbs_is_refused_as_a_feed_too(take: Any) -> None:
    taken = take(zipped("stops.txt", "../b.txt"), name="上报.zip", format={"type": "gtfs", "table": "stops"})
    refused(taken, "ZIP_CLIMBS", None)


READ = """
    import re, sys
    from pathlib import Path
    from citylake.pipelines.parse.csv_reader import read_csv
    from citylake.pipelines.parse.read_request import ReadRequest
    from citylake.schemas.words.errors import CitylakeError
    from citylake.schemas.model.formats import CsvFormat

    path = Path(sys.argv[1])
    try:
        read_csv(ReadRequest((path,), "上报", path.parent, lambda frame: frame.collect().height), CsvFormat())
    except CitylakeError as error:
        # Not getrusage: its peak begins with that of the process that forked this one.
        peak = re.search(r"VmHWM:\\s*(\\d+)", Path("/proc/self/status").read_text())
        print(error.code, error.values["row"], peak[1])
"""
BLOCKS = examples(120, 200)
"""Of 5 MB each: more than the process may take."""
STARTS = {"bare": b"a,b\n1,2\n3,", "quoted": b'a,b\n1,2\n3,"', "of many lines": b'a,b\n1,2\n3,"\n\n'}


@pytest.mark.skipif(sys.platform != "linux", reason="only on Linux is the memory of a process counted in kilobytes")
@pytest.mark.parametrize("kind", STARTS)
def test_a_field_larger_than_the_memory_is_refused(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "上报.csv"
    block = (b"x" * 99 + (b"\n" if kind == "of many lines" else b"x")) * 50_000
    with path.open("wb") as file:
        file.write(STARTS[kind])
        file.writelines([block] * BLOCKS)
    try:
        command = [sys.executable, "-c", textwrap.dedent(READ), str(path)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    finally:
        path.unlink()
    code, row, kilobytes = done.stdout.split()
    assert (code, row) == ("FIELD_TOO_LARGE", "3")
    assert int(kilobytes) < 500_000
