"""City files of held-out words are read right with the contract's locale, and none is proven wrong."""

from __future__ import annotations

from pathlib import Path

from benchmarks.encoding_shares import TARGET, read_encoded_files, right_share
from benchmarks.generate.encoded_files import SCRIPTS, encoded_city_files


def test_with_the_locale_97_of_100_texts_are_right(tmp_path: Path) -> None:
    files = [file for file in encoded_city_files(1, seed=7) if file.native]
    found = list(read_encoded_files(files, tmp_path, with_locale=True))
    assert {result.file.script for result in found} == set(SCRIPTS)
    assert right_share(found) >= TARGET


def test_a_proven_encoding_is_never_wrong(tmp_path: Path) -> None:
    for with_locale in (True, False):
        found = read_encoded_files(encoded_city_files(1, seed=8), tmp_path, with_locale=with_locale)
        assert [one for one in found if one.outcome == "wrong proof"] == []
