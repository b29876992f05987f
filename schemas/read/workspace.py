"""A workspace: a folder of declarations, over the packs that it names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cached_property
from operator import not_
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from citylake.schemas.base.declaration import Declaration, Identifier, LocalizedText
from citylake.schemas.base.pack_folders import builtin_packs, package_folder
from citylake.schemas.base.yaml_reader import read_yaml
from citylake.schemas.model.calendar_file import CalendarCode
from citylake.schemas.model.place_box import PlaceBox
from citylake.schemas.model.quarantine_settings import QuarantineSettings
from citylake.schemas.model.reader_group import ReaderGroup
from citylake.schemas.read.pack import pack_folder
from citylake.schemas.words.errors import CitylakeError
from citylake.schemas.words.secret_words import is_secret_variable

VariableName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]

_VOCABULARY = ("elements", "codes", "issues", "indices", "calendars", "pairs")


class UpkeepSettings(Declaration):
    """Retention in days, and when the daily upkeep runs (``cron``, in the workspace's zone).

    Without a number, bytes in landing and raw are never removed. A version of a mart is removed if it is older than
    ``mart_days``, not among the newest ``mart_versions``, and not leased by a reader. A reader finds the name of a file
    before it opens it, so at least two versions stay. ``leftover_days``: a file of this age that no table refers to
    was left by a crash; a batch in progress must be younger. ``verify_days``: the upkeep reads every file of the lake
    once in so many days and compares its SHA-256.
    """

    cron: str = "40 3 * * *"
    landing_days: int | None = Field(default=None, ge=1)
    raw_days: int | None = Field(default=None, ge=1)
    report_days: int | None = Field(default=None, ge=1)
    mart_days: int = Field(default=7, ge=1)
    mart_versions: int = Field(default=3, ge=2)
    leftover_days: int = Field(default=7, ge=1)
    verify_days: int = Field(default=30, ge=1)


class LandingSettings(Declaration):
    """How landed files are stored: as received, or compressed by zstd unless they are compressed already."""

    compression: Literal["none", "zstd"] = "none"


class TokenSettings(Declaration):
    """Tokens of identifiers: HMAC with SHA-256, or with SM3 (GB/T 32905), which needs the extra ``privacy``."""

    hash: Literal["sha256", "sm3"] = "sha256"


class WorkspaceFile(Declaration):
    """``workspace.yaml``. ``packs`` names the packs whose elements, codes and crosswalks the workspace uses.

    ``extends`` is the path of another workspace: its packs and its own vocabulary are used too. ``datasets`` and
    ``entities`` name what of the extended workspaces is run here too, and ``marts`` the marts of them and of the packs
    that are built here too, from this workspace's datasets: by name or by pattern (``traffic.*``, ``*``).
    ``calendar`` is the country whose working days count (``CN``, ``US-IL``); by default that of the time zone.
    ``bounds`` is the box of the city (west, south, east, north): places outside it are reported, and refused if they
    would lie in it with their coordinates exchanged. ``variables`` are the defaults of ``${NAME}`` in sources; the
    environment overrides them. ``environment`` names further variables that the environment gives to sources; without
    this list it gives every variable that does not look like a credential. A value of ``variables`` that begins with
    ``./`` or ``../`` is a path below the workspace;
    ``package:NAME/PATH`` is a path inside an installed package.
    """

    name: LocalizedText | None = None
    packs: tuple[str, ...] = ()
    extends: str | None = None
    timezone: str = "Asia/Shanghai"
    calendar: CalendarCode | None = Field(None, exclude_if=lambda value: value is None)
    bounds: PlaceBox | None = None
    variables: dict[str, str] = {}
    environment: tuple[VariableName, ...] | None = Field(None, exclude_if=lambda value: value is None)
    datasets: tuple[str, ...] = Field((), exclude_if=not_)
    entities: tuple[str, ...] = Field((), exclude_if=not_)
    marts: tuple[str, ...] = ()
    upkeep: UpkeepSettings = UpkeepSettings()
    landing: LandingSettings = Field(LandingSettings(), exclude_if=lambda value: value == LandingSettings())
    tokens: TokenSettings = Field(TokenSettings(), exclude_if=lambda value: value == TokenSettings())
    accesses: Literal["recorded", "required"] = Field("recorded", exclude_if=lambda value: value == "recorded")
    """``required``: a mart cannot be read by whom no row in the ledger's ``accesses`` can be written."""
    readers: dict[Identifier, ReaderGroup] = Field({}, exclude_if=not_)
    """Who may open the files of marts, by the word that a mart's ``readers`` names."""
    quarantine: QuarantineSettings = Field(QuarantineSettings(), exclude_if=lambda value: value == QuarantineSettings())


@dataclass(frozen=True, slots=True)
class WorkspaceCopies:
    """Folders to read in place of the installed packs, and of the extended workspaces (the nearest first)."""

    packs: Mapping[str, Path] = field(default_factory=dict)
    extended: tuple[Path, ...] = ()


_INSTALLED = WorkspaceCopies()


class Workspace:
    """Where declarations are read from: ``elements/ codes/ datasets/ marts/`` below ``root``."""

    def __init__(
        self, root: Path, _extended_by: tuple[Path, ...] = (), *, copies: WorkspaceCopies = _INSTALLED
    ) -> None:
        """Read ``workspace.yaml``.

        Raises WORKSPACE_MISSING, WORKSPACE_FILE_MISSING, EXTENDS_IN_A_CIRCLE, the faults of
        ``pack_folder``, and pydantic's or YAML's error.
        """
        self.root = root.resolve()
        self.settings = _read_settings(self.root)
        self.names_packs = "packs" in self.settings.model_fields_set or self.settings.extends not in (None, "builtin")
        """False: written for version 0.1. It is read as then, and lint reports WORKSPACE_WITHOUT_PACKS."""
        if not self.names_packs:
            self.settings = _with_packs(self.settings)
        if self.root in _extended_by:
            raise CitylakeError("EXTENDS_IN_A_CIRCLE", file=self.root / "workspace.yaml")
        extends = self.settings.extends
        self._copies = copies
        base = copies.extended[0] if copies.extended else self.root / (extends or "")
        further = WorkspaceCopies(copies.packs, copies.extended[1:])
        self._base = Workspace(base, (*_extended_by, self.root), copies=further) if extends else None
        inherited = self._base.layers if self._base else ((),)
        packs = (self._pack(name) for name in self.settings.packs)
        self.layers: tuple[tuple[Path, ...], ...] = (
            tuple(dict.fromkeys((*inherited[0], *packs))),
            *inherited[1:],
            (self.root,),
        )
        """Folders with vocabulary: all packs, each extended workspace, this one. A later layer overrides by id."""
        self._layers_of: dict[Path, int] = {}

    @property
    def variables(self) -> dict[str, str]:
        """The values for ``${NAME}``, with absolute paths; also of the extended workspace if its datasets run here."""
        inherited = self._base.variables if self._base and self.settings.datasets else {}
        return inherited | {name: self._value(value) for name, value in self.settings.variables.items()}

    def given_variables(self, environment: Mapping[str, str]) -> dict[str, str]:
        """What ``environment`` gives to contracts: the variables that this workspace, or one that it extends, names.

        If this workspace has no list ``environment``, also every other one that does not look like a credential.
        """
        named = self._named_variables()
        whole = self.settings.environment is None
        return {
            name: value
            for name, value in environment.items()
            if name in named or (whole and not is_secret_variable(name, value))
        }

    def _named_variables(self) -> set[str]:
        inherited = self._base._named_variables() if self._base else set()
        return inherited | set(self.settings.variables) | set(self.settings.environment or ())

    def _value(self, value: str) -> str:
        if value.startswith(("./", "../")):
            return str((self.root / value).resolve())
        if not value.startswith("package:"):
            return value
        name, _, inner = value.removeprefix("package:").partition("/")
        folder = package_folder(name)
        return str(folder / inner) if folder else value

    @cached_property
    def pack_names(self) -> tuple[str, ...]:
        """The packs in use, those of extended workspaces included."""
        return tuple(dict.fromkeys((*(self._base.pack_names if self._base else ()), *self.settings.packs)))

    def copied_folders(self) -> dict[str, Path]:
        """The folders that declarations are read from, by the names that they have in a copy of them."""
        extended = {f"extended/{n}": each.root for n, each in enumerate(self._extended(), 1)}
        packs = {f"packs/{name}": self._pack(name) for name in self.pack_names}
        return {"workspace": self.root, **extended, **packs}

    def _extended(self) -> Iterator[Workspace]:
        if self._base:
            yield self._base
            yield from self._base._extended()

    def _pack(self, name: str) -> Path:
        return self._copies.packs.get(name) or pack_folder(name, self.root / "workspace.yaml")

    def layer_of(self, path: Path) -> int:
        """The number of the layer that ``path`` belongs to. Ids within one layer are unique.

        The innermost folder decides: a workspace may be inside the folder of the one that extends it.
        """
        found = self._layers_of.get(path.parent)
        if found is None:
            layers = enumerate(self.layers)
            around = [(folder, n) for n, layer in layers for folder in layer if path.is_relative_to(folder)]
            found = self._layers_of[path.parent] = max(around, key=lambda each: len(each[0].parts))[1]
        return found

    def base_marts(self) -> list[Path]:
        """The folders of the marts of the packs and the extended workspaces."""
        bases = [folder for layer in self.layers[:-1] for folder in layer]
        return [path.parent for base in bases for path in sorted(base.glob("marts/*/mart.yaml"))]

    def takes(self, kind: str, identity: str, path: Path) -> bool:
        """Whether the declaration ``identity`` in ``path`` is used here: of extended workspaces' data only some are."""
        inherited = {"datasets": self.settings.datasets, "entities": self.settings.entities}.get(kind)
        extended = [folder for layer in self.layers[1:-1] for folder in layer]
        # A file that is tried may be in no folder of declarations at all.
        if inherited is None or not any(map(path.is_relative_to, extended)) or self._is_own(path):
            return True
        return any(fnmatchcase(identity, pattern) for pattern in inherited)

    def _is_own(self, path: Path) -> bool:
        return self.layer_of(path) == len(self.layers) - 1

    def files(self, kind: str) -> Iterator[Path]:
        """The YAML files of ``kind``, base first: the vocabulary, ``datasets``, ``entities`` or ``marts``."""
        folders = [root / kind for layer in self._layers_with(kind) for root in layer]
        if kind == "marts":
            folders += [folder for folder in self.base_marts() if self._builds(folder.name)]
        for folder in folders:
            yield from sorted(folder.rglob("*.yaml"))

    def _layers_with(self, kind: str) -> tuple[tuple[Path, ...], ...]:
        taken = {"datasets": self.settings.datasets, "entities": self.settings.entities}.get(kind)
        if kind in _VOCABULARY or taken:
            return self.layers
        # Entities of an extended workspace name its datasets and their columns, which may be others here.
        return (self.layers[0], self.layers[-1]) if kind == "entities" else self.layers[-1:]

    def _builds(self, mart: str) -> bool:
        return any(fnmatchcase(mart, pattern) for pattern in self.settings.marts)


def _read_settings(root: Path) -> WorkspaceFile:
    file = root / "workspace.yaml"
    if not root.is_dir():
        raise CitylakeError("WORKSPACE_MISSING", path=root)
    if not file.is_file():
        raise CitylakeError("WORKSPACE_FILE_MISSING", path=root, packs=", ".join(builtin_packs()))
    return WorkspaceFile.model_validate(read_yaml(file) or {})


def _with_packs(settings: WorkspaceFile) -> WorkspaceFile:
    """The packs of a workspace of version 0.1, which named none: all built-in ones, or none with ``extends: null``."""
    alone = "extends" in settings.model_fields_set and settings.extends is None
    return settings.model_copy(update={"packs": () if alone else tuple(builtin_packs()), "extends": None})
