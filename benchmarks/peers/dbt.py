"""dbt-duckdb: a model, thirteen tests that store their failures, and the rows that no test named.

``python -m benchmarks.peers.dbt FILE FOLDER``.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import duckdb

from benchmarks.generate.layout import COLUMNS, DECIMALS, INTEGERS
from benchmarks.peers.outcome import KEY, report
from benchmarks.peers.rules_sql import again, conditions, vehicle

PROJECT = {
    "name": "readings",
    "version": "1.0",
    "profile": "readings",
    "data_tests": {"+store_failures": True, "+severity": "warn"},
    "flags": {"send_anonymous_usage_stats": False},
}


def typed(source: str) -> str:
    """The model of typed rows."""
    types = dict.fromkeys(INTEGERS, "INTEGER") | dict.fromkeys(DECIMALS, "DOUBLE")
    columns = ", ".join(f"'{name}': '{types.get(name, 'VARCHAR')}'" for name in COLUMNS.values())
    form = "header=true, auto_detect=false, delim=',', quote='\"', escape='\"'"
    local = "try_strptime(time, '%Y-%m-%d %H:%M:%S')"
    return f"""
        {{{{ config(materialized='table') }}}}
        SELECT * EXCLUDE (time, unit) REPLACE (
                CASE WHEN unit = 'm/s' THEN speed * 3.6 ELSE speed END AS speed, {vehicle()} AS vehicle),
            row_number() OVER () AS row_no, {local} - INTERVAL 8 HOUR AS observed_at, {local}::DATE AS day
        FROM read_csv('{source}', {form}, columns={{{columns}}})
    """


def project(source: str, home: Path) -> None:
    """Write the project."""
    good = " UNION ALL ".join(f"SELECT row_no FROM {{{{ target.schema }}}}_dbt_test__audit.{name}" for name in _names())
    texts = {
        "dbt_project.yml": json.dumps(PROJECT),
        "profiles.yml": json.dumps(_profile(home)),
        "models/typed.sql": typed(source),
        "models/good.sql": f"{{{{ config(materialized='external', location='{home}/good', "
        "options={'partition_by': 'day', 'compression': 'zstd'}) }}"
        f"SELECT * EXCLUDE (row_no) FROM {{{{ ref('typed') }}}} ANTI JOIN ({good}) USING (row_no)",
        **{f"tests/{name}.sql": _test(name) for name in _names()},
    }
    for path, text in texts.items():
        (home / path).parent.mkdir(parents=True, exist_ok=True)
        (home / path).write_text(text)


def _names() -> dict[str, str]:
    return {f"broken_{rule}": condition for rule, condition in conditions("regexp_matches").items()} | {
        f"broken_{KEY}": f"{again()} > 1"
    }


def _test(name: str) -> str:
    where = "QUALIFY" if name == f"broken_{KEY}" else "WHERE"
    return f"SELECT * FROM {{{{ ref('typed') }}}} {where} {_names()[name]}"


def _profile(home: Path) -> dict[str, object]:
    target = {"type": "duckdb", "path": f"{home}/readings.duckdb", "threads": os.cpu_count(), "schema": "main"}
    return {"readings": {"target": "here", "outputs": {"here": target}}}


def main(source: str, folder: str) -> None:
    """Model, tests, the good rows; then the counts, in a new program, because dbt does not close its database."""
    from dbt.cli.main import dbtRunner

    home = Path(folder, "dbt")
    project(source, home)
    for words in (["build", "--select", "typed"], ["run", "--select", "good"]):
        done = dbtRunner().invoke([*words, "--project-dir", str(home), "--profiles-dir", str(home), "--quiet"])
        if not done.success:
            raise SystemExit(f"dbt {' '.join(words)} failed: {done.exception}")
    os.execv(sys.executable, (sys.executable, "-m", "benchmarks.peers.dbt", "--count", folder))


def count(folder: str) -> None:
    """Rows on either side and by test."""
    with duckdb.connect(f"{folder}/dbt/readings.duckdb", read_only=True) as engine:
        tables = {name.removeprefix("broken_"): f"main_dbt_test__audit.{name}" for name in _names()}
        broken = {rule: _one(engine, f"SELECT count(*) FROM {table}") for rule, table in tables.items()}
        union = " UNION ALL ".join(f"SELECT row_no FROM {table}" for table in tables.values())
        bad = _one(engine, f"SELECT count(DISTINCT row_no) FROM ({union})")
        good = _one(engine, f"SELECT count(*) FROM read_parquet('{folder}/dbt/good/**/*.parquet')")
    report(folder, good, bad, broken)


def _one(engine: duckdb.DuckDBPyConnection, query: str) -> int:
    row = engine.execute(query).fetchone()
    return int(row[0]) if row else 0


if __name__ == "__main__":
    if sys.argv[1] == "--count":
        count(sys.argv[2])
    else:
        main(*sys.argv[1:3])
