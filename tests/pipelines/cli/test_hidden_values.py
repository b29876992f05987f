"""No command, page, export, alert, log, ledger or event shows an identifier that a source has sent.

Random persons go through a run, refusals, a held batch, and every command that tells about rows. Then every file and
output is searched for them, except what must have them: the landed bytes, the raw texts, the raw row of a refused row,
and the corrections of people.
"""

from __future__ import annotations

import json
import logging
import random
import threading
import zipfile
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import polars as pl
import pytest

from citylake.pipelines.cli import main
from tests.declared import declare_packs

PEOPLE, SEED = 40, 20_26
SURNAMES, GIVEN = "赵钱孙李周吴郑王", "瑾瑜璟雯翊菡婧旻"
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
REGISTER = """
dataset: person.register
title: {zh: 人员名册, en: register of persons}
owner: {department: 市公安局}
source: {connector: files, path: "${PEOPLE}/register*.csv", format: csv}
fields:
  身份证号: {element: person.id_number, required: true, clean: [upper]}
  姓名: {element: person.name, required: true}
  手机: {element: person.mobile}
  住址: {element: person.home_address}
  出生: {element: person.birth_date, format: "%Y-%m-%d"}
rules:
  - {issue: NAME_TOO_SHORT, when: "length(person_name) < 2", text: {zh: 姓名过短, en: a name that is too short}}
write: {mode: upsert, key: [id_number]}
"""
PERMITS = """
dataset: person.permits
title: {zh: 居住证, en: residence permits}
owner: {department: 市人力资源社会保障局}
source: {connector: files, path: "${PEOPLE}/permits*.csv", format: csv}
fields:
  号码: {element: person.id_number, required: true, clean: [upper]}
  证件: {element: person.certificate_no}
write: {mode: append}
references:
  - {columns: [id_number], dataset: person.register, keys: [id_number]}
expect: {unique: [[id_number]]}
"""


def _id_number(chance: random.Random) -> str:
    born = f"{chance.randrange(1950, 2005)}0{chance.randrange(1, 10)}1{chance.randrange(10)}"
    digits = f"3301{chance.randrange(10, 99)}{born}{chance.randrange(1000):03}"
    return digits + "10X98765432"[sum(int(d) * w for d, w in zip(digits, _WEIGHTS, strict=True)) % 11]


