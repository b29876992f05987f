"""A lake as programs read it: the ledger, marts, standard tables and the quarantine. Nothing here writes data."""

from __future__ import annotations

import os
from collections.abc import Collection
from typing import TYPE_CHECKING

from citylake.pipelines.lake.lake_zones import Lake as LakeZones

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl

    from citylake._workspace import Workspace
    from citylake.pipelines.history.trace.trace_model import RowTrace
    from citylake.pipelines.read.mart_reader import OpenMart
    from citylake.pipelines.read.quarantine_frame import Quarantine


class Lake:
    """A lake, for reading. It holds no connection and no state: a method reads what is committed when it is called.

    Args:
        url: A folder, or an object-store URL such as ``s3://bucket/prefix`` (credentials from ``AWS_*`` variables).

    Every method raises CitylakeError with the code LAKE_UNUSABLE, LAKE_UNREACHABLE or LAKE_NEEDS_EXTRA if the lake
    cannot be read, and LAKE_RESTORING while it is restored from a backup. A folder that does not exist is an empty
    lake: a run creates it.
    """

    def __init__(self, url: str | os.PathLike[str]) -> None:
        self._zones = LakeZones(os.fspath(url))

    def __repr__(self) -> str:
        return f"Lake({self.url!r})"

    @property
    def url(self) -> str:
        """The absolute path of the folder, or the URL without a slash at its end."""
        return self._zones.url

    def ledger(self, sql: str) -> pl.DataFrame:
        """The result of one SELECT over the ledger's tables: receipts, batches, checks, publications and so on.

        Args:
            sql: In DuckDB's SQL. ``docs/lake.md`` lists the tables and their columns.

        Returns:
            One row per result row, in its order; times are in UTC, and an interval is a Duration. A column name that
            occurs twice gets a number.

        Raises:
            CitylakeError: QUERY_FAILED with DuckDB's message, or QUERY_EMPTY if there is no statement.
        """
        from citylake.pipelines.read.ledger_sql import ledger_frame

        return ledger_frame(self._readable(), sql)

    def mart(self, name: str) -> OpenMart:
        """The published version of a mart, as a read-only DuckDB connection in the workspace's time zone.

        The connection stays on this version, and a lease protects its file from removal, until it is closed: use it in
        a ``with`` statement. A mart that is published meanwhile is what the next call opens. That the mart was opened
        is on record in the ledger's ``accesses`` if this process may write to the lake.

        Args:
            name: The mart's name, such as ``city_day``.

        Returns:
            What a ``duckdb.DuckDBPyConnection`` can do with the mart and with temporary tables, and ``version``, the
            version that is open. Its SQL reaches no file, address or extension; of the settings, ``threads``,
            ``memory_limit`` and ``TimeZone`` can be set.

        Raises:
            CitylakeError: MART_NOT_PUBLISHED; QUERY_NOT_RECORDED if the lake requires the record, and this process may
                not write to the lake.
        """
        from citylake.pipelines.lake.access_record import Asked
        from citylake.pipelines.read.recorded_query import open_recorded_mart

        return open_recorded_mart(self._readable(), name, Asked(via="api"))

    def diff(
        self,
        mart: str,
        before: str = "previous",
        after: str = "current",
        *,
        workspace: Workspace | None = None,
        tables: Collection[str] = (),
    ) -> pl.DataFrame:
        """Every cell that differs between two published versions of a mart, and what changed it.

        Args:
            mart: The mart's name.
            before: The earlier version: a version, ``previous``, ``current``, or a time such as ``2026-03-01T08:00``,
                which stands for the version that was current then.
            after: The later version.
            workspace: Today's declarations. They are needed only if those of the later version are not on record.
            tables: Only these tables. Default: all.

        Returns:
            One row per changed cell, and per row that only one version has: ``table``, ``status`` (``added``,
            ``removed`` or ``changed``), ``key`` (JSON by column of the grain), ``column`` (null for a whole row),
            ``before``, ``after`` (String; JSON for a whole row), ``kinds`` and ``causes`` (lists of String, in order of
            time: kinds such as ``late``, ``correction``, ``contract``, ``sql``, and the sentences).

        Raises:
            CitylakeError: MART_NOT_PUBLISHED; DIFF_VERSION_UNKNOWN, DIFF_VERSION_TOO_EARLY or DIFF_VERSIONS_REVERSED;
                DIFF_VERSION_GONE if retention has removed a version; DIFF_NAME_UNKNOWN for a table.
        """
        from citylake.pipelines.history.diff.diff_frame import diff_frame
        from citylake.pipelines.history.diff.recorded_diff import open_recorded_diff
        from citylake.pipelines.history.diff.row_filter import RowFilter
        from citylake.pipelines.lake.access_record import Asked

        registry, chosen = workspace._registry if workspace else None, RowFilter(tuple(tables))
        asked = Asked(via="api")
        with open_recorded_diff(self._readable(), mart, (before, after), registry, asked, chosen, limit=0) as opened:
            return diff_frame(opened[0])

    def standard(self, dataset: str) -> pl.LazyFrame:
        """The standard table of a dataset; nothing is read before ``collect``.

        Args:
            dataset: The dataset's id, such as ``traffic.detector_flow``.

        Returns:
            The contract's columns, each in its element's type and unit (the unit is in the name); ``_day``, ``_month``
            or ``_year`` if the table has partitions; and each row's origin: ``_batch``, ``_receipt``, ``_row``,
            ``_source`` (String, but ``_row`` Int64) and ``_warnings`` (codes joined by ``,``; null if there are none).
            If the contract can refuse values, ``_refused``: the columns whose values were, joined by ``,``.

        Raises:
            CitylakeError: STANDARD_TABLE_MISSING if nothing of the dataset was ever committed.
        """
        from citylake.pipelines.read.standard_table import scan_standard

        return scan_standard(self._readable(), dataset)

    def quarantine(self, dataset: str) -> Quarantine:
        """The rows of a dataset that break a rule, with all their reasons, and what became of earlier ones.

        Also the standard rows of which single values were refused, if the contract says so.

        Args:
            dataset: The dataset's id.

        Raises:
            CitylakeError: STANDARD_TABLE_MISSING if the lake has neither rows nor refused rows of the dataset.
        """
        from citylake.pipelines.read.quarantine_frame import open_quarantine

        return open_quarantine(self._readable(), dataset)

    def quarantine_states(self, dataset: str) -> pl.LazyFrame:
        """Every row of a dataset's quarantine with its id, its state and the last decision of a person about it.

        Args:
            dataset: The dataset's id.

        Returns:
            One row per quarantined row, those that are no longer refused included: the columns of
            :meth:`quarantine`; ``row_id`` (String), by which every command names the source row, and ``read_receipt``,
            the receipt that was read last; ``state``: ``open``, ``exported``, ``corrected``, ``released``,
            ``discarded``, ``held``, ``returned``, ``superseded`` or ``rejected``; ``decision``, ``decided_at`` (UTC),
            ``decided_by`` and ``why``. Rows are read by ``collect``.

        Raises:
            CitylakeError: STANDARD_TABLE_MISSING if the lake has neither rows nor refused rows of the dataset.
        """
        from citylake.pipelines.read.quarantine_frame import open_quarantine
        from citylake.pipelines.read.quarantine_states import scan_row_states

        lake = self._readable()
        open_quarantine(lake, dataset)
        return scan_row_states(lake, dataset)

    def source_row(self, receipt: str, row: int, part: str = "") -> dict[str, str | None]:
        """One row as the source sent it; of a large CSV file, only a few kilobytes are read.

        Args:
            receipt: ``_receipt`` of a standard or quarantined row.
            row: Its ``_row``.
            part: Its ``_part``, if the receipt has several (pages, sheets, members).

        Returns:
            The source's fields by their names, each as text; None if a field has no value.

        Raises:
            CitylakeError: SOURCE_ROW_MISSING if there is no such row, or retention has removed it; LANDING_LOST if the
                landed bytes cannot be read; LANDING_CHANGED if the lake compressed them and they are not those that
                were received; KEY_UNSET or SEAL_KEY_WRONG if they are sealed and this process cannot open them.
        """
        from citylake.pipelines.lake.access_record import Asked
        from citylake.pipelines.read.source_row import read_source_row

        return read_source_row(self._readable(), receipt, row, part, Asked(via="api"))

    def trace(
        self,
        workspace: Workspace,
        mart: str,
        table: str,
        key: Mapping[str, object],
        column: str | None = None,
        version: str | None = None,
    ) -> RowTrace:
        """One row of a published mart, traced to the standard rows it was made from.

        That the row was traced is on record in the ledger's ``accesses``, as of :meth:`mart`.

        Args:
            workspace: The declarations, with the mart's SQL.
            mart: The mart's name.
            table: One of its tables.
            key: The values of the columns of the table's grain.
            column: Trace the value of this column alone, without rows that only other columns need.
            version: A published version, or its beginning (default: the current one).

        Returns:
            ``row``, as readers of the mart see it; ``verified``: whether the SQL makes the same values of the found
            rows alone; ``datasets()``: each dataset with its rows (``_batch``, ``_receipt``, ``_row``, ``_source``, the
            key and the columns that the SQL reads); ``levels``: for each build that made some of the rows, its inputs.
            If ``hidden`` names columns, the rows may not be shown or counted: their number is the count.

        Raises:
            CitylakeError: MART_UNKNOWN, MART_NOT_PUBLISHED; TRACE_ROW_UNKNOWN with the nearest keys; other codes that
                begin with TRACE_ for a key, column or version that cannot be; QUERY_NOT_RECORDED as of :meth:`mart`.
        """
        from citylake.pipelines.history.trace.recorded_trace import recorded_trace
        from citylake.pipelines.lake.access_record import Asked

        asked, lake = Asked(via="api"), self._readable()
        return recorded_trace(lake, workspace._registry, mart, table, key, column, version, asked)[0]

    def _readable(self) -> LakeZones:
        from citylake.pipelines.lake.lake_access import check_readable

        return check_readable(self._zones)
