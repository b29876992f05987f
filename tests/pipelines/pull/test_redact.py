"""A credential is blotted out however a server spells it."""

from __future__ import annotations

import html
import json
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from citylake.pipelines.pull.redact import contains_secret, redact_secrets

KEY = "a/b+c=d&e f'g\"h\\i键😀"
SPELT = {
    "plain": KEY,
    "url": quote(KEY, safe=""),
    "path": quote(KEY),
    "form": quote_plus(KEY),
    "url in lower case": quote(KEY, safe="").replace("%2F", "%2f").replace("%3D", "%3d"),
    "url in a url": quote(quote(KEY, safe=""), safe=""),
    "json": json.dumps(KEY)[1:-1],
    "json in json": json.dumps(json.dumps(KEY)[1:-1])[1:-1],
    "json of php": json.dumps(KEY)[1:-1].replace("/", r"\/"),
    "json of go": json.dumps(KEY)[1:-1].replace("&", r"\u0026"),
    "python": repr(KEY)[1:-1],
    "page": html.escape(KEY),
    "page of a template": html.escape(KEY).replace("/", "&#x2F;").replace("=", "&#x3D;").replace("'", "&#39;"),
}


@pytest.mark.parametrize("spelling", SPELT)
def test_however_it_is_spelt_it_is_blotted_out(spelling: str) -> None:
    text = f"no <{SPELT[spelling]}> here"
    assert contains_secret(text, [KEY])
    assert redact_secrets(text, [KEY]) == "no <***> here"


@given(secret=st.text(min_size=1), around=st.text())
def test_whatever_it_is_it_is_found_and_gone(secret: str, around: str) -> None:
    text = f"{around}{secret}{around}"
    assert contains_secret(text, [secret])
    assert "***" in redact_secrets(text, [secret, ""])


@given(text=st.text())
def test_without_secrets_a_text_stays_as_it_is(text: str) -> None:
    assert redact_secrets(text, [""]) == text
    assert not contains_secret(text, [""])


def test_half_a_character_is_no_fault_of_the_receipt() -> None:
    assert redact_secrets("cut \ud83d", []) == "cut ?"


def test_the_longer_of_two_goes_first() -> None:
    assert redact_secrets("token-long", ["token", "token-long"]) == "***"
