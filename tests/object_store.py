"""An object store for tests: a server that speaks S3, in a process of its own on this machine."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal
from urllib.request import Request, urlopen

import pytest

SERVER = """
import functools, json, re, sys, time
from moto.core import serialize
from moto.server import create_backend_app
from werkzeug.serving import WSGIRequestHandler, make_server

# Moto's own dispatcher looks for each request among all services of the cloud: twice the work of the request itself.
objects, api = create_backend_app("s3"), create_backend_app("moto_api")
objects.debug = False
# Each listing parses the times of all objects again: a third of its work.
serialize.parse_to_aware_datetime = functools.lru_cache(10_000)(serialize.parse_to_aware_datetime)
faults, asked, spent = [], [], [0.0]

def store(request, start):
    return (api if request["PATH_INFO"].startswith("/moto-api") else objects)(request, start)

def answer(request, start):
    for header in sys.argv[1:]:
        if header.startswith("!") and header[1:] in request and request["REQUEST_METHOD"] == "PUT":
            start("501 Not Implemented", [("Content-Type", "application/xml")])
            return [b"<Error><Code>NotImplemented</Code></Error>"]
        request.pop(header, None)
    if request["PATH_INFO"] == "/faults":
        faults[:] = json.loads(request["wsgi.input"].read(int(request["CONTENT_LENGTH"])))
        start("204 No Content", [])
        return []
    if request["PATH_INFO"] == "/asked":
        now = time.process_time()
        told, asked[:], spent[:] = json.dumps([*asked, now - spent[0]]).encode(), [], [now]
        start("200 OK", [("Content-Type", "application/json")])
        return [told]
    asked.append(f"{request['REQUEST_METHOD']} {request['PATH_INFO']}?{request['QUERY_STRING']}")
    how = fault_of(request)
    if how == "silent":
        time.sleep(600)
    whole = store(request, start)
    return broken(whole, how) if how else whole

def fault_of(request):
    for fault in faults:
        path = f"{request['PATH_INFO']}?{request['QUERY_STRING']}"
        asked = f"{request['REQUEST_METHOD']} {path} {request.get('HTTP_RANGE')}"
        if fault["times"] and re.search(fault["match"], asked):
            fault["times"] -= 1
            return fault["how"]

def broken(whole, how):
    for chunk in whole:
        yield chunk[: len(chunk) // 2]
        if how == "cut":
            raise ConnectionError("cut on request")
        time.sleep(600)

class Unlogged(WSGIRequestHandler):
    def log_request(self, *_):
        pass

server = make_server("127.0.0.1", 0, answer, threaded=True, request_handler=Unlogged)
server.daemon_threads = True
print(server.port, flush=True)
server.serve_forever()
"""
BUCKET = "s3://city"
_AMBIENT = ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ALLOW_HTTP")


@contextmanager
def serving(*deaf_to: str) -> Iterator[str]:
    """The URL of an S3 server with one bucket, which hears nothing of the headers that it is ``deaf_to``.

    With ``!`` before a header, it answers a write with it that it does not know how.

    A process of its own, because deltalake holds the interpreter while it asks whether a table is there.
    """
    server = subprocess.Popen(
        [sys.executable, "-c", SERVER, *deaf_to], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    with server:
        assert server.stdout
        url = f"http://127.0.0.1:{server.stdout.readline().strip()}"
        try:
            _make_bucket(url)
            yield url
        finally:
            server.terminate()


def _make_bucket(url: str) -> None:
    urlopen(Request(f"{url}/{BUCKET.removeprefix('s3://')}", method="PUT")).close()


def ask_for_credentials(url: str, after: int) -> None:
    """From now on the store at ``url`` looks at credentials, once it has been asked ``after`` times more."""
    headers = {"Content-Type": "text/plain"}
    urlopen(Request(f"{url}/moto-api/reset-auth", str(after).encode(), headers, method="POST")).close()


@contextmanager
def misbehaving(url: str, how: Literal["silent", "cut", "stall"], match: str, times: int = 1) -> Iterator[None]:
    """The store at ``url`` answers the next ``times`` requests that ``match`` wrongly.

    ``silent``: never; ``cut``: it breaks off in the middle; ``stall``: it says nothing more from the middle on. A
    request is matched as ``GET /bucket/key?query bytes=0-9``.
    """
    _set_faults(url, [{"how": how, "match": match, "times": times}])
    try:
        yield
    finally:
        _set_faults(url, [])


def requests_since(url: str) -> tuple[list[str], float]:
    """What the store at ``url`` was asked for since the last call (``GET /bucket/key?query``), and its CPU seconds."""
    with urlopen(f"{url}/asked") as answer:
        *asked, seconds = json.load(answer)
    return asked, seconds


def _set_faults(url: str, faults: list[dict[str, Any]]) -> None:
    urlopen(Request(f"{url}/faults", json.dumps(faults).encode(), method="POST")).close()


@pytest.fixture(scope="session")
def s3_server() -> Iterator[str]:
    """The address of the one server of this process: it takes seconds to start."""
    pytest.importorskip("s3fs", reason="the extra connectors is not installed")
    pytest.importorskip("moto", reason="moto is not installed")
    with serving() as url:
        yield url


@pytest.fixture(scope="module")
def s3_url(s3_server: str) -> Iterator[str]:
    """The address of a store with one bucket, which nothing in the environment names; it is empty for each file."""
    urlopen(Request(f"{s3_server}/moto-api/reset", method="POST")).close()
    _make_bucket(s3_server)
    requests_since(s3_server)
    with pytest.MonkeyPatch.context() as environment:
        for name in _AMBIENT:
            environment.delenv(name, raising=False)
        environment.setenv("AWS_EC2_METADATA_DISABLED", "true")
        yield s3_server


@pytest.fixture(scope="module")
def store(s3_url: str) -> Iterator[str]:
    """A store with one bucket, and the variables by which it is reached."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("AWS_ENDPOINT_URL", s3_url)
        environment.setenv("AWS_ACCESS_KEY_ID", "somebody")
        environment.setenv("AWS_SECRET_ACCESS_KEY", "a secret")
        environment.setenv("CITYLAKE_LANG", "en")
        yield s3_url