class _Service(BaseHTTPRequestHandler):
    """Accepts every alert and event, and keeps its body."""

    bodies: list[str]

    def do_POST(self) -> None:
        self.bodies.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'{"errcode": 0}')

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The bodies of alerts and lineage events."""
    bodies: list[str] = []
    server = HTTPServer(("127.0.0.1", 0), type("Service", (_Service,), {"bodies": bodies}))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    url = f"http://127.0.0.1:{server.server_port}"
    monkeypatch.setenv("CITYLAKE_CONN_ROBOT", json.dumps({"uri": f"{url}/?key=x"}))
    for name in ("CITYLAKE_NOTIFY", "CITYLAKE_NOTIFY_HELD", "CITYLAKE_NOTIFY_DIGEST"):
        monkeypatch.setenv(name, "wecom:robot")
    monkeypatch.setenv("OPENLINEAGE_URL", url)
    yield bodies
    server.shutdown()
    thread.join()
    server.server_close()


def _write_sources(files: Path) -> set[str]:
    """The files of two departments, with good and bad rows; returns every value that nobody may see."""
    chance, planted, register, permits = random.Random(SEED), set(), [], []
    for number in range(PEOPLE):
        identity, mobile, certificate = _id_number(chance), f"13{chance.randrange(10**9):09}", f"E{chance.random()}"
        name, wrong = chance.choice(SURNAMES) + "".join(chance.sample(GIVEN, 2)), number % 4
        # A wrong check digit, a name of one character, a mobile number of twelve digits.
        sent = f"{identity[:17]}{'0' if identity[17] == 'X' else 'X'}" if wrong == 1 else identity
        row = (sent, name[:1] if wrong == 2 else name, f"{mobile}9" if wrong == 3 else mobile)
        register.append((*row, f"杭州市西湖区{name[1:]}路{number}号", "1980-13-01" if number == 5 else "1980-01-01"))
        permits.append((identity if wrong else _id_number(chance), f"{certificate}\u200b"))
        planted |= {identity[:17], mobile, name, f"{name[1:]}路", permits[-1][0], certificate}
    register += [register[0], (register[0][0], "另一人", *register[0][2:])]
    head, lines = "身份证号,姓名,手机,住址,出生\n", "".join(f"{','.join(row)}\n" for row in register)
    (files / "register1.csv").write_text(f'{head}{lines}"{register[1][0]}\n', "utf-8")
    # Without a header: the first row is taken for the names of the columns.
    (files / "register2.csv").write_text(lines, "utf-8")
    (files / "permits.csv").write_text("号码,证件\n" + "".join(f"{','.join(row)}\n" for row in permits), "utf-8")
    return planted


def _text_of(path: Path) -> str:
    if path.suffix == ".parquet":
        return str(pl.read_parquet(path, hive_partitioning=False).to_dicts())
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as packed:
            return "".join(packed.read(name).decode("utf-8", "replace") for name in packed.namelist())
    return path.read_bytes().decode("utf-8", "replace")


def test_no_identifier_is_shown_anywhere(
    tmp_path: Path,
    told: list[str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    workspace, lake, files, out = (tmp_path / name for name in ("workspace", "lake", "files", "out"))
    for folder in (files, out, workspace / "datasets" / "person"):
        folder.mkdir(parents=True)
    declare_packs(workspace)
    (workspace / "datasets/person/register.yaml").write_text(REGISTER, "utf-8")
    (workspace / "datasets/person/permits.yaml").write_text(PERMITS, "utf-8")
    planted = _write_sources(files)
    monkeypatch.setenv("PEOPLE", str(files))
    monkeypatch.setenv("CITYLAKE_USER", "li")
    monkeypatch.setenv("CITYLAKE_KEY_TOKENS", urlsafe_b64encode(bytes(range(32))).decode())
    caplog.set_level(logging.DEBUG)
    shown: dict[str, str] = {}

    def call(*arguments: str) -> str:
        code = main(["--workspace", str(workspace), "--lake", str(lake), *arguments])
        said = capsys.readouterr()
        shown[" ".join(arguments)] = said.out + said.err
        assert code in (0, 1, 2), said.out + said.err + caplog.text[-100:]
        return said.out

    call("run")
    listed = json.loads(call("quarantine", "list", "--dataset", "person.register", "--json"))
    held = json.loads(call("held", "list", "--json"))
    rows = [row["row_id"] for row in listed["rows"]]
    assert len(rows) > 20
    call("quarantine", "list")
    call("quarantine", "list", "--json")
    for name in ("person.register", "person.permits"):
        call("quarantine", "list", "--dataset", name, "--state", "all")
        call("quarantine", "list", "--dataset", name, "--values")
        call("quarantine", "list", "--dataset", name, "--values", "--json")
    for code in dict.fromkeys(reason["code"] for row in listed["rows"] for reason in row["reasons"]):
        row = next(each for each in listed["rows"] if code in [reason["code"] for reason in each["reasons"]])
        call("quarantine", "show", row["row_id"])
        call("quarantine", "show", row["row_id"], "--json")
        call("quarantine", "explain", row["row_id"], "--json")
    call("quarantine", "explain", "person.register", "--json")
    call("quarantine", "list", "--dataset", "person.register", "--output", str(out / "rows.csv"))
    for form in ("xlsx", "csv", "yaml"):
        call("quarantine", "export", "--dataset", "person.register", "--format", form, "--out", str(out / form))
    for each in held.get("batches", held.get("held", [])):
        call("held", "show", each["batch"])
        call("held", "show", each["batch"], "--json")
    changed = out / "register.yaml"
    changed.write_text(REGISTER.replace("< 2", "< 3"), "utf-8")
    call("trial", str(changed), "--page", str(out / "trial.html"), "--json")
    call("trial", str(changed))
    call("report", "build", "--no-charts", "--out", str(out / "site"))
    for line in (
        "status --json", "silo --json", "lineage person.register.id_number --json", "acts --json", "sensors",
        "keys check", "freshness", "verify", "state show person.register", "join person.register person.permits --json",
        "run --json",
    ):  # fmt: skip
        call(*line.split())
    call("replay", "person.register", "--json")
    call("onboard", str(files / "register1.csv"), "--dataset", "person.new", "--review", str(out / "review.html"))

    assert told
    shown |= {
        "alerts and events": "".join(told),
        "logs": caplog.text + "".join(str(each.__dict__) for each in caplog.records),
    }
    keeps = [lake / zone for zone in ("landing", "raw", "quarantine")] + [lake / "ledger" / "corrections", files]
    for path in tmp_path.rglob("*"):
        if path.is_file() and not any(path.is_relative_to(zone) for zone in keeps):
            shown[str(path.relative_to(tmp_path))] = _text_of(path)
    found = {(name, value) for name, text in shown.items() for value in planted if value in text}
    assert any(value in _text_of(path) for path in lake.rglob("quarantine/**/*.parquet") for value in planted)
    assert not found, "\n".join(f"{name}: {value}" for name, value in sorted(found)[:60])
