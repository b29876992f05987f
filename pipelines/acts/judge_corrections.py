"""Whether corrections can be recorded: each is of a row that waits, and of the value that stands there now.

Every correction is judged alone: one that is refused does not keep the others out.
"""

from __future__ import annotations

import json
from typing import Final

import polars as pl

from citylake.pipelines.acts.act_work import ActWork
from citylake.pipelines.acts.correction_choices import chosen_texts
from citylake.pipelines.acts.correction_file import FILLED_SCHEMA
from citylake.pipelines.acts.disputes.questioned_rows import QUESTIONED, SCHEMA, questioned_rows
from citylake.pipelines.acts.recorded_corrections import row_corrections
from citylake.pipelines.acts.steward_columns import NO_VALUE
from citylake.pipelines.acts.still_refused import still_refused
from citylake.pipelines.acts.workbook_texts import shown_text
from citylake.pipelines.lake.row_id import ROW_PLACE
from citylake.pipelines.read.masked_fields import MASK, masked_fields
from citylake.pipelines.read.quarantine_duties import scan_row_duties
from citylake.schemas.model.contract import Contract

CORRECTABLE: Final = ("open", "exported", "corrected", "held", QUESTIONED)
JUDGED_SCHEMA: Final = pl.Schema(
    {
        **FILLED_SCHEMA,
        **dict.fromkeys(("_receipt", "_part"), pl.String()),
        "_row": pl.Int64(),
        # What the source sent, and what is to be there instead; both may be null.
        "old": pl.String(),
        "new": pl.String(),
        "state": pl.String(),
        # What stands there now, masked if need be.
        "now": pl.String(),
        # Whether the same correction is in force already.
        "recorded": pl.Boolean(),
        # Why it is refused: an issue type; null if it is not. ``reasons``: those that would refuse the new value.
        "code": pl.String(),
        "reasons": pl.String(),
    }
)
_SHOWN = 80


def judge_corrections(work: ActWork, contract: Contract, filled: pl.DataFrame) -> pl.DataFrame:
    """Judge the filled lines of one dataset.

    Args:
        work: The declarations, the lake and its ledger.
        contract: The contract of the dataset.
        filled: The lines (``FILLED_SCHEMA``).

    Returns:
        The lines in order (``JUDGED_SCHEMA``). ``code``: CORRECTION_ROW_UNKNOWN, CORRECTION_ROW_CLOSED,
        CORRECTION_FIELD_MISSING, CORRECTION_VALUE_OTHER, CORRECTION_MASKED, CORRECTION_TWICE or
        CORRECTION_STILL_REFUSED.
    """
    lines = _with_new(work, contract, filled)
    lines = _with_found(work, contract, lines)
    masked = masked_fields(contract, work.registry)
    hidden = [name for name in lines["field"].unique().drop_nulls() if masked.hides(name)]
    lines = _with_present(work, contract, lines).with_columns(pl.col("field").is_in(hidden).alias("hidden"))
    judged = lines.with_columns(_recorded().alias("recorded"), _fault().alias("code"))
    checked = _with_reasons(work, contract, judged)
    shown = pl.col("present").fill_null("").str.slice(0, _SHOWN)
    now = pl.when("hidden").then(pl.lit(MASK)).otherwise(shown).alias("now")
    return checked.with_columns(now).sort("line_number").select(JUDGED_SCHEMA.names()).cast(JUDGED_SCHEMA)


def _with_new(work: ActWork, contract: Contract, filled: pl.DataFrame) -> pl.DataFrame:
    """``new``: of a choice ``code name`` the code; no value for ``<empty>``."""
    text, new = pl.col("correct_value"), pl.col("correct_value")
    for field, choices in chosen_texts(contract, work.registry, work.lake).items():
        chosen = text.replace_strict(dict(choices), default=text, return_dtype=pl.String)
        new = pl.when(pl.col("field") == field).then(chosen).otherwise(new)
    none = text.str.strip_chars().is_in(list(NO_VALUE))
    return filled.with_row_index("line_number").with_columns(pl.when(~none).then(new).alias("new"))


