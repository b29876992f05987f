"""The inputs of a SELECT as Spark reads them: the very Parquet files that the log of each pinned version names."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import reduce
from typing import TYPE_CHECKING, Any

from citylake.pipelines.lake.delta_table import open_delta_if_exists
from citylake.pipelines.marts.functions.spark_text import spark_literal
from citylake.pipelines.marts.make.delta_views import optional_table_types
from citylake.pipelines.marts.make.duckdb_types import duckdb_type, mart_table_types, standard_table_types
from citylake.pipelines.marts.make.shifted_days import partition_days
from citylake.pipelines.marts.spark.engine_choice import spark_remote
from citylake.pipelines.marts.spark.spark_faults import shown_remote
from citylake.schemas.model.contract import DeleteMarker
from citylake.schemas.model.entity import ENTITY_SCHEMA, LINK_COLUMNS
from citylake.schemas.words.errors import CitylakeError

if TYPE_CHECKING:
    from pyspark.sql.connect.session import SparkSession
    from pyspark.sql.dataframe import DataFrame

    from citylake.pipelines.lake.lake_zones import Lake
    from citylake.pipelines.marts.make.rebuild_days import BuildInputs
    from citylake.pipelines.marts.make.table_build import TableBuild

Values = tuple[tuple[str, str | None], ...]
"""The partition values of a file, as (column, text)."""


@dataclass(frozen=True, slots=True)
class InputTable:
    """One input in the version that the build has pinned."""

    parts: tuple[str, ...]
    """Its name in the SELECT."""
    root: str
    columns: Mapping[str, str]
    """Column → DuckDB type: those of the log, and declared ones that no file contains yet."""
    files: Mapping[Values, Sequence[str]]
    """Partition values → addresses of files."""
    bytes: int = 0
    rows: int | None = 0
    """Rows of the files, as the log counts them; None if it does not."""
    deleted: DeleteMarker | None = None


def read_inputs(work: TableBuild, now: BuildInputs, days: set[date] | None) -> list[InputTable]:
    """Return the inputs of ``work`` in the versions of ``now``, for ``days`` (None: all), by the logs alone."""
    return list(_read_inputs(work, now, days))


def _read_inputs(work: TableBuild, now: BuildInputs, days: set[date] | None) -> Iterator[InputTable]:
    registry, versions = work.registry, now.versions
    for dataset in sorted(work.planned.datasets):
        contract = registry.contracts[dataset]
        shape = standard_table_types(contract, registry)
        by_day = "_day" if "_day" in shape else None
        among, root = partition_days(dataset, registry, days), work.lake.standard(dataset)
        found = (tuple(dataset.split(".")), root, versions[dataset], shape, by_day, among)
        yield _input_table(work.lake, *found, contract.write.deleted)
    for dataset in sorted(work.planned.absent):
        yield InputTable(tuple(dataset.split(".")), "", optional_table_types(registry, work.mart, dataset), {})
    for entity in sorted(work.planned.entities):
        links = (ENTITY_SCHEMA, entity)
        yield _input_table(work.lake, links, work.lake.curated(*links), versions[".".join(links)], LINK_COLUMNS)
    for mart, table in work.tables_read:
        declared = registry.marts[mart].tables[table]
        shape = mart_table_types(declared, registry, dict.fromkeys(declared.columns, "VARCHAR"))
        name = (table,) if mart == work.mart.mart else ("mart", mart, table)
        version, root = versions[f"mart.{mart}.{table}"], work.lake.curated(mart, table)
        yield _input_table(work.lake, name, root, version, shape, declared.day, days)


def _input_table(
    lake: Lake,
    parts: tuple[str, ...],
    root: str,
    version: int,
    shape: Mapping[str, str],
    by_day: str | None = None,
    days: Collection[date] | None = None,
    deleted: DeleteMarker | None = None,
) -> InputTable:
    table = None if version == -1 else open_delta_if_exists(lake, root, version)
    if table is None:
        return InputTable(parts, root, shape, {}, deleted=deleted)
    logged = {entry.name: duckdb_type(entry.type) for entry in table.schema().fields}
    # Delta has no type for times of day, and marts read their texts as times.
    times = {name: kind for name, kind in shape.items() if kind == "TIME" and logged.get(name) == "VARCHAR"}
    columns = {**logged, **times, **{name: kind for name, kind in shape.items() if name not in logged}}
    partition = table.metadata().partition_columns
    wanted = None if days is None or by_day not in partition else {day.isoformat() for day in days}
    addresses = {uri.rsplit("/", 1)[-1]: uri for uri in table.file_uris()}
    files: dict[Values, list[str]] = {}
    size, counts = 0, list[int | None]()
    for action in _actions(table):
        values = tuple((name, action[f"partition.{name}"]) for name in partition)
        if wanted is None or dict(values)[by_day or ""] in wanted:
            files.setdefault(values, []).append(addresses[action["path"].rsplit("/", 1)[-1]])
            size += action["size_bytes"]
            counts.append(action.get("num_records"))
    rows = None if None in counts else sum(count or 0 for count in counts)
    return InputTable(parts, root, columns, files, size, rows, deleted)


def _actions(table: Any) -> list[dict[str, Any]]:
    import pyarrow as pa

    found = pa.table(table.get_add_actions(flatten=True))
    told = ("path", "size_bytes", "num_records")
    names = [name for name in found.column_names if name in told or name.startswith("partition.")]
    rows: list[dict[str, Any]] = found.select(names).to_pylist()
    return [{name: _text(value) for name, value in row.items()} for row in rows]


def _text(value: Any) -> Any:
    """A partition value as it is written in SQL; sizes and texts as they are."""
    return value if value is None or isinstance(value, int | str) else str(value)


def create_views(session: SparkSession, inputs: Sequence[InputTable], views: Mapping[tuple[str, ...], str]) -> None:
    """Create a temporary view of every input that the SELECT reads, without the rows that are marked as deleted.

    Raises SPARK_FILES_UNSEEN if the endpoint sees fewer rows than the log counts.
    """
    by_path = _PathReader(session)
    for each in inputs:
        frame = _frame(by_path, each)
        if each.rows and by_path.leaves_out_missing(each.root):
            _require_rows(each, frame)
        if each.deleted:
            codes = ", ".join(map(spark_literal, each.deleted.codes))
            frame = frame.where(f"coalesce(`{each.deleted.column}` NOT IN ({codes}), true)")
        frame.createOrReplaceTempView(views[each.parts])


def _require_rows(table: InputTable, frame: DataFrame) -> None:
    found = frame.count()
    if found != table.rows:
        remote, name = shown_remote(spark_remote() or ""), ".".join(table.parts)
        raise CitylakeError("SPARK_FILES_UNSEEN", remote=remote, table=name, found=found, rows=table.rows)


class _PathReader:
    """How the endpoint reads files: of many partitions at once, and where one is missing."""

    def __init__(self, session: SparkSession) -> None:
        self.session = session
        self._known: bool | None = None
        self._lenient: bool | None = None

    def leaves_out_missing(self, root: str) -> bool:
        """Return whether a file that is not there is no error, as in Sail: it would have no rows.

        So a lake that the endpoint does not see would be an empty one.
        """
        if self._lenient is None:
            try:
                missing = self.session.read.schema("x INT").parquet(f"{root}/no-such-file.parquet")
                self._lenient = bool(missing.schema)
            except Exception:
                self._lenient = False
        return self._lenient

    def reads_partitions(self, file: str) -> bool:
        """Return whether the endpoint knows the path of a row's file, as Apache Spark does; Sail does not."""
        if self._known is None:
            try:
                self._known = bool(self.session.read.parquet(file).select("_metadata.file_path").schema)
            except Exception:
                self._known = False
        return self._known


