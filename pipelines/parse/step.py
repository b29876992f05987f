"""parse: a receipt's bytes to text columns in the raw zone."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import cast

from pipelines.lake import Lake
from pipelines.parse.given import Given, Read, Reader
from pipelines.parse.raw import SYSTEM, RawFile
from pipelines.records import Parsed, Receipt
from schemas.contract import Contract
from schemas.faults import CitylakeError

_READERS = {"csv": "delimited", "json": "document", "xlsx": "workbook", "gtfs": "gtfs"}


def parse(receipt: Receipt, contract: Contract, lake: Lake) -> Parsed:
    """Every field as text, exactly as in the source; null only where it has no value.

    A fault of the source comes back as ``problem``, with no rows and nothing left in the raw zone.
    """
    raw = RawFile(lake, receipt, {})
    raw.remove()
    try:
        raw = replace(raw, constants=_from_name(receipt, contract))
        found = _read(raw, contract)
    except CitylakeError as error:
        raw.remove()
        return Parsed(receipt, (), (), 0, {}, error.problem)
    except BaseException:
        raw.remove()
        raise
    columns = (*found.columns, *raw.constants)
    return Parsed(receipt, (raw.path,), columns, found.rows, found.report.as_dict())


def _read(raw: RawFile, contract: Contract) -> Read:
    fmt = contract.source.format
    reader = cast("Reader", import_module(f"pipelines.parse.{_READERS[fmt.type]}").read)
    with TemporaryDirectory(prefix="citylake-") as scratch:
        folder = Path(scratch)
        files = _local(raw, folder)
        taken = frozenset((*SYSTEM, *raw.constants))
        return reader(Given(files, raw.receipt.source, folder, raw.write, taken, contract.source.envelope), fmt)


def _local(raw: RawFile, scratch: Path) -> tuple[Path, ...]:
    """The landed files on the local disk; copies where the lake is an object store."""
    files = []
    for number, path in enumerate(raw.receipt.landing):
        local = Path(path) if raw.lake.local else scratch / f"landed-{number:05d}"
        try:
            if raw.lake.local:
                local.stat()
            else:
                raw.lake.fs.get_file(path, str(local))
        except OSError as error:
            raise CitylakeError("LANDING_LOST", file=path, reason=error.strerror or str(error)) from error
        files.append(local)
    return tuple(files)


def _from_name(receipt: Receipt, contract: Contract) -> Mapping[str, str | None]:
    """The source fields that the file's name holds."""
    pattern = contract.source.name_fields
    if pattern is None:
        return {}
    match = re.search(pattern, receipt.name)
    if match is None:
        raise CitylakeError("NAME_UNMATCHED", file=receipt.name, pattern=pattern)
    return match.groupdict()
