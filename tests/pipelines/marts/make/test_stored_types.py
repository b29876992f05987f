"""Every type of DuckDB is stored without loss or refused, and a value that does not fit is named."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from deltalake import DeltaTable, write_deltalake

from citylake.pipelines.marts.make.stored_types import stored_duckdb_type, stored_value

STORED: list[tuple[str, Any]] = [
    ("18446744073709551615::UBIGINT", Decimal(18446744073709551615)),
    ("200::UTINYINT", 200),
    ("60000::USMALLINT", 60000),
    ("4294967295::UINTEGER", 4294967295),
    ("7::HUGEINT", 7),
    ("1.5::DECIMAL(38,10)", Decimal("1.5000000000")),
    ("TIME '10:00:01'", "10:00:01"),
    ("'10:00:00+08'::TIMETZ", "10:00:00+08"),
    ("INTERVAL '2 days 10 hours'", "2 days 10:00:00"),
    ("'a'::ENUM('a', 'b')", "a"),
    ("'101'::BIT", "101"),
    ("'123456789012345678901234567890123456789012'::BIGNUM", "123456789012345678901234567890123456789012"),
    ("'2026-03-01 08:00:00.123456'::TIMESTAMP_NS::VARCHAR", "2026-03-01 08:00:00.123456"),
    ("[1, 2]::UBIGINT[2]", [Decimal(1), Decimal(2)]),
    ("{'a b': TIME '10:00', 'c': [1::UBIGINT]}", {"a b": "10:00:00", "c": [Decimal(1)]}),
    ("MAP {'a': '[1]'::JSON}", {"a": "[1]"}),
    ("NULL", None),
]


def store(connection: duckdb.DuckDBPyConnection, value: str, folder: Path) -> Any:
    """What is read again of ``value``, written as a column of a mart's table."""
    kind = connection.execute(f"DESCRIBE SELECT {value} AS x").fetchall()[0][1]
    stored = stored_duckdb_type(kind)
    assert stored is not None
    made = stored_value("x", kind, stored)
    write_deltalake(
        str(folder), connection.execute(f"SELECT {made} AS x FROM (SELECT {value} AS x)").to_arrow_reader(9)
    )
    (file,) = DeltaTable(str(folder)).file_uris()
    found = connection.execute(f"SELECT x FROM read_parquet('{file}')").fetchone()
    assert found is not None
    return found[0]


@pytest.mark.parametrize(("value", "expected"), STORED, ids=[value for value, _ in STORED])
def test_a_value_is_stored_without_loss(tmp_path: Path, value: str, expected: Any) -> None:
    with duckdb.connect() as connection:
        assert store(connection, value, tmp_path) == expected


@pytest.mark.parametrize("kind", ["UNION(k INTEGER)", "VARIANT", "TIMESTAMP_NS[]", "STRUCT(a UNION(k INTEGER))"])
def test_a_type_that_delta_cannot_hold_is_refused(kind: str) -> None:
    assert stored_duckdb_type(kind) is None


@pytest.mark.parametrize(
    ("value", "named"),
    [
        ("9223372036854775808::HUGEINT", "9223372036854775808"),
        ("'2026-03-01 08:00:00.123456789'::TIMESTAMP_NS", "08:00:00.123456789"),
        ("DATE 'infinity'", "infinity"),
        ("DATE '10000-01-01'", "10000-01-01"),
    ],
)
def test_a_value_that_does_not_fit_is_an_error_that_names_it(tmp_path: Path, value: str, named: str) -> None:
    with duckdb.connect() as connection, pytest.raises(duckdb.Error, match=named):
        store(connection, value, tmp_path)
