"""Tokens of a server come from a file of their owner's alone, a variable, or are made; a bad one is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from citylake.pipelines.serve.server_tokens import TOKEN_VARIABLE, server_tokens
from citylake.schemas.words.errors import CitylakeError

LI, WANG = "token-of-li-0000001", "token-of-wang-00001"


def _file(folder: Path, text: str, mode: int = 0o600) -> Path:
    file = folder / "tokens"
    file.write_text(text, encoding="utf-8")
    file.chmod(mode)
    return file


def test_each_token_of_a_file_has_its_name_and_no_other_is_admitted(tmp_path: Path) -> None:
    found = server_tokens(_file(tmp_path, f"# readers\nli {LI}\n\nwang {WANG}  # of the bureau\n"))
    assert found.named
    assert (found.user_of(LI), found.user_of(WANG)) == ("li", "wang")
    for offered in (None, "", LI[:-1], LI + " ", "li", "令牌\udc00"):
        assert found.user_of(offered) is None


@pytest.mark.parametrize(
    ("text", "mode", "why"),
    [
        (f"li {LI}\n", 0o640, "chmod 600"),
        (f"li {LI}\n", 0o604, "chmod 600"),
        (f"{LI}\n", 0o600, "NAME TOKEN"),
        (f"li {LI}\nwang {LI}\n", 0o600, "no token twice"),
        ("li short\n", 0o600, "16 characters"),
        ("# nobody\n", 0o600, "at least one line"),
    ],
)
def test_a_file_that_is_open_or_unclear_is_refused_without_showing_a_token(
    tmp_path: Path, text: str, mode: int, why: str
) -> None:
    with pytest.raises(CitylakeError) as raised:
        server_tokens(_file(tmp_path, text, mode))
    assert raised.value.code == "SERVE_TOKENS_UNUSABLE"
    assert why in str(raised.value)
    assert LI not in str(raised.value)


def test_a_variable_is_used_and_without_it_a_token_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CITYLAKE_USER", "operator")
    monkeypatch.setenv(TOKEN_VARIABLE, LI)
    found = server_tokens(None)
    assert (found.user_of(LI), found.named, found.made) == ("operator", False, "")
    monkeypatch.setenv(TOKEN_VARIABLE, "short")
    with pytest.raises(CitylakeError, match="16 characters"):
        server_tokens(None)
    monkeypatch.delenv(TOKEN_VARIABLE)
    one, two = server_tokens(None), server_tokens(None)
    assert one.made != two.made
    assert one.user_of(one.made) == "operator"


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(CitylakeError) as raised:
        server_tokens(tmp_path / "nothing")
    assert str(tmp_path / "nothing") in str(raised.value)
