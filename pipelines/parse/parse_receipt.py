"""parse: a receipt's bytes to text columns in the raw zone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from citylake.pipelines.blocks.block import PROVENANCE_COLUMNS
from citylake.pipelines.blocks.memory_budget import Budget
from citylake.pipelines.blocks.parquet_blocks import StoredRows
from citylake.pipelines.blocks.source_rows import SourceRestartedError, SourceRows
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.private_folder import scratch_folder
from citylake.pipelines.parse.csv_blocks import CsvBlockReader
from citylake.pipelines.parse.encoding_candidates import contract_locale
from citylake.pipelines.parse.format_api import load_format
from citylake.pipelines.parse.local_landing import received_layout
from citylake.pipelines.parse.parse_limits import ROWS_MAX
from citylake.pipelines.parse.plain_rows import PlainRows
from citylake.pipelines.parse.plan_read import fields_from_name, plan_read, stated_max_bytes, unpacked_landing
from citylake.pipelines.parse.raw_file import RawFile
from citylake.pipelines.parse.read_record import ReadRecord, reading_differs
from citylake.pipelines.parse.read_request import ReadRequest, ReadResult
from citylake.pipelines.pull.optional_libraries import require_libraries
from citylake.pipelines.records import ParsedReceipt, Receipt, RefusedRecords
from citylake.schemas.model.contract import Contract
from citylake.schemas.words.errors import CitylakeError, Problem

_EXCERPT_CHARS = 20


def parse_receipt(receipt: Receipt, contract: Contract, lake: Lake, budget: Budget | None = None) -> ParsedReceipt:
    """The receipt as it is in the raw zone: its text, or how its landed bytes are read.

    A fault of the source is returned as ``problem``, with no rows and nothing left in the raw zone.
    """
    with scratch_folder() as scratch:
        (rows,) = open_receipts([receipt], contract, lake, Path(scratch), budget)
        return rows.store()


def parse_texts(
    receipt: Receipt, contract: Contract, lake: Lake, scratch: Path, budget: Budget | None = None
) -> tuple[ParsedReceipt, tuple[str, ...]]:
    """The receipt as it is in the raw zone, and its rows as Parquet files of text, some of them below ``scratch``.

    Every field is as in the source; null only if it has no value. The files also have the columns of
    :class:`ParsedReceipt`.
    """
    (rows,) = open_receipts([receipt], contract, lake, scratch, budget)
    while True:
        try:
            files = rows.text_files(scratch / "texts")
        except SourceRestartedError:
            rows.restart()
        else:
            return rows.store(), files


def open_receipts(
    receipts: Iterable[Receipt],
    contract: Contract,
    lake: Lake,
    scratch: Path,
    budget: Budget | None = None,
    *,
    locale: str = "",
    recorded: Mapping[str, ReadRecord] | None = None,
) -> list[SourceRows]:
    """The rows of each receipt. Plain CSV is read only as blocks are loaded; everything else is read here.

    ``scratch`` must outlive the rows. ``locale``: the workspace's language tag or time zone, for contracts that state
    none. ``recorded``: earlier readings by receipt; one that gives other rows now has the problem READING_DIFFERS, or
    raises it while blocks are loaded.
    """
    reader = CsvBlockReader(budget or Budget())
    known = recorded or {}
    return [
        _open_receipt(receipt, contract, lake, scratch, reader, locale, known.get(receipt.id)) for receipt in receipts
    ]


def unread_rows(receipt: Receipt, problem: Problem, lake: Lake, budget: Budget) -> SourceRows:
    """A receipt that is not opened, because of ``problem``."""
    return StoredRows(ParsedReceipt(receipt, (), (), 0, {}, problem), lake, budget)


def _open_receipt(
    receipt: Receipt,
    contract: Contract,
    lake: Lake,
    scratch: Path,
    reader: CsvBlockReader,
    locale: str,
    recorded: ReadRecord | None,
) -> SourceRows:
    def read_generally(why: str) -> StoredRows:
        found = _read_generally(receipt, contract, lake, reader.budget, why, locale)
        return StoredRows(_compare(found, recorded), lake, reader.budget, lambda: scratch)

    plain = plan_read(receipt, contract, lake, scratch, locale)
    if plain is None:
        return read_generally("")
    if recorded and plain.columns != recorded.fields:
        problem = reading_differs(receipt, recorded, ", ".join(plain.columns)).problem
        return unread_rows(receipt, problem, lake, reader.budget)
    return PlainRows(replace(plain, recorded=recorded), reader, read_generally)


def _compare(parsed: ParsedReceipt, recorded: ReadRecord | None) -> ParsedReceipt:
    """``parsed``, or the problem that its rows are not as many as an earlier reading had."""
    if recorded is None or parsed.problem or parsed.rows == recorded.rows:
        return parsed
    problem = reading_differs(parsed.receipt, recorded, parsed.rows).problem
    return ParsedReceipt(parsed.receipt, (), (), 0, {}, problem)


def _read_generally(
    receipt: Receipt, contract: Contract, lake: Lake, budget: Budget, why: str, locale: str
) -> ParsedReceipt:
    """Read with the format's own reader; ``why`` the receipt was not read by blocks, for the report."""
    raw = RawFile(lake, receipt, {})
    raw.remove()
    try:
        raw = replace(raw, constants=fields_from_name(receipt, contract))
        found = _run_reader(raw, contract, budget, contract_locale(contract) or locale)
    except CitylakeError as error:
        raw.remove()
        return ParsedReceipt(receipt, (), (), 0, {}, error.problem)
    except UnicodeEncodeError as error:
        raw.remove()
        return ParsedReceipt(receipt, (), (), 0, {}, _half_character_problem(receipt, error))
    except BaseException:
        raw.remove()
        raise
    reader = {"reader": f"general: {why}" if why else "general"}
    columns = (*found.columns, *raw.constants)
    refused = RefusedRecords((raw.refused_path,) if found.refused else (), found.refused)
    report = reader | found.report.as_dict()
    return ParsedReceipt(receipt, (raw.path,), columns, found.rows, report, refused=refused)


