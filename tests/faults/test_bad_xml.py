"""XML that is cut, huge or hostile is refused with its file, in little memory."""

from __future__ import annotations

import gzip
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

from citylake.schemas.words.message_catalogue import render_issue

OPEN = '<d2LogicalModel xmlns:xsi="x"><payloadPublication>'
LAUGHS = (
    "<!DOCTYPE d [<!ENTITY a0 'lol'>"
    + "".join(f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>" for n in range(1, 10))
    + f"]>{OPEN}&a9;</payloadPublication></d2LogicalModel>"
)
FAULTS: dict[str, tuple[bytes, str]] = {
    "a billion laughs": (LAUGHS.encode(), "XML_UNSAFE"),
    "an outer entity": (b'<!DOCTYPE d [<!ENTITY e SYSTEM "file:///etc/hostname">]><d>&e;</d>', "XML_UNSAFE"),
    "an outer document type": (b'<!DOCTYPE d SYSTEM "http://127.0.0.1:9/d.dtd"><d/>', "XML_UNSAFE"),
    "a document that is cut": (OPEN.encode() + b"<siteMeasurements><x>1", "XML_BROKEN"),
    "an element that is not closed": (b"<a>\n<b></a>", "XML_BROKEN"),
    "an entity that nobody declared": (b"<a>&nothing;</a>", "XML_BROKEN"),
    "bytes that are not UTF-8": (b"<a>\xff\xfe</a>", "XML_BROKEN"),
    "an encoding that nobody knows": (b'<?xml version="1.0" encoding="x-none"?><a/>', "XML_BROKEN"),
    "nothing": (b"", "XML_BROKEN"),
    "a packed document that is cut": (gzip.compress(OPEN.encode() * 9)[:-9], "XML_BROKEN"),
    "a web page": (b"<html><title>502</title></html>", "FILE_IS_HTML"),
    "another kind of XML": (b"<rss><channel/></rss>", "DATEX2_NO_MEASUREMENTS"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_it_is_refused_with_its_file(take: Any, fault: str) -> None:
    body, code = FAULTS[fault]
    taken = take(body, name="上报.xml", format="datex2")
    assert taken.problem is not None
    assert taken.problem.code == code
    assert taken.raw_files() == []
    assert all("上报" in render_issue(code, taken.problem.values, language) for language in ("zh", "en"))


READ = """
    import re, sys
    from pathlib import Path
    from citylake.pipelines.parse.datex2 import datex2_reader
    from citylake.pipelines.parse.read_request import ReadRequest
    from citylake.schemas.words.errors import CitylakeError
    from citylake.schemas.model.formats import Datex2Format

    path = Path(sys.argv[1])
    def write(frame):
        return frame.select("_row").collect(engine="streaming").height
    try:
        print(datex2_reader.read_datex2(ReadRequest((path,), "上报", path.parent, write), Datex2Format()).rows)
    except CitylakeError as error:
        print(error.code)
    print(re.search(r"VmHWM:\\s*(\\d+)", Path("/proc/self/status").read_text())[1])
"""
SITE = (
    '<siteMeasurements><measurementSiteReference id="S{}" version="1"/>'
    "<measurementTimeDefault>2026-03-01T00:00:00Z</measurementTimeDefault>"
    + "".join(
        f'<measuredValue index="{n}"><measuredValue><basicData><vehicleFlow><vehicleFlowRate>60</vehicleFlowRate>'
        "</vehicleFlow></basicData></measuredValue></measuredValue>"
        for n in range(8)
    )
    + "</siteMeasurements>"
)


def measure(path: Path) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(READ), str(path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


@pytest.mark.skipif(sys.platform != "linux", reason="only on Linux is the memory of a process counted in kilobytes")
@pytest.mark.parametrize(("number", "most_kb"), [(4_000, 300_000), (30_000, 300_000)])
def test_memory_does_not_grow_with_the_document(tmp_path: Path, number: int, most_kb: int) -> None:
    path = tmp_path / "measured.xml"
    with path.open("w", encoding="utf-8") as file:
        file.write(OPEN)
        file.writelines(SITE.format(site) for site in range(number))
        file.write("</payloadPublication></d2LogicalModel>")
    rows, kilobytes = measure(path)
    assert (int(rows), int(kilobytes) < most_kb) == (8 * number, True), kilobytes
