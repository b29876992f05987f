"""``citylake onboard URL``: from an address to a contract."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
import yaml

from citylake.pipelines.cli import main
from citylake.schemas.words.message_catalogue import translate_key


def onboarded(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = main(["onboard", *arguments])
    return code, *capsys.readouterr()


def test_a_service_is_named_with_the_source_to_declare(standin: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = onboarded(capsys, f"{standin}/env/stations", "--json")
    told = json.loads(out)
    assert (code, told["kind"], told["source"]["paging"]["by"]) == (0, "rest_paged", "link")


def test_a_draft_is_all_of_standard_output(standin: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = onboarded(capsys, f"{standin}/env/air_hourly.csv", "--dataset", "environment.air")
    assert (code, yaml.safe_load(out)["dataset"]) == (0, "environment.air")
    assert err


@pytest.mark.parametrize(
    ("body", "told"),
    [(b"kx,ky\n1,2\n3,4\n", "onboard.nothing_bound"), (b"[]", "onboard.no_columns"), (b"{}", "onboard.no_columns")],
)
def test_a_draft_that_lint_would_not_take_says_what_is_left_to_do(
    city: Any, reply: Any, capsys: pytest.CaptureFixture[str], body: bytes, told: str
) -> None:
    city.answer = lambda asked: reply(body)
    code, out, err = onboarded(capsys, city.url, "--dataset", "air.x")
    assert (code, yaml.safe_load(out)["fields"]) == (0, {})
    assert translate_key(told) in err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("http://127.0.0.1:9/x", "--dataset", "Air quality: x"), "air_quality_x"),
        (("/no/such/folder/x.csv",), "/no/such/folder/x.csv"),
        (("ftp://city/x.csv",), "ftp://city/x.csv"),
        (("",), "https://"),
    ],
)
def test_what_cannot_be_asked_for_is_a_fault_of_usage(
    capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], told: str
) -> None:
    code, out, err = onboarded(capsys, *arguments)
    assert (code, out, told in err) == (1, "", True)


def test_a_web_page_is_no_source(city: Any, reply: Any, capsys: pytest.CaptureFixture[str]) -> None:
    city.answer = lambda asked: reply(b"<html><body>Open data</body></html>")
    assert onboarded(capsys, city.url)[0] == 2


def test_a_refusal_is_told_without_the_key(
    city: Any, reply: Any, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CITYLAKE_CONN_API", json.dumps({"params": {"appkey": "hush-hush"}}))
    city.answer = lambda asked: reply(f"no such key {asked.params['appkey']}".encode(), status=403)
    code, out, err = onboarded(capsys, f"{city.url}/x", "--connection", "api")
    assert (code, "403" in err) == (2, True)
    assert "hush-hush" not in out + err


def test_an_address_where_nobody_answers_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = onboarded(capsys, "http://127.0.0.1:9/x")
    assert (code, "127.0.0.1:9" in err) == (2, True)


def test_a_file_is_drafted_with_the_words_that_it_needs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "x.csv").write_text(
        "Trips of June\n\nday;n;n\n2024-06-01;1,5;2\n2024-06-02;3,5;4\nTotal;5;6\n", "utf-8"
    )
    code, out, _ = onboarded(capsys, str(tmp_path / "x.csv"), "--dataset", "city.trips")
    source = yaml.safe_load(out)["source"]
    assert (code, source["connector"], source["path"]) == (0, "files", str(tmp_path / "x.csv"))
    words = {"delimiter": ";", "title_rows": 2, "duplicate_columns": "rename", "footer": "^Total"}
    assert source["format"] == {"type": "csv", **words}
    comment = next(line for line in out.splitlines() if "format: " in line).partition("  # ")[2]
    assert "title" in comment or "标题" in comment


def test_the_members_of_a_zip_are_drafted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        for name in ("a/1.csv", "b/2.csv", "readme.md"):
            archive.writestr(name, "x,y\n1,2\n3,4\n")
    code, out, _ = onboarded(capsys, str(tmp_path / "x.zip"), "--dataset", "city.trips")
    source = yaml.safe_load(out)["source"]
    assert (code, source["member"], source["format"]) == (0, "**/*.csv", "csv")
