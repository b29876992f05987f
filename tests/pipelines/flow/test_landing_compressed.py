"""A lake that stores landed files compressed has the same rows as one that does not, whatever is done with it."""

from __future__ import annotations

import gzip
import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml

from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.landed_file import is_stored_compressed
from citylake.pipelines.lake.ledger import Ledger
from citylake.pipelines.parse.parse_receipt import parse_texts
from citylake.pipelines.parse.read_record import READ_FILE
from citylake.pipelines.pull.connector_api import LandedPart
from citylake.pipelines.pull.landing_writer import LandingWriter
from citylake.pipelines.read.source_row import read_source_row
from citylake.pipelines.records import BatchResult, Receipt
from citylake.pipelines.upkeep.backup.restore_backup import restore_lake
from citylake.pipelines.upkeep.backup.take_backup import back_up_lake
from citylake.pipelines.upkeep.verify.verify_lake import LakeVerification
from citylake.pipelines.upkeep.verify.verify_options import VerifyOptions
from citylake.schemas.model.contract import Contract
from citylake.schemas.words.errors import CitylakeError
from tests.kept_folder import KeptFolder
from tests.pipelines.flow.test_replay import DATASET, WRITES, contract, deliver, open_trial, replay, rows
from tests.pipelines.pull.test_landing_compressed import packed
from tests.trial import Trial

LINES = [
    f"2026-03-{day:02d} {hour:02d}:00,D{hour},{'x' if hour == 7 else hour}" for day in (1, 2) for hour in range(24)
]
TEXT = "\n".join(["t,dev,v", *LINES, ""])
JSON = json.dumps([dict(zip(["t", "dev", "v"], line.split(","), strict=True)) for line in LINES])
PAGES = {"connector": "files", "path": "x", "format": "json"}
BODIES = {
    "plain.csv": TEXT.encode(),
    "gbk.csv": TEXT.replace("D1,", "东一,").encode("gb18030"),
    "wide.csv": TEXT.encode("utf-16"),
    "quoted.csv": TEXT.replace("D3,", '"D\n3",').encode(),
    "zipped.csv": gzip.compress(TEXT.encode()),
    "received.csv": packed(TEXT.encode()),
}


def switch(trial: Trial, compression: str) -> None:
    path = trial.root / "workspace/workspace.yaml"
    settings = yaml.safe_load(path.read_text("utf-8")) | {"landing": {"compression": compression}}
    path.write_text(yaml.safe_dump(settings, allow_unicode=True), "utf-8")


def declare(trial: Trial, form: Any = "csv", **speed: Any) -> None:
    declared = contract(WRITES["append"], **speed)
    declared["source"] |= {"path": "${IN}/*.*", "format": form}
    trial.declare("datasets/c", declared)


def replay_in_metres(trial: Trial) -> BatchResult:
    """Replays every receipt: the source's unit is m/s now."""
    declare(trial, unit="m/s")
    return replay(trial)


def stored(trial: Trial) -> dict[str, Path]:
    return {receipt["name"]: Path(receipt["landing"][0]) for receipt in trial.receipts(DATASET)}


def sources(lake: Lake, trial: Trial) -> list[tuple[Any, ...]]:
    """Every standard row's place, and the source's row there."""
    found = trial.standard(DATASET).select("_source", "_row", "_receipt", "device_code").sort("_source", "_row")
    return [(name, row, read_source_row(lake, receipt, row)) for name, row, receipt, _ in found.rows()[::9]]


def findings(lake: Lake) -> list[str]:
    return [each.problem.code for each in LakeVerification(Ledger(lake), VerifyOptions(deep=True)).findings()]


@pytest.fixture
def new_trial(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Trial]:
    def make(compression: str, form: Any = "csv", bodies: dict[str, bytes] = BODIES) -> Trial:
        return landed(tmp_path_factory.mktemp("trial"), compression, form, bodies)

    return make


def landed(folder: Path, compression: str, form: Any, bodies: dict[str, bytes]) -> Trial:
    trial = open_trial(folder)
    switch(trial, compression)
    declare(trial, form)
    for name, body in bodies.items():
        (trial.root / "in" / name).write_bytes(body)
    assert trial.run().exit_code == 0
    return trial


@pytest.fixture
def one_file(kept: KeptFolder) -> Trial:
    """A lake whose one landed file is stored compressed."""
    kept.restore(lambda: landed(kept.root, "zstd", "csv", {"a.csv": TEXT.encode()}))
    return Trial(kept.root, {"IN": str(kept.root / "in")})


def facts(trial: Trial) -> list[Any]:
    told = ("name", "sha256", "size_bytes", "status")
    receipts = sorted(tuple(receipt[name] for name in told) for receipt in trial.receipts(DATASET))
    return [rows(trial), receipts, sources(trial.lake, trial)]


def test_rows_quarantine_receipts_and_source_rows_are_the_same(new_trial: Callable[..., Trial]) -> None:
    without, within = new_trial("none"), new_trial("zstd")
    assert not any(is_stored_compressed(str(path)) for path in stored(without).values())
    compressed = {name for name, path in stored(within).items() if is_stored_compressed(str(path))}
    assert compressed == {"plain.csv", "gbk.csv", "wide.csv", "quoted.csv"}
    assert facts(within) == facts(without)
    assert findings(within.lake) == []
    assert [replay_in_metres(trial).status for trial in (without, within)] == ["committed"] * 2
    assert facts(within) == facts(without)


