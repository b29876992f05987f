"""What did not change is not sent again; what must be read anew is."""

from __future__ import annotations

from typing import Any

STAMP = "Mon, 02 Mar 2026 08:00:00 GMT"


def unchanged(reply: Any, **marks: str) -> Any:
    def answer(asked: Any) -> Any:
        same = asked.headers.get("if-none-match") == marks.get("ETag", "-")
        since = asked.headers.get("if-modified-since") == marks.get("Last-Modified", "-")
        return reply(status=304) if same or since else reply(b"a\n1\n", headers=marks)

    return answer


def test_a_document_that_is_committed_is_asked_for_under_its_marks(puller: Any, city: Any, reply: Any) -> None:
    for marks in ({"ETag": '"v1"'}, {"Last-Modified": STAMP}):
        city.answer = unchanged(reply, **marks)
        url = f"{city.url}/{next(iter(marks))}"
        first = puller.one("http", url=url)
        puller.commit([first])
        second = puller.one("http", url=url)
        assert (second.status, second.same_as, second.landing, second.size_bytes) == ("unchanged", first.id, (), 0)
        assert second.sha256 == first.sha256
        assert second.proof == "snapshot"


def test_nothing_is_conditional_before_the_commit_or_under_other_declarations(
    puller: Any, city: Any, reply: Any
) -> None:
    city.answer = unchanged(reply, ETag='"v1"')
    first = puller.one("http", url=city.url)
    assert puller.one("http", url=city.url).status == "received"
    puller.commit([first])
    # Other declarations: the ledger knows the mark, but no bytes that are read by them.
    puller.known.clear()
    assert puller.one("http", url=city.url).status == "received"
    assert all("if-none-match" not in asked.headers for asked in city.asked)


def test_a_new_version_is_taken_with_its_own_marks(puller: Any, city: Any, reply: Any) -> None:
    city.answer = unchanged(reply, ETag='"v1"')
    puller.commit([puller.one("http", url=city.url)])
    city.answer = lambda asked: reply(b"a\n2\n", headers={"ETag": '"v2"'})
    second = puller.one("http", url=city.url)
    assert (second.status, second.state) == ("received", {"etag": '"v2"'})
