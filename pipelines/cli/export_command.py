"""``citylake export``: descriptions and rows for other systems, in standard formats."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from citylake.pipelines.cli.shared_options import JsonOption, SharedOptions, print_json
from citylake.pipelines.cli.terminal_text import print_text
from citylake.schemas.words.errors import CitylakeError
from citylake.schemas.words.message_catalogue import translate_key

if TYPE_CHECKING:
    from citylake.pipelines.exchange.exported_files import ExportFolder
    from citylake.pipelines.exchange.receiver import Receiver
    from citylake.pipelines.lake.lake_zones import Lake

app = typer.Typer(
    help="Export contracts, catalogues and rows in standard formats.",
    rich_markup_mode=None,
    no_args_is_help=True,
)

DatasetsOption = Annotated[list[str] | None, typer.Option("--dataset", help="Id of a dataset; can be given again.")]
MartsOption = Annotated[list[str] | None, typer.Option("--mart", help="Name of a mart; can be given again.")]
FolderOption = Annotated[Path, typer.Option("--output", help="Folder for the files.")]
ToOption = Annotated[
    str | None, typer.Option("--to", metavar="DEPARTMENT", help="The department that receives it; else the public.")
]
AgreementOption = Annotated[
    str, typer.Option("--agreement", help="Document by which the receiver meets the condition of shared data.")
]
HighestOption = Annotated[
    str | None,
    typer.Option("--highest", metavar="GRADE/OPENNESS/PERSONAL", help="Highest sensitivity that may go there."),
]
BaseOption = Annotated[
    str, typer.Option("--base", metavar="URL", help="Address for the names of elements and datasets; else URNs.")
]
SourceOption = Annotated[
    bool,
    typer.Option("--source/--no-source", help="Tell the sources and bindings of contracts, where they may be told."),
]


@app.command("odcs")
def cli_export_odcs(
    context: typer.Context,
    output: FolderOption,
    dataset: DatasetsOption = None,
    mart: MartsOption = None,
    to: ToOption = None,
    base: BaseOption = "",
    source: SourceOption = True,
    as_json: JsonOption = False,
) -> int:
    """Write contracts and marts as documents of the Open Data Contract Standard 3.2.

    All of the workspace, or what is named.
    """
    from citylake.pipelines.exchange.export_formats import choose, export_odcs
    from citylake.pipelines.exchange.exported_files import ExportFolder
    from citylake.pipelines.exchange.iris import Iris

    shared: SharedOptions = context.obj
    registry, folder = shared.registry(), ExportFolder(output)
    chosen = choose(registry, dataset or (), mart or (), every=True)
    export_odcs(registry, _find_lake(shared), _receiver(to, source=source), chosen, folder, Iris(base))
    return _report(folder, as_json=as_json)


@app.command("dcat")
def cli_export_dcat(
    context: typer.Context,
    output: FolderOption,
    dataset: DatasetsOption = None,
    mart: MartsOption = None,
    to: ToOption = None,
    base: BaseOption = "",
    source: SourceOption = True,
    as_json: JsonOption = False,
) -> int:
    """Write the lake as a DCAT 3 catalogue in JSON-LD: all of the workspace, or what is named."""
    from citylake.pipelines.exchange.export_formats import choose, export_dcat
    from citylake.pipelines.exchange.exported_files import ExportFolder
    from citylake.pipelines.exchange.iris import Iris

    shared: SharedOptions = context.obj
    registry, folder = shared.registry(), ExportFolder(output)
    chosen = choose(registry, dataset or (), mart or (), every=True)
    export_dcat(registry, _find_lake(shared), _receiver(to, source=source), chosen, folder, Iris(base))
    return _report(folder, as_json=as_json)


@app.command("catalogue")
def cli_export_catalogue(
    context: typer.Context,
    output: FolderOption,
    dataset: DatasetsOption = None,
    to: ToOption = None,
    as_json: JsonOption = False,
) -> int:
    """Write the columns of the 政务信息资源目录 as a workbook: a row for each item of each dataset."""
    from citylake.pipelines.exchange.export_formats import choose, export_catalogue
    from citylake.pipelines.exchange.exported_files import ExportFolder

    shared: SharedOptions = context.obj
    registry, folder = shared.registry(), ExportFolder(output)
    export_catalogue(registry, _receiver(to), choose(registry, dataset or (), (), every=True), folder)
    return _report(folder, as_json=as_json)


def cli_export_rows(
    context: typer.Context,
    output: FolderOption,
    dataset: DatasetsOption = None,
    mart: MartsOption = None,
    to: ToOption = None,
    agreement: AgreementOption = "",
    highest: HighestOption = None,
    base: BaseOption = "",
    as_json: JsonOption = False,
) -> int:
    """Write the rows of one mart, or of datasets, in the format that the command names."""
    from citylake.pipelines.exchange.export_formats import choose, export_rows
    from citylake.pipelines.exchange.exported_files import ExportFolder
    from citylake.pipelines.exchange.iris import Iris

    shared: SharedOptions = context.obj
    registry, folder = shared.registry(), ExportFolder(output)
    chosen = choose(registry, dataset or (), mart or (), every=False)
    receiver = _receiver(to, agreement, highest)
    export_rows(context.info_name, registry, shared.lake(), receiver, chosen, folder, Iris(base))  # type: ignore[arg-type]
    return _report(folder, as_json=as_json)


_RECORDED = "Sharing classes decide what may leave; each export is a row of the ledger's accesses."
ROW_FORMATS = {
    "frictionless": "Write rows as CSV with a Frictionless Data Package 2 (datapackage.json).",
    "csvw": "Write rows as CSV with metadata of CSV on the Web (CSVW).",
    "parquet": "Write rows as Parquet; its fields name their elements, units and definitions.",
}
"""Command → its help."""
for _name, _words in ROW_FORMATS.items():
    app.command(_name, help=f"{_words}\n\n{_RECORDED}")(cli_export_rows)


def _receiver(to: str | None, agreement: str = "", highest: str | None = None, *, source: bool = True) -> Receiver:
    from citylake.pipelines.exchange.receiver import make_receiver

    return make_receiver(to, agreement, highest, source=source)


def _find_lake(shared: SharedOptions) -> Lake | None:
    """The lake, if there is one: a description needs none."""
    try:
        return shared.lake()
    except CitylakeError:
        return None


def _report(folder: ExportFolder, *, as_json: bool) -> int:
    for name, columns in folder.left_out.items():
        if columns:
            print_text(translate_key("exchange.left_out", name=name, columns=", ".join(columns)), error=True)
    if as_json:
        print_json(folder.as_document())
        return 0
    for path in folder.files:
        print_text(str(path))
    return 0
