"""parse: a receipt's bytes to text columns in the raw zone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from citylake.pipelines.blocks.block import PROVENANCE_COLUMNS
from citylake.pipelines.blocks.memory_budget import Budget
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.parse.format_api import load_format
from citylake.pipelines.parse.plain_csv import NotPlainCsvError, PlainCsvFile
from citylake.pipelines.parse.plan_read import fields_from_name, local_landing, plan_read
from citylake.pipelines.parse.raw_file import RawFile
from citylake.pipelines.parse.raw_store import parsed_from_parts, store_raw
from citylake.pipelines.parse.read_request import ReadRequest, ReadResult
from citylake.pipelines.pull.optional_libraries import require_libraries
from citylake.pipelines.records import ParsedReceipt, Receipt
from citylake.schemas.model.contract import Contract
from citylake.schemas.words.errors import CitylakeError, Problem

_EXCERPT_CHARS = 20


def parse_receipt(receipt: Receipt, contract: Contract, lake: Lake, budget: Budget | None = None) -> ParsedReceipt:
    """Every field as text, exactly as in the source; null only where it has no value.

    A fault of the source comes back as ``problem``, with no rows and nothing left in the raw zone.
    """
    with TemporaryDirectory(prefix="citylake-") as scratch:
        found = open_receipt(receipt, contract, lake, Path(scratch))
        while isinstance(found, PlainCsvFile):
            found.raw.remove()
            try:
                return parsed_from_parts(found, store_raw([found], budget or Budget())[receipt.id])
            except NotPlainCsvError as error:
                found = reopen_receipt(error, contract, lake)
    return found


def open_receipt(receipt: Receipt, contract: Contract, lake: Lake, scratch: Path) -> PlainCsvFile | ParsedReceipt:
    """The receipt as blocks to be read where it is plain, else read with care. ``scratch`` must outlive the blocks."""
    return plan_read(receipt, contract, lake, scratch) or _read_carefully(receipt, contract, lake)


def reopen_receipt(error: NotPlainCsvError, contract: Contract, lake: Lake) -> PlainCsvFile | ParsedReceipt:
    """What to do with a file that turned out not to be plain: another encoding, or care."""
    direct = error.direct
    direct.raw.remove()
    if error.decoding and not direct.sure:
        direct.report.facts["encoding"] = "gb18030"
        return replace(direct, encoding="gb18030", sure=True)
    return _read_carefully(direct.raw.receipt, contract, lake, error.why)


def _read_carefully(receipt: Receipt, contract: Contract, lake: Lake, why: str = "") -> ParsedReceipt:
    raw = RawFile(lake, receipt, {})
    raw.remove()
    try:
        raw = replace(raw, constants=fields_from_name(receipt, contract))
        found = _run_reader(raw, contract)
    except CitylakeError as error:
        raw.remove()
        return ParsedReceipt(receipt, (), (), 0, {}, error.problem)
    except UnicodeEncodeError as error:
        raw.remove()
        return ParsedReceipt(receipt, (), (), 0, {}, _half_character_problem(receipt, error))
    except BaseException:
        raw.remove()
        raise
    reader = {"reader": f"careful: {why}" if why else "careful"}
    columns = (*found.columns, *raw.constants)
    return ParsedReceipt(receipt, (raw.path(),), columns, found.rows, reader | found.report.as_dict())


def _half_character_problem(receipt: Receipt, error: UnicodeEncodeError) -> Problem:
    """JSON can spell half a character, as where a text was cut between its surrogates; no table can hold one."""
    near = error.object[max(0, error.start - _EXCERPT_CHARS) : error.end + _EXCERPT_CHARS]
    shown = near.encode("utf-8", "backslashreplace").decode()
    return Problem("TEXT_HALF_CHARACTER", {"file": receipt.source, "near": shown})


def _run_reader(raw: RawFile, contract: Contract) -> ReadResult:
    fmt = contract.source.layout(raw.receipt.landing)
    with require_libraries(raw.receipt.source), TemporaryDirectory(prefix="citylake-") as scratch:
        folder = Path(scratch)
        taken = frozenset((*PROVENANCE_COLUMNS, *raw.constants))
        files = local_landing(raw.receipt, raw.lake, folder)
        request = ReadRequest(files, raw.receipt.source, folder, raw.write, taken, contract.source.envelope)
        return load_format(fmt.type).read(request, fmt)
