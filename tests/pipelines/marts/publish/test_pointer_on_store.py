"""Two that move the pointer of a mart in the same moment on an object store: the older one never wins."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from citylake.pipelines.acts.person import Person
from citylake.pipelines.acts.roll_back_mart import roll_back_mart
from citylake.pipelines.context import RunContext, new_run
from citylake.pipelines.lake.conditional_file import keeps_condition, replace_seen, see_file
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.ledger import Ledger
from citylake.pipelines.marts.make.mart_builder import MartBuild, build_mart
from citylake.pipelines.marts.mart_pipeline import build_and_publish_marts
from citylake.pipelines.marts.publish import mart_pointer, refused_content
from citylake.pipelines.marts.publish.mart_pointer import Pointer, read_pointer
from citylake.pipelines.marts.publish.publish_version import publish_mart
from citylake.pipelines.marts.versions import move_back as move_back_module
from citylake.pipelines.marts.versions.published_files import published_files
from citylake.pipelines.read.mart_reader import query_mart
from citylake.pipelines.records import Publication
from citylake.schemas.words.errors import CitylakeError
from tests.object_store import BUCKET, misbehaving, s3_url, serving, store
from tests.set_pointer import set_pointer

__all__ = ["s3_url", "store"]

D1, D2 = date(2026, 3, 1), date(2026, 3, 2)
LI = Person("li")


@dataclass
class Publisher:
    """A small city on the store."""

    city: Any

    @property
    def lake(self) -> Lake:
        found: Lake = self.city.lake
        return found

    def build(self) -> MartBuild:
        return build_mart(self.city.registry.marts["air"], self.city.registry, self.lake)

    def publish(self, built: MartBuild) -> Publication:
        return publish_mart(built, self.city.registry, self.lake)

    def newer(self) -> None:
        """Another run has read one more day, and publishes it."""
        self.city.readings(D2, {"a": 2.0})
        assert self.publish(self.build()).status == "published"

    def context(self) -> RunContext:
        return RunContext(self.city.registry, self.lake, Ledger(self.lake), new_run())

    def run(self) -> Publication:
        context = self.context()
        (done,) = build_and_publish_marts(context, ["air"])
        context.ledger.flush()
        return done

    def roll_back(self) -> str:
        return roll_back_mart(self.context(), "air", LI, "wrong").version

    def days(self) -> list[Any]:
        return [day for (day,) in query_mart(self.lake, "air", "SELECT DISTINCT day FROM station_day ORDER BY 1")[1]]


@pytest.fixture
def there(store: str, tmp_path: Path, make_city: Callable[[Path], Any]) -> Publisher:
    return _publisher(make_city, tmp_path)


@pytest.fixture
def later(there: Publisher) -> Iterator[Callable[[Any, Callable[[], object]], None]]:
    """``later(module, other)``: ``other`` happens between the reading of the pointer and its next replacement."""
    with pytest.MonkeyPatch.context() as patched:

        def between(module: Any, other: Callable[[], object]) -> None:
            real, waiting = module.move_pointer, [other]

            def move(*arguments: Any) -> Any:
                if waiting:
                    waiting.pop()()
                return real(*arguments)

            patched.setattr(module, "move_pointer", move)

        yield between


def _publisher(make_city: Callable[[Path], Any], folder: Path) -> Publisher:
    city = make_city(folder)
    city.lake = Lake(f"{BUCKET}/{folder.name}")
    city.stations({"a": "A"})
    city.readings(D1, {"a": 1.0})
    return Publisher(city)


def test_a_publication_that_moves_the_pointer_last_does_not_replace_a_newer_one(
    there: Publisher, later: Callable[..., None]
) -> None:
    there.publish(there.build())
    there.city.readings(D1, {"a": 1.5})
    older = there.build()
    later(mart_pointer, there.newer)
    done = there.publish(older)
    assert (done.status, there.days()) == ("unchanged", [D1, D2])
    pointer = read_pointer(there.lake, "air")
    assert pointer
    assert done.version == pointer.version
    # The file of the older one is gone: retention would count it as a version.
    assert list(published_files(there.lake, "air"))[1:] == [pointer.version]


def test_a_publication_that_another_one_overtakes_is_published_if_it_is_the_newer(
    there: Publisher, later: Callable[..., None]
) -> None:
    older = there.build()
    there.city.readings(D2, {"a": 2.0})
    newer = there.build()
    later(mart_pointer, lambda: there.publish(older))
    done = there.publish(newer)
    assert (done.status, there.days()) == ("published", [D1, D2])
    assert done.problems == ()


def test_neither_a_rollback_nor_a_publication_undoes_the_other(there: Publisher, later: Callable[..., None]) -> None:
    assert there.run().status == "published"
    there.city.readings(D2, {"a": 2.0})
    assert there.run().status == "published"
    there.city.readings(D2, {"a": 3.0})
    later(move_back_module, there.run)
    with pytest.raises(CitylakeError) as overtaken:
        there.roll_back()
    newest = read_pointer(there.lake, "air")
    assert newest
    assert overtaken.value.problem.code == "ROLLBACK_OVERTAKEN"
    assert overtaken.value.problem.values["version"] == newest.version
    same = there.build()
    later(mart_pointer, there.roll_back)
    done = publish_mart(same, there.city.registry, there.lake, anew=True)
    assert (done.status, [problem.code for problem in done.problems]) == ("unchanged", ["MART_ROLLED_BACK"])
    now = read_pointer(there.lake, "air")
    assert now
    assert now.version == done.version != newest.version


def test_how_a_mart_is_served_does_not_undo_a_publication(store: str, later: Callable[..., None]) -> None:
    lake = Lake(f"{BUCKET}/pointers")
    before = Pointer("air", "1", "air-1.duckdb", "UTC", "2026-03-01T00:00:00+00:00", "", {}, {})
    newer = replace(before, version="2", file="air-2.duckdb")
    set_pointer(lake, before)
    later(refused_content, lambda: set_pointer(lake, newer))
    assert refused_content.keep_refused(lake, before, ("required", False, None)) == newer
    assert read_pointer(lake, "air") == newer
    assert refused_content.keep_refused(lake, newer, ("required", False, None)).accesses == "required"


def test_a_write_whose_answer_is_lost_is_no_other_publication(there: Publisher, store: str) -> None:
    keeps_condition(there.lake)
    with misbehaving(store, "cut", r"^PUT .*current\.json"):
        done = there.publish(there.build())
    assert (done.status, done.problems, there.days()) == ("published", (), [D1])


def test_a_file_that_was_deleted_meanwhile_is_looked_at_again(there: Publisher) -> None:
    path = there.lake.path("a file")
    assert replace_seen(there.lake, path, b"one", see_file(there.lake, path))
    seen = see_file(there.lake, path)
    there.lake.remove(path)
    assert not replace_seen(there.lake, path, b"two", seen)
    assert replace_seen(there.lake, path, b"two", see_file(there.lake, path))
    assert see_file(there.lake, path).content == b"two"


@pytest.mark.usefixtures("store")
@pytest.mark.parametrize("careless", ["HTTP_IF_MATCH", "!HTTP_IF_MATCH"], ids=["ignores it", "does not know it"])
def test_a_store_that_does_not_replace_on_condition_is_told_of(
    careless: str, make_city: Callable[[Path], Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(careless) as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL", url)
        there = _publisher(make_city, tmp_path)
        done = there.publish(there.build())
        assert (done.status, there.days()) == ("published", [D1])
        assert [problem.code for problem in done.problems] == ["MART_POINTER_UNGUARDED"]
        # As ever: whoever writes last is there, and the run of an older version builds again.
        path = there.lake.path("a file")
        seen = see_file(there.lake, path)
        assert all(replace_seen(there.lake, path, content, seen) for content in (b"one", b"two"))
        assert see_file(there.lake, path).content == b"two"
