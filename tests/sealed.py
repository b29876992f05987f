"""A trial workspace with a register of persons, whose landed and raw files are sealed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyrage

from citylake.pipelines.lake.seal_keys import SEAL_KEY
from citylake.pipelines.lake.secret_keys import key_variable
from tests.declared import DEMO, declare_packs
from tests.trial import Trial

VARIABLE = key_variable(SEAL_KEY)
REGISTER = "register.persons"
PERSONS = (
    ("11010519491231002X", "李明远", "13800138001", "A-1"),
    ("440524188001010014", "王秀英", "13900139002", "A-2"),
    ("11010519900307109X", "赵建国", "13700137003", "A-3"),
)
FIELDS = ("证件", "姓名", "手机", "号")
PLANTED = [value for person in PERSONS for value in person[:3]]


def new_key() -> str:
    """The text of a new identity."""
    return str(pyrage.x25519.Identity.generate())


def persons_contract(form: str = "csv", **changed: Any) -> dict[str, Any]:
    """A register of persons from files."""
    fields = {
        "证件": {"element": "person.id_number"},
        "姓名": {"element": "person.name"},
        "手机": {"element": "person.mobile"},
        "号": {"element": "service.licence_no"},
    }
    return {
        "dataset": REGISTER,
        "title": {"zh": "登记", "en": "register"},
        "owner": {"department": "民政局"},
        "source": {"connector": "files", "path": f"${{IN}}/*.{form}", "format": form},
        "fields": fields,
        "write": {"mode": "append"},
        **changed,
    }


def open_register(folder: Path, form: str = "csv", **changed: Any) -> Trial:
    """The workspace, with nothing delivered yet."""
    declare_packs(folder / "workspace", extends=DEMO)
    trial = Trial(folder, {"IN": str(folder / "in")})
    (folder / "in").mkdir()
    trial.declare("datasets/persons", persons_contract(form, **changed))
    return trial


def deliver(trial: Trial, name: str, *persons: tuple[str, ...]) -> None:
    """Put a file of persons where the source looks, as CSV or JSON by its name."""
    if name.endswith(".csv"):
        text = "\n".join([",".join(FIELDS), *(",".join(person) for person in persons), ""])
    else:
        text = json.dumps([dict(zip(FIELDS, person, strict=True)) for person in persons], ensure_ascii=False)
    (trial.root / "in" / name).write_text(text, "utf-8")


def files_with(folder: Path, values: list[str]) -> dict[str, list[str]]:
    """The files below ``folder`` whose bytes have one of the values, with those."""
    found = {}
    for path in sorted(each for each in folder.rglob("*") if each.is_file()):
        body = path.read_bytes()
        if hits := [value for value in values if value.encode() in body]:
            found[str(path.relative_to(folder))] = hits
    return found
