"""The fields of contracts with values: each bound field of a sample, and the element that its contract binds it to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from citylake.pipelines.context import new_run, run_variables
from citylake.pipelines.match.field_proposal import FieldFacts
from citylake.pipelines.onboard.source_sample import SourceSample, sample_source
from citylake.schemas.model.contract import Contract
from citylake.schemas.read.registry import Registry
from citylake.schemas.words.errors import CitylakeError

if TYPE_CHECKING:
    import polars as pl

_VALUES = 200


@dataclass(frozen=True, slots=True)
class ContractFields:
    """All fields of a dataset's sample, and the element of each field that is bound."""

    dataset: str
    fields: tuple[FieldFacts, ...]
    elements: Mapping[str, str]


def read_contract_fields(registry: Registry, given: Mapping[str, str]) -> Iterator[ContractFields]:
    """The datasets whose source can be read here, in the registry's order; ``given`` are the variables of sources."""
    variables = run_variables(registry, new_run(), given)
    for contract in registry.contracts.values():
        try:
            sample = sample_source(contract.source.model_dump(exclude_unset=True, mode="json"), variables)
        except CitylakeError as error:
            print(f"{contract.dataset}: {error}")
            continue
        yield _contract_fields(contract, sample)


def _contract_fields(contract: Contract, sample: SourceSample) -> ContractFields:
    names = tuple(sample.rows.columns)
    facts = [
        FieldFacts(
            name=name,
            values=_distinct(sample.rows[name]),
            rows=len(sample.rows),
            empty=sample.rows[name].null_count(),
            neighbours=tuple(other for other in names if other != name),
            table=contract.title.zh,
            department=contract.owner.department,
        )
        for name in names
    ]
    bound = {field: binding.element for field, binding in contract.fields.items() if field in names}
    return ContractFields(contract.dataset, tuple(facts), bound)


def _distinct(column: pl.Series) -> tuple[str, ...]:
    found = column.drop_nulls().unique(maintain_order=True).head(_VALUES).to_list()
    return tuple(value for value in found if value.strip())
