"""Messages of devices: gaps, disorder and duplicates are found one by one, on every platform."""

from __future__ import annotations

import json
from collections import Counter

import duckdb
import pytest

from citylake.infra.city.city_model import City
from citylake.infra.city.domains import agriculture, devices
from citylake.infra.city.domains.devices.message_truth import arrivals, disorder, gaps
from citylake.infra.city.domains.devices.messages import Losses, device_messages
from citylake.infra.city.domains.provenance.chain_truth import Batches, good_fields
from citylake.infra.city.whitepaper.paper_system import WHITEPAPER_WORKSPACE

MARTS = WHITEPAPER_WORKSPACE / "marts" / "device_messages"
SOURCES = {
    "mqtt": ("agriculture.sensor_readings", "payload.dev", "payload.seq", "received_at"),
    "sensorthings": ("environment.noise_observations", "device", "parameters.seq", "resultTime"),
    "ngsi_ld": ("environment.water_levels", "gauge.value", "sequence.value", "dateReceived.value"),
}
"""Platform → dataset, and its fields of device, number and time of arrival."""


@pytest.fixture(scope="module")
def batches() -> Batches:
    makers = (*agriculture.DOMAIN.makers, *devices.DOMAIN.makers)
    return {made.dataset: made for made in (generate(City()) for generate, _ in makers)}


@pytest.fixture(scope="module")
def engine(batches: Batches) -> duckdb.DuckDBPyConnection:
    """The mart's tables over the good records of the city."""
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'; CREATE SCHEMA agriculture; CREATE SCHEMA environment")
    for dataset, device, seq, received in SOURCES.values():
        rows = [{"d": row[device], "s": row[seq], "r": row[received]} for row in good_fields(batches, dataset)]
        connection.execute(
            f"CREATE TABLE {dataset} AS SELECT row.d AS message_device_code, row.s::BIGINT AS message_seq,"
            " row.r::TIMESTAMPTZ AS observed_at, row.r::TIMESTAMPTZ AS received_at"
            """ FROM (SELECT unnest(from_json(?, '[{"d": "VARCHAR", "s": "VARCHAR", "r": "VARCHAR"}]')) AS row)""",
            [json.dumps(rows)],
        )
    for table in ("messages", "sequence_gaps"):
        connection.execute(f"CREATE TABLE {table} AS {(MARTS / f'{table}.sql').read_text('utf-8')}")
    return connection


def test_each_gap_is_found_with_what_is_missing(engine: duckdb.DuckDBPyConnection, batches: Batches) -> None:
    found = engine.execute(
        "SELECT device_platform, message_device_code, last_before, missing FROM sequence_gaps"
    ).fetchall()
    assert {platform for platform, *_ in found} == SOURCES.keys()
    assert sorted(found) == sorted(gaps(batches))


def test_each_message_out_of_order_is_found(engine: duckdb.DuckDBPyConnection, batches: Batches) -> None:
    sql = "SELECT device_platform, message_device_code, message_seq FROM messages WHERE is_disordered"
    found = engine.execute(sql).fetchall()
    assert {platform for platform, *_ in found} == SOURCES.keys()
    assert sorted(found) == sorted(disorder(batches))


def test_each_duplicate_is_found(engine: duckdb.DuckDBPyConnection, batches: Batches) -> None:
    sql = "SELECT device_platform, message_device_code, message_seq FROM messages WHERE is_duplicate"
    counted = Counter((*device, seq) for device, came in arrivals(batches).items() for _, seq in came)
    assert Counter(engine.execute(sql).fetchall()) == counted - Counter(counted.keys())


def test_what_the_city_loses_is_what_is_missing() -> None:
    city = City()
    kept = device_messages(city, city.random("test"), ["A", "B"], 2, Losses(lost=9, late=5, twice=4))
    assert len(kept) == 2 * city.hours // 2 - 9 + 4
    assert len({(message.device, message.seq) for message in kept}) == 2 * city.hours // 2 - 9
