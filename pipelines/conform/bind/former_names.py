"""Earlier names of source fields: which of them a file has, by its own fields and by its time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from zoneinfo import ZoneInfo

from citylake.pipelines.blocks.source_rows import SourceRows
from citylake.pipelines.conform.bind.field_renames import FieldRenames, rename_fields
from citylake.pipelines.pull.day_filter import day_in_name
from citylake.pipelines.records import Receipt
from citylake.quality.drift.column_diff import ignored_fields
from citylake.schemas.model.contract import Contract
from citylake.schemas.model.field_names import FormerName
from citylake.schemas.read.registry import Registry
from citylake.schemas.words.errors import CitylakeError


def file_day(receipt: Receipt, contract: Contract, zone: str) -> date:
    """The day by which names are judged: that of the request, or the one in the file's name if it is earlier.

    Bytes are never younger than their request, so a replay judges them as the first reading did; and a file that
    arrives late has the names of the day that it is about. ``zone``: the workspace's.
    """
    requested = receipt.requested_at.astimezone(ZoneInfo(zone)).date()
    named = day_in_name(receipt.name, contract.source.name_fields)
    return min(requested, named or requested)


def field_renames(contract: Contract, columns: Sequence[str], receipt: Receipt, zone: str) -> FieldRenames:
    """Today's name → the earlier one, for the fields that a file has under a name of its time."""
    there, day = set(columns), file_day(receipt, contract, zone)
    found: dict[str, str] = {}
    for field, names in _named_fields(contract):
        old = next((name.was for name in names if name.was in there and day <= name.until), None)
        if old is not None and field not in there:
            found[field] = old
    return found


def contract_of_time(contract: Contract, sources: Sequence[SourceRows], registry: Registry) -> Contract:
    """The contract with the names that the sources have; all have the same columns and the same names.

    Raises FIELD_NAMES_BOTH if one has a field under two names.
    """
    zone, first = registry.workspace.settings.timezone, sources[0]
    for source in sources:
        _check_one_name(contract, source, zone)
    return rename_fields(contract, field_renames(contract, first.columns, first.receipt, zone))


def _check_one_name(contract: Contract, source: SourceRows, zone: str) -> None:
    there, day = set(source.columns), file_day(source.receipt, contract, zone)
    ignored = ignored_fields(contract.ignore, source.columns)
    for field, names in _named_fields(contract):
        # A name that is free again may be ignored; in its own time it never stands for anything else.
        old = [name.was for name in names if name.was in there and (day <= name.until or name.was not in ignored)]
        both = [*([field] if field in there else []), *old]
        if len(both) > 1:
            values = {"file": source.receipt.name, "field": both[0], "other": both[1], "day": day}
            raise CitylakeError("FIELD_NAMES_BOTH", dataset=contract.dataset, **values)


def _named_fields(contract: Contract) -> Iterator[tuple[str, tuple[FormerName, ...]]]:
    """The source fields with earlier names."""
    for key, binding in contract.fields.items():
        if binding.names:
            yield binding.source if isinstance(binding.source, str) else key, binding.former_names
