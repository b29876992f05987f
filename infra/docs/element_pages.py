"""A page for each data element, and an index by subject."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import groupby

from citylake.infra.docs.markdown_page import (
    MarkdownPage,
    code_span,
    escape_text,
    facts_table,
    join_blocks,
    markdown_table,
)
from citylake.schemas.model.element import DataElement
from citylake.schemas.read.registry import Registry

FOLDER = "reference/elements"


def element_pages(vocabulary: Registry, city: Registry) -> Iterator[MarkdownPage]:
    """The index, then one page for each element of ``vocabulary``, with the datasets of ``city`` that use it."""
    yield MarkdownPage(f"{FOLDER}/index.md", _index(vocabulary.elements))
    users = _datasets_by_element(city)
    for element in vocabulary.elements.values():
        pack = pack_of(vocabulary, "element", element.id)
        yield MarkdownPage(f"{FOLDER}/{element.id}.md", _page(element, pack, users.get(element.id, ())))


def pack_of(vocabulary: Registry, kind: str, identity: str) -> str:
    """The pack that declares an element or a code list."""
    folder = vocabulary.places[kind, identity].path
    return next(each.parent.name for each in folder.parents if each.name in ("elements", "codes"))


def _index(elements: Mapping[str, DataElement]) -> str:
    blocks = ["# Data elements", f"{len(elements)} elements of the built-in packs, by subject."]
    ordered = sorted(elements.values(), key=lambda each: each.id)
    for subject, group in groupby(ordered, key=lambda each: each.id.partition(".")[0]):
        rows = [
            (
                f"[{code_span(each.id)}]({each.id}.md)",
                escape_text(each.name.zh),
                escape_text(each.name.en),
                code_span(each.type),
                code_span(each.unit),
            )
            for each in group
        ]
        blocks += [f"## {subject}", markdown_table(("element", "名称", "name", "type", "unit"), rows)]
    return join_blocks(*blocks)


def _page(element: DataElement, pack: str, users: tuple[str, ...]) -> str:
    return join_blocks(
        f"# {element.id}",
        f"**{escape_text(element.name.zh)}** · {escape_text(element.name.en)}",
        f"{escape_text(element.definition.zh)}\n\n{escape_text(element.definition.en)}",
        facts_table([("pack", code_span(pack)), *_facts(element)]),
        _used_by(users),
    )


def _facts(element: DataElement) -> Iterator[tuple[str, str]]:
    yield "column", code_span(element.symbol)
    yield "type", code_span(element.type)
    yield "format (表示格式)", code_span(element.format)
    yield "unit (UCUM)", code_span(element.unit)
    yield "measure", code_span(element.measure)
    yield "mean weighted by", _element_link(element.weight)
    yield "edition", _element_link(element.edition)
    yield "coordinate frame", code_span(element.frame)
    yield "label of the period", code_span(element.label)
    yield "range", _range(element)
    yield "pattern", code_span(element.pattern)
    yield "code list", f"[{code_span(element.codes)}](../codes/{element.codes}.md)" if element.codes else ""
    yield "check digit", code_span(element.check_digit)
    yield "period", code_span(element.period)
    yield "object class, property", escape_text(f"{element.object_class}, {element.property}")
    yield "representation", code_span(element.representation)
    yield "sensitivity", escape_text(_sensitivity(element))
    yield "synonyms", ", ".join(code_span(each) for each in element.synonyms)
    yield "status, version", escape_text(f"{element.status}, {element.version}")
    yield "steward", escape_text(element.steward or "")
    yield "source", escape_text(element.source or "")
    yield "note", escape_text(element.note or "")
    yield (
        "related",
        ", ".join(f"{each.kind} [{code_span(each.element)}]({each.element}.md)" for each in element.relations),
    )


def _element_link(element_id: str | None) -> str:
    return f"[{code_span(element_id)}]({element_id}.md)" if element_id else ""


def _range(element: DataElement) -> str:
    if element.range is None:
        return ""
    low, high = ("…" if each is None else f"{each:g}" for each in element.range)
    return code_span(f"{low} to {high}")


def _sensitivity(element: DataElement) -> str:
    grade = element.sensitivity
    return f"grade {grade.grade}, openness {grade.openness}, personal data: {grade.personal}"


def _used_by(users: tuple[str, ...]) -> str:
    return (
        "Used by these datasets of the demonstration city: " + ", ".join(code_span(each) for each in users) + "."
        if users
        else ""
    )


def _datasets_by_element(registry: Registry) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for contract in registry.contracts.values():
        for element in dict.fromkeys(binding.element for binding in contract.fields.values()):
            found[element] = (*found.get(element, ()), contract.dataset)
    return found
