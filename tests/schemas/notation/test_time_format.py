"""Formats of times: what is accepted, and what lint proposes for the others."""

from __future__ import annotations

import pytest

from citylake.schemas.notation.time_format import expand_format, is_instant_format, uses_zone
from citylake.schemas.notation.time_format_faults import time_format_fault


@pytest.mark.parametrize(
    ("form", "kind"),
    [
        ("%Y-%m-%d %H:%M:%S", "datetime"),
        ("%Y-%m-%dT%H:%M:%S%.3f%:z", "datetime"),
        ("%Y-%m-%dT%H:%M:%S%#z", "datetime"),
        ("%Y-%m-%d", "datetime"),
        ("%Y%m%d%H", "datetime"),
        ("%m/%d/%Y %I %p", "datetime"),
        ("%F %T", "datetime"),
        ("%+", "datetime"),
        ("%c", "datetime"),
        ("%Y-%j %H:%M", "datetime"),
        ("%G-W%V-%u", "date"),
        ("%Y年%m月%d日 %H时", "datetime"),
        ("%d.%m.%y %k:%M", "datetime"),
        ("%Y-%-m-%-d", "date"),
        ("%Y", "date"),
        ("%Y-%m", "date"),
        ("epoch_us", "datetime"),
        ("epoch_ms", "date"),
        ("%H:%M", "time"),
        ("%I %p", "time"),
    ],
)
def test_a_format_that_gives_a_whole_time_has_no_fault(form: str, kind: str) -> None:
    assert time_format_fault(form, kind) is None


@pytest.mark.parametrize(
    ("form", "code", "suggestion"),
    [
        ("yyyy-MM-dd HH:mm", "TIME_FORMAT_FOREIGN", "%Y-%m-%d %H:%M"),
        ("yyyy-MM-dd'T'HH:mm:ss.SSSXXX", "TIME_FORMAT_FOREIGN", "%Y-%m-%dT%H:%M:%S%.f%z"),
        ("dd/MM/yyyy hh:mm a", "TIME_FORMAT_FOREIGN", "%d/%m/%Y %I:%M %p"),
        ("yyyyMMddHHmmss", "TIME_FORMAT_FOREIGN", "%Y%m%d%H%M%S"),
        ("YYYY-MM-DD HH24:MI:SS", "TIME_FORMAT_FOREIGN", "%Y-%m-%d %H:%M:%S"),
        ("yyyy/mm/dd hh:mm", "TIME_FORMAT_FOREIGN", "%Y/%m/%d %H:%M"),
        ("%Y-%m-%d HH:mm", "TIME_FORMAT_FOREIGN", "%Y-%m-%d %H:%M"),
        ("iso8601", "TIME_FORMAT_FOREIGN", "%+"),
        ("date", "TIME_FORMAT_FOREIGN", "%Y-%m-%d %H:%M:%S"),
        ("%s", "TIME_DIRECTIVE_UNSUPPORTED", "epoch_s"),
        ("%Y-%m-%d %H:%M %Z", "TIME_DIRECTIVE_UNSUPPORTED", "%Y-%m-%d %H:%M %z"),
        ("%Y-%m-%d %H:%M:%S.%f", "TIME_DIRECTIVE_UNSUPPORTED", "%Y-%m-%d %H:%M:%S%.f"),
        ("%Y-%m-%d %H:%Q", "TIME_DIRECTIVE_UNSUPPORTED", "%Y-%m-%d %H:%M:%S"),
        ("%Y-%m-%d %", "TIME_DIRECTIVE_UNSUPPORTED", "%Y-%m-%d %H:%M:%S"),
        ("%Y-%m-%d %H:%m", "TIME_DIRECTIVE_TWICE", "%Y-%m-%d %H:%M"),
        ("%Y-%M-%d %H:%M", "TIME_DIRECTIVE_TWICE", "%Y-%m-%d %H:%M"),
        ("%F %Y %H:%M", "TIME_DIRECTIVE_TWICE", "%Y-%m-%d %H:%M:%S"),
        ("%H:%M", "TIME_DIRECTIVE_MISSING", "%Y-%m-%d %H:%M:%S"),
        ("%Y-%m %H:%M", "TIME_DIRECTIVE_MISSING", "%Y-%m-%d %H:%M:%S"),
        ("%Y-%m-%d %M", "TIME_DIRECTIVE_MISSING", "%Y-%m-%d %H:%M:%S"),
        ("%Y-%m-%d %I:%M", "TIME_DIRECTIVE_MISSING", "%Y-%m-%d %I:%M %p"),
        ("%Y-%m-%d %H:%M %p", "TIME_DIRECTIVE_MISSING", "%Y-%m-%d %I:%M %p"),
    ],
)
def test_a_format_that_would_give_wrong_times_is_a_fault_with_a_format_that_does_not(
    form: str, code: str, suggestion: str
) -> None:
    fault = time_format_fault(form, "datetime")
    assert fault is not None
    assert (fault[0], fault[1]["suggestion"]) == (code, suggestion)
    assert suggestion.startswith("epoch") or time_format_fault(suggestion, "datetime") is None


def test_only_local_times_depend_on_a_zone() -> None:
    assert [is_instant_format(form) for form in ("%F %T%:z", "%+", "%#z", "epoch_us", "%F %T", "%%z")] == [
        True, True, True, True, False, False,
    ]  # fmt: skip
    assert uses_zone("%F %T%z||%F %T")
    assert not uses_zone("%F %T%z || epoch_s")


def test_a_composite_directive_is_its_parts_and_an_escaped_percent_stays() -> None:
    assert expand_format("%F %T %%F") == "%Y-%m-%d %H:%M:%S %%F"
