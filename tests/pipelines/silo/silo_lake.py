"""Lakes of a few datasets that are written without a run: declarations as objects, standard tables as frames."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl
from deltalake import write_deltalake

from citylake.pipelines.lake.lake_zones import Lake
from citylake.schemas.model.code_list import CodeList
from citylake.schemas.model.contract import Contract
from citylake.schemas.model.element import DataElement
from citylake.schemas.read.registry import Registry
from citylake.schemas.read.workspace import Workspace

KINDS = {
    "id": ("number", "string"),
    "code": ("code", "string"),
    "name": ("name", "string"),
    "day": ("date", "date"),
    "at": ("datetime", "datetime"),
    "deg": ("quantity", "decimal"),
    "measure": ("quantity", "decimal"),
}


@dataclass
class SiloLake:
    """A workspace and a lake below ``folder``."""

    folder: Path
    registry: Registry = field(init=False)
    lake: Lake = field(init=False)

    def __post_init__(self) -> None:
        workspace = self.folder / "workspace"
        workspace.mkdir(parents=True)
        (workspace / "workspace.yaml").write_text("packs: []\n", encoding="utf-8")
        self.registry = Registry(Workspace(workspace))
        self.lake = Lake(str(self.folder / "lake"))

    def element(self, name: str, kind: str, codes: Sequence[str] = (), **more: Any) -> None:
        """Declare the element ``x.name`` of a kind; with ``codes``, of a code list of its own."""
        representation, data_type = KINDS[kind]
        if codes:
            values = [{"code": code, "name": {"zh": code, "en": code}} for code in codes]
            listed = {"id": f"x.{name}", "name": {"zh": name, "en": name}, "values": values}
            self.registry.codes[f"x.{name}"] = CodeList.model_validate(listed)
            more = {**more, "codes": f"x.{name}"}
        text = {"zh": name, "en": name}
        declared = {"id": f"x.{name}", "symbol": name, "name": text, "definition": text, "object_class": "对象"}
        more = {"property": name, "representation": representation, "type": data_type, **more}
        self.registry.elements[f"x.{name}"] = DataElement.model_validate(declared | more)

    def dataset(
        self,
        name: str,
        fields: Mapping[str, str],
        rows: Mapping[str, Sequence[Any]] | None,
        write: Mapping[str, Any],
        department: str = "局",
        **more: Any,
    ) -> None:
        """Declare a dataset whose columns are bound to elements (column → name of the element), and store its rows."""
        bound = {column: {"element": f"x.{element}", "as": column} for column, element in fields.items()}
        source = {"connector": "files", "path": "x.csv", "format": "csv"}
        title = {"zh": name, "en": name}
        declared = {"dataset": name, "title": title, "owner": {"department": department}, "source": source}
        self.registry.contracts[name] = Contract.model_validate(declared | {"fields": bound, "write": write} | more)
        if rows is not None:
            self.store(name, rows)

    def store(self, name: str, rows: Mapping[str, Sequence[Any]]) -> None:
        """Write the standard table of a dataset."""
        types: dict[str, Any] = {
            "string": pl.String,
            "date": pl.Date,
            "datetime": pl.Datetime("us", "UTC"),
            "decimal": pl.Float64,
        }
        contract = self.registry.contracts[name]
        schema = {
            column: types[self.registry.elements[binding.element].type] for column, binding in contract.fields.items()
        }
        schema |= {column: pl.Date for column in rows if column not in schema}
        frame = pl.DataFrame(rows, schema)
        provenance = [pl.lit(each).alias(f"_{each}") for each in ("batch", "receipt", "source")]
        numbered = frame.with_columns(*provenance, pl.int_range(pl.len()).cast(pl.Int64).alias("_row"))
        write_deltalake(self.lake.standard(name), numbered, mode="overwrite")
