"""Each batch is read by the declarations of its time: those on record, or today's if they are proved to be the same."""

from __future__ import annotations

import polars as pl
import pytest
from deltalake import write_deltalake

from citylake.pipelines.lake.ledger import Ledger
from tests.pipelines.history.rebuild.conftest import PastTown


def forget_revisions(town: PastTown) -> None:
    """The ledger as an earlier version of citylake has written it."""
    for table in ("batches", "publications"):
        rows = Ledger(town.lake).read(table).with_columns(revision=pl.lit(None, pl.String))
        write_deltalake(town.lake.ledger(table), rows.to_arrow(), mode="overwrite")


def test_a_contract_that_has_changed_since_is_read_as_it_was(town: PastTown) -> None:
    at = town.times()[-1]
    town.edit("datasets/air/readings.yaml", "unit: ug/m3", "unit: mg/m3")
    town.edit("elements/air.yaml", "range: [0, 1000]", "range: [0, 100000]")
    assert town.call("replay", "air.readings") == 0
    assert town.rebuild(at) == 0
    assert max(row[2] for row in town.rows()) == 32.0
    assert town.rebuild(town.times()[-1], "now.duckdb") == 0
    assert max(row[2] for row in town.rows("now.duckdb")) == 31_001.0


def test_a_mart_and_a_dataset_that_are_no_longer_declared_can_be_made_again(town: PastTown) -> None:
    at = town.times()[0]
    for path in sorted((town.workspace / "marts/air").iterdir()):
        path.unlink()
    (town.workspace / "datasets/air/readings.yaml").unlink()
    (town.workspace / "datasets/air/other.yaml").write_text(
        "dataset: air.other\ntitle: {zh: 其他, en: other}\nowner: {department: 局}\n"
        'source: {connector: files, path: "x.csv", format: csv}\n'
        "fields: {station: {element: place.station_code}}\nwrite: {mode: append}\n",
        "utf-8",
    )
    assert town.rebuild(at) == 0


def test_without_a_record_todays_declarations_are_used_if_they_are_the_same(town: PastTown) -> None:
    forget_revisions(town)
    assert town.rebuild(town.times()[-1]) == 0


def test_without_a_record_a_changed_mart_is_refused(town: PastTown, capsys: pytest.CaptureFixture[str]) -> None:
    forget_revisions(town)
    assert town.rebuild(town.times()[0]) == 1
    assert "The declarations behind mart.air" in capsys.readouterr().err
    assert not (town.root / "out.duckdb").exists()


def test_without_a_record_a_changed_contract_is_refused_with_batch_and_dataset(
    town: PastTown, capsys: pytest.CaptureFixture[str]
) -> None:
    forget_revisions(town)
    town.edit("elements/air.yaml", "range: [0, 1000]", "range: [0, 10000]")
    batch = Ledger(town.lake).committed_batches("air.readings")["batch"][0]
    assert town.rebuild(town.times()[-1]) == 1
    assert f"The declarations behind air.readings, {batch}" in capsys.readouterr().err
