"""Credentials and keys come from Airflow where the environment has none."""

from __future__ import annotations

import json
from base64 import b64encode
from pathlib import Path
from typing import Any

import polars as pl
import pyrage
import pytest

from tests.declared import declare_packs

CONTRACT = """
dataset: traffic.counts
title: {zh: 断面流量, en: traffic counts}
owner: {department: 市交通运输局}
source: {connector: http, url: "${COUNTS}/counts.csv", connection: traffic_api, format: csv}
fields:
  device: {element: traffic.device_code, required: true, protect: token}
  flow: {element: traffic.flow, required: true}
write: {mode: upsert, key: [device_code]}
"""
SECRET = "hush-hush"
KEYS = {"CITYLAKE_KEY_TOKENS": "ab" * 22, "CITYLAKE_KEY_SEAL": str(pyrage.x25519.Identity.generate())}
BASIC = f"Basic {b64encode(f'lake:{SECRET}'.encode()).decode()}"


def test_a_dag_asks_with_the_connection_and_the_keys_that_airflow_holds(
    airflow: Any, city: Any, reply: Any, tmp_path: Path
) -> None:
    def answer(asked: Any) -> Any:
        return reply(b"device,flow\nD1,3\n") if asked.headers.get("authorization") == BASIC else reply(status=401)

    city.answer = answer
    (declare_packs(tmp_path / "workspace") / "datasets").mkdir()
    (tmp_path / "workspace/datasets/counts.yaml").write_text(CONTRACT, encoding="utf-8")
    variables = {
        "CITYLAKE_WORKSPACE": str(tmp_path / "workspace"),
        "CITYLAKE_LAKE": str(tmp_path / "lake"),
        "COUNTS": city.url,
        **dict.fromkeys(KEYS, ""),
        **{f"AIRFLOW_VAR_{key}": text for key, text in KEYS.items()},
        "AIRFLOW_CONN_TRAFFIC_API": json.dumps({"conn_type": "http", "login": "lake", "password": SECRET}),
    }
    (told,) = airflow("run_dag.py", json.dumps([{"dag": "dataset.traffic.counts"}]), **variables)
    assert told["state"] == "success"
    assert told["results"]["pull"] == {"received": 1}
    (token,) = pl.read_delta(str(tmp_path / "lake/standard/traffic.counts"))["device_code"]
    assert token.startswith("t1.")
    assert all(SECRET.encode() not in path.read_bytes() for path in (tmp_path / "lake").rglob("*") if path.is_file())


KINDS = [
    ({"conn_type": "http", "password": SECRET}, {"token": SECRET}),
    ({"conn_type": "http", "extra": json.dumps({"params": {"appKey": SECRET}})}, {"params": {"appKey": SECRET}}),
    (
        {"conn_type": "postgres", "host": "db", "login": "lake", "password": "p@ss", "schema": "city", "port": 5432},
        {"uri": "postgresql://lake:p%40ss@db:5432/city"},
    ),
    (
        {"conn_type": "aws", "login": "id", "password": SECRET, "extra": json.dumps({"endpoint_url": "http://s3"})},
        {"options": {"key": "id", "secret": SECRET, "endpoint_url": "http://s3"}},
    ),
    (
        {"conn_type": "sftp", "login": "lake", "password": SECRET},
        {"options": {"username": "lake", "password": SECRET}},
    ),
]


@pytest.fixture(scope="module")
def declared(airflow: Any) -> list[Any]:
    told: list[Any] = airflow("show_connections.py", json.dumps([given for given, _ in KINDS]))
    return told


@pytest.mark.parametrize("number", range(len(KINDS)))
def test_every_kind_of_connection_gives_what_its_connectors_need(declared: list[Any], number: int) -> None:
    assert declared[number] == KINDS[number][1]
