"""A fault of the endpoint holds the mart with a message that has no secret, and the curated table stays."""

from __future__ import annotations

import builtins
import socket
from datetime import date
from typing import Any

import pytest

from citylake.pipelines.marts.gate.mart_gate import MartGate
from citylake.pipelines.marts.make.mart_builder import build_mart
from citylake.pipelines.marts.spark import spark_session
from citylake.pipelines.marts.spark.engine_choice import REMOTE
from citylake.pipelines.marts.spark.spark_faults import shown_remote, unopened, without_secrets
from citylake.schemas.model.mart import Mart
from citylake.schemas.words.errors import CitylakeError

D1 = date(2026, 2, 27)
ADDRESS = "sc://{host}/;use_ssl=true;token=s3cret-token;user_id=operator"


def _on(city: Any, engine: str) -> Mart:
    mart = city.registry.marts["air"]
    tables = {name: table.model_copy(update={"engine": engine}) for name, table in mart.tables.items()}
    changed: Mart = mart.model_copy(update={"tables": tables})
    city.registry.marts["air"] = changed
    return changed


def _built_code(city: Any, engine: str = "spark") -> str:
    with pytest.raises(CitylakeError) as raised:
        build_mart(_on(city, engine), city.registry, city.lake)
    assert "s3cret" not in raised.value.say("en") + raised.value.say("zh")
    return raised.value.code


def test_the_address_is_shown_without_its_token() -> None:
    remote = ADDRESS.format(host="spark.example.org:443")
    assert shown_remote(remote) == "sc://spark.example.org:443"
    assert shown_remote("sc://spark.example.org") == "sc://spark.example.org:15002"
    told = without_secrets(f"failed for s3cret-token at {remote}", remote)
    assert "s3cret" not in told
    assert "operator" not in told


def test_ctrl_c_stays_ctrl_c_where_the_endpoint_cannot_be_told_of_it() -> None:
    with pytest.raises(RuntimeError) as caught:
        _interrupted_client()
    with pytest.raises(KeyboardInterrupt):
        unopened(caught.value)


def _interrupted_client() -> None:
    """As pyspark: what the endpoint answers to the interruption is raised in place of it."""
    try:
        raise KeyboardInterrupt
    except KeyboardInterrupt:
        try:
            raise TimeoutError
        except TimeoutError:
            raise RuntimeError("Deadline Exceeded") from None


def test_without_an_address_or_with_a_wrong_one_the_mart_is_held(
    small_city: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_city.readings(D1, {"a": 10.0})
    monkeypatch.delenv(REMOTE, raising=False)
    assert _built_code(small_city) == "SPARK_NOT_CONFIGURED"
    for wrong in ("http://spark.example.org", "sc://", "sc://host:port"):
        monkeypatch.setenv(REMOTE, wrong)
        assert _built_code(small_city) == "SPARK_ADDRESS_UNREADABLE"


def test_an_endpoint_that_does_not_answer_holds_the_mart_and_the_table_stays(
    small_city: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_city.readings(D1, {"a": 10.0})
    before = build_mart(small_city.registry.marts["air"], small_city.registry, small_city.lake)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    monkeypatch.setenv(REMOTE, ADDRESS.format(host=f"127.0.0.1:{port}"))
    monkeypatch.setattr(spark_session, "_ATTEMPTS", 2)
    monkeypatch.setattr(spark_session, "_require_client", lambda: None)
    assert _built_code(small_city) == "SPARK_UNREACHABLE"
    again = build_mart(_on(small_city, "duckdb"), small_city.registry, small_city.lake)
    assert again.tables == before.tables, "nothing was written"


def test_without_the_client_the_message_says_what_to_install(small_city: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    small_city.readings(D1, {"a": 10.0})
    monkeypatch.setenv(REMOTE, "sc://127.0.0.1:1")
    real = builtins.__import__

    def without_client(name: str, *rest: Any, **more: Any) -> Any:
        if name.startswith("pyspark"):
            raise ImportError("No module named 'pyspark'")
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", without_client)
    assert _built_code(small_city) == "SPARK_CLIENT_MISSING"


def test_auto_without_an_endpoint_stays_on_duckdb(small_city: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(REMOTE, raising=False)
    small_city.readings(D1, {"a": 10.0})
    built = build_mart(_on(small_city, "auto"), small_city.registry, small_city.lake)
    assert built.tables["station_day"] == 0


def test_lint_names_the_expression_that_spark_cannot_compute(small_city: Any) -> None:
    small_city.mart(
        "names",
        """
mart: names
title: {zh: 名称, en: names}
audience: {zh: 分析人员, en: analysts}
tables:
  stations:
    title: {zh: 站点, en: stations}
    engine: spark
    grain: [station_code]
    columns: {station_code: {element: place.station_code}, name_key: {text: {zh: 键, en: key}}}
""",
        {"stations": "SELECT\n    station_code,\n    street_key(station_name) AS name_key\nFROM place.stations\n"},
    )
    with MartGate(small_city.registry) as gate:
        found = [each for each in gate.check(["names"]).findings if each.code == "SPARK_SELECT_UNSUPPORTED"]
    assert [each.line for each in found] == [3]
    assert "street_key" in found[0].message("en").lower()
