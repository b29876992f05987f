"""``citylake ledger``: SQL over what the lake did."""

from __future__ import annotations

from typing import Any

import pytest

from citylake.pipelines.lake.ledger.ledger_store import LEDGER_TABLES

BATCHES = "SELECT dataset, status, rows_in FROM batches ORDER BY recorded_at"


def test_the_ledger_answers_sql(ran: Any) -> None:
    ran.json("run")
    code, told = ran.json("ledger", BATCHES)
    assert (code, told["columns"]) == (0, ["dataset", "status", "rows_in"])
    assert [row["status"] for row in told["rows"]] == ["committed", "unchanged"]
    assert ran.call("ledger", "SELECT count(*) AS n FROM receipts", "--csv")[1] == "n\n2\n"
    assert "traffic.counts" in ran.call("ledger", BATCHES)[1]


@pytest.mark.parametrize("table", LEDGER_TABLES)
def test_every_table_is_there_with_its_columns_though_nothing_ran(city: Any, table: str) -> None:
    code, told = city.json("ledger", f"SELECT * FROM {table}")
    assert (code, told["columns"], told["rows"]) == (0, LEDGER_TABLES[table].SCHEMA.names(), [])


def test_what_cannot_be_asked_is_told(city: Any) -> None:
    code, told = city.json("ledger", "SELECT colour FROM batches")
    assert (code, told["error"]["code"]) == (1, "QUERY_FAILED")
    code, told = city.json("ledger", "")
    assert (code, told["error"]["code"]) == (1, "QUERY_EMPTY")


def test_asking_changes_nothing(ran: Any) -> None:
    before = sorted(ran.root.joinpath("lake").rglob("*"))
    for sql in (BATCHES, "DELETE FROM batches", f"COPY batches TO '{ran.root}/lake/out.csv'"):
        ran.json("ledger", sql)
    assert sorted(ran.root.joinpath("lake").rglob("*")) == before


def test_tables_are_listed_and_described(ran: Any) -> None:
    assert {row["name"] for row in ran.json("ledger", "SHOW TABLES")[1]["rows"]} == set(LEDGER_TABLES)
    assert len(ran.json("ledger", "DESCRIBE receipts")[1]["rows"]) == len(LEDGER_TABLES["receipts"].SCHEMA.names())
