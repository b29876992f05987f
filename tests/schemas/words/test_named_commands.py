"""Every command that a message asks for exists, with the options that the message gives it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from typer.main import get_command

from citylake.pipelines.cli.typer_app import app
from citylake.schemas.words import message_catalogue
from citylake.schemas.words.message_catalogue import issue_types

_LINE = re.compile(r"citylake ((?:--)?[a-z][\w-]*(?: (?:--?)?[\w{}./*=-]+| \"[^\"]*\")*)")
_NO_COMMAND = frozenset({"that", "only", "with", "in", "and", "is", "has"})
"""Words after the name of the program in a sentence about it."""


def _texts() -> Iterator[tuple[str, str]]:
    for code, issue in issue_types().items():
        for part in (issue.text, issue.advice, issue.advice_alone):
            if part:
                yield from ((code, part.zh), (code, part.en))
    for path in sorted(message_catalogue._MESSAGES.glob("*.yaml")):
        for key, words in message_catalogue._load_words(path.stem).items():
            yield from ((key, words.zh), (key, words.en))


def check_line(line: str) -> None:
    """Raise AssertionError unless the line after ``citylake`` begins with a command and has options of that command."""
    command: Any = _command()
    words = line.split()
    while words[0] in ("--lake", "--workspace"):
        del words[:2]
    if words[0] in _NO_COMMAND:
        return
    while hasattr(command, "commands") and words and not words[0].startswith("-"):
        name = words.pop(0).rstrip(".")
        assert name in command.commands, f"citylake has no command {name}: {line}"
        command = command.commands[name]
    known = {option for each in command.params for option in (*each.opts, *each.secondary_opts)} | {"--help"}
    given = {word.rstrip(".,:") for word in words if word.startswith("--")}
    assert given <= known, f"{line}: {sorted(given - known)}"


@cache
def _command() -> Any:
    return get_command(app)


def test_every_message_names_only_commands_and_options_that_exist() -> None:
    wrong = []
    lines = [(name, line) for name, text in _texts() for line in _LINE.findall(text)]
    for name, line in lines:
        try:
            check_line(line)
        except AssertionError as error:
            wrong.append(f"{name}: {error}")
    assert len(lines) > 100
    assert wrong == []


@pytest.mark.parametrize(
    "line", ["held free X", "release X", "held release X --because Y", "run --dataset X --since Y"]
)
def test_a_command_that_does_not_exist_is_found(line: str) -> None:
    with pytest.raises(AssertionError, match=r"citylake has no command|--"):
        check_line(line)
