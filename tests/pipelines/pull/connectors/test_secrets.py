"""Credentials are nowhere: not in a file of the lake, a log, or what a run says, however a server echoes them."""

from __future__ import annotations

import gzip
import io
import json
import logging
import traceback
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import polars as pl
import pytest
import stamina

from tests import transit
from tests.pipelines.pull.connectors.rotation import rotated

KEY = "hush/key+with=signs&more"
HEADER = "hush-header-value"
SECRET = "hush-sign-secret"
SPELT = [KEY, quote(KEY, safe=""), json.dumps(KEY)[1:-1], "hush"]
"""However it is spelt, it begins so."""

ECHOES = {
    "refusal": lambda reply, asked, told: reply(told, status=403),
    "breakdown": lambda reply, asked, told: reply(told, status=500),
    "redirect": lambda reply, asked, told: reply(
        status=302, headers={"Location": f"http://127.0.0.1:9/{told}?k={told}"}
    ),
    "redirect home": lambda reply, asked, told: reply(
        status=302, headers={"Location": f"{asked.path}/{quote(told, safe='%')}"}
    ),
    "envelope": lambda reply, asked, told: reply({"code": 1, "msg": f"no {told}"}),
    "no message": lambda reply, asked, told: reply({"code": told}),
    "start": lambda reply, asked, told: reply(f"<html>{told}".encode()),
    "start, cut": lambda reply, asked, told: reply(f"<html>{'x' * 110}{told}".encode()),
    "no records": lambda reply, asked, told: reply({"code": 0, "said": told}),
    "next elsewhere": lambda reply, asked, told: reply(
        {"code": 0, "rows": [], "next": f"http://127.0.0.1:9/{told}?k={told}"}
    ),
    "broken off": lambda reply, asked, told: reply(told, cut=3),
}

BELOW_PROTOCOLS = ["refusal", "breakdown", "redirect", "redirect home", "start", "start, cut", "broken off"]
"""Echoes that come whatever is spoken."""
CONNECTORS: dict[str, dict[str, Any]] = {
    "http": {"format": "csv"},
    "ckan": {"resource": "r", "mode": "datastore"},
    "socrata": {"dataset": "abcd-1234"},
    "arcgis": {"layer": 0},
    "sensorthings": {"datastreams": [1]},
    "openaq": {"resource": "hours", "sensors": [1]},
    "ngsi_ld": {"type": "T"},
    "gtfs": {"format": {"type": "gtfs", "table": "stops"}},
    "gtfs_rt": {"format": {"type": "gtfs_rt", "rows": "vehicles"}},
    "datex2": {},
}
TELLING = {
    "ckan": lambda told: {"success": False, "error": {"__type": told, "message": told}},
    "socrata": lambda told: {"code": told, "message": told, "error": True},
    "arcgis": lambda told: {"error": {"code": 400, "message": told, "details": [told]}},
    "sensorthings": lambda told: {"value": [], "@iot.nextLink": f"http://127.0.0.1:9/{told}?k={told}"},
    "openaq": lambda told: {"detail": told, "results": told},
    "ngsi_ld": lambda told: {"title": told, "detail": told},
}
"""What each protocol fails with under status 200; the others send files."""


