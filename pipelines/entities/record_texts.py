"""What a person has to see of a record to decide about it: its name, address and telephone, if they may be shown."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection

from citylake.pipelines.context import RunContext
from citylake.pipelines.entities.entity_records import PARTS, key_sql
from citylake.pipelines.entities.read_links import Record
from citylake.pipelines.marts.make.delta_views import create_standard_view
from citylake.pipelines.marts.make.mart_engine import open_mart_duckdb, sql_identifier
from citylake.schemas.model.entity import EntityDeclaration
from citylake.schemas.read.contract_columns import elements_by_column


def record_texts(context: RunContext, entity: EntityDeclaration, records: Collection[Record]) -> dict[Record, str]:
    """Return the parts of records, joined by commas. Values of personal or restricted elements are left out."""
    wanted: dict[str, list[str]] = defaultdict(list)
    for dataset, key in records:
        wanted[dataset].append(key)
    found: dict[Record, str] = {}
    zone = context.registry.workspace.settings.timezone
    with open_mart_duckdb(context.lake, zone, context.budget.engine) as connection:
        for dataset in sorted(wanted.keys() & context.registry.contracts.keys() & entity.records.keys()):
            create_standard_view(connection, context.lake, context.registry, dataset, None)
            key, shown = key_sql(entity.records[dataset]), _shown_columns(context, entity, dataset)
            texts = ", ".join(f"CAST({sql_identifier(name)} AS VARCHAR)" for name in shown) or "''"
            table = sql_identifier(*dataset.split("."))
            text = f"max(concat_ws(', ', {texts}))"
            select = f"SELECT {key} AS k, {text} FROM {table} WHERE k IN (SELECT unnest(?)) GROUP BY k"
            found |= {(dataset, name): text for name, text in connection.execute(select, [wanted[dataset]]).fetchall()}
    return found


def _shown_columns(context: RunContext, entity: EntityDeclaration, dataset: str) -> list[str]:
    elements = elements_by_column(context.registry.contracts[dataset], context.registry)
    named = (getattr(entity.records[dataset], part) for part in PARTS)
    return [name for name in named if name and name in elements and elements[name].sensitivity.shown]
