"""The web application, served on the loopback."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

import uvicorn
from starlette.applications import Starlette

from citylake.infra.city.domains.city_domain import CityDomain
from citylake.infra.city.protocols.arcgis import arcgis_routes
from citylake.infra.city.protocols.chicago import chicago_routes
from citylake.infra.city.protocols.ckan import ckan_routes
from citylake.infra.city.protocols.datex2 import datex2_routes
from citylake.infra.city.protocols.gtfs import gtfs_routes
from citylake.infra.city.protocols.gtfs_rt import gtfs_rt_routes
from citylake.infra.city.protocols.ngsi_ld import ngsi_ld_routes
from citylake.infra.city.protocols.openaq import openaq_routes
from citylake.infra.city.protocols.plain import plain_routes
from citylake.infra.city.protocols.portal import portal_routes
from citylake.infra.city.protocols.sensorthings import sensorthings_routes
from citylake.infra.city.protocols.singapore import singapore_routes
from citylake.infra.city.protocols.socrata import socrata_routes
from citylake.infra.city.serve.city_data import CityData
from citylake.infra.city.serve.fault_injection import FaultInjector

SERVER_HOST = "127.0.0.1"
_READY_S = 20.0

SERVICES = (
    plain_routes,
    ckan_routes,
    socrata_routes,
    arcgis_routes,
    sensorthings_routes,
    openaq_routes,
    ngsi_ld_routes,
    portal_routes,
    gtfs_routes,
    gtfs_rt_routes,
    datex2_routes,
    chicago_routes,
    singapore_routes,
)
"""Every service of the city: each returns its routes for the data that it serves."""


def city_app(folder: Path, domains: Sequence[CityDomain] = ()) -> FaultInjector:
    """Every service over the generated ``folder``, those of ``domains`` too."""
    held = CityData(folder)
    services = (*SERVICES, *(domain.routes for domain in domains))
    return FaultInjector(Starlette(routes=[route for routes in services for route in routes(held)]))


@contextmanager
def serve_city(folder: Path, port: int = 0, domains: Sequence[CityDomain] = ()) -> Iterator[str]:
    """Serve until the block ends; yields the base URL without a trailing slash. Port 0 selects a free one."""
    config = uvicorn.Config(city_app(folder, domains), log_config=None, access_log=False, lifespan="off", ws="none")
    server = uvicorn.Server(config)
    with socket.create_server((SERVER_HOST, port)) as listening:
        thread = Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        _wait(server, thread)
        try:
            yield f"http://{SERVER_HOST}:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


def _wait(server: uvicorn.Server, thread: Thread) -> None:
    until = time.monotonic() + _READY_S
    while not server.started:
        if not thread.is_alive() or time.monotonic() > until:
            raise RuntimeError("the stand-in city does not answer")
        time.sleep(0.01)