@pytest.fixture(autouse=True)
def _connected(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    secrets = {"headers": {"X-Key": HEADER}, "params": {"appKey": KEY}, "sign": {"app_secret": SECRET}}
    monkeypatch.setenv("CITYLAKE_CONN_CITY_API", json.dumps(secrets))
    with stamina.set_testing(True, attempts=10, cap=True):
        yield


def declare(trial: Any, url: str, **source: Any) -> None:
    paged = {
        "connector": "rest_paged",
        "url": url,
        "connection": "city_api",
        "envelope": {"field": "code", "success": [0], "message": "msg"},
        "paging": {"by": "link", "next": "next"},
        "format": {"type": "json", "records": "rows"},
        "attempts": 2,
    }
    declare_source(trial, {**paged, **source})


def declare_source(trial: Any, source: dict[str, Any]) -> None:
    fields = {"ajbh": {"element": "service.case_no", "required": True}}
    write = {"mode": "upsert", "key": ["case_no"]}
    transit.declare(trial, "service.cases", {"per_second": 1000, **source}, fields=fields, write=write)


def texts(folder: Path) -> Iterator[tuple[str, str]]:
    """Every file below ``folder``, as bytes and as the values that it packs; what servers sent stays as it came."""
    for path in sorted(path for path in folder.rglob("*") if path.is_file() and "landing" not in path.parts):
        body = path.read_bytes()
        yield str(path), body.decode("latin-1")
        if path.suffix == ".parquet":
            yield str(path), "\n".join(map(repr, pl.read_parquet(path).rows()))
        if body.startswith(b"\x1f\x8b"):
            yield str(path), gzip.decompress(body).decode("latin-1")
        if body.startswith(b"PK"):
            with zipfile.ZipFile(io.BytesIO(body)) as packed:
                yield from ((str(path), packed.read(name).decode("latin-1")) for name in packed.namelist())


def shows(text: str) -> bool:
    return any(spelt in text for spelt in SPELT)


@pytest.mark.parametrize(("echo", "secret"), rotated(ECHOES, [KEY, HEADER, quote(KEY, safe="")]))
def test_what_a_server_echoes_is_shown_nowhere(
    trial: Any,
    city: Any,
    reply: Any,
    echo: str,
    secret: str,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    city.answer = lambda asked: ECHOES[echo](reply, asked, secret)
    declare(trial, f"{city.url}/x")
    require_hidden(trial, city, caplog, capsys)


@pytest.mark.parametrize(
    ("echo", "connector"),
    [*rotated(BELOW_PROTOCOLS, CONNECTORS, 2), *(("told under 200", connector) for connector in CONNECTORS)],
)
def test_no_protocol_shows_what_a_server_echoes(
    trial: Any,
    city: Any,
    reply: Any,
    connector: str,
    echo: str,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    under_200 = TELLING.get(connector, lambda told: f"<html><title>{told}</title>{told}".encode())
    answer: Any = ECHOES.get(echo, lambda reply, asked, told: reply(under_200(told), headers={"X-Echo": told}))
    city.answer = lambda asked: answer(reply, asked, KEY)
    source = {"connector": connector, "url": f"{city.url}/FeatureServer", "connection": "city_api", "attempts": 2}
    declare_source(trial, {**source, **CONNECTORS[connector]})
    require_hidden(trial, city, caplog, capsys)


def require_hidden(trial: Any, city: Any, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]) -> None:
    """A run fails, having asked with the key, and shows it nowhere."""
    outcome = trial.run()
    assert outcome.exit_code == 2
    assert city.asked[0].params["appKey"] == KEY
    assert city.asked[0].headers["x-key"] == HEADER
    out = capsys.readouterr()
    told = [json.dumps(outcome.document, ensure_ascii=False, default=str), caplog.text, out.out, out.err]
    told += [repr(record.__dict__) for record in caplog.records]
    assert not [text for text in told if shows(text)]
    assert not [name for name, text in texts(trial.root / "lake") if shows(text)]


def test_the_ledger_and_the_reports_are_among_what_is_searched(trial: Any, city: Any, reply: Any) -> None:
    city.answer = lambda asked: reply("gone away, says the server", status=403)
    declare(trial, f"{city.url}/x")
    trial.run()
    found = {Path(name).suffix for name, text in texts(trial.root / "lake") if "gone away" in text}
    assert ".parquet" in found


def test_a_signers_secret_is_shown_nowhere(trial: Any, city: Any, reply: Any) -> None:
    city.answer = lambda asked: reply(json.dumps(asked.body), status=403)
    declare(trial, f"{city.url}/x", send="form", paging={"by": "page", "param": "page"}, sign={"url": "/sign"})
    outcome = trial.run()
    assert city.asked[0].body["app_secret"] == SECRET
    assert not shows(json.dumps(outcome.document, ensure_ascii=False, default=str))
    assert not [name for name, text in texts(trial.root / "lake") if shows(text)]


def test_a_traceback_shows_none(puller_error: BaseException) -> None:
    assert not shows("".join(traceback.format_exception(puller_error)))


@pytest.fixture
def puller_error() -> BaseException:
    """What asking a server that is not there raises."""
    from citylake.pipelines.pull.connectors.http.http_source import HttpSource
    from citylake.pipelines.pull.http.http_client import open_http_client
    from citylake.pipelines.pull.http.http_request import HttpRequest
    from citylake.schemas.words.errors import CitylakeError

    settings = {"connector": "http", "url": "http://127.0.0.1:9/x", "connection": "city_api", "format": "csv"}
    with (
        pytest.raises(CitylakeError) as raised,
        open_http_client(HttpSource.model_validate({**settings, "attempts": 1})) as asker,
    ):
        asker.file(HttpRequest("http://127.0.0.1:9/x"))
    return raised.value
