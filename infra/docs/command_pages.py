"""A page for each command of ``citylake``, read from the command line's own definition."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from typer.main import get_command

from citylake.infra.docs.markdown_page import MarkdownPage, code_span, escape_text, join_blocks, markdown_table
from citylake.pipelines.cli.typer_app import app

FOLDER = "reference/commands"


def command_pages() -> Iterator[MarkdownPage]:
    """The index, then one page for each command; a group of commands has a page for each of its own."""
    root: Any = get_command(app)
    found = list(_commands(root, ()))
    rows = [
        (f"[{code_span(' '.join(words))}]({'-'.join(words)}.md)", escape_text(_summary(each))) for words, each in found
    ]
    shared = join_blocks("## Before every command", _parameters(root))
    text = join_blocks("# Commands", markdown_table(("command", "what it does"), rows), shared)
    yield MarkdownPage(f"{FOLDER}/index.md", text)
    for words, command in found:
        yield MarkdownPage(f"{FOLDER}/{'-'.join(words)}.md", _page(words, command))


def _commands(command: Any, words: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    for name, each in sorted(command.commands.items()):
        if hasattr(each, "commands"):
            yield from _commands(each, (*words, name))
        elif not each.hidden:
            yield (*words, name), each


def _page(words: tuple[str, ...], command: Any) -> str:
    arguments = [each.display_name_raw for each in _arguments(command)]
    usage = " ".join(["citylake", *words, "[OPTIONS]", *(each.upper() for each in arguments)])
    return join_blocks(
        f"# citylake {' '.join(words)}",
        escape_text(command.help or ""),
        f"```text\n{usage}\n```",
        _parameters(command),
        "`--workspace` and `--lake` stand before the command: [commands](index.md).",
    )


def _arguments(command: Any) -> list[Any]:
    return [each for each in command.params if each.param_type_name == "argument"]


def _parameters(command: Any) -> str:
    context = command.context_class(command)
    rows = [
        (
            ", ".join(code_span(name) for name in _names(each)),
            code_span(each.display_type(context)) + (", repeatable" if each.multiple else ""),
            _default(each),
            escape_text(getattr(each, "help", None) or ""),
        )
        for each in command.params
        if each.name != "help"
    ]
    return markdown_table(("option", "type", "default", "meaning"), rows)


def _names(parameter: Any) -> list[str]:
    if parameter.param_type_name == "argument":
        return [parameter.display_name_raw.upper()]
    variable = [f"${parameter.envvar}"] if parameter.envvar else []
    return [*parameter.opts, *parameter.secondary_opts, *variable]


def _default(parameter: Any) -> str:
    if parameter.required:
        return "required"
    value = parameter.default
    return "" if value is None or callable(value) or value in ([], (), False) else code_span(value)


def _summary(command: Any) -> str:
    return (command.help or "").strip().partition("\n")[0]
