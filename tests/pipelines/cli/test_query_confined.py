"""Who may query a mart or the ledger reads its tables, and no file, address, variable or setting of the machine."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

REACHING_OUT = (
    "SELECT * FROM read_text('{secret}')",
    "SELECT * FROM read_csv('{secret}')",
    "SELECT * FROM '{secret}'",
    "SELECT * FROM glob('{folder}/*')",
    "SELECT * FROM read_text('http://127.0.0.1:9/x')",
    "COPY (SELECT 1) TO '{made}'",
    "EXPORT DATABASE '{made}'",
    "ATTACH '{made}'",
    "ATTACH '{lake}' AS other",
    "INSTALL httpfs",
    "LOAD httpfs",
    "SET enable_external_access = true",
    "SELECT getenv('PATH')",
    "CREATE TABLE day2 AS SELECT 1",
    "DELETE FROM day",
)


@pytest.mark.parametrize("where", ["mart", "ledger"])
def test_sql_of_a_query_reaches_nothing_outside(city: Any, tmp_path: Path, where: str) -> None:
    city.json("run")
    secret, made = tmp_path / "secret.txt", tmp_path / "made"
    secret.write_text("the secret of the neighbour")
    places = {"secret": secret, "folder": tmp_path, "made": made, "lake": tmp_path / "other.duckdb"}
    for statement in REACHING_OUT:
        if where == "ledger" and statement.startswith(("CREATE", "DELETE")):
            continue
        sql = statement.format(**places)
        command = ("query", "traffic", sql) if where == "mart" else ("ledger", sql)
        code, out, err = city.call(*command)
        assert code != 0, sql
        assert "the secret of the neighbour" not in out + err
        assert not made.exists()
    assert city.call("query", "traffic", "SELECT count(*) FROM day")[0] == 0