def _with_found(work: ActWork, contract: Contract, lines: pl.DataFrame) -> pl.DataFrame:
    """The row's place, ``state`` and ``raw``, once for each line; null if there is no such row."""
    wanted = lines.select("row_id").unique().lazy()
    refused = scan_row_duties(work.lake, contract, work.registry, work.ledger)
    known = [refused.select(SCHEMA.names()).cast(SCHEMA), questioned_rows(work, contract.dataset).lazy()]
    rows = pl.concat(known).join(wanted, on="row_id", how="semi")
    waits = pl.col("state").is_in(CORRECTABLE)
    # A row that was refused, returned and refused again is in the table once for each: what waits counts.
    last = rows.sort(waits, "quarantined_at").group_by("row_id").agg(pl.last(*ROW_PLACE, "state", "raw", "reasons"))
    found = last.rename({"reasons": "row_reasons"}).collect(engine="streaming")
    return lines.join(found, on="row_id", how="left", maintain_order="left")


def _with_present(work: ActWork, contract: Contract, lines: pl.DataFrame) -> pl.DataFrame:
    """``sent`` (the source's value), ``present`` (that, or its correction), ``times`` and ``has_field``."""
    names = lines["field"].unique().drop_nulls().to_list()
    decoded = lines.with_columns(_decode(names).alias("fields"))
    sent, has = pl.lit(None, pl.String), pl.lit(value=False)
    for name in names:
        key = json.dumps(name, ensure_ascii=False) + ":"
        here = pl.col("field") == name
        sent = pl.when(here).then(pl.col("fields").struct.field(name)).otherwise(sent)
        has = pl.when(here).then(pl.col("raw").str.contains(key, literal=True)).otherwise(has)
    known = row_corrections(work, contract.dataset).select("row_id", "field", pl.col("new").alias("corrected"), "times")
    joined = decoded.with_columns(sent.alias("sent"), has.fill_null(value=False).alias("has_field")).drop("fields")
    joined = joined.join(known.collect(), on=["row_id", "field"], how="left", maintain_order="left")
    present = pl.when(pl.col("times").is_not_null()).then("corrected").otherwise("sent")
    return joined.with_columns(present.alias("present"), pl.col("sent").alias("old"))


def _decode(names: list[str]) -> pl.Expr:
    if not names:
        return pl.lit(None)
    return pl.col("raw").str.json_decode(pl.Struct(dict.fromkeys(names, pl.String)))


def _recorded() -> pl.Expr:
    return pl.col("times").is_not_null() & pl.col("corrected").eq_missing(pl.col("new"))


def _fault() -> pl.Expr:
    """Why a line is refused, apart from its value."""
    token = pl.lit(MASK) + pl.when(pl.col("times") > 0).then(pl.lit(" ") + pl.col("times").cast(pl.String)).otherwise(
        pl.lit("")
    )
    expected = pl.when("hidden").then(token).otherwise("present")
    other = shown_text(pl.col("value_now")) != shown_text(expected)
    # The same place twice with different values: which one is right is not for us to guess.
    cell = ["row_id", "field"]
    twice = pl.col("new").n_unique().over(cell) > 1
    unchanged = pl.col("new").eq_missing(pl.col("present"))
    return (
        pl.when(pl.col("state").is_null()).then(pl.lit("CORRECTION_ROW_UNKNOWN"))
        .when(_recorded() & ~twice).then(None)
        .when(~pl.col("state").is_in(CORRECTABLE)).then(pl.lit("CORRECTION_ROW_CLOSED"))
        .when(~pl.col("has_field")).then(pl.lit("CORRECTION_FIELD_MISSING"))
        .when(twice).then(pl.lit("CORRECTION_TWICE"))
        .when(pl.col("new").str.contains(MASK, literal=True)).then(pl.lit("CORRECTION_MASKED"))
        .when(other).then(pl.lit("CORRECTION_VALUE_OTHER"))
        .when(unchanged).then(pl.lit("CORRECTION_UNCHANGED"))
    )  # fmt: skip


def _with_reasons(work: ActWork, contract: Contract, judged: pl.DataFrame) -> pl.DataFrame:
    """The lines with CORRECTION_STILL_REFUSED where the contract would refuse the new value."""
    fresh = judged.filter(pl.col("code").is_null() & ~pl.col("recorded"))
    if fresh.is_empty():
        return judged.with_columns(pl.lit(None, pl.String).alias("reasons"))
    refused = still_refused(work, contract, fresh.select("row_id", "raw", "field", "new"))
    joined = judged.join(refused, on=["row_id", "field"], how="left", maintain_order="left")
    of_value = pl.col("code").is_null() & ~pl.col("recorded") & pl.col("reasons").is_not_null()
    return joined.with_columns(
        pl.when(of_value).then(pl.lit("CORRECTION_STILL_REFUSED")).otherwise("code").alias("code")
    )
