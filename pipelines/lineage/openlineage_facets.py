"""Translates tables to OpenLineage datasets with facets. Needs openlineage-python."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import cast

from openlineage.client import facet_v2 as facets
from openlineage.client.event_v2 import InputDataset, OutputDataset
from openlineage.client.generated.lifecycle_state_change_dataset import LifecycleStateChange

from citylake.pipelines.lineage.lineage_model import ColumnLink, LineageColumn, LineageTable, WriteOutcome
from citylake.quality.check_result import CheckResult
from citylake.schemas.base.declaration import LocalizedText
from citylake.schemas.sql.transformation_types import DIRECT_TYPES
from citylake.schemas.words.message_catalogue import render_issue

_COLUMN_OF = re.compile(r"completeness\.(\w+)|\w+\((\w+)\)|reference\.(\w+)→.+")


def to_input_dataset(table: LineageTable) -> InputDataset:
    """Return a table as an input dataset."""
    return InputDataset(table.place.namespace, table.place.name, facets=_table_facets(table))


def to_output_dataset(table: LineageTable) -> OutputDataset:
    """Return a table as an output dataset, with column lineage, quality and row count."""
    found = _table_facets(table) | _quality_facets(table.made)
    if table.links or table.rows:
        found["columnLineage"] = _column_lineage(table)
    if table.made.first or table.made.whole:
        change = LifecycleStateChange.CREATE if table.made.first else LifecycleStateChange.OVERWRITE
        found["lifecycleStateChange"] = facets.lifecycle_state_change_dataset.LifecycleStateChangeDatasetFacet(change)
    written: dict[str, facets.OutputDatasetFacet] = {}
    if table.made.written is not None:
        rows = table.made.written
        written["outputStatistics"] = facets.output_statistics_output_dataset.OutputStatisticsOutputDatasetFacet(rows)
    return OutputDataset(table.place.namespace, table.place.name, facets=found, outputFacets=written)


def join_languages(text: LocalizedText) -> str:
    """Join both languages into one text, because OpenLineage has one field for it."""
    return text.zh if text.zh == text.en else f"{text.zh} / {text.en}"


def _table_facets(table: LineageTable) -> dict[str, facets.DatasetFacet]:
    place = table.place
    within = "://" in place.namespace
    uri = f"{place.namespace}/{place.name.lstrip('/')}" if within else f"{place.namespace}:{place.name}"
    found: dict[str, facets.DatasetFacet] = {
        "documentation": facets.documentation_dataset.DocumentationDatasetFacet(join_languages(table.title)),
        "dataSource": facets.datasource_dataset.DatasourceDatasetFacet(place.namespace, uri),
    }
    if table.columns:
        found["schema"] = facets.schema_dataset.SchemaDatasetFacet(
            [_field(column, number) for number, column in enumerate(table.columns, 1)]
        )
    if table.owner:
        owners = [facets.ownership_dataset.Owner(table.owner.department, "DEPARTMENT")]
        if table.owner.steward:
            owners.append(facets.ownership_dataset.Owner(table.owner.steward, "STEWARD"))
        found["ownership"] = facets.ownership_dataset.OwnershipDatasetFacet(owners)
    if table.made.version is not None:
        found["version"] = facets.dataset_version_dataset.DatasetVersionDatasetFacet(str(table.made.version))
    return found


def _field(column: LineageColumn, number: int) -> facets.schema_dataset.SchemaDatasetFacetFields:
    about = join_languages(column.about) if column.about else None
    return facets.schema_dataset.SchemaDatasetFacetFields(column.name, column.type, about, number)


def _column_lineage(table: LineageTable) -> facets.column_lineage_dataset.ColumnLineageDatasetFacet:
    lineage = facets.column_lineage_dataset
    return lineage.ColumnLineageDatasetFacet(
        {column: lineage.Fields(_inputs(links)) for column, links in table.links.items()}, _inputs(table.rows)
    )


def _inputs(links: Iterable[ColumnLink]) -> list[facets.column_lineage_dataset.InputField]:
    """Return each input field once, with all its transformations."""
    lineage = facets.column_lineage_dataset
    by_field: dict[tuple[str, str, str], list[facets.column_lineage_dataset.Transformation]] = {}
    for link in links:
        kind = "DIRECT" if link.how in DIRECT_TYPES else "INDIRECT"
        way = lineage.Transformation(kind, link.how, join_languages(link.note) if link.note else None, masking=False)
        by_field.setdefault((link.place.namespace, link.place.name, link.field), []).append(way)
    return [lineage.InputField(*field, transformations=ways) for field, ways in by_field.items()]


def _quality_facets(made: WriteOutcome) -> dict[str, facets.DatasetFacet]:
    found: dict[str, facets.DatasetFacet] = {}
    if made.judged is not None:
        found["dataQualityMetrics"] = facets.data_quality_metrics_dataset.DataQualityMetricsDatasetFacet(
            columnMetrics={}, rowCount=made.judged
        )
    if made.checks:
        assertions = [_assertion(check) for check in made.checks]
        judged = facets.data_quality_assertions_dataset.DataQualityAssertionsDatasetFacet(assertions)
        # The specification defines this facet for inputs only, but consumers read it from any dataset.
        found["dataQualityAssertions"] = cast("facets.DatasetFacet", judged)
    return found


def _assertion(check: CheckResult) -> facets.data_quality_assertions_dataset.Assertion:
    column, why = _COLUMN_OF.fullmatch(check.name), check.problem
    texts = {language: render_issue(why.code, why.values, language) for language in ("zh", "en")} if why else None
    return facets.data_quality_assertions_dataset.Assertion(
        assertion=check.name,
        success=check.passed,
        column=next(filter(None, column.groups())) if column else None,
        severity="error" if check.severity == "error" else "warn",
        name=check.name,
        description=join_languages(LocalizedText(**texts)) if texts else None,
        expected=check.expected,
        actual=check.observed,
    )
