"""Reads the bytes of a case with the reader that it names, and checks what every reader promises."""

from __future__ import annotations

import hashlib
import string
import tempfile
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl
from pydantic import ValidationError

from citylake.pipelines.blocks.memory_budget import Budget
from citylake.pipelines.blocks.parquet_blocks import StoredRows
from citylake.pipelines.conform.conform_batch import conform_batch
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.onboard.recognize_file import recognize_file
from citylake.pipelines.onboard.source_sample import sample_source
from citylake.pipelines.parse.parse_receipt import parse_texts
from citylake.pipelines.pull import zip_archive
from citylake.pipelines.records import ParsedReceipt, Receipt, Run
from citylake.schemas.lint import lint_workspace
from citylake.schemas.model.contract import Contract
from citylake.schemas.read.registry import Registry, load_registry
from citylake.schemas.words.errors import CitylakeError
from citylake.schemas.words.message_catalogue import issue_type, render_issue
from tests.declared import ALL_PACKS
from tests.drafted import draft_contract
from tests.fuzz.seeds import DECLARATIONS, FuzzCase

NOW = datetime(2026, 3, 1, tzinfo=UTC)
_TYPES = {"compressed": "csv"}
_UNPACKED_BYTES = 64 << 20

Outcome = tuple[Any, ...]


def check_case(case: FuzzCase) -> None:
    """Read the case twice. Raises AssertionError if a promise is broken, and whatever a reader must not raise."""
    assert read_case(case) == read_case(case), "the same bytes were read in two ways"


def read_case(case: FuzzCase) -> Outcome:
    """What the reader made of it, as plain values; a CitylakeError counts, if it can be shown."""
    with tempfile.TemporaryDirectory(prefix="citylake-fuzz-") as folder:
        try:
            return _WAYS.get(case.reader, _read_format)(case, Path(folder))
        except CitylakeError as error:
            return _shown_error(error.code, error.values)


def _shown_error(code: str, values: Any) -> Outcome:
    """The code and the number of the row; checks that the message has no open placeholder in either language."""
    issue = issue_type(code)
    for language in ("zh", "en"):
        assert render_issue(code, values, language)
        for text in (issue.text, issue.advice):
            names = {name for _, name, _, _ in string.Formatter().parse(text.say(language)) if name}
            missing = names - set(values)
            assert not missing, f"{code} is not told its {missing}"
    return (code, str(values.get("row")))


def _contract(reader: str, settings: dict[str, Any]) -> Contract:
    try:
        return Contract.model_validate(
            {
                "dataset": "test.data",
                "title": {"zh": "试", "en": "test"},
                "owner": {"department": "test"},
                "source": {
                    "connector": "files",
                    "path": "x",
                    "format": {"type": _TYPES.get(reader, reader), **settings},
                    "max_bytes": _UNPACKED_BYTES,
                },
                "fields": {"a": {"element": "test.a"}},
                "write": {"mode": "append"},
            }
        )
    except ValidationError as error:
        raise AssertionError(f"the settings are no format: {error}") from error


def _read_format(case: FuzzCase, folder: Path) -> Outcome:
    lake = Lake(str(folder / "lake"))
    place = Path(lake.landing("test.data", "2026-03-01", "r"))
    place.mkdir(parents=True)
    for number, body in enumerate(case.bodies):
        (place / f"{number:05d}").write_bytes(body)
    landing = tuple(str(path) for path in sorted(place.iterdir()))
    receipt = Receipt("r", "run", "test.data", f"in/{case.name}", case.name, "received", NOW, NOW, landing=landing)
    parsed, texts = parse_texts(receipt, _contract(case.reader, case.settings), lake, folder)
    return _checked(parsed, texts, Path(lake.raw("test.data", "r")))


def _checked(parsed: ParsedReceipt, texts: Sequence[str], raw: Path) -> Outcome:
    for notice in parsed.report.get("notices", ()):
        _shown_error(notice["code"], notice)
    if parsed.problem:
        assert (parsed.rows, tuple(parsed.files)) == (0, ()), "rows were kept beside a fault"
        assert not raw.exists(), "something was left in the raw zone beside a fault"
        return _shown_error(parsed.problem.code, parsed.problem.values)
    frames = [pl.read_parquet(path) for path in texts if Path(path).exists()]
    assert sum(frame.height for frame in frames) == parsed.rows, "rows were counted that are not there"
    refused = [pl.read_parquet(path) for path in parsed.refused.files]
    assert sum(frame.height for frame in refused) == parsed.refused.rows
    for code in {code for frame in refused for code in frame["code"]}:
        assert issue_type(code)
    assert all(frame.schema[name] == pl.String for frame in frames for name in parsed.columns), "a column is not text"
    return (parsed.columns, parsed.rows, parsed.refused.rows, *_digests(frames), *_digests(refused))


