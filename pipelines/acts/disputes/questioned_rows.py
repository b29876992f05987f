"""The source rows of open questions, in the shape of quarantined rows: stewards get both in one file."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final

import polars as pl

from citylake.pipelines.acts.act_work import ActWork
from citylake.pipelines.acts.disputes.recorded_disputes import open_questions, questioned_places
from citylake.pipelines.lake.access_record import Asked
from citylake.pipelines.lake.row_id import row_id_expr
from citylake.pipelines.read.quarantine_frame import QUARANTINE_REASON
from citylake.pipelines.read.source_row import read_source_row
from citylake.schemas.words.errors import CitylakeError

QUESTIONED: Final = "questioned"
"""The state of a row that is not refused, and that a value of a mart which somebody doubts was made from."""
REASON: Final = "ROW_QUESTIONED"
SCHEMA: Final = pl.Schema(
    {
        "row_id": pl.String(),
        "_receipt": pl.String(),
        "_part": pl.String(),
        "_row": pl.Int64(),
        "_source": pl.String(),
        "raw": pl.String(),
        "reasons": pl.List(QUARANTINE_REASON),
        "state": pl.String(),
        "due_on": pl.Date(),
        "quarantined_at": pl.Datetime("us", "UTC"),
    }
)


def questioned_rows(work: ActWork, dataset: str) -> pl.DataFrame:
    """Return the rows that open questions to a dataset are about, each once, with the questions as its reasons.

    A row whose bytes and text are gone is left out: the question remains, with the number of its rows. Opening sealed
    bytes is recorded in ``accesses``; raises KEY_UNSET without the key.
    """
    places = questioned_places(work.ledger, dataset)
    if places.is_empty():
        return pl.DataFrame(schema=SCHEMA)
    questions = {row["dispute_id"]: row for row in open_questions(work.ledger, dataset).iter_rows(named=True)}
    personal = {name for name, mart in work.registry.marts.items() if mart.highest.personal != "none"}
    grouped = places.group_by("_receipt", "_part", "_row", "_source", maintain_order=True).agg("dispute_id")
    rows = [
        {**row, "raw": raw, **_asked([questions[each] for each in row["dispute_id"]], personal)}
        for row in grouped.iter_rows(named=True)
        if (raw := _raw_text(work, row)) is not None
    ]
    found = pl.DataFrame(rows, schema={name: kind for name, kind in SCHEMA.items() if name != "row_id"})
    return found.with_columns(row_id_expr().alias("row_id")).select(SCHEMA.names())


def with_questioned(waiting: pl.LazyFrame | None, asked: pl.DataFrame) -> pl.LazyFrame:
    """Return quarantined rows and questioned ones (:func:`questioned_rows`): a row that is both once, with all reasons.

    ``waiting``: the columns of ``SCHEMA``; None: there are none.
    """
    if waiting is None:
        return asked.lazy()
    other = [name for name in SCHEMA.names() if name not in ("row_id", "reasons")]
    both = pl.concat([waiting.select(SCHEMA.names()).cast(SCHEMA), asked.lazy()])
    # A quarantined row may be there several times, once for each piece that reshaping makes of it.
    plain = waiting.join(asked.lazy().select("row_id"), on="row_id", how="anti").select(SCHEMA.names()).cast(SCHEMA)
    touched = both.join(asked.lazy().select("row_id"), on="row_id", how="semi")
    merged = touched.group_by("row_id").agg(*(pl.first(name) for name in other), pl.col("reasons").explode())
    return pl.concat([plain, merged.select(SCHEMA.names()).cast(SCHEMA)])


def _raw_text(work: ActWork, place: Mapping[str, Any]) -> str | None:
    asked = Asked(user=work.person.user, via=work.person.via)
    try:
        row = read_source_row(work.lake, place["_receipt"], place["_row"], place["_part"], asked)
    except CitylakeError as error:
        if error.problem.code in ("SOURCE_ROW_MISSING", "LANDING_LOST"):
            return None
        raise
    return json.dumps(row, ensure_ascii=False, separators=(",", ":"))


def _asked(questions: Iterable[Mapping[str, Any]], personal: Collection[str]) -> dict[str, Any]:
    listed = list(questions)
    return {
        "reasons": [_reason(each, personal=each["mart"] in personal) for each in listed],
        "state": QUESTIONED,
        "due_on": min(each["due_on"] for each in listed),
        "quarantined_at": min(each["recorded_at"] for each in listed),
    }


def _reason(question: Mapping[str, Any], *, personal: bool) -> dict[str, Any]:
    """``detail``: the question as one text, with its place in the mart; of a mart of persons without key and value."""
    key = ", ".join(f"{name}={value}" for name, value in json.loads(question["key"]).items())
    value = "" if personal else f" ({key}) = {question['value']}"
    place = f"{question['mart']}.{question['table_name']}.{question['column_name']}{value}"
    said = f"{question['dispute_id']}: {place}: {question['why']} ({question['user']})"
    return {"code": REASON, "field": None, "value": None, "detail": said}
