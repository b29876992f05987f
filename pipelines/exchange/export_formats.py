"""Exports: what was chosen, in one format, into a folder."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Final, Literal

from citylake.pipelines.exchange.csvw_metadata import write_csvw
from citylake.pipelines.exchange.dcat_catalogue import CatalogueBuilder
from citylake.pipelines.exchange.exported_files import ExportFolder
from citylake.pipelines.exchange.frictionless_package import write_package
from citylake.pipelines.exchange.iris import Iris
from citylake.pipelines.exchange.lake_facts import dataset_facts, mart_facts
from citylake.pipelines.exchange.mart_types import mart_tables
from citylake.pipelines.exchange.odcs.contract_document import dataset_document, mart_document, official_contract
from citylake.pipelines.exchange.parquet_files import write_parquet_files
from citylake.pipelines.exchange.receiver import Receiver
from citylake.pipelines.exchange.resource_catalogue import write_resource_catalogue
from citylake.pipelines.exchange.staged_data import ExportRequest, StagedTable, staged_dataset, staged_mart
from citylake.pipelines.lake.lake_zones import Lake
from citylake.schemas.base.fuzzy_match import nearest_words
from citylake.schemas.model.contract import Contract
from citylake.schemas.model.mart import Mart
from citylake.schemas.read.registry import Registry
from citylake.schemas.words.errors import CitylakeError

DataForm = Literal["frictionless", "csvw", "parquet"]
CATALOGUE_FILE: Final = "catalogue.xlsx"
DCAT_FILE: Final = "catalogue.jsonld"


@dataclass(frozen=True, slots=True)
class Chosen:
    """The datasets and marts of an export."""

    contracts: tuple[Contract, ...]
    marts: tuple[Mart, ...]


def choose(registry: Registry, datasets: Sequence[str], marts: Sequence[str], *, every: bool) -> Chosen:
    """The named ones; with ``every``, all if none is named.

    Raises DATASET_UNKNOWN, DECLARATION_FAULTY, MART_UNKNOWN and EXPORT_NOTHING_CHOSEN.
    """
    if not datasets and not marts:
        if not every:
            raise CitylakeError("EXPORT_NOTHING_CHOSEN", datasets=", ".join(sorted(registry.contracts)) or "—")
        return Chosen(tuple(registry.contracts.values()), tuple(registry.marts.values()))
    for name in marts:
        if name not in registry.marts:
            near = nearest_words(name, registry.marts) or sorted(registry.marts)
            raise CitylakeError("MART_UNKNOWN", mart=name, known=", ".join(near) or "—")
    names = dict.fromkeys(datasets)
    return Chosen(tuple(map(registry.contract, names)), tuple(registry.marts[name] for name in dict.fromkeys(marts)))


def export_rows(
    form: DataForm, registry: Registry, lake: Lake, receiver: Receiver, chosen: Chosen, folder: ExportFolder, iris: Iris
) -> None:
    """Write the rows of the chosen datasets, or of one mart, with their description.

    Raises what :func:`staged_dataset` and :func:`staged_mart` raise, EXPORT_ONE_MART, and OUTPUT_UNWRITABLE.
    """
    if len(chosen.marts) > 1 or (chosen.marts and chosen.contracts):
        raise CitylakeError("EXPORT_ONE_MART")
    zone = registry.workspace.settings.timezone
    with _staged(ExportRequest(registry, lake, receiver, form), chosen) as staged:
        name = chosen.marts[0].mart if chosen.marts else chosen.contracts[0].dataset if len(staged) == 1 else "lake"
        if form == "frictionless":
            write_package(staged, folder, name, zone, iris)
        elif form == "csvw":
            write_csvw(staged, folder, zone, iris)
        else:
            write_parquet_files(staged, folder, iris)
        folder.rows = {each.described.name: each.rows for each in staged}
        folder.left_out = {each.described.name: each.described.left_out for each in staged}


@contextmanager
def _staged(request: ExportRequest, chosen: Chosen) -> Iterator[list[StagedTable]]:
    with ExitStack() as held:
        staged = [each for mart in chosen.marts for each in held.enter_context(staged_mart(request, mart))]
        for contract in chosen.contracts:
            staged += held.enter_context(staged_dataset(request, contract))
        yield staged


def export_odcs(
    registry: Registry, lake: Lake | None, receiver: Receiver, chosen: Chosen, folder: ExportFolder, iris: Iris
) -> None:
    """Write ``<name>.odcs.yaml`` for each. Raises EXPORT_MART_UNBOUND and EXCHANGE_LIBRARY_MISSING."""
    for contract in chosen.contracts:
        document = dataset_document(contract, registry, receiver, iris, lake.url if lake else "")
        folder.write_text(f"{contract.dataset}.odcs.yaml", official_contract(document).to_yaml())
    files = mart_facts(lake, [mart.mart for mart in chosen.marts])
    with mart_tables(registry) as tables:
        for mart in chosen.marts:
            file = f"{lake.url}/{files[mart.mart].place}" if lake and mart.mart in files else ""
            document = mart_document(mart, tables.describe(mart), registry, receiver, iris, file)
            folder.write_text(f"{mart.mart}.odcs.yaml", official_contract(document).to_yaml())


def export_dcat(
    registry: Registry, lake: Lake | None, receiver: Receiver, chosen: Chosen, folder: ExportFolder, iris: Iris
) -> None:
    """Write the catalogue as JSON-LD."""
    builder = CatalogueBuilder(registry, receiver, iris)
    known = dataset_facts(lake, chosen.contracts), mart_facts(lake, [mart.mart for mart in chosen.marts])
    folder.write_json(DCAT_FILE, builder.build(chosen.contracts, chosen.marts, *known))


def export_catalogue(registry: Registry, receiver: Receiver, chosen: Chosen, folder: ExportFolder) -> None:
    """Write the workbook of the 政务信息资源目录. Raises EXCHANGE_LIBRARY_MISSING."""
    rows = write_resource_catalogue(chosen.contracts, registry, receiver, folder.place(CATALOGUE_FILE))
    folder.rows = {CATALOGUE_FILE: rows}