def _frame(reader: _PathReader, table: InputTable) -> DataFrame:
    types = _spark_columns(table)
    if not table.files:
        nothing = ", ".join(f"CAST(NULL AS {kind}) AS `{name}`" for name, kind in types.items())
        return reader.session.sql(f"SELECT {nothing} WHERE false")
    some = next(iter(table.files.values()))[0]
    partitioned, by_path = next(iter(table.files)) != (), reader.reads_partitions(some)
    if partitioned and len(table.files) > 1 and by_path:
        schema = ", ".join(f"`{name}` {kind}" for name, kind in types.items())
        root = some.rsplit("/", 1 + len(next(iter(table.files))))[0]
        every = [file for files in table.files.values() for file in files]
        return reader.session.read.schema(schema).option("basePath", root).parquet(*every).select(*_quoted(types))
    parts = _parts(table, whole=by_path)
    frames = [_part(reader.session, types, values, files) for values, files in parts]
    return _united(frames)


def _parts(table: InputTable, *, whole: bool) -> Iterator[tuple[Values, Sequence[str]]]:
    """What is read together: the files of a partition, or each alone.

    Sail refuses files together whose writers chose other Arrow types for texts, as Polars and Delta's merge do.
    """
    for values, files in table.files.items():
        yield from ((values, some) for some in ([files] if whole else [[file] for file in files]))


def _part(session: SparkSession, types: Mapping[str, str], values: Values, files: Sequence[str]) -> DataFrame:
    fixed = dict(values)
    schema = ", ".join(f"`{name}` {kind}" for name, kind in types.items() if name not in fixed)
    rows = session.read.schema(schema).parquet(*files)
    texts = {name: "NULL" if value is None else spark_literal(value) for name, value in fixed.items()}
    columns = [
        f"CAST({texts[name]} AS {kind}) AS `{name}`" if name in texts else f"`{name}`" for name, kind in types.items()
    ]
    return rows.selectExpr(*columns)


def _united(frames: list[DataFrame]) -> DataFrame:
    """All rows: by halves, because a chain of unions of a year's days would be too deep a message."""
    while len(frames) > 1:
        frames = [reduce(lambda one, other: one.union(other), frames[at : at + 2]) for at in range(0, len(frames), 2)]
    return frames[0]


def _quoted(types: Mapping[str, str]) -> list[str]:
    return [f"`{name}`" for name in types]


def _spark_columns(table: InputTable) -> dict[str, str]:
    """Column → Spark type, without columns whose type Spark does not have; the SELECT cannot read these."""
    from citylake.pipelines.marts.spark.spark_types import spark_type_of

    found = {name: spark_type_of(kind) for name, kind in table.columns.items()}
    return {name: kind for name, kind in found.items() if kind is not None}
