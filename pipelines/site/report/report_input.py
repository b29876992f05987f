"""What all pages of one build of the report site are made from; everything costly is computed once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.silo.silo_map import SiloMap, measure_silo
from citylake.pipelines.site.page_request import PageRequest
from citylake.pipelines.site.report import ledger_statements as statements
from citylake.pipelines.site.report.column_profile import ColumnProfile, profile_table
from citylake.pipelines.site.report.report_ledger import ReportLedger
from citylake.pipelines.site.report.table_volume import TableVolume
from citylake.pipelines.site.waiting_rows import NONE_WAIT, WaitingRows
from citylake.schemas.model.contract import Contract
from citylake.schemas.read.registry import Registry
from citylake.schemas.words.message_catalogue import issue_types

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_SAME_DIMENSION = {"integrity": "consistency"}


@dataclass(frozen=True, slots=True)
class DatasetTables:
    """What the tables of one dataset say: volume, profile of each column, and rows in quarantine."""

    volume: TableVolume
    profile: list[ColumnProfile]
    waiting: WaitingRows


@dataclass(frozen=True)
class ReportInput:
    """One lake at one moment."""

    registry: Registry
    lake: Lake
    ledger: ReportLedger
    now: datetime
    engine: DuckDBPyConnection
    measured: SiloMap | None = None
    """The silo map, if it was measured already."""
    _tables: dict[str, DatasetTables] = field(default_factory=dict)

    @cached_property
    def request(self) -> PageRequest:
        """The same for the pages that Airflow shows, too."""
        return PageRequest(self.registry, self.lake, self.now, self.ledger)

    @cached_property
    def departments(self) -> Mapping[str, list[Contract]]:
        """The contracts of each department, by name."""
        found: dict[str, list[Contract]] = {}
        for contract in sorted(self.registry.contracts.values(), key=lambda each: each.dataset):
            found.setdefault(contract.owner.department, []).append(contract)
        return dict(sorted(found.items()))

    @cached_property
    def dimensions(self) -> dict[str, str]:
        """The quality dimension of every issue code that the ledger has; codes of contract rules are consistency."""
        kinds = issue_types()
        codes = [row[0] for row in self.ledger.table(statements.codes_found(self.now))["rows"]]
        found = {code: kinds[code].dimension if code in kinds else "consistency" for code in codes}
        return {code: _SAME_DIMENSION.get(kind, kind) for code, kind in found.items() if kind != "none"}

    @cached_property
    def silo(self) -> SiloMap:
        """The silo map of the lake."""
        return self.measured or measure_silo(self.registry, self.lake, self.ledger)

    @cached_property
    def overview(self) -> dict[str, Any]:
        """The document of the overview page in Airflow."""
        from citylake.pipelines.site.overview_page import overview_document

        return overview_document(self.request)

    def tables(self, contract: Contract) -> DatasetTables:
        """Return what the tables of a dataset say."""
        if contract.dataset not in self._tables:
            volume, profile = profile_table(self.lake, self.engine, contract, self.registry)
            waits = self.request.waiting.get(contract.dataset, NONE_WAIT)
            self._tables[contract.dataset] = DatasetTables(volume, profile, waits)
        return self._tables[contract.dataset]
