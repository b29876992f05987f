"""The application, answering on the loopback."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from threading import Thread

import uvicorn
from starlette.applications import Starlette

from infra.city.serve.faults import Faults
from infra.city.serve.held import Held

HOST = "127.0.0.1"
_READY_S = 20.0

PROTOCOLS = (
    "plain",
    "ckan",
    "socrata",
    "arcgis",
    "sensorthings",
    "openaq",
    "ngsi_ld",
    "portal",
    "gtfs",
    "gtfs_rt",
    "datex2",
    "chicago",
    "singapore",
)
"""The modules of ``infra.city.protocols``: each has ``routes(held)``."""


def application(folder: Path) -> Faults:
    """Every service over the generated ``folder``."""
    held = Held(folder)
    modules = [import_module(f"infra.city.protocols.{name}") for name in PROTOCOLS]
    return Faults(Starlette(routes=[route for module in modules for route in module.routes(held)]))


@contextmanager
def serving(folder: Path, port: int = 0) -> Iterator[str]:
    """The services' address, without a slash at its end, until the block ends; port 0 takes a free one."""
    config = uvicorn.Config(application(folder), log_config=None, access_log=False, lifespan="off", ws="none")
    server = uvicorn.Server(config)
    with socket.create_server((HOST, port)) as listening:
        thread = Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        _wait(server, thread)
        try:
            yield f"http://{HOST}:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


def _wait(server: uvicorn.Server, thread: Thread) -> None:
    until = time.monotonic() + _READY_S
    while not server.started:
        if not thread.is_alive() or time.monotonic() > until:
            raise RuntimeError("the stand-in city does not answer")
        time.sleep(0.01)
