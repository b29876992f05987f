"""Corrections of values: "this text means that one", for every row of a dataset, also of later receipts.

What a field with a code list or a crosswalk means belongs in its declaration, where everybody reads it: the change
is proposed, and nothing is recorded. Of other fields the correction is recorded in the lake.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

import polars as pl

from citylake.pipelines.acts.act_record import ActContent, record_act
from citylake.pipelines.acts.act_work import ActWork
from citylake.pipelines.acts.judge_corrections import CORRECTABLE
from citylake.pipelines.acts.recorded_corrections import value_corrections
from citylake.pipelines.acts.rights import require_right
from citylake.pipelines.acts.steward_columns import NO_VALUE
from citylake.pipelines.acts.still_refused import still_refused
from citylake.pipelines.acts.value_proposal import DeclarationChange, propose_change
from citylake.pipelines.conform.bind.bound_column import BoundColumn, bind_columns, cell_fields
from citylake.pipelines.conform.decisions.value_corrections import pattern_problem
from citylake.pipelines.flow.run_order import order_datasets
from citylake.pipelines.lake.ledger.corrections_table import CorrectionMatch
from citylake.pipelines.read.quarantine_duties import scan_row_duties
from citylake.schemas.model.contract import Contract
from citylake.schemas.words.errors import CitylakeError

_TRIED_ROWS = 1_000


@dataclass(frozen=True, slots=True)
class ValueMeaning:
    """What a text of a source's field means; ``means`` None: no value."""

    dataset: str
    field: str
    value: str
    means: str | None
    match: CorrectionMatch = "literal"
    since: date | None = None

    @property
    def new(self) -> str | None:
        """The text that stands in its place."""
        return None if self.means in NO_VALUE else self.means


@dataclass(frozen=True, slots=True)
class CorrectedValue:
    """What became of it."""

    meaning: ValueMeaning
    outcome: Literal["recorded", "already", "proposed", "dry_run"]
    rows: int
    """Refused rows that have the text now."""
    act: str | None = None
    changes: tuple[DeclarationChange, ...] = ()
    """What to change in the declarations, if it is ``proposed``."""

    def document(self) -> dict[str, Any]:
        """Return the result for JSON."""
        changes = [{"file": each.file, "line": each.line, "text": each.text} for each in self.changes]
        place = {"dataset": self.meaning.dataset, "field": self.meaning.field, "outcome": self.outcome}
        return {**place, "act": self.act, "rows": self.rows, "changes": changes}


def correct_value(work: ActWork, meaning: ValueMeaning, why: str = "", *, dry_run: bool = False) -> CorrectedValue:
    """Record what a text means, or propose the change of the declaration that says so.

    Args:
        work: Who corrects, and where.
        meaning: The field, its text (or a regular expression for the whole text), and what it means.
        why: The reason, for the ledger.
        dry_run: Return what would be done, and record nothing.

    Returns:
        ``proposed`` for a field with a code list or a crosswalk, unless the text is an expression; ``already`` if the
        same is in force.

    Raises:
        CitylakeError: ACT_NOT_ALLOWED; DATASET_UNKNOWN; VALUE_FIELD_UNKNOWN; PATTERN_UNUSABLE; MEANING_UNKNOWN;
            MEANING_REFUSED, if every row with the text would be refused all the same; MEANING_DATED, if a day is given
            for a field without code list.
    """
    contract = order_datasets(work.registry, [meaning.dataset])[0]
    require_right(work.registry, work.person, "correct", contract.owner.department)
    key, bound = _binding_of(work, contract, meaning.field)
    problem = pattern_problem(meaning.value) if meaning.match == "pattern" else None
    if problem is not None:
        raise CitylakeError("PATTERN_UNUSABLE", pattern=meaning.value, reason=problem)
    rows = _rows_with(work, contract, meaning)
    if bound is not None and (bound.codes or bound.binding.lookup) and meaning.match == "literal" and meaning.new:
        changes = propose_change(work, meaning.dataset, key, bound, meaning.value, meaning.new, meaning.since)
        return CorrectedValue(meaning, "proposed", len(rows), changes=tuple(changes))
    if meaning.since is not None:
        raise CitylakeError("MEANING_DATED", field=meaning.field, dataset=meaning.dataset)
    if _in_force(work, meaning):
        return CorrectedValue(meaning, "already", len(rows))
    _check_meaning(work, contract, meaning, rows)
    if dry_run:
        return CorrectedValue(meaning, "dry_run", len(rows))
    recorded = _correction(meaning, why, active=True)
    content = ActContent("correct_value", contract, why, corrections=recorded, concerned=len(rows))
    return CorrectedValue(meaning, "recorded", len(rows), record_act(work, content))


