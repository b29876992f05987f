"""The services of a compose file: commands, settings, health checks and dependencies.

Only the part of the format that ``infra/compose.yaml`` uses. ``${NAME:?why}`` without a value raises COMPOSE_UNSET.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from citylake.schemas.base.yaml_reader import read_yaml
from citylake.schemas.words.errors import CitylakeError

COMPOSE_FILE = Path(__file__).resolve().parents[1] / "compose.yaml"
_VARIABLE = re.compile(r"\$(?:(?P<dollar>\$)|\{(?P<name>\w+)(?::(?P<kind>[-?])(?P<rest>[^}]*))?\})")


@dataclass(frozen=True, slots=True)
class ComposeService:
    """One service. ``after`` maps each service that it depends on to the condition required before it starts."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    health: tuple[str, ...] = ()
    after: Mapping[str, str] = field(default_factory=dict)
    replicas: int = 1
    image: str = ""
    profiles: tuple[str, ...] = ()
    """Named on the command line to start the service; without profiles it always starts."""


def compose_services(variables: Mapping[str, str], file: Path = COMPOSE_FILE) -> dict[str, ComposeService]:
    """Every service of ``file``, with variables substituted from ``variables``."""
    declared = _substitute(read_yaml(file)["services"], variables)
    return {name: _service(name, body) for name, body in declared.items()}


def _service(name: str, body: Mapping[str, Any]) -> ComposeService:
    return ComposeService(
        name=name,
        command=_words(body.get("command", ())),
        environment={key: str(value) for key, value in body.get("environment", {}).items()},
        health=_health(body.get("healthcheck", {}).get("test", ())),
        after={other: how["condition"] for other, how in body.get("depends_on", {}).items()},
        replicas=body.get("deploy", {}).get("replicas", 1),
        image=body["image"],
        profiles=tuple(body.get("profiles", ())),
    )


def _words(command: Any) -> tuple[str, ...]:
    return tuple(shlex.split(command)) if isinstance(command, str) else tuple(command)


def _health(test: Any) -> tuple[str, ...]:
    if not test:
        return ()
    kind, *words = test
    return ("sh", "-c", *words) if kind == "CMD-SHELL" else tuple(words)


def _substitute(value: Any, variables: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return _VARIABLE.sub(lambda found: _value(found, variables), value)
    if isinstance(value, dict):
        return {key: _substitute(item, variables) for key, item in value.items()}
    return [_substitute(item, variables) for item in value] if isinstance(value, list) else value


def _value(found: re.Match[str], variables: Mapping[str, str]) -> str:
    if found["dollar"]:
        return "$"
    value = variables.get(found["name"], "")
    if value or found["kind"] is None:
        return value
    if found["kind"] == "?":
        raise CitylakeError("COMPOSE_UNSET", variable=found["name"], why=found["rest"])
    return found["rest"]
