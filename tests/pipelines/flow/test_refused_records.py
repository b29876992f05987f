"""Records that the CSV reader refuses are rows of their batch: counted, quarantined, and the same at every reading."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from citylake.pipelines.flow import scheduler_tasks
from citylake.pipelines.read.quarantine_listing import list_quarantine
from citylake.pipelines.read.quarantine_query import QuarantineFilter, QuarantineQuery
from citylake.schemas.lint.valid_registry import load_valid_registry
from tests.declared import declare_packs
from tests.thorough import examples
from tests.trial import Trial

NAME = "traffic.counts"
STEPS = ("pull", "parse", "conform", "audit", "commit", "settle")
BAD_ROWS = {
    "ROW_WIDTH": b"D9,1,2\n",
    "QUOTE_BROKEN": b'"D9"x,1\n',
    "ENCODING_WRONG": b"D\xb5\xc0,1\n",
    "NUL_BYTES": b"D\x009,1\n",
    "BOM_INSIDE": b"\xef\xbb\xbfdevice,flow\n",
}


def declare(root: Path, **changed: Any) -> Trial:
    trial = Trial(root, {"CITY": str(root / "city")})
    declare_packs(root / "workspace")
    contract = {
        "dataset": NAME,
        "title": {"zh": "流量", "en": "counts"},
        "owner": {"department": "交通局"},
        "source": {"connector": "files", "path": "${CITY}/*", "format": {"type": "csv", "encoding": "utf-8"}},
        "fields": {
            "device": {"element": "traffic.device_code", "required": True},
            "flow": {"element": "traffic.flow", "required": True},
        },
        "write": {"mode": "append", "key": ["device_code"]},
    }
    trial.declare("datasets/counts", {**contract, **changed})
    (root / "city").mkdir()
    return trial


@pytest.fixture
def city(tmp_path: Path) -> Trial:
    return declare(tmp_path)


def place(trial: Trial, name: str, *lines: bytes) -> None:
    (trial.root / "city" / name).write_bytes(b"device,flow\n" + b"".join(lines))


def good(*devices: int) -> list[bytes]:
    return [f"D{device},{device}\n".encode() for device in devices]


def quarantined(trial: Trial) -> list[tuple[str, int, list[str]]]:
    rows = trial.quarantine(NAME).sort("_source", "_row")
    return [(row["_source"], row["_row"], row["codes"]) for row in rows.to_dicts()]


def test_every_kind_of_bad_row_is_in_quarantine_with_its_line_and_text(city: Trial) -> None:
    place(city, "a.csv", *good(*range(9)), *BAD_ROWS.values(), b"D8,x\n", b'"open,1\n', *good(10, 11))
    entry = city.dataset(city.run(), NAME)
    found = city.quarantine(NAME).sort("_row").to_dicts()
    assert [row["_row"] for row in found] == list(range(11, 18))
    assert [row["codes"][0] for row in found] == [*BAD_ROWS, "VALUE_UNREADABLE", "QUOTE_OPEN"]
    assert json.loads(found[0]["raw"]) == {"_line": "D9,1,2"}
    assert (entry["rows_in"], entry["rows_standard"], entry["rows_quarantined"]) == (18, 11, 7)
    assert {issue["code"]: issue["rows"] for issue in entry["issues"]}["ROW_WIDTH"] == 1


def test_a_refused_row_is_explained_with_file_line_and_values_in_both_languages(city: Trial) -> None:
    place(city, "a.csv", *good(*range(9)), *BAD_ROWS.values())
    city.run()
    registry = load_valid_registry(city.root / "workspace")
    found = list_quarantine(QuarantineQuery(city.lake, registry, city.ledger), QuarantineFilter((NAME,)))["rows"]
    texts = {reason["code"]: reason["text"] for row in found for reason in row["reasons"]}
    assert "Row 11 of “a.csv” has 3 fields; 2 were expected." in texts["ROW_WIDTH"]["en"]
    assert "第 13 行不是 utf-8 编码：全文第" in texts["ENCODING_WRONG"]["zh"]
    assert not [text for both in texts.values() for text in both.values() if "{" in text]


def test_several_receipts_and_zip_members_keep_their_own_refused_rows(tmp_path: Path) -> None:
    trial = declare(tmp_path, source={"connector": "files", "path": "${CITY}/*", "member": "*.csv", "format": "csv"})
    for name, members in {"1.zip": {"a.csv": 5, "b.csv": 6}, "2.zip": {"c.csv": 7}}.items():
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            for member, row in members.items():
                archive.writestr(member, b"device,flow\n" + b"".join(good(*range(row - 2))) + b"D1\n" + b"D99,1\n")
        (trial.root / "city" / name).write_bytes(packed.getvalue())
    entry = trial.dataset(trial.run(), NAME)
    assert [(row, codes) for _, row, codes in quarantined(trial)] == [(row, ["ROW_WIDTH"]) for row in (5, 6, 7)]
    assert len({row["_receipt"] for row in trial.quarantine(NAME).to_dicts()}) == 3
    assert entry["rows_in"] == entry["rows_standard"] + entry["rows_quarantined"] + entry["rows_duplicate"] == 18


def test_plain_and_broken_files_share_a_batch_and_its_counts(city: Trial) -> None:
    place(city, "plain.csv", *good(*range(100)))
    place(city, "broken.csv", *good(*range(50)), BAD_ROWS["ROW_WIDTH"], *good(*range(100, 120)))
    entry = city.dataset(city.run(), NAME)
    assert (entry["rows_in"], entry["rows_standard"], entry["rows_quarantined"]) == (171, 170, 1)
    assert city.ledger.read("batches")["rows_in"].to_list() == [171]


def test_a_schedulers_tasks_hand_refused_rows_on_and_say_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outcomes = []
    for name in ("memory", "tasks"):
        (tmp_path / name).mkdir()
        trial = declare(tmp_path / name)
        place(trial, "a.csv", *good(*range(9)), *BAD_ROWS.values(), *good(3), *good(20))
        if name == "memory":
            trial.run()
        else:
            for variable, path in {"CITYLAKE_WORKSPACE": "workspace", "CITYLAKE_LAKE": "lake", "CITY": "city"}.items():
                monkeypatch.setenv(variable, str(trial.root / path))
            for step in STEPS:
                # A task that is tried again must not count its rows twice.
                getattr(scheduler_tasks, f"{step}_task")(NAME, "run")
                getattr(scheduler_tasks, f"{step}_task")(NAME, "run")
        (batch,) = trial.ledger.read("batches").to_dicts()
        counts = [batch[key] for key in ("rows_in", "rows_standard", "rows_quarantined", "rows_duplicate")]
        outcomes.append((quarantined(trial), counts, trial.standard(NAME).sort("_row")["device_code"].to_list()))
    assert outcomes[0] == outcomes[1]
    assert outcomes[0][1] == [16, 10, 5, 1]


def test_too_many_bad_rows_hold_the_batch_by_the_contracts_share(tmp_path: Path) -> None:
    trial = declare(tmp_path, expect={"quarantine_share": 0.1})
    place(trial, "a.csv", *good(*range(8)), BAD_ROWS["ROW_WIDTH"])
    entry = trial.dataset(trial.run(), NAME)
    assert entry["status"] == "held"
    assert [problem["code"] for problem in entry["problems"]] == ["QUARANTINE_SHARE_HIGH"]


def test_a_strict_contract_holds_the_file(tmp_path: Path) -> None:
    source = {"connector": "files", "path": "${CITY}/*", "format": {"type": "csv", "bad_rows": "hold"}}
    trial = declare(tmp_path, source=source)
    place(trial, "a.csv", *good(*range(8)), BAD_ROWS["ROW_WIDTH"])
    entry = trial.dataset(trial.run(), NAME)
    assert (entry["status"], [problem["code"] for problem in entry["problems"]]) == ("held", ["ROW_WIDTH"])


def test_the_same_bytes_again_leave_the_same_quarantine(city: Trial) -> None:
    place(city, "a.csv", *good(*range(8)), BAD_ROWS["ROW_WIDTH"])
    city.run()
    before = quarantined(city)
    city.run()
    (city.root / "city/a.csv").touch()
    city.run()
    assert quarantined(city) == before == [("a.csv", 10, ["ROW_WIDTH"])]
    assert city.standard(NAME).height == 8


def test_a_corrected_file_reaches_the_table_whole(tmp_path: Path) -> None:
    trial = declare(tmp_path, write={"mode": "upsert", "key": ["device_code"]})
    place(trial, "a.csv", *good(*range(8)), BAD_ROWS["ROW_WIDTH"])
    trial.run()
    place(trial, "a.csv", *good(*range(8)), b"D9,1\n")
    trial.run()
    assert trial.standard(NAME).height == 9


@pytest.mark.parametrize("left", ["landing", "raw"])
def test_a_replay_keeps_the_refused_rows_also_from_the_raw_zone_alone(city: Trial, left: str) -> None:
    place(city, "a.csv", *good(*range(8)), BAD_ROWS["ROW_WIDTH"])
    city.run()
    before = quarantined(city)
    if left == "raw":
        (receipt,) = city.receipts(NAME)
        Path(receipt["landing"][0]).unlink()
    declared = city.root / "workspace/datasets/counts.yaml"
    declared.write_text(declared.read_text("utf-8").replace("required: true", "required: false"), "utf-8")
    counts = city.replay(NAME).counts
    assert (counts.rows_in, counts.standard, counts.quarantined) == (9, 8, 1)
    assert quarantined(city) == before


BROKEN = st.sampled_from([b"X,1,2\n", b"X\n", b'"X"y,1\n', b"\xff,1\n", b"X\x00,1\n", b'X,"1\n', b",\n", b"\n"])


@settings(max_examples=examples(5, 12), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(places=st.lists(st.tuples(st.integers(0, 30), BROKEN), max_size=8), end=st.booleans())
def test_every_line_is_in_exactly_one_of_standard_quarantine_duplicates_and_skipped(
    tmp_path_factory: pytest.TempPathFactory, places: list[tuple[int, bytes]], end: bool
) -> None:
    lines = good(*range(28), 3, 4)
    for at, line in places:
        lines.insert(at, line)
    if not end:
        lines[-1] = lines[-1].rstrip(b"\n")
    trial = declare(tmp_path_factory.mktemp("lines"))
    place(trial, "a.csv", *lines)
    entry = trial.dataset(trial.run(), NAME)
    assert entry["status"] == "committed"
    assert entry["rows_in"] == entry["rows_standard"] + entry["rows_quarantined"] + entry["rows_duplicate"]
    seen = [(row, 1) for row in trial.standard(NAME)["_row"].to_list()]
    if Path(trial.lake.quarantine(NAME)).exists():
        for row in trial.quarantine(NAME).to_dicts():
            raw = json.loads(row["raw"])
            seen.append((row["_row"], 1 + raw.get("_line", "").count("\n")))
    seen += [(row, 1) for row in trial.ledger.read("duplicates")["_row"].to_list()]
    covered = [line for row, count in seen for line in range(row, row + count)]
    blank = [number for number, line in enumerate(lines, 2) if not line.strip(b",\r\n")]
    assert sorted({*covered, *blank}) == list(range(2, len(lines) + 2))
    assert len(covered) == len(set(covered))
    trusted = {f"D{row['flow_veh']}" == row["device_code"] for row in trial.standard(NAME).to_dicts()}
    assert trusted == {True}