def withdraw_correction(work: ActWork, meaning: ValueMeaning, why: str) -> str:
    """Withdraw the correction of a value; returns the id of the act.

    Raises WHY_MISSING, ACT_NOT_ALLOWED, and CORRECTION_NOT_IN_FORCE if there is no such correction.
    """
    if not why.strip():
        raise CitylakeError("WHY_MISSING", act="withdraw_correction")
    contract = order_datasets(work.registry, [meaning.dataset])[0]
    require_right(work.registry, work.person, "correct", contract.owner.department)
    known = value_corrections(work, meaning.dataset).filter(_same_text(meaning)).collect()
    if known.is_empty():
        raise CitylakeError("CORRECTION_NOT_IN_FORCE", field=meaning.field, value=meaning.value)
    rows = _correction(meaning, why, active=False).with_columns(pl.lit(known["new"][0], pl.String).alias("new"))
    return record_act(work, ActContent("withdraw_correction", contract, why, corrections=rows))


def _binding_of(work: ActWork, contract: Contract, name: str) -> tuple[str, BoundColumn | None]:
    """The binding that is made from the field alone; None if there is none. Raises VALUE_FIELD_UNKNOWN."""
    bounds = list(zip(contract.fields, bind_columns(contract, work.registry), strict=True))
    known = sorted({each for _, bound in bounds for each in (*cell_fields(bound), *bound.binding.row_fields)})
    if name not in known:
        raise CitylakeError("VALUE_FIELD_UNKNOWN", field=name, dataset=contract.dataset, known=", ".join(known))
    own = [(key, bound) for key, bound in bounds if cell_fields(bound) == [name]]
    return next(iter(own), ("", None))


def _rows_with(work: ActWork, contract: Contract, meaning: ValueMeaning) -> list[str]:
    """The ids of the refused rows that have the text."""
    name = meaning.field
    text = pl.col("raw").str.json_decode(pl.Struct({name: pl.String})).struct.field(name).fill_null("")
    waiting = _waiting(work, contract).select("row_id", text.alias("text")).collect(engine="streaming")
    # Not as a predicate of the scan: it would be tried on the statistics of files, which are no JSON.
    whole = rf"\A(?:{meaning.value})\z"
    has = pl.col("text") == meaning.value if meaning.match == "literal" else pl.col("text").str.contains(whole)
    return waiting.filter(has)["row_id"].unique().sort().to_list()


def _waiting(work: ActWork, contract: Contract) -> pl.LazyFrame:
    rows = scan_row_duties(work.lake, contract, work.registry, work.ledger)
    return rows.filter(pl.col("state").is_in(CORRECTABLE))


def _check_meaning(work: ActWork, contract: Contract, meaning: ValueMeaning, rows: list[str]) -> None:
    if not rows:
        return
    waiting = _waiting(work, contract).filter(pl.col("row_id").is_in(rows[:_TRIED_ROWS]))
    tried = waiting.select("row_id", "raw").unique("row_id").collect(engine="streaming")
    new = tried.with_columns(pl.lit(meaning.field).alias("field"), pl.lit(meaning.new, pl.String).alias("new"))
    refused = still_refused(work, contract, new)
    if refused.height == tried.height:
        reasons = ", ".join(sorted(set(",".join(refused["reasons"]).split(","))))
        raise CitylakeError("MEANING_REFUSED", means=meaning.means, field=meaning.field, reasons=reasons)


def _in_force(work: ActWork, meaning: ValueMeaning) -> bool:
    known = value_corrections(work, meaning.dataset).filter(_same_text(meaning)).collect()
    return known.height > 0 and known["new"][0] == meaning.new


def _same_text(meaning: ValueMeaning) -> pl.Expr:
    same = (pl.col("field") == meaning.field) & (pl.col("match") == meaning.match)
    return same & (pl.col("old").fill_null("") == meaning.value)


def _correction(meaning: ValueMeaning, why: str, *, active: bool) -> pl.DataFrame:
    row = {
        "scope": "value",
        "_receipt": None,
        "_part": None,
        "_row": None,
        "field": meaning.field,
        "match": meaning.match,
        "old": meaning.value,
        "new": meaning.new,
        "active": active,
        "why": why or None,
    }
    return pl.DataFrame([row], schema={**dict.fromkeys(row, pl.String), "_row": pl.Int64, "active": pl.Boolean})
