"""A front-end database (前置库) of hotline cases, and the contract that takes them from it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from tests.postgres import Postgres
from tests.trial import Trial

DATASET = "gov.cases"
CONTRACT = """
dataset: gov.cases
title: {zh: 热线工单, en: hotline cases}
owner: {department: 市政务服务管理局}
source:
  connector: database
  connection: front
  table: public.cases
  exchange: {batch: BATCH_NO, operation: OPT_FLAG, taken: SYNC_FLAG, time: UPDATE_TIME}
zone: Asia/Shanghai
fields:
  GDBH: {element: service.case_no, required: true}
  OPT_FLAG: {element: exchange.operation, required: true}
  BATCH_NO: {element: exchange.batch_no}
  UPDATE_TIME: {element: time.updated_at, format: "%Y-%m-%d %H:%M:%S%.f"}
ignore: [SYNC_FLAG]
write:
  mode: upsert
  key: [case_no]
  latest_by: updated_at
  changes: true
  deleted: {column: operation, codes: [D]}
"""
TABLE = """CREATE TABLE cases ("GDBH" text, "OPT_FLAG" char(1), "BATCH_NO" bigint, "UPDATE_TIME" timestamp,
"SYNC_FLAG" char(1) DEFAULT '0')"""
Row = tuple[str, str, int, str]
"""Case, operation, batch, minute of the hour."""


@dataclass(frozen=True)
class FrontEnd:
    """The supplier's side."""

    database: Postgres

    def hand_over(self, rows: Sequence[Row]) -> None:
        """Write rows that wait to be taken."""
        values = ", ".join(f"('{no}', '{op}', {batch}, '2026-03-01 08:{minute}:00')" for no, op, batch, minute in rows)
        self.database.sql(f'INSERT INTO cases ("GDBH", "OPT_FLAG", "BATCH_NO", "UPDATE_TIME") VALUES {values}')

    def flags(self) -> dict[str, int]:
        """The rows by their flag."""
        counted = self.database.sql('SELECT "SYNC_FLAG", count(*) FROM cases GROUP BY 1')
        return {str(flag): int(count) for flag, count in counted}


@pytest.fixture
def front_end(postgres: Postgres, trial: Trial, monkeypatch: pytest.MonkeyPatch) -> FrontEnd:
    """An empty front-end database, and a trial whose contract takes from it."""
    monkeypatch.setenv("CITYLAKE_CONN_FRONT", json.dumps({"uri": postgres.uri}))
    trial.declare("datasets/gov/cases", CONTRACT)
    postgres.sql(TABLE)
    return FrontEnd(postgres)


def known(trial: Trial) -> dict[str, Any]:
    """The last known operation on every case in the standard table."""
    frame = trial.standard(DATASET)
    assert frame["case_no"].n_unique() == frame.height
    return dict(frame.select("case_no", "operation").sort("case_no").iter_rows())
