"""Mart functions on addresses and names."""

from __future__ import annotations

import duckdb
import pytest

from citylake.pipelines.marts.functions.function_api import load_functions


@pytest.fixture
def connection() -> duckdb.DuckDBPyConnection:
    made = duckdb.connect()
    load_functions("address").register(made, "Asia/Shanghai")
    return made


def test_two_spellings_of_an_address_join_in_sql(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("CREATE TABLE tax AS SELECT '杭州市西湖區文三路四百七十八號3幢2单元301室' AS address, 1 AS id")
    connection.execute("CREATE TABLE permits AS SELECT '文三路478号3-2-301' AS address, 2 AS id")
    joined = connection.sql(
        "SELECT tax.id, permits.id FROM tax JOIN permits ON address_key(tax.address) = address_key(permits.address)"
    )
    assert joined.fetchall() == [(1, 2)]
    assert connection.sql("SELECT street_key('文三路478号5幢') = street_key('文三路478号')").fetchone() == (True,)


def test_what_has_no_street_and_what_is_null_joins_with_nothing(connection: duckdb.DuckDBPyConnection) -> None:
    found = connection.sql("SELECT address_key(a) FROM (VALUES ('西湖区'), (NULL), ('文三路1号')) AS t(a)").fetchall()
    assert found == [(None,), (None,), ("文三路1号",)]


def test_two_spellings_of_an_organisation_have_one_key(connection: duckdb.DuckDBPyConnection) -> None:
    found = connection.sql(
        "SELECT organisation_key('蓝天物流有限責任公司') = organisation_key('蓝天物流有限公司'), organisation_key(NULL)"
    )
    assert found.fetchone() == (True, None)
