"""Standard rows of a trace with the row as the source sent it, masked as in every list of the lake."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from citylake.pipelines.flow.run_document import problem_json
from citylake.pipelines.history.trace.origin_facts import OriginFacts
from citylake.pipelines.lake.access_record import Asked
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.row_id import RowId
from citylake.pipelines.read.masked_fields import MASK, MaskedFields
from citylake.pipelines.read.source_row import SourceRow, read_source_row
from citylake.schemas.model.contract import Contract
from citylake.schemas.words.errors import CitylakeError

if TYPE_CHECKING:
    import polars as pl

_ORIGIN: Final = {"_batch", "_receipt", "_row", "_source", "_warnings", "_refused"}
_PARTITIONS: Final = {"_day", "_month", "_year", "valid_from", "valid_to"}


def shown_standard_rows(
    lake: Lake,
    contract: Contract,
    masked: MaskedFields,
    rows: pl.DataFrame,
    facts: OriginFacts,
    asked: Asked,
    limit: int,
) -> Iterator[dict[str, Any]]:
    """Yield at most ``limit`` rows, ready for JSON.

    Each has ``row_id``, ``key`` (by column), ``values`` (the other columns), ``batch``, ``receipt``, ``source``,
    ``row``, ``warnings``, ``refused`` (columns without a value because it was refused), ``raw`` (the source's fields;
    None if the row cannot be read, and ``raw_problem`` says why), ``corrections`` and ``acts``. A sealed source is
    opened with the key, and the access is on record.
    """
    order = [name for name in contract.write.key if name in rows.columns and not rows.schema[name].is_nested()]
    ordered = rows.sort(order or ["_receipt", "_row"], nulls_last=True, maintain_order=True)
    for row in ordered.head(limit).iter_rows(named=True):
        raw, problem = _raw(lake, row, asked)
        values = {name: _masked(masked, name, value) for name, value in row.items() if name not in _ORIGIN}
        corrections = facts.corrections_of(row, raw or {})
        yield {
            "row_id": str(RowId(row["_receipt"], row["_row"])),
            "key": {name: values[name] for name in contract.write.key if name in values},
            "values": {name: value for name, value in values.items() if name not in contract.write.key},
            **{name: row[f"_{name}"] for name in ("batch", "receipt", "source", "row")},
            **{name: _listed(row.get(f"_{name}")) for name in ("warnings", "refused")},
            "raw": None if raw is None else masked.mask_row(raw),
            "raw_problem": problem,
            "corrections": [_masked_correction(masked, each) for each in corrections],
            "acts": [
                {name: act[name] for name in ("decision", "user", "why", "recorded_at")} for act in facts.acts_of(row)
            ],
        }


def _raw(lake: Lake, row: dict[str, Any], asked: Asked) -> tuple[SourceRow | None, dict[str, Any] | None]:
    try:
        return read_source_row(lake, row["_receipt"], row["_row"], asked=asked), None
    except CitylakeError as error:
        return None, problem_json(error.problem)


def _masked(masked: MaskedFields, name: str, value: Any) -> Any:
    shown = not masked.fields or name in masked.open_columns or name in _PARTITIONS
    return value if shown or value is None else MASK


def _masked_correction(masked: MaskedFields, each: dict[str, Any]) -> dict[str, Any]:
    hidden = masked.hides(each["field"])
    kept = {name: each[name] for name in ("scope", "field", "old", "new", "user", "why", "recorded_at")}
    return {**kept, **{name: MASK for name in ("old", "new") if hidden and kept[name] is not None}}


def _listed(text: str | None) -> list[str]:
    return text.split(",") if text else []