def _half_character_problem(receipt: Receipt, error: UnicodeEncodeError) -> Problem:
    """JSON can contain half a character (a text cut between its surrogates); no table can hold one."""
    near = error.object[max(0, error.start - _EXCERPT_CHARS) : error.end + _EXCERPT_CHARS]
    shown = near.encode("utf-8", "backslashreplace").decode()
    return Problem("TEXT_HALF_CHARACTER", {"file": receipt.source, "near": shown})


def _run_reader(raw: RawFile, contract: Contract, budget: Budget, locale: str) -> ReadResult:
    fmt = received_layout(raw.receipt, contract)
    with require_libraries(raw.receipt.source), scratch_folder() as scratch:
        folder = Path(scratch)
        taken = frozenset((*PROVENANCE_COLUMNS, *raw.constants))
        files = unpacked_landing(raw.receipt, contract, raw.lake, folder)
        # A register without one of its rows would close that row's entry.
        register = contract.write.mode == "snapshot" and contract.write.effective
        refuse = None if register else raw.write_refused
        request = ReadRequest(
            files,
            raw.receipt.source,
            folder,
            raw.write,
            taken,
            contract.source.envelope,
            locale,
            refuse,
            rows_max(contract),
            stated_max_bytes(contract),
            budget.memory,
        )
        found = load_format(fmt.type).read(request, fmt)
        request.check_rows(found.rows)
        return found


def rows_max(contract: Contract) -> int:
    """Rows that a file may have: the contract's ``expect.rows.max`` raises the limit, and the audit holds it."""
    bounds = contract.expect.rows
    return max(ROWS_MAX, (bounds.max if bounds else None) or 0)
