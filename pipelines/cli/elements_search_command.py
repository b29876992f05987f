"""``citylake elements search`` and ``citylake elements new``: find an element, or draft one that is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from citylake.pipelines.cli.shared_options import JsonOption, SharedOptions, make_console, print_json
from citylake.pipelines.cli.terminal_text import print_text
from citylake.schemas.words.message_catalogue import current_language, translate_key

if TYPE_CHECKING:
    from citylake.schemas.read.registry import Registry

_NOTHING = 2


def cli_search_elements(
    context: typer.Context,
    text: Annotated[str, typer.Argument(help="Name, part of a name, definition, pinyin or its initials.")],
    limit: Annotated[int, typer.Option(min=1, max=100, help="Elements to show.")] = 10,
    as_json: JsonOption = False,
) -> int:
    """Find data elements by what they are called, the likeliest first. Exit code 2 if none is near."""
    from citylake.pipelines.onboard.search_elements import search_elements

    found = search_elements(text, _read(context.obj), limit)
    if as_json:
        print_json([_describe(each.element, each.score, each.why) for each in found])
    elif found:
        from rich.table import Table

        table = Table(*(translate_key(f"run.{name}") for name in ("element", "name", "type", "unit")), "")
        for each in found:
            name = each.element.name.say(current_language())
            table.add_row(each.element.id, name, each.element.type, each.element.unit or "", f"{each.score:.2f}")
        make_console().print(table)
    else:
        print_text(translate_key("onboard.search_nothing", text=text), error=True)
    return 0 if found else _NOTHING


def cli_new_element(
    context: typer.Context,
    element: Annotated[str, typer.Argument(help="Id of the new element: subject.name.")],
    name_zh: Annotated[str, typer.Option("--zh", help="Name in Chinese.")],
    name_en: Annotated[str, typer.Option("--en", help="Name in English.")],
    means_zh: Annotated[str, typer.Option("--means-zh", help="Definition in Chinese.")],
    means_en: Annotated[str, typer.Option("--means-en", help="Definition in English.")],
    kind: Annotated[str, typer.Option("--type", help="string, integer, decimal, date, datetime, time …")] = "string",
    representation: Annotated[str | None, typer.Option("--as", help="number, code, name, quantity …")] = None,
    unit: Annotated[str | None, typer.Option(help="Unit of a quantity, as UCUM: km/h, ug/m3; 1 for a count.")] = None,
    codes: Annotated[str | None, typer.Option(help="Code list of the values.")] = None,
    object_class: Annotated[str | None, typer.Option("--object", help="What the element describes: 路段.")] = None,
    synonym: Annotated[list[str] | None, typer.Option(help="Another name, as in a source; repeatable.")] = None,
    as_json: JsonOption = False,
) -> int:
    """Draft a data element that is missing: `status: draft`, in `elements/` of the workspace, checked by lint."""
    from citylake.pipelines.onboard.draft_element import element_attributes, write_element

    given = {
        "name": {"zh": name_zh, "en": name_en},
        "definition": {"zh": means_zh, "en": means_en},
        "type": kind,
        "representation": representation,
        "unit": unit,
        "codes": codes,
        "object_class": object_class,
        "synonyms": synonym,
    }
    attributes = element_attributes(element, given)
    file = write_element(attributes, _read(context.obj))
    if as_json:
        print_json({"file": str(file), "element": attributes})
    else:
        print_text(translate_key("onboard.element_written", element=element, file=file))
    return 0


def _describe(element: Any, score: float, why: str) -> dict[str, Any]:
    return {**element.model_dump(mode="json"), "score": score, "why": why}


def _read(shared: SharedOptions) -> Registry:
    from citylake.schemas.read.find_workspace import find_workspace
    from citylake.schemas.read.registry import load_registry

    # A workspace without a contract is enough.
    return load_registry(find_workspace(shared.workspace))
