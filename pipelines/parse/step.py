"""parse: a receipt's bytes to text columns in the raw zone."""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import cast

from pipelines.blocks.block import PROVENANCE
from pipelines.blocks.budget import Budget
from pipelines.extras import extras
from pipelines.lake import Lake
from pipelines.parse.direct import Direct, NotPlainError
from pipelines.parse.given import Given, Read, Reader
from pipelines.parse.look import from_name, local, look
from pipelines.parse.raw import RawFile
from pipelines.parse.store import parsed_of, store
from pipelines.records import Parsed, Receipt
from schemas.contract import Contract
from schemas.faults import CitylakeError, Problem

_NEAR = 20
_READERS = {
    "arcgis": "arcgis.reader",
    "csv": "delimited",
    "datex2": "datex2.reader",
    "gtfs": "gtfs",
    "gtfs_rt": "gtfs_rt",
    "json": "document",
    "parquet": "parquet",
    "portal": "portal",
    "xlsx": "workbook",
}


def parse(receipt: Receipt, contract: Contract, lake: Lake, budget: Budget | None = None) -> Parsed:
    """Every field as text, exactly as in the source; null only where it has no value.

    A fault of the source comes back as ``problem``, with no rows and nothing left in the raw zone.
    """
    with TemporaryDirectory(prefix="citylake-") as scratch:
        found = ready(receipt, contract, lake, Path(scratch))
        while isinstance(found, Direct):
            found.raw.remove()
            try:
                return parsed_of(found, store([found], budget or Budget())[receipt.id])
            except NotPlainError as error:
                found = instead(error, contract, lake)
    return found


def ready(receipt: Receipt, contract: Contract, lake: Lake, scratch: Path) -> Direct | Parsed:
    """The receipt as blocks to be read where it is plain, else read with care. ``scratch`` must outlive the blocks."""
    return look(receipt, contract, lake, scratch) or _carefully(receipt, contract, lake)


def instead(error: NotPlainError, contract: Contract, lake: Lake) -> Direct | Parsed:
    """What to do with a file that turned out not to be plain: another encoding, or care."""
    direct = error.direct
    direct.raw.remove()
    if error.decoding and not direct.sure:
        direct.report.facts["encoding"] = "gb18030"
        return replace(direct, encoding="gb18030", sure=True)
    return _carefully(direct.raw.receipt, contract, lake, error.why)


def _carefully(receipt: Receipt, contract: Contract, lake: Lake, why: str = "") -> Parsed:
    raw = RawFile(lake, receipt, {})
    raw.remove()
    try:
        raw = replace(raw, constants=from_name(receipt, contract))
        found = _read(raw, contract)
    except CitylakeError as error:
        raw.remove()
        return Parsed(receipt, (), (), 0, {}, error.problem)
    except UnicodeEncodeError as error:
        raw.remove()
        return Parsed(receipt, (), (), 0, {}, _half_character(receipt, error))
    except BaseException:
        raw.remove()
        raise
    reader = {"reader": f"careful: {why}" if why else "careful"}
    columns = (*found.columns, *raw.constants)
    return Parsed(receipt, (raw.path(),), columns, found.rows, reader | found.report.as_dict())


def _half_character(receipt: Receipt, error: UnicodeEncodeError) -> Problem:
    """JSON can spell half a character, as where a text was cut between its surrogates; no table can hold one."""
    near = error.object[max(0, error.start - _NEAR) : error.end + _NEAR]
    shown = near.encode("utf-8", "backslashreplace").decode()
    return Problem("TEXT_HALF_CHARACTER", {"file": receipt.source, "near": shown})


def _read(raw: RawFile, contract: Contract) -> Read:
    fmt = contract.source.layout(raw.receipt.landing)
    with extras(raw.receipt.source), TemporaryDirectory(prefix="citylake-") as scratch:
        reader = cast("Reader", import_module(f"pipelines.parse.{_READERS[fmt.type]}").read)
        folder = Path(scratch)
        taken = frozenset((*PROVENANCE, *raw.constants))
        files = local(raw.receipt, raw.lake, folder)
        return reader(Given(files, raw.receipt.source, folder, raw.write, taken, contract.source.envelope), fmt)
