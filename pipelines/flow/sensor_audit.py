"""The sensor tests on a staged batch: reads its rows and what was usual before, and records the findings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import polars as pl
from deltalake.exceptions import DeltaError

from citylake.pipelines.context import RunContext
from citylake.pipelines.flow.sensor_history import scan_history
from citylake.pipelines.flow.sensor_places import reference_places
from citylake.pipelines.flow.sensor_rows import scan_standard, select_series
from citylake.pipelines.lake.ledger import sensor_findings_table
from citylake.pipelines.records import ConformedBatch
from citylake.quality.check_result import CheckResult
from citylake.quality.sensors.find_faults import find_faults
from citylake.quality.sensors.sensor_checks import ENTITY_NAME, check_not_judged, check_spans, check_too_many
from citylake.quality.sensors.sensor_series import ENTITY, FRESH
from citylake.schemas.model.contract import Contract
from citylake.schemas.read.sensor_series_plan import SeriesPlan, plan_series

ROWS_UNDECLARED = 1_000_000
"""Rows of a batch that are judged without ``sensors`` in the contract: 3,000 detectors at 5 minutes for a day."""


def audit_sensors(
    context: RunContext, contract: Contract, staged: ConformedBatch, references: Mapping[str, Sequence[str]]
) -> list[CheckResult]:
    """Run the sensor tests on a staged batch; no check if the dataset is no series of sensors.

    ``references``: dataset → active files of its standard table; one with coordinates of the sensors makes siblings
    known. The findings are stored at once, before the batch is on record; those of its last audit count.
    """
    plan = plan_series(contract, context.registry) if staged.standard else None
    if plan is None:
        return []
    if contract.sensors is None and staged.counts.standard > ROWS_UNDECLARED:
        return [check_too_many(contract.dataset, staged.counts.standard, ROWS_UNDECLARED)]
    try:
        spans = _find_spans(context, contract, plan, staged, references)
    except (pl.exceptions.PolarsError, DeltaError, OSError) as error:
        # These tests only warn of readings; files that they cannot read must not keep good rows out of the table.
        return [check_not_judged(contract.dataset, str(error).splitlines()[0])]
    if spans.height:
        found = sensor_findings_table.finding_rows(
            context.run.id, contract.dataset, staged.batch, spans, datetime.now(UTC)
        )
        context.ledger.append_frame(sensor_findings_table.TABLE, found)
    return list(check_spans(contract.dataset, plan.tests, spans))


def _find_spans(
    context: RunContext,
    contract: Contract,
    plan: SeriesPlan,
    staged: ConformedBatch,
    references: Mapping[str, Sequence[str]],
) -> pl.DataFrame:
    rows = select_series(scan_standard(context.lake, staged.standard), plan).with_columns(_is_fresh(fresh=True))
    history = scan_history(context.lake, contract, plan, staged)
    if history is not None:
        rows = pl.concat([rows, select_series(history, plan).with_columns(_is_fresh(fresh=False))])
    sensors = rows.select(plan.entity).unique().collect(engine="streaming").sort(plan.entity).with_row_index(ENTITY)
    places = reference_places(context, contract, plan, sensors, references)
    spans = find_faults(rows.join(sensors.lazy(), on=plan.entity, how="inner"), plan, places)
    names = pl.concat_str(list(plan.entity), separator=" / ").alias(ENTITY_NAME)
    return spans.join(sensors.select(ENTITY, names), on=ENTITY, maintain_order="left")


def _is_fresh(*, fresh: bool) -> pl.Expr:
    return pl.lit(value=fresh).alias(FRESH)