def test_a_backup_restored_elsewhere_reads_and_verifies(new_trial: Callable[..., Trial], tmp_path: Path) -> None:
    trial = new_trial("zstd")
    before, place, there = sources(trial.lake, trial), Lake(str(tmp_path / "backup")), Lake(str(tmp_path / "there"))
    done = back_up_lake(trial.lake, place)
    assert not done.damaged
    restore_lake(place, there)
    shutil.rmtree(trial.lake.path("landing"))
    assert findings(there) == []
    assert sources(there, trial) == before


def test_records_of_json_are_the_same(new_trial: Callable[..., Trial]) -> None:
    body = {"a.json": JSON.encode(), "b.json": gzip.compress(JSON.replace("D1", "E1").encode())}
    assert facts(new_trial("zstd", "json", body)) == facts(new_trial("none", "json", body))


def test_one_lake_may_switch_between_both(one_file: Trial) -> None:
    trial = one_file
    switch(trial, "none")
    deliver(trial, "b.csv", *(line.replace("D", "E") for line in LINES))
    assert trial.run().exit_code == 0
    switch(trial, "zstd")
    deliver(trial, "c.csv", *(line.replace("D", "F") for line in LINES))
    outcome = trial.run()
    received = [receipt["name"] for receipt in trial.receipts(DATASET) if receipt["status"] == "received"]
    assert (outcome.exit_code, received) == (0, ["a.csv", "b.csv", "c.csv"])
    first = {receipt["name"]: receipt["landing"] for receipt in trial.receipts(DATASET) if receipt["landing"]}
    assert [is_stored_compressed(first[name][0]) for name in ("a.csv", "b.csv", "c.csv")] == [True, False, True]
    before = len(rows(trial)[0])
    assert replay_in_metres(trial).status == "committed"
    assert (len(rows(trial)[0]), findings(trial.lake)) == (before, [])


def cut(body: bytes) -> bytes:
    return body[:-5]


def flipped(body: bytes) -> bytes:
    # In the literals of the first block: it unpacks, to other text.
    at = body.index(b"dev") if b"dev" in body else 12
    return body[:at] + bytes([body[at] ^ 1]) + body[at + 1 :]


def other(_: bytes) -> bytes:
    return packed(TEXT.replace("D4", "D9").encode())


def longer(_: bytes) -> bytes:
    return packed(TEXT.encode() * 3)


def emptied(_: bytes) -> bytes:
    return b""


def replaced(_: bytes) -> bytes:
    return b"no zstd stream"


@pytest.mark.parametrize(
    ("damage", "record"),
    [*((each, True) for each in (cut, flipped, other, longer, emptied, replaced)), (cut, False), (other, False)],
)
def test_a_damaged_file_is_told_and_gives_no_rows(
    one_file: Trial, damage: Callable[[bytes], bytes], record: bool
) -> None:
    trial = one_file
    before, path = rows(trial), stored(trial)["a.csv"]
    path.write_bytes(damage(path.read_bytes()))
    (receipt,) = trial.receipts(DATASET)
    if record:
        with pytest.raises(CitylakeError) as error:
            read_source_row(trial.lake, receipt["id"], 3)
        assert error.value.problem.code == "LANDING_CHANGED"
        assert findings(trial.lake) == ["VERIFY_LANDING_DAMAGED"]
    else:
        Path(trial.lake.raw(DATASET, receipt["id"]), READ_FILE).unlink()
    result = replay_in_metres(trial)
    assert (result.status, [each.code for each in result.problems]) == ("held", ["LANDING_CHANGED", "REPLAY_HELD"])
    assert rows(trial) == before


def test_a_lost_file_is_told_as_lost(one_file: Trial) -> None:
    trial = one_file
    stored(trial)["a.csv"].unlink()
    (receipt,) = trial.receipts(DATASET)
    with pytest.raises(CitylakeError) as error:
        read_source_row(trial.lake, receipt["id"], 3)
    assert error.value.problem.code == "LANDING_LOST"
    assert [each.code for each in replay_in_metres(trial).problems] == ["LANDING_LOST", "REPLAY_HELD"]


@pytest.mark.parametrize("compress", [True, False])
def test_pages_of_one_receipt_are_read_in_order_whichever_way_each_is_stored(tmp_path: Path, compress: bool) -> None:
    lake, pages = Lake(str(tmp_path / "lake")), [json.dumps([{"a": n}]).encode() for n in range(4)]
    pages[2] = gzip.compress(pages[2])
    landing = LandingWriter(lake, lambda: lake.landing("test.data", "2026-03-01", "r1"), compress)
    landing.take(LandedPart(f"page-{number}.json", iter([page])) for number, page in enumerate(pages))
    landing.keep()
    now = datetime(2026, 3, 1, tzinfo=UTC)
    receipt = Receipt("r1", "run", "test.data", "x", "x", "received", now, now)
    digest = landing.digest.hexdigest()
    receipt = replace(receipt, sha256=digest, size_bytes=landing.size, landing=tuple(landing.paths))
    declared = Contract.model_validate(contract(WRITES["append"]) | {"source": PAGES})
    parsed, files = parse_texts(receipt, declared, lake, tmp_path)
    assert parsed.problem is None
    found = pl.concat(map(pl.read_parquet, files)).sort("_part", "_row")
    assert (parsed.rows, found["a"].to_list()) == (4, ["0", "1", "2", "3"])
