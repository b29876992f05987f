"""Whatever stands in a declaration, lint tells of it and never fails itself."""

import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from citylake.schemas.lint import lint_workspace

ODD = [
    "",
    "[",
    "{}",
    "[]",
    "null",
    "1",
    "-1.5",
    "true",
    "2026-02-30",
    "'{'",
    "'\\'",
    "a.b.c",
    "'a b'",
    "0 m",
    "m/0",
    "n..",
    "😀",
    "!!x y",
    "*a",
]
WORD = re.compile(r"(?<=[ :\[{,])[^\s:,\[\]{}\"']+(?=[\s,\]}])")


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_word_may_become_anything(clean: Path, data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(sorted(clean.rglob("*.yaml"))))
    text = path.read_bytes()
    whole = text.decode()
    words = list(WORD.finditer(whole))
    at = data.draw(st.sampled_from(words))
    odd = data.draw(st.sampled_from(ODD))
    try:
        path.write_text(whole[: at.start()] + odd + whole[at.end() :], encoding="utf-8")
        found = lint_workspace(clean)
    finally:
        path.write_bytes(text)
    lines = whole.count("\n") + odd.count("\n") + 1
    for each in found:
        assert 1 <= each.line <= max(lines, 200)
        assert each.say("zh")
        assert each.as_json()["message"]


@pytest.mark.parametrize(
    "content", [b"\xff\xfe\x00", b"\x00", b"- \xd6\xd0", b"", b"a: &x [*x]\n", b"-\n- 1\n- [a]\n", b"%YAML 9\n"]
)
@pytest.mark.parametrize(
    "name",
    [
        "elements/all.yaml",
        "codes/traffic.yaml",
        "datasets/traffic/detector.yaml",
        "marts/speeds/mart.yaml",
        "workspace.yaml",
    ],
)
def test_a_file_that_is_no_declaration_at_all_is_told(clean: Path, name: str, content: bytes) -> None:
    (clean / name).write_bytes(content)
    for each in lint_workspace(clean):
        assert each.say("en")


def test_an_sql_file_that_is_not_text_is_told(clean: Path) -> None:
    (clean / "marts/speeds/site_hour.sql").write_bytes(b"SELECT '\xd6\xd0' \x00 FROM")
    assert [each.path.name for each in lint_workspace(clean)] == ["site_hour.sql"]
