"""Contracts over GTFS-Realtime and DATEX II, for the stand-in city and for recorded traffic."""

from __future__ import annotations

from typing import Any

VEHICLES = "transit.vehicle_positions"
CALLS = "transit.stop_time_updates"
ALERTS = "transit.alerts"
DETECTORS = "traffic.site_readings"

_HEADER = {"header.timestamp": {"element": "time.published_at", "format": "epoch_s", "required": True}}
_OPTIONAL = {"optional": True}


def declare(trial: Any, dataset: str, source: dict[str, Any], **rest: Any) -> None:
    trial.declare(
        f"datasets/{dataset.replace('.', '/')}",
        {
            "dataset": dataset,
            "title": {"zh": f"试{dataset}", "en": f"trial {dataset}"},
            "owner": {"department": "公交公司"},
            "source": source,
            **rest,
        },
    )


def _realtime(url: str, rows: str, source: dict[str, Any]) -> dict[str, Any]:
    form = {"type": "gtfs_rt", "rows": rows, **source.pop("format", {})}
    return {"connector": "gtfs_rt", "url": url, "format": form, **source}


def vehicles(trial: Any, url: str, **source: Any) -> None:
    """Where each vehicle was, at each message."""
    fields = {
        **_HEADER,
        "vehicle.vehicle.id": {"element": "transit.vehicle_id", "required": True},
        "vehicle.timestamp": {"element": "time.observed_at", "format": "epoch_s", "required": True},
        "vehicle.position.latitude": {"element": "place.latitude"},
        "vehicle.position.longitude": {"element": "place.longitude"},
        "vehicle.position.speed": {"element": "transit.vehicle_speed", "unit": "m/s"},
        "vehicle.current_status": {"element": "transit.current_status", **_OPTIONAL},
        "vehicle.trip.route_id": {"element": "transit.route_id"},
    }
    key = ["vehicle_id", "published_at", "observed_at"]
    ignore = ["header.gtfs_realtime_version", "header.incrementality", "entity.id"]
    declare(
        trial,
        VEHICLES,
        _realtime(url, "vehicles", source),
        fields=fields,
        ignore=ignore,
        write={"mode": "upsert", "key": key},
    )


def calls(trial: Any, url: str, **source: Any) -> None:
    """When each trip is expected at each stop, as each message says."""
    path = "trip_update.stop_time_update"
    fields = {
        **_HEADER,
        "trip_update.trip.trip_id": {"element": "transit.trip_id", "required": True},
        f"{path}.stop_sequence": {"element": "transit.stop_sequence", "required": True},
        f"{path}.stop_id": {"element": "transit.stop_id", "required": True},
        f"{path}.arrival.time": {"element": "transit.expected_arrival", "format": "epoch_s", **_OPTIONAL},
        f"{path}.departure.time": {"element": "transit.expected_departure", "format": "epoch_s", **_OPTIONAL},
        f"{path}.arrival.delay": {"element": "transit.delay", **_OPTIONAL},
        "trip_update.trip.schedule_relationship": {"element": "transit.schedule_relationship", **_OPTIONAL},
        f"{path}.schedule_relationship": {"element": "transit.stop_relationship", **_OPTIONAL},
    }
    # BART's trips that begin with an added stop number two stops 1.
    write = {"mode": "upsert", "key": ["trip_id", "stop_sequence", "stop_id", "published_at"]}
    declare(trial, CALLS, _realtime(url, "stop_time_updates", source), fields=fields, write=write)


def alerts(trial: Any, url: str, language: str, informed: str, element: str) -> None:
    """What passengers are told, by what it is about."""
    fields = {
        **_HEADER,
        "entity.id": {"element": "transit.alert_id", "required": True},
        "alert.cause": {"element": "transit.alert_cause"},
        "alert.effect": {"element": "transit.alert_effect"},
        f"alert.header_text.{language}": {"element": "transit.alert_header"},
        f"alert.informed_entity.{informed}": {"element": element, "as": "informed", "required": True},
    }
    write = {"mode": "upsert", "key": ["alert_id", "informed", "published_at"]}
    declare(trial, ALERTS, _realtime(url, "alerts", {}), fields=fields, write=write)


def detectors(trial: Any, url: str, **source: Any) -> None:
    """Flow, speed and occupancy by detector, lane and class: the long rows of DATEX II spread."""
    site, time = "measurementSiteReference.id", "measurementTimeDefault"
    keys = [site, time, "site.name", "site.latitude", "site.longitude", "site.lane", "site.vehicleType"]
    columns = ["vehicleFlow", "averageVehicleSpeed", "occupancy"]
    fields = {
        site: {"element": "traffic.device_code", "required": True},
        time: {"element": "time.interval_end", "format": "%Y-%m-%dT%H:%M:%SZ", "zone": "UTC", "required": True},
        "site.name": {"element": "facility.name", "as": "site_name"},
        "site.latitude": {"element": "place.latitude"},
        "site.longitude": {"element": "place.longitude"},
        "site.lane": {"element": "facility.name", "as": "lane"},
        "site.vehicleType": {"element": "traffic.vehicle_class", "codes": {"car": "K3", "lorry": "K1"}},
        "vehicleFlow": {"element": "traffic.flow_rate"},
        "averageVehicleSpeed": {"element": "traffic.mean_speed", "sentinels": ["-1"]},
        "occupancy": {"element": "traffic.occupancy"},
    }
    declare(
        trial,
        DETECTORS,
        {"connector": "datex2", "url": url, **source},
        reshape=[{"pivot": {"keys": keys, "on": "quantity", "value": "value", "columns": columns}}],
        fields=fields,
        write={"mode": "upsert", "key": ["device_code", "lane", "vehicle_class", "interval_end"]},
    )


def values(trial: Any, url: str, **source: Any) -> None:
    """The long rows of DATEX II as they are, with what the site table says of them."""
    kinds = {"TrafficFlow": "flow", "TrafficSpeed": "speed", "TrafficConcentration": "occupancy"}
    fields = {
        "measurementSiteReference.id": {"element": "traffic.device_code", "required": True},
        "index": {"element": "facility.name", "as": "value_index", "required": True},
        "measurementTimeDefault": {
            "element": "time.interval_end",
            "format": "%Y-%m-%dT%H:%M:%SZ",
            "zone": "UTC",
            "required": True,
        },
        "basicData": {"element": "traffic.measure", "codes": kinds, "required": True},
        "value": {"element": "traffic.reading", "sentinels": ["-1", "-9999"]},
        "site.latitude": {"element": "place.latitude"},
    }
    write = {"mode": "upsert", "key": ["device_code", "value_index", "interval_end"]}
    declare(trial, DETECTORS, {"connector": "datex2", "url": url, **source}, fields=fields, write=write)
