"""Tokens: equal values have equal tokens, other keys and other kinds of identifiers other ones; no value is in one."""

from __future__ import annotations

import hmac
import re
from typing import Literal

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from citylake.pipelines.conform.bind.token_texts import tokens_of
from citylake.pipelines.lake.token_key import TokenKey

KEYS = {name: TokenKey(bytes([number]) * 32, name) for number, name in ((1, "sha256"), (2, "sm3"))}  # type: ignore[arg-type]
TEXTS = st.lists(st.none() | st.text(st.characters(codec="utf-8"), min_size=1, max_size=20), min_size=1, max_size=8)


def _tokens(values: list[str | None], key: TokenKey, domain: str = "person.id_number") -> list[str | None]:
    return tokens_of(pl.Series("id", values, dtype=pl.String), domain, key).to_list()


@pytest.mark.parametrize("name", KEYS)
@given(values=TEXTS)
def test_values_are_equal_if_and_only_if_their_tokens_are(name: str, values: list[str | None]) -> None:
    told = _tokens(values, KEYS[name])
    folded = pl.Series(values, dtype=pl.String).str.to_uppercase().to_list()
    assert [[one == other for other in folded] for one in folded] == [[one == other for other in told] for one in told]
    assert [each is None for each in told] == [each is None for each in values]


@given(value=st.text("0123456789X", min_size=3, max_size=19))
def test_a_token_has_one_form_and_never_has_the_value_in_it(value: str) -> None:
    for key in KEYS.values():
        (token,) = _tokens([value], key)
        assert token is not None
        assert re.fullmatch(r"t[12]\.[a-z2-7]{6}\.[a-z2-7]{24}", token)
        assert token.startswith(f"{key.id}.")
        assert value not in token.partition(".")[2] or len(value) < 5


@given(secrets=st.lists(st.binary(min_size=32, max_size=32), min_size=2, max_size=2, unique=True))
def test_another_key_or_another_kind_of_identifier_gives_another_token(secrets: list[bytes]) -> None:
    kinds: list[Literal["sha256", "sm3"]] = ["sha256", "sm3"]
    told = [
        _tokens(["13800138000"], TokenKey(each, kind), domain) for each in secrets for kind in kinds for domain in "ab"
    ]
    assert len({token for (token,) in told}) == len(told)


def test_the_token_is_the_hmac_of_rfc_2104() -> None:
    key = KEYS["sha256"]
    digest = hmac.digest(key.domain_secret("d"), b"33010619910517800X", "sha256")
    letters, number = "abcdefghijklmnopqrstuvwxyz234567", int.from_bytes(digest[:8], "big")
    (token,) = _tokens(["33010619910517800x"], key, "d")
    assert token is not None
    assert token.rpartition(".")[2][:12] == "".join(letters[number >> shift & 31] for shift in range(59, -1, -5))


def test_a_key_never_shows_its_secret() -> None:
    assert "\\x01" not in repr(KEYS["sha256"])
