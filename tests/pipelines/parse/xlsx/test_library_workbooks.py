"""Workbooks that a library reads in a process with limits: an honest one is not refused."""

from __future__ import annotations

import io
import resource
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from citylake.pipelines.parse.limited_child import call_limited
from citylake.pipelines.parse.xlsx.library_sheets import write_sheet

_TEXT = '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'
_NAMESPACES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
)


def spreadsheet(rows: int, columns: int) -> bytes:
    """An ODS file with a header of ``c0``, ``c1``… and different texts."""
    lines = ("".join(_TEXT.format(f"r{row} c{column}" if row else f"c{column}") for column in range(columns))
             for row in range(rows + 1))  # fmt: skip
    table = "".join(f"<table:table-row>{line}</table:table-row>" for line in lines)
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as written:
        written.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        written.writestr(
            "content.xml",
            f'<office:document-content {_NAMESPACES}><office:body><office:spreadsheet><table:table table:name="s">'
            f"{table}</table:table></office:spreadsheet></office:body></office:document-content>",
        )
        written.writestr("META-INF/manifest.xml", "<manifest/>")
    return target.getvalue()


def committed_mb(path: str, folder: str) -> int:
    """Read the sheet; returns what RLIMIT_DATA counts of this process."""
    write_sheet(path, "s", 1, folder)
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[5]) * resource.getpagesize() // 1_000_000


@pytest.mark.skipif(sys.platform != "linux", reason="the limit is one of Linux")
def test_the_child_commits_little_more_than_it_uses(tmp_path: Path) -> None:
    path = tmp_path / "x.ods"
    path.write_bytes(spreadsheet(10_000, 20))
    assert call_limited(__name__, "committed_mb", [str(path), str(tmp_path)], 5_000_000_000) < 700


def test_an_honest_spreadsheet_is_read(parser: Any) -> None:
    assert parser(spreadsheet(2_000, 20), format="xlsx").parsed.rows == 2_000
