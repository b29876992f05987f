"""The declarations under which something was recorded can be read again, whatever has changed since."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from citylake.pipelines.context import RunContext, new_run
from citylake.pipelines.flow.run_pipeline import run_pipeline
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.ledger import Ledger
from citylake.schemas.read.declaration_texts import load_written_registry, write_declarations
from citylake.schemas.read.registry import load_registry
from citylake.schemas.words.errors import CitylakeError
from tests.declared import declare_packs

CONTRACT = """
dataset: traffic.counts
title: {{zh: 流量, en: {title}}}
owner: {{department: 市交通运输局}}
source: {{connector: files, path: "{folder}/counts.csv", format: csv}}
fields:
  时间: {{element: time.hour_start, format: "%Y-%m-%d %H:%M", zone: Asia/Shanghai}}
  设备: {{element: traffic.device_code}}
  流量: {{element: traffic.flow, required: true}}
write: {{mode: upsert, key: [device_code, hour_start], partition: day(hour_start)}}
"""


def _run(folder: Path, title: str, rows: str) -> None:
    workspace = declare_packs(folder / "city")
    (workspace / "datasets").mkdir(exist_ok=True)
    contract = CONTRACT.format(title=title, folder=folder)
    (workspace / "datasets" / "counts.yaml").write_text(contract, encoding="utf-8")
    (folder / "counts.csv").write_text("时间,设备,流量\n" + rows, encoding="utf-8")
    lake = Lake(str(folder / "lake"))
    run_pipeline(RunContext(load_registry(workspace), lake, Ledger(lake), new_run()))


def test_each_batch_names_the_declarations_of_its_time(tmp_path: Path) -> None:
    _run(tmp_path, "counts", "2026-03-01 08:00,JT0000000001,10\n")
    _run(tmp_path, "counts", "2026-03-01 08:00,JT0000000001,10\n2026-03-01 09:00,JT0000000001,11\n")
    _run(tmp_path, "flows", "2026-03-01 08:00,JT0000000001,12\n")
    ledger = Ledger(Lake(str(tmp_path / "lake")))
    named = ledger.read("batches").filter(pl.col("status") == "committed")["revision"].to_list()
    assert named[0] == named[1] != named[2]
    titles = []
    for number, revision in enumerate(named):
        folder = tmp_path / f"copy{number}"
        write_declarations(ledger.declaration_texts(revision), folder)
        titles.append(load_written_registry(folder).contracts["traffic.counts"].title.en)
    assert titles == ["counts", "counts", "flows"]


def test_each_text_is_stored_once(tmp_path: Path) -> None:
    for number in range(3):
        _run(tmp_path, f"counts {number}", f"2026-03-01 08:00,JT0000000001,{number}\n")
    ledger = Ledger(Lake(str(tmp_path / "lake")))
    assert ledger.read("revisions")["revision"].n_unique() == ledger.read("revisions").height == 3
    texts = ledger.read("declarations")["sha256"]
    assert texts.n_unique() == texts.len()


def test_a_run_without_news_records_no_revision(tmp_path: Path) -> None:
    rows = "2026-03-01 08:00,JT0000000001,10\n"
    _run(tmp_path, "counts", rows)
    before = Ledger(Lake(str(tmp_path / "lake"))).read("revisions")
    _run(tmp_path, "counts", rows)
    assert Ledger(Lake(str(tmp_path / "lake"))).read("revisions").equals(before)


def test_a_revision_that_is_not_on_record_is_named(tmp_path: Path) -> None:
    with pytest.raises(CitylakeError) as raised:
        Ledger(Lake(str(tmp_path / "lake"))).declaration_texts("0123456789abcdef")
    assert raised.value.problem.code == "REVISION_UNKNOWN"
