"""``citylake keys``: the guide's rotation, by the commands that it names."""

from __future__ import annotations

from base64 import urlsafe_b64decode
from pathlib import Path

import pytest

from citylake.pipelines.cli import main
from tests.declared import declare_packs

CONTRACT = """
dataset: person.register
title: {zh: 人员名册, en: register of persons}
owner: {department: 市公安局}
source: {connector: files, path: "${PEOPLE}/*.csv", format: csv}
fields: {id: {element: person.id_number}}
write: {mode: append}
"""


def test_a_key_is_rotated_by_new_check_and_replay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = declare_packs(tmp_path / "workspace") / "datasets" / "person" / "register.yaml"
    file.parent.mkdir(parents=True)
    file.write_text(CONTRACT, "utf-8")
    (tmp_path / "files").mkdir()
    (tmp_path / "files/a.csv").write_text("id\n33010619910517800X\n", "utf-8")
    monkeypatch.setenv("PEOPLE", str(tmp_path / "files"))
    monkeypatch.setenv("CITYLAKE_LANG", "en")

    def call(*arguments: str) -> tuple[int, str]:
        code = main(["--workspace", str(tmp_path / "workspace"), "--lake", str(tmp_path / "lake"), *arguments])
        return code, capsys.readouterr().out

    def new_key() -> str:
        name, _, text = call("keys", "new", "tokens")[1].strip().partition("=")
        assert (name, len(urlsafe_b64decode(text + "="))) == ("CITYLAKE_KEY_TOKENS", 32)
        return text

    keys = new_key(), new_key()
    assert keys[0] != keys[1]
    monkeypatch.setenv("CITYLAKE_KEY_TOKENS", keys[0])
    assert call("run")[0] == 0
    assert call("keys", "check")[0] == 0
    monkeypatch.setenv("CITYLAKE_KEY_TOKENS", keys[1])
    code, said = call("keys", "check")
    assert (code, "citylake replay person.register" in said) == (1, True)
    assert call("replay", "person.register")[0] == 0
    assert call("keys", "check")[0] == 0
    assert not any(key in said for key in keys)
