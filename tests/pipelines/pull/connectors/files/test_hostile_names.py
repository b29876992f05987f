"""Whatever a file is called, it is read under a name of its own, or refused by its name; no name ends the run."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import pytest

from citylake.pipelines.pull.connectors.files.file_names import readable_name, undecoded_name_notice
from tests.declared import declare_packs
from tests.trial import Trial

DATASET = "traffic.counts"
NAMES = [
    *("数据.csv".encode("gbk"), "数据.csv".encode(), "數據.csv".encode("big5"), b"\xff\xfe.csv"),
    *(b"L" * 251 + b".csv", b"L" * 250 + b"M.csv", "街".encode() * 83 + b".csv"),
    *(b"a\nb.csv", b"a\tb.csv", b"\x1b[31mred.csv", "\u202evsc.x.csv".encode(), b"a'b\".csv", b" a .csv"),
    *(b"a[1].csv", b"a*b?.csv", b"a{b}.csv", b"{0}.csv", b"%s.csv", b"a%41.csv", b"${HOME}.csv", b"a#b.csv"),
    *(b"CON.csv", b"a:b.csv", b"a\\b.csv", b"b.csv", b"A B.CSV.csv", b"a b.csv.csv", b"-rf.csv", b"a;b.csv"),
    *("e\u0301.csv".encode(), "\u00e9.csv".encode()),
]

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux keeps names that are not UTF-8")


@pytest.fixture
def city(tmp_path: Path) -> Trial:
    trial = Trial(tmp_path, {"CITY": str(tmp_path / "city")})
    declare_packs(tmp_path / "workspace")
    declaration = {
        "dataset": DATASET,
        "title": {"zh": "流量", "en": "counts"},
        "owner": {"department": "交通局"},
        "source": {"connector": "files", "path": "${CITY}/*.csv", "format": "csv"},
        "fields": {"device": {"element": "traffic.device_code"}},
        "write": {"mode": "append"},
    }
    trial.declare("datasets/counts", declaration)
    (tmp_path / "city").mkdir()
    for number, name in enumerate(NAMES):
        (tmp_path / "city" / os.fsdecode(name)).write_text(f"device\nD{number}\n", "utf-8")
    return trial


def test_every_file_is_read_once_under_a_name_of_its_own(city: Trial) -> None:
    outcome = city.run()
    assert outcome.exit_code == 0
    assert sorted(city.standard(DATASET)["device_code"]) == sorted(f"D{number}" for number in range(len(NAMES)))
    receipts = city.dataset(outcome, DATASET)["receipts"]
    assert len({receipt["name"] for receipt in receipts}) == len(NAMES)
    notices = city.dataset(outcome, DATASET)["problems"]
    assert [problem["code"] for problem in notices] == ["FILENAME_NOT_UTF8"] * 3
    assert any("数据.csv" in problem["text"]["zh"] for problem in notices)
    again = city.run()
    assert {receipt["status"] for receipt in city.dataset(again, DATASET)["receipts"]} == {"unchanged"}


def test_a_name_can_be_led_back_to_its_bytes() -> None:
    name = os.fsdecode("数据.csv".encode("gbk"))
    shown = readable_name(name)
    assert shown == r"\xca\xfd\xbe\xdd.csv"
    assert shown.encode("latin-1").decode("unicode_escape").encode("latin-1") == os.fsencode(name)
    notice = undecoded_name_notice(f"/a/{name}")
    assert notice is not None
    assert notice.values == {"file": shown, "guess": "数据.csv", "encoding": "gb18030"}
    assert undecoded_name_notice("/a/数据.csv") is None


def test_half_a_character_that_is_no_byte_of_a_name_is_escaped_too() -> None:
    assert readable_name("a\ud800.csv") == r"a\ud800.csv"


def test_two_files_that_would_be_written_alike_are_not_taken_as_one(puller: Any) -> None:
    for name, body in ((os.fsdecode(b"\xca.csv"), b"a\n1\n"), (r"\xca.csv", b"a\n2\n")):
        (puller.workspace / name).write_bytes(body)
    receipts = puller(path="*.csv")
    assert sorted((receipt.status, receipt.problem and receipt.problem.code) for receipt in receipts) == [
        ("failed", "FILENAME_CLASH"),
        ("received", None),
    ]
