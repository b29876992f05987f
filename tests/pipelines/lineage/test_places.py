"""Names by OpenLineage's specification, with nothing secret in them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from openlineage.client.naming import dataset as naming

from citylake.pipelines.lineage.dataset_names import list_source_names, name_from_url
from citylake.schemas.model.contract import Contract

KEY = "k3y-of-nobody"


def contract(source: dict[str, Any]) -> Contract:
    return Contract.model_validate(
        {
            "dataset": "page.example",
            "title": {"zh": "例", "en": "example"},
            "owner": {"department": "局"},
            "source": source,
            "fields": {"a": {"element": "page.element"}},
            "write": {"mode": "append"},
        }
    )


def places(source: dict[str, Any], **variables: str) -> list[tuple[str, str]]:
    return [(place.namespace, place.name) for place in list_source_names(contract(source), variables)]


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("/data/flow_*.csv", ("file", "/data")),
        ("/data/2026-??/flow.csv", ("file", "/data")),
        ("/data/flow.csv", ("file", "/data/flow.csv")),
        ("file:///data/a%20b.csv", ("file", "/data/a b.csv")),
        ("s3://bucket/in/*/x.csv", ("s3://bucket", "in")),
        ("s3://bucket/*.csv", ("s3://bucket", "/")),
        ("sftp://user:secret@host:2222/out/*.zip", ("sftp://host:2222", "/out")),
        ("https://city.example:8443/x.csv?token=secret", ("https://city.example:8443", "/x.csv")),
    ],
)
def test_files_are_named_by_the_folder_above_their_pattern(path: str, place: tuple[str, str]) -> None:
    assert places({"connector": "files", "path": path, "format": "csv"}) == [place]


def test_an_address_with_brackets_is_no_pattern() -> None:
    source = {"connector": "http", "url": "https://user:secret@[::1]:8443/x.csv?token=secret", "format": "csv"}
    assert places(source) == [("https://[::1]:8443", "/x.csv")]


def test_several_paths_are_several_places() -> None:
    source = {"connector": "files", "path": ["/a/*.csv", "/a/*.txt", "/b/*.csv"], "format": "csv"}
    assert places(source) == [("file", "/a"), ("file", "/b")]


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ({"connector": "http", "url": "https://city.example/env/air.csv?key=k", "format": "csv"}, "/env/air.csv"),
        ({"connector": "arcgis", "url": "https://city.example/x/FeatureServer", "layer": 2}, "/x/FeatureServer/2"),
        ({"connector": "socrata", "url": "https://city.example", "dataset": "abcd-1234"}, "/resource/abcd-1234"),
        ({"connector": "ckan", "url": "https://city.example/", "resource": "r1"}, "/resource/r1"),
        ({"connector": "ngsi_ld", "url": "https://city.example", "type": "Air"}, "/ngsi-ld/v1/entities/Air"),
        ({"connector": "openaq", "url": "https://city.example/v3", "resource": "providers"}, "/v3/providers"),
    ],
)
def test_services_are_named_by_what_is_asked_of_them(source: dict[str, Any], name: str) -> None:
    assert places(source) == [("https://city.example", name)]


@pytest.mark.parametrize(
    ("uri", "table", "named"),
    [
        ("postgresql://u:{key}@db:6432/city", "air", naming.Postgres("db", "6432", "city", "public", "air")),
        ("postgresql+psycopg://u:{key}@db/city", "env.air", naming.Postgres("db", "5432", "city", "env", "air")),
        ("mysql+pymysql://u:{key}@db/city", "air", naming.MySQL("db", "3306", "city", "air")),
        ("oracle+oracledb://u:{key}@db/svc", "ENV.AIR", naming.Oracle("db", "1521", "svc", "ENV", "AIR")),
    ],
)
def test_database_tables_are_named_as_openlineage_names_them(
    monkeypatch: pytest.MonkeyPatch, uri: str, table: str, named: Any
) -> None:
    monkeypatch.setenv("CITYLAKE_CONN_ENV", json.dumps({"uri": uri.format(key=KEY)}))
    found = places({"connector": "database", "connection": "env", "table": table})
    assert found == [(named.get_namespace(), named.get_name())]


def test_a_query_is_named_by_the_dataset_that_it_gives(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CITYLAKE_CONN_ENV", json.dumps({"uri": "postgresql://db/city"}))
    source = {"connector": "database", "connection": "env", "query": "SELECT 1"}
    assert places(source) == [("postgres://db:5432", "city.query.page.example")]


def test_a_key_that_stands_in_a_path_is_blotted_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CITYLAKE_CONN_ENV", json.dumps({"token": KEY}))
    source = {"connector": "http", "url": "https://city.example/${APP}/air", "connection": "env", "format": "csv"}
    assert places(source, APP=KEY) == [("https://city.example", "/***/air")]


def test_what_cannot_be_told_for_want_of_a_variable_or_connection_keeps_a_name() -> None:
    assert places({"connector": "files", "path": "${NOWHERE}/x", "format": "csv"}) == [("files", "page.example")]
    unset = {"connector": "database", "connection": "nobody", "table": "t"}
    assert places(unset) == [("database", "page.example")]


def test_the_lake_is_named_as_its_store_is() -> None:
    local, store = name_from_url("/lake/standard/air.hourly"), name_from_url("s3://bucket/lake/standard/air.hourly")
    assert (local.namespace, local.name) == ("file", "/lake/standard/air.hourly")
    named = naming.S3("bucket", "lake/standard/air.hourly")
    assert (store.namespace, store.name) == (named.get_namespace(), named.get_name())
