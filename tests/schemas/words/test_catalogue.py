import string

import pytest

from citylake.schemas.words.errors import CitylakeError
from citylake.schemas.words.message_catalogue import (
    current_language,
    issue_types,
    render_issue,
    translate_key,
    translations_of,
)


def test_every_issue_type_says_the_same_things_in_both_languages() -> None:
    for issue in issue_types().values():
        for text in (issue.text, issue.advice, *([issue.advice_alone] if issue.advice_alone else [])):
            zh, en = ({name for _, name, _, _ in string.Formatter().parse(part) if name} for part in (text.zh, text.en))
            assert zh == en, issue.code


def test_advice_with_proposals_has_words_for_the_case_that_there_are_none() -> None:
    proposing = ("nearest", "similar", "Did you mean")
    for issue in issue_types().values():
        if "{suggestion}" in issue.advice.en and any(word in issue.advice.en for word in proposing):
            assert issue.advice_alone, issue.code
            assert "{suggestion}" not in issue.advice_alone.en


@pytest.mark.parametrize("nothing", ["", "–", "—"])
def test_a_message_without_a_proposal_does_not_mention_one(nothing: str) -> None:
    said = render_issue("ELEMENT_UNKNOWN", {"name": "bike.free", "suggestion": nothing}, "en")
    assert "nearest" not in said
    assert "citylake elements list" in said


def test_a_message_is_told_even_where_a_value_is_missing() -> None:
    assert "{suggestion}" in render_issue("UNIT_UNKNOWN", {"unit": "x"}, "en")


def test_an_error_speaks_both_languages() -> None:
    error = CitylakeError("UNIT_UNKNOWN", unit="kmm", suggestion="km")
    assert error.say("zh").startswith("未知的计量单位“kmm”。")
    assert str(error) == error.say("en")


def test_words_are_found_by_file_and_key() -> None:
    assert translate_key("lint.int_type", "en") == "an integer"
    assert translations_of("lint.nothing") is None
    assert translations_of("nothing.int_type") is None


@pytest.mark.parametrize(
    ("variables", "language"),
    [({"CITYLAKE_LANG": "zh"}, "zh"), ({"LANG": "zh_CN.UTF-8"}, "zh"), ({"LANG": "C"}, "en"), ({}, "en")],
)
def test_the_language_comes_from_the_environment(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], language: str
) -> None:
    for name in ("CITYLAKE_LANG", "LC_ALL", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert current_language() == language


def test_a_reason_without_a_full_stop_is_parted_from_the_advice() -> None:
    values = {"mart": "m", "reason": "Parser Error"}
    assert "Parser Error。" in render_issue("QUERY_FAILED", values, "zh")
    assert "Parser Error. " in render_issue("QUERY_FAILED", values, "en")


def test_a_reason_in_english_is_parted_from_chinese_advice() -> None:
    said = render_issue("USAGE", {"why": "No such command 'stat'. Did you mean 'status'?"}, "zh")
    assert "'status'? citylake" in said
