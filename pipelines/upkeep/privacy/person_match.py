"""Which rows are of a forgotten person: by the tokens of their identifiers, as conform makes them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from functools import partial

import polars as pl
import polars.selectors as cs

from citylake.pipelines.conform.bind.bound_column import RAW_PREFIX, BoundColumn, bind_columns, required_fields
from citylake.pipelines.conform.bind.clean_text import clean_text_expr
from citylake.pipelines.conform.bind.token_texts import tokens_of
from citylake.pipelines.conform.bind.typed_values import value_expr
from citylake.pipelines.lake.forgotten_tokens import are_forgotten, token_digest
from citylake.pipelines.lake.row_id import ROW_PLACE
from citylake.pipelines.lake.token_key import TokenKey
from citylake.schemas.model.contract import Contract
from citylake.schemas.model.element import DataElement
from citylake.schemas.read.column_protection import column_protection, protected_columns
from citylake.schemas.read.registry import Registry

_IS_PERSON = "__is_person."


@dataclass(slots=True)
class PersonMarks:
    """What a person is found by. ``texts``: how sources and older rows write the identifier, as far as it is known."""

    token: str
    key: TokenKey
    texts: set[str] = field(default_factory=set)

    @property
    def digest(self) -> str:
        """The token as the list of forgotten persons has it."""
        return token_digest(self.token)

    @property
    def patterns(self) -> list[str]:
        """What no file of the lake may hold."""
        return [self.token, *sorted(self.texts)]


def token_elements(contract: Contract, registry: Registry) -> dict[str, DataElement]:
    """Standard column → element, of the columns that hold tokens."""
    found = protected_columns(contract, registry).items()
    return {name: column.element for name, column in found if column.protection == "token"}


def match_texts(
    texts: pl.LazyFrame, contract: Contract, registry: Registry, marks: PersonMarks
) -> tuple[pl.DataFrame, list[BoundColumn]]:
    """Return the places of the person's rows in a source's text, and the columns by which they are found.

    The texts of the identifiers become part of ``marks``.
    """
    present = set(texts.collect_schema().names())
    bounds = [
        bound
        for bound in bind_columns(contract, registry)
        if column_protection(bound.binding, bound.element) == "token" and present.issuperset(required_fields(bound))
    ]
    if not bounds:
        return pl.DataFrame(schema=dict.fromkeys(ROW_PLACE)), []
    marked = _marked(texts, bounds, marks)
    found = marked.filter(pl.any_horizontal(cs.starts_with(_IS_PERSON))).collect(engine="streaming")
    for bound in bounds:
        _keep_texts(found, bound, marks)
    return found.select(ROW_PLACE), bounds


def without_person(texts: pl.LazyFrame, places: pl.DataFrame) -> pl.LazyFrame:
    """Return the texts without the rows at ``places``."""
    return texts.join(places.lazy(), on=list(ROW_PLACE), how="anti", nulls_equal=True, maintain_order="left")


def person_in_column(values: pl.Series, element: DataElement, marks: PersonMarks) -> pl.Series:
    """Return which values are the person's token, or the identifier itself, as rows before the tokens hold it."""
    texts = values.cast(pl.String)
    return are_forgotten(texts, (marks.digest,)) | _are_person(texts, element=element, marks=marks)


def _marked(texts: pl.LazyFrame, bounds: Sequence[BoundColumn], marks: PersonMarks) -> pl.LazyFrame:
    fields = dict.fromkeys(name for bound in bounds for name in required_fields(bound))
    rows = texts.select(*ROW_PLACE, *(pl.col(name).alias(RAW_PREFIX + name) for name in fields))
    rows = rows.with_columns(map(clean_text_expr, bounds)).with_columns(map(value_expr, bounds))
    return rows.with_columns(
        pl.col(bound.column)
        .map_batches(partial(_are_person, element=bound.element, marks=marks), pl.Boolean, is_elementwise=True)
        .alias(_IS_PERSON + bound.column)
        for bound in bounds
    )


def _are_person(values: pl.Series, element: DataElement, marks: PersonMarks) -> pl.Series:
    texts = values.cast(pl.String)
    known = texts.drop_nulls()
    if known.is_empty():
        return pl.Series(values.name, [False] * len(values), dtype=pl.Boolean)
    return (tokens_of(texts, element.id, marks.key) == marks.token).fill_null(value=False).alias(values.name)


def _keep_texts(found: pl.DataFrame, bound: BoundColumn, marks: PersonMarks) -> None:
    own = found.filter(pl.col(_IS_PERSON + bound.column))
    for name in (bound.column, *(RAW_PREFIX + each for each in bound.fields)):
        marks.texts |= {str(text).strip() for text in own[name].drop_nulls() if str(text).strip()}


def marks_of_text(text: str, elements: Collection[DataElement], key: TokenKey) -> list[PersonMarks]:
    """Return what finds a person by an identifier: one for each kind of identifier that the workspace has."""
    values = pl.Series([text.strip()], dtype=pl.String)
    kinds = {element.id for element in elements}
    return [PersonMarks(tokens_of(values, kind, key)[0], key, {text.strip()}) for kind in sorted(kinds)]