def _digests(frames: list[pl.DataFrame]) -> Iterator[str]:
    for frame in frames:
        if frame.height:
            yield hashlib.sha256(frame.write_ndjson().encode()).hexdigest()


def _read_zip(case: FuzzCase, folder: Path) -> Outcome:
    path = folder / "a.zip"
    path.write_bytes(case.bodies[0])
    found = []
    with path.open("rb") as file, zip_archive.open_zip(file, "a.zip") as archive:
        for info in zip_archive.list_zip_members(archive, case.settings.get("member", "*")):
            name = zip_archive.zip_member_name(info)
            zip_archive.find_zip_member(archive, name, "a.zip")
            read = zip_archive.read_zip_member(archive, info, "a.zip", _UNPACKED_BYTES)
            found.append((name, hashlib.sha256(b"".join(read)).hexdigest()))
    return tuple(found)


@cache
def _registry() -> Registry:
    return load_registry(ALL_PACKS)


def _onboard(case: FuzzCase, folder: Path) -> Outcome:
    path = folder / case.name
    path.write_bytes(case.bodies[0])
    guess = recognize_file(path)
    if not guess.source:
        return (guess.kind, guess.why)
    drafted = draft_contract("a.b", guess.source, sample_source(guess.source, {}, "Asia/Shanghai"), _registry())
    return (guess.kind, drafted.replace(str(folder), ""))


def _lint(case: FuzzCase, folder: Path) -> Outcome:
    for name, body in {**DECLARATIONS, case.name: case.bodies[0]}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
    findings = lint_workspace(folder)
    for finding in findings:
        assert finding.say("zh")
        assert finding.as_json()["message"]
    if not findings:
        load_registry(folder)
    return tuple(finding.say("en").replace(str(folder), "") for finding in findings)


CONFORMED: dict[str, dict[str, Any]] = {
    "time": {"element": "time.observed_at", "format": "%Y-%m-%d %H:%M:%S"},
    "epoch": {"element": "time.observed_at", "format": "epoch_ms"},
    "number": {"element": "traffic.flow"},
    "decimal": {"element": "traffic.mean_speed", "decimal": ",", "thousands": "."},
    "code": {"element": "traffic.vehicle_class", "codes": {"小": "K3"}},
    "text": {"element": "traffic.device_code"},
    "longitude": {"element": "place.longitude", "frame": "GCJ-02", "pair": "w"},
}
"""Bindings that the value parsers are tried with, each for the same texts."""


def _conform(case: FuzzCase, folder: Path) -> Outcome:
    texts = case.bodies[0].decode("utf-8", "replace").replace("\0", "").split("\n")
    found: list[Any] = []
    for name, binding in CONFORMED.items():
        fields = {"v": binding, **({"w": {"element": "place.latitude"}} if "pair" in binding else {})}
        contract = _contract("csv", {}).model_dump(mode="json", exclude_unset=True) | {"fields": fields}
        found += _conformed(Contract.model_validate(contract), texts, folder / name)
    return tuple(found)


def _conformed(contract: Contract, texts: list[str], folder: Path) -> Outcome:
    lake = Lake(str(folder))
    receipt = Receipt("r", "run", "test.data", "a", "a", "received", NOW, NOW, sha256="a")
    lake.makedirs(lake.raw("test.data", "r"))
    columns = tuple(field for field in contract.fields)
    frame = pl.DataFrame(dict.fromkeys(columns, texts)).with_columns(
        _receipt=pl.lit("r"), _source=pl.lit("a"), _part=pl.lit(""), _row=pl.int_range(1, pl.len() + 1)
    )
    path = f"{lake.raw('test.data', 'r')}/part.parquet"
    frame.write_parquet(path)
    rows = StoredRows(ParsedReceipt(receipt, (path,), columns, frame.height, {}), lake, Budget())
    staged = conform_batch([rows], contract, _registry(), lake, Run("run", NOW))
    assert staged.counts.conserved, "rows vanished or were made"
    kept = [pl.read_parquet(each, hive_partitioning=False).drop("_batch", strict=False) for each in staged.standard]
    return (staged.counts, *_digests(kept))


_WAYS: dict[str, Callable[[FuzzCase, Path], Outcome]] = {
    "zip": _read_zip,
    "onboard": _onboard,
    "declaration": _lint,
    "values": _conform,
}
