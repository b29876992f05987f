"""A page for each connector and each format: its settings, read from its model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from citylake.infra.docs.markdown_page import MarkdownPage, code_span, escape_text, join_blocks, markdown_table
from citylake.infra.docs.model_fields import settings_table
from citylake.pipelines.parse.format_api import load_format
from citylake.pipelines.pull.connector_api import load_connector
from citylake.schemas.model.extension_registry import BUILT_IN_EXTENSIONS

if TYPE_CHECKING:
    from pydantic import BaseModel

CONNECTORS, FORMATS = "reference/connectors", "reference/formats"


def connector_models() -> dict[str, type[BaseModel]]:
    """The settings of each built-in connector, by the name that contracts use."""
    return {name: load_connector(name).source_model for name in BUILT_IN_EXTENSIONS["citylake.connectors"]}


def format_models() -> dict[str, type[BaseModel]]:
    """The settings of each built-in format, by the name that contracts use."""
    return {name: load_format(name).format_model for name in BUILT_IN_EXTENSIONS["citylake.formats"]}


def connector_pages() -> Iterator[MarkdownPage]:
    """Indexes and pages of connectors and formats."""
    guide = "How each is used, with examples: [sources](../../docs/sources.md)."
    yield from _pages(CONNECTORS, "Connectors", "connector", connector_models(), guide)
    guide = "How each is used: [the contract language](../../docs/contract.md)."
    yield from _pages(FORMATS, "Formats", "type", format_models(), guide)


def _pages(
    folder: str, title: str, key: str, models: Mapping[str, type[BaseModel]], guide: str
) -> Iterator[MarkdownPage]:
    rows = [(f"[{code_span(name)}]({name}.md)", escape_text(_summary(model))) for name, model in models.items()]
    index = join_blocks(f"# {title}", guide, markdown_table((key, "what it is"), rows))
    yield MarkdownPage(f"{folder}/index.md", index)
    for name, model in models.items():
        text = join_blocks(f"# {name}", _description(model), settings_table(model, frozenset({key})), guide)
        yield MarkdownPage(f"{folder}/{name}.md", text)


def _description(model: type[BaseModel]) -> str:
    paragraphs = (model.__doc__ or "").strip().split("\n\n")
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)


def _summary(model: type[BaseModel]) -> str:
    return _description(model).partition("\n\n")[0].replace("``", "")
