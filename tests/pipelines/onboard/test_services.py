"""Every service of the stand-in city is known by its address, and what is proposed for it can be pulled."""

from __future__ import annotations

import os

import pytest

from citylake.pipelines.onboard.recognize_source import recognize_source
from citylake.pipelines.onboard.source_sample import sample_source

ADDRESSES = {
    "/ckan/dataset/city": "ckan",
    "/ckan/api/3/action/package_show?id=city": "ckan",
    "/ckan/api/3/action/datastore_search?resource_id=hotline-cases": "ckan",
    "/soda/d/hotl-ines": "socrata",
    "/soda/resource/hotl-ines.json": "socrata",
    "/arcgis/rest/services/Stations/FeatureServer/0": "arcgis",
    "/sta/v1.1/Datastreams": "sensorthings",
    "/ngsi-ld/v1/entities?type=AirQualityObserved": "ngsi_ld",
    "/transit/lanhai_gtfs.zip": "gtfs",
    "/transit/rt/vehicles.pb": "gtfs_rt",
    "/traffic/datex2/v2/measured.xml": "datex2",
    "/env/stations": "rest_paged",
    "/env/air_hourly.csv": "http",
}


@pytest.mark.parametrize("path", ADDRESSES)
def test_an_address_is_known_and_its_rows_can_be_read(standin: str, path: str) -> None:
    guess = recognize_source(standin + path)
    assert guess.kind == ADDRESSES[path]
    found = sample_source(guess.source, os.environ)
    assert found.columns
    assert found.rows.height
