"""What a disk may hold after a power cut, made from the record of ``power_cut.c``.

The model is at least as cruel as ext4 and XFS. A name in a folder (created, renamed, removed) is durable after a sync
of that folder; a sync of the file itself does not make its name durable. A file's content is durable up to its last
sync; what was written later may be there, in part, as zeros, or not at all. Names that are not durable are kept or lost
either up to one moment, as a journal does it, or each by chance, as nothing promises otherwise.
"""

from __future__ import annotations

import os
import random
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

NamesLost = Literal["all", "some", "after a moment", "none"]
PAGE = 4096


@dataclass(frozen=True, slots=True)
class Change:
    """One line of the record. ``number``: inode of the file; ``names``: the paths, or the numbers of a write."""

    kind: str
    number: int
    names: tuple[str, ...]


@dataclass(slots=True)
class Tree:
    """Path → inode of every file, the files' sizes in bytes by inode, and every folder."""

    files: dict[str, int] = field(default_factory=dict)
    sizes: dict[int, int] = field(default_factory=dict)
    folders: set[str] = field(default_factory=set)


def read_record(path: Path) -> list[Change]:
    """Return the changes of a record, in order."""
    lines = path.read_text("utf-8", errors="surrogateescape").splitlines() if path.exists() else []
    parts = [line.split("\t") for line in lines]
    return [Change(kind, int(number), tuple(names)) for kind, number, *names in parts]


def read_tree(root: Path) -> Tree:
    """Return what is below ``root``; before a run, all of it counts as durable."""
    found = Tree(folders={str(root)} if root.exists() else set())
    for where, folders, names in os.walk(root):
        found.folders |= {f"{where}/{name}" for name in folders}
        for name in names:
            entry = os.lstat(f"{where}/{name}")
            found.files[f"{where}/{name}"], found.sizes[entry.st_ino] = entry.st_ino, entry.st_size
    return found


def replay(tree: Tree, changes: list[Change]) -> Tree:
    """Return the tree after the changes of names among ``changes``."""
    now = Tree(dict(tree.files), dict(tree.sizes), set(tree.folders))
    for change in changes:
        if change.kind == "create":
            now.files[change.names[0]] = change.number
        elif change.kind == "rename":
            now.files.pop(change.names[0], None)
            now.files[change.names[1]] = change.number
        elif change.kind == "unlink":
            now.files.pop(change.names[0], None)
        elif change.kind == "mkdir":
            now.folders.add(change.names[0])
        elif change.kind == "rmdir":
            now.folders.discard(change.names[0])
    return now


def lose_power(root: Path, kept: Path, before: Tree, changes: list[Change], chance: random.Random) -> NamesLost:
    """Replace the tree at ``root`` by one that the disk may hold. ``kept``: removed files, named by their inodes."""
    mode: NamesLost = chance.choice(["all", "some", "some", "after a moment", "none"])
    after = replay(before, _surviving_names(changes, mode, chance))
    contents = _Contents(before, changes, chance)
    places = {number: path for path, number in read_tree(root).files.items()}
    places |= {int(path.name): str(path) for path in kept.iterdir() if int(path.name) not in places}
    rest = root.with_name(f"{root.name}.rest")
    for folder in sorted(after.folders):
        if str(root) == folder or os.path.dirname(folder) in after.folders:
            os.makedirs(_moved(folder, root, rest), exist_ok=True)
    for path, number in after.files.items():
        to = _moved(path, root, rest)
        if number in places and os.path.isdir(os.path.dirname(to)):
            shutil.copy2(places[number], to)
            contents.lose(to, number)
    shutil.rmtree(root, ignore_errors=True)
    if rest.exists():
        rest.rename(root)
    return mode


def _moved(path: str, root: Path, to: Path) -> str:
    return str(to) + path.removeprefix(str(root))


def _surviving_names(changes: list[Change], mode: NamesLost, chance: random.Random) -> list[Change]:
    moment = chance.randrange(len(changes) + 1)
    later: set[str] = set()
    chosen = []
    for place in range(len(changes) - 1, -1, -1):
        change = changes[place]
        if change.kind == "sync":
            later.add(change.names[0])
        elif change.kind not in ("write", "truncate"):
            durable = any(os.path.dirname(name) in later for name in change.names)
            lucky = {"all": False, "none": True, "some": chance.random() < 0.5, "after a moment": place < moment}[mode]
            if durable or lucky:
                chosen.append(change)
    return chosen[::-1]


class _Contents:
    """Which files have content that is not durable, and how much of it is."""

    def __init__(self, before: Tree, changes: list[Change], chance: random.Random) -> None:
        self.chance = chance
        self.durable: dict[int, int] = {}
        """Inode → bytes that are durable, of files that were written after their last sync."""
        size, synced = dict(before.sizes), dict(before.sizes)
        for change in changes:
            number = change.number
            if change.kind == "create" and number not in size:
                size[number], synced[number] = 0, 0
            elif change.kind == "write":
                start, length = map(int, change.names)
                size[number] = max(size.get(number, 0), start + length)
                self.durable[number] = min(self.durable.get(number, synced.get(number, 0)), start)
            elif change.kind == "truncate":
                size[number] = int(change.names[0])
                self.durable[number] = min(self.durable.get(number, synced.get(number, 0)), size[number])
            elif change.kind == "sync":
                synced[number] = size.get(number, 0)
                self.durable.pop(number, None)

    def lose(self, path: str, number: int) -> None:
        """Take from the file what a disk may not have written."""
        if number not in self.durable:
            return
        least, size = self.durable[number], os.path.getsize(path)
        fate = self.chance.choice(["lost", "lost", "in part", "zeros", "written"])
        if fate == "written" or size <= least:
            return
        os.chmod(path, 0o644)
        with open(path, "r+b") as file:
            left = least if fate == "lost" else self.chance.randint(least, size)
            if fate == "in part" and self.chance.random() < 0.5:
                left = max(least, left - left % PAGE)
            file.truncate(left)
            if fate == "zeros":
                file.truncate(size)
