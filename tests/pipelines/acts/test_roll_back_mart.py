"""An earlier version of a mart is current again at once, stays so, and what is published after it is right."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from citylake.pipelines.acts import roll_back_mart as rollback_module
from citylake.pipelines.acts.person import Person
from citylake.pipelines.acts.roll_back_mart import roll_back_mart
from citylake.pipelines.context import RunContext, new_run
from citylake.pipelines.flow.status_document import status_document
from citylake.pipelines.lake.ledger import Ledger
from citylake.pipelines.marts import mart_pipeline
from citylake.pipelines.marts.mart_pipeline import build_and_publish_marts
from citylake.pipelines.marts.publish import publish_version
from citylake.pipelines.marts.publish.mart_permissions import share_file
from citylake.pipelines.marts.publish.mart_pointer import read_pointer
from citylake.pipelines.marts.versions import move_back as move_back_module
from citylake.pipelines.marts.versions.published_files import published_files
from citylake.pipelines.marts.versions.record_rollback import record_rollback
from citylake.pipelines.marts.versions.version_documents import version_documents
from citylake.pipelines.read.mart_reader import open_mart, query_mart
from citylake.pipelines.records import Publication
from citylake.pipelines.upkeep.verify.finding import VerifyTally
from citylake.pipelines.upkeep.verify.ledger_records import LedgerRecords
from citylake.pipelines.upkeep.verify.record_lake import record_lake_files
from citylake.pipelines.upkeep.verify.verify_mart import mart_findings
from citylake.pipelines.upkeep.verify.verify_options import VerifyOptions
from citylake.schemas.words.errors import CitylakeError
from tests.kept_folder import KeptFolder
from tests.thorough import examples

LI = Person("li")
DAYS = "SELECT day, pm25_ugm3 FROM station_day ORDER BY day"
FIRST = date(2026, 3, 1)


def work_of(city: Any) -> RunContext:
    return RunContext(city.registry, city.lake, Ledger(city.lake), new_run())


def publish(city: Any, **ways: bool) -> Publication:
    context = work_of(city)
    (done,) = build_and_publish_marts(context, ["air"], **ways)
    context.ledger.flush()
    return done


def roll_back(city: Any, to: str | None = None, why: str = "the day is wrong") -> str:
    return roll_back_mart(work_of(city), "air", LI, why, to).version


def versions_of(city: Any, count: int) -> list[str]:
    """Publish ``count`` versions, each with one more day."""
    found = []
    for number in range(count):
        city.readings(FIRST + timedelta(number), {"a": float(number + 1)})
        found.append(publish(city).version or "")
    return found


@pytest.fixture
def twice(kept: KeptFolder, make_city: Callable[[Path], Any]) -> Any:
    """The small city after two publications."""
    kept.restore(lambda: versions_of(make_city(kept.root), 2))
    return make_city(kept.root)


def third_version(city: Any) -> list[str]:
    """Publish one more, with a day more; all versions."""
    city.readings(FIRST + timedelta(2), {"a": 3.0})
    publish(city)
    return list(published_files(city.lake, "air"))


def current(city: Any) -> str:
    pointer = read_pointer(city.lake, "air")
    assert pointer
    return pointer.version


def shown(city: Any) -> list[Any]:
    return query_mart(city.lake, "air", DAYS)[1]


def fails(code: str, city: Any, *args: Any) -> dict[str, Any]:
    with pytest.raises(CitylakeError) as found:
        roll_back(city, *args)
    assert found.value.problem.code == code
    return dict(found.value.problem.values)


def findings(city: Any) -> list[str]:
    found = mart_findings(LedgerRecords(Ledger(city.lake)), "air", VerifyOptions(deep=True), VerifyTally())
    return [each.problem.code for each in found]


def test_readers_get_the_earlier_version_at_once_and_open_ones_keep_theirs(twice: Any) -> None:
    first, second = published_files(twice.lake, "air")
    with open_mart(twice.lake, "air") as reader:
        assert roll_back(twice) == first == current(twice)
        assert len(reader.execute(DAYS).fetchall()) == 2
    assert shown(twice) == [(FIRST, 1.0)]
    link = Path(twice.lake.mart("air"), "current.duckdb")
    assert os.readlink(link) == f"air-{first}.duckdb"
    assert set(published_files(twice.lake, "air")) == {first, second}


def test_the_ledger_says_who_went_back_why_and_which_version_is_current(twice: Any) -> None:
    first, second = published_files(twice.lake, "air")
    roll_back(twice)
    ledger = Ledger(twice.lake)
    (act,) = ledger.read("acts").to_dicts()
    assert (act["act"], act["dataset"], act["user"], act["why"]) == (
        "roll_back_mart", "mart.air", "li", "the day is wrong",
    )  # fmt: skip
    assert json.loads(act["details"]) == {"from_version": second, "version": first}
    last = ledger.last_publication("air")
    assert last
    assert (last.version, last.versions) == (first, {"air.readings": 0, "place.stations": -1})
    (mart,) = status_document(twice.lake, ledger, twice.registry, new_run().started_at)["marts"]
    assert (mart["status"], mart["version"]) == ("rolled_back", first)
    assert "li" in mart["why"]["en"]
    assert "the day is wrong" in mart["why"]["en"]
    told = {each["version"]: each for each in version_documents(twice.lake, ledger, "air")}
    assert (told[first]["status"], told[second]["status"]) == ("current", "kept")
    assert told[second]["rolled_back"][0]["user"] == told[first]["restored"][0]["user"] == "li"
    assert findings(twice) == []


def test_a_run_does_not_publish_again_what_was_rolled_back_and_says_so(twice: Any) -> None:
    first, second = published_files(twice.lake, "air")
    roll_back(twice)
    done = publish(twice)
    assert (done.status, done.version) == ("unchanged", first)
    assert [problem.code for problem in done.problems] == ["MART_ROLLED_BACK"]
    assert done.problems[0].values["why"] == "the day is wrong"
    assert current(twice) == first
    (mart,) = Ledger(twice.lake).status()["marts"]
    assert (mart["status"], mart["version"]) == ("rolled_back", first)
    again = publish(twice, again=True)
    assert again.status == "published"
    assert again.version not in (first, second, None)
    assert len(shown(twice)) == 2
    assert publish(twice).problems == ()


def test_changed_inputs_and_changed_declarations_are_published_after_a_rollback(twice: Any) -> None:
    roll_back(twice)
    twice.readings(FIRST + timedelta(1), {"a": 20.0})
    assert publish(twice).status == "published"
    assert shown(twice) == [(FIRST, 1.0), (FIRST + timedelta(1), 20.0)]
    roll_back(twice)
    select = twice.root / "marts/air/station_hour.sql"
    select.write_text(select.read_text().replace("_day AS day,", "(_day) AS day, "), encoding="utf-8")
    assert publish(twice).status == "published"
    assert len(shown(twice)) == 2


def test_after_two_rollbacks_neither_version_comes_back_and_the_way_forward_is_open(twice: Any) -> None:
    first, second, third = third_version(twice)
    assert roll_back(twice) == second
    assert roll_back(twice) == first
    assert publish(twice).status == "unchanged"
    assert current(twice) == first
    assert roll_back(twice, third[:22], "it was right") == third
    done = publish(twice)
    assert (done.status, done.version, done.problems) == ("unchanged", third, ())
    assert findings(twice) == []


# As many rows as before, with other values: rows of the earlier file would not be noticed by their number.
@example([("put", 0, 50), ("publish", 0, 0), ("back", 1, 0)])
@example([("put", 0, 51), ("publish", 0, 0), ("back", 0, 0), ("put", 1, 52)])
@settings(max_examples=examples(2, 4), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    steps=st.lists(
        st.one_of(
            st.tuples(st.just("put"), st.integers(0, 2), st.integers(1, 99)),
            st.tuples(st.just("publish"), st.just(0), st.just(0)),
            st.tuples(st.just("back"), st.integers(0, 9), st.just(0)),
        ),
        min_size=3,
        max_size=6,
    )
)
def test_whatever_was_published_and_rolled_back_the_next_publication_has_the_rows_of_the_lake(
    twice: Any, steps: list[tuple[str, int, int]]
) -> None:
    """The lake goes on from example to example; what it holds is read back from the standard table."""
    for what, number, value in steps:
        if what == "put":
            twice.readings(FIRST + timedelta(number), {"a": float(value)})
        elif what == "publish":
            publish(twice)
        else:
            others = [each for each in published_files(twice.lake, "air") if each != current(twice)]
            roll_back(twice, others[number % len(others)])
    publish(twice, again=True)
    held = pl.read_delta(twice.lake.standard("air.readings")).select("_day", "pm25_ugm3").sort("_day")
    assert shown(twice) == held.rows()
    assert findings(twice) == []


def test_of_two_rollbacks_at_once_one_is_done_and_the_other_told(twice: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    _, second, _ = third_version(twice)
    both, told = threading.Barrier(2), []
    verify = move_back_module._verify_file

    def together(*args: Any) -> None:
        verify(*args)
        both.wait(30)

    monkeypatch.setattr(move_back_module, "_verify_file", together)

    def person() -> None:
        try:
            told.append(roll_back(twice))
        except CitylakeError as error:
            told.append(error.problem.code)

    people = [threading.Thread(target=person) for _ in range(2)]
    for each in people:
        each.start()
    for each in people:
        each.join(60)
    assert sorted(told) == sorted(["ROLLBACK_OVERTAKEN", second])
    assert current(twice) == second
    assert Ledger(twice.lake).read("acts").height == 1


def test_a_rollback_whose_record_a_crash_has_prevented_is_recorded_by_the_next_run(
    twice: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, _ = published_files(twice.lake, "air")
    record = record_rollback
    calls: list[str] = []

    def killed(*args: Any) -> bool:
        calls.append("")
        if len(calls) == 2:
            raise KeyboardInterrupt
        return record(*args)

    monkeypatch.setattr(rollback_module, "record_rollback", killed)
    with pytest.raises(KeyboardInterrupt):
        roll_back(twice)
    assert current(twice) == first
    assert Ledger(twice.lake).read("acts").is_empty()
    assert "VERIFY_MART_BEHIND" not in findings(twice)
    twice.readings(FIRST + timedelta(1), {"a": 20.0})
    assert publish(twice).status == "published"
    ledger = Ledger(twice.lake)
    assert ledger.read("acts")["user"].to_list() == ["li"]
    assert ledger.read("publications")["status"].to_list() == ["published", "published", "rolled_back", "published"]
    assert findings(twice) == []


def test_a_publication_that_a_rollback_overtakes_does_not_undo_it(twice: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    first, _ = published_files(twice.lake, "air")
    share = share_file

    def meanwhile(*args: Any, **more: Any) -> None:
        share(*args, **more)
        monkeypatch.setattr(publish_version, "share_file", share)
        roll_back(twice)

    monkeypatch.setattr(publish_version, "share_file", meanwhile)
    done = publish_same(twice)
    assert (done.status, done.version) == ("unchanged", first)
    assert [problem.code for problem in done.problems] == ["MART_ROLLED_BACK"]
    assert current(twice) == first


def publish_same(city: Any) -> Publication:
    """A second publication of the same tables, as of a run that has built them at the same time."""
    from citylake.pipelines.marts.make.mart_builder import build_mart

    registry = city.registry
    built = build_mart(registry.marts["air"], registry, city.lake)
    return publish_version.publish_mart(built, registry, city.lake, anew=True)


def test_a_version_that_is_gone_or_damaged_is_refused_with_what_to_do(twice: Any) -> None:
    first, second, third = third_version(twice)
    file = Path(twice.lake.mart("air"), f"air-{second}.duckdb")
    good = file.read_bytes()
    file.chmod(0o644)
    file.write_bytes(good[:-1] + bytes([good[-1] ^ 1]))
    assert fails("MART_VERSION_DAMAGED", twice)["version"] == second
    file.unlink()
    told = fails("MART_VERSION_GONE", twice)
    assert told["there"] == f"{third}, {first}"
    assert told["at"].startswith("20")
    other = Path(twice.lake.mart("air"), f"air-{first}.duckdb")
    assert roll_back(twice, first) == first
    assert other.exists()


def test_a_version_without_a_recorded_digest_is_refused(small_city: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(mart_pipeline, "record_published_files", lambda *_: None)
        first, _ = versions_of(small_city, 2)
    assert fails("ROLLBACK_UNVERIFIED", small_city)["version"] == first
    ledger = Ledger(small_city.lake)
    record_lake_files(ledger, "by hand")
    assert roll_back(small_city) == first


def test_what_cannot_be_rolled_back_is_refused_and_changes_nothing(small_city: Any) -> None:
    fails("MART_NOT_PUBLISHED", small_city)
    (only,) = versions_of(small_city, 1)
    fails("ROLLBACK_NONE_EARLIER", small_city)
    fails("ROLLBACK_CURRENT", small_city, only)
    fails("MART_VERSION_UNKNOWN", small_city, "1999")
    fails("MART_ACT_WITHOUT_REASON", small_city, only, " ")
    versions_of(small_city, 2)
    fails("MART_VERSION_AMBIGUOUS", small_city, "20")
    with pytest.raises(CitylakeError, match="nowhere"):
        roll_back_mart(work_of(small_city), "nowhere", LI, "why")
    assert Ledger(small_city.lake).read("acts").is_empty()
